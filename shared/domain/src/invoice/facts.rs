//! What an invoice says: parties, lines, tax and totals, checked against § 14 (4) UStG and its own arithmetic.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, FieldErrors, Language, Money, Pii,
    customer::{CountryCode, EmailAddress, check_line},
    money::{MoneyError, Quantity, Rounding, TaxRate, UnitPrice},
    number::{CustomerNumber, SubscriptionNumber},
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

/// Who issues the invoice, frozen into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Seller {
    /// Full name of the company.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub city: String,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    /// „Steuernummer".
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tax_number: String,
    /// „USt-IdNr.".
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vat_id: String,
    /// Where questions go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// As people dial it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Account holder, IBAN and so on for transfers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<crate::tenant::BankAccount>,
}

/// Who receives the invoice, frozen into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Buyer {
    /// Company, if it is one.
    #[serde(skip_serializing_if = "absent")]
    pub company: Pii<String>,
    /// Person, with salutation where wanted, for example „Frau Exemplus Tine".
    #[serde(skip_serializing_if = "absent")]
    pub person: Pii<String>,
    /// Street and number.
    pub line1: Pii<String>,
    /// Further address line.
    #[serde(skip_serializing_if = "absent")]
    pub line2: Pii<String>,
    /// Further address line.
    #[serde(skip_serializing_if = "absent")]
    pub line3: Pii<String>,
    /// Postal code.
    pub postal_code: Pii<String>,
    /// Town.
    pub city: Pii<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    /// Needed for reverse charge and supplies inside the European Union.
    #[serde(skip_serializing_if = "absent")]
    pub vat_id: Pii<String>,
    /// Where the e-invoice goes (EN 16931 BT-49).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
}

fn absent(text: &Pii<String>) -> bool {
    text.is_empty()
}

impl Buyer {
    /// The first line of the address: company, else person.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.company.is_empty() { &self.person } else { &self.company }
    }
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

fn piece() -> String {
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

/// What was settled before the portal knew the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettledBefore {
    /// More than nothing, at most the gross amount.
    pub amount: Money,
    /// The day of the last payment.
    pub date: Date,
}

/// An invoice's facts, immutable once issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceFacts {
    /// Whose invoice it is.
    pub customer: CustomerNumber,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Fälligkeit".
    pub due_on: Date,
    /// Language of the document; without it the customer's, else the tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The integrator's own id, shown as „Kennung".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub handle: String,
    /// The contract it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionNumber>,
    /// Days of delivery; § 14 (4) no. 6 needs this or `delivered_on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Day of delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_on: Option<Date>,
    /// The buyer's order or reference (EN 16931 BT-10), for public bodies the Leitweg-ID.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub buyer_reference: String,
    /// Who issues it.
    pub seller: Seller,
    /// Who receives it.
    pub buyer: Buyer,
    /// At least one.
    pub lines: Vec<Line>,
    /// One per category and rate.
    pub taxes: Vec<TaxTotal>,
    /// Sum of the lines.
    pub net: Money,
    /// Sum of the taxes.
    pub tax: Money,
    /// Net plus tax: „Gesamtbetrag brutto".
    pub gross: Money,
    /// Printed below the totals.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// What was settled before the portal knew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_before: Option<SettledBefore>,
    /// May the portal charge it on its due day, where the tenant lets it (M-79)? Not where something else was agreed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub collect: bool,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_yes(value: &bool) -> bool {
    *value
}

impl InvoiceFacts {
    /// Most lines of one invoice.
    pub const MAX_LINES: usize = 1_000;

