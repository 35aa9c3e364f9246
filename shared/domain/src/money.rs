//! Amounts: whole minor units together with their currency, checked arithmetic, tax and allocation without losing a cent.

mod decimal;

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize, de::Error as _};
use thiserror::Error;
use utoipa::PartialSchema as _;

use decimal::parse_scaled;
pub use decimal::{Quantity, TaxRate, UnitPrice};

/// A currency of ISO 4217 that the product can keep accounts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "ISO 4217 codes")]
pub enum Currency {
    Eur,
    Chf,
    Gbp,
    Usd,
    Pln,
    Czk,
    Dkk,
    Sek,
    Nok,
    Huf,
    Ron,
    Jpy,
}

impl Currency {
    /// All currencies.
    pub const ALL: [Self; 12] = [
        Self::Eur,
        Self::Chf,
        Self::Gbp,
        Self::Usd,
        Self::Pln,
        Self::Czk,
        Self::Dkk,
        Self::Sek,
        Self::Nok,
        Self::Huf,
        Self::Ron,
        Self::Jpy,
    ];

    /// Three letters, for example `EUR`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Chf => "CHF",
            Self::Gbp => "GBP",
            Self::Usd => "USD",
            Self::Pln => "PLN",
            Self::Czk => "CZK",
            Self::Dkk => "DKK",
            Self::Sek => "SEK",
            Self::Nok => "NOK",
            Self::Huf => "HUF",
            Self::Ron => "RON",
            Self::Jpy => "JPY",
        }
    }

    /// Digits after the point, as ISO 4217 lists them (HUF has two there, although no coins remain).
    #[must_use]
    pub const fn digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            _ => 2,
        }
    }

    const fn scale(self) -> i64 {
        10_i64.pow(self.digits())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::ALL.into_iter().find(|currency| currency.code() == code).ok_or(MoneyError::UnknownCurrency)
    }
}

/// Why an amount cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The sum leaves the range of 64 bits, or of [`Money::MAX_MINOR`] when read.
    #[error("is too large")]
    Overflow,
    /// Amounts of two currencies met.
    #[error("has another currency")]
    CurrencyMismatch,
    /// Not a decimal number with at most the currency's digits.
    #[error("must be a decimal number such as \"15.91\" with at most the digits of its currency")]
    NotAnAmount,
    /// No code of the list.
    #[error("is not a supported ISO 4217 currency")]
    UnknownCurrency,
}

/// How a fraction of a minor unit is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Half away from zero: what § 14 UStG invoices and EN 16931 use.
    HalfUp,
}

/// An amount in minor units (cents) and its currency, always together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Largest amount read from outside, in minor units: ten billion euros, far below overflow of any sum we build.
    pub const MAX_MINOR: i64 = 1_000_000_000_000;

    /// An amount of whole minor units.
    #[must_use]
    pub const fn of_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::of_minor(0, currency)
    }

    /// Minor units, for example 1591 for 15.91 EUR.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Is it exactly nothing?
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Is it more than nothing?
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Is it less than nothing?
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Sum of two amounts.
    ///
    /// # Errors
    /// Another currency, or overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// Difference of two amounts.
    ///
    /// # Errors
    /// Another currency, or overflow.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other.negated()?)
    }

    /// The same amount with the opposite sign.
    ///
    /// # Errors
    /// Overflow (the smallest 64-bit number has no opposite).
    pub fn negated(self) -> Result<Self, MoneyError> {
        self.minor.checked_neg().map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// Sum of many amounts of one currency; nothing gives zero.
    ///
    /// # Errors
    /// Another currency, or overflow.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// Sums of amounts of any currencies, one per currency in the order of [`Currency::ALL`]; nothing gives none.
    ///
    /// # Errors
    /// Overflow.
    pub fn sums(amounts: impl IntoIterator<Item = Self>) -> Result<Vec<Self>, MoneyError> {
        let mut sums: BTreeMap<Currency, Self> = BTreeMap::new();
        for amount in amounts {
            let sum = sums.entry(amount.currency).or_insert(Self::zero(amount.currency));
            *sum = sum.plus(amount)?;
        }
        Ok(sums.into_values().collect())
    }

    /// Tax at a rate on this net amount.
    ///
    /// # Errors
    /// Overflow.
    pub fn tax(self, rate: TaxRate, rounding: Rounding) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor) * i128::from(rate.0);
        round_div(product, 10_000, rounding).map(|minor| Self { minor, ..self })
    }

    /// Splits the amount by weights. The parts sum to the amount exactly; what rounding leaves goes, cent by cent, to the
    /// parts that lost most, earlier ones first. Without any weight the first part takes all.
    ///
    /// # Errors
    /// `NotAnAmount` when there is no part at all.
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        if weights.is_empty() {
            return Err(MoneyError::NotAnAmount);
        }
        if total == 0 {
            let mut parts = vec![Self::zero(self.currency); weights.len()];
            parts[0] = self;
            return Ok(parts);
        }
        let size = u128::from(self.minor.unsigned_abs());
        let mut parts: Vec<(u128, u128)> = weights
            .iter()
            .map(|weight| (size * u128::from(*weight) / total, size * u128::from(*weight) % total))
            .collect();
        let mut left = size - parts.iter().map(|(part, _)| part).sum::<u128>();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(parts[*index].1));
        for index in order {
            if left == 0 {
                break;
            }
            parts[index].0 += 1;
            left -= 1;
        }
        parts
            .into_iter()
            .map(|(part, _)| {
                let minor = i64::try_from(part).map_err(|_| MoneyError::Overflow)?;
                Ok(Self { minor: minor * self.minor.signum(), ..self })
            })
            .collect()
    }

    /// The plain decimal number, for example `15.91` or `-0.05`, with all digits of the currency.
    #[must_use]
    pub fn decimal(self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (size, scale) = (self.minor.unsigned_abs(), self.currency.scale().unsigned_abs());
        match self.currency.digits() {
            0 => format!("{sign}{size}"),
            digits => format!("{sign}{}.{:0width$}", size / scale, size % scale, width = digits as usize),
        }
    }

    /// Reads a plain decimal number: `15.91`, `15`, `-0.5`.
    ///
    /// # Errors
    /// More digits than the currency has, anything but digits, or beyond [`Money::MAX_MINOR`].
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let minor = parse_scaled(text, currency.digits())?;
        if minor.unsigned_abs() > Self::MAX_MINOR.unsigned_abs() {
            return Err(MoneyError::Overflow);
        }
        Ok(Self { minor, currency })
    }
}

