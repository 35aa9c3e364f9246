//! Errors that name the field, collected: a form or document is told everything that is wrong with it at once.

use std::fmt;

use serde::Serialize;

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field as it stands in the body, for example `lines[2].net`.
    pub field: String,
    /// Stable word for programs, for example `missing`, `invalid`, `too_long`, `immutable`.
    pub code: &'static str,
    /// One English sentence for the integrator's developer. Never contains the refused value (it may be personal).
    pub message: String,
}

/// Everything wrong with a body. Empty means valid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// More than this many are not listed; the first ones say enough.
    pub const MAX: usize = 100;

    /// Notes one error.
    pub fn add(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        if self.0.len() < Self::MAX {
            self.0.push(FieldError { field: field.into(), code, message: message.into() });
        }
    }

    /// Notes that a field is absent or empty.
    pub fn missing(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.add(field, "missing", message);
    }

    /// Notes an error unless the condition holds.
    pub fn require(&mut self, holds: bool, field: &str, code: &'static str, message: &str) {
        if !holds {
            self.add(field, code, message);
        }
    }

    /// One error alone.
    #[must_use]
    pub fn one(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, code, message);
        errors
    }

    /// What serde says of a body's shape, in words of JSON. Its own name fields and expected types; values stand in backticks
    /// or quotes after „invalid value", so those messages are cut down to what was expected.
    #[must_use]
    pub fn of_shape(path: String, message: &str) -> Self {
        let message = message.split(" at line ").next().unwrap_or_default();
        if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            let field = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
            return Self::one(field, "missing", "is needed");
        }
        if message.starts_with("unknown field `") {
            return Self::one(path, "unknown_field", "is not a field of this body");
        }
        let expected = message.split_once(", expected ").map(|(_, expected)| plainly(expected));
        let harmless = message.starts_with("must ") || message.starts_with("is ");
        let text =
            expected.unwrap_or_else(|| if harmless { message.to_owned() } else { "has the wrong form".to_owned() });
        Self::one(path, "invalid", text)
    }

    /// `Ok` when nothing was noted.
    ///
    /// # Errors
    /// The errors themselves, when there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The first error of a field, for showing it beside its input.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&FieldError> {
        self.0.iter().find(|error| error.field == field)
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for FieldErrors {}

/// What serde expected in words of JSON: the other side knows nothing of our types.
fn plainly(expected: &str) -> String {
    let first = expected.split_whitespace().next().unwrap_or_default();
    match first {
        "u8" => "must be a whole number from 0 to 255".into(),
        "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => "must be a whole number".into(),
        "f32" | "f64" => "must be a number".into(),
        "struct" | "map" | "internally" | "adjacently" => "must be a JSON object".into(),
        "a" if expected.starts_with("a map") => "must be a JSON object".into(),
        "a" if expected.starts_with("a sequence") => "must be a list".into(),
        "string" if expected.starts_with("string or map") => "must be a string".into(),
        "enum" | "tuple" | "newtype" | "unit" | "option" | "variant" | "field" => "has the wrong form".into(),
        _ => format!("must be {expected}"),
    }
}
