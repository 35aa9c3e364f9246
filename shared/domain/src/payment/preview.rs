//! One amount over many invoices: overdue ones first, then the oldest, the rest becomes credit (B-04).

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;

use super::{MAX_INVOICES, Named};
use crate::{Money, invoice::InvoiceRow, money::MoneyError, number::InvoiceNumber};

/// An invoice that can be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which one.
    pub invoice: Named,
    /// When it was or is due.
    pub due_on: Date,
    /// What is still to pay.
    pub open: Money,
}

impl From<&InvoiceRow> for Claim {
    fn from(row: &InvoiceRow) -> Self {
        Self { invoice: Named::from(row), due_on: row.due_on, open: row.open }
    }
}

/// What one invoice gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Share {
    /// Which one.
    pub invoice: InvoiceNumber,
    /// When it was or is due.
    pub due_on: Date,
    /// What is open before.
    pub open: Money,
    /// What it gets.
    pub amount: Money,
    /// What stays open.
    pub remaining: Money,
    /// Leads to its row.
    #[serde(skip)]
    #[schema(ignore)]
    pub issued_on: Date,
}

/// What an amount will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// The amount.
    pub amount: Money,
    /// One per invoice that was chosen, those first that get the money first.
    pub allocations: Vec<Share>,
    /// What exceeds them and becomes credit.
    pub credit: Money,
}

impl Preview {
    /// The invoices that get something, in order: what the payment is for.
    #[must_use]
    pub fn named(&self) -> Vec<Named> {
        let paid = self.allocations.iter().filter(|share| share.amount.is_positive());
        paid.map(|share| Named { number: share.invoice.clone(), issued_on: share.issued_on }).collect()
    }
}

/// Why an amount cannot be distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SettlementRefused {
    /// Nothing, or less.
    #[error("must be more than 0")]
    NotPositive,
    /// Nothing was chosen, or nothing of it is open.
    #[error("nothing of this is open")]
    NothingOpen,
    /// Over [`MAX_INVOICES`].
    #[error("at most 200 invoices can be paid at once")]
    TooMany,
    /// A sum out of range, or another currency.
    #[error("is out of range")]
    Arithmetic(#[from] MoneyError),
}

/// Distributes an amount over claims of one currency; without an amount, exactly what is open. At most
/// [`MAX_INVOICES`] get something.
///
/// # Errors
/// See [`SettlementRefused`].
pub fn preview(amount: Option<Money>, mut claims: Vec<Claim>, today: Date) -> Result<Preview, SettlementRefused> {
    claims.retain(|claim| claim.open.is_positive());
    let currency = claims.first().ok_or(SettlementRefused::NothingOpen)?.open.currency();
    let all = Money::sum(currency, claims.iter().map(|claim| claim.open))?;
    let amount = amount.unwrap_or(all);
    if !amount.is_positive() {
        return Err(SettlementRefused::NotPositive);
    }
    let oldest = |claim: &Claim| (claim.invoice.issued_on, claim.invoice.number.clone());
    claims.sort_by_cached_key(|claim| {
        let overdue = claim.due_on < today;
        (!overdue, overdue.then_some(claim.due_on), oldest(claim))
    });
    let mut left = amount;
    let mut allocations = Vec::with_capacity(claims.len());
    for claim in claims {
        let share = if left.minor() < claim.open.minor() { left } else { claim.open };
        left = left.minus(share)?;
        allocations.push(Share {
            remaining: claim.open.minus(share)?,
            invoice: claim.invoice.number,
            issued_on: claim.invoice.issued_on,
            due_on: claim.due_on,
            open: claim.open,
            amount: share,
        });
    }
    let paid = allocations.iter().filter(|share| share.amount.is_positive()).count();
    if paid > MAX_INVOICES {
        return Err(SettlementRefused::TooMany);
    }
    Ok(Preview { amount, allocations, credit: left })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::Currency;

    const TODAY: Date = date(2026, 11, 24);

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn claim(number: &str, issued: Date, due: Date, open: i64) -> Claim {
        Claim { invoice: Named { number: number.parse().unwrap(), issued_on: issued }, due_on: due, open: eur(open) }
    }

    fn order(preview: &Preview) -> Vec<(&str, i64)> {
        preview.allocations.iter().map(|share| (share.invoice.as_str(), share.amount.minor())).collect()
    }

    #[test]
    fn overdue_invoices_come_first_then_the_oldest() {
        let claims = vec![
            claim("new", date(2026, 11, 20), date(2026, 12, 20), 1_000),
            claim("old", date(2026, 10, 1), date(2026, 12, 31), 1_000),
            claim("late", date(2026, 11, 1), date(2026, 11, 23), 1_000),
            claim("latest", date(2026, 11, 2), date(2026, 11, 20), 1_000),
        ];
        let preview = preview(Some(eur(2_500)), claims, TODAY).unwrap();
        assert_eq!(order(&preview), [("latest", 1_000), ("late", 1_000), ("old", 500), ("new", 0)]);
        assert_eq!(preview.named().len(), 3, "what gets nothing is not paid");
    }

    #[test]
    fn what_is_due_today_is_not_overdue() {
        let claims = vec![
            claim("today", date(2026, 11, 2), TODAY, 1_000),
            claim("older", date(2026, 11, 1), date(2026, 12, 1), 1_000),
        ];
        assert_eq!(order(&preview(None, claims, TODAY).unwrap()), [("older", 1_000), ("today", 1_000)]);
    }

    #[test]
    fn nothing_to_pay_and_nothing_paid_are_refused() {
        let paid = vec![claim("a", TODAY, TODAY, 0)];
        assert_eq!(preview(Some(eur(1)), paid, TODAY), Err(SettlementRefused::NothingOpen));
        let open = || vec![claim("a", TODAY, TODAY, 1)];
        assert_eq!(preview(Some(eur(0)), open(), TODAY), Err(SettlementRefused::NotPositive));
        let francs = Money::of_minor(1, Currency::Chf);
        let mixed = preview(Some(francs), open(), TODAY);
        assert_eq!(mixed, Err(SettlementRefused::Arithmetic(MoneyError::CurrencyMismatch)));
    }

    #[test]
    fn two_hundred_invoices_are_paid_at_once_and_not_one_more() {
        let many = |count: usize| (0..count).map(|n| claim(&format!("RE{n}"), TODAY, TODAY, 1)).collect::<Vec<_>>();
        assert!(preview(None, many(200), TODAY).is_ok());
        assert_eq!(preview(None, many(201), TODAY), Err(SettlementRefused::TooMany));
        assert!(preview(Some(eur(200)), many(201), TODAY).is_ok(), "the last one gets nothing");
    }

    proptest! {
        #[test]
        fn no_cent_is_lost_in_a_preview(amount in 1_i64..200_000, opens in prop::collection::vec(1_i64..10_000, 1..40)) {
            let claims = opens.iter().enumerate().map(|(n, open)| claim(&format!("RE{n}"), TODAY, TODAY, *open)).collect();
            let preview = preview(Some(eur(amount)), claims, TODAY).unwrap();
            let shares: i64 = preview.allocations.iter().map(|share| share.amount.minor()).sum();
            prop_assert_eq!(shares + preview.credit.minor(), amount);
            for share in &preview.allocations {
                prop_assert!(!share.amount.is_negative() && !share.remaining.is_negative());
                prop_assert_eq!(share.amount.minor() + share.remaining.minor(), share.open.minor());
            }
        }
    }
}
