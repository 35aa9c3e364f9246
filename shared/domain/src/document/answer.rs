//! How a customer answers an offer (M-99): accepted with a name, or declined, once and for good. An offer that nobody answered is
//! over when its last day is, where the tenant is.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Decision, DocumentRow};
use crate::{
    FieldErrors, Pii,
    change::{Actor, Change, Event, EventKind, Way},
    subscription::Moment,
    time::Zone,
    unseen::{is_break, is_unseen},
};

/// What a customer says to an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
#[schema(as = OfferSaid)]
pub enum Said {
    /// „Ich nehme das Angebot verbindlich an."
    Accepted {
        /// Who says so.
        #[schema(value_type = String)]
        name: Pii<String>,
    },
    /// It is not wanted.
    Declined {
        /// Why, if somebody wanted to say so.
        #[serde(default)]
        #[schema(value_type = String)]
        reason: Pii<String>,
    },
}

/// What is wrong with something typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nobody is named.
    NameMissing,
    /// More than [`Said::MAX_NAME_CHARS`] characters.
    NameTooLong,
    /// Characters that no name has.
    NameInvalid,
    /// The box is not ticked.
    NotAgreed,
    /// More than [`Said::MAX_REASON_CHARS`] characters.
    ReasonTooLong,
    /// Control characters.
    ReasonInvalid,
}

impl Said {
    /// Longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 120;
    /// Longest reason, in characters.
    pub const MAX_REASON_CHARS: usize = 1_000;

    /// Accepts in somebody's name.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn accepted(name: &str, agreed: bool) -> Result<Self, Vec<Flaw>> {
        let name = name.trim();
        let flaws: Vec<Flaw> = [
            name.is_empty().then_some(Flaw::NameMissing),
            (name.chars().count() > Self::MAX_NAME_CHARS).then_some(Flaw::NameTooLong),
            name.chars().any(|c| is_break(c) || is_unseen(c)).then_some(Flaw::NameInvalid),
            (!agreed).then_some(Flaw::NotAgreed),
        ]
        .into_iter()
        .flatten()
        .collect();
        if flaws.is_empty() { Ok(Self::Accepted { name: Pii(name.to_owned()) }) } else { Err(flaws) }
    }

    /// Declines, with a reason or without.
    ///
    /// # Errors
    /// What is wrong.
    pub fn declined(reason: &str) -> Result<Self, Vec<Flaw>> {
        let reason = reason.trim().replace("\r\n", "\n").replace('\r', "\n");
        if reason.chars().count() > Self::MAX_REASON_CHARS {
            return Err(vec![Flaw::ReasonTooLong]);
        }
        if reason.chars().any(|c| is_break(c) && !matches!(c, '\n' | '\t')) {
            return Err(vec![Flaw::ReasonInvalid]);
        }
        Ok(Self::Declined { reason: Pii(reason) })
    }

    /// Is the offer accepted?
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Who accepts; empty for whoever declines.
    #[must_use]
    pub fn name(&self) -> &str {
        if let Self::Accepted { name } = self { name.as_str() } else { "" }
    }

    /// Why it is declined; may be empty.
    #[must_use]
    pub fn reason(&self) -> &str {
        if let Self::Declined { reason } = self { reason.as_str() } else { "" }
    }

    const fn on(&self, day: Date) -> Decision {
        match self {
            Self::Accepted { .. } => Decision::Accepted { on: day },
            Self::Declined { .. } => Decision::Declined { on: day },
        }
    }
}

impl Flaw {
    /// The field that it stands in.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NameMissing | Self::NameTooLong | Self::NameInvalid => "name",
            Self::NotAgreed => "agreed",
            Self::ReasonTooLong | Self::ReasonInvalid => "reason",
        }
    }

    /// All of them, for programs.
    #[must_use]
    pub fn errors(flaws: &[Self]) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for flaw in flaws {
            let (code, message) = match flaw {
                Self::NameMissing => ("missing", "is needed"),
                Self::NameTooLong => ("too_long", "must have at most 120 characters"),
                Self::NameInvalid => ("invalid", "must not contain characters that cannot be seen"),
                Self::NotAgreed => ("missing", "must be true: an offer is accepted with binding effect"),
                Self::ReasonTooLong => ("too_long", "must have at most 1,000 characters"),
                Self::ReasonInvalid => ("invalid", "must not contain control characters"),
            };
            errors.add(flaw.field(), code, message);
        }
        errors
    }
}

