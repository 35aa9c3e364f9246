//! Events: what a message asks to be looked up, and what the events of a payment say of its money.
//!
//! No event carries an amount, and they come in any order: so none of a message is believed, all are looked up.

use domain::payment_method::MethodName;

use super::wire::{Event, MAX_WORD, Message, Payment, is_word};
use crate::{About, Fact, Said, Unknown, Unreadable, What};

/// Most events of one message.
const MAX_EVENTS: usize = 250;
/// What of a payment, a mandate, a refund or a billing request changes anything for us.
const OF_PAYMENTS: &[&str] = &[
    "confirmed",
    "paid_out",
    "failed",
    "cancelled",
    "customer_approval_denied",
    "charged_back",
    "chargeback_cancelled",
    // Both repeat an earlier reversal: a chance to find one whose message was lost.
    "late_failure_settled",
    "chargeback_settled",
];
const OF_REFUNDS: &[&str] = &["created", "paid", "failed", "funds_returned"];
const OF_MANDATES: &[&str] = &[
    "customer_approval_granted",
    "submitted",
    "active",
    "reinstated",
    "cancelled",
    "failed",
    "expired",
    "replaced",
    "transferred",
    "consumed",
    "blocked",
    "suspended_by_payer",
];
const OF_REQUESTS: &[&str] = &["fulfilled", "cancelled", "failed"];

/// What a message asks to be looked up, each thing once. An event that is broken is kept with the message for looking at
/// and takes no other with it; a message of nothing else is not as documented.
pub(super) fn said(body: &[u8]) -> Result<Vec<Said>, Unreadable> {
    let Message { events } = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    if events.len() > MAX_EVENTS {
        return Err(Unreadable);
    }
    let (mut all, mut is_any_read) = (Vec::new(), events.is_empty());
    for event in events {
        let read = serde_json::from_value(event).map_err(|_| Unreadable).and_then(|event: Event| event.said());
        is_any_read |= read.is_ok();
        let said = read.unwrap_or_else(|Unreadable| other("an event that is not as documented"));
        if !all.contains(&said) {
            all.push(said);
        }
    }
    if is_any_read { Ok(all) } else { Err(Unreadable) }
}

fn other(what: &str) -> Said {
    Fact { about: About::Nothing, what: What::Other(what.chars().take(MAX_WORD).collect()) }.into()
}

fn linked(link: Option<&String>) -> Result<String, Unreadable> {
    link.filter(|id| is_word(id)).cloned().ok_or(Unreadable)
}

impl Event {
    fn said(&self) -> Result<Said, Unreadable> {
        let action = self.action.as_str();
        let links = &self.links;
        let ours = |name: MethodName| Ok(Said::Method(name));
        match self.resource_type.as_str() {
            "payments" if OF_PAYMENTS.contains(&action) => linked(links.payment.as_ref()).map(Said::Charge),
            "refunds" if OF_REFUNDS.contains(&action) => {
                linked(links.payment.as_ref().or(links.refund.as_ref())).map(Said::Charge)
            }
            "mandates" if OF_MANDATES.contains(&action) => {
                let by_id = || linked(links.mandate.as_ref()).map(Said::MethodOf);
                self.resource_metadata.method().map_or_else(by_id, ours)
            }
            "billing_requests" if OF_REQUESTS.contains(&action) => {
                let by_id = || linked(links.billing_request.as_ref()).map(Said::Charge);
                self.resource_metadata.method().map_or_else(by_id, ours)
            }
            kind => Ok(other(&format!("{kind}.{action}"))),
        }
    }
}

