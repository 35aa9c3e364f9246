//! Collecting an invoice (M-79): what it is decided from is read, what was decided is written, and the payment that it
//! names is written down. Asking the provider for that payment is the caller's.

use domain::{
    Language,
    change::Actor,
    collection::{Chosen, Collection, CollectionNotice, Next, Seen, State},
    id::{CustomerId, PaymentId, PaymentMethodId},
    invoice::InvoiceRow,
    number::InvoiceNumber,
    payment::{NewPayment, Payment, Purpose, Saved},
    payment_method::PaymentMethod,
    tenant::Settings,
};
use jiff::civil::Date;
use store::{Loaded, StoreError, TenantStore, deciding_again, secret};

use crate::{BookingError, Books, Started, saved::LAST_PAYMENTS, start_saved};

/// Steps that one call takes at most: deciding to charge, writing the payment down, and seeing what became of it.
const MAX_STEPS: usize = 6;

/// What one step came to.
enum Step {
    /// The next one can be taken at once.
    Again,
    /// It is looked at again when it is due.
    Rest,
    /// This payment is to be asked for now.
    Ask(Box<Payment>),
}

/// What an invoice's collection is decided from.
struct Case {
    current: Loaded<Collection>,
    row: InvoiceRow,
    methods: Vec<Loaded<PaymentMethod>>,
    /// What was chosen for the contract, else the default.
    chosen: Option<PaymentMethodId>,
    is_reachable: bool,
    language: Language,
}

/// Takes the collection of an invoice as far as it goes now. Answers the payment that is to be asked for, if there is one.
/// Again, at the same time or after an interruption anywhere, is the same.
///
/// # Errors
/// See [`BookingError`].
pub async fn collect(
    books: &Books,
    settings: &Settings,
    customer: &CustomerId,
    number: &InvoiceNumber,
) -> Result<Option<Payment>, BookingError> {
    for _ in 0..MAX_STEPS {
        match deciding_again(|| step(books, settings, customer, number)).await? {
            Step::Again => {}
            Step::Rest => return Ok(None),
            Step::Ask(payment) => return Ok(Some(*payment)),
        }
    }
    Ok(None)
}

/// Notes that a mail about an invoice's collection went out on a day, if it is still as that mail said.
///
/// # Errors
/// The table's.
pub async fn note_told(
    store: &TenantStore,
    customer: &CustomerId,
    notice: &CollectionNotice,
    today: Date,
) -> Result<(), BookingError> {
    deciding_again(|| async {
        let Some(current) = store.collection(customer, &notice.invoice.number).await? else { return Ok(()) };
        let Some(next) = current.value.told(notice, today) else { return Ok(()) };
        Ok(store.save_collection(&current, &Next::Quiet(next)).await?)
    })
    .await
}

async fn step(
    books: &Books,
    settings: &Settings,
    customer: &CustomerId,
    number: &InvoiceNumber,
) -> Result<Step, BookingError> {
    let Some(case) = read(books, settings, customer, number).await? else { return Ok(Step::Rest) };
    let seen = case.seen(books, settings);
    match &case.current.value.state {
        State::Ended { .. } => Ok(Step::Rest),
        State::Planned { .. } | State::Announced { .. } => {
            let next = case.current.value.next(&seen, PaymentId::new(books.now, secret::entropy()));
            books.store.save_collection(&case.current, &next).await?;
            let charges = matches!(next.collection().state, State::Charging { .. });
            Ok(if charges { Step::Again } else { Step::Rest })
        }
        State::Charging { payment, .. } => match books.store.payment(payment).await? {
            Some(payment) => follow(books, &case, &seen, payment.value).await,
            None => begin(books, &case, &seen).await,
        },
    }
}

/// Everything as it is now. Nothing for an invoice that is not collected.
async fn read(
    books: &Books,
    settings: &Settings,
    customer: &CustomerId,
    number: &InvoiceNumber,
) -> Result<Option<Case>, BookingError> {
    let store = &books.store;
    let Some(current) = store.collection(customer, number).await? else { return Ok(None) };
    let missing = |kind| StoreError::Corrupt { kind, reason: "it is missing".into() };
    let row = store.invoice_row_of(customer, &current.value.invoice).await?.ok_or_else(|| missing("invoice"))?.value;
    let owner = store.customer(customer).await?.ok_or_else(|| missing("customer"))?.value;
    let contract = match &current.value.subscription {
        Some(number) => store.subscription(customer, number).await?,
        None => None,
    };
    let chosen = contract.and_then(|contract| contract.value.payment_method).or(owner.default_method.clone());
    let methods = store.payment_methods(customer).await?;
    let is_reachable = match owner.invoice_address() {
        Some(address) => store.email_state(address).await?.takes_unasked(),
        None => false,
    };
    let language = owner.facts.language.unwrap_or(settings.language);
    Ok(Some(Case { current, row, methods, chosen, is_reachable, language }))
}

