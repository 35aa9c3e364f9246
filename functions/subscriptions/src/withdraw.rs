//! `/withdraw`: „Vertrag widerrufen", one page for everybody with exactly the fields of § 356a BGB (B-01).

use domain::declaration::{DeclarationKind, Typed};
use serde::Serialize;
use web::{Answer, Asked, Either, Nothing, Page, PublicForm, SeeOther};

use crate::declarations::{self, Cx};

/// Shows the form.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<WithdrawPage>> {
    Ok(Page::new(WithdrawPage::of(declarations::fresh(&cx))))
}

/// Keeps the withdrawal and confirms it.
pub(crate) async fn submit(cx: Cx, form: PublicForm<Typed>) -> Answer<Either<Page<WithdrawPage>, SeeOther>> {
    declarations::submit(&cx, DeclarationKind::Withdraw, form, WithdrawPage::of).await
}

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct WithdrawPage {
    /// What was typed before.
    pub typed: Typed,
}

impl WithdrawPage {
    fn of(typed: Typed) -> Self {
        Self { typed }
    }
}

web::page!(WithdrawPage => "pages/subscriptions/withdraw.html");

#[cfg(test)]
mod tests {
    use web::page::{ErrorSummary, testing};

    use super::*;

    #[test]
    fn the_withdraw_page_is_sound() {
        let empty = WithdrawPage::of(Typed::fresh("dcl_1".to_owned()));
        testing::check("withdraw", &empty, testing::public);
        let typed = Typed { name: "Tine Exemplus".to_owned().into(), ..empty.typed };
        testing::check("withdraw-error", &WithdrawPage::of(typed), |frame| {
            testing::extreme(frame);
            testing::public(frame);
            frame.errors = Some(ErrorSummary::one("email", frame.t.declarations_email_missing()));
        });
    }
}
