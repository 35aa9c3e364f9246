//! A declaration in words, the same on its page and on its paper.

use domain::declaration::{DeclarationKind, Statement, Termination, What};
use jiff::civil::{Date, DateTime};

use crate::Words;

impl Words {
    /// „Ihre Kündigung ist eingegangen".
    #[must_use]
    pub fn declaration_title(&self, kind: DeclarationKind) -> &'static str {
        match kind {
            DeclarationKind::Cancel => self.declarations_cancelled_title(),
            DeclarationKind::Withdraw => self.declarations_withdrawn_title(),
        }
    }

    /// „Eingegangen am 05.11.2026 um 06:12:05 Uhr"; the caller has put it into the tenant's zone.
    #[must_use]
    pub fn declaration_received(&self, at: DateTime) -> String {
        self.declarations_received(self.date(at.date()), self.time_with_seconds(at.time()))
    }

    /// What was declared: labels as in the form, and values as they were typed.
    #[must_use]
    pub fn declared(&self, statement: &Statement) -> Vec<(&'static str, String)> {
        let Statement { what, name, identity, contract, receipt_to } = statement;
        let mut rows = Vec::new();
        if let What::Cancel { termination, reason, .. } = what {
            rows.push((self.declarations_termination(), self.termination(*termination).to_owned()));
            if !reason.is_empty() {
                rows.push((self.declarations_reason(), reason.to_string()));
            }
        }
        rows.push((self.declarations_name(), name.to_string()));
        if let Some(identity) = identity {
            rows.push((self.declarations_identity(), identity.to_string()));
        }
        rows.push((self.declarations_contract(), contract.to_string()));
        if let What::Cancel { ends_on, .. } = what {
            let ends_on = ends_on.map_or_else(|| self.declarations_earliest().to_owned(), |day| self.date(day));
            rows.push((self.declarations_ends_on(), ends_on));
        }
        rows.push((self.declarations_email(), receipt_to.as_str().to_owned()));
        rows
    }

    /// What its paper is called on somebody's disk.
    #[must_use]
    pub fn declaration_file(&self, kind: DeclarationKind, received_on: Date) -> String {
        match kind {
            DeclarationKind::Cancel => self.declarations_cancelled_file(received_on),
            DeclarationKind::Withdraw => self.declarations_withdrawn_file(received_on),
        }
    }

    fn termination(&self, termination: Termination) -> &'static str {
        match termination {
            Termination::Ordinary => self.declarations_ordinary(),
            Termination::Extraordinary => self.declarations_extraordinary(),
        }
    }
}
