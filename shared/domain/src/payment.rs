//! Payments: what a customer wants to pay, what arrived of it and what it settled.
//!
//! The intent is written before anybody is asked, and its id is the key under which the provider knows it. Only money is
//! final: a payment that failed, was given up or expired may still succeed; what succeeded may be taken back in parts,
//! and brought back again.

mod booking;
mod preview;
mod rail;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Language, Money,
    change::{Actor, Change, Event, EventKind},
    id::{CustomerId, PaymentId, PaymentMethodId},
    invoice::InvoiceRow,
    money::MoneyError,
    number::{AccountNumber, InvoiceNumber},
    payment_method::Token,
};

pub use booking::{Booked, Receipt, Reversal, Step, receive, reverse, spend, step};
pub use preview::{Claim, Preview, SettlementRefused, Share, preview};
pub use rail::{Method, ProviderName};

/// Most invoices of one payment.
pub const MAX_INVOICES: usize = 200;
/// Invoices that one transaction settles or reopens; the rest follows in steps.
pub const STEP_INVOICES: usize = 40;
/// Longest „Referenz-Text" of a customer, in characters.
pub const MAX_REFERENCE_TEXT: usize = 35;
/// How long a customer has on a provider's page.
pub const CHECKOUT_LIFETIME: SignedDuration = SignedDuration::from_mins(60);
/// How long a transfer is awaited; one that comes later is booked all the same.
pub const TRANSFER_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Pauses before the provider is asked what became of a payment; the last one repeats.
const LOOK_UPS: [SignedDuration; 5] = [
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(60),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(24),
];
/// Why staff are asked what became of a payment.
pub const UNDECIDED: &str = "its provider did not answer, and nobody can find out whether it was charged";
/// Longest time in which a provider decides, but for debits: what waits longer is stuck.
pub const PENDING_AT_MOST: SignedDuration = SignedDuration::from_hours(24);
/// The same of direct debits, whose banks take days.
pub const DEBIT_PENDING_AT_MOST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How soon a payment that still distributes money is taken up again.
const UNFINISHED: SignedDuration = SignedDuration::from_secs(5);

/// What is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Purpose {
    /// Invoices, in the order in which the money goes to them; what is left becomes credit.
    Invoices {
        /// At most [`MAX_INVOICES`].
        named: Vec<Named>,
    },
    /// A prepaid account.
    TopUp {
        /// „Referenz-Text" of the customer, may be empty.
        reference_text: String,
    },
}

/// An invoice that a payment is for; number and day of issue lead to its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Which invoice.
    pub number: InvoiceNumber,
    /// Its day of issue.
    pub issued_on: Date,
}

impl From<&InvoiceRow> for Named {
    fn from(row: &InvoiceRow) -> Self {
        Self { number: row.number.clone(), issued_on: row.issued_on }
    }
}

/// A way to pay that a customer keeps here, as a payment remembers it: it may be gone when the payment is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Which one.
    pub id: PaymentMethodId,
    /// What the provider calls it.
    pub token: Token,
}

/// What stands of a payment on one invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The invoice.
    #[serde(flatten)]
    pub invoice: Named,
    /// How much.
    pub amount: Money,
}

/// How far asking has come. What arrived is counted beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// Written down; nobody has been asked, or the answer was lost.
    Started,
    /// The customer or the bank is on it.
    Pending,
    /// Money arrived.
    Paid {
        /// When the last money arrived.
        at: Timestamp,
    },
    /// Declined.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// The customer turned back.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// The provider says that it can no longer be paid, or nobody transferred in time.
    Expired {
        /// When.
        at: Timestamp,
    },
}

/// How a payment ended without money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Declined.
    Failed,
    /// The customer turned back.
    Cancelled,
    /// Too late.
    Expired,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id, which is the idempotency key at the provider.
    pub id: PaymentId,
    /// Whose.
    pub customer: CustomerId,
    /// What for.
    pub purpose: Purpose,
    /// How.
    pub method: Method,
    /// Who carries it; none for a transfer and for the balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// What is charged, when it is something that the customer keeps here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Saved>,
    /// The account the money goes to: receivables or prepaid.
    pub account: AccountNumber,
    /// How much was asked for.
    pub asked: Money,
    /// How far asking has come.
    pub state: State,
    /// Deposit number of a transfer, digits only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<String>,
    /// The provider's id of its page or order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The provider's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_url: Option<String>,
    /// Language of mails and papers about it.
    pub language: Language,
    /// When it was written down.
    pub created_at: Timestamp,
    /// Until when it is asked for.
    pub expires_at: Timestamp,
    /// What has arrived so far, as the provider said it.
    pub received: Money,
    /// What was taken back so far.
    pub reversed: Money,
    /// What arrived and is still to be distributed over the named invoices.
    pub pending: Money,
    /// What was taken back and is still to be reopened on invoices.
    pub to_reopen: Money,
    /// What became credit.
    pub credit: Money,
    /// What stands on invoices, in the order of settling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<Standing>,
    /// The named invoice with which distributing goes on.
    #[serde(default)]
    pub cursor: usize,
    /// When somebody must look at it again; none when it is final and distributed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was looked up.
    #[serde(default)]
    pub look_ups: u32,
    /// Since when staff are asked what became of it, because nobody else can find out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided_since: Option<Timestamp>,
}

