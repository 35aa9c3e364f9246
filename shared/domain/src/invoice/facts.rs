//! What an invoice says: parties, lines, tax and totals, checked against § 14 (4) UStG and its own arithmetic.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    parties::{self, Buyer, Seller},
    priced::{Line, Period, Priced, TaxTotal},
};
use crate::{
    Currency, FieldErrors, Language, Money,
    customer::check_line,
    money::MoneyError,
    number::{CustomerNumber, SubscriptionNumber},
    time::check_day,
};

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
    /// The currency of all its amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.gross.currency()
    }

    /// What it says of money.
    #[must_use]
    pub fn priced(&self) -> Priced<'_> {
        Priced { lines: &self.lines, taxes: &self.taxes, net: self.net, tax: self.tax, gross: self.gross }
    }

    /// Checks what § 14 (4) UStG and EN 16931 need, and that every sum is right.
    ///
    /// # Errors
    /// Every field that is missing or wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        parties::check_by_law(&self.seller, &self.buyer, &mut errors);
        check_line(&mut errors, "handle", &self.handle);
        check_line(&mut errors, "buyer_reference", &self.buyer_reference);
        self.check_dates(&mut errors);
        self.priced().check_lines(&mut errors);
        if errors.0.is_empty() && self.check_sums(&mut errors).is_err() {
            errors.add("gross", "invalid", "all amounts must have one currency and a sum within range");
        }
        errors.into_result()
    }

    /// Does it say what XRechnung wants beyond EN 16931 (BR-DE-5 to 7 and 15; both electronic addresses)? Then its page offers
    /// one.
    #[must_use]
    pub fn may_be_xrechnung(&self) -> bool {
        parties::suit_xrechnung(&self.seller, &self.buyer, &self.buyer_reference)
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

    fn check_sums(&self, errors: &mut FieldErrors) -> Result<(), MoneyError> {
        self.priced().check_sums(&self.seller, &self.buyer, errors)?;
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
