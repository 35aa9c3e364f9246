//! `/payment-methods`: ways to pay that the customer keeps here (M-47, M-79).

pub mod add;
pub(crate) mod api;
pub mod link;
pub mod one;
pub mod remove;

use booking::{Books, clear_default, set_default};
use checkout::problem;
use domain::{
    change::Actor,
    id::PaymentMethodId,
    number::SubscriptionNumber,
    payment::Method,
    payment_method::{MethodName, PaymentMethod, Shown},
    tenant::Right,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::Overview;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Nothing, Page, Problem, SeeOther, Submitted,
    area::PaymentMethods,
    door::{Change, RightMark},
    page::Flash,
};

/// Which way to pay.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MethodPath {
    pub(crate) id: String,
}

impl MethodPath {
    pub(crate) fn id(&self) -> Answer<PaymentMethodId> {
        self.id.parse().map_err(|_| Problem::NotFound)
    }
}

/// Shows all of them.
pub(crate) async fn show(cx: CustomerContext<PaymentMethods>, _: Asked<Nothing>) -> Answer<Page<MethodsPage>> {
    let overview = cx.store().overview_now(cx.customer()).await?.ok_or(Problem::NotFound)?;
    let settings = &cx.tenant().settings;
    Ok(Page::new(MethodsPage {
        items: rows(&overview, cx.today()),
        merchant: settings.name.clone(),
        may_change: settings.right(domain::tenant::Area::PaymentMethods) == Right::Change,
        offers: !settings.payments.kept(&settings.providers, cx.has_sandbox_provider()).is_empty(),
    }))
}

/// Makes one the default.
pub(crate) async fn make_default(
    cx: CustomerContext<PaymentMethods, Change>,
    form: Submitted<Nothing, MethodPath>,
) -> Answer<SeeOther> {
    let name = MethodName { customer: cx.customer().clone(), id: form.into_parts().0.id()? };
    set_default(&books(&cx), &name, Actor::Customer).await.map_err(problem)?;
    Ok(SeeOther::to("/payment-methods").saying(Flash::Saved))
}

/// Takes the default away; without one, nothing is used that was not chosen.
pub(crate) async fn no_default(cx: CustomerContext<PaymentMethods, Change>, _: Submitted<Nothing>) -> Answer<SeeOther> {
    clear_default(&books(&cx), cx.customer(), Actor::Customer).await.map_err(problem)?;
    Ok(SeeOther::to("/payment-methods").saying(Flash::Saved))
}

pub(crate) fn books<R: RightMark>(cx: &CustomerContext<PaymentMethods, R>) -> Books {
    Books { store: cx.store(), now: cx.now(), today: cx.today() }
}

/// What is listed: the default first, then the newest.
pub(crate) fn rows(overview: &Overview, today: Date) -> Vec<MethodRow> {
    let default = overview.customer.value.default_method.as_ref();
    let row = |method: &PaymentMethod| {
        let uses = overview.subscriptions.iter().filter(|one| !one.has_ended(today));
        let uses = uses.filter(|one| one.payment_method.as_ref() == Some(&method.name.id));
        Some(MethodRow {
            id: method.name.id.clone(),
            method: method.method,
            shown: method.shown()?.clone(),
            since: method.since()?,
            is_default: default == Some(&method.name.id),
            contracts: uses.map(|one| one.number.clone()).collect(),
            standing: match method.token() {
                None => Standing::Ended,
                Some(_) if method.is_usable(today) => Standing::Good,
                Some(_) => Standing::Expired,
            },
        })
    };
    let listed = overview.methods.iter().filter(|method| method.is_listed());
    let mut rows: Vec<MethodRow> = listed.filter_map(row).collect();
    rows.sort_by_key(|row| (!row.is_default, std::cmp::Reverse(row.since)));
    rows
}

/// Where a way to pay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It can be charged.
    Good,
    /// A card whose time is over.
    Expired,
    /// The provider or the bank ended it.
    Ended,
}

