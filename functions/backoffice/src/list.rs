//! What the API's lists have in common: how many, from where, which, and the number in a path that is written to.

use domain::{FieldErrors, number::NotANumber};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Answer, Cursors, Problem};

/// Most items of one page.
const MAX_LIMIT: u16 = 100;

/// What the address of a list carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ListAsk {
    /// Items of one page: 1 to 100, 100 unless said.
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

impl ListAsk {
    /// How many are wanted, and after which place.
    pub(crate) fn read(&self, cursors: &Cursors) -> Answer<(u16, Option<String>)> {
        Ok((limit(self.limit), cursors.read(self.after.as_deref())?))
    }
}

/// Within bounds, whatever was asked for.
pub(crate) fn limit(asked: Option<u16>) -> u16 {
    asked.unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT)
}

/// A day of the month that was asked for; of this one where none was.
pub(crate) fn month(asked: Option<&str>, today: Date) -> Answer<Date> {
    let wrong = || FieldErrors::one("month", "invalid", "must be a month such as 2026-11");
    match asked {
        None => Ok(today),
        Some(month) => Ok(format!("{month}-01").parse().map_err(|_| wrong())?),
    }
}

/// The number in the path of something that is written: one that is none of ours is named, a broken address is 404.
pub(crate) fn to_write<T>(number: Result<T, NotANumber>, field: &str) -> Answer<T> {
    number.map_err(|error| match error {
        NotANumber::BadSlug => Problem::NotFound,
        error => FieldErrors::one(field, "invalid", error.to_string()).into(),
    })
}

/// A filter of a list: `?open`, `?open=true` or `?open=false`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Flag(pub(crate) bool);

impl TryFrom<String> for Flag {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "" | "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err("must be true or false"),
        }
    }
}
