//! Opens a payment once per id, asks its provider, and looks up what became of it.

use std::{sync::Arc, time::Duration};

use booking::{BookingError, Books, Outcome, Place, Started};
use domain::{
    FieldErrors, Money,
    change::Actor,
    deposit::DepositNumber,
    id::{CustomerId, PaymentId},
    ledger::AccountKind,
    number::AccountNumber,
    payment::{NewPayment, Payment, ProviderName, Refused},
};
use jiff::SignedDuration;
use store::{Budget, CommitError, Loaded, Tenant, secret};
use web::{Answer, Arrival, Problem, Providers};

use crate::description;

/// Longest wait for a provider while somebody waits for a page.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// Deposit numbers tried before giving up; two in one second meet once in a thousand.
const NUMBERS_TRIED: usize = 5;
/// Look-ups of one payment in one minute, however often its page is loaded.
const LOOK_UPS: u32 = 6;
const LOOK_UP_WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// Where payments are opened: one tenant's books at one moment, and the way to its providers.
#[derive(Debug, Clone)]
pub struct Counter {
    /// The books.
    pub books: Books,
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// The request behind it.
    pub arrival: Arrival,
    /// Clients of the providers.
    pub providers: Providers,
}

/// A payment that is wanted.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is paid; its deposit number is made here.
    pub payment: NewPayment,
    /// The prepaid account it comes from, when it does.
    pub source: Option<AccountNumber>,
    /// How much of it settles invoices; less open than that, and no balance is spent.
    pub settles: Money,
}

/// What came of opening a payment.
#[derive(Debug, Clone)]
pub enum Opened {
    /// It runs, or is paid already.
    Payment(Box<Payment>),
    /// The balance does not suffice.
    BalanceTooLow,
    /// Less is open than the customer was shown.
    OpenChanged,
    /// Something that the customer keeps is being charged for the same account.
    Running(Box<Payment>),
}

impl Counter {
    /// The counter of one request.
    #[must_use]
    pub fn of(arrival: &Arrival, tenant: &Arc<Tenant>, providers: &Providers) -> Self {
        let now = arrival.now();
        let store = arrival.portal().store().in_tenant(tenant.scope());
        let books = Books { store, now, today: tenant.settings.zone.day(now) };
        Self { books, tenant: Arc::clone(tenant), arrival: arrival.clone(), providers: providers.clone() }
    }

    /// The payment with this id, if it is this customer's; somebody else's is none.
    ///
    /// # Errors
    /// 404 for an id that somebody else has.
    pub async fn known(&self, id: &PaymentId, customer: &CustomerId) -> Answer<Option<Payment>> {
        match self.books.store.payment(id).await? {
            Some(payment) if payment.value.customer == *customer => Ok(Some(payment.value)),
            Some(_) => Err(Problem::NotFound),
            None => Ok(None),
        }
    }

    /// Writes the payment down, or finds it, and does what its method needs. `back` is where the customer comes back to.
    ///
    /// # Errors
    /// The table's; a provider that does not answer is none, the payment is looked up later.
    pub async fn open(&self, order: &Order, back: &str) -> Answer<Opened> {
        let NewPayment { id, customer, .. } = &order.payment;
        if let Some(payment) = self.known(id, customer).await? {
            return Ok(Opened::Payment(Box::new(self.go_on(payment, back).await)));
        }
        if let Some(source) = &order.source {
            return self.spend(order, source).await;
        }
        if order.payment.saved.is_some() {
            let started = booking::start_saved(&self.books, &order.payment, order.settles, Actor::Customer).await;
            return match started.map_err(problem)? {
                Started::Payment(payment) => Ok(Opened::Payment(Box::new(self.go_on(*payment, back).await))),
                Started::Running(payment) => Ok(Opened::Running(payment)),
                Started::OpenChanged => Ok(Opened::OpenChanged),
            };
        }
        let payment = self.write_down(&order.payment).await?;
        Ok(Opened::Payment(Box::new(self.go_on(payment, back).await)))
    }