/// One way to pay.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentMethodShown)]
pub struct MethodRow {
    /// Its id.
    pub id: PaymentMethodId,
    /// What it is.
    pub method: Method,
    /// What people recognise it by.
    pub shown: Shown,
    /// Since when it can be charged.
    pub since: Timestamp,
    /// Is it used for future contracts and invoices?
    pub is_default: bool,
    /// Running contracts it was chosen for.
    pub contracts: Vec<SubscriptionNumber>,
    /// Where it stands.
    pub standing: Standing,
}

impl MethodRow {
    /// „Visa, endet auf 4242".
    #[must_use]
    pub fn name(&self, t: &Words) -> String {
        t.kept_method(self.method, &self.shown)
    }

    /// „gültig bis 12/2031", „Mandatsreferenz …"; empty where there is nothing to say.
    #[must_use]
    pub fn details(&self, t: &Words) -> String {
        match &self.shown {
            Shown::Card { valid_until: Some(until), .. } => {
                let month = format!("{:02}/{}", until.month, until.year);
                if self.standing == Standing::Expired { t.methods_expired(month) } else { t.methods_valid_until(month) }
            }
            Shown::Account { mandate, .. } => t.methods_mandate_reference(mandate),
            _ => String::new(),
        }
    }

    /// „1, 3": the contracts it is for.
    #[must_use]
    pub fn contract_list(&self) -> String {
        self.contracts.iter().map(SubscriptionNumber::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Has it a mandate to look at?
    #[must_use]
    pub const fn has_mandate(&self) -> bool {
        matches!(self.shown, Shown::Account { .. })
    }

    /// Can it be charged?
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self.standing, Standing::Good)
    }

    /// Did somebody else end it?
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.standing, Standing::Ended)
    }
}

/// All ways to pay.
#[derive(Debug, Clone, Serialize)]
pub struct MethodsPage {
    /// The default first.
    pub items: Vec<MethodRow>,
    /// Who charges them.
    pub merchant: String,
    /// May the customer change them?
    pub may_change: bool,
    /// Is there something that can be kept?
    pub offers: bool,
}

web::page!(MethodsPage => "pages/customer/payment-methods.html");

#[cfg(test)]
pub(crate) mod tests {
    use domain::payment_method::Month;
    use web::page::testing;

    use super::*;

    pub(crate) fn row(seed: u8, method: Method, shown: Shown) -> MethodRow {
        MethodRow {
            id: PaymentMethodId::new(Timestamp::UNIX_EPOCH, [seed; 10]),
            method,
            shown,
            since: Timestamp::UNIX_EPOCH,
            is_default: false,
            contracts: vec![],
            standing: Standing::Good,
        }
    }

    pub(crate) fn card() -> MethodRow {
        let valid_until = Some(Month { year: 2031, month: 12 });
        row(1, Method::Card, Shown::Card { brand: "visa".into(), last4: "4242".into(), valid_until })
    }

    pub(crate) fn debit() -> MethodRow {
        let bank = "Sparkasse Musterhausen-Norddeutschland".into();
        let mandate = "WEBHOSTINGAG-2026-11-28-0000004711".into();
        row(2, Method::SepaDebit, Shown::Account { last4: "3000".into(), bank, mandate, creditor: None })
    }

    fn page() -> MethodsPage {
        let paypal = row(3, Method::Paypal, Shown::Wallet { email: "tine@example.org".to_owned().into() });
        let default = MethodRow { is_default: true, contracts: vec!["1".parse().unwrap()], ..card() };
        let expired = MethodRow { standing: Standing::Expired, ..card() };
        let ended = MethodRow { standing: Standing::Ended, ..debit() };
        MethodsPage {
            items: vec![default, debit(), paypal, expired, ended],
            merchant: "Webhosting AG".to_owned(),
            may_change: true,
            offers: true,
        }
    }

    #[test]
    fn the_list_is_sound() {
        testing::check("payment-methods", &page(), |_| {});
        testing::check("payment-methods-long", &page(), testing::extreme);
        testing::check("payment-methods-view", &MethodsPage { may_change: false, ..page() }, |_| {});
        testing::check("payment-methods-none", &MethodsPage { items: vec![], ..page() }, |_| {});
        testing::check("payment-methods-off", &MethodsPage { items: vec![], offers: false, ..page() }, |_| {});
    }
}
