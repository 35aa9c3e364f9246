//! A document goes to its customer by mail (M-70): once, when the tenant's system wants it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    change::{Actor, Change, Event, EventKind},
    document::DocumentType,
};

/// Which document goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its kind.
    pub document: DocumentType,
    /// Its number.
    pub number: String,
    /// Level of a „Mahnung"; 0 for all others.
    #[serde(default)]
    pub level: u8,
}

impl Release {
    /// It is released now; its mail follows from the event.
    #[must_use]
    pub fn now(self, actor: Actor, now: Timestamp) -> Change<Self> {
        let event = self.event(actor, now);
        Change::new(self, event)
    }

    /// The fact that its mail follows from.
    pub(crate) fn event(&self, actor: Actor, now: Timestamp) -> Event {
        Event::new(EventKind::DocumentReleased, actor, now, self.number.as_str())
            .with("type", self.document.code())
            .with("level", self.level.to_string())
    }

    /// What an event of that kind released.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        if event.kind != EventKind::DocumentReleased {
            return None;
        }
        let document = event.fact("type").and_then(DocumentType::from_code)?;
        let level = event.fact("level").and_then(|level| level.parse().ok()).unwrap_or(0);
        Some(Self { document, number: event.subject.clone(), level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_says_what_was_released() {
        for document in DocumentType::ALL {
            let release = Release { document, number: "RE 7/2026".into(), level: 3 };
            let change = release.clone().now(Actor::Integrator, Timestamp::UNIX_EPOCH);
            assert_eq!(Release::of(&change.events()[0]), Some(release));
        }
        let other = Event::new(EventKind::InvoiceIssued, Actor::Integrator, Timestamp::UNIX_EPOCH, "RE1");
        assert_eq!(Release::of(&other), None);
    }
}
