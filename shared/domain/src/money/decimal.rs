//! Plain decimal numbers beside amounts: rates, quantities, prices of one piece.

use std::str::FromStr;

use serde::{Deserialize, Serialize, de::Error as _};

use super::{Currency, Money, MoneyError, Rounding, round_div};

/// A tax rate in hundredths of a percent: 1900 is 19 %. JSON: the percentage as text, `"19"` or `"5.5"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String)]
pub struct TaxRate(pub(super) i64);

impl TaxRate {
    /// No tax.
    pub const ZERO: Self = Self(0);

    /// The percentage as plain decimal number without needless zeros: `19`, `5.5`.
    #[must_use]
    pub fn percent(self) -> String {
        trim_decimal(self.0, 2)
    }
}

impl FromStr for TaxRate {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match parse_scaled(text, 2)? {
            rate @ 0..=10_000 => Ok(Self(rate)),
            _ => Err(MoneyError::NotAnAmount),
        }
    }
}

/// A count of something sold, up to four decimals, for example `1` or `2.5`. JSON: text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, utoipa::ToSchema)]
#[schema(value_type = String)]
pub struct Quantity(i64);

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(10_000);

    /// Plain decimal number without needless zeros.
    #[must_use]
    pub fn decimal(self) -> String {
        trim_decimal(self.0, 4)
    }
}

impl FromStr for Quantity {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let value = parse_scaled(text, 4)?;
        if value.unsigned_abs() > 1_000_000_000_000 { Err(MoneyError::Overflow) } else { Ok(Self(value)) }
    }
}

/// A price for one piece in major units, up to four decimals (prices per unit of consumption are below a cent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, utoipa::ToSchema)]
#[schema(value_type = String)]
pub struct UnitPrice(i64);

impl UnitPrice {
    /// Plain decimal number with at least two decimals.
    #[must_use]
    pub fn decimal(self) -> String {
        let text = trim_decimal(self.0, 4);
        match text.split_once('.') {
            None => format!("{text}.00"),
            Some((whole, fraction)) => format!("{whole}.{fraction:0<2}"),
        }
    }

    /// Price times quantity as an amount, half up.
    ///
    /// # Errors
    /// Overflow.
    pub fn times(self, quantity: Quantity, currency: Currency) -> Result<Money, MoneyError> {
        let product = i128::from(self.0) * i128::from(quantity.0) * i128::from(currency.scale());
        round_div(product, 100_000_000, Rounding::HalfUp).map(|minor| Money { minor, currency })
    }
}

impl FromStr for UnitPrice {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let value = parse_scaled(text, 4)?;
        if value.unsigned_abs() > 1_000_000_000_000_000 { Err(MoneyError::Overflow) } else { Ok(Self(value)) }
    }
}

macro_rules! decimal_text {
    ($($name:ident by $method:ident;)*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.$method())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}
decimal_text! { TaxRate by percent; Quantity by decimal; UnitPrice by decimal; }

pub(super) fn parse_scaled(text: &str, digits: u32) -> Result<i64, MoneyError> {
    let (negative, number) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let shape_ok = !whole.is_empty()
        && all_digits(whole)
        && all_digits(fraction)
        && fraction.len() <= digits as usize
        && (number.contains('.') != fraction.is_empty());
    if !shape_ok {
        return Err(MoneyError::NotAnAmount);
    }
    let padded = format!("{whole}{fraction:0<width$}", width = digits as usize);
    let size: i64 = padded.parse().map_err(|_| MoneyError::Overflow)?;
    Ok(if negative { -size } else { size })
}

fn trim_decimal(value: i64, digits: u32) -> String {
    let scale = 10_u64.pow(digits);
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = format!("{rest:0width$}", width = digits as usize);
    format!("{sign}{whole}.{}", fraction.trim_end_matches('0'))
}