    async fn write_down(&self, new: &NewPayment) -> Answer<Payment> {
        for _ in 0..NUMBERS_TRIED {
            let number = DepositNumber::new(self.books.now, u16::from_be_bytes(secret::random()));
            let new = NewPayment { deposit: Some(number.as_str().to_owned()), ..new.clone() };
            let (id, customer) = (new.id.clone(), new.customer.clone());
            let change = Payment::start(new, Actor::Customer, self.books.now).map_err(refused)?;
            match self.books.store.create_payment(&change).await {
                Ok(()) => return Ok(change.into_parts().0),
                // The deposit number is taken, or the same form arrived twice at once: then its payment is there now.
                Err(CommitError::Refused(_) | CommitError::Conflict) => {
                    if let Some(payment) = self.known(&id, &customer).await? {
                        return Ok(payment);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::Unavailable("no deposit number is free".into()))
    }

    async fn spend(&self, order: &Order, source: &AccountNumber) -> Answer<Opened> {
        let (id, customer) = (order.payment.id.clone(), order.payment.customer.clone());
        let change = Payment::start(order.payment.clone(), Actor::Customer, self.books.now).map_err(refused)?;
        let payment = change.into_parts().0;
        // Rows are listed eventually; what another tab has just settled must not be paid again out of the balance.
        let fresh = Loaded { value: payment.clone(), rev: 0 };
        let standing = self.books.store.payment_standing(fresh, Some(source), payment.named(), true).await?;
        if standing.source.is_none_or(|source| source.value.kind != AccountKind::Prepaid) {
            return Err(Problem::NotFound);
        }
        let open = |rows: usize| {
            let open = standing.rows.iter().take(rows).map(|row| row.value.open);
            Money::sum(order.settles.currency(), open).map_err(|error| Problem::Internal(error.to_string()))
        };
        if open(usize::MAX)?.minor() < order.settles.minor() {
            return self.unless_paid(&id, &customer, Opened::OpenChanged).await;
        }
        // The first invoices are settled with the entry itself, and on condition that they are as they were just now.
        let first = open(payment.rows_to_receive().len())?;
        let settles = if first.minor() < order.settles.minor() { first } else { order.settles };
        match booking::spend(&self.books, &payment, source, settles).await {
            Ok(Outcome::Booked(payment)) => Ok(Opened::Payment(payment)),
            Ok(Outcome::Already) => {
                let payment = self.known(&id, &customer).await?.ok_or(Problem::NotFound)?;
                Ok(Opened::Payment(Box::new(payment)))
            }
            Err(BookingError::Refused(Refused::BalanceTooLow)) => Ok(Opened::BalanceTooLow),
            Err(BookingError::Refused(Refused::OpenChanged)) => {
                self.unless_paid(&id, &customer, Opened::OpenChanged).await
            }
            Err(error) => Err(problem(error)),
        }
    }

    /// What is refused, unless the same form's other try has just paid it.
    async fn unless_paid(&self, id: &PaymentId, customer: &CustomerId, refused: Opened) -> Answer<Opened> {
        let paid = self.known(id, customer).await?;
        Ok(paid.map_or(refused, |payment| Opened::Payment(Box::new(payment))))
    }

    /// Asks the provider of a payment that waits and has no page yet. A provider that does not answer changes nothing.
    pub async fn go_on(&self, payment: Payment, back: &str) -> Payment {
        let asks = payment.provider.is_some()
            && payment.is_waiting()
            && !payment.was_asked()
            && self.books.now < payment.expires_at;
        if !asks {
            return payment;
        }
        match tokio::time::timeout(PATIENCE, self.ask(&payment, back)).await {
            Ok(Ok(payment)) => payment,
            Ok(Err(error)) => self.unanswered(payment, &error),
            Err(_) => self.unanswered(payment, &Problem::Unavailable("no answer in time".into())),
        }
    }

    async fn ask(&self, payment: &Payment, back: &str) -> Answer<Payment> {
        let (store, now) = (&self.books.store, self.books.now);
        let name = payment.provider.ok_or(Problem::MethodNotEnabled)?;
        let provider = self.providers.to_ask(store, &self.tenant, (payment.method, name), now).await?;
        let place = Place {
            description: description(payment),
            return_url: format!("{}{back}", self.arrival.origin()),
            webhook_url: self.providers.webhook_url(&self.tenant, provider.capabilities().name),
        };
        let loaded = self.books.store.payment(&payment.id).await?.ok_or(Problem::NotFound)?;
        booking::ask(&self.books, &*provider, loaded, &place).await.map_err(problem)
    }

    /// Asks the provider what became of a payment that waits: bounded, and the payment as it was where that fails.
    pub async fn look_up(&self, payment: Payment) -> Payment {
        let Some(name) = payment.provider.filter(|_| payment.is_waiting()) else { return payment };
        match tokio::time::timeout(PATIENCE, self.find_out(&payment, name)).await {
            Ok(Ok(Some(payment))) => payment,
            Ok(Ok(None)) => payment,
            Ok(Err(error)) => self.unanswered(payment, &error),
            Err(_) => self.unanswered(payment, &Problem::Unavailable("no answer in time".into())),
        }
    }

    async fn find_out(&self, payment: &Payment, name: ProviderName) -> Answer<Option<Payment>> {
        let subject = secret::hash(payment.id.as_str());
        let budget = Budget { what: "payment-look-up", subject: &subject, window: Some(LOOK_UP_WINDOW), max: LOOK_UPS };
        if !self.books.store.take(&budget, self.books.now).await? {
            return Ok(None);
        }
        let (store, now) = (&self.books.store, self.books.now);
        let Some(provider) = self.providers.asked(store, &self.tenant, name, now).await? else { return Ok(None) };
        booking::look_up(&self.books, &*provider, &payment.id).await.map(Some).map_err(problem)
    }

    /// For programs: another payment charges the same account at the moment.
    #[must_use]
    pub fn is_running(running: &Payment) -> Problem {
        let message = format!("payment {} is charging this account", running.id);
        Problem::Conflict(FieldErrors::one("method", "running", message))
    }

    fn unanswered(&self, payment: Payment, error: &Problem) -> Payment {
        tracing::warn!(payment = %payment.id, ?error, "the provider is looked up later");
        payment
    }
}

fn refused(refused: Refused) -> Problem {
    Problem::Invalid(FieldErrors::one("amount", "invalid", refused.to_string()))
}

/// What a caller is told when something is not booked.
pub fn problem(error: BookingError) -> Problem {
    match error {
        BookingError::NoPayment | BookingError::NoCustomer | BookingError::NoMethod | BookingError::NoContract => {
            Problem::NotFound
        }
        BookingError::Refused(error) => refused(error),
        BookingError::Commit(error) => error.into(),
        error @ (BookingError::TooEarly | BookingError::Provider(_)) => Problem::Unavailable(error.to_string()),
    }
}
