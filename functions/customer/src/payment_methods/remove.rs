//! `/payment-methods/{id}/remove`: takes one away, and puts another one in its place where it is used.

use booking::InUse;
use checkout::Counter;
use domain::id::PaymentMethodId;
use serde::{Deserialize, Serialize};
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door as _, Either, Page, Problem, Providers, SeeOther, Submitted,
    area::PaymentMethods,
    door::Change,
    page::{ErrorSummary, Flash},
};

use super::{MethodPath, MethodRow, rows};

type Cx = CustomerContext<PaymentMethods, Change>;

/// What the form sends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    replacement: Option<String>,
}

/// Says what goes, and what may take its place.
pub(crate) async fn show(cx: Cx, ask: Asked<MethodPath>) -> Answer<Page<RemovePage>> {
    Ok(Page::new(load(&cx, &ask.0.id()?).await?))
}

/// Takes it away.
pub(crate) async fn submit(
    cx: Cx,
    providers: Providers,
    form: Submitted<Form, MethodPath>,
) -> Answer<Either<Page<RemovePage>, SeeOther>> {
    let (path, Form { replacement }) = form.into_parts();
    let id = path.id()?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    // Pressed twice: it is gone, as was wanted.
    let method = counter.kept(cx.customer(), &id).await?.ok_or(Problem::NotFound)?;
    let replacement: Option<PaymentMethodId> = replacement.as_deref().and_then(|id| id.parse().ok());
    let in_use = if method.is_listed() { counter.remove_kept(&method, replacement.as_ref()).await? } else { None };
    match in_use {
        None => Ok(Either::Second(SeeOther::to("/payment-methods").saying(Flash::Saved))),
        Some(InUse::NeedsReplacement | InUse::NoReplacement) => {
            let t = cx.arrival().words();
            let error = ErrorSummary::one("replacement", t.methods_error_replacement());
            Ok(Either::First(Page::with_errors(load(&cx, &id).await?, error)))
        }
    }
}

async fn load(cx: &Cx, id: &PaymentMethodId) -> Answer<RemovePage> {
    let overview = cx.store().overview_now(cx.customer()).await?.ok_or(Problem::NotFound)?;
    let (mut own, others): (Vec<_>, Vec<_>) = rows(&overview, cx.today()).into_iter().partition(|row| row.id == *id);
    let row = own.pop().ok_or(Problem::NotFound)?;
    // Ended contracts keep what they had; it is replaced all the same, as long as they name it.
    let named = overview.subscriptions.iter().any(|one| one.payment_method.as_ref() == Some(id));
    let others = others.into_iter().filter(MethodRow::is_good).collect();
    Ok(RemovePage { used: row.is_default || named, row, others })
}

/// What goes, and what may take its place.
#[derive(Debug, Clone, Serialize)]
pub struct RemovePage {
    /// What goes.
    pub row: MethodRow,
    /// Does something use it?
    pub used: bool,
    /// What may take its place.
    pub others: Vec<MethodRow>,
}

impl RemovePage {
    /// What uses it, in words.
    #[must_use]
    pub fn uses(&self, t: &Words, contract_word: impl text::Word) -> String {
        let default = self.row.is_default.then(|| t.methods_remove_default().to_owned());
        let contracts =
            (!self.row.contracts.is_empty()).then(|| t.methods_used_by(contract_word, self.row.contract_list()));
        default.into_iter().chain(contracts).collect::<Vec<_>>().join(", ")
    }
}

web::page!(RemovePage => "pages/customer/payment-method-remove.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::{
        super::tests::{card, debit},
        *,
    };

    #[test]
    fn the_question_is_sound() {
        let used = MethodRow { is_default: true, contracts: vec!["1".parse().unwrap()], ..debit() };
        let page = RemovePage { row: used, used: true, others: vec![card()] };
        testing::check("payment-method-remove", &page, |frame| {
            testing::extreme(frame);
            frame.errors = Some(ErrorSummary::one("replacement", frame.t.methods_error_replacement()));
        });
        testing::check("payment-method-remove-only", &RemovePage { others: vec![], ..page.clone() }, |_| {});
        testing::check("payment-method-remove-unused", &RemovePage { row: card(), used: false, ..page }, |_| {});
    }
}
