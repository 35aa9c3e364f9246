//! JSON Lines: one thing a line, a result a line. A bad line is reported with its number and reason; good lines are in.

use domain::{FieldErrors, fields::FieldError};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use web::{Problem, input::from_json};

/// Most lines that are answered at once.
pub(crate) const MAX_LINES: usize = 1_000;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is new.
    Created,
    /// It was there and changed.
    Updated,
    /// It was there, just so.
    Unchanged,
    /// It is not in; see `errors`.
    Failed,
}

/// One line's result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineResult {
    /// Number of the line in the body, from 1.
    pub(crate) line: usize,
    /// Number of the thing, as far as it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// Why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldError>,
}

/// All results, in the order of the lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportResult {
    /// How many failed.
    pub(crate) failed: usize,
    /// One per line that is not empty.
    pub(crate) results: Vec<LineResult>,
}

impl ImportResult {
    /// Sorts the results by line and counts failures.
    pub(crate) fn of(mut results: Vec<LineResult>) -> Self {
        results.sort_by_key(|result| result.line);
        Self { failed: results.iter().filter(|result| result.outcome == Outcome::Failed).count(), results }
    }
}

/// A line that could be read.
#[derive(Debug)]
pub(crate) struct Line<T> {
    pub(crate) line: usize,
    pub(crate) value: T,
}

/// Reads all lines; those that cannot be read are results already.
///
/// # Errors
/// 422 for more than [`MAX_LINES`] lines, 415 for another content type.
pub(crate) fn read<T: DeserializeOwned>(
    bytes: &[u8],
    content_type: &str,
) -> Result<(Vec<Line<T>>, Vec<LineResult>), Problem> {
    if !matches!(content_type, "application/x-ndjson" | "application/jsonl" | "application/json-lines") {
        return Err(Problem::UnsupportedType("application/x-ndjson"));
    }
    let lines: Vec<(usize, &[u8])> = bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(position, line)| (position + 1, line.trim_ascii()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    if lines.len() > MAX_LINES {
        return Err(FieldErrors::one("body", "too_many", "at most 1000 lines are answered at once").into());
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (line, text) in lines {
        match from_json(text) {
            Ok(value) => good.push(Line { line, value }),
            Err(problem) => bad.push(failed(line, number_in(text), &problem)),
        }
    }
    Ok((good, bad))
}

/// The number in a line whose other parts are wrong, so that its sender finds it again.
fn number_in(text: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(text).ok()?;
    value.get("number")?.as_str().map(str::to_owned)
}

/// The result of a line that is not in.
pub(crate) fn failed(line: usize, number: Option<String>, problem: &Problem) -> LineResult {
    let mut errors = problem.errors();
    if errors.is_empty() {
        errors.push(FieldError { field: String::new(), code: problem.code(), message: problem.title().to_owned() });
    }
    LineResult { line, number, outcome: Outcome::Failed, errors }
}
