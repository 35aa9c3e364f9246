//! Keeps a way to pay: written down once per id, its provider asked, and what became of it found out.

use booking::{Keeping, Place};
use domain::{
    Currency,
    change::Actor,
    id::{CustomerId, PaymentMethodId},
    payment::Method,
    payment_method::{MAX_METHODS, Mandate, MethodName, NewMethod, PaymentMethod},
};
use jiff::SignedDuration;
use store::{Budget, CommitError, secret};
use web::{Answer, Problem};

use crate::{
    Counter,
    counter::{PATIENCE, problem},
};

/// Ways to pay that one customer may begin to keep in an hour.
const BEGUN: u32 = 20;
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Look-ups of one way to pay in one minute, however often its page is loaded.
const LOOK_UPS: u32 = 6;
const LOOK_UP_WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// What came of keeping a way to pay.
#[derive(Debug, Clone)]
pub enum Begun {
    /// It is on its way, or kept already.
    Method(Box<PaymentMethod>),
    /// The customer keeps as many as anybody may.
    TooMany,
}

impl Counter {
    /// The way to pay with this id, if it is this customer's.
    ///
    /// # Errors
    /// The table's.
    pub async fn kept(&self, customer: &CustomerId, id: &PaymentMethodId) -> Answer<Option<PaymentMethod>> {
        let name = MethodName { customer: customer.clone(), id: id.clone() };
        Ok(self.books.store.payment_method(&name).await?.map(|method| method.value))
    }

    /// Writes a way to pay down, or finds it, and asks its provider; the mandate of a bank account is made here. `back` is
    /// where the customer comes back to. A provider that does not answer changes nothing: it is looked up later.
    ///
    /// # Errors
    /// 422 for a method that the tenant does not let keep; 429 for too many in an hour; the table's.
    pub async fn keep(&self, new: NewMethod, back: &str, actor: Actor) -> Answer<Begun> {
        let NewMethod { name, method, provider, .. } = &new;
        if let Some(known) = self.kept(&name.customer, &name.id).await? {
            return Ok(Begun::Method(Box::new(self.go_on_keeping(known, back).await)));
        }
        let settings = &self.tenant.settings;
        let sandbox = self.arrival.portal().config().has_sandbox_provider();
        if settings.payments.keeper(*method, &settings.providers, sandbox) != Some(*provider) {
            return Err(Problem::MethodNotEnabled);
        }
        let there = self.books.store.payment_methods(&name.customer).await?;
        if there.iter().filter(|method| method.value.is_listed()).count() >= MAX_METHODS {
            return Ok(Begun::TooMany);
        }
        let subject = secret::hash(name.customer.as_str());
        let budget = Budget { what: "payment-method", subject: &subject, window: Some(WINDOW), max: BEGUN };
        if !self.books.store.take(&budget, self.books.now).await? {
            return Err(Problem::TooMany { retry_after: u32::try_from(WINDOW.as_secs()).unwrap_or(u32::MAX) });
        }
        let name = name.clone();
        let mandate = self.mandate(&new).await?;
        let change = PaymentMethod::start(NewMethod { mandate, ..new }, actor, self.books.now);
        match self.books.store.create_payment_method(&change).await {
            Ok(()) => Ok(Begun::Method(Box::new(self.go_on_keeping(change.into_parts().0, back).await))),
            // The same form arrived twice at once.
            Err(CommitError::Refused(_) | CommitError::Conflict) => {
                let known = self.kept(&name.customer, &name.id).await?.ok_or(Problem::NotFound)?;
                Ok(Begun::Method(Box::new(self.go_on_keeping(known, back).await)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the customer is sent to give with a bank account: it names both as they are now.
    async fn mandate(&self, new: &NewMethod) -> Answer<Option<Mandate>> {
        if new.method != Method::SepaDebit {
            return Ok(None);
        }
        let customer = self.books.store.customer(&new.name.customer).await?.ok_or(Problem::NotFound)?.value;
        let settings = &self.tenant.settings;
        Ok(Some(Mandate::between(&settings.company, &settings.name, &customer.facts)))
    }

    /// Asks the provider of one that waits and has no page yet.
    pub async fn go_on_keeping(&self, method: PaymentMethod, back: &str) -> PaymentMethod {
        if !method.is_waiting() || method.session.is_some() || self.books.now >= method.until() {
            return method;
        }
        match tokio::time::timeout(PATIENCE, self.ask_to_keep(&method, back)).await {
            Ok(Ok(method)) => method,
            Ok(Err(error)) => later(method, &error),
            Err(_) => later(method, &Problem::Unavailable("no answer in time".into())),
        }
    }

    async fn ask_to_keep(&self, method: &PaymentMethod, back: &str) -> Answer<PaymentMethod> {
        let (store, now) = (&self.books.store, self.books.now);
        let provider = self.providers.to_ask(store, &self.tenant, (method.method, method.provider), now).await?;
        let customer = store.customer(&method.name.customer).await?.ok_or(Problem::NotFound)?.value;
        let holder = customer.facts.display_name();
        let place = Place {
            description: self.tenant.settings.name.clone(),
            return_url: format!("{}{back}", self.arrival.origin()),
            webhook_url: self.providers.webhook_url(&self.tenant, method.provider),
        };
        let keeping = Keeping { holder: &holder, email: customer.invoice_address(), currency: Currency::Eur };
        let loaded = store.payment_method(&method.name).await?.ok_or(Problem::NotFound)?;
        booking::ask_to_keep(&self.books, &*provider, loaded, &keeping, &place).await.map_err(problem)
    }

    /// Asks the provider what became of one that waits: bounded, and as it was where that fails.
    pub async fn look_up_kept(&self, method: PaymentMethod) -> PaymentMethod {
        if !method.is_waiting() {
            return method;
        }
        match tokio::time::timeout(PATIENCE, self.find_out_kept(&method)).await {
            Ok(Ok(found)) => found.unwrap_or(method),
            Ok(Err(error)) => later(method, &error),
            Err(_) => later(method, &Problem::Unavailable("no answer in time".into())),
        }
    }

    async fn find_out_kept(&self, method: &PaymentMethod) -> Answer<Option<PaymentMethod>> {
        let subject = secret::hash(method.name.id.as_str());
        let budget = Budget { what: "method-look-up", subject: &subject, window: Some(LOOK_UP_WINDOW), max: LOOK_UPS };
        if !self.books.store.take(&budget, self.books.now).await? {
            return Ok(None);
        }
        let (store, now) = (&self.books.store, self.books.now);
        let provider = self.providers.asked(store, &self.tenant, method.provider, now).await?;
        let Some(provider) = provider else { return Ok(None) };
        booking::look_up_method(&self.books, &*provider, &method.name).await.map(Some).map_err(problem)
    }

    /// Takes a way to pay away, at the provider too: now, or as soon as it answers.
    ///
    /// # Errors
    /// The table's.
    pub async fn remove_kept(
        &self,
        method: &PaymentMethod,
        replacement: Option<&PaymentMethodId>,
    ) -> Answer<Option<booking::InUse>> {
        let (store, now) = (&self.books.store, self.books.now);
        let provider = self.providers.asked(store, &self.tenant, method.provider, now).await?;
        booking::remove(&self.books, provider.as_deref(), &method.name, replacement).await.map_err(problem)
    }
}

fn later(method: PaymentMethod, error: &Problem) -> PaymentMethod {
    tracing::warn!(method = %method.name.id, ?error, "the provider is looked up later");
    method
}
