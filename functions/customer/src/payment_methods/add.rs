//! `/payment-methods/add`: choose what is to be kept, and go to its provider's page.

use checkout::{Begun, Counter, method_name};
use domain::{
    change::Actor,
    id::{LinkId, PaymentMethodId},
    number::CustomerNumber,
    payment::{Method, ProviderName},
    payment_method::{MAX_METHODS, MethodName, NewMethod, Wishes},
    tenant::{Collect, Settings},
};
use serde::{Deserialize, Serialize};
use store::secret;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door as _, Either, Nothing, Page, Problem, Providers, SeeOther, Submitted,
    area::PaymentMethods,
    door::Change,
    page::{ErrorSummary, FormError},
};

type Cx = CustomerContext<PaymentMethods, Change>;

/// What the form sends.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Form {
    /// Fresh with the page, so that sending it twice keeps one.
    pub(crate) id: Option<String>,
    pub(crate) method: Option<String>,
    #[serde(default)]
    pub(crate) as_default: Option<String>,
    #[serde(default)]
    pub(crate) for_contracts: Option<String>,
    #[serde(default)]
    pub(crate) for_failed: Option<String>,
}

impl Form {
    /// What is ticked.
    pub(crate) fn wishes(&self) -> Wishes {
        Wishes {
            as_default: self.as_default.is_some(),
            for_contracts: self.for_contracts.is_some(),
            for_failed: self.for_failed.is_some(),
        }
    }

    fn chosen(&self, offered: &[(Method, ProviderName)]) -> Option<(Method, ProviderName)> {
        let wanted = Method::named(self.method.as_deref()?)?;
        offered.iter().find(|(method, _)| *method == wanted).copied()
    }

    fn id(&self) -> Option<PaymentMethodId> {
        self.id.as_deref()?.parse().ok()
    }
}

/// The form.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<AddPage>> {
    let has_default =
        cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value.default_method.is_some();
    let form = Form { as_default: (!has_default).then(String::new), ..Form::default() };
    let offered = offered(&cx.tenant().settings, cx.has_sandbox_provider());
    let page = AddPage::of(&form, &offered, Place::Signed, fresh(&cx));
    Ok(Page::new(page.of_tenant(&cx.tenant().settings)))
}

/// Writes it down once, asks its provider, and leads to its page.
pub(crate) async fn submit(
    cx: Cx,
    providers: Providers,
    form: Submitted<Form>,
) -> Answer<Either<Page<AddPage>, SeeOther>> {
    let form = form.into_inner();
    let offered = offered(&cx.tenant().settings, cx.has_sandbox_provider());
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let id = form.id().unwrap_or_else(|| fresh(&cx));
    let name = MethodName { customer: cx.customer().clone(), id };
    let back = format!("/payment-methods/{}?returned=1", name.id);
    let place = Keep { name: &name, back: &back, link: None, wishes: form.wishes() };
    let t = cx.arrival().words();
    match keep(&counter, &form, &offered, place, &t).await? {
        None => Ok(Either::Second(SeeOther::to(format!("/payment-methods/{}", name.id)))),
        Some(errors) => {
            let page = AddPage::of(&form, &offered, Place::Signed, name.id);
            Ok(Either::First(Page::with_errors(page.of_tenant(&cx.tenant().settings), errors)))
        }
    }
}

/// What is to be kept, and where the customer comes back to.
pub(crate) struct Keep<'a> {
    pub(crate) name: &'a MethodName,
    pub(crate) back: &'a str,
    pub(crate) link: Option<&'a LinkId>,
    pub(crate) wishes: Wishes,
}

/// Keeps what was chosen; or what is wrong.
pub(crate) async fn keep(
    counter: &Counter,
    form: &Form,
    offered: &[(Method, ProviderName)],
    Keep { name, back, link, wishes }: Keep<'_>,
    t: &Words,
) -> Answer<Option<ErrorSummary>> {
    let Some((method, provider)) = form.chosen(offered) else {
        return Ok(Some(ErrorSummary::one("method", t.methods_error_method())));
    };
    let language = t.language;
    let new = NewMethod { name: name.clone(), method, provider, wishes, link: link.cloned(), language, mandate: None };
    match counter.keep(new, back, Actor::Customer).await? {
        Begun::Method(_) => Ok(None),
        Begun::TooMany => {
            let message = t.methods_error_too_many(MAX_METHODS);
            Ok(Some(ErrorSummary { items: vec![FormError { field: "method".to_owned(), message }] }))
        }
    }
}

