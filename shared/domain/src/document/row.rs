//! What lists show of a document, and how far an offer has come.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Content, CreditNote, DocumentFacts, DocumentType};
use crate::{
    Money,
    change::{Actor, Change, Event, EventKind},
    invoice::{Credit, Credited, InvoiceRow, PaymentRefused, credit},
    ledger::Account,
    number::DocumentNumber,
    release::Release,
};

/// The read model of the list, ≤ 600 B: one row per document beside invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DocumentRow {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// As people read it; unique among documents of its kind.
    pub number: DocumentNumber,
    /// „Datum".
    pub issued_on: Date,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// What it comes to, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The last day on which an offer can be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// How the customer answered an offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Was it told that an offer is over which nobody answered?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_expired: bool,
    /// „Mahnstufe" of a dunning letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Is it only an uploaded PDF?
    #[serde(default)]
    pub uploaded: bool,
    /// Has the integrator uploaded its PDF?
    #[serde(default)]
    pub has_pdf: bool,
    /// Does it go to its customer by mail once its PDF is there?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub notify: bool,
    /// „Erstellt am".
    pub created_at: Timestamp,
}

/// How a customer answered an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
#[schema(as = OfferDecision)]
pub enum Decision {
    /// „Angenommen am …".
    Accepted {
        /// The day, in the tenant's zone.
        on: Date,
    },
    /// „Abgelehnt am …".
    Declined {
        /// The day, in the tenant's zone.
        on: Date,
    },
}

impl Decision {
    /// What was done, for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
        }
    }
}

/// What people are told about a document that has a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum DocumentState {
    /// „Offen bis …": an offer that can be accepted.
    Open {
        /// The last day.
        until: Date,
    },
    /// „Angenommen am …".
    Accepted {
        /// The day.
        on: Date,
    },
    /// „Abgelehnt am …".
    Declined {
        /// The day.
        on: Date,
    },
    /// „Abgelaufen seit …".
    Expired {
        /// The first day on which it could not be accepted any more.
        since: Date,
    },
    /// „Mahnstufe …".
    Dunned {
        /// 1 to 9.
        level: u8,
    },
}

impl DocumentRow {
    /// The state on a day in the tenant's zone; only offers and dunning letters have one.
    #[must_use]
    pub fn state(&self, today: Date) -> Option<DocumentState> {
        match (self.decision, self.valid_until, self.level) {
            (Some(Decision::Accepted { on }), ..) => Some(DocumentState::Accepted { on }),
            (Some(Decision::Declined { on }), ..) => Some(DocumentState::Declined { on }),
            (None, Some(until), _) if today > until => {
                Some(DocumentState::Expired { since: until.tomorrow().unwrap_or(until) })
            }
            (None, Some(until), _) => Some(DocumentState::Open { until }),
            (None, None, level) => level.map(|level| DocumentState::Dunned { level }),
        }
    }

    /// May its customer see it? What is only a PDF waits for that.
    #[must_use]
    pub const fn is_visible(&self) -> bool {
        self.has_pdf || !self.uploaded
    }

    /// Notes that the integrator's PDF is there; with it goes out what waited for that.
    #[must_use]
    pub fn with_pdf(&self, actor: Actor, now: Timestamp) -> Change<Self> {
        let event = Event::new(EventKind::DocumentFileStored, actor, now, self.number.as_str());
        let next = Self { has_pdf: true, notify: false, ..self.clone() };
        let change = Change::new(next, event.with("type", self.kind.code()));
        if self.notify { change.and(self.release().event(actor, now)) } else { change }
    }

    /// Notes that it goes to its customer by mail once its PDF is there. `None` where that is noted.
    #[must_use]
    pub fn releasing_with_pdf(&self, actor: Actor, now: Timestamp) -> Option<Change<Self>> {
        let event = Event::new(EventKind::DocumentReleaseWaits, actor, now, self.number.as_str());
        let next = Self { notify: true, ..self.clone() };
        (!self.notify).then(|| Change::new(next, event.with("type", self.kind.code())))
    }

    /// What goes out when it is released.
    #[must_use]
    pub fn release(&self) -> Release {
        Release { document: self.kind, number: self.number.to_string(), level: self.level.unwrap_or(0) }
    }
}

