//! `/contracts/{number}/payment-method`: what future invoices of one contract are paid with (M-46).

use booking::{BookingError, Books, choose_for};
use domain::{
    change::Actor,
    id::PaymentMethodId,
    number::SubscriptionNumber,
    payment::Method,
    payment_method::{PaymentMethod, Shown},
    subscription::Subscription,
};
use serde::{Deserialize, Serialize};
use store::Overview;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, ContractContext, Door as _, Either, Page, Problem, SeeOther, Submitted,
    area::PaymentMethods,
    door::Change,
    page::{ErrorSummary, Flash},
};

use super::deciding::Ask;

type Cx = ContractContext<PaymentMethods, Change>;

/// What the form sends; empty is the default.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    #[serde(default)]
    method: String,
}

/// What can be chosen.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Page<ChoosePage>> {
    let number = ask.0.number(&cx)?;
    choice(&cx, number).await.map(Page::new)
}

async fn choice(cx: &Cx, number: SubscriptionNumber) -> Answer<ChoosePage> {
    let overview = cx.store().overview(cx.customer()).await?.ok_or(Problem::NotFound)?;
    let contract = overview.subscriptions.iter().find(|one| one.number == number).ok_or(Problem::NotFound)?;
    let chosen = contract.payment_method.as_ref();
    let usable = overview.methods.iter().filter(|method| method.is_usable(cx.today()));
    let option = |method: &PaymentMethod| {
        Some(MethodOption {
            id: method.name.id.clone(),
            method: method.method,
            shown: method.shown()?.clone(),
            chosen: chosen == Some(&method.name.id),
        })
    };
    Ok(ChoosePage {
        options: usable.filter_map(option).collect(),
        default: default(&overview),
        plan: contract.facts.plan.clone(),
        number,
    })
}

/// Chooses. What was removed since the page was shown can be chosen no more, and the page says so.
pub(crate) async fn submit(cx: Cx, form: Submitted<Form, Ask>) -> Answer<Either<Page<ChoosePage>, SeeOther>> {
    let (ask, Form { method }) = form.into_parts();
    let number = ask.number(&cx)?;
    let method: Option<PaymentMethodId> = match method.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Problem::NotFound)?),
    };
    let books = Books { store: cx.store(), now: cx.now(), today: cx.today() };
    match choose_for(&books, cx.customer(), &number, method.as_ref(), Actor::Customer).await {
        Ok(()) => {
            let contract = format!("/contracts/{}", number.slug());
            Ok(Either::Second(SeeOther::to(contract).saying(Flash::Saved)))
        }
        Err(BookingError::NoMethod) => {
            let t = cx.arrival().words();
            let errors = ErrorSummary::one("method", t.methods_error_method());
            Ok(Either::First(Page::with_errors(choice(&cx, number).await?, errors)))
        }
        Err(BookingError::Commit(error)) => Err(error.into()),
        Err(_) => Err(Problem::NotFound),
    }
}

fn default(overview: &Overview) -> Option<(Method, Shown)> {
    let default = overview.customer.value.default_method.as_ref()?;
    let method = overview.methods.iter().find(|method| method.name.id == *default)?;
    Some((method.method, method.shown()?.clone()))
}

/// What a contract is paid with.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ContractPaymentMethod)]
pub struct Used {
    /// Is it the customer's default, because nothing was chosen for the contract?
    pub by_default: bool,
    /// Which one; none where there is no default either.
    pub method: Option<PaymentMethodId>,
    /// What people recognise it by.
    #[serde(skip)]
    pub name: Option<(Method, Shown)>,
}

impl Used {
    pub(crate) fn of(overview: &Overview, contract: &Subscription) -> Self {
        let by_default = contract.payment_method.is_none();
        let id = contract.payment_method.as_ref().or(overview.customer.value.default_method.as_ref());
        let method = id.and_then(|id| overview.methods.iter().find(|method| method.name.id == *id));
        let name = method.and_then(|method| Some((method.method, method.shown()?.clone())));
        Self { by_default, method: id.cloned(), name }
    }

    /// „Visa, endet auf 4242", „Standard-Zahlungsmethode (Visa, endet auf 4242)".
    #[must_use]
    pub fn label(&self, t: &Words) -> String {
        match &self.name {
            None => t.methods_contract_none().to_owned(),
            Some((method, shown)) if self.by_default => t.methods_contract_default_of(t.kept_method(*method, shown)),
            Some((method, shown)) => t.kept_method(*method, shown),
        }
    }
}

/// What can be chosen for a contract.
#[derive(Debug, Clone, Serialize)]
pub struct ChoosePage {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// The customer's default, which is used unless one is chosen.
    #[serde(skip)]
    pub default: Option<(Method, Shown)>,
    /// What the customer keeps here.
    pub options: Vec<MethodOption>,
}

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub struct MethodOption {
    /// Its id.
    pub id: PaymentMethodId,
    /// What it is.
    pub method: Method,
    /// What people recognise it by.
    pub shown: Shown,
    /// Is it the contract's?
    pub chosen: bool,
}

impl ChoosePage {
    /// „Standard-Zahlungsmethode (Visa, endet auf 4242)".
    #[must_use]
    pub fn default_label(&self, t: &Words) -> String {
        match &self.default {
            Some((method, shown)) => t.methods_contract_default_of(t.kept_method(*method, shown)),
            None => t.methods_contract_default().to_owned(),
        }
    }

    /// Is nothing chosen for the contract?
    #[must_use]
    pub fn uses_default(&self) -> bool {
        !self.options.iter().any(|option| option.chosen)
    }
}

impl MethodOption {
    /// „Visa, endet auf 4242".
    #[must_use]
    pub fn name(&self, t: &Words) -> String {
        t.kept_method(self.method, &self.shown)
    }
}

web::page!(ChoosePage => "pages/subscriptions/contract-payment-method.html");

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;

    #[test]
    fn the_choice_is_sound() {
        let card = Shown::Card { brand: "visa".into(), last4: "4242".into(), valid_until: None };
        let option = MethodOption {
            id: PaymentMethodId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            method: Method::Card,
            shown: card.clone(),
            chosen: true,
        };
        let page = ChoosePage {
            number: "1".parse().unwrap(),
            plan: "Webhosting Business L".to_owned(),
            default: Some((Method::Card, card)),
            options: vec![option],
        };
        testing::check("contract-payment-method", &page, |_| {});
        testing::check("contract-payment-method-gone", &page, |frame| {
            frame.errors = Some(ErrorSummary::one("method", frame.t.methods_error_method()));
        });
        testing::check(
            "contract-payment-method-none",
            &ChoosePage { default: None, options: vec![], ..page },
            testing::extreme,
        );
    }
}