/// What can be kept, with who keeps it.
pub(crate) fn offered(settings: &Settings, has_sandbox: bool) -> Vec<(Method, ProviderName)> {
    settings.payments.kept(&settings.providers, has_sandbox)
}

fn fresh(cx: &Cx) -> PaymentMethodId {
    PaymentMethodId::new(cx.now(), secret::entropy())
}

/// Where the form stands.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Place {
    /// In the portal: the customer decides what it is for.
    Signed,
    /// Behind a link: it becomes the default, and pays what failed (M-88, M-89).
    Link {
        /// The link's token.
        token: String,
        /// „Kundennummer".
        customer: CustomerNumber,
    },
}

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct AddPage {
    /// The id it gets.
    pub id: PaymentMethodId,
    /// What can be kept; the first is ticked, or what was.
    pub methods: Vec<(Method, bool)>,
    /// What is ticked below.
    pub wishes: Wishes,
    /// Where it stands.
    pub place: Place,
    /// Does the portal charge what is due with the default?
    pub collects: bool,
}

impl AddPage {
    pub(crate) fn of(form: &Form, offered: &[(Method, ProviderName)], place: Place, id: PaymentMethodId) -> Self {
        let chosen = form.chosen(offered).map_or_else(|| offered.first().map(|one| one.0), |one| Some(one.0));
        let methods = offered.iter().map(|(method, _)| (*method, Some(*method) == chosen)).collect();
        Self { id, methods, wishes: form.wishes(), place, collects: false }
    }

    /// Says what a default means for this tenant's invoices.
    pub(crate) fn of_tenant(self, settings: &Settings) -> Self {
        Self { collects: settings.payments.collect == Collect::Portal, ..self }
    }

    /// Does it stand behind a link?
    #[must_use]
    pub const fn is_link(&self) -> bool {
        matches!(self.place, Place::Link { .. })
    }

    /// „Kundennummer", where the customer is not signed in.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerNumber> {
        match &self.place {
            Place::Link { customer, .. } => Some(customer),
            Place::Signed => None,
        }
    }

    /// „Kreditkarte".
    #[must_use]
    pub fn method_name(&self, method: &Method, t: &Words) -> &'static str {
        method_name(*method, t)
    }

    /// Where it is entered.
    #[must_use]
    pub fn hint(&self, method: &Method, t: &Words) -> &'static str {
        match method {
            Method::Sandbox => t.methods_hint_sandbox(),
            Method::Paypal => t.methods_hint_paypal(),
            Method::SepaDebit => t.methods_hint_debit(),
            Method::Card | Method::OnlineBanking | Method::BankTransfer | Method::Balance => t.methods_hint_card(),
        }
    }
}

web::page!(AddPage => "pages/customer/payment-method-add.html");

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;

    const ALL: [(Method, ProviderName); 3] = [
        (Method::Sandbox, ProviderName::Sandbox),
        (Method::Card, ProviderName::Stripe),
        (Method::SepaDebit, ProviderName::Stripe),
    ];

    fn page(place: Place, offered: &[(Method, ProviderName)]) -> AddPage {
        let form = Form { method: Some("card".to_owned()), for_contracts: Some("1".to_owned()), ..Form::default() };
        AddPage::of(&form, offered, place, PaymentMethodId::new(Timestamp::UNIX_EPOCH, [1; 10]))
    }

    #[test]
    fn the_form_is_sound() {
        testing::check("payment-method-add", &page(Place::Signed, &ALL), |frame| {
            frame.errors = Some(ErrorSummary::one("method", frame.t.methods_error_method()));
        });
        testing::check("payment-method-add-none", &page(Place::Signed, &[]), testing::extreme);
        let link = Place::Link { token: "token".to_owned(), customer: "K5003".parse().unwrap() };
        testing::check("payment-method-link", &page(link, &ALL), testing::public);
    }

    #[test]
    fn only_what_is_offered_is_chosen() {
        let form = |method: &str| Form { method: Some(method.to_owned()), ..Form::default() };
        assert_eq!(form("card").chosen(&ALL), Some(ALL[1]));
        assert_eq!(form("paypal").chosen(&ALL), None);
        assert_eq!(form("").chosen(&ALL), None);
    }
}
