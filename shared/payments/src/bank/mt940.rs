//! MT940, the SWIFT statement, as German banks send it: fields `:61:` with `:86:` in the structure of DFÜ-Abkommen (`?20` …)
//! or plain.
//!
//! A statement ends with a line `-`, so that a file that was cut off is known as one. A payer chooses some of the text, and
//! SWIFT forbids banks to begin a line of it with `:` or `-`. Should one do so, an entry slipped in breaks the sum to the
//! closing balance; only a credit together with an equal debit would not, which camt rules out: prefer camt for booking.

mod details;

use std::borrow::Cow;

use domain::{
    Currency, Money,
    bank::{Balance, BankEntry, BankFile, Direction, Format, Ordinal, Reversal, Statement, StatementId, read_iban},
};
use jiff::civil::Date;

use super::{BankFileError, Limits, read_amount};
use details::Details;

/// Some banks put their name and the kind of message before the first field.
const MAX_LINES_BEFORE: usize = 5;
/// The fields of the message.
const TAGS: [&str; 15] =
    ["20", "21", "25", "25P", "28", "28C", "60F", "60M", "61", "86", "62F", "62M", "64", "65", "NS"];
/// Longest content of one field: `:86:` has six lines of 65, some banks write more.
const MAX_FIELD_CHARS: usize = super::MAX_TEXT_CHARS;

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<BankFile, BankFileError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    let mut lines = text.lines().enumerate().map(|(index, line)| Line { number: index + 1, text: line });
    let first = lines.by_ref().take(MAX_LINES_BEFORE).find(|line| unwrapped(line.text).starts_with(":20:"));
    let Some(first) = first else { return Err(BankFileError::UnknownFormat) };
    let fields = fields(std::iter::once(first).chain(lines))?;
    let mut reader = Reader { fields: &fields, limits, entries: 0, last_line: text.lines().count().max(1) };
    let mut statements = Vec::new();
    while reader.peek().is_some() {
        statements.push(reader.statement()?);
    }
    Ok(BankFile { format: Format::Mt940, statements })
}

#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    text: &'a str,
}

/// A field with the lines of its content, or the end of a statement (tag `-`).
struct Field<'a> {
    line: usize,
    tag: &'a str,
    lines: Vec<&'a str>,
}

impl Field<'_> {
    fn first(&self) -> &str {
        self.lines.first().copied().unwrap_or_default()
    }

    fn expected(&self, expected: &'static str) -> BankFileError {
        BankFileError::Expected { line: self.line, expected }
    }
}

/// What stands behind SWIFT's envelope: `{1:F01…}{2:I940…}{4:` may precede a field on its line.
fn unwrapped(line: &str) -> &str {
    match line.rfind("{4:") {
        Some(at) if line.starts_with('{') => line.get(at + 3..).unwrap_or_default(),
        _ => line,
    }
}

/// Tag and content of a line that begins a field. Anything else after a line break is text.
fn tag_of(line: &str) -> Option<(&str, &str)> {
    let (tag, content) = line.strip_prefix(':')?.split_once(':')?;
    TAGS.contains(&tag).then_some((tag, content))
}

fn fields<'a>(lines: impl Iterator<Item = Line<'a>>) -> Result<Vec<Field<'a>>, BankFileError> {
    let mut fields = Vec::<Field<'a>>::new();
    // Before the closing balance a line `-` is text.
    let mut is_closed = false;
    for line in lines {
        let text = unwrapped(line.text);
        let is_end = is_closed && (text.trim_end() == "-" || text.starts_with("-}"));
        if let Some((tag, content)) = tag_of(text) {
            is_closed = tag.starts_with("62") || (is_closed && tag != "20");
            fields.push(Field { line: line.number, tag, lines: vec![content] });
        } else if is_end {
            is_closed = false;
            fields.push(Field { line: line.number, tag: "-", lines: Vec::new() });
        } else if let Some(field) = fields.last_mut().filter(|field| field.tag != "-") {
            field.lines.push(text);
        } else if !text.trim().is_empty() && !line.text.starts_with('{') {
            return Err(BankFileError::Expected { line: line.number, expected: "a field such as :20:" });
        }
        let chars = fields.last().map_or(0, |field| field.lines.iter().map(|line| line.len() + 1).sum());
        if chars > MAX_FIELD_CHARS {
            return Err(BankFileError::Expected { line: line.number, expected: "a field of at most 2000 characters" });
        }
    }
    Ok(fields)
}

