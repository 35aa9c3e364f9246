//! What GoCardless refuses, and how it says so.

use serde_json::{Value, json};

/// A refusal in the envelope `error`.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) status: u16,
    /// `validation_failed`, `invalid_api_usage`, `invalid_state` or `gocardless`.
    pub(super) kind: &'static str,
    pub(super) message: String,
    pub(super) errors: Vec<Value>,
}

/// Metadata: keys of up to 50 letters with values of up to 500, and three of them.
const KEYS: usize = 3;
const KEY: usize = 50;
const VALUE: usize = 500;
/// Currencies of payments.
const CURRENCIES: &str = "AUD CAD DKK EUR GBP NZD SEK USD";
/// Currencies of payments in billing requests, which are instant bank transfers.
const INSTANT: &str = "EUR GBP";
/// Schemes of mandates, with their currency.
const SCHEMES: &[(&str, &str)] = &[
    ("ach", "USD"),
    ("autogiro", "SEK"),
    ("bacs", "GBP"),
    ("becs", "AUD"),
    ("becs_nz", "NZD"),
    ("betalingsservice", "DKK"),
    ("pad", "CAD"),
    ("sepa_core", "EUR"),
];

impl Problem {
    /// 422 about one field.
    pub(super) fn field(pointer: &str, message: &str) -> Self {
        let field = pointer.rsplit('/').next().unwrap_or_default();
        Self {
            status: 422,
            kind: "validation_failed",
            message: "Validation failed".to_owned(),
            errors: vec![json!({"field": field, "message": message, "request_pointer": pointer})],
        }
    }

    /// 422 because of the state something is in.
    pub(super) fn state(reason: &str, message: &str) -> Self {
        Self::reason(422, "invalid_state", reason, message)
    }

    /// The request cannot be understood or is not allowed.
    pub(super) fn usage(status: u16, reason: &str, message: &str) -> Self {
        Self::reason(status, "invalid_api_usage", reason, message)
    }

    fn reason(status: u16, kind: &'static str, reason: &str, message: &str) -> Self {
        let errors = vec![json!({"reason": reason, "message": message})];
        Self { status, kind, message: message.to_owned(), errors }
    }

    /// 409: the key has made this already.
    pub(super) fn conflict(id: &str) -> Self {
        let message = "A resource has already been created with this idempotency key";
        let mut problem = Self::reason(409, "invalid_state", "idempotent_creation_conflict", message);
        problem.errors[0]["links"] = json!({"conflicting_resource_id": id});
        problem
    }

    /// 404.
    pub(super) fn missing() -> Self {
        Self::usage(404, "resource_not_found", "Resource not found")
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        let name = self.errors.first().and_then(|error| error["reason"].as_str()).unwrap_or(self.kind);
        json!({"error": {
            "message": self.message, "type": self.kind, "code": self.status, "errors": self.errors,
            "documentation_url": format!("https://developer.gocardless.com/api-reference#{name}"),
            "request_id": "0a1b2c3d-0000-4000-8000-000000000000",
        }})
    }
}

/// The object inside the envelope, with no field that the call does not have.
pub(super) fn inside<'a>(body: &'a Value, envelope: &str, fields: &str) -> Result<&'a Value, Problem> {
    let Some(inside) = body.get(envelope).filter(|inside| inside.is_object()) else {
        return Err(Problem::usage(400, "missing_envelope", &format!("The request body has no '{envelope}'")));
    };
    known(inside, &format!("/{envelope}"), fields)?;
    Ok(inside)
}

/// Refuses fields that are not there. Unconfirmed: GoCardless's own answer to them is not documented.
pub(super) fn known(object: &Value, pointer: &str, fields: &str) -> Result<(), Problem> {
    let keys = object.as_object().into_iter().flat_map(|object| object.keys());
    match keys.into_iter().find(|key| !fields.split_whitespace().any(|field| field == key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Problem::field(&format!("{pointer}/{key}"), "is not permitted")),
    }
}

