//! The shapes that PayPal insists on. Fields are named as JSON pointers, `/purchase_units/0/amount/value`.

use serde_json::Value;

use super::problem::Problem;

/// Every currency that payments can be made in.
const CURRENCIES: &str =
    "AUD BRL CAD CNY CZK DKK EUR HKD HUF ILS JPY MYR MXN TWD NZD NOK PHP PLN GBP SGD SEK CHF THB USD";
/// Those without decimals.
const WHOLE: &str = "HUF JPY TWD";
/// Longest amount as text.
const DIGITS: usize = 32;
/// 999999999999999.99 in minor units.
const MOST: i64 = 99_999_999_999_999_999;
/// How a saved wallet will be used. Unconfirmed: that the list is complete.
const PATTERNS: &[&str] = &[
    "IMMEDIATE",
    "DEFERRED",
    "RECURRING_PREPAID",
    "RECURRING_POSTPAID",
    "THRESHOLD_PREPAID",
    "THRESHOLD_POSTPAID",
    "SUBSCRIPTION_PREPAID",
    "SUBSCRIPTION_POSTPAID",
    "UNSCHEDULED_PREPAID",
    "UNSCHEDULED_POSTPAID",
    "INSTALLMENT_PREPAID",
    "INSTALLMENT_POSTPAID",
];

/// How many decimals amounts of a currency have.
pub(super) fn decimals(currency: &str) -> usize {
    if WHOLE.split(' ').any(|code| code == currency) { 0 } else { 2 }
}

/// Refuses fields that the call does not have, and those that this server does not play. What PayPal itself says to
/// them is not documented; `NOT_SUPPORTED` is the documented word that comes nearest.
pub(super) fn known(object: &Value, at: &str, fields: &str) -> Result<(), Problem> {
    let keys = object.as_object().into_iter().flat_map(|object| object.keys());
    match keys.into_iter().find(|key| !fields.split_whitespace().any(|field| field == key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Problem::invalid("NOT_SUPPORTED", &format!("{at}/{key}"))),
    }
}

/// An object that must be there.
pub(super) fn object<'a>(parent: &'a Value, at: &str, field: &str) -> Result<&'a Value, Problem> {
    let pointer = format!("{at}/{field}");
    match parent.get(field) {
        None | Some(Value::Null) => Err(Problem::invalid("MISSING_REQUIRED_PARAMETER", &pointer)),
        Some(found) if found.is_object() => Ok(found),
        Some(_) => Err(Problem::invalid("INVALID_PARAMETER_SYNTAX", &pointer)),
    }
}

/// An object that may be missing.
pub(super) fn optional<'a>(parent: &'a Value, at: &str, field: &str) -> Result<Option<&'a Value>, Problem> {
    if parent.get(field).is_none_or(Value::is_null) { Ok(None) } else { object(parent, at, field).map(Some) }
}

/// Text of at most this length that may be missing, but not empty.
pub(super) fn text(object: &Value, at: &str, field: &str, most: usize) -> Result<Option<String>, Problem> {
    let pointer = format!("{at}/{field}");
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() || text.chars().count() > most => {
            Err(Problem::value("INVALID_STRING_LENGTH", &pointer, text))
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Problem::invalid("INVALID_PARAMETER_SYNTAX", &pointer)),
    }
}

/// Text that must be there.
pub(super) fn needed(object: &Value, at: &str, field: &str, most: usize) -> Result<String, Problem> {
    let missing = || Problem::invalid("MISSING_REQUIRED_PARAMETER", &format!("{at}/{field}"));
    text(object, at, field, most)?.ok_or_else(missing)
}

/// One of a list that may be missing.
pub(super) fn choice(object: &Value, at: &str, field: &str, list: &[&str]) -> Result<Option<String>, Problem> {
    let found = text(object, at, field, 255)?;
    match found {
        Some(text) if !list.contains(&text.as_str()) => {
            Err(Problem::value("INVALID_PARAMETER_VALUE", &format!("{at}/{field}"), &text))
        }
        found => Ok(found),
    }
}

/// `{"currency_code": "EUR", "value": "15.91"}` in minor units.
pub(super) fn money(object: &Value, at: &str) -> Result<(i64, String), Problem> {
    known(object, at, "currency_code value")?;
    let currency = needed(object, at, "currency_code", 3)?;
    if currency.len() != 3 {
        return Err(Problem::value("INVALID_STRING_LENGTH", &format!("{at}/currency_code"), &currency));
    }
    if !CURRENCIES.split(' ').any(|known| known == currency) {
        return Err(Problem::refused_at("INVALID_CURRENCY_CODE", &format!("{at}/currency_code"), &currency));
    }
    let value = needed(object, at, "value", DIGITS)?;
    Ok((amount(&value, &currency, &format!("{at}/value"))?, currency))
}

