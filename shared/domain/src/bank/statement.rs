//! A bank's file as values: statements, balances, entries, and the two guards that keep an entry from counting twice.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Money, Pii, money::MoneyError, number::slug};

/// The formats banks send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = BankFormat)]
pub enum Format {
    /// ISO 20022 statement, version 2.
    #[serde(rename = "camt.053.001.02")]
    Camt053V2,
    /// ISO 20022 statement, version 8.
    #[serde(rename = "camt.053.001.08")]
    Camt053V8,
    /// ISO 20022 notification of single bookings, version 2.
    #[serde(rename = "camt.054.001.02")]
    Camt054V2,
    /// ISO 20022 notification of single bookings, version 8.
    #[serde(rename = "camt.054.001.08")]
    Camt054V8,
    /// SWIFT statement.
    #[serde(rename = "mt940")]
    Mt940,
}

impl Format {
    /// Three digits: all versions of one message count their statements together.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::Camt053V2 | Self::Camt053V8 => "053",
            Self::Camt054V2 | Self::Camt054V8 => "054",
            Self::Mt940 => "940",
        }
    }
}

/// One file of a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BankFile {
    /// How it was written.
    pub format: Format,
    /// At least one.
    pub statements: Vec<Statement>,
}

/// Which statement of an account: kind of message, year, number and page, for example `053-2026-45` or `940-2026-45-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct StatementId(String);

impl StatementId {
    /// The id of a statement. Numbers begin anew each year and are counted per kind of message.
    #[must_use]
    pub fn new(format: Format, year: i16, number: &str, page: Option<&str>) -> Self {
        let page = page.map(|page| format!("-{}", slug(page))).unwrap_or_default();
        Self(format!("{}-{year}-{}{page}", format.family(), slug(number)))
    }

    /// As it stands in keys: letters, digits and `.`, `_`, `-`, `~` only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an account held at the begin or end of a day; more than nothing is credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Balance {
    /// The booked balance.
    pub amount: Money,
    /// Its day.
    pub on: Date,
}

/// The opening balance is not the closing balance before it: a statement is missing, or came twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BalanceGap {
    /// Closing balance of the statement before.
    pub expected: Balance,
    /// Opening balance of this one.
    pub found: Balance,
}

/// Bookings of one account over some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Statement {
    /// Our own account, without spaces.
    pub iban: String,
    /// Kind, year and number.
    pub id: StatementId,
    /// First day it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Booked balance before the first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Balance>,
    /// Booked balance after the last entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Balance>,
    /// What was booked.
    pub entries: Vec<BankEntry>,
    /// Entries left out because they are not booked yet, inform only, or move nothing.
    #[serde(default)]
    pub skipped: u32,
}

impl Statement {
    /// The first guard: where the entry stands. One place of one statement is booked once. A key that is met again with
    /// another fingerprint is another entry under an old number: it goes to staff, it is never dropped.
    #[must_use]
    pub fn key(&self, entry: &BankEntry) -> String {
        format!("{}/{}/{}.{}", self.iban, self.id.as_str(), entry.ordinal.entry, entry.ordinal.detail)
    }

    /// The second guard, one per entry in their order: what the entry says. It is the same in a camt.053 and a camt.054 of
    /// one booking. Equal entries of one statement are numbered, so that two equal transfers of one day stay two.
    ///
    /// The text holds personal data and has no bound: only its hash (`payments::bank::fingerprints`) is ever kept.
    #[must_use]
    pub fn fingerprint_texts(&self) -> Vec<Pii<String>> {
        let mut seen = BTreeMap::<String, u32>::new();
        let mut texts = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let text = entry.canonical_text(&self.iban);
            let number = seen.entry(text.clone()).or_default();
            *number += 1;
            texts.push(Pii(format!("{text}\n{number}")));
        }
        texts
    }

    /// Does this statement begin where the one before it ended? Without one of the balances nothing can be said.
    #[must_use]
    pub fn continues(&self, previous_closing: Option<&Balance>) -> Option<BalanceGap> {
        let (expected, found) = (*previous_closing?, self.opening?);
        (expected.amount != found.amount).then_some(BalanceGap { expected, found })
    }

    /// Do opening balance and entries make the closing balance? Without both balances nothing can be said: `true`.
    ///
    /// # Errors
    /// Entries in another currency than the balances, or overflow.
    pub fn adds_up(&self) -> Result<bool, MoneyError> {
        let (Some(opening), Some(closing)) = (self.opening, self.closing) else { return Ok(true) };
        let moved = self.entries.iter().try_fold(opening.amount, |sum, entry| sum.plus(entry.signed()?))?;
        Ok(moved == closing.amount)
    }
}

