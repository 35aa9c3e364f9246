//! Lines, taxes and sums: what invoices and other documents with prices have in common, and that every sum is right.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::parties::{Buyer, Seller};
use crate::{
    Currency, FieldErrors, Money,
    money::{MoneyError, Quantity, Rounding, TaxRate, UnitPrice},
    time::check_day,
};

/// Value added tax category of a line (EN 16931 BT-151, UNTDID 5305).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum TaxCategory {
    /// Standard or reduced rate.
    S,
    /// Zero rated.
    Z,
    /// Exempt.
    E,
    /// Reverse charge: „Steuerschuldnerschaft des Leistungsempfängers".
    AE,
    /// Supply inside the European Union.
    K,
    /// Export.
    G,
    /// Outside the scope of value added tax.
    O,
}

impl TaxCategory {
    /// Must an invoice say why no tax is charged?
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::E | Self::AE | Self::K | Self::G | Self::O)
    }
}

/// Days something was delivered for, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What was delivered.
    pub description: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// Delivered for these days, where it differs from the invoice's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// How many.
    pub quantity: Quantity,
    /// Unit code of UN/ECE Recommendation 20, for example `C62` (piece), `HUR`, `MON`.
    #[serde(default = "piece")]
    pub unit: String,
    /// Net price of one.
    pub unit_price: UnitPrice,
    /// Why tax is charged or not.
    pub tax_category: TaxCategory,
    /// Rate in percent.
    pub tax_rate: TaxRate,
    /// Net amount: quantity times price, rounded half up.
    pub net: Money,
}

pub(crate) fn piece() -> String {
    "C62".to_owned()
}

/// Tax of one category and rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxTotal {
    /// Category of the lines it sums.
    pub category: TaxCategory,
    /// Rate in percent.
    pub rate: TaxRate,
    /// Sum of the lines.
    pub net: Money,
    /// Tax on that sum, rounded half up.
    pub tax: Money,
    /// Why no tax is charged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What a document with prices says of money, wherever it keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priced<'a> {
    /// At least one.
    pub lines: &'a [Line],
    /// One per category and rate.
    pub taxes: &'a [TaxTotal],
    /// Sum of the lines.
    pub net: Money,
    /// Sum of the taxes.
    pub tax: Money,
    /// Net plus tax.
    pub gross: Money,
}

