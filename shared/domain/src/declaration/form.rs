//! The forms of both pages, as they were typed, and what is wrong with them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{DeclarationKind, Statement, Termination, What};
use crate::{
    Pii,
    customer::EmailAddress,
    time::written_day,
    unseen::{is_break, is_unseen},
};

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
        let day = written_day(text);
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
        let address = text.parse::<EmailAddress>().ok().filter(EmailAddress::takes_mail);
        if address.is_none() {
            flaws.push(Flaw::Invalid(Field::Email));
        }
        address
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

/// Single spaces, nothing that is no character or cannot be seen.
pub(super) fn flattened(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_unseen(*c));
    let plain: String = seen.map(|c| if is_break(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
