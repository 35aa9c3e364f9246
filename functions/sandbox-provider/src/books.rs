//! What may happen to a checkout: pure rules of the provider. `None` means that nothing changes.

use domain::Money;
use payments::sandbox::{CheckoutState, Message, Moved, PaymentSeen};
use store::{SandboxCheckout, SandboxEnding, SandboxMessage, SandboxMove};

/// Most refunds of one checkout.
const MAX_REFUNDS: usize = 50;

/// Why a refund is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundRefused {
    /// The key was used for another amount.
    OtherAmount,
    /// More than was charged and is left, or too many.
    TooMuch,
}

pub(crate) fn state(checkout: &SandboxCheckout) -> CheckoutState {
    match checkout.ended {
        _ if !checkout.charges.is_empty() => CheckoutState::Paid,
        None => CheckoutState::Open,
        Some(SandboxEnding::Declined) => CheckoutState::Declined,
        Some(SandboxEnding::Cancelled) => CheckoutState::Cancelled,
        Some(SandboxEnding::Expired) => CheckoutState::Expired,
    }
}

/// Charges the customer until there are so many charges: pressing twice is one charge. A declined or cancelled checkout may
/// still be paid, an expired one may not.
pub(crate) fn pay(checkout: &SandboxCheckout, charges: usize) -> Option<SandboxCheckout> {
    let is_over = state(checkout) == CheckoutState::Expired;
    if is_over || checkout.charges.len() >= charges {
        return None;
    }
    let mut next = checkout.clone();
    while next.charges.len() < charges {
        let id = format!("ch_{}_{}", bare(checkout), next.charges.len() + 1);
        tell(&mut next, "charge.succeeded", &id);
        next.charges.push(SandboxMove { id, amount: checkout.amount, key: String::new() });
    }
    Some(next)
}

/// Ends it without money, as long as there is none.
pub(crate) fn end(checkout: &SandboxCheckout, ending: SandboxEnding) -> Option<SandboxCheckout> {
    let is_final = matches!(state(checkout), CheckoutState::Paid | CheckoutState::Expired);
    if is_final || checkout.ended == Some(ending) {
        return None;
    }
    let mut next = SandboxCheckout { ended: Some(ending), ..checkout.clone() };
    let kind = match ending {
        SandboxEnding::Declined => "checkout.declined",
        SandboxEnding::Cancelled => "checkout.cancelled",
        SandboxEnding::Expired => "checkout.expired",
    };
    tell(&mut next, kind, "");
    Some(next)
}

/// Gives money back; the same key again is the same refund.
pub(crate) fn refund(
    checkout: &SandboxCheckout,
    amount: Money,
    key: &str,
) -> Result<(SandboxMove, Option<SandboxCheckout>), RefundRefused> {
    if let Some(known) = checkout.refunds.iter().find(|refund| refund.key == key) {
        return if known.amount == amount { Ok((known.clone(), None)) } else { Err(RefundRefused::OtherAmount) };
    }
    let sum = |moves: &[SandboxMove]| Money::sum(amount.currency(), moves.iter().map(|one| one.amount));
    let left = sum(&checkout.charges).and_then(|charged| charged.minus(sum(&checkout.refunds)?));
    let fits = left.is_ok_and(|left| amount.is_positive() && amount.minor() <= left.minor());
    if !fits || checkout.refunds.len() >= MAX_REFUNDS {
        return Err(RefundRefused::TooMuch);
    }
    let mut next = checkout.clone();
    let id = format!("rf_{}_{}", bare(checkout), next.refunds.len() + 1);
    tell(&mut next, "charge.refunded", &id);
    let refund = SandboxMove { id, amount, key: key.to_owned() };
    next.refunds.push(refund.clone());
    Ok((refund, Some(next)))
}

/// What a look-up says.
pub(crate) fn seen(checkout: &SandboxCheckout) -> PaymentSeen {
    PaymentSeen {
        id: checkout.id.clone(),
        reference: checkout.reference.clone(),
        state: state(checkout),
        charges: checkout.charges.iter().map(moved).collect(),
        refunds: checkout.refunds.iter().map(moved).collect(),
    }
}