/// An amount in minor units: a whole number, or one written as text as the Node client does.
pub(super) fn amount(object: &Value, pointer: &str, field: &str) -> Result<i64, Problem> {
    let pointer = format!("{pointer}/{field}");
    let value = &object[field];
    if value.is_null() {
        return Err(Problem::field(&pointer, "can't be blank"));
    }
    let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    let number = number.ok_or_else(|| Problem::field(&pointer, "is not a number"))?;
    if number <= 0 {
        return Err(Problem::field(&pointer, "must be greater than 0"));
    }
    if number > 100_000_000 {
        return Err(Problem::field(&pointer, "is greater than the permitted scheme maximum"));
    }
    Ok(number)
}

/// A currency of payments, or of instant ones.
pub(super) fn currency(object: &Value, pointer: &str, instant: bool) -> Result<String, Problem> {
    let code = text(object, pointer, "currency")?.unwrap_or_default();
    let list = if instant { INSTANT } else { CURRENCIES };
    if list.split_whitespace().any(|known| known == code) {
        Ok(code)
    } else {
        Err(Problem::field(&format!("{pointer}/currency"), "is not included in the list"))
    }
}

/// A scheme of mandates and its currency.
pub(super) fn scheme(object: &Value, pointer: &str) -> Result<(String, String), Problem> {
    let given = text(object, pointer, "scheme")?;
    let currency = text(object, pointer, "currency")?;
    let found = SCHEMES.iter().find(|(scheme, code)| {
        given.as_deref().is_none_or(|given| given == *scheme) && currency.as_deref().is_none_or(|given| given == *code)
    });
    if given.is_none() && currency.is_none() {
        return Err(Problem::field(&format!("{pointer}/scheme"), "can't be blank"));
    }
    let found = found.ok_or_else(|| Problem::field(&format!("{pointer}/scheme"), "is not included in the list"))?;
    Ok((found.0.to_owned(), found.1.to_owned()))
}

/// The currency of a scheme.
pub(super) fn currency_of(scheme: &str) -> &'static str {
    SCHEMES.iter().find(|(name, _)| *name == scheme).map_or("EUR", |(_, code)| code)
}

/// Text that may be missing or null.
pub(super) fn text(object: &Value, pointer: &str, field: &str) -> Result<Option<String>, Problem> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Problem::field(&format!("{pointer}/{field}"), "must be a string")),
    }
}

/// An identifier under `links`.
pub(super) fn linked(object: &Value, pointer: &str, name: &str) -> Result<Option<String>, Problem> {
    text(&object["links"], &format!("{pointer}/links"), name)
}

/// An address the customer is sent to.
pub(super) fn address(object: &Value, pointer: &str, field: &str) -> Result<Value, Problem> {
    let Some(text) = text(object, pointer, field)? else { return Ok(Value::Null) };
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) {
        Ok(Value::String(text))
    } else {
        Err(Problem::field(&format!("{pointer}/{field}"), "is not a valid URI"))
    }
}

/// Text up to a length, as JSON.
pub(super) fn short(object: &Value, pointer: &str, field: &str, most: usize) -> Result<Value, Problem> {
    match text(object, pointer, field)? {
        Some(text) if text.chars().count() > most => {
            let message = format!("is too long (maximum is {most} characters)");
            Err(Problem::field(&format!("{pointer}/{field}"), &message))
        }
        Some(text) => Ok(Value::String(text)),
        None => Ok(Value::Null),
    }
}

/// Metadata within its limits; `{}` when there is none.
pub(super) fn metadata(object: &Value, pointer: &str) -> Result<Value, Problem> {
    let pointer = format!("{pointer}/metadata");
    let Some(value) = object.get("metadata").filter(|value| !value.is_null()) else { return Ok(json!({})) };
    let Some(pairs) = value.as_object() else { return Err(Problem::field(&pointer, "must be an object")) };
    if pairs.len() > KEYS {
        return Err(Problem::field(&pointer, "must contain at most 3 keys"));
    }
    for (key, value) in pairs {
        if key.chars().count() > KEY {
            return Err(Problem::field(&pointer, "keys must be at most 50 characters"));
        }
        if value.as_str().is_none_or(|value| value.chars().count() > VALUE) {
            return Err(Problem::field(&format!("{pointer}/{key}"), "must be a string of at most 500 characters"));
        }
    }
    Ok(value.clone())
}
