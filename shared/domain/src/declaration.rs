//! Declarations that anybody may make without signing in: „Verträge hier kündigen" (§ 312k BGB) and „Vertrag
//! widerrufen" (§ 356a BGB). Every one is kept; whose contract it means is decided beside it and never told to whoever
//! made it.

mod form;
mod matching;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Language, Pii,
    change::{Actor, Change, Event, EventKind},
    customer::EmailAddress,
    id::DeclarationId,
    time::Zone,
};

pub use form::{Field, Flaw, Typed};
pub use matching::{Candidate, Match};

/// How long the page of a declaration can be opened by its address.
pub const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Declarations that one client may send in an hour: many people may share its address. It is the only limit that turns
/// one away.
pub const PER_CLIENT_AND_HOUR: u32 = 60;

/// Confirmations that one client has sent to one address in a day. Declarations beyond that are kept and shown all the
/// same.
pub const MAILS_PER_CLIENT_AND_DAY: u32 = 5;

/// Confirmations that go to one address in a day, whoever asked for them.
pub const MAILS_PER_ADDRESS_AND_DAY: u32 = 20;

/// Confirmations that go out for one tenant in an hour; the others wait for the next one.
pub const MAILS_PER_TENANT_AND_HOUR: u32 = 200;

/// Customers that are looked at for one declaration: with more of them it names nobody.
pub const MAX_CANDIDATES: usize = 5;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclarationKind {
    /// „Verträge hier kündigen".
    Cancel,
    /// „Vertrag widerrufen".
    Withdraw,
}

impl DeclarationKind {
    /// The word in addresses and events.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Withdraw => "withdraw",
        }
    }

    /// The page with the form.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Cancel => "/cancel",
            Self::Withdraw => "/withdraw",
        }
    }
}

/// „Art der Kündigung".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Termination {
    /// „ordentlich": within its notice period.
    Ordinary,
    /// „außerordentlich": for a reason.
    Extraordinary,
}

/// What somebody declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = DeclaredWhat)]
pub enum What {
    /// That a contract ends.
    Cancel {
        /// How.
        termination: Termination,
        /// Why; an ordinary one needs none.
        #[serde(default, skip_serializing_if = "nothing")]
        #[schema(value_type = String)]
        reason: Pii<String>,
        /// On which day; without one as early as possible.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends_on: Option<Date>,
    },
    /// That a contract is withdrawn from.
    Withdraw,
}

fn nothing(text: &Pii<String>) -> bool {
    text.is_empty()
}

/// What was declared, in the words of whoever declared it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DeclarationStatement)]
pub struct Statement {
    /// What.
    pub what: What,
    /// Who.
    pub name: Pii<String>,
    /// E-mail address or customer number of whoever cancels; a withdrawal has its address only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Pii<String>>,
    /// Which contract.
    pub contract: Pii<String>,
    /// Where the confirmation goes.
    pub receipt_to: EmailAddress,
}

impl Statement {
    /// Which of the two it is.
    #[must_use]
    pub const fn kind(&self) -> DeclarationKind {
        match self.what {
            What::Cancel { .. } => DeclarationKind::Cancel,
            What::Withdraw => DeclarationKind::Withdraw,
        }
    }

    /// By what its customer may be known.
    #[must_use]
    pub fn identified_by(&self) -> &str {
        self.identity.as_ref().map_or(self.receipt_to.as_str(), |identity| identity.as_str())
    }
}

/// What staff made of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeclarationOutcome)]
pub enum Outcome {
    /// The contract ends, or was withdrawn from.
    Accepted,
    /// It has no effect.
    Refused,
    /// There is no such contract.
    NoContract,
}

impl Outcome {
    /// The word in events.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NoContract => "no_contract",
        }
    }
}

/// Where a declaration stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
#[schema(as = DeclarationState)]
pub enum State {
    /// Staff have not answered it.
    Open,
    /// They have.
    Answered {
        /// What they made of it.
        outcome: Outcome,
        /// What they noted.
        #[schema(value_type = String)]
        note: Pii<String>,
        /// When.
        at: Timestamp,
    },
}