struct Reader<'f, 'a> {
    fields: &'f [Field<'a>],
    limits: Limits,
    entries: usize,
    last_line: usize,
}

impl<'f, 'a> Reader<'f, 'a> {
    fn peek(&self) -> Option<&'f Field<'a>> {
        self.fields.first()
    }

    fn next_if(&mut self, tags: &[&str]) -> Option<&'f Field<'a>> {
        let (first, rest) = self.fields.split_first()?;
        if !tags.contains(&first.tag) {
            return None;
        }
        self.fields = rest;
        Some(first)
    }

    fn next(&mut self, tags: &[&str], expected: &'static str) -> Result<&'f Field<'a>, BankFileError> {
        match (self.next_if(tags), self.peek()) {
            (Some(field), _) => Ok(field),
            (None, Some(other)) => Err(other.expected(expected)),
            (None, None) => Err(BankFileError::CutOff { line: self.last_line, expected }),
        }
    }

    fn statement(&mut self) -> Result<Statement, BankFileError> {
        let begin = self.next(&["20"], "a statement (:20:)")?.line;
        let _related = self.next_if(&["21"]);
        let account = self.next(&["25", "25P"], "the account (:25:)")?;
        let iban = account_iban(account.first()).ok_or_else(|| {
            account.expected("an IBAN, or a German bank code and account number such as 12030000/202051")
        })?;
        let number = self.next(&["28C", "28"], "the number of the statement (:28C:)")?;
        while self.next_if(&["NS"]).is_some() {}
        let opening = read_balance(self.next(&["60F", "60M"], "the opening balance (:60F: or :60M:)")?)?;
        let mut entries = Vec::new();
        let (mut index, mut skipped) = (0, 0);
        while let Some(line) = self.next_if(&["61"]) {
            self.entries += 1;
            if self.entries > self.limits.max_entries {
                return Err(BankFileError::TooManyEntries { line: line.line, most: self.limits.max_entries });
            }
            while self.next_if(&["NS"]).is_some() {}
            let details = self.next_if(&["86"]);
            index += 1;
            match read_entry(line, details, index, opening.amount.currency())? {
                Some(entry) => entries.push(entry),
                None => skipped += 1,
            }
        }
        let closing =
            read_balance(self.next(&["62F", "62M"], "an entry or the closing balance (:61:, :62F:, :62M:)")?)?;
        while self.next_if(&["64", "65", "86", "NS"]).is_some() {}
        self.next(&["-"], "the end of the statement (-)")?;
        let id = statement_id(number, closing.on)?;
        let (opening, closing) = (Some(opening), Some(closing));
        let from = entries.iter().map(|entry: &BankEntry| entry.booked_on).min();
        let to = closing.map(|balance| balance.on);
        let from = from.or(to);
        let statement = Statement { iban, id, from, to, opening, closing, entries, skipped };
        if !matches!(statement.adds_up(), Ok(true)) {
            return Err(BankFileError::DoesNotAddUp { line: begin });
        }
        Ok(statement)
    }
}

/// An IBAN, or German bank code and account number from which it follows; a currency may stand behind.
fn account_iban(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix(|c: char| c.is_ascii_uppercase()).map_or(text, |_| {
        let currency = text.len().checked_sub(3).and_then(|at| text.get(at..));
        let is_currency = currency.is_some_and(|code| code.parse::<Currency>().is_ok());
        if is_currency { text.get(..text.len() - 3).unwrap_or(text).trim_end() } else { text }
    });
    if let Some(iban) = read_iban(text) {
        return Some(iban);
    }
    let (bank, account) = text.split_once('/')?;
    if let Some(iban) = read_iban(account) {
        return Some(iban);
    }
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if bank.len() != 8 || account.len() > 10 || !all_digits(bank) || !all_digits(account) {
        return None;
    }
    let body = format!("{bank}{account:0>10}");
    // Letters count as 10 to 35 (ISO 7064 MOD 97-10): behind the number stands DE00.
    let rest = format!("{body}131400").bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    read_iban(&format!("DE{:02}{body}", 98 - rest))
}

/// `45`, `45/1`, `00045/00001`: number and page, without zeros in front. Banks that do not count write 0; then it is the
/// day that tells statements apart.
fn statement_id(field: &Field<'_>, day: Date) -> Result<StatementId, BankFileError> {
    let (number, page) = field.first().trim().split_once('/').unwrap_or((field.first().trim(), ""));
    let plain = |text: &str| -> Option<String> {
        let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().unwrap_or_default().to_string())
    };
    let number = plain(number).ok_or_else(|| field.expected("a number such as 45/1"))?;
    let page =
        if page.is_empty() { None } else { Some(plain(page).ok_or_else(|| field.expected("a number such as 45/1"))?) };
    let number = if number == "0" { format!("d{:02}{:02}", day.month(), day.day()) } else { number };
    Ok(StatementId::new(Format::Mt940, day.year(), &number, page.as_deref()))
}

