//! `/payment-methods/{id}`: one that is being kept: the way to its provider, and what became of it. Somebody who comes back
//! proves nothing: only what the provider says counts.

use checkout::Counter;
use domain::{
    payment::Method,
    payment_method::{PaymentMethod, Shown, State, Wishes},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Door as _, Page, Problem, Providers, area::PaymentMethods};

/// From then on a page that is loaded asks the provider, also when nobody came back from it.
const LOOK_UP_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Which one.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    id: String,
    returned: Option<String>,
}

/// Shows where it stands.
pub(crate) async fn show(
    cx: CustomerContext<PaymentMethods>,
    providers: Providers,
    ask: Asked<Ask>,
) -> Answer<Page<MethodPage>> {
    let id = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let method = counter.kept(cx.customer(), &id).await?.ok_or(Problem::NotFound)?;
    let reload = format!("/payment-methods/{id}?returned=1");
    let method = current(&counter, method, ask.0.returned.is_some(), &reload).await;
    let links = Links { reload, retry: "/payment-methods/add".to_owned() };
    Ok(Page::new(MethodPage::of(&method, ask.0.returned.is_some(), links, true)))
}

/// As the provider sees it, where that is worth asking.
pub(crate) async fn current(counter: &Counter, method: PaymentMethod, returned: bool, back: &str) -> PaymentMethod {
    let method = counter.go_on_keeping(method, back).await;
    let is_worth_asking = returned || counter.books.now.duration_since(method.created_at) >= LOOK_UP_AFTER;
    if is_worth_asking { counter.look_up_kept(method).await } else { method }
}

/// Where its buttons lead.
#[derive(Debug, Clone, Serialize)]
pub struct Links {
    /// The page itself, as one who has come back.
    pub reload: String,
    /// The form.
    pub retry: String,
}

/// Where it stands.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Stage {
    /// The customer has not been at the provider's page yet.
    Go {
        /// That page.
        url: String,
    },
    /// The provider has not said anything final.
    Waiting {
        /// Its page, where it gave one.
        url: Option<String>,
    },
    /// It can be charged.
    Saved {
        /// What people recognise it by.
        shown: Shown,
    },
    /// It was not kept.
    Failed,
    /// It was kept and is no more.
    Ended,
}

/// One way to pay that is being kept.
#[derive(Debug, Clone, Serialize)]
pub struct MethodPage {
    /// What it is.
    pub method: Method,
    /// Where it stands.
    pub stage: Stage,
    /// What was wished with it.
    pub did: Wishes,
    /// Where its buttons lead.
    pub links: Links,
    /// Is the customer signed in?
    pub own: bool,
}

impl MethodPage {
    pub(crate) fn of(method: &PaymentMethod, returned: bool, links: Links, own: bool) -> Self {
        let stage = match &method.state {
            State::Started => Stage::Waiting { url: None },
            State::Pending => match &method.url {
                Some(url) if !returned => Stage::Go { url: url.clone() },
                url => Stage::Waiting { url: url.clone() },
            },
            State::Usable { shown, .. } => Stage::Saved { shown: shown.clone() },
            State::Failed { .. } => Stage::Failed,
            State::Ended { .. } => Stage::Ended,
        };
        Self { method: method.method, stage, did: method.wished, links, own }
    }

    /// The page's heading.
    #[must_use]
    pub fn title(&self, t: &Words) -> &'static str {
        match self.stage {
            Stage::Go { .. } => t.methods_go_title(),
            Stage::Waiting { .. } => t.methods_waiting_title(),
            Stage::Saved { .. } => t.methods_saved_title(),
            Stage::Failed => t.methods_failed_title(),
            Stage::Ended => t.methods_ended_title(),
        }
    }

    /// „Visa, endet auf 4242"; empty while nothing is kept.
    #[must_use]
    pub fn kept(&self, t: &Words) -> String {
        match &self.stage {
            Stage::Saved { shown } => t.kept_method(self.method, shown),
            _ => String::new(),
        }
    }

    /// What it means.
    #[must_use]
    pub fn sentences(&self, t: &Words, contract_word: impl text::Word) -> Vec<String> {
        match &self.stage {
            Stage::Go { .. } => vec![t.methods_go_lead().to_owned()],
            Stage::Waiting { url: None } => vec![t.pay_waiting_provider().to_owned()],
            Stage::Waiting { .. } => vec![t.methods_waiting().to_owned()],
            Stage::Failed => vec![t.methods_failed().to_owned()],
            Stage::Ended => vec![t.methods_ended_lead().to_owned()],
            Stage::Saved { .. } => {
                let default = if self.did.as_default { t.methods_saved_default() } else { t.methods_saved_plain() };
                let contracts = self.did.for_contracts.then(|| t.methods_saved_contracts(contract_word));
                let failed = self.did.for_failed.then(|| t.methods_saved_failed().to_owned());
                std::iter::once(default.to_owned()).chain(contracts).chain(failed).collect()
            }
        }
    }

    /// Is it kept?
    #[must_use]
    pub const fn is_saved(&self) -> bool {
        matches!(self.stage, Stage::Saved { .. })
    }

    /// Was it not kept?
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self.stage, Stage::Failed)
    }

    /// Was it kept, and is no more?
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }

    /// Has the customer still to go?
    #[must_use]
    pub const fn is_go(&self) -> bool {
        matches!(self.stage, Stage::Go { .. })
    }

    /// The provider's page.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match &self.stage {
            Stage::Go { url } => Some(url),
            Stage::Waiting { url } => url.as_deref(),
            Stage::Saved { .. } | Stage::Failed | Stage::Ended => None,
        }
    }
}

web::page!(MethodPage => "pages/customer/payment-method.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    fn page(stage: Stage) -> MethodPage {
        let did = Wishes { as_default: true, for_contracts: true, for_failed: true };
        let links = Links { reload: "/payment-methods/x".to_owned(), retry: "/payment-methods/add".to_owned() };
        MethodPage { method: Method::Card, stage, did, links, own: true }
    }

    #[test]
    fn every_state_is_sound() {
        let url = || "https://pay.example/x".to_owned();
        testing::check("payment-method-go", &page(Stage::Go { url: url() }), |_| {});
        testing::check("payment-method-waiting", &page(Stage::Waiting { url: Some(url()) }), testing::extreme);
        testing::check("payment-method-unasked", &page(Stage::Waiting { url: None }), |_| {});
        testing::check("payment-method-failed", &page(Stage::Failed), |_| {});
        testing::check("payment-method-ended", &page(Stage::Ended), |_| {});
        let shown = Shown::Card { brand: "visa".into(), last4: "4242".into(), valid_until: None };
        let saved = page(Stage::Saved { shown });
        testing::check("payment-method-saved", &saved, |_| {});
        testing::check("payment-method-saved-link", &MethodPage { own: false, ..saved }, testing::public);
    }
}