/// A declaration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// Its id, for staff and programs: it opens no page.
    pub id: DeclarationId,
    /// What was declared.
    pub statement: Statement,
    /// Language of the page it was made on, and of its confirmation.
    pub language: Language,
    /// When it came.
    pub received_at: Timestamp,
    /// In which zone its day and time are told.
    pub zone: Zone,
    /// Whose contract it means.
    pub matched: Match,
    /// Does the confirmation go out by mail, too? Not where too many went to its address already.
    pub mailed: bool,
    /// Where it stands.
    pub state: State,
}

/// What a declaration is made of.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as in Declaration")]
pub struct NewDeclaration {
    pub id: DeclarationId,
    pub statement: Statement,
    pub language: Language,
    pub zone: Zone,
    pub matched: Match,
    pub mailed: bool,
}

/// It was answered before, and otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the declaration was answered otherwise")]
pub struct AnsweredOtherwise;

impl Declaration {
    /// Most characters of a note.
    pub const MAX_NOTE_CHARS: usize = 2_000;

    /// One that has just come.
    #[must_use]
    pub fn receive(new: NewDeclaration, now: Timestamp) -> Change<Self> {
        let NewDeclaration { id, statement, language, zone, matched, mailed } = new;
        let state = State::Open;
        let declaration = Self { id, statement, language, received_at: now, zone, matched, mailed, state };
        let event = declaration.event(EventKind::DeclarationReceived, Actor::Visitor, now);
        Change::new(declaration, event)
    }