/// The documented form is `^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$`.
fn amount(value: &str, currency: &str, at: &str) -> Result<i64, Problem> {
    let positive = value.strip_prefix('-').unwrap_or(value);
    let (whole, part) = positive.split_once('.').map_or((positive, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let filled = part.map_or(!whole.is_empty(), |part| !part.is_empty());
    if !filled || !digits(whole) || !part.is_none_or(digits) {
        return Err(Problem::value("INVALID_PARAMETER_SYNTAX", at, value));
    }
    let allowed = decimals(currency);
    match part {
        Some(_) if allowed == 0 => return Err(Problem::refused_at("DECIMALS_NOT_SUPPORTED", at, value)),
        Some(part) if part.len() > allowed => return Err(Problem::refused_at("DECIMAL_PRECISION", at, value)),
        _ => {}
    }
    let minor = format!("{whole}{:0<allowed$}", part.unwrap_or_default());
    let number: i64 = minor.parse().map_err(|_| Problem::refused_at("MAX_VALUE_EXCEEDED", at, value))?;
    if positive != value || number == 0 {
        return Err(Problem::refused_at("CANNOT_BE_ZERO_OR_NEGATIVE", at, value));
    }
    if number > MOST {
        return Err(Problem::refused_at("MAX_VALUE_EXCEEDED", at, value));
    }
    Ok(number)
}

/// The amount as PayPal writes it.
pub(super) fn written(amount: i64, currency: &str) -> String {
    if decimals(currency) == 0 { amount.to_string() } else { format!("{}.{:02}", amount / 100, amount % 100) }
}

/// An address the payer is sent to, of at most 4000 letters.
pub(super) fn address(object: &Value, at: &str, field: &str) -> Result<Option<String>, Problem> {
    let Some(text) = text(object, at, field, 4000)? else { return Ok(None) };
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) {
        Ok(Some(text))
    } else {
        Err(Problem::value("INVALID_PARAMETER_SYNTAX", &format!("{at}/{field}"), &text))
    }
}

/// `de-DE`: `^[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?$`.
pub(super) fn locale(object: &Value, at: &str) -> Result<(), Problem> {
    let Some(tag) = text(object, at, "locale", 10)? else { return Ok(()) };
    let all = |part: &str, length: usize, fits: fn(&u8) -> bool| part.len() == length && part.bytes().all(|b| fits(&b));
    let region = |part: &str| all(part, 2, u8::is_ascii_uppercase) || all(part, 3, u8::is_ascii_digit);
    let script = |part: &str| {
        part.len() == 4
            && part.starts_with(|letter: char| letter.is_ascii_uppercase())
            && part.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
    };
    let parts: Vec<&str> = tag.split('-').collect();
    let fits = match parts.as_slice() {
        [language] => all(language, 2, u8::is_ascii_lowercase),
        [language, last] => all(language, 2, u8::is_ascii_lowercase) && (region(last) || script(last)),
        [language, middle, last] => all(language, 2, u8::is_ascii_lowercase) && script(middle) && region(last),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Problem::value("INVALID_PARAMETER_SYNTAX", &format!("{at}/locale"), &tag)) }
}

/// `experience_context` of an order or of a setup token, and where it sends the payer afterwards. Unconfirmed: the
/// complete lists of `landing_page`, `contact_preference` and `vault_instruction`.
pub(super) fn experience(parent: &Value, at: &str) -> Result<(Option<String>, Option<String>), Problem> {
    let Some(context) = optional(parent, at, "experience_context")? else { return Ok((None, None)) };
    let at = format!("{at}/experience_context");
    let fields = "brand_name locale shipping_preference return_url cancel_url landing_page user_action \
        payment_method_preference payment_method_selected contact_preference vault_instruction";
    known(context, &at, fields)?;
    text(context, &at, "brand_name", 127)?;
    locale(context, &at)?;
    let shipping = ["GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"];
    choice(context, &at, "shipping_preference", &shipping)?;
    choice(context, &at, "landing_page", &["LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE", "BILLING"])?;
    choice(context, &at, "user_action", &["CONTINUE", "PAY_NOW"])?;
    choice(context, &at, "payment_method_preference", &["UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"])?;
    choice(context, &at, "contact_preference", &["NO_CONTACT_INFO", "UPDATE_CONTACT_INFO", "RETAIN_CONTACT_INFO"])?;
    choice(context, &at, "vault_instruction", &["ON_CREATE_PAYMENT_TOKENS", "ON_PAYER_APPROVAL"])?;
    Ok((address(context, &at, "return_url")?, address(context, &at, "cancel_url")?))
}

/// `stored_credential` of a charge on a saved wallet: who starts it is needed.
pub(super) fn stored(parent: &Value, at: &str) -> Result<bool, Problem> {
    let Some(stored) = optional(parent, at, "stored_credential")? else { return Ok(false) };
    let at = format!("{at}/stored_credential");
    known(stored, &at, "payment_initiator charge_pattern usage_pattern usage")?;
    needed(stored, &at, "payment_initiator", 255)?;
    choice(stored, &at, "payment_initiator", &["CUSTOMER", "MERCHANT"])?;
    choice(stored, &at, "charge_pattern", PATTERNS)?;
    choice(stored, &at, "usage_pattern", PATTERNS)?;
    choice(stored, &at, "usage", &["FIRST", "SUBSEQUENT", "DERIVED"])?;
    Ok(true)
}

/// What the payer reads when a wallet is saved: letters without accents only, `^[a-zA-Z0-9_'\-., :;\!?"]*$`.
pub(super) fn plain(object: &Value, at: &str, field: &str, most: usize) -> Result<(), Problem> {
    let Some(text) = text(object, at, field, most)? else { return Ok(()) };
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_'-., :;!?\"".contains(letter);
    if text.chars().all(fits) {
        Ok(())
    } else {
        Err(Problem::value("INVALID_PARAMETER_SYNTAX", &format!("{at}/{field}"), &text))
    }
}

/// An identifier as the vault has them, `^[0-9a-zA-Z_-]+$`.
pub(super) fn tag(object: &Value, at: &str, field: &str, most: usize) -> Result<Option<String>, Problem> {
    let found = text(object, at, field, most)?;
    match found {
        Some(text) if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) => {
            Err(Problem::value("INVALID_PARAMETER_SYNTAX", &format!("{at}/{field}"), &text))
        }
        found => Ok(found),
    }
}

/// How a wallet will be used: its pattern may be missing.
pub(super) fn pattern(object: &Value, at: &str) -> Result<(), Problem> {
    choice(object, at, "usage_pattern", PATTERNS).map(|_| ())
}
