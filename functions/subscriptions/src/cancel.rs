//! `/cancel`: „Verträge hier kündigen", one page for everybody with exactly the fields of § 312k BGB (B-01).

use domain::declaration::{DeclarationKind, Typed};
use serde::Serialize;
use text::Words;
use web::{Answer, Asked, Either, Nothing, Page, PublicForm, SeeOther};

use crate::declarations::{self, Cx};

/// Shows the form.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<CancelPage>> {
    Ok(Page::new(CancelPage::of(declarations::fresh(&cx))))
}

/// Keeps the cancellation and confirms it.
pub(crate) async fn submit(cx: Cx, form: PublicForm<Typed>) -> Answer<Either<Page<CancelPage>, SeeOther>> {
    declarations::submit(&cx, DeclarationKind::Cancel, form, CancelPage::of).await
}

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct CancelPage {
    /// What was typed before.
    pub typed: Typed,
}

impl CancelPage {
    fn of(typed: Typed) -> Self {
        Self { typed }
    }

    /// Both kinds: value, whether it is ticked, its name, and what it means.
    #[must_use]
    pub fn terminations(&self, t: &Words) -> [(&'static str, bool, &'static str, &'static str); 2] {
        let ticked = |value: &str| self.typed.termination == value;
        [
            ("ordinary", ticked("ordinary"), t.declarations_ordinary(), t.declarations_ordinary_hint()),
            (
                "extraordinary",
                ticked("extraordinary"),
                t.declarations_extraordinary(),
                t.declarations_extraordinary_hint(),
            ),
        ]
    }
}

web::page!(CancelPage => "pages/subscriptions/cancel.html");

#[cfg(test)]
mod tests {
    use web::page::{ErrorSummary, FormError, testing};

    use super::*;

    #[test]
    fn the_cancel_page_is_sound() {
        let empty = CancelPage::of(Typed::fresh("dcl_1".to_owned()));
        testing::check("cancel", &empty, testing::public);
        testing::check("cancel-signed-in", &empty, |_| {});
        let typed = Typed {
            termination: "extraordinary".to_owned(),
            reason: "Der Anschluss war im Oktober an elf Tagen gestört.\nSiehe meine Schreiben.".to_owned().into(),
            name: "Tine <b>Exemplus</b>".to_owned().into(),
            contract: "Vertrag Nr. 1".to_owned().into(),
            ends_on: "2026-12-31".to_owned(),
            email: "tine@example".to_owned().into(),
            ..empty.typed
        };
        testing::check("cancel-error", &CancelPage::of(typed), |frame| {
            testing::extreme(frame);
            testing::public(frame);
            let fields = ["termination", "reason", "name", "identity", "contract", "ends_on", "email", "submit"];
            let error = |field: &str| FormError { field: field.to_owned(), message: "Das fehlt.".to_owned() };
            frame.errors = Some(ErrorSummary { items: fields.map(error).to_vec() });
        });
    }

    #[test]
    fn the_button_and_its_link_have_the_words_of_the_law() {
        let t = Words::new(domain::Language::De);
        assert_eq!(t.menu_cancel(), "Verträge hier kündigen");
        assert_eq!(t.declarations_cancel_submit(), "jetzt kündigen");
        assert_eq!(t.menu_withdraw(), "Vertrag widerrufen");
        assert_eq!(t.declarations_withdraw_submit(), "Widerruf bestätigen");
    }
}
