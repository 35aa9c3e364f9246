//! What is written how, and that the texts are complete, used and translated.

use std::{fs, path::Path};

use domain::{
    Currency, Language, Money,
    customer::{CustomerFacts, Salutation},
    subscription::{Notice, NoticeEnd},
    time::{Interval, IntervalUnit},
};
use jiff::civil::date;

use crate::{Words, words::MESSAGES};

const DE: Words = Words::new(Language::De);
const EN: Words = Words::new(Language::En);

/// Messages that read the same in both languages on purpose. Every entry has its reason.
const SAME_IN_BOTH: &[(&str, &str)] = &[
    ("addresses.name", "the same word in both"),
    ("frame.pdf", "the name of the format"),
    ("pay.bic", "the name of the standard"),
    ("pay.giro-code", "the name of the code"),
    ("pay.iban", "the name of the standard"),
    ("pay.method-paypal", "the name of the company"),
];

#[test]
fn amounts_are_written_as_people_write_them() {
    let amount = |minor, currency| Money::of_minor(minor, currency);
    for (money, german, english) in [
        (amount(123_450, Currency::Eur), "1.234,50\u{a0}€", "€1,234.50"),
        (amount(-5, Currency::Eur), "−0,05\u{a0}€", "−€0.05"),
        (amount(100_000_000, Currency::Eur), "1.000.000,00\u{a0}€", "€1,000,000.00"),
        (amount(123_450, Currency::Chf), "1.234,50\u{a0}CHF", "CHF\u{a0}1,234.50"),
        (amount(-1_000, Currency::Pln), "−10,00\u{a0}PLN", "−PLN\u{a0}10.00"),
        (amount(1_234, Currency::Jpy), "1.234\u{a0}JPY", "JPY\u{a0}1,234"),
        (amount(99_999, Currency::Gbp), "999,99\u{a0}£", "£999.99"),
    ] {
        assert_eq!((DE.money(money), EN.money(money)), (german.to_owned(), english.to_owned()));
    }
}

#[test]
fn prices_quantities_and_rates_keep_what_matters() {
    let price = "0.0234".parse().unwrap();
    assert_eq!(DE.unit_price(price, Currency::Eur), "0,0234\u{a0}€");
    assert_eq!(DE.quantity("1000.5".parse().unwrap()), "1.000,5");
    assert_eq!(EN.quantity("-2.5".parse().unwrap()), "−2.5");
    assert_eq!(DE.tax_rate("5.5".parse().unwrap()), "5,5\u{a0}%");
    assert_eq!(EN.tax_rate("19".parse().unwrap()), "19%");
    assert_eq!((DE.megabytes(1_234_567), EN.megabytes(1)), ("1,3\u{a0}MB".to_owned(), "0.1\u{a0}MB".to_owned()));
}

#[test]
fn dates_and_times_follow_the_language() {
    let at = date(2026, 11, 5).at(6, 12, 5, 0);
    assert_eq!(DE.date(date(2019, 3, 6)), "06.03.2019");
    assert_eq!(EN.date(date(2019, 3, 6)), "6\u{a0}Mar\u{a0}2019");
    assert_eq!(DE.date_time(at), "05.11.2026, 06:12\u{a0}Uhr");
    assert_eq!(EN.date_time(at), "5\u{a0}Nov\u{a0}2026, 06:12");
    assert_eq!(DE.time_with_seconds(at.time()), "06:12:05\u{a0}Uhr");
}

#[test]
fn periods_have_their_usual_names() {
    let every = |count, unit| Interval { count, unit };
    for (interval, long, often, english) in [
        (every(1, IntervalUnit::Month), "1 Monat", "je Monat", "per month"),
        (every(3, IntervalUnit::Month), "3 Monate", "je Quartal", "per quarter"),
        (every(12, IntervalUnit::Month), "12 Monate", "je Jahr", "per year"),
        (every(1, IntervalUnit::Year), "1 Jahr", "je Jahr", "per year"),
        (every(2, IntervalUnit::Week), "2 Wochen", "alle 2 Wochen", "every 2 weeks"),
        (every(1, IntervalUnit::Day), "1 Tag", "je Tag", "per day"),
    ] {
        assert_eq!(DE.interval(interval), long);
        assert_eq!(DE.per_interval(interval), often);
        assert_eq!(EN.per_interval(interval), english);
    }
    let notice = |to| Notice { period: every(1, IntervalUnit::Month), to };
    assert_eq!(DE.notice(notice(NoticeEnd::MonthEnd)), "1 Monat zum Monatsende");
    assert_eq!(EN.notice(notice(NoticeEnd::TermEnd)), "1 month to the end of the term");
    assert_eq!(DE.notice(notice(NoticeEnd::AnyDay)), "1 Monat, zu jedem Tag");
}

#[test]
fn people_are_addressed_as_they_gave_their_names() {
    let tine = CustomerFacts {
        salutation: Some(Salutation::Frau),
        company: "Example GmbH".to_owned().into(),
        first_name: "Exemplus".to_owned().into(),
        last_name: "Tine".to_owned().into(),
        ..CustomerFacts::default()
    };
    assert_eq!(DE.addressed(&tine), "Frau Exemplus Tine");
    assert_eq!(EN.addressed(&tine), "Ms Exemplus Tine");
    assert_eq!(DE.addressed(&CustomerFacts { salutation: None, ..tine.clone() }), "Exemplus Tine");
    let company = CustomerFacts { first_name: String::new().into(), last_name: String::new().into(), ..tine };
    assert_eq!(DE.addressed(&company), "Example GmbH");
}

#[test]
fn every_text_is_said_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut source = String::new();
    for room in ["templates", "functions", "shared", "infra"] {
        collect(&root.join(room), &mut source);
    }
    let silent = MESSAGES.iter().filter(|(_, method, ..)| !source.contains(&format!(".{method}(")));
    let silent: Vec<&str> = silent.map(|(key, ..)| *key).collect();
    assert!(silent.is_empty(), "nobody says {silent:?}");
}

fn collect(directory: &Path, source: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let speaks = path.extension().is_some_and(|extension| extension == "rs" || extension == "html");
        if path.is_dir() {
            collect(&path, source);
        } else if speaks {
            source.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn no_text_is_left_untranslated() {
    let same = MESSAGES.iter().filter(|(_, _, german, english)| german == english);
    let unexplained: Vec<&str> =
        same.map(|(key, ..)| *key).filter(|key| !SAME_IN_BOTH.iter().any(|(known, _)| known == key)).collect();
    assert!(unexplained.is_empty(), "the same in both languages: {unexplained:?}");
}