/// A message as it goes over the wire: the same bytes each time.
pub(crate) fn wire(checkout: &SandboxCheckout, message: &SandboxMessage) -> Message {
    let moves = checkout.charges.iter().chain(&checkout.refunds);
    Message {
        id: message.id.clone(),
        kind: message.kind.clone(),
        reference: checkout.reference.to_string(),
        moved: moves.into_iter().find(|one| one.id == message.about).map(moved),
    }
}

/// Messages that `next` has and `before` had not.
pub(crate) fn fresh(before: &SandboxCheckout, next: &SandboxCheckout) -> Vec<SandboxMessage> {
    next.messages.iter().filter(|message| before.messages.iter().all(|old| old.id != message.id)).cloned().collect()
}

fn moved(one: &SandboxMove) -> Moved {
    Moved { id: one.id.clone(), amount: one.amount }
}

fn bare(checkout: &SandboxCheckout) -> &str {
    checkout.id.strip_prefix("co_").unwrap_or(&checkout.id)
}

/// Message ids follow from what is told, so that sending again is sending the same.
fn tell(checkout: &mut SandboxCheckout, kind: &str, about: &str) {
    let what = if about.is_empty() { format!("{}_{kind}", bare(checkout)) } else { about.to_owned() };
    let id = format!("msg_{what}");
    if checkout.messages.iter().all(|message| message.id != id) {
        let message = SandboxMessage { id, kind: kind.to_owned(), about: about.to_owned(), sent: 0, answer: 0 };
        checkout.messages.push(message);
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, Language, id::PaymentId};
    use jiff::Timestamp;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn open() -> SandboxCheckout {
        SandboxCheckout {
            id: "co_x".into(),
            reference: PaymentId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            amount: eur(1_591),
            description: "RE1000".into(),
            return_url: "http://shop.example/back".into(),
            webhook_url: "http://shop.example/hook".into(),
            language: Language::De,
            created_at: Timestamp::UNIX_EPOCH,
            ended: None,
            charges: vec![],
            refunds: vec![],
            messages: vec![],
        }
    }

    #[test]
    fn pressing_twice_is_one_charge_and_paying_twice_is_two() {
        let paid = pay(&open(), 1).unwrap();
        assert_eq!(pay(&paid, 1), None);
        let twice = pay(&paid, 2).unwrap();
        let ids: Vec<&str> = twice.charges.iter().map(|charge| charge.id.as_str()).collect();
        assert_eq!(ids, ["ch_x_1", "ch_x_2"]);
        assert_eq!(fresh(&paid, &twice).len(), 1);
    }

    #[test]
    fn what_was_declined_may_still_be_paid_and_what_expired_may_not() {
        let declined = end(&open(), SandboxEnding::Declined).unwrap();
        assert_eq!(end(&declined, SandboxEnding::Declined), None);
        let paid = pay(&declined, 1).unwrap();
        assert_eq!((state(&paid), end(&paid, SandboxEnding::Cancelled)), (CheckoutState::Paid, None));
        let expired = end(&open(), SandboxEnding::Expired).unwrap();
        assert_eq!((state(&expired), pay(&expired, 1)), (CheckoutState::Expired, None));
    }

    #[test]
    fn a_refund_is_made_once_per_key_and_never_more_than_was_charged() {
        let paid = pay(&open(), 1).unwrap();
        let (first, next) = refund(&paid, eur(1_000), "a").unwrap();
        let next = next.unwrap();
        assert_eq!(refund(&next, eur(1_000), "a"), Ok((first, None)));
        assert_eq!(refund(&next, eur(999), "a"), Err(RefundRefused::OtherAmount));
        assert_eq!(refund(&next, eur(592), "b"), Err(RefundRefused::TooMuch));
        assert!(refund(&next, eur(591), "b").is_ok());
        assert_eq!(refund(&open(), eur(1), "c"), Err(RefundRefused::TooMuch));
    }

    #[test]
    fn a_message_says_the_same_each_time() {
        let paid = pay(&open(), 1).unwrap();
        let message = paid.messages.first().unwrap();
        let said = wire(&paid, message);
        assert_eq!((said.id.as_str(), said.moved.unwrap().amount), ("msg_ch_x_1", eur(1_591)));
    }
}
