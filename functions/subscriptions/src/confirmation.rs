//! `/cancel/{id}/confirmation` and `/withdraw/{id}/confirmation`: what was declared and when it came, for whoever has
//! the address, for thirty days. It names no end of the contract: staff decide that.

use domain::declaration::{Declaration, DeclarationKind};
use http::{HeaderValue, header};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::secret;
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, Page, Problem, PublicContext, With};

/// Also where the tenant has no such form any more: people were promised their page.
type Cx = PublicContext;

/// Which declaration.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    /// The token of its page, which is not its id.
    id: String,
}

/// `/cancel/{id}/confirmation`
pub(crate) async fn of_cancellation(cx: Cx, ask: Asked<Ask>) -> Answer<With<Page<ConfirmationPage>>> {
    show(&cx, DeclarationKind::Cancel, &ask.0.id).await
}

/// `/withdraw/{id}/confirmation`
pub(crate) async fn of_withdrawal(cx: Cx, ask: Asked<Ask>) -> Answer<With<Page<ConfirmationPage>>> {
    show(&cx, DeclarationKind::Withdraw, &ask.0.id).await
}

async fn show(cx: &Cx, kind: DeclarationKind, token: &str) -> Answer<With<Page<ConfirmationPage>>> {
    let declaration = cx.store().declaration_of_page(&secret::hash(token)).await?.map(|loaded| loaded.value);
    let declaration = declaration.filter(|one| one.is_shown_as(kind, cx.now())).ok_or(Problem::NotFound)?;
    let page = Page::new(ConfirmationPage::of(declaration, token));
    // The address is all that is needed to read it: it is told to no other site.
    Ok(With::header(page, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
}

/// What was declared, and when it came.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmationPage {
    /// The declaration.
    pub declaration: Declaration,
    /// Does the confirmation go out by mail, too?
    pub mailed: bool,
    /// The paper.
    pub pdf: String,
    /// The last day on which the page is there.
    pub shown_until: Date,
}

impl ConfirmationPage {
    fn of(declaration: Declaration, token: &str) -> Self {
        Self {
            mailed: declaration.mailed,
            pdf: format!("{}/{token}/pdf", declaration.statement.kind().path()),
            shown_until: declaration.shown_through(),
            declaration,
        }
    }

    /// „Ihre Kündigung ist eingegangen".
    #[must_use]
    pub fn title(&self, t: &Words) -> &'static str {
        t.declaration_title(self.declaration.statement.kind())
    }

    /// „Eingegangen am 05.11.2026 um 06:12:05 Uhr".
    #[must_use]
    pub fn received(&self, t: &Words) -> String {
        t.declaration_received(self.declaration.zone.local(self.declaration.received_at))
    }

    /// Where the confirmation goes, or that it is to be had here.
    #[must_use]
    pub fn mail(&self, t: &Words) -> String {
        let address = self.declaration.statement.receipt_to.as_str();
        if self.mailed { t.declarations_mailed(address) } else { t.declarations_not_mailed(address) }
    }

    /// What stands beside that.
    #[must_use]
    pub const fn drawing(&self) -> &'static str {
        if self.mailed { "done" } else { "info" }
    }

    /// Labels and values.
    #[must_use]
    pub fn rows(&self, t: &Words) -> Vec<(&'static str, String)> {
        t.declared(&self.declaration.statement)
    }
}

web::page!(ConfirmationPage => "pages/subscriptions/confirmation.html");

#[cfg(test)]
mod tests {
    use domain::{
        Language,
        declaration::{Match, NewDeclaration, Typed},
        id::DeclarationId,
        time::Zone,
    };
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;

    fn page(kind: DeclarationKind, typed: Typed, mailed: bool) -> ConfirmationPage {
        let at: Timestamp = "2026-11-22T23:30:05Z".parse().unwrap();
        let new = NewDeclaration {
            id: DeclarationId::new(at, [1; 10]),
            statement: typed.statement(kind).unwrap(),
            language: Language::De,
            zone: Zone::default(),
            matched: Match::Open,
            mailed,
        };
        ConfirmationPage::of(Declaration::receive(new, at).into_parts().0, "token")
    }

    fn typed(name: &str) -> Typed {
        Typed {
            name: name.to_owned().into(),
            identity: "K5003".to_owned().into(),
            contract: "Vertrag Nr. 1".to_owned().into(),
            email: "tine@example.org".to_owned().into(),
            ..Typed::fresh(String::new())
        }
    }

    #[test]
    fn the_confirmation_is_sound() {
        testing::check("confirmation", &page(DeclarationKind::Cancel, typed("Tine Exemplus"), true), testing::public);
        let long = Typed {
            termination: "extraordinary".to_owned(),
            reason: "x".repeat(300).into(),
            ends_on: "2026-12-31".to_owned(),
            ..typed("<script>alert(1)</script>")
        };
        testing::check("confirmation-long", &page(DeclarationKind::Cancel, long, false), |frame| {
            testing::extreme(frame);
            testing::public(frame);
        });
        testing::check("confirmation-withdraw", &page(DeclarationKind::Withdraw, typed("Tine"), true), |_| {});
    }

    #[test]
    fn day_and_time_are_those_of_the_tenants_zone() {
        let t = Words::new(Language::De);
        let page = page(DeclarationKind::Cancel, typed("Tine"), true);
        assert_eq!(page.received(&t), "Eingegangen am 23.11.2026 um 00:30:05\u{a0}Uhr");
        assert_eq!(page.shown_until, jiff::civil::date(2026, 12, 22));
    }
}
