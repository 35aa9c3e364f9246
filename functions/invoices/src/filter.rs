//! What the list of invoices shows: the filters, their words, and the address of a selection.

use serde::{Deserialize, Serialize};
use text::Words;
use utoipa::ToSchema;

/// Which invoices are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// „Alle".
    #[default]
    All,
    /// „Offen": something is still to pay.
    Open,
    /// „Überfällig".
    Overdue,
    /// „Bezahlt".
    Paid,
    /// „Storniert".
    Cancelled,
}

impl Filter {
    /// All filters, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::All, Self::Open, Self::Overdue, Self::Paid, Self::Cancelled];

    /// The word in the address.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
        }
    }

    /// What the link says.
    #[must_use]
    pub fn label(self, t: &Words) -> &'static str {
        match self {
            Self::All => t.invoices_filter_all(),
            Self::Open => t.invoices_filter_open(),
            Self::Overdue => t.invoices_filter_overdue(),
            Self::Paid => t.invoices_filter_paid(),
            Self::Cancelled => t.invoices_filter_cancelled(),
        }
    }

    /// What a table of these invoices shows.
    #[must_use]
    pub fn caption(self, t: &Words) -> &'static str {
        match self {
            Self::All => t.invoices_caption_all(),
            Self::Open => t.invoices_caption_open(),
            Self::Overdue => t.invoices_caption_overdue(),
            Self::Paid => t.invoices_caption_paid(),
            Self::Cancelled => t.invoices_caption_cancelled(),
        }
    }

    /// Heading when there are none.
    #[must_use]
    pub fn nothing(self, t: &Words) -> &'static str {
        match self {
            Self::All => t.invoices_empty(),
            Self::Open => t.invoices_empty_open(),
            Self::Overdue => t.invoices_empty_overdue(),
            Self::Paid => t.invoices_empty_paid(),
            Self::Cancelled => t.invoices_empty_cancelled(),
        }
    }
}

/// Address of the list, or of its CSV, with filter, year and cursor. Cursors are made of letters that need no escape.
#[must_use]
pub fn address(path: &str, filter: Filter, year: Option<i16>, after: Option<&str>) -> String {
    let filter = (filter != Filter::All).then(|| format!("filter={}", filter.code()));
    let year = year.map(|year| format!("year={year}"));
    let after = after.map(|after| format!("after={after}"));
    let query: Vec<String> = [filter, year, after].into_iter().flatten().collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_filter_year_and_cursor() {
        assert_eq!(address("/invoices", Filter::All, None, None), "/invoices");
        let all = address("/invoices.csv", Filter::Open, Some(2026), Some("x"));
        assert_eq!(all, "/invoices.csv?filter=open&year=2026&after=x");
    }
}