/// The answer to an offer, which nobody changes any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OfferAnswer {
    /// What was said.
    #[serde(flatten)]
    pub said: Said,
    /// When it came.
    pub at: Timestamp,
    /// The tenant's zone then, in which day and time of it are told.
    #[schema(value_type = String)]
    pub zone: Zone,
    /// By which way.
    pub way: Way,
}

/// An offer that is answered: its row, and the answer itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The row after it.
    pub row: DocumentRow,
    /// What is kept for good.
    pub answer: OfferAnswer,
}

/// Why an offer cannot be answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotOpen {
    /// It is none.
    #[error("it is no offer")]
    NoOffer,
    /// It was answered otherwise.
    #[error("it was {} before", .0.word())]
    Answered(Decision),
    /// Its last day is past.
    #[error("its last day is past")]
    Expired,
}

impl DocumentRow {
    /// Answers an offer. `None` when it was answered so before, whoever is named now.
    ///
    /// # Errors
    /// When it was answered otherwise, or is over.
    pub fn answer(&self, said: Said, way: Way, at: Moment<'_>) -> Result<Option<Change<Answered>>, NotOpen> {
        let until = self.valid_until.ok_or(NotOpen::NoOffer)?;
        match self.decision {
            Some(Decision::Accepted { .. }) if said.is_accepted() => return Ok(None),
            Some(Decision::Declined { .. }) if !said.is_accepted() => return Ok(None),
            Some(otherwise) => return Err(NotOpen::Answered(otherwise)),
            None => {}
        }
        let today = at.today();
        if today > until {
            return Err(NotOpen::Expired);
        }
        let kind = if said.is_accepted() { EventKind::OfferAccepted } else { EventKind::OfferDeclined };
        let event = Event::new(kind, Actor::Customer, at.now, self.number.as_str())
            .by(way)
            .with("on", today.to_string())
            .changing("name", "", said.name())
            .changing("reason", "", said.reason());
        let event = match self.amount {
            Some(amount) => event.with_amount(amount),
            None => event,
        };
        let row = Self { decision: Some(said.on(today)), ..self.clone() };
        let answer = OfferAnswer { said, at: at.now, zone: at.zone.clone(), way };
        Ok(Some(Change::new(Answered { row, answer }, event)))
    }

    /// The first day on which an offer that nobody answered is over, while that is still to be told.
    #[must_use]
    pub fn next_day(&self) -> Option<Date> {
        let until = self.valid_until.filter(|_| self.decision.is_none() && !self.told_expired)?;
        let over = until.tomorrow().ok()?;
        // One that was loaded when it was over already surprises nobody.
        let loaded = self.created_at.to_zoned(TimeZone::UTC).date();
        (loaded <= over).then_some(over)
    }

