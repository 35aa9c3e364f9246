//! `/api/admin/v1/bank-entries`: what became of every entry, what waits for a person, and that person's word.

use booking::AssignError;
use domain::{
    FieldErrors, Money, Pii,
    bank::{Direction, Format, StatementId, read_iban},
    deposit::DepositNumber,
    id::PaymentId,
    number::{AccountNumber, CustomerNumber, InvoiceNumber},
    payment::{Method, Payment, ProviderName, UNDECIDED},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{BankEntryId, BankRecord, BankState, StrayMoney, Target, Waiting};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Submitted, scope};

use crate::{
    bank_statements::{desk, problem},
    list::Flag,
};

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ListAsk {
    /// Only what waits for a person, oldest first, of all accounts; also money of providers that no rule can book, and
    /// payments of which nobody can find out whether they were charged.
    #[serde(default)]
    #[schema(value_type = bool)]
    unmatched: Flag,
    /// Entries of this account, newest first; unless said the tenant's own.
    iban: Option<String>,
    limit: Option<u16>,
    after: Option<String>,
}

/// An entry and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankEntryShown {
    id: String,
    iban: String,
    statement: StatementId,
    format: Format,
    booked_on: Date,
    value_on: Date,
    amount: Money,
    direction: Direction,
    /// Does it take an earlier entry back?
    is_return: bool,
    /// Who paid; of money that went who was paid.
    payer_name: Pii<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_iban: Option<Pii<String>>,
    /// „Verwendungszweck".
    text: Pii<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<Pii<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_reference: Option<Pii<String>>,
    /// `unmatched`, `booked` or `returned`.
    state: &'static str,
    /// Why it is unmatched.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The payment it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentId>,
    /// Whose that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerNumber>,
    /// Did a person say so?
    assigned: bool,
    /// The entry that it took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// What was taken back of it.
    returned: Money,
    taken_at: Timestamp,
}

/// Money of a provider that no rule can book.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StrayShown {
    /// The payment it names.
    payment: PaymentId,
    /// What the provider calls it.
    reference: String,
    amount: Money,
    reason: String,
    at: Timestamp,
}

/// A payment of which nobody can find out whether it was charged: `POST /payments/{id}:decide` ends it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndecidedShown {
    payment: PaymentId,
    method: Method,
    /// Who was asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<ProviderName>,
    amount: Money,
    reason: &'static str,
    /// When it was asked for.
    asked_at: Timestamp,
}

/// One line of the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum WaitingShown {
    /// Of a bank statement.
    BankEntry(Box<BankEntryShown>),
    /// Of a provider.
    ProviderMoney(StrayShown),
    /// What may have been charged.
    UndecidedPayment(UndecidedShown),
}

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankEntries {
    items: Vec<WaitingShown>,
    next: Option<String>,
}

/// Which entry.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EntryPath {
    id: String,
}

/// Whose money it is, and what for; without more it becomes the customer's credit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignInput {
    customer: CustomerNumber,
    /// An invoice of the customer.
    invoice: Option<InvoiceNumber>,
    /// A deposit that the customer asked for.
    deposit: Option<DepositNumber>,
    /// An account of the customer, for example a prepaid one.
    account: Option<AccountNumber>,
}

impl AssignInput {
    fn target(self) -> Answer<(CustomerNumber, Target)> {
        let Self { customer, invoice, deposit, account } = self;
        let target = match (invoice, deposit, account) {
            (None, None, None) => Target::Credit,
            (Some(invoice), None, None) => Target::Invoice(invoice),
            (None, Some(deposit), None) => Target::Deposit(deposit),
            (None, None, Some(account)) => Target::Account(account),
            _ => {
                let message = "at most one of invoice, deposit and account may be given";
                return Err(FieldErrors::one("invoice", "invalid", message).into());
            }
        };
        Ok((customer, target))
    }
}