/// What a payment is made from.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// A fresh id.
    pub id: PaymentId,
    /// Whose.
    pub customer: CustomerId,
    /// What for.
    pub purpose: Purpose,
    /// How.
    pub method: Method,
    /// Who carries it.
    pub provider: Option<ProviderName>,
    /// What is charged, when it is something that the customer keeps here.
    pub saved: Option<Saved>,
    /// The account the money goes to.
    pub account: AccountNumber,
    /// How much.
    pub amount: Money,
    /// Deposit number, for transfers.
    pub deposit: Option<String>,
    /// Language of mails and papers about it.
    pub language: Language,
}

/// Why nothing is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// Nothing, or less.
    #[error("the amount must be more than 0")]
    NotPositive,
    /// Money of another currency is never distributed.
    #[error("the amount has another currency than the account")]
    OtherCurrency,
    /// A provider speaks of a payment that another one was asked for, or none.
    #[error("the payment is not this provider's")]
    OtherProvider,
    /// More would be spent than is there.
    #[error("the balance is too low")]
    BalanceTooLow,
    /// Less is open than was to be settled: somebody else paid meanwhile.
    #[error("less is open than was to be settled")]
    OpenChanged,
    /// More would be taken back than arrived.
    #[error("more is taken back than arrived")]
    MoreThanArrived,
    /// A sum out of range.
    #[error("the amount is out of range")]
    Arithmetic(#[from] MoneyError),
}

impl Payment {
    /// Writes down what a customer wants to pay.
    ///
    /// # Errors
    /// [`Refused::NotPositive`].
    pub fn start(new: NewPayment, actor: Actor, now: Timestamp) -> Result<Change<Self>, Refused> {
        let NewPayment { id, customer, purpose, method, provider, saved, account, amount, deposit, language } = new;
        if !amount.is_positive() {
            return Err(Refused::NotPositive);
        }
        let nothing = Money::zero(amount.currency());
        let is_transfer = method == Method::BankTransfer;
        let lifetime = if is_transfer { TRANSFER_LIFETIME } else { CHECKOUT_LIFETIME };
        let kind = match purpose {
            Purpose::TopUp { .. } if is_transfer => EventKind::DepositRequested,
            _ => EventKind::PaymentStarted,
        };
        let payment = Self {
            id,
            customer,
            purpose,
            method,
            provider,
            saved,
            account,
            asked: amount,
            state: if is_transfer { State::Pending } else { State::Started },
            deposit,
            session: None,
            pay_url: None,
            language,
            created_at: now,
            expires_at: now + lifetime,
            received: nothing,
            reversed: nothing,
            pending: nothing,
            to_reopen: nothing,
            credit: nothing,
            standing: Vec::new(),
            cursor: 0,
            due_at: Some(if is_transfer { now + lifetime } else { now + LOOK_UPS[0] }),
            look_ups: 0,
            undecided_since: None,
        };
        let event = payment.event(kind, actor, now).with_amount(amount);
        Ok(Change::new(payment, event))
    }

    /// The payment without what its customer wrote, and without what charges or shows something of theirs: amounts, state
    /// and the names under which the outside knows it stay.
    #[must_use]
    pub fn without_person(&self) -> Self {
        let purpose = match &self.purpose {
            Purpose::TopUp { .. } => Purpose::TopUp { reference_text: String::new() },
            Purpose::Invoices { .. } => self.purpose.clone(),
        };
        Self { purpose, saved: None, pay_url: None, ..self.clone() }
    }

    /// The provider was asked and gave its page.
    #[must_use]
    pub fn asked_at_provider(&self, session: String, pay_url: Option<String>, now: Timestamp) -> Change<Self> {
        let state = if self.state == State::Started { State::Pending } else { self.state.clone() };
        let event = self.event(EventKind::PaymentPending, Actor::System, now);
        Change::new(Self { session: Some(session), pay_url, state, ..self.clone() }, event)
    }

    /// The provider's answer had been lost, and it was found out under which name the provider has it. No fact worth a line
    /// in the timeline.
    #[must_use]
    pub fn found_at_provider(&self, session: String, now: Timestamp) -> Self {
        let state = if self.state == State::Started { State::Pending } else { self.state.clone() };
        let due_at = if self.is_waiting() { Some(now + LOOK_UPS[0]) } else { self.due_at };
        Self { session: Some(session), state, due_at, undecided_since: None, ..self.clone() }
    }