impl Case {
    fn seen<'a>(&'a self, books: &Books, settings: &'a Settings) -> Seen<'a> {
        let chosen = match self.chosen.as_ref().map(|id| self.usable(id, books)) {
            None => Chosen::Nothing,
            Some(None) => Chosen::Lost,
            Some(Some(method)) if method.charges_in(self.row.open.currency()) => Chosen::Method(method),
            Some(Some(_)) => Chosen::Nothing,
        };
        Seen {
            row: &self.row,
            chosen,
            is_reachable: self.is_reachable,
            terms: &settings.payments,
            zone: &settings.zone,
            now: books.now,
        }
    }

    /// The way to pay of this name, if it can be charged now.
    fn usable(&self, id: &PaymentMethodId, books: &Books) -> Option<&PaymentMethod> {
        let mut methods = self.methods.iter().map(|method| &method.value);
        methods.find(|method| method.name.id == *id && method.is_usable(books.today))
    }

    /// The payment that the collection names.
    fn payment(&self, books: &Books) -> Option<NewPayment> {
        let State::Charging { payment, method, amount } = &self.current.value.state else { return None };
        let method = self.usable(method, books)?;
        Some(NewPayment {
            id: payment.clone(),
            customer: self.current.value.customer.clone(),
            purpose: Purpose::Invoices { named: vec![self.current.value.invoice.clone()] },
            method: method.method,
            provider: Some(method.provider),
            saved: Some(Saved { id: method.name.id.clone(), token: method.token()?.clone() }),
            account: self.row.account.clone(),
            amount: *amount,
            deposit: None,
            language: self.language,
        })
    }
}

/// Writes the payment down that was decided on, unless the invoice is being paid or something else has changed.
async fn begin(books: &Books, case: &Case, seen: &Seen<'_>) -> Result<Step, BookingError> {
    let current = &case.current;
    let started = match case.payment(books) {
        Some(_) if is_being_paid(books, &current.value).await? => None,
        Some(new) => Some(start_saved(books, &new, new.amount, Actor::System).await?),
        None => Some(Started::OpenChanged),
    };
    let (next, step) = match started {
        Some(Started::Payment(payment)) => (current.value.charging(books.now), Step::Ask(payment)),
        Some(Started::OpenChanged) => (current.value.anew(seen), Step::Again),
        Some(Started::Running(other)) if !names(&other, &current.value) => {
            (current.value.next_in_line(books.now), Step::Rest)
        }
        Some(Started::Running(_)) | None => (current.value.waiting(books.now), Step::Rest),
    };
    books.store.save_collection(current, &Next::Quiet(next)).await?;
    Ok(step)
}

/// Is somebody at a provider's page with this invoice? Its end comes soon, and then it is decided again.
async fn is_being_paid(books: &Books, collection: &Collection) -> Result<bool, BookingError> {
    let last = books.store.payments(&collection.customer, LAST_PAYMENTS, None).await?.items;
    let runs = |payment: &Payment| payment.provider.is_some() && payment.is_waiting() && payment.was_asked();
    Ok(last.iter().any(|payment| runs(payment) && names(payment, collection)))
}

fn names(payment: &Payment, collection: &Collection) -> bool {
    payment.named().iter().any(|named| named.number == collection.invoice.number)
}

/// What became of the payment that charges it.
async fn follow(books: &Books, case: &Case, seen: &Seen<'_>, payment: Payment) -> Result<Step, BookingError> {
    let next = case.current.value.after(&payment, seen);
    books.store.save_collection(&case.current, &next).await?;
    let is_to_ask = payment.is_waiting() && !payment.was_asked();
    Ok(if is_to_ask { Step::Ask(Box::new(payment)) } else { Step::Rest })
}