/// What the money of a payment did, from its events, newest first.
///
/// It arrives once, under the payment's id. It may be taken back (a late failure, a chargeback), under the id of the event
/// that says so, and come back again (a retry, a chargeback that is cancelled): each episode once, however often its
/// events repeat it and whatever came last. Without money, what its state means.
///
/// # Errors
/// Unreadable, or no answer yet: GoCardless says that events appear in its list a little later than what they tell.
pub(super) fn of_money(payment: &Payment, newest_first: &[Event], is_saved: bool) -> Result<Vec<What>, Unknown> {
    let unreadable = |Unreadable| Unknown::Unreadable;
    let amount = payment.amount().map_err(unreadable)?;
    let mut facts: Vec<What> = Vec::new();
    // The event of the reversal that stands.
    let mut taken: Option<&str> = None;
    let mut last_failure: Option<&Event> = None;
    let back = |taken: &str| What::came_back(taken, "reinstated", amount);
    let mut events: Vec<&Event> = newest_first.iter().rev().filter(|event| event.resource_type == "payments").collect();
    // Stable: those of one moment stay in the list's order.
    events.sort_by(|one, other| one.created_at.cmp(&other.created_at));
    for event in events {
        match event.action.as_str() {
            "confirmed" | "paid_out" if facts.is_empty() => facts.push(payment.arrived().map_err(unreadable)?),
            "confirmed" | "chargeback_cancelled" => facts.extend(taken.take().map(back)),
            action @ ("failed" | "charged_back") => {
                if action == "failed" {
                    last_failure = Some(event);
                } else if facts.is_empty() {
                    // What is charged back had arrived, though the event that said so may be archived.
                    facts.push(payment.arrived().map_err(unreadable)?);
                }
                if !facts.is_empty() && taken.is_none() {
                    let reference = linked(Some(&event.id)).map_err(unreadable)?;
                    facts.push(What::TakenBack { reference, amount });
                    taken = Some(&event.id);
                }
            }
            _ => {}
        }
    }
    // The payment's own state is never behind.
    match payment.status.as_str() {
        "confirmed" | "paid_out" if facts.is_empty() => facts.push(payment.arrived().map_err(unreadable)?),
        "confirmed" | "paid_out" => facts.extend(taken.map(back)),
        "failed" if last_failure.is_none() || is_held(&facts, taken) => return Err(behind()),
        "charged_back" if taken.is_none() => return Err(behind()),
        _ => {}
    }
    if facts.is_empty() {
        let retries = last_failure.is_some_and(|event| event.details.will_attempt_retry == Some(true));
        facts.push(match payment.status.as_str() {
            "pending_customer_approval" | "pending_submission" | "submitted" => What::Pending,
            "failed" if retries => What::Pending,
            "failed" | "customer_approval_denied" => What::Failed,
            // Nobody turned back who was not there: the mandate ended, or somebody at the merchant's stopped it.
            "cancelled" if is_saved => What::Failed,
            "cancelled" => What::Cancelled,
            _ => return Err(Unknown::Unreadable),
        });
    }
    Ok(facts)
}

fn is_held(facts: &[What], taken: Option<&str>) -> bool {
    !facts.is_empty() && taken.is_none()
}

fn behind() -> Unknown {
    Unknown::NoAnswer("the events are behind the payment".to_owned())
}

