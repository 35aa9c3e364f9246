//! Dates counted from the first start: `@-17d`, `@+13d`, `@-2m`, `@-2m+14d`; months are counted first.

use jiff::{Span, civil::Date};
use serde_json::Value;

/// The value with every relative date in it replaced.
///
/// # Errors
/// A text that begins with `@` and a sign and is no date.
pub fn absolute(value: Value, start: Date) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(terms) if terms.starts_with(['+', '-']) => Value::String(day(terms, start)?.to_string()),
            _ => Value::String(text),
        },
        Value::Array(values) => values.into_iter().map(|value| absolute(value, start)).collect::<Result<_, _>>()?,
        Value::Object(fields) => {
            let replaced = fields.into_iter().map(|(name, value)| Ok((name, absolute(value, start)?)));
            Value::Object(replaced.collect::<Result<_, String>>()?)
        }
        other => other,
    })
}

/// `-2m+14d` before or after the start; the end of a month stays the end.
fn day(terms: &str, start: Date) -> Result<Date, String> {
    let wrong = || format!("@{terms} is no date: expected something like @-2m+14d");
    let (mut months, mut days) = (0_i32, 0_i32);
    for term in terms.split_inclusive(['d', 'm']) {
        let (count, unit) = term.split_at_checked(term.len() - 1).ok_or_else(wrong)?;
        let count: i32 = count.starts_with(['+', '-']).then(|| count.parse().ok()).flatten().ok_or_else(wrong)?;
        match unit {
            "m" => months += count,
            "d" => days += count,
            _ => return Err(wrong()),
        }
    }
    let after_months = start.checked_add(Span::new().try_months(months).map_err(|_| wrong())?).map_err(|_| wrong())?;
    after_months.checked_add(Span::new().try_days(days).map_err(|_| wrong())?).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn dates_are_counted_from_the_start_wherever_they_stand() -> Result<(), String> {
        let relative =
            json!({ "a": ["@-17d", "@+13d"], "b": { "c": "@-1m", "d": "@-1m+14d" }, "e": "2019-03-06", "f": "@x" });
        let expected = json!({ "a": ["2026-03-14", "2026-04-13"], "b": { "c": "2026-02-28", "d": "2026-03-14" }, "e": "2019-03-06", "f": "@x" });
        assert_eq!(absolute(relative, date(2026, 3, 31))?, expected);
        Ok(())
    }

    #[test]
    fn a_misspelt_date_is_refused() {
        for wrong in ["@-", "@-17", "@-17x", "@-d", "@-1m14d", "@-999999999m"] {
            assert!(absolute(json!([wrong]), date(2026, 11, 22)).is_err(), "{wrong}");
        }
    }
}
