//! Declarations that anybody may make without signing in: „Verträge hier kündigen" (§ 312k BGB) and „Vertrag
//! widerrufen" (§ 356a BGB). Every one is kept; whose contract it means is decided beside it and never told to whoever
//! made it.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Language, Pii,
    change::{Actor, Change, Event, EventKind},
    customer::EmailAddress,
    id::{CustomerId, DeclarationId},
    number::{CustomerNumber, SubscriptionNumber},
    time::Zone,
};

/// How long the page of a declaration can be opened by its address.
pub const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Declarations that one client may send in an hour. It is the only limit that turns one away, and nobody can use it up
/// for somebody elsewhere.
pub const PER_CLIENT_AND_HOUR: u32 = 20;

/// Confirmations that go to one address in a day, whoever asked for them. Declarations beyond that are kept and shown
/// all the same.
pub const MAILS_PER_ADDRESS_AND_DAY: u32 = 10;

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

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Field {
    Termination,
    Reason,
    Name,
    Identity,
    Contract,
    EndsOn,
    Email,
}

impl Field {
    /// Its name in the form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Termination => "termination",
            Self::Reason => "reason",
            Self::Name => "name",
            Self::Identity => "identity",
            Self::Contract => "contract",
            Self::EndsOn => "ends_on",
            Self::Email => "email",
        }
    }

    /// Most characters it takes.
    #[must_use]
    pub const fn max_chars(self) -> usize {
        match self {
            Self::Reason => 2_000,
            Self::Contract => 300,
            Self::Name => 200,
            Self::Termination | Self::Identity | Self::EndsOn | Self::Email => EmailAddress::MAX_BYTES,
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is needed and empty.
    Missing(Field),
    /// It has more than [`Field::max_chars`].
    TooLong(Field),
    /// It cannot be understood.
    Invalid(Field),
}

impl Flaw {
    /// Where.
    #[must_use]
    pub const fn field(self) -> Field {
        match self {
            Self::Missing(field) | Self::TooLong(field) | Self::Invalid(field) => field,
        }
    }
}

/// A form as it was typed; it is shown again like this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Typed {
    /// The form's own number: sent twice, it is one declaration.
    pub form: String,
    /// `ordinary` or `extraordinary`.
    pub termination: String,
    /// Why.
    pub reason: Pii<String>,
    /// Who.
    pub name: Pii<String>,
    /// E-mail address or customer number.
    pub identity: Pii<String>,
    /// Which contract.
    pub contract: Pii<String>,
    /// On which day it shall end; empty is as early as possible.
    pub ends_on: String,
    /// Where the confirmation goes.
    pub email: Pii<String>,
}

impl Typed {
    /// An empty form with its number; a cancellation is an ordinary one unless said otherwise.
    #[must_use]
    pub fn fresh(form: String) -> Self {
        Self { form, termination: "ordinary".to_owned(), ..Self::default() }
    }

