//! What customers get in writing about a payment: its papers, and the mails that tell of it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Money,
    change::{Event, EventKind},
    payment::{Method, Payment, Purpose},
};

/// How long a decline waits for a better end: customers try another card at once, and providers change their minds.
const FAILURE_PAUSE: SignedDuration = SignedDuration::from_mins(2);

/// A paper about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// „Einzahlungsaufforderung Prepaid-Konto" (M-26).
    DepositRequest,
    /// „Einzahlungsbestätigung" (M-25).
    DepositConfirmation,
    /// „Quittung".
    Receipt,
}

impl Paper {
    /// The name in keys.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DepositRequest => "request",
            Self::DepositConfirmation => "confirmation",
            Self::Receipt => "receipt",
        }
    }

    /// Can it be written? A request belongs to a transfer to a prepaid account, the others tell of money that arrived.
    #[must_use]
    pub const fn can_be_had(self, payment: &Payment) -> bool {
        let is_top_up = matches!(payment.purpose, Purpose::TopUp { .. });
        match self {
            Self::DepositRequest => {
                is_top_up && matches!(payment.method, Method::BankTransfer) && payment.deposit.is_some()
            }
            Self::DepositConfirmation => is_top_up && payment.received.is_positive(),
            Self::Receipt => payment.received.is_positive(),
        }
    }

    /// Which writing of it: money that comes, goes back or is distributed makes another one. What was asked for never
    /// changes.
    #[must_use]
    pub fn version(self, payment: &Payment) -> String {
        if self == Self::DepositRequest {
            return "1".to_owned();
        }
        // Each grows or shrinks in one direction only until the next one moves, so no two standings share a version.
        let Payment { received, reversed, pending, to_reopen, cursor, .. } = payment;
        let [received, reversed, pending, to_reopen] = [received, reversed, pending, to_reopen].map(|sum| sum.minor());
        format!("{received}-{reversed}-{pending}-{to_reopen}-{cursor}")
    }
}

/// A mail about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentMail {
    /// „Einzahlungsaufforderung".
    DepositRequest,
    /// „Einzahlungsbestätigung".
    DepositConfirmation,
    /// „Zahlung eingegangen".
    PaymentReceived,
    /// „Zahlung nicht ausgeführt".
    PaymentFailed,
    /// „Zahlung zurückgebucht".
    PaymentReversed,
}

