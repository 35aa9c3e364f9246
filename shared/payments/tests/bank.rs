//! Bank files as banks send them: the samples in `files/`, cut, changed, and compared with each other.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    Currency, Money,
    bank::{
        BankEntry, BankFile, Candidates, Claim, ClaimFor, Direction, Format, Match, OwnAccount, Statement, Unmatched,
        match_entry,
    },
    deposit::DepositNumber,
    id::CustomerId,
};
use jiff::{Timestamp, civil::date};
use payments::bank::{BankFileError, Limits, fingerprints, read};
use proptest::prelude::*;

const CAMT_053_V2: &[u8] = include_bytes!("files/camt.053.001.02.xml");
const CAMT_053_V8: &[u8] = include_bytes!("files/camt.053.001.08.xml");
const CAMT_054_V2: &[u8] = include_bytes!("files/camt.054.001.02.xml");
const CAMT_054_V8: &[u8] = include_bytes!("files/camt.054.001.08.xml");
const MT940: &[u8] = include_bytes!("files/mt940.sta");
const MT940_PLAIN: &[u8] = include_bytes!("files/mt940-plain.sta");
const SAMPLES: [&[u8]; 6] = [CAMT_053_V2, CAMT_053_V8, CAMT_054_V2, CAMT_054_V8, MT940, MT940_PLAIN];

fn file(bytes: &[u8]) -> BankFile {
    read(bytes, Limits::default()).unwrap()
}

fn statement(bytes: &[u8]) -> Statement {
    file(bytes).statements.remove(0)
}

fn refused(text: &str) -> BankFileError {
    read(text.as_bytes(), Limits::default()).unwrap_err()
}

fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}