    /// Reads it.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn statement(&self, kind: DeclarationKind) -> Result<Statement, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let is_cancel = kind == DeclarationKind::Cancel;
        let termination = is_cancel.then(|| self.read_termination(&mut flaws)).flatten();
        let reason = if is_cancel { self.read_reason(termination, &mut flaws) } else { String::new() };
        let name = line(Field::Name, &self.name, &mut flaws);
        let identity = is_cancel.then(|| line(Field::Identity, &self.identity, &mut flaws));
        let contract = line(Field::Contract, &self.contract, &mut flaws);
        let ends_on = if is_cancel { self.read_day(&mut flaws) } else { None };
        let receipt_to = self.read_address(&mut flaws);
        let what = match (kind, termination) {
            (DeclarationKind::Withdraw, _) => Some(What::Withdraw),
            (DeclarationKind::Cancel, Some(termination)) => {
                Some(What::Cancel { termination, reason: reason.into(), ends_on })
            }
            (DeclarationKind::Cancel, None) => None,
        };
        match (what, receipt_to) {
            (Some(what), Some(receipt_to)) if flaws.is_empty() => {
                let identity = identity.map(Pii);
                Ok(Statement { what, name: name.into(), identity, contract: contract.into(), receipt_to })
            }
            _ => Err(flaws),
        }
    }

    fn read_termination(&self, flaws: &mut Vec<Flaw>) -> Option<Termination> {
        match self.termination.as_str() {
            "ordinary" => Some(Termination::Ordinary),
            "extraordinary" => Some(Termination::Extraordinary),
            _ => {
                flaws.push(Flaw::Missing(Field::Termination));
                None
            }
        }
    }

    /// It keeps its lines.
    fn read_reason(&self, termination: Option<Termination>, flaws: &mut Vec<Flaw>) -> String {
        let lines = self.reason.lines().map(flattened);
        let reason = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
        if reason.is_empty() && termination == Some(Termination::Extraordinary) {
            flaws.push(Flaw::Missing(Field::Reason));
        }
        check_length(Field::Reason, &reason, flaws);
        reason
    }

    /// As browsers send it, and as people write it where they have no calendar.
    fn read_day(&self, flaws: &mut Vec<Flaw>) -> Option<Date> {
        let text = self.ends_on.trim();
        if text.is_empty() {
            return None;
        }
        let day = day(text);
        if day.is_none() {
            flaws.push(Flaw::Invalid(Field::EndsOn));
        }
        day
    }

    fn read_address(&self, flaws: &mut Vec<Flaw>) -> Option<EmailAddress> {
        let text = self.email.trim();
        if text.is_empty() {
            flaws.push(Flaw::Missing(Field::Email));
            return None;
        }
        // Mail goes to no other letters before the `@`: said here, it can still be mended.
        let takes_mail = |address: &EmailAddress| address.as_str().rsplit_once('@').is_some_and(|(local, _)| local.is_ascii());
        let address = text.parse::<EmailAddress>().ok().filter(takes_mail);
        if address.is_none() {
            flaws.push(Flaw::Invalid(Field::Email));
        }
        address
    }
}

/// `2026-12-31` or `31.12.2026`.
fn day(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('.').map(str::trim).collect();
    match parts[..] {
        [day, month, year] if year.len() == 4 => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => text.parse().ok(),
    }
}

/// A needed text on one line.
fn line(field: Field, typed: &str, flaws: &mut Vec<Flaw>) -> String {
    let text = flattened(typed);
    if text.is_empty() {
        flaws.push(Flaw::Missing(field));
    }
    check_length(field, &text, flaws);
    text
}

fn check_length(field: Field, text: &str, flaws: &mut Vec<Flaw>) {
    if text.chars().count() > field.max_chars() {
        flaws.push(Flaw::TooLong(field));
    }
}

/// Single spaces, nothing that is no character.
fn flattened(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A customer whom a declaration may mean, with the contracts that have not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub customer: CustomerId,
    /// The customer's number.
    pub number: CustomerNumber,
    /// Numbers and plans.
    pub contracts: Vec<(SubscriptionNumber, String)>,
}

/// Whose contract a declaration means, as far as that is certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Match {
    /// Staff find out.
    Open,
    /// One contract of one customer.
    Matched {
        /// Who.
        customer: CustomerId,
        /// The customer's number.
        number: CustomerNumber,
        /// The contract.
        contract: SubscriptionNumber,
    },
}

impl Match {
    /// The one contract that a statement names among its candidates; with none or several it is open.
    #[must_use]
    pub fn of(statement: &Statement, candidates: &[Candidate]) -> Self {
        let named = Named::read(&statement.contract);
        let mut found = candidates.iter().flat_map(|candidate| {
            let meant = candidate.contracts.iter().filter(|(number, plan)| named.means(number, plan));
            meant.map(move |(contract, _)| (candidate, contract))
        });
        match (found.next(), found.next()) {
            (Some((candidate, contract)), None) => Self::Matched {
                customer: candidate.customer.clone(),
                number: candidate.number.clone(),
                contract: contract.clone(),
            },
            _ => Self::Open,
        }
    }