/// `C260305EUR1234,56`.
fn read_balance(field: &Field<'_>) -> Result<Balance, BankFileError> {
    let read = || {
        let text = field.first().trim();
        let on = read_day(text.get(1..7)?)?;
        let currency: Currency = text.get(7..10)?.parse().ok()?;
        let amount = read_swift_amount(text.get(10..)?, currency)?;
        let amount = match text.get(..1)? {
            "C" => amount,
            "D" => amount.negated().ok()?,
            _ => return None,
        };
        Some(Balance { amount, on })
    };
    read()
        .ok_or_else(|| field.expected("a balance such as C260305EUR1234,56 in a currency the portal keeps accounts in"))
}

/// Digits, a comma, digits; the comma is never left out.
fn read_swift_amount(text: &str, currency: Currency) -> Option<Money> {
    if text.contains('.') || text.matches(',').count() != 1 {
        None
    } else {
        read_amount(&text.replace(',', "."), currency)
    }
}

/// `yymmdd`. German value dates know a 30 February; it is the month's last day.
fn read_day(text: &str) -> Option<Date> {
    let pair =
        |at: usize| text.get(at..at + 2).filter(|two| two.bytes().all(|b| b.is_ascii_digit()))?.parse::<i8>().ok();
    let (year, month, day) = (i16::from(pair(0)?), pair(2)?, pair(4)?);
    let year = if year < 80 { 2000 + year } else { 1900 + year };
    if month == 2 && (29..=30).contains(&day) {
        return Some(Date::new(year, 2, 1).ok()?.last_of_month());
    }
    Date::new(year, month, day).ok()
}

/// `mmdd`: the day nearest to the value date, so that a year may turn between them.
fn read_entry_day(text: &str, value_on: Date) -> Option<Date> {
    let pair = |at: usize| text.get(at..at + 2)?.parse::<i8>().ok();
    let (month, day) = (pair(0)?, pair(2)?);
    let near = (value_on.year() - 1..=value_on.year() + 1).filter_map(|year| Date::new(year, month, day).ok());
    near.min_by_key(|day| domain::time::days_between(value_on, *day).abs())
}

/// The parts of `:61:`.
struct Booking {
    booked_on: Date,
    value_on: Date,
    amount: Money,
    direction: Direction,
    is_reversal: bool,
    bank_reference: Option<String>,
}

/// `yymmdd[mmdd](C|D|RC|RD)[letter]amount,Nxxxreference[//bank's reference]`.
fn read_booking(field: &Field<'_>, currency: Currency) -> Option<Booking> {
    let text = field.first().trim_end();
    let value_on = read_day(text.get(..6)?)?;
    let rest = text.get(6..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let booked_on = match digits {
        0 => value_on,
        4 => read_entry_day(rest.get(..4)?, value_on)?,
        _ => return None,
    };
    let rest = rest.get(digits..)?;
    // A reversed credit takes money away.
    let (direction, is_reversal, rest) = [("RC", Direction::Debit, true), ("RD", Direction::Credit, true)]
        .into_iter()
        .chain([("C", Direction::Credit, false), ("D", Direction::Debit, false)])
        .find_map(|(mark, direction, is_reversal)| Some((direction, is_reversal, rest.strip_prefix(mark)?)))?;
    // Third letter of the currency, for example the R of EUR.
    let rest = rest.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',')?;
    let amount = read_swift_amount(rest.get(..end)?, currency)?;
    let kind = rest.get(end..end + 4)?;
    let is_kind = kind.starts_with(['N', 'S', 'F'])
        && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let bank_reference = rest.get(end + 4..)?.split_once("//").map(|(_, reference)| reference.trim());
    let bank_reference = bank_reference.filter(|reference| !reference.is_empty() && *reference != "NONREF");
    is_kind.then(|| Booking {
        booked_on,
        value_on,
        amount,
        direction,
        is_reversal,
        bank_reference: bank_reference.map(|reference| reference.chars().take(35).collect()),
    })
}