    /// Staff's word. `None` when it was said before.
    ///
    /// # Errors
    /// When something else was said before.
    pub fn answer(
        &self,
        outcome: Outcome,
        note: &str,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, AnsweredOtherwise> {
        match &self.state {
            State::Answered { outcome: known, note: noted, .. } if *known == outcome && noted.as_str() == note => {
                Ok(None)
            }
            State::Answered { .. } => Err(AnsweredOtherwise),
            State::Open => {
                let state = State::Answered { outcome, note: note.to_owned().into(), at: now };
                let event = self.event(EventKind::DeclarationAnswered, Actor::Integrator, now);
                let event = event.with("outcome", outcome.code());
                Ok(Some(Change::new(Self { state, ..self.clone() }, event)))
            }
        }
    }

    /// Until when its page can be opened.
    #[must_use]
    pub fn shown_until(&self) -> Timestamp {
        self.received_at + SHOWN_FOR
    }

    /// The last day on which it can be opened from morning to night.
    #[must_use]
    pub fn shown_through(&self) -> Date {
        self.zone.day(self.shown_until()).saturating_sub(1.day())
    }

    /// Is this its page, and may it still be opened? Whoever has its token may.
    #[must_use]
    pub fn is_shown_as(&self, kind: DeclarationKind, now: Timestamp) -> bool {
        self.statement.kind() == kind && now < self.shown_until()
    }

    /// Is it still to be answered?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Without anything that says who made it.
    fn event(&self, kind: EventKind, actor: Actor, at: Timestamp) -> Event {
        let event = Event::new(kind, actor, at, self.id.as_str()).with("kind", self.statement.kind().code());
        match &self.matched {
            Match::Matched { contract, .. } => event.with("subscription", contract.as_str()),
            Match::Open => event,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::id::CustomerId;

    fn typed() -> Typed {
        Typed {
            form: "f".into(),
            termination: "ordinary".into(),
            reason: String::new().into(),
            name: "  Tine\tExemplus ".to_owned().into(),
            identity: "K5003".to_owned().into(),
            contract: "Vertrag Nr. 1".to_owned().into(),
            ends_on: String::new(),
            email: "Tine@Example.org".to_owned().into(),
        }
    }

    fn contract_named(text: &str) -> Statement {
        let typed = Typed { contract: text.to_owned().into(), ..typed() };
        typed.statement(DeclarationKind::Cancel).unwrap()
    }

    fn candidate(last: u8, contracts: &[(&str, &str)]) -> Candidate {
        let contracts = contracts.iter().map(|(number, plan)| (number.parse().unwrap(), (*plan).to_owned()));
        Candidate {
            customer: CustomerId::new(Timestamp::UNIX_EPOCH, [last; 10]),
            number: format!("K{last}").parse().unwrap(),
            contracts: contracts.collect(),
        }
    }

    fn received(matched: Match) -> Change<Declaration> {
        let new = NewDeclaration {
            id: DeclarationId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            statement: typed().statement(DeclarationKind::Cancel).unwrap(),
            language: Language::De,
            zone: Zone::default(),
            matched,
            mailed: true,
        };
        Declaration::receive(new, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_form_is_read_as_it_was_meant() {
        let statement = typed().statement(DeclarationKind::Cancel).unwrap();
        let ordinary = What::Cancel { termination: Termination::Ordinary, reason: String::new().into(), ends_on: None };
        assert_eq!(statement.what, ordinary);
        assert_eq!(statement.name.as_str(), "Tine Exemplus");
        assert_eq!((statement.identified_by(), statement.receipt_to.as_str()), ("K5003", "Tine@example.org"));
        for written in ["2026-12-31", "31.12.2026", " 31. 12. 2026", "31.12.26"] {
            let statement = Typed { ends_on: written.into(), ..typed() }.statement(DeclarationKind::Cancel);
            let What::Cancel { ends_on, .. } = statement.unwrap().what else { panic!("{written}") };
            assert_eq!(ends_on, Some(date(2026, 12, 31)), "{written}");
        }
        let withdrawn = Typed { identity: String::new().into(), termination: String::new(), ..typed() };
        let withdrawn = withdrawn.statement(DeclarationKind::Withdraw).unwrap();
        assert_eq!((withdrawn.what, withdrawn.identity), (What::Withdraw, None));
    }

    #[test]
    fn every_flaw_is_told_in_the_order_of_the_fields() {
        use Field::{Contract, Email, EndsOn, Identity, Name, Reason};
        let empty = Typed { termination: "extraordinary".into(), ends_on: "morgen".into(), ..Typed::default() };
        let flaws = empty.statement(DeclarationKind::Cancel).unwrap_err();
        let missing = Flaw::Missing;
        let wanted = [
            missing(Reason),
            missing(Name),
            missing(Identity),
            missing(Contract),
            Flaw::Invalid(EndsOn),
            missing(Email),
        ];
        assert_eq!(flaws, wanted);
        let flaws = empty.statement(DeclarationKind::Withdraw).unwrap_err();
        assert_eq!(flaws, [missing(Name), missing(Contract), missing(Email)]);
        let unknown = Typed { termination: "both".into(), ..typed() };
        assert_eq!(unknown.statement(DeclarationKind::Cancel), Err(vec![missing(Field::Termination)]));
        let long = Typed { name: "x".repeat(201).into(), reason: "x\n".repeat(1_500).into(), ..typed() };
        assert_eq!(long.statement(DeclarationKind::Cancel), Err(vec![Flaw::TooLong(Reason), Flaw::TooLong(Name)]));
        for address in ["tine", "jörg@example.org", "a@b@example.org"] {
            let wrong = Typed { email: address.to_owned().into(), ..typed() };
            assert_eq!(wrong.statement(DeclarationKind::Cancel), Err(vec![Flaw::Invalid(Email)]), "{address}");
        }
    }

    #[test]
    fn only_days_that_people_mean_are_days() {
        for wrong in ["31.12.0026", "-2026-12-31", "2026-12-31T10:00", "31.12.", "31.13.2026", "12.2026", "+1.2.2026"] {
            assert_eq!(crate::time::written_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_nothing() {
        let typed = Typed { name: "\u{200b}\u{2060}".to_owned().into(), ..typed() };
        assert_eq!(typed.statement(DeclarationKind::Cancel), Err(vec![Flaw::Missing(Field::Name)]));
    }

    #[test]
    fn a_reason_keeps_its_lines_and_loses_what_is_no_character() {
        let typed = Typed { reason: " a\u{7} b \r\n\r\nc ".to_owned().into(), ..typed() };
        let What::Cancel { reason, .. } = typed.statement(DeclarationKind::Cancel).unwrap().what else { panic!() };
        assert_eq!(reason.as_str(), "a b\n\nc");
    }

    #[test]
    fn one_contract_that_is_named_is_meant() {
        let candidates = [candidate(1, &[("1", "Webhosting Basis"), ("V-2 b", "Webhosting Basis")])];
        for (written, number) in
            [("1", "1"), ("Vertrag Nr. 1", "1"), ("vertragsnummer: 1", "1"), ("Nr.: v-2 B", "V-2 b"), ("# 1", "1")]
        {
            let Match::Matched { contract, .. } = Match::of(&contract_named(written), &candidates) else {
                panic!("{written} is open")
            };
            assert_eq!(contract.as_str(), number, "{written}");
        }
        let by_plan = [candidate(1, &[("7", "Domain  Paket")])];
        assert!(Match::of(&contract_named("domain paket"), &by_plan).customer().is_some());
    }

    #[test]
    fn what_is_not_certain_is_open() {
        let one = candidate(1, &[("1", "Webhosting Basis"), ("2", "Webhosting Basis")]);
        for written in ["Vertrag vom 1. März", "Webhosting Basis", "3", "mein Vertrag", "Vertrag"] {
            assert_eq!(Match::of(&contract_named(written), std::slice::from_ref(&one)), Match::Open, "{written}");
        }
        let other = candidate(2, &[("1", "Domain")]);
        assert_eq!(Match::of(&contract_named("1"), &[one, other]), Match::Open);
        assert_eq!(Match::of(&contract_named("1"), &[]), Match::Open);
    }

    #[test]
    fn a_declaration_tells_its_event_nothing_personal() {
        let matched = Match::of(&contract_named("1"), &[candidate(1, &[("1", "Webhosting Basis")])]);
        let (declaration, events) = received(matched).into_parts();
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(
            (event.kind, event.actor, event.fact("kind"), event.fact("subscription")),
            (EventKind::DeclarationReceived, Actor::Visitor, Some("cancel"), Some("1"))
        );
        let told = serde_json::to_string(event).unwrap();
        assert!(!told.contains("Tine") && !told.contains('@'), "{told}");
        let stored = serde_json::to_string(&declaration).unwrap();
        assert_eq!(serde_json::from_str::<Declaration>(&stored).unwrap(), declaration);
        assert!(!format!("{declaration:?}").contains("Tine"));
    }

    #[test]
    fn an_answer_is_given_once() {
        let open = received(Match::Open).into_parts().0;
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let answered = open.answer(Outcome::Accepted, "zum 31.12.", later).unwrap().unwrap().into_parts().0;
        assert!(open.is_open() && !answered.is_open());
        assert_eq!(answered.answer(Outcome::Accepted, "zum 31.12.", later).map(|change| change.is_some()), Ok(false));
        for (outcome, note) in [(Outcome::Refused, "zum 31.12."), (Outcome::Accepted, "")] {
            assert_eq!(answered.answer(outcome, note, later), Err(AnsweredOtherwise));
        }
    }

    #[test]
    fn a_page_is_there_for_thirty_days_and_at_its_own_address() {
        let declaration = received(Match::Open).into_parts().0;
        let end = Timestamp::UNIX_EPOCH + SHOWN_FOR;
        let second = SignedDuration::from_secs(1);
        assert!(declaration.is_shown_as(DeclarationKind::Cancel, end - second));
        assert!(!declaration.is_shown_as(DeclarationKind::Cancel, end));
        assert!(!declaration.is_shown_as(DeclarationKind::Withdraw, end - second));
    }
}