    /// Whose timeline it stands in.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::Open => None,
            Self::Matched { customer, .. } => Some(customer),
        }
    }
}

/// What people write before a contract's number.
const BEFORE_A_NUMBER: [&str; 16] = [
    "vertrag", "vertrags", "vertragsnummer", "vertragsnr", "vertrags-nr", "vertrags-nummer", "abonnement", "abo",
    "contract", "subscription", "nummer", "number", "nr", "no", "id", "tarif",
];

/// A contract as it was written: the whole, and what follows words like „Vertrag Nr.".
struct Named {
    whole: String,
    number: String,
}

impl Named {
    fn read(text: &str) -> Self {
        let whole = text.to_lowercase();
        let words = whole.split_whitespace();
        let rest = words.skip_while(|word| {
            let word = word.trim_matches(['.', ':', ',', '#']);
            word.is_empty() || BEFORE_A_NUMBER.contains(&word)
        });
        let number = rest.collect::<Vec<_>>().join(" ");
        Self { number: number.trim_matches(['.', ':', ',', '#']).to_owned(), whole }
    }

    /// Nothing is guessed: „Vertrag vom 1. März" is not contract 1.
    fn means(&self, number: &SubscriptionNumber, plan: &str) -> bool {
        let (number, plan) = (number.as_str().to_lowercase(), flattened(plan).to_lowercase());
        number == self.number || number == self.whole || plan == self.number || plan == self.whole
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
    /// Its id, which is also what opens its page: nobody can guess it.
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
        let event = declaration.event(EventKind::DeclarationReceived, Actor::Customer, now);
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
            State::Answered { outcome: known, note: noted, .. } if *known == outcome && noted.as_str() == note => Ok(None),
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

    /// Is this its page, and may it still be opened? Whoever has the address may.
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
        let ordinary =
            What::Cancel { termination: Termination::Ordinary, reason: String::new().into(), ends_on: None };
        assert_eq!(statement.what, ordinary);
        assert_eq!(statement.name.as_str(), "Tine Exemplus");
        assert_eq!((statement.identified_by(), statement.receipt_to.as_str()), ("K5003", "Tine@example.org"));
        for written in ["2026-12-31", "31.12.2026", " 31. 12. 2026"] {
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
        let wanted = [missing(Reason), missing(Name), missing(Identity), missing(Contract), Flaw::Invalid(EndsOn), missing(Email)];
        assert_eq!(flaws, wanted);
        let flaws = empty.statement(DeclarationKind::Withdraw).unwrap_err();
        assert_eq!(flaws, [missing(Name), missing(Contract), missing(Email)]);
        let unknown = Typed { termination: "both".into(), ..typed() };
        assert_eq!(unknown.statement(DeclarationKind::Cancel), Err(vec![missing(Field::Termination)]));
        let long = Typed { name: "x".repeat(201).into(), reason: "x\n".repeat(1_500).into(), ..typed() };
        assert_eq!(
            long.statement(DeclarationKind::Cancel),
            Err(vec![Flaw::TooLong(Reason), Flaw::TooLong(Name)])
        );
        for address in ["tine", "jörg@example.org", "a@b@example.org"] {
            let wrong = Typed { email: address.to_owned().into(), ..typed() };
            assert_eq!(wrong.statement(DeclarationKind::Cancel), Err(vec![Flaw::Invalid(Email)]), "{address}");
        }
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
        for (written, number) in [
            ("1", "1"),
            ("Vertrag Nr. 1", "1"),
            ("vertragsnummer: 1", "1"),
            ("Nr.: v-2 B", "V-2 b"),
            ("# 1", "1"),
        ] {
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
        assert_eq!((event.kind, event.fact("kind"), event.fact("subscription")), (EventKind::DeclarationReceived, Some("cancel"), Some("1")));
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