/// The flows of a billing request that were opened, newest first.
pub(super) fn flows(newest_first: &[Event]) -> impl Iterator<Item = &str> {
    let opened = newest_first.iter().filter(|event| event.action == "flow_created");
    opened.filter_map(|event| event.links.billing_request_flow.as_deref()).filter(|id| is_word(id))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn payment(status: &str) -> Payment {
        serde_json::from_value(json!({"id": "PM1", "status": status, "amount": 100, "currency": "EUR"})).unwrap()
    }

    /// Written oldest first, given newest first.
    fn events(actions: &[&str]) -> Vec<Event> {
        let event = |(at, action): (usize, &&str)| {
            let (action, retries) = action.strip_suffix('+').map_or((*action, false), |action| (action, true));
            let details = json!({"will_attempt_retry": retries});
            json!({"id": format!("EV{at}"), "resource_type": "payments", "action": action, "details": details})
        };
        let all: Value = actions.iter().enumerate().map(event).rev().collect();
        serde_json::from_value(all).unwrap()
    }

    /// References of what arrived (`+`) and was taken back (`-`), or the state.
    fn read(status: &str, actions: &[&str]) -> String {
        let facts = match of_money(&payment(status), &events(actions), true) {
            Ok(facts) => facts,
            Err(error) => return error.to_string(),
        };
        let word = |fact: &What| match fact {
            What::Arrived { reference, .. } | What::CameBack { reference, .. } => format!("+{reference}"),
            What::TakenBack { reference, .. } => format!("-{reference}"),
            other => format!("{other:?}"),
        };
        facts.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn money_arrives_once_and_each_reversal_is_one() {
        let cases: [(&str, &[&str], &str); 17] = [
            ("submitted", &["created", "submitted"], "Pending"),
            ("confirmed", &["created", "submitted", "confirmed"], "+PM1"),
            ("paid_out", &["confirmed", "paid_out"], "+PM1"),
            ("confirmed", &[], "+PM1"),
            ("failed", &["submitted", "failed"], "Failed"),
            ("failed", &["submitted", "failed+"], "Pending"),
            ("pending_submission", &["failed", "resubmission_requested"], "Pending"),
            ("confirmed", &["failed", "resubmission_requested", "confirmed"], "+PM1"),
            ("failed", &["confirmed", "failed", "late_failure_settled"], "+PM1 -EV1"),
            ("confirmed", &["confirmed", "failed", "resubmission_requested", "confirmed"], "+PM1 -EV1 +EV1:reinstated"),
            ("charged_back", &["confirmed", "paid_out", "charged_back", "chargeback_settled"], "+PM1 -EV2"),
            ("paid_out", &["paid_out", "charged_back", "chargeback_cancelled"], "+PM1 -EV1 +EV1:reinstated"),
            (
                "charged_back",
                &["confirmed", "charged_back", "chargeback_cancelled", "charged_back"],
                "+PM1 -EV1 +EV1:reinstated -EV3",
            ),
            ("charged_back", &["charged_back"], "+PM1 -EV0"),
            // The list of events is behind.
            ("paid_out", &["paid_out", "charged_back"], "+PM1 -EV1 +EV1:reinstated"),
            ("cancelled", &["created", "cancelled"], "Failed"),
            ("customer_approval_denied", &["created"], "Failed"),
        ];
        for (status, actions, facts) in cases {
            assert_eq!(read(status, actions), facts, "{status} {actions:?}");
        }
    }

    #[test]
    fn what_the_events_do_not_show_yet_is_not_guessed() {
        for (status, actions) in
            [("charged_back", &["confirmed"][..]), ("charged_back", &[]), ("failed", &["confirmed"]), ("failed", &[])]
        {
            assert_eq!(read(status, actions), behind().to_string(), "{status} {actions:?}");
        }
        assert_eq!(read("teleported", &[]), Unknown::Unreadable.to_string());
    }

    #[test]
    fn one_broken_event_takes_no_other_with_it() {
        let good =
            json!({"id": "EV1", "resource_type": "payments", "action": "confirmed", "links": {"payment": "PM1"}});
        let broken = [json!(7), json!({"id": "EV2"}), json!({"resource_type": 17, "action": null, "links": "PM1"})];
        let no_link = json!({"id": "EV3", "resource_type": "payments", "action": "failed", "links": {}});
        let strange =
            json!({"id": "EV4", "resource_type": "mandates", "action": "active", "links": {"mandate": "../x"}});
        for broken in broken.into_iter().chain([no_link, strange]) {
            let body = |events: Value| json!({ "events": events }).to_string().into_bytes();
            let said = said(&body(json!([broken, good, good]))).unwrap();
            assert_eq!(said.len(), 2, "{said:?}");
            assert_eq!(said[1], Said::Charge("PM1".into()));
            assert_eq!(super::said(&body(json!([broken]))), Err(Unreadable));
        }
        assert_eq!(said(b"{\"events\": []}"), Ok(vec![]));
        let many = json!({"events": vec![good; MAX_EVENTS + 1]}).to_string();
        assert_eq!(said(many.as_bytes()), Err(Unreadable));
    }
}