/// `None` when nothing was moved.
fn read_entry(
    line: &Field<'_>,
    details: Option<&Field<'_>>,
    index: u32,
    currency: Currency,
) -> Result<Option<BankEntry>, BankFileError> {
    let booking = read_booking(line, currency)
        .ok_or_else(|| line.expected("an entry such as 2603050305CR15,91NTRFNONREF//B1234"))?;
    if booking.amount.is_zero() {
        return Ok(None);
    }
    let details = details.map(|field| Details::read(&field.lines)).unwrap_or_default();
    let is_reversal = booking.is_reversal || details.is_return;
    Ok(Some(BankEntry {
        ordinal: Ordinal { entry: index, detail: 1 },
        booked_on: booking.booked_on,
        value_on: booking.value_on,
        amount: booking.amount,
        direction: booking.direction,
        reversal: is_reversal.then_some(Reversal { reason: details.return_reason }),
        end_to_end_id: details.end_to_end_id,
        creditor_reference: None,
        text: details.text,
        payer_name: details.payer_name,
        payer_iban: details.payer_iban,
        servicer_reference: booking.bank_reference,
    }))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn booking(text: &str) -> Option<Booking> {
        read_booking(&Field { line: 1, tag: "61", lines: vec![text] }, Currency::Eur)
    }

    #[test]
    fn the_year_turns_between_value_date_and_entry_date() {
        let days = |text| booking(text).map(|booking| (booking.value_on, booking.booked_on));
        assert_eq!(days("2512310102C1,NTRFNONREF"), Some((date(2025, 12, 31), date(2026, 1, 2))));
        assert_eq!(days("2601021231C1,NTRFNONREF"), Some((date(2026, 1, 2), date(2025, 12, 31))));
        assert_eq!(days("260305C1,NTRFNONREF"), Some((date(2026, 3, 5), date(2026, 3, 5))));
        assert_eq!(days("2402290229C1,NTRFNONREF"), Some((date(2024, 2, 29), date(2024, 2, 29))));
        assert_eq!(days("2602300302C1,NTRFNONREF"), Some((date(2026, 2, 28), date(2026, 3, 2))));
    }

    #[test]
    fn marks_say_which_way_money_went() {
        let way = |text| booking(text).map(|b| (b.direction, b.is_reversal, b.amount.minor()));
        assert_eq!(way("260305C15,91NTRFNONREF"), Some((Direction::Credit, false, 1591)));
        assert_eq!(way("260305CR15,9NTRFNONREF"), Some((Direction::Credit, false, 1590)));
        assert_eq!(way("260305DR15,NTRFNONREF"), Some((Direction::Debit, false, 1500)));
        assert_eq!(way("260305RC15,91NTRFNONREF"), Some((Direction::Debit, true, 1591)));
        assert_eq!(way("260305RDR15,91NTRFNONREF"), Some((Direction::Credit, true, 1591)));
        for wrong in ["", "260305", "260305X1,NTRF", "260305C1NTRF", "260305C1.0NTRF", "260305C1,NTR", "261305C1,NTRF"]
        {
            assert!(booking(wrong).is_none(), "{wrong}");
        }
        let reference = |text| booking(text).unwrap().bank_reference;
        assert_eq!(reference("260305C1,NTRFKREF1//B 77").as_deref(), Some("B 77"));
        assert_eq!(reference("260305C1,NTRFKREF1"), None);
    }

    #[test]
    fn an_account_is_an_iban_or_follows_from_the_german_number() {
        for text in ["DE02120300000000202051", "12030000/202051", "12030000/0000202051EUR", "DE02120300000000202051EUR"]
        {
            assert_eq!(account_iban(text).as_deref(), Some("DE02120300000000202051"), "{text}");
        }
        assert_eq!(account_iban("BYLADEM1001/DE02120300000000202051").as_deref(), Some("DE02120300000000202051"));
        for text in ["", "/", "1203000/202051", "12030000/", "12030000/abc", "DE03120300000000202051", "EUR"] {
            assert_eq!(account_iban(text), None, "{text}");
        }
    }

    #[test]
    fn statements_are_numbered_within_their_year() {
        let id = |text: &str| statement_id(&Field { line: 1, tag: "28C", lines: vec![text] }, date(2026, 1, 2));
        assert_eq!(id("00045/00001").unwrap().as_str(), "940-2026-45-1");
        assert_eq!(id("45").unwrap().as_str(), "940-2026-45");
        assert_eq!(id("00000/001").unwrap().as_str(), "940-2026-d0102-1");
        assert!(id("4a").is_err() && id("").is_err() && id("45/x").is_err());
    }
}