    /// The currency of all its amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.gross.currency()
    }

    /// Checks what § 14 (4) UStG and EN 16931 need, and that every sum is right.
    ///
    /// # Errors
    /// Every field that is missing or wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        self.check_parties(&mut errors);
        self.check_dates(&mut errors);
        self.check_lines(&mut errors);
        if errors.0.is_empty() && self.check_sums(&mut errors).is_err() {
            errors.add("gross", "invalid", "all amounts must have one currency and a sum within range");
        }
        errors.into_result()
    }

    /// Does it say what XRechnung wants beyond EN 16931 (BR-DE-5 to 7 and 15; both electronic addresses)? Then its page offers
    /// one.
    #[must_use]
    pub fn may_be_xrechnung(&self) -> bool {
        let (seller, buyer) = (&self.seller, &self.buyer);
        let texts = [self.buyer_reference.as_str(), &seller.phone];
        texts.iter().all(|text| !text.trim().is_empty()) && seller.email.is_some() && buyer.email.is_some()
    }

    fn check_parties(&self, errors: &mut FieldErrors) {
        let (seller, buyer) = (&self.seller, &self.buyer);
        let law = "is needed by § 14 (4) UStG";
        for (field, text) in [
            ("seller.name", &seller.name),
            ("seller.street", &seller.street),
            ("seller.postal_code", &seller.postal_code),
            ("seller.city", &seller.city),
            ("buyer.line1", &buyer.line1.0),
            ("buyer.postal_code", &buyer.postal_code.0),
            ("buyer.city", &buyer.city.0),
        ] {
            if text.trim().is_empty() {
                errors.missing(field, law);
            }
            check_line(errors, field, text);
        }
        if seller.country.is_none() {
            errors.missing("seller.country", "is needed by EN 16931 (BT-40)");
        }
        if buyer.country.is_none() {
            errors.missing("buyer.country", "is needed by EN 16931 (BT-55)");
        }
        if seller.tax_number.trim().is_empty() && seller.vat_id.trim().is_empty() {
            errors.missing("seller.tax_number", "a tax number or a VAT id is needed by § 14 (4) UStG");
        }
        if buyer.name().trim().is_empty() {
            errors.missing("buyer.company", "a company or a person is needed by § 14 (4) UStG");
        }
        for (field, text) in [
            ("buyer.company", &buyer.company.0),
            ("buyer.person", &buyer.person.0),
            ("buyer.line2", &buyer.line2.0),
            ("buyer.line3", &buyer.line3.0),
            ("handle", &self.handle),
            ("buyer_reference", &self.buyer_reference),
            ("seller.tax_number", &seller.tax_number),
            ("seller.vat_id", &seller.vat_id),
            ("seller.phone", &seller.phone),
            ("buyer.vat_id", &buyer.vat_id.0),
        ] {
            check_line(errors, field, text);
        }
        if let Some(bank) = &seller.bank {
            bank.check("seller.bank", errors);
        }
    }

    fn check_dates(&self, errors: &mut FieldErrors) {
        if self.period.is_none() && self.delivered_on.is_none() && self.lines.iter().any(|line| line.period.is_none()) {
            errors.missing("delivered_on", "a day or period of delivery is needed by § 14 (4) no. 6 UStG");
        }
        check_day(errors, "issued_on", self.issued_on);
        check_day(errors, "due_on", self.due_on);
        for (field, day) in [
            ("delivered_on", self.delivered_on),
            ("period.from", self.period.map(|period| period.from)),
            ("period.to", self.period.map(|period| period.to)),
            ("settled_before.date", self.settled_before.map(|settled| settled.date)),
        ] {
            day.into_iter().for_each(|day| check_day(errors, field, day));
        }
        errors.require(self.due_on >= self.issued_on, "due_on", "invalid", "must not lie before issued_on");
        if let Some(period) = self.period {
            errors.require(period.from <= period.to, "period.to", "invalid", "must not lie before period.from");
        }
        errors.require(self.note.chars().count() <= 2_000, "note", "too_long", "must have at most 2000 characters");
    }

    fn check_lines(&self, errors: &mut FieldErrors) {
        if self.lines.is_empty() {
            errors.missing("lines", "quantity and kind of what was delivered are needed by § 14 (4) no. 5 UStG");
        }
        errors.require(self.lines.len() <= Self::MAX_LINES, "lines", "too_many", "an invoice has at most 1000 lines");
        for (position, line) in self.lines.iter().enumerate().take(Self::MAX_LINES) {
            let field = |name: &str| format!("lines[{position}].{name}");
            if line.description.trim().is_empty() {
                errors.missing(field("description"), "is needed by § 14 (4) no. 5 UStG");
            }
            let long = line.description.chars().count() > 500 || line.details.chars().count() > 2_000;
            errors.require(!long, &field("description"), "too_long", "must have at most 500 characters, details 2000");
            let ordered = line.period.is_none_or(|period| period.from <= period.to);
            errors.require(ordered, &field("period.to"), "invalid", "must not lie before period.from");
            if let Some(period) = line.period {
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
            let unit_ok =
                (1..=3).contains(&line.unit.len()) && line.unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
            errors.require(
                unit_ok,
                &field("unit"),
                "invalid",
                "must be a code of UN/ECE Recommendation 20 such as C62",
            );
        }
    }

    fn check_sums(&self, errors: &mut FieldErrors) -> Result<(), MoneyError> {
        let currency = self.currency();
        let lines = Money::sum(currency, self.lines.iter().map(|line| line.net))?;
        errors.require(lines == self.net, "net", "invalid", "must be the sum of the lines");
        for (position, total) in self.taxes.iter().enumerate() {
            let field = |name: &str| format!("taxes[{position}].{name}");
            let own =
                self.lines.iter().filter(|line| (line.tax_category, line.tax_rate) == (total.category, total.rate));
            let base = Money::sum(currency, own.map(|line| line.net))?;
            errors.require(
                base == total.net,
                &field("net"),
                "invalid",
                "must be the sum of the lines of this category and rate",
            );
            let tax = total.net.tax(total.rate, Rounding::HalfUp)?;
            errors.require(tax == total.tax, &field("tax"), "invalid", "must be net times rate, rounded half up");
            if total.category.needs_reason() && total.reason.trim().is_empty() {
                errors.missing(field("reason"), "the reason for not charging tax is needed by § 14 (4) no. 8 UStG");
            }
            let intra =
                matches!(total.category, TaxCategory::AE | TaxCategory::K) && self.buyer.vat_id.trim().is_empty();
            errors.require(!intra, "buyer.vat_id", "missing", "is needed where the buyer owes the tax");
            let abroad =
                matches!(total.category, TaxCategory::K | TaxCategory::G) && self.seller.vat_id.trim().is_empty();
            errors.require(
                !abroad,
                "seller.vat_id",
                "missing",
                "is needed for supplies abroad (EN 16931 BR-IC-02, BR-G-02)",
            );
        }
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
        let tax = Money::sum(currency, self.taxes.iter().map(|total| total.tax))?;
        errors.require(tax == self.tax, "tax", "invalid", "must be the sum of taxes");
        errors.require(self.net.plus(self.tax)? == self.gross, "gross", "invalid", "must be net plus tax");
        errors.require(!self.gross.is_negative(), "gross", "invalid", "must not be negative: that is a credit note");
        if let Some(settled) = self.settled_before {
            let within = settled.amount.is_positive() && !self.gross.minus(settled.amount)?.is_negative();
            errors.require(within, "settled_before.amount", "invalid", "must be more than 0 and at most gross");
        }
        Ok(())
    }

    /// The names of the facts in which two versions differ, for refusing a changed re-send.
    #[must_use]
    pub fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        let pairs: [(&str, bool); 19] = [
            ("customer", self.customer == other.customer),
            ("issued_on", self.issued_on == other.issued_on),
            ("due_on", self.due_on == other.due_on),
            ("language", self.language == other.language),
            ("handle", self.handle == other.handle),
            ("subscription", self.subscription == other.subscription),
            ("period", self.period == other.period),
            ("delivered_on", self.delivered_on == other.delivered_on),
            ("buyer_reference", self.buyer_reference == other.buyer_reference),
            ("seller", self.seller == other.seller),
            ("buyer", self.buyer == other.buyer),
            ("lines", self.lines == other.lines),
            ("taxes", self.taxes == other.taxes),
            ("net", self.net == other.net),
            ("tax", self.tax == other.tax),
            ("gross", self.gross == other.gross),
            ("note", self.note == other.note),
            ("settled_before", self.settled_before == other.settled_before),
            ("collect", self.collect == other.collect),
        ];
        pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}
