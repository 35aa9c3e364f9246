//! Mails that came back: what SES tells of bounces and complaints, over SNS. Each mail says whose it is (`mail::Whose`), and
//! SES says it again; what names no tenant of ours changes nothing. An address is never logged.
//!
//! Only bounces for good are noted: a full mailbox is tried again by SES itself, and the next mail shows whether it was
//! emptied. What is told twice is noted once.

use std::collections::BTreeMap;

use domain::{
    customer::EmailAddress,
    email_state::EmailState,
    id::{CustomerId, TenantId},
};
use mail::Whose;
use serde::Deserialize;
use serde_json::Value;
use store::{CommitError, StoreError, TenantStore, deciding_again};
use web::{
    Portal,
    metrics::{Metric, tell},
};

/// Most recipients of one mail that SES takes.
const MAX_RECIPIENTS: usize = 50;

/// What SES tells. Notifications and published events name their kind differently.
#[derive(Debug, Deserialize)]
struct Told {
    #[serde(rename = "eventType", alias = "notificationType")]
    kind: String,
    mail: MailTold,
    bounce: Option<BounceTold>,
    complaint: Option<ComplaintTold>,
}

#[derive(Debug, Deserialize)]
struct MailTold {
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BounceTold {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ComplaintTold {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// What became of a mail, as far as it is noted.
struct Returned<'a> {
    state: EmailState,
    recipients: &'a [Recipient],
}

/// The messages of an event that SNS sends; `None` for all other events.
pub(crate) fn messages(event: &Value) -> Option<Vec<&str>> {
    let records = event.get("Records")?.as_array()?;
    let of_sns = |record: &&Value| record.get("EventSource").and_then(Value::as_str) == Some("aws:sns");
    let messages: Vec<&str> = records
        .iter()
        .filter(of_sns)
        .map(|record| record.pointer("/Sns/Message").and_then(Value::as_str).unwrap_or_default())
        .collect();
    (!messages.is_empty()).then_some(messages)
}

/// Notes what SES tells; answers how much of it was new.
///
/// # Errors
/// The table's: then Lambda gives it again.
pub(crate) async fn note(portal: &Portal, messages: Vec<&str>) -> Result<usize, StoreError> {
    let (mut noted, mut ignored) = (0, 0_usize);
    for message in messages {
        match serde_json::from_str::<Told>(message) {
            Ok(told) => noted += note_one(portal, &told, &mut ignored).await?,
            Err(_) => ignored += 1,
        }
    }
    if ignored > 0 {
        tracing::warn!(ignored, "what SES told could not be read, or is of no tenant of ours");
    }
    Ok(noted)
}

async fn note_one(portal: &Portal, told: &Told, ignored: &mut usize) -> Result<usize, StoreError> {
    let Some(Returned { state, recipients }) = told.returned() else { return Ok(0) };
    let tenant = told.mail.tag(Whose::TENANT).and_then(|id| id.parse::<TenantId>().ok());
    let scope = match &tenant {
        Some(tenant) => portal.store().scope_of(tenant).await?,
        None => None,
    };
    let Some(scope) = scope else {
        *ignored += 1;
        return Ok(0);
    };
    let store = portal.store().in_tenant(&scope);
    let customer = told.mail.tag(Whose::CUSTOMER).and_then(|id| id.parse::<CustomerId>().ok());
    let mut noted = 0;
    for recipient in recipients.iter().take(MAX_RECIPIENTS) {
        let Some(address) = meant(&store, customer.as_ref(), &recipient.email_address).await? else {
            *ignored += 1;
            continue;
        };
        let now = portal.clock().now();
        let note = || store.note_bounce(&address, state, customer.as_ref(), now);
        if deciding_again(note).await.map_err(told_again)? {
            tell(Metric::MailsBounced, 1, now);
            noted += 1;
        }
    }
    Ok(noted)
}

impl Told {
    /// What is noted of it: bounces for good, and complaints but for those that take one back.
    fn returned(&self) -> Option<Returned<'_>> {
        match (self.kind.as_str(), &self.bounce, &self.complaint) {
            ("Bounce", Some(bounce), _) if bounce.bounce_type == "Permanent" => {
                Some(Returned { state: EmailState::Bounced, recipients: &bounce.bounced_recipients })
            }
            ("Complaint", _, Some(complaint)) if complaint.complaint_feedback_type.as_deref() != Some("not-spam") => {
                Some(Returned { state: EmailState::Complained, recipients: &complaint.complained_recipients })
            }
            _ => None,
        }
    }
}

impl MailTold {
    fn tag(&self, name: &str) -> Option<&str> {
        self.tags.get(name)?.first().map(String::as_str)
    }
}

/// The address as its customer spells it: SES was given, and names, an international host as punycode.
async fn meant(
    store: &TenantStore,
    customer: Option<&CustomerId>,
    named: &str,
) -> Result<Option<EmailAddress>, StoreError> {
    let Ok(named) = named.parse::<EmailAddress>() else { return Ok(None) };
    let person = match customer {
        Some(customer) => store.customer(customer).await?.map(|loaded| loaded.value),
        None => None,
    };
    let facts = person.map(|person| person.facts);
    let mut own = facts.into_iter().flat_map(|facts| [facts.email, facts.invoice_email]).flatten();
    let is_named = |own: &EmailAddress| own.ascii().is_some_and(|ascii| ascii.eq_ignore_ascii_case(named.as_str()));
    Ok(Some(own.find(is_named).unwrap_or(named)))
}

/// Whoever lost every race is given the message again.
fn told_again(error: CommitError) -> StoreError {
    match error {
        CommitError::Store(error) => error,
        error => StoreError::Unavailable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(told: &Value) -> Option<EmailState> {
        let told: Told = serde_json::from_str(&told.to_string()).unwrap();
        told.returned().map(|returned| returned.state)
    }

    #[test]
    fn both_ways_of_telling_are_read_and_only_what_lasts_is_noted() {
        let recipients = json!([{ "emailAddress": "tine@example.org", "status": "5.1.1" }]);
        let bounce = |kind: &str| json!({ "bounceType": kind, "bouncedRecipients": recipients });
        let complaint = |kind: Value| json!({ "complainedRecipients": recipients, "complaintFeedbackType": kind });
        let mail = json!({ "messageId": "1", "tags": { "tenant": ["ten_1"] } });
        for (told, wanted) in [
            (json!({ "eventType": "Bounce", "mail": mail, "bounce": bounce("Permanent") }), Some(EmailState::Bounced)),
            (
                json!({ "notificationType": "Bounce", "mail": {}, "bounce": bounce("Permanent") }),
                Some(EmailState::Bounced),
            ),
            (json!({ "eventType": "Bounce", "mail": mail, "bounce": bounce("Transient") }), None),
            (json!({ "eventType": "Bounce", "mail": mail }), None),
            (
                json!({ "eventType": "Complaint", "mail": mail, "complaint": complaint(json!("abuse")) }),
                Some(EmailState::Complained),
            ),
            (
                json!({ "eventType": "Complaint", "mail": mail, "complaint": complaint(Value::Null) }),
                Some(EmailState::Complained),
            ),
            (json!({ "eventType": "Complaint", "mail": mail, "complaint": complaint(json!("not-spam")) }), None),
            (json!({ "eventType": "Delivery", "mail": mail }), None),
        ] {
            assert_eq!(state(&told), wanted, "{told}");
        }
    }

    #[test]
    fn an_event_of_the_table_is_none_of_ses() {
        assert_eq!(messages(&json!({})), None);
        assert_eq!(messages(&json!({ "Records": [{ "eventSource": "aws:dynamodb", "dynamodb": {} }] })), None);
        let told = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": "x" } }] });
        assert_eq!(messages(&told), Some(vec!["x"]));
        let without = json!({ "Records": [{ "EventSource": "aws:sns" }] });
        assert_eq!(messages(&without), Some(vec![""]), "it is ignored later, with a line in the log");
    }
}