/// Did money come or go?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It came.
    Credit,
    /// It went.
    Debit,
}

/// Where an entry stands in its statement, both counted from 1 over everything there, also what is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ordinal {
    /// The booking.
    pub entry: u32,
    /// The transfer inside a booking of many; 1 when there is only one.
    pub detail: u32,
}

/// That the entry takes an earlier one back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reversal {
    /// The bank's code, for example `AC04` (account closed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One booked movement of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BankEntry {
    /// Where it stands.
    pub ordinal: Ordinal,
    /// When the bank booked it.
    pub booked_on: Date,
    /// From when it counts for interest.
    pub value_on: Date,
    /// Always more than nothing.
    pub amount: Money,
    /// The way this very entry moved money, also when it is a reversal.
    pub direction: Direction,
    /// Set when it takes an earlier entry back (`RvslInd`, R-transactions, `RC` and `RD`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal: Option<Reversal>,
    /// The payer's own reference, which travels unchanged; `NOTPROVIDED` is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<Pii<String>>,
    /// Our reference as the payer gave it in its own field, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditor_reference: Option<Pii<String>>,
    /// „Verwendungszweck", joined.
    #[serde(default)]
    pub text: Pii<String>,
    /// The other side: who paid, of a debit who was paid.
    #[serde(default)]
    pub payer_name: Pii<String>,
    /// The other side's account, checked, without spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_iban: Option<Pii<String>>,
    /// The bank's own reference; not unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servicer_reference: Option<String>,
}

impl BankEntry {
    /// The entry without the person of the other side: day, amount and the bank's own reference stay.
    #[must_use]
    pub fn without_person(&self) -> Self {
        Self {
            end_to_end_id: None,
            creditor_reference: None,
            text: Pii::default(),
            payer_name: Pii::default(),
            payer_iban: None,
            ..self.clone()
        }
    }

    /// Is it a reversal of an earlier entry?
    #[must_use]
    pub const fn is_reversal(&self) -> bool {
        self.reversal.is_some()
    }

    /// The amount with its sign: what came is positive.
    ///
    /// # Errors
    /// Overflow.
    pub fn signed(&self) -> Result<Money, MoneyError> {
        match self.direction {
            Direction::Credit => Ok(self.amount),
            Direction::Debit => self.amount.negated(),
        }
    }

    /// Everything that makes it this entry, one fact per line. White space and case of free texts are left out: formats
    /// break lines differently.
    fn canonical_text(&self, own_iban: &str) -> String {
        let folded = |text: &str| -> String {
            text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).flat_map(char::to_lowercase).collect()
        };
        let sign = match self.direction {
            Direction::Credit => 'C',
            Direction::Debit => 'D',
        };
        let (end_to_end_id, payer) = (self.end_to_end_id.as_ref(), self.payer_iban.as_ref());
        [
            "1".to_owned(),
            own_iban.to_owned(),
            self.booked_on.to_string(),
            format!("{sign} {}", self.amount),
            end_to_end_id.map(|id| folded(id)).unwrap_or_default(),
            payer.map(|iban| folded(iban)).unwrap_or_default(),
            folded(&self.text),
        ]
        .join("\n")
    }
}