    /// Tells that it is over, if that day has come.
    #[must_use]
    pub fn on_day(&self, today: Date, now: Timestamp) -> Option<Change<Self>> {
        self.next_day().filter(|over| *over <= today)?;
        let event = Event::new(EventKind::OfferExpired, Actor::System, now, self.number.as_str());
        let event =
            self.valid_until.into_iter().fold(event, |event, until| event.with("valid_until", until.to_string()));
        Some(Change::new(Self { told_expired: true, ..self.clone() }, event))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::document::{DocumentType, row::tests::offer};

    const ON: &str = "2026-11-22T23:30:05Z";

    fn answer(row: &DocumentRow, said: Said, at: &str) -> Result<Option<Change<Answered>>, NotOpen> {
        let zone = Zone::default();
        row.answer(said, Way::Page, Moment { now: at.parse().unwrap(), zone: &zone })
    }

    fn accepted() -> Said {
        Said::accepted(" Tine Exemplus ", true).unwrap()
    }

    #[test]
    fn an_offer_is_answered_once_and_the_same_again_is_the_same() {
        let open = offer(false);
        let change = answer(&open, accepted(), ON).unwrap().unwrap();
        let event = &change.events()[0];
        assert_eq!(
            (event.kind, event.way, event.fact("on")),
            (EventKind::OfferAccepted, Some(Way::Page), Some("2026-11-23"))
        );
        assert_eq!(event.changes[0].to.as_str(), "Tine Exemplus");
        let Answered { row, answer: kept } = change.into_parts().0;
        assert_eq!(
            (row.decision, kept.at.to_string()),
            (Some(Decision::Accepted { on: date(2026, 11, 23) }), ON.to_owned())
        );
        let other_name = Said::accepted("Otto", true).unwrap();
        assert_eq!(answer(&row, other_name, "2027-01-01T00:00:00Z"), Ok(None));
        let declined = Said::declined("Zu teuer\r\n").unwrap();
        assert_eq!(
            answer(&row, declined.clone(), ON),
            Err(NotOpen::Answered(Decision::Accepted { on: date(2026, 11, 23) }))
        );
        let row = answer(&open, declined.clone(), ON).unwrap().unwrap().into_parts().0.row;
        assert_eq!(answer(&row, declined, ON), Ok(None));
        assert!(answer(&row, accepted(), ON).is_err());
    }

    #[test]
    fn an_offer_can_be_answered_until_its_last_day_is_past_where_the_tenant_is() {
        let open = offer(false);
        assert!(answer(&open, accepted(), "2026-11-30T22:59:59Z").unwrap().is_some());
        assert_eq!(answer(&open, accepted(), "2026-11-30T23:00:00Z"), Err(NotOpen::Expired));
        let letter = DocumentRow { kind: DocumentType::Confirmation, valid_until: None, ..open };
        assert_eq!(answer(&letter, accepted(), ON), Err(NotOpen::NoOffer));
    }

    #[test]
    fn that_an_offer_is_over_is_told_once_and_not_of_one_that_was_answered_or_came_too_late() {
        let created_at = ON.parse().unwrap();
        let open = DocumentRow { created_at, ..offer(false) };
        assert_eq!(open.next_day(), Some(date(2026, 12, 1)));
        assert!(open.on_day(date(2026, 11, 30), created_at).is_none());
        let (told, events) = open.on_day(date(2026, 12, 3), created_at).unwrap().into_parts();
        assert_eq!((events[0].kind, events[0].fact("valid_until")), (EventKind::OfferExpired, Some("2026-11-30")));
        assert_eq!(told.next_day(), None);
        let answered = answer(&open, accepted(), ON).unwrap().unwrap().into_parts().0.row;
        assert_eq!(answered.next_day(), None);
        let late = DocumentRow { created_at: "2026-12-02T00:00:00Z".parse().unwrap(), ..open };
        assert_eq!(late.next_day(), None);
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let named = |flaws: Vec<Flaw>| Flaw::errors(&flaws).0.into_iter().map(|error| error.field).collect::<Vec<_>>();
        assert_eq!(named(Said::accepted(" ", false).unwrap_err()), ["name", "agreed"]);
        assert_eq!(named(Said::accepted(&"x".repeat(121), true).unwrap_err()), ["name"]);
        assert_eq!(named(Said::accepted("Ti\u{202e}ne", true).unwrap_err()), ["name"]);
        assert!(Said::accepted(&"ä".repeat(120), true).is_ok());
        assert_eq!(named(Said::declined(&"x".repeat(1_001)).unwrap_err()), ["reason"]);
        assert_eq!(named(Said::declined("a\u{0}").unwrap_err()), ["reason"]);
        assert_eq!(Said::declined("a\r\nb").unwrap().reason(), "a\nb");
        assert_eq!(Said::declined("").unwrap().reason(), "");
    }

    #[test]
    fn an_answer_comes_back_as_it_was_kept() {
        let answer = answer(&offer(false), accepted(), ON).unwrap().unwrap().into_parts().0.answer;
        let written = serde_json::to_value(&answer).unwrap();
        assert_eq!((&written["decision"], &written["zone"]), (&"accepted".into(), &"Europe/Berlin".into()));
        assert_eq!(serde_json::from_value::<OfferAnswer>(written).unwrap(), answer);
    }
}