impl fmt::Display for Money {
    /// For logs and errors only; people read what the text crate formats.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

/// JSON and storage: `{"amount":"15.91","currency":"EUR"}`.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
struct Wire {
    /// Plain decimal number.
    amount: String,
    currency: Currency,
}

impl utoipa::PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Wire::schema()
    }
}

impl utoipa::ToSchema for Money {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        schemas.push((Currency::name().into(), Currency::schema()));
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { amount: self.decimal(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::parse_decimal(&wire.amount, wire.currency).map_err(D::Error::custom)
    }
}

fn round_div(numerator: i128, divisor: i128, rounding: Rounding) -> Result<i64, MoneyError> {
    let (quotient, rest) = (numerator / divisor, (numerator % divisor).abs());
    let away = match (rest * 2).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => matches!(rounding, Rounding::HalfUp),
    };
    let rounded = quotient + if away { numerator.signum() } else { 0 };
    i64::try_from(rounded).map_err(|_| MoneyError::Overflow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    #[test]
    fn money_is_text_with_its_currency_in_json() {
        let json = serde_json::to_string(&eur(1591)).unwrap();
        assert_eq!(json, r#"{"amount":"15.91","currency":"EUR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), eur(1591));
        for wrong in ["15.911", "15,91", "", ".5", "5.", "1e3", "--1", "+1", "99999999999999999999", "10000000001"] {
            assert!(Money::parse_decimal(wrong, Currency::Eur).is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_currencies_never_add_up() {
        let other = Money::of_minor(1, Currency::Chf);
        assert_eq!(eur(1).plus(other), Err(MoneyError::CurrencyMismatch));
        assert_eq!(eur(i64::MAX).plus(eur(1)), Err(MoneyError::Overflow));
        assert_eq!(Money::sums([other, eur(1), other, eur(2)]), Ok(vec![eur(3), Money::of_minor(2, Currency::Chf)]));
        assert_eq!(Money::sums([]), Ok(vec![]));
    }

    #[test]
    fn tax_is_rounded_half_up() {
        let rate: TaxRate = "19".parse().unwrap();
        assert_eq!(eur(1337).tax(rate, Rounding::HalfUp), Ok(eur(254)));
        assert_eq!(eur(50).tax(rate, Rounding::HalfUp), Ok(eur(10)), "9.5 is 10");
        assert_eq!(eur(-50).tax(rate, Rounding::HalfUp), Ok(eur(-10)), "away from zero");
    }

    #[test]
    fn consumption_is_priced_below_a_cent() {
        let price: UnitPrice = "0.0251".parse().unwrap();
        assert_eq!(price.times("1000".parse().unwrap(), Currency::Eur), Ok(eur(2510)));
        assert_eq!(price.decimal(), "0.0251");
        assert_eq!("5".parse::<UnitPrice>().unwrap().decimal(), "5.00");
    }

    proptest! {
        #[test]
        fn allocating_never_loses_a_cent(minor in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_u64..1_000_000, 1..40)) {
            let parts = eur(minor).allocate(&weights).unwrap();
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(Money::sum(Currency::Eur, parts.iter().copied()).unwrap(), eur(minor));
            prop_assert!(parts.iter().all(|part| part.minor() == 0 || part.minor().signum() == minor.signum()));
        }

        #[test]
        fn decimals_read_back(minor in -Money::MAX_MINOR..Money::MAX_MINOR) {
            prop_assert_eq!(Money::parse_decimal(&eur(minor).decimal(), Currency::Eur), Ok(eur(minor)));
        }
    }
}
