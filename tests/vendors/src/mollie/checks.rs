//! What Mollie refuses, before anything is done.

use serde_json::Value;

/// Refusals as `application/hal+json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) detail: String,
    pub(super) field: Option<String>,
}

impl Problem {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), field: None }
    }

    /// 422 that names the field.
    pub(super) fn field(field: &str, detail: impl Into<String>) -> Self {
        Self { status: 422, detail: detail.into(), field: Some(field.to_owned()) }
    }
}

/// Length of `xx_XX`. The checkout speaks some of them, but every well-formed one is taken.
const LOCALE: usize = 5;
/// „Approximately 1kB".
const METADATA: usize = 1024;
/// Longer descriptions are cut, not refused.
const DESCRIPTION: usize = 255;
/// `method` of the specification.
const METHODS: &str = "alma applepay bacs bancomatpay bancontact banktransfer belfius billie bizum blik creditcard \
    directdebit eps giftcard ideal in3 kbc klarna mbway mobilepay multibanco mybank paybybank paypal paysafecard \
    pointofsale przelewy24 riverty satispay swish trustly twint vipps voucher";
/// `/docs/multicurrency`: two decimals each. Mollie gives HUF two, PayPal none.
const CENTS: &str = "AED AUD BGN BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS MXN MYR NOK NZD PHP PLN RON RUB SEK SGD THB \
    TWD USD ZAR";
/// No decimals.
const WHOLE: &str = "ISK JPY";
const PAYMENT: &str = "amount description redirectUrl cancelUrl webhookUrl lines billingAddress shippingAddress locale \
    method issuer restrictPaymentMethodsToCountry metadata captureMode captureDelay sequenceType mandateId customerId \
    dueDate cardToken applePayPaymentToken consumerName consumerAccount billingEmail digitalGoods storeCredentials";

/// How many decimals Mollie writes for a currency.
pub(super) fn decimals(currency: &str) -> Option<usize> {
    if CENTS.split_whitespace().any(|code| code == currency) {
        Some(2)
    } else if WHOLE.split_whitespace().any(|code| code == currency) {
        Some(0)
    } else {
        None
    }
}

/// Minor units as Mollie writes them.
pub(super) fn written(minor: i64, currency: &str) -> String {
    match decimals(currency) {
        Some(2) => format!("{}.{:02}", minor / 100, minor % 100),
        _ => minor.to_string(),
    }
}

/// Exactly the decimals of the currency, as a string.
fn minor(value: &Value, places: usize) -> Option<i64> {
    let text = value.as_str()?;
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if places > 0 => (whole, fraction),
        None if places == 0 => (text, ""),
        _ => return None,
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || fraction.len() != places || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction}").parse().ok()
}

/// `amount` of a request, in minor units and currency.
pub(super) fn amount(body: &Value) -> Result<(i64, String), Problem> {
    let amount = body.get("amount").filter(|amount| amount.is_object());
    let amount = amount.ok_or_else(|| Problem::field("amount", "The 'amount' field is missing"))?;
    let currency = amount["currency"].as_str().unwrap_or_default();
    let places = decimals(currency)
        .ok_or_else(|| Problem::field("amount.currency", "The amount contains an invalid currency"))?;
    let minor = minor(&amount["value"], places)
        .ok_or_else(|| Problem::field("amount.value", "The amount contains an invalid value"))?;
    Ok((minor, currency.to_owned()))
}

/// A request to make a payment, once nothing is wrong with it.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) minor: i64,
    pub(super) currency: String,
    pub(super) description: String,
    pub(super) method: Option<String>,
    pub(super) sequence: String,
    pub(super) redirect_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    pub(super) webhook_url: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) metadata: Value,
    pub(super) customer: Option<String>,
    pub(super) mandate: Option<String>,
}

