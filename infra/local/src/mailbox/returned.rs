//! A mail that comes back: what SES tells of it, as SNS brings it to a function.

use super::{Mailbox, Message};
use serde::Deserialize;
use serde_json::{Value, json};

/// How it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// There is no such address.
    Bounce,
    /// The mailbox is full.
    SoftBounce,
    /// Its reader called it unwanted.
    Complaint,
}

/// `POST /api/bounces`
#[derive(Debug, Deserialize)]
pub(super) struct ReturnOrder {
    pub(super) to: String,
    pub(super) kind: Return,
}

impl Mailbox {
    /// What is told when the newest mail to an address comes back; `None` when there is none.
    #[must_use]
    pub fn returned(&self, to: &str, how: Return) -> Option<Value> {
        let message = self.messages_to(to).into_iter().next()?;
        let mut told = told(to, how);
        told["mail"] = mail(&message);
        let record = json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": "arn:aws:sns:local:000000000000:returned-mails:local",
            "Sns": {
                "Type": "Notification",
                "MessageId": message.id,
                "TopicArn": "arn:aws:sns:local:000000000000:returned-mails",
                "Subject": "Amazon SES Email Event Notification",
                "Message": told.to_string(),
                "Timestamp": message.date,
            },
        });
        Some(json!({ "Records": [record] }))
    }
}

fn mail(message: &Message) -> Value {
    let tags = message.tags.iter().map(|(name, value)| (name.clone(), json!([value])));
    json!({
        "timestamp": message.date,
        "source": message.from,
        "messageId": message.id,
        "destination": message.to.split(", ").collect::<Vec<_>>(),
        "tags": tags.collect::<serde_json::Map<_, _>>(),
    })
}

fn told(to: &str, how: Return) -> Value {
    let bounce = |kind: &str, status: &str| {
        let recipient = json!({ "emailAddress": to, "action": "failed", "status": status });
        let bounce = json!({ "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [recipient] });
        json!({ "eventType": "Bounce", "bounce": bounce })
    };
    match how {
        Return::Bounce => bounce("Permanent", "5.1.1"),
        Return::SoftBounce => bounce("Transient", "4.2.2"),
        Return::Complaint => {
            let complaint =
                json!({ "complaintFeedbackType": "abuse", "complainedRecipients": [{ "emailAddress": to }] });
            json!({ "eventType": "Complaint", "complaint": complaint })
        }
    }
}