impl PaymentMail {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::DepositRequest,
        Self::DepositConfirmation,
        Self::PaymentReceived,
        Self::PaymentFailed,
        Self::PaymentReversed,
    ];

    /// The mail that an event of a payment is told by.
    #[must_use]
    pub const fn of(kind: EventKind, payment: &Payment) -> Option<Self> {
        match (kind, &payment.purpose) {
            (EventKind::DepositRequested, _) => Some(Self::DepositRequest),
            (EventKind::PaymentSucceeded, Purpose::TopUp { .. }) => Some(Self::DepositConfirmation),
            (EventKind::PaymentSucceeded, Purpose::Invoices { .. }) => Some(Self::PaymentReceived),
            (EventKind::PaymentFailed, _) => Some(Self::PaymentFailed),
            (EventKind::PaymentReversed, _) => Some(Self::PaymentReversed),
            _ => None,
        }
    }

    /// The name of its template, also in keys.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DepositRequest => "deposit-request",
            Self::DepositConfirmation => "deposit-confirmation",
            Self::PaymentReceived => "payment-received",
            Self::PaymentFailed => "payment-failed",
            Self::PaymentReversed => "payment-reversed",
        }
    }

    /// The paper that goes with it.
    #[must_use]
    pub const fn paper(self) -> Option<Paper> {
        match self {
            Self::DepositRequest => Some(Paper::DepositRequest),
            Self::DepositConfirmation => Some(Paper::DepositConfirmation),
            Self::PaymentReceived => Some(Paper::Receipt),
            Self::PaymentFailed | Self::PaymentReversed => None,
        }
    }

    /// How long it waits before it is sent.
    #[must_use]
    pub const fn pause(self) -> SignedDuration {
        match self {
            Self::PaymentFailed => FAILURE_PAUSE,
            _ => SignedDuration::ZERO,
        }
    }

    /// Is it still worth saying? Nobody is told of a decline after the money has come.
    #[must_use]
    pub const fn is_still_true(self, payment: &Payment) -> bool {
        !matches!(self, Self::PaymentFailed) || !payment.received.is_positive()
    }

    /// The amount it tells: what the event said, else what was asked for.
    #[must_use]
    pub fn amount(event: &Event, payment: &Payment) -> Money {
        event.amount().unwrap_or(payment.asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Currency, Language,
        change::Actor,
        id::{CustomerId, PaymentId},
        payment::{NewPayment, ProviderName},
    };

    fn payment(purpose: Purpose, method: Method) -> Payment {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let new = NewPayment {
            id: PaymentId::new(now, [1; 10]),
            customer: CustomerId::new(now, [2; 10]),
            purpose,
            method,
            provider: ProviderName::first_for(method),
            saved: None,
            account: "00001008".parse().unwrap(),
            amount: Money::of_minor(10_000, Currency::Eur),
            deposit: Some("4319201612161244".into()),
            language: Language::De,
        };
        Payment::start(new, Actor::Customer, now).unwrap().into_parts().0
    }

    fn top_up(method: Method) -> Payment {
        payment(Purpose::TopUp { reference_text: String::new() }, method)
    }

    #[test]
    fn a_request_belongs_to_a_transfer_and_a_confirmation_to_money_that_arrived() {
        let mut asked = top_up(Method::BankTransfer);
        assert!(Paper::DepositRequest.can_be_had(&asked));
        assert!(!Paper::DepositConfirmation.can_be_had(&asked) && !Paper::Receipt.can_be_had(&asked));
        assert!(!Paper::DepositRequest.can_be_had(&top_up(Method::Sandbox)));
        asked.received = asked.asked;
        assert!(Paper::DepositConfirmation.can_be_had(&asked) && Paper::Receipt.can_be_had(&asked));
        let invoices = payment(Purpose::Invoices { named: vec![] }, Method::BankTransfer);
        assert!(!Paper::DepositRequest.can_be_had(&invoices));
    }

    #[test]
    fn money_that_moves_makes_another_version_of_all_but_the_request() {
        let before = top_up(Method::BankTransfer);
        let mut after = before.clone();
        after.received = after.asked;
        let mut reversed = after.clone();
        reversed.reversed = after.asked;
        for paper in [Paper::DepositConfirmation, Paper::Receipt] {
            assert_ne!(paper.version(&before), paper.version(&after));
            assert_ne!(paper.version(&after), paper.version(&reversed));
        }
        assert_eq!(Paper::DepositRequest.version(&before), Paper::DepositRequest.version(&reversed));
    }

    #[test]
    fn a_mail_tells_the_amount_of_its_event() {
        let payment = top_up(Method::BankTransfer);
        let event = payment.event(EventKind::PaymentReversed, Actor::Provider, payment.created_at);
        assert_eq!(PaymentMail::amount(&event, &payment), payment.asked);
        let part = Money::of_minor(-1_250, Currency::Eur);
        assert_eq!(PaymentMail::amount(&event.with("amount", part.to_string()), &payment), part);
    }

    #[test]
    fn nobody_is_told_of_a_decline_after_the_money_has_come() {
        let mut payment = top_up(Method::Sandbox);
        assert!(PaymentMail::PaymentFailed.is_still_true(&payment));
        payment.received = payment.asked;
        assert!(!PaymentMail::PaymentFailed.is_still_true(&payment));
        assert!(PaymentMail::PaymentReversed.is_still_true(&payment));
    }
}