/// `GET /api/admin/v1/bank-entries`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<BankEntries>> {
    let ListAsk { unmatched, iban, limit, after } = ask.0;
    let limit = limit.unwrap_or(100).clamp(1, 100);
    if unmatched.0 {
        let cursors = cx.cursors("bank entries unmatched");
        let page = cx.store().unmatched(limit, cursors.read(after.as_deref())?).await?;
        let items = page.items.into_iter().map(waiting).collect();
        return Ok(Json::new(BankEntries { items, next: page.next.map(|next| cursors.sign(&next)) }));
    }
    let iban = match iban {
        Some(iban) => read_iban(&iban).ok_or_else(|| FieldErrors::one("iban", "invalid", "is no valid IBAN"))?,
        None => match &cx.tenant().settings.company.bank {
            Some(own) => own.iban.clone(),
            None => return Ok(Json::new(BankEntries { items: Vec::new(), next: None })),
        },
    };
    let cursors = cx.cursors(&format!("bank entries {iban}"));
    let page = cx.store().bank_entries(&iban, limit, cursors.read(after.as_deref())?).await?;
    let items = page.items.into_iter().map(|record| WaitingShown::BankEntry(Box::new(shown(record)))).collect();
    Ok(Json::new(BankEntries { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `POST /api/admin/v1/bank-entries/{id}:assign`: the same again is the same, anything else is 409.
pub(crate) async fn assign(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<AssignInput, EntryPath>,
) -> Answer<Json<BankEntryShown>> {
    let (path, input) = body.into_parts();
    let id: BankEntryId = path.id.parse().map_err(|_| Problem::NotFound)?;
    let (customer, target) = input.target()?;
    let record = desk(&cx)?.assign(&id, &customer, &target).await.map_err(refused)?;
    Ok(Json::new(shown(record)))
}

fn refused(error: AssignError) -> Problem {
    match error {
        AssignError::NoEntry => Problem::NotFound,
        AssignError::Taken => Problem::Conflict(FieldErrors::one("", "immutable", "the entry is booked already")),
        AssignError::NoCredit => FieldErrors::one("", "invalid", "only money that came can be assigned").into(),
        AssignError::Unknown(field) => {
            FieldErrors::one(field, "unknown", format!("the customer has no such {field}")).into()
        }
        AssignError::Booking(error) => problem(error),
    }
}

fn waiting(waiting: Waiting) -> WaitingShown {
    match waiting {
        Waiting::Entry(record) => WaitingShown::BankEntry(Box::new(shown(*record))),
        Waiting::Stray(StrayMoney { payment, reference, amount, reason, at, .. }) => {
            WaitingShown::ProviderMoney(StrayShown { payment, reference: reference.value, amount, reason, at })
        }
        Waiting::Payment(payment) => WaitingShown::UndecidedPayment(undecided(*payment)),
    }
}

fn undecided(payment: Payment) -> UndecidedShown {
    UndecidedShown {
        payment: payment.id,
        method: payment.method,
        provider: payment.provider,
        amount: payment.asked,
        reason: UNDECIDED,
        asked_at: payment.created_at,
    }
}

fn shown(record: BankRecord) -> BankEntryShown {
    let BankRecord { id, statement, format, entry, state, returned, taken_at, .. } = record;
    let is_return = entry.is_reversal();
    let mut shown = BankEntryShown {
        iban: id.iban().to_owned(),
        id: id.to_string(),
        statement,
        format,
        booked_on: entry.booked_on,
        value_on: entry.value_on,
        amount: entry.amount,
        direction: entry.direction,
        is_return,
        payer_name: entry.payer_name,
        payer_iban: entry.payer_iban,
        text: entry.text,
        end_to_end_id: entry.end_to_end_id,
        creditor_reference: entry.creditor_reference,
        state: "unmatched",
        reason: None,
        payment: None,
        customer: None,
        assigned: false,
        of: None,
        returned,
        taken_at,
    };
    match state {
        BankState::Unmatched { reason } => shown.reason = Some(reason.code()),
        BankState::Booked { payment, number, assigned, .. } => {
            (shown.state, shown.payment, shown.customer) = ("booked", Some(payment), Some(number));
            shown.assigned = assigned.is_some();
        }
        BankState::Returned { of, payment, number } => {
            (shown.state, shown.payment, shown.customer) = ("returned", Some(payment), Some(number));
            shown.of = Some(of.to_string());
        }
    }
    shown
}