/// The sample with one text put in the place of another, everywhere.
fn changed(sample: &[u8], from: &str, to: &str) -> String {
    let text = String::from_utf8_lossy(sample);
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn a_statement_is_read_whole() {
    let read = file(CAMT_053_V2);
    assert_eq!((read.format, read.statements.len()), (Format::Camt053V2, 1));
    let statement = &read.statements[0];
    assert_eq!((statement.iban.as_str(), statement.id.as_str()), ("DE02120300000000202051", "053-2026-45"));
    assert_eq!((statement.from, statement.to), (Some(date(2026, 3, 5)), Some(date(2026, 3, 5))));
    let balances = [statement.opening, statement.closing].map(|balance| balance.unwrap().amount);
    assert_eq!(balances, [eur(100_000), eur(114_639)]);
    let places: Vec<_> = statement.entries.iter().map(|entry| (entry.ordinal.entry, entry.ordinal.detail)).collect();
    assert_eq!(places, [(1, 1), (2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (6, 1), (7, 1)]);
    assert_eq!(statement.skipped, 1, "what is only pending is left out");
}

#[test]
fn an_entry_says_who_paid_what_and_why() {
    let entries = statement(CAMT_053_V8).entries;
    let [structured, text] = [&entries[0], &entries[1]];
    assert_eq!(structured.creditor_reference.as_ref().unwrap().as_str(), "RF872603051230450075");
    assert_eq!((structured.end_to_end_id.as_ref(), structured.text.as_str()), (None, ""));
    assert_eq!(text.end_to_end_id.as_ref().unwrap().as_str(), "MS-2026-0815");
    assert_eq!((text.text.as_str(), text.payer_name.as_str()), ("Rechnung RE1000 Kd 5003", "Müller & Söhne GmbH"));
    assert_eq!(text.payer_iban.as_ref().unwrap().as_str(), "DE02100500000054540402");
    assert_eq!(text.servicer_reference.as_deref(), Some("2026030500002"));
    assert_eq!((text.amount, text.direction, text.booked_on), (eur(1591), Direction::Credit, date(2026, 3, 5)));
}

#[test]
fn a_booking_of_many_is_one_entry_per_transfer() {
    let entries = statement(CAMT_053_V8).entries;
    let amounts = [&entries[2], &entries[3]].map(|entry| entry.amount);
    assert_eq!(amounts, [eur(2500), eur(1750)]);
    assert_eq!(entries[3].payer_name.as_str(), "Karl Muster");
}

#[test]
fn details_that_do_not_make_the_booking_leave_it_whole() {
    for (sample, from) in [(CAMT_053_V2, "25.00"), (CAMT_053_V8, "25.00")] {
        let entries = statement(changed(sample, from, "24.00").as_bytes()).entries;
        assert_eq!((entries.len(), entries[2].amount), (7, eur(4250)));
        assert_eq!((entries[2].text.as_str(), &entries[2].payer_iban), ("SAMMELGUTSCHRIFT", &None));
    }
}

#[test]
fn a_return_says_so_and_names_the_first_payer() {
    for sample in [CAMT_053_V2, CAMT_053_V8, MT940] {
        let entry = statement(sample).entries.pop().unwrap();
        assert_eq!((entry.direction, entry.is_reversal(), entry.amount), (Direction::Debit, true, eur(2000)));
        assert_eq!(entry.end_to_end_id.as_ref().unwrap().as_str(), "E-0999");
        assert_eq!(entry.payer_name.as_str(), "Karl Muster");
    }
    let reason = |sample| statement(sample).entries.pop().unwrap().reversal.unwrap().reason;
    assert_eq!(reason(CAMT_053_V8).as_deref(), Some("AC04"));
    assert_eq!(reason(MT940).as_deref(), Some("901"));
}

#[test]
fn both_versions_of_a_statement_give_the_same_entries_and_guards() {
    let [old, new] = [CAMT_053_V2, CAMT_053_V8].map(statement);
    assert_eq!(old, new);
    let keys = |statement: &Statement| -> Vec<_> { statement.entries.iter().map(|e| statement.key(e)).collect() };
    assert_eq!(keys(&old), keys(&new));
    assert_eq!(keys(&old)[3], "DE02120300000000202051/053-2026-45/3.2");
}

#[test]
fn the_notification_of_the_same_bookings_has_the_same_second_guard() {
    let statement = statement(CAMT_053_V8);
    let with_payer: Vec<_> = fingerprints(&statement)
        .into_iter()
        .zip(&statement.entries)
        .filter(|(_, entry)| entry.payer_iban.is_some())
        .map(|(fingerprint, _)| fingerprint)
        .collect();
    for sample in [CAMT_054_V2, CAMT_054_V8] {
        let notification = self::statement(sample);
        assert_eq!(fingerprints(&notification), with_payer);
        assert_ne!(notification.key(&notification.entries[0]), statement.key(&statement.entries[0]));
        assert_eq!((notification.opening, notification.closing), (None, None));
    }
}

#[test]
fn two_equal_transfers_of_one_day_have_two_fingerprints() {
    for sample in SAMPLES {
        for statement in file(sample).statements {
            let mut all = fingerprints(&statement);
            assert!(all.iter().all(|fingerprint| fingerprint.len() == 22), "{all:?}");
            all.sort();
            all.dedup();
            assert_eq!(all.len(), statement.entries.len());
        }
    }
}

#[test]
fn the_swift_statement_of_the_same_day_says_the_same() {
    let facts = |entry: &BankEntry| {
        (entry.amount, entry.direction, entry.booked_on, entry.end_to_end_id.clone(), entry.payer_iban.clone())
    };
    let [swift, iso] = [MT940, CAMT_053_V8].map(statement);
    assert_eq!(swift.entries.iter().map(facts).collect::<Vec<_>>(), iso.entries.iter().map(facts).collect::<Vec<_>>());
    assert_eq!((swift.iban, swift.opening, swift.closing), (iso.iban, iso.opening, iso.closing));
    assert_eq!(swift.entries[1].payer_name, iso.entries[1].payer_name, "ü of windows-1252");
}

#[test]
fn a_plain_swift_statement_of_two_pages_turns_the_year() {
    let file = file(MT940_PLAIN);
    let [first, second] = file.statements.as_slice() else { panic!() };
    assert_eq!((first.id.as_str(), second.id.as_str()), ("940-2026-1-1", "940-2026-1-2"));
    assert_eq!(first.entries[0].value_on, date(2025, 12, 31));
    assert_eq!(first.entries[0].booked_on, date(2026, 1, 2));
    assert!(first.entries[0].text.ends_with("12345 Beispielstadt danke"), "a full line goes on, a short one ends");
    assert_eq!(second.continues(first.closing.as_ref()), None);
    assert!(first.continues(second.closing.as_ref()).is_some());
    assert!(second.entries[0].is_reversal() && second.entries[0].direction == Direction::Debit);
    assert_eq!(second.skipped, 1, "an entry of nothing informs only");
}

#[test]
fn deposits_are_found_in_every_format() {
    let numbers = ["2603051230450075", "2603040815001234"].map(|number| number.parse::<DepositNumber>().unwrap());
    let customer = CustomerId::new(Timestamp::UNIX_EPOCH, [1; 10]);
    let claim = |number: &DepositNumber, minor| Claim {
        customer: customer.clone(),
        what: ClaimFor::Deposit(number.clone()),
        amount: eur(minor),
        reference: None,
    };
    let named = vec![claim(&numbers[0], 10_000), claim(&numbers[1], 2000)];
    let candidates = Candidates { named, ..Candidates::default() };
    let own = OwnAccount { iban: "DE02120300000000202051", currency: Currency::Eur };
    for sample in [CAMT_053_V2, CAMT_053_V8, CAMT_054_V2, CAMT_054_V8, MT940] {
        let statement = statement(sample);
        let matches: Vec<_> = statement
            .entries
            .iter()
            .map(|entry| match_entry(entry, &statement.iban, own, &candidates))
            .filter(|decided| !matches!(decided, Match::Unmatched(Unmatched::NothingNamed)))
            .collect();
        let found = |decided: &Match| match decided {
            Match::ByReference(found) | Match::ByText(found) => Some((found.amount, found.is_other_amount())),
            _ => None,
        };
        let found: Vec<_> = matches.iter().filter_map(found).collect();
        assert_eq!(found, [(eur(10_000), false), (eur(2500), true)], "{:?}", statement.id);
    }
}

#[test]
fn several_statements_of_one_file_and_days_with_a_time_are_read() {
    let text = changed(CAMT_053_V8, "<Dt>2026-03-05</Dt>", "<DtTm>2026-03-05T23:59:59+01:00</DtTm>");
    let (start, end) = (text.find("<Stmt>").unwrap(), text.find("</Stmt>").unwrap() + 7);
    let next = text[start..end].replace("<ElctrncSeqNb>45", "<ElctrncSeqNb>46");
    let both = format!("{}{next}{}", &text[..end], &text[end..]);
    let file = file(both.as_bytes());
    assert_eq!(file.statements.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["053-2026-45", "053-2026-46"]);
    assert_eq!(file.statements[0], statement(CAMT_053_V8));
    assert_eq!(file.statements[1].entries, file.statements[0].entries);
}

#[test]
fn a_page_of_several_is_told_apart_and_not_summed() {
    let page = changed(CAMT_053_V8, "<LastPgInd>true", "<LastPgInd>false").replace("1146.39", "9999.99");
    assert_eq!(statement(page.as_bytes()).id.as_str(), "053-2026-45");
    let second = page.replace("<PgNb>1", "<PgNb>2");
    assert_eq!(statement(second.as_bytes()).id.as_str(), "053-2026-45-2");
}

#[test]
fn a_bank_that_does_not_count_names_its_statements_otherwise() {
    let text = changed(CAMT_053_V8, "<ElctrncSeqNb>45", "<ElctrncSeqNb>0");
    assert_eq!(statement(text.as_bytes()).id.as_str(), "053-2026-053C20260306000045");
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    let v8 = |from, to| refused(&changed(CAMT_053_V8, from, to));
    for (error, said) in [
        (
            v8("<Amt Ccy=\"EUR\">15.91</Amt>", "<Amt Ccy=\"EUR\">15,91</Amt>"),
            "line 130: expected an amount such as 15.91",
        ),
        (
            v8("<Amt Ccy=\"EUR\">15.91</Amt>", "<Amt Ccy=\"XXX\">15.91</Amt>"),
            "line 130: expected a currency the portal keeps accounts in (Ccy)",
        ),
        (
            v8("<IBAN>DE02120300000000202051", "<IBAN>DE03120300000000202051"),
            "line 12: expected a valid IBAN of the account (Acct/Id/IBAN)",
        ),
        (v8("<Sts>", "<St>"), "line 70: expected well-formed XML"),
        (v8("<RvslInd>true", "<RvslInd>maybe"), "line 405: expected true or false (RvslInd)"),
        (
            v8("camt.053.001.08", "camt.052.001.08"),
            "is neither camt.053, camt.054 (versions 001.02 and 001.08) nor MT940",
        ),
        (v8("1146.39", "1146.40"), "line 12: the entries do not add up to the closing balance"),
    ] {
        assert_eq!(error.to_string(), said);
    }
    let swift = |from, to| refused(&changed(MT940, from, to));
    for (error, said) in [
        (swift("CR15,91N", "CR15.91N"), "line 9: expected an entry such as 2603050305CR15,91NTRFNONREF//B1234"),
        (
            swift(":25:12030000", ":25:1203"),
            "line 2: expected an IBAN, or a German bank code and account number such as 12030000/202051",
        ),
        (swift(":60F:", ":60X:"), "line 5: expected the opening balance (:60F: or :60M:)"),
        (swift("EUR1146,39", "EUR1146,40"), "line 1: the entries do not add up to the closing balance"),
        (swift("\r\n-", ""), "the file ends in line 32 before the end of the statement (-)"),
    ] {
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn what_a_payer_writes_cannot_make_an_entry() {
    // The bank broke the line before what looks like a field.
    let slipped_in = changed(MT940, "ung RE1000 Kd", ":61:260305C1000,00NTRFNONREF\r\n:86:RE1000 Kd");
    assert_eq!(refused(&slipped_in), BankFileError::DoesNotAddUp { line: 1 });
    let ended = changed(MT940, "ung RE1000 Kd", "-\r\n RE1000 Kd");
    assert_eq!(statement(ended.as_bytes()).entries.len(), 8);
}

#[test]
fn limits_hold_at_the_last_entry_and_byte() {
    for (sample, entries) in [(CAMT_053_V2, 9), (MT940, 8)] {
        let limits = Limits { max_entries: entries, max_bytes: sample.len() };
        assert!(read(sample, limits).is_ok());
        let fewer = read(sample, Limits { max_entries: entries - 1, ..limits });
        assert!(matches!(fewer, Err(BankFileError::TooManyEntries { most, .. }) if most == entries - 1));
        let smaller = read(sample, Limits { max_bytes: sample.len() - 1, ..limits });
        assert_eq!(smaller, Err(BankFileError::TooLarge { most: sample.len() - 1 }));
    }
}

#[test]
fn ten_thousand_entries_are_read_and_not_one_more() {
    let file = |entries: i64| {
        let line = ":61:2603050305C1,NTRFNONREF\n:86:RE1000\n".repeat(usize::try_from(entries).unwrap());
        format!(":20:A\n:25:12030000/202051\n:28C:1/1\n:60F:C260304EUR0,\n{line}:62F:C260305EUR{entries},\n-\n")
    };
    let whole = read(file(10_000).as_bytes(), Limits::default()).unwrap();
    assert_eq!(whole.statements[0].entries.len(), 10_000);
    assert!(matches!(refused(&file(10_001)), BankFileError::TooManyEntries { line: 20_005, most: 10_000 }));
}

#[test]
fn a_large_file_of_rubbish_is_refused_soon() {
    let size = Limits::default().max_bytes / 8;
    for rubbish in
        ["<a>", "<a/>", "<a>x</a>", "&amp;", "<a b='", "\n", ":20:\n", ":86:\n", "?20", "<![CDATA[]]>", "<a b=''/>"]
    {
        let repeated = rubbish.repeat(size / rubbish.len());
        for begin in ["", "<Document>", "<a>x", ":20:A\n:25:12030000/202051\n:28C:1\n:60F:C260304EUR0,\n:86:"] {
            let mut file = format!("{begin}{repeated}");
            file.truncate(size);
            assert!(read(file.as_bytes(), Limits::default()).is_err(), "{begin} {rubbish}");
        }
    }
}

#[test]
fn a_file_cut_at_any_of_its_thousand_bytes_is_no_other_file() {
    for sample in [CAMT_053_V8, MT940, MT940_PLAIN] {
        // Indentation only makes the test slow.
        let sample: Vec<u8> =
            sample.split_inclusive(|byte| *byte == b'\n').flat_map(<[u8]>::trim_ascii_start).copied().collect();
        let whole = file(&sample);
        for end in 0..sample.len() {
            let Ok(cut) = read(&sample[..end], Limits::default()) else { continue };
            // Pages of a SWIFT statement are statements of their own, with balances that lead from one to the next.
            let is_whole = cut == whole;
            let is_page = whole.format == Format::Mt940 && whole.statements.starts_with(&cut.statements);
            assert!(is_whole || is_page, "{:?} cut at {end}", whole.format);
            assert!(is_whole || cut.statements.len() < whole.statements.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, Limits::default());
        for begin in [&b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'>"[..], b":20:A\n:25:12030000/202051\n"] {
            let _ = read(&[begin, &bytes].concat(), Limits::default());
        }
    }

    #[test]
    fn no_change_of_a_file_stops_the_reader(
        which in 0..SAMPLES.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut bytes = SAMPLES[which].to_vec();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.rotate_left(at % 64),
            }
        }
        if let Ok(file) = read(&bytes, Limits::default()) {
            for statement in &file.statements {
                prop_assert_eq!(fingerprints(statement).len(), statement.entries.len());
                prop_assert!(statement.entries.iter().all(|entry| entry.amount.is_positive()));
            }
        }
    }

    #[test]
    fn no_field_content_stops_the_swift_reader(entry in "[0-9CDRN,/A-Z]{0,40}", details in "[0-9]{3}\\?([0-9]{2}|[ -~]|[A-Z]{4}\\+|ä){0,60}") {
        let file = format!(":20:A\n:25:12030000/202051\n:28C:1\n:60F:C260304EUR0,\n:61:{entry}\n:86:{details}\n:62F:C260304EUR0,\n-\n");
        let _ = read(file.as_bytes(), Limits::default());
    }
}