/// An IBAN without spaces and in capitals, when its check digits hold (ISO 13616).
#[must_use]
pub fn read_iban(text: &str) -> Option<String> {
    let iban: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).take(35).collect();
    iban.parse::<iban::Iban>().is_ok().then_some(iban)
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Currency;

    pub(in crate::bank) const OWN_IBAN: &str = "DE02120300000000202051";

    pub(in crate::bank) fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    pub(in crate::bank) fn credit(minor: i64, text: &str) -> BankEntry {
        BankEntry {
            ordinal: Ordinal { entry: 1, detail: 1 },
            booked_on: date(2026, 3, 5),
            value_on: date(2026, 3, 5),
            amount: eur(minor),
            direction: Direction::Credit,
            reversal: None,
            end_to_end_id: None,
            creditor_reference: None,
            text: Pii(text.to_owned()),
            payer_name: Pii("Tine Exemplus".to_owned()),
            payer_iban: Some(Pii("DE89370400440532013000".to_owned())),
            servicer_reference: None,
        }
    }

    pub(in crate::bank) fn statement(entries: Vec<BankEntry>) -> Statement {
        let day = date(2026, 3, 5);
        Statement {
            iban: OWN_IBAN.to_owned(),
            id: StatementId::new(Format::Camt053V8, 2026, "45", None),
            from: Some(day),
            to: Some(day),
            opening: Some(Balance { amount: eur(1000), on: day }),
            closing: Some(Balance { amount: eur(2591), on: day }),
            entries,
            skipped: 0,
        }
    }

    #[test]
    fn the_key_says_where_an_entry_stands() {
        let statement = statement(vec![]);
        let entry = BankEntry { ordinal: Ordinal { entry: 3, detail: 2 }, ..credit(1, "") };
        assert_eq!(statement.key(&entry), "DE02120300000000202051/053-2026-45/3.2");
        assert_eq!(StatementId::new(Format::Mt940, 2026, "4#5", Some("1")).as_str(), "940-2026-4~235-1");
    }

    #[test]
    fn two_equal_transfers_of_one_day_are_two() {
        let texts = statement(vec![credit(1591, "RE1000"), credit(1591, "RE 10\n00"), credit(1591, "RE1001")]);
        let texts = texts.fingerprint_texts();
        assert_ne!(texts[0], texts[1]);
        assert!(texts[0].ends_with("\n1") && texts[1].ends_with("\n2") && texts[2].ends_with("\n1"));
        assert_ne!(texts[0], texts[2]);
    }

    #[test]
    fn the_second_guard_sees_what_an_entry_says_and_nothing_else() {
        let text = |entry: BankEntry| statement(vec![entry]).fingerprint_texts().remove(0);
        let plain = text(credit(1591, "RE1000"));
        let moved = BankEntry { ordinal: Ordinal { entry: 9, detail: 9 }, ..credit(1591, "re1000") };
        assert_eq!(text(BankEntry { servicer_reference: Some("x".into()), ..moved }), plain);
        for other in [
            credit(1592, "RE1000"),
            BankEntry { booked_on: date(2026, 3, 6), ..credit(1591, "RE1000") },
            BankEntry { direction: Direction::Debit, ..credit(1591, "RE1000") },
            BankEntry { end_to_end_id: Some(Pii("E1".into())), ..credit(1591, "RE1000") },
            BankEntry { payer_iban: None, ..credit(1591, "RE1000") },
        ] {
            assert_ne!(text(other), plain);
        }
    }

    #[test]
    fn a_statement_must_begin_where_the_last_one_ended() {
        let statement = statement(vec![credit(1591, "")]);
        let before = |minor| Balance { amount: eur(minor), on: date(2026, 3, 4) };
        assert_eq!(statement.continues(Some(&before(1000))), None);
        assert_eq!(statement.continues(None), None);
        let gap = statement.continues(Some(&before(999))).unwrap();
        assert_eq!((gap.expected.amount, gap.found.amount), (eur(999), eur(1000)));
    }

    #[test]
    fn balances_and_entries_must_agree() {
        assert_eq!(statement(vec![credit(1591, "")]).adds_up(), Ok(true));
        let debit = BankEntry { direction: Direction::Debit, ..credit(9, "") };
        assert_eq!(statement(vec![credit(1600, ""), debit.clone()]).adds_up(), Ok(true));
        assert_eq!(statement(vec![debit]).adds_up(), Ok(false));
        assert_eq!(Statement { closing: None, ..statement(vec![]) }.adds_up(), Ok(true));
        let francs = BankEntry { amount: Money::of_minor(1591, Currency::Chf), ..credit(1, "") };
        assert_eq!(statement(vec![francs]).adds_up(), Err(MoneyError::CurrencyMismatch));
    }

    #[test]
    fn an_iban_is_read_without_spaces_and_only_with_right_check_digits() {
        assert_eq!(read_iban("de02 1203 0000 0000 2020 51").as_deref(), Some(OWN_IBAN));
        for wrong in ["DE03120300000000202051", "DE123456789", "", "12030000/202051"] {
            assert_eq!(read_iban(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn personal_data_is_not_printed_and_everything_is_kept() {
        let entry = BankEntry {
            end_to_end_id: Some(Pii("MIETE TINE".into())),
            reversal: Some(Reversal { reason: Some("AC04".into()) }),
            ..credit(1591, "Tine zahlt RE1000")
        };
        let statement = statement(vec![entry]);
        let printed = format!("{statement:?}");
        assert!(!printed.contains("Tine") && !printed.contains("TINE") && !printed.contains("DE89"), "{printed}");
        let json = serde_json::to_string(&statement).unwrap();
        assert_eq!(serde_json::from_str::<Statement>(&json).unwrap(), statement);
    }
}