    /// It may have been charged, and nobody here can find out: staff are asked. `None` when it does not wait, and when they
    /// are asked already.
    #[must_use]
    pub fn left_to_staff(&self, now: Timestamp) -> Option<Change<Self>> {
        if !self.is_waiting() || self.undecided_since.is_some() {
            return None;
        }
        let event = self
            .event(EventKind::PaymentUnmatched, Actor::System, now)
            .with_amount(self.asked)
            .with("reason", UNDECIDED);
        Some(Change::new(Self { undecided_since: Some(now), due_at: None, ..self.clone() }, event))
    }

    /// Staff found out that nothing was charged. `None` when they are not asked.
    #[must_use]
    pub fn not_charged(&self, now: Timestamp) -> Option<Change<Self>> {
        self.undecided_since?;
        let event = self.event(EventKind::PaymentFailed, Actor::Integrator, now).with("state", Ending::Failed.code());
        Some(Change::new(Self { state: State::Failed { at: now }, undecided_since: None, ..self.clone() }, event))
    }

    /// It ended without money. `None` when money has arrived (an event never lowers what was shown) or it ended before.
    #[must_use]
    pub fn ended(&self, ending: Ending, now: Timestamp) -> Option<Change<Self>> {
        if !self.is_waiting() {
            return None;
        }
        let (state, kind) = match ending {
            Ending::Failed => (State::Failed { at: now }, EventKind::PaymentFailed),
            Ending::Cancelled => (State::Cancelled { at: now }, EventKind::PaymentEnded),
            Ending::Expired => (State::Expired { at: now }, EventKind::PaymentEnded),
        };
        let event = self.event(kind, Actor::Provider, now).with("state", ending.code());
        Some(Change::new(Self { state, due_at: None, undecided_since: None, ..self.clone() }, event))
    }

    /// Nothing new was found out: it is looked at again later. No fact worth a line in the timeline.
    #[must_use]
    pub fn looked_up(&self, now: Timestamp) -> Self {
        let pause = LOOK_UPS[(self.look_ups as usize + 1).min(LOOK_UPS.len() - 1)];
        Self { look_ups: self.look_ups + 1, due_at: Some(now + pause), ..self.clone() }
    }

    /// Has a provider answered?
    #[must_use]
    pub const fn was_asked(&self) -> bool {
        self.session.is_some()
    }

    /// Is it still asked for?
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Started | State::Pending)
    }

    /// Does it wait for its provider longer than that ever takes? Transfers are awaited for weeks, and of what nobody can find out
    /// staff are asked already.
    #[must_use]
    pub fn pends_too_long(&self, now: Timestamp) -> bool {
        let at_most = if self.method == Method::SepaDebit { DEBIT_PENDING_AT_MOST } else { PENDING_AT_MOST };
        let waits = self.is_waiting() && self.provider.is_some() && self.undecided_since.is_none();
        waits && now.duration_since(self.created_at) > at_most
    }

    /// Is money still to be distributed, or to be reopened?
    #[must_use]
    pub const fn is_unfinished(&self) -> bool {
        !self.pending.is_zero() || !self.to_reopen.is_zero()
    }

    /// What arrived and was not taken back.
    ///
    /// # Errors
    /// Overflow.
    pub fn kept(&self) -> Result<Money, MoneyError> {
        self.received.minus(self.reversed)
    }

    /// The invoices it is for; none for a top-up.
    #[must_use]
    pub fn named(&self) -> &[Named] {
        match &self.purpose {
            Purpose::Invoices { named } => named,
            Purpose::TopUp { .. } => &[],
        }
    }

    /// The invoices whose rows [`receive`] needs.
    #[must_use]
    pub fn rows_to_receive(&self) -> &[Named] {
        let named = self.named();
        &named[..named.len().min(STEP_INVOICES)]
    }

    /// The invoices whose rows [`reverse`] needs: the last ones that it settled.
    #[must_use]
    pub fn rows_to_reverse(&self) -> Vec<Named> {
        let mut rows: Vec<Named> = Vec::new();
        for standing in self.standing.iter().rev() {
            if rows.contains(&standing.invoice) {
                continue;
            }
            if rows.len() == STEP_INVOICES {
                break;
            }
            rows.push(standing.invoice.clone());
        }
        rows
    }

    /// The invoices whose rows [`step`] needs.
    #[must_use]
    pub fn rows_to_step(&self) -> Vec<Named> {
        if self.to_reopen.is_zero() {
            let named = self.named();
            let from = self.cursor.min(named.len());
            return named[from..named.len().min(from + STEP_INVOICES)].to_vec();
        }
        self.rows_to_reverse()
    }

    pub(crate) fn event(&self, kind: EventKind, actor: Actor, now: Timestamp) -> Event {
        Event::new(kind, actor, now, self.id.as_str())
            .with("method", self.method.code())
            .with("account", self.account.as_str())
    }
}

impl Ending {
    /// The name programs see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}
