//! Which account and which days, as an address carries them.

use domain::ledger::Account;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// First and last year of a statement.
const YEARS: std::ops::RangeInclusive<i16> = 1_900..=9_999;

/// What the address of a statement carries; without anything it is the first account in this year so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = StatementAsk)]
pub struct Ask {
    /// Number of the account.
    pub account: Option<String>,
    /// First day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
}

impl Ask {
    /// The days, where they are two and in their order.
    #[must_use]
    pub fn days(&self, today: Date) -> Option<(Date, Date)> {
        let day = |typed: &str| typed.trim().parse::<Date>().ok().filter(|day| YEARS.contains(&day.year()));
        let to = self.to.as_deref().map_or(Some(today), day)?;
        let from = self.from.as_deref().map_or(Some(to.first_of_year()), day)?;
        (from <= to).then_some((from, to))
    }

    /// The account that is meant; none where it is not one of these.
    #[must_use]
    pub fn choose<'a>(&self, accounts: &'a [Account]) -> Option<&'a Account> {
        match &self.account {
            Some(number) => accounts.iter().find(|account| account.number.as_str() == number),
            None => accounts.first(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, ledger::AccountKind};
    use jiff::civil::date;

    use super::*;

    fn ask(from: Option<&str>, to: Option<&str>) -> Ask {
        Ask { account: None, from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }

    #[test]
    fn without_days_it_is_this_year_so_far() {
        let today = date(2026, 11, 22);
        assert_eq!(ask(None, None).days(today), Some((date(2026, 1, 1), today)));
        assert_eq!(ask(None, Some("2025-03-31")).days(today), Some((date(2025, 1, 1), date(2025, 3, 31))));
        assert_eq!(ask(Some("2026-11-22"), None).days(today), Some((today, today)));
        for (from, to) in
            [("2026-02-01", "2026-01-31"), ("x", "2026-01-31"), ("2026-01-01", ""), ("0001-01-01", "2026-01-01")]
        {
            assert_eq!(ask(Some(from), Some(to)).days(today), None, "{from} {to}");
        }
    }

    #[test]
    fn only_ones_own_accounts_can_be_chosen() {
        let account = |number: &str| Account::open(number.parse().unwrap(), AccountKind::Prepaid, Currency::Eur);
        let accounts = [account("A1"), account("A2")];
        let named = |number: &str| Ask { account: Some(number.to_owned()), ..Ask::default() };
        assert_eq!(Ask::default().choose(&accounts), accounts.first());
        assert_eq!(named("A2").choose(&accounts), accounts.last());
        assert_eq!(named("A3").choose(&accounts), None);
        assert_eq!(Ask::default().choose(&[]), None);
    }
}