/// Reads a payment request.
pub(super) fn order(body: &Value) -> Result<Order, Problem> {
    known(body, PAYMENT)?;
    let (minor, currency) = amount(body)?;
    let description = text(body, "description")?
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Problem::field("description", "The 'description' field is missing"))?;
    let sequence = text(body, "sequenceType")?.unwrap_or_else(|| "oneoff".to_owned());
    if !matches!(sequence.as_str(), "oneoff" | "first" | "recurring") {
        return Err(Problem::field("sequenceType", "The sequence type is invalid"));
    }
    let method = method(&body["method"])?;
    // A first card payment may be of nothing: it only leaves the mandate.
    let card = matches!(method.as_deref(), Some("creditcard" | "paypal"));
    if minor == 0 && !(sequence == "first" && card) {
        return Err(Problem::field("amount", "The amount is lower than the minimum"));
    }
    let redirect_url = address(body, "redirectUrl")?;
    if redirect_url.is_none() && sequence != "recurring" {
        return Err(Problem::field("redirectUrl", "The 'redirectUrl' field is missing"));
    }
    let customer = text(body, "customerId")?;
    if customer.is_none() && sequence != "oneoff" {
        return Err(Problem::field("customerId", "The 'customerId' field is missing"));
    }
    let webhook_url = address(body, "webhookUrl")?;
    if webhook_url.as_deref().is_some_and(|url| !reachable(url)) {
        let detail = "The webhook URL is invalid because it is unreachable from Mollie's point of view";
        return Err(Problem::field("webhookUrl", detail));
    }
    Ok(Order {
        minor,
        currency,
        description: description.chars().take(DESCRIPTION).collect(),
        method,
        sequence,
        redirect_url,
        cancel_url: address(body, "cancelUrl")?,
        webhook_url,
        locale: locale(body)?,
        metadata: metadata(body)?,
        customer,
        mandate: text(body, "mandateId")?,
    })
}

/// Refuses fields that the call does not have.
pub(super) fn known(body: &Value, fields: &str) -> Result<(), Problem> {
    let Some(object) = body.as_object() else { return Err(Problem::new(400, "The request body is not an object")) };
    match object.keys().find(|key| !fields.split_whitespace().any(|field| field == key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Problem {
            status: 400,
            detail: format!("Non-existent body parameter \"{key}\" for this API call."),
            field: Some(key.clone()),
        }),
    }
}

/// Refuses query parameters that the call does not have.
pub(super) fn asked(query: &[(String, String)], fields: &[&str]) -> Result<(), Problem> {
    match query.iter().find(|(name, _)| !fields.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(Problem {
            status: 400,
            detail: format!("Non-existent query parameter \"{name}\" for this API call."),
            field: Some(name.clone()),
        }),
    }
}

/// A string that may be missing or null.
pub(super) fn text(body: &Value, field: &str) -> Result<Option<String>, Problem> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Problem::field(field, format!("The '{field}' field should be a string"))),
    }
}

/// One method, or several of which the customer chooses.
fn method(value: &Value) -> Result<Option<String>, Problem> {
    let wrong = || Problem::field("method", "The payment method is invalid");
    let check = |value: &Value| {
        let name = value.as_str().ok_or_else(wrong)?;
        METHODS.split_whitespace().find(|known| *known == name).map(str::to_owned).ok_or_else(wrong)
    };
    match value {
        Value::Null => Ok(None),
        Value::Array(several) => {
            let several = several.iter().map(check).collect::<Result<Vec<_>, _>>()?;
            Ok(if several.len() == 1 { several.into_iter().next() } else { None })
        }
        one => check(one).map(Some),
    }
}

/// An absolute address; apps may have a scheme of their own.
fn address(body: &Value, field: &str) -> Result<Option<String>, Problem> {
    let Some(text) = text(body, field)? else { return Ok(None) };
    let good = text.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && !rest.is_empty()
            && !rest.contains(char::is_whitespace)
    });
    if good { Ok(Some(text)) } else { Err(Problem::field(field, format!("The '{field}' field is not a valid URL"))) }
}

/// Whether Mollie could call it: http or https, and no address of the own machine or network.
fn reachable(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return false;
    }
    let host = host.split(':').next().unwrap_or_default();
    let near = ["127.", "10.", "192.168.", "169.254.", "0."].iter().any(|start| host.starts_with(start));
    host.contains('.') && !near && !host.ends_with(".local") && !host.ends_with(".localhost")
}

/// Any `xx_XX`.
pub(super) fn locale(body: &Value) -> Result<Option<String>, Problem> {
    let Some(text) = text(body, "locale")? else { return Ok(None) };
    let bytes = text.as_bytes();
    let good = bytes.len() == LOCALE
        && bytes[..2].iter().all(u8::is_ascii_lowercase)
        && bytes[2] == b'_'
        && bytes[3..].iter().all(u8::is_ascii_uppercase);
    if good { Ok(Some(text)) } else { Err(Problem::field("locale", "The locale is invalid")) }
}

/// A string, an object or a list, up to about a kilobyte.
pub(super) fn metadata(body: &Value) -> Result<Value, Problem> {
    let value = body.get("metadata").cloned().unwrap_or_default();
    if value.to_string().len() > METADATA {
        return Err(Problem::field("metadata", "The metadata is too large"));
    }
    if value.is_number() || value.is_boolean() {
        return Err(Problem::field("metadata", "The metadata is invalid"));
    }
    Ok(value)
}