/// Issues a document. The facts must have been checked.
#[must_use]
pub fn issue(number: &DocumentNumber, facts: &DocumentFacts, actor: Actor, now: Timestamp) -> Change<DocumentRow> {
    let (letter, content) = (&facts.letter, &facts.content);
    let row = DocumentRow {
        kind: content.kind(),
        number: number.clone(),
        issued_on: letter.issued_on,
        subject: letter.subject.clone(),
        amount: content.amount(),
        valid_until: if let Content::Offer(offer) = content { Some(offer.valid_until) } else { None },
        decision: None,
        told_expired: false,
        level: if let Content::Dunning(dunning) = content { Some(dunning.level) } else { None },
        uploaded: letter.uploaded,
        has_pdf: false,
        notify: false,
        created_at: now,
    };
    let event = Event::new(EventKind::DocumentIssued, actor, now, number.as_str()).with("type", row.kind.code());
    let event = match row.amount {
        Some(amount) => event.with_amount(amount),
        None => event,
    };
    Change::new(row, event)
}

/// Everything written when a credit note is issued.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditIssue {
    /// Its row.
    pub row: DocumentRow,
    /// What it does to money.
    pub credited: Credited,
}

/// Issues a credit note on the customer's receivables account; `invoice` is the one it corrects, if it names one.
///
/// # Errors
/// Another currency, or a sum out of range. The facts must have been checked.
pub fn issue_credit_note(
    (number, facts, note): (&DocumentNumber, &DocumentFacts, &CreditNote),
    invoice: Option<&InvoiceRow>,
    account: &Account,
    actor: Actor,
    now: Timestamp,
) -> Result<Change<CreditIssue>, PaymentRefused> {
    let (gross, settled_before, on) = (note.gross, note.settled_before, facts.letter.issued_on);
    let credited = credit(invoice, account, Credit { number, gross, settled_before, on }, now)?;
    let reduced = credited.invoice.as_ref().map(|(row, share)| {
        Event::new(EventKind::InvoiceCredited, actor, now, row.number.as_str())
            .with("credit_note", number.as_str())
            .with_amount(share.amount)
            .with("open", row.open.to_string())
    });
    let change = issue(number, facts, actor, now).map(|row| CreditIssue { row, credited });
    Ok(reduced.into_iter().fold(change, Change::and))
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        document::{Letter, Listing, Offer},
        invoice::{Buyer, Seller},
    };

    pub(in crate::document) fn offer(uploaded: bool) -> DocumentRow {
        let letter = Letter {
            customer: "K1".parse().unwrap(),
            issued_on: date(2026, 11, 2),
            language: None,
            handle: String::new(),
            subscription: None,
            seller: Seller::default(),
            buyer: Buyer::default(),
            subject: String::new(),
            introduction: String::new(),
            note: String::new(),
            uploaded,
        };
        let valid_until = date(2026, 11, 30);
        let content = Content::Offer(Offer { listing: Listing::default(), gross: None, valid_until });
        let facts = DocumentFacts { letter, content };
        let change = issue(&"AN1".parse().unwrap(), &facts, Actor::Integrator, Timestamp::UNIX_EPOCH);
        assert_eq!(change.events()[0].fact("type"), Some("offer"));
        change.into_parts().0
    }

    #[test]
    fn an_offer_is_open_until_its_last_day_is_past() {
        let row = offer(false);
        assert_eq!(row.state(date(2026, 11, 30)), Some(DocumentState::Open { until: date(2026, 11, 30) }));
        assert_eq!(row.state(date(2026, 12, 1)), Some(DocumentState::Expired { since: date(2026, 12, 1) }));
        let on = date(2026, 11, 20);
        let accepted = DocumentRow { decision: Some(Decision::Accepted { on }), ..row };
        assert_eq!(accepted.state(date(2027, 1, 1)), Some(DocumentState::Accepted { on }));
    }

    #[test]
    fn what_is_only_a_pdf_waits_for_it() {
        assert!(offer(false).is_visible());
        let row = offer(true);
        assert!(!row.is_visible());
        assert!(row.with_pdf(Actor::Integrator, Timestamp::UNIX_EPOCH).next().is_visible());
    }

    #[test]
    fn what_waits_for_its_pdf_goes_out_with_it_and_once() {
        let (integrator, now) = (Actor::Integrator, Timestamp::UNIX_EPOCH);
        let waiting = offer(true).releasing_with_pdf(integrator, now).unwrap().into_parts().0;
        assert!(waiting.releasing_with_pdf(integrator, now).is_none());
        let (there, events) = waiting.with_pdf(integrator, now).into_parts();
        assert_eq!(events.iter().filter_map(Release::of).collect::<Vec<_>>(), [there.release()]);
        assert!(!there.notify);
        let (_, events) = offer(true).with_pdf(integrator, now).into_parts();
        assert_eq!(events.len(), 1, "nobody asked for a mail");
    }
}