impl Priced<'_> {
    /// Most lines of one document.
    pub const MAX_LINES: usize = 1_000;

    /// The currency of all its amounts.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.gross.currency()
    }

    /// Notes every line that is missing or wrong.
    pub(crate) fn check_lines(self, errors: &mut FieldErrors) {
        if self.lines.is_empty() {
            let message = "quantity and kind of what is delivered are needed, of an invoice by § 14 (4) no. 5 UStG";
            errors.missing("lines", message);
        }
        errors.require(self.lines.len() <= Self::MAX_LINES, "lines", "too_many", "there are at most 1000 lines");
        for (position, line) in self.lines.iter().enumerate().take(Self::MAX_LINES) {
            let field = |name: &str| format!("lines[{position}].{name}");
            if line.description.trim().is_empty() {
                errors.missing(field("description"), "is needed, of an invoice by § 14 (4) no. 5 UStG");
            }
            check_description(errors, &field("description"), &line.description, &line.details);
            if let Some(period) = line.period {
                let ordered = period.from <= period.to;
                errors.require(ordered, &field("period.to"), "invalid", "must not lie before period.from");
                check_day(errors, &field("period.from"), period.from);
                check_day(errors, &field("period.to"), period.to);
            }
            let taxed = line.tax_category == TaxCategory::S;
            errors.require(
                taxed == (line.tax_rate > TaxRate::ZERO),
                &field("tax_rate"),
                "invalid",
                "category S has a rate above 0, all others 0",
            );
            let product = line.unit_price.times(line.quantity, self.currency());
            errors.require(
                product == Ok(line.net),
                &field("net"),
                "invalid",
                "must be quantity times unit_price, rounded half up",
            );
            check_unit(errors, &field("unit"), &line.unit);
        }
    }

    /// Notes every sum that is wrong, and what the tax of a line needs of the parties.
    ///
    /// # Errors
    /// Amounts of two currencies, or out of range: then no sum says anything.
    pub(crate) fn check_sums(self, seller: &Seller, buyer: &Buyer, errors: &mut FieldErrors) -> Result<(), MoneyError> {
        let currency = self.currency();
        let lines = Money::sum(currency, self.lines.iter().map(|line| line.net))?;
        errors.require(lines == self.net, "net", "invalid", "must be the sum of the lines");
        for (position, total) in self.taxes.iter().enumerate() {
            self.check_total(position, total, errors)?;
            let intra = matches!(total.category, TaxCategory::AE | TaxCategory::K) && buyer.vat_id.trim().is_empty();
            errors.require(!intra, "buyer.vat_id", "missing", "is needed where the buyer owes the tax");
            let abroad = matches!(total.category, TaxCategory::K | TaxCategory::G) && seller.vat_id.trim().is_empty();
            errors.require(
                !abroad,
                "seller.vat_id",
                "missing",
                "is needed for supplies abroad (EN 16931 BR-IC-02, BR-G-02)",
            );
        }
        self.check_categories(errors);
        let tax = Money::sum(currency, self.taxes.iter().map(|total| total.tax))?;
        errors.require(tax == self.tax, "tax", "invalid", "must be the sum of taxes");
        errors.require(self.net.plus(self.tax)? == self.gross, "gross", "invalid", "must be net plus tax");
        Ok(())
    }

    fn check_total(self, position: usize, total: &TaxTotal, errors: &mut FieldErrors) -> Result<(), MoneyError> {
        let field = |name: &str| format!("taxes[{position}].{name}");
        let own = self.lines.iter().filter(|line| (line.tax_category, line.tax_rate) == (total.category, total.rate));
        let base = Money::sum(self.currency(), own.map(|line| line.net))?;
        errors.require(
            base == total.net,
            &field("net"),
            "invalid",
            "must be the sum of the lines of this category and rate",
        );
        let tax = total.net.tax(total.rate, Rounding::HalfUp)?;
        errors.require(tax == total.tax, &field("tax"), "invalid", "must be net times rate, rounded half up");
        if total.category.needs_reason() && total.reason.trim().is_empty() {
            errors.missing(field("reason"), "the reason for not charging tax is needed (§ 14 (4) no. 8 UStG)");
        }
        Ok(())
    }

    fn check_categories(self, errors: &mut FieldErrors) {
        let categories: BTreeSet<TaxCategory> = self.taxes.iter().map(|total| total.category).collect();
        let mixed = categories.contains(&TaxCategory::O) && categories.len() > 1;
        errors.require(!mixed, "taxes", "invalid", "category O stands alone (EN 16931 BR-O-11)");
        for (position, line) in self.lines.iter().enumerate() {
            let owners =
                self.taxes.iter().filter(|t| (t.category, t.rate) == (line.tax_category, line.tax_rate)).count();
            let field = format!("lines[{position}].tax_rate");
            errors.require(
                owners == 1,
                &field,
                "invalid",
                "needs exactly one entry in taxes with its category and rate",
            );
        }
    }
}

/// Notes a description that no paper has room for.
pub(crate) fn check_description(errors: &mut FieldErrors, field: &str, description: &str, details: &str) {
    let long = description.chars().count() > 500 || details.chars().count() > 2_000;
    errors.require(!long, field, "too_long", "must have at most 500 characters, details 2000");
}

/// Notes a unit whose form no code has.
pub(crate) fn check_unit(errors: &mut FieldErrors, field: &str, unit: &str) {
    let is_code = (1..=3).contains(&unit.len()) && unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
    errors.require(is_code, field, "invalid", "must be a code of UN/ECE Recommendation 20 such as C62");
}
