//! What each kind of document says beside its letter, and what must be true of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{DocumentType, Letter};
use crate::{
    FieldErrors, Money,
    customer::check_line,
    invoice::{
        Line, MAX_DUNNING_LEVEL, Priced, SettledBefore, TaxTotal,
        priced::{check_description, check_unit, piece},
    },
    money::{MoneyError, Quantity},
    number::InvoiceNumber,
    time::check_day,
};

/// What a document says, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[schema(as = DocumentContent)]
pub enum Content {
    /// „Gutschrift".
    CreditNote(CreditNote),
    /// „Mahnung".
    Dunning(Dunning),
    /// „Angebot".
    Offer(Offer),
    /// „Lieferschein".
    DeliveryNote(DeliveryNote),
    /// „Auftragsbestätigung".
    Confirmation(Confirmation),
}

/// Lines, taxes and sums of a document with prices; nothing of it where only a PDF was uploaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Listing {
    /// At least one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// One per category and rate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxTotal>,
    /// Sum of the lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Money>,
    /// Sum of the taxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
}

/// What „Gutschrift" means: the word is used for two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// A correction in commerce, type code 381.
    #[default]
    Correction,
    /// Self-billing (§ 14 (2) UStG), type code 389.
    SelfBilling,
}

impl CreditKind {
    /// Type code of EN 16931 (UNTDID 1001).
    #[must_use]
    pub const fn type_code(self) -> u16 {
        match self {
            Self::Correction => 381,
            Self::SelfBilling => 389,
        }
    }
}

/// „Gutschrift".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreditNote {
    /// Line by line.
    #[serde(flatten)]
    pub listing: Listing,
    /// What is credited, tax included; not negative.
    pub gross: Money,
    /// The invoice it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceNumber>,
    /// Correction or self-billing.
    #[serde(default)]
    pub kind: CreditKind,
    /// The buyer's order or reference (EN 16931 BT-10), for public bodies the Leitweg-ID.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub buyer_reference: String,
    /// What of it was paid out or set off before the portal knew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_before: Option<SettledBefore>,
}

/// „Angebot".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Offer {
    /// Line by line.
    #[serde(flatten)]
    pub listing: Listing,
    /// What it comes to, tax included; may be left out where only a PDF is uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<Money>,
    /// The last day on which it can be accepted.
    pub valid_until: Date,
}

/// „Auftragsbestätigung".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Confirmation {
    /// Line by line.
    #[serde(flatten)]
    pub listing: Listing,
    /// What it comes to, tax included; may be left out where only a PDF is uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<Money>,
    /// „Ihre Bestellung".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_reference: String,
    /// „Liefertermin".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_on: Option<Date>,
}

/// „Mahnung".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Dunning {
    /// „Mahnstufe", 1 to 9.
    pub level: u8,
    /// What is still to pay; left out where only a PDF is uploaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<Dunned>,
    /// „Mahngebühr".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// What is to pay: everything open, and the fee.
    pub total: Money,
    /// „Zahlbar bis".
    pub pay_by: Date,
}

/// One invoice that is dunned, as it stood on the day of issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dunned {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Fälligkeit".
    pub due_on: Date,
    /// What was still to pay of it.
    pub open: Money,
}

/// „Lieferschein": what is delivered, without any price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeliveryNote {
    /// What is delivered; left out where only a PDF is uploaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Delivered>,
    /// „Ihre Bestellung".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_reference: String,
    /// „Lieferdatum".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_on: Option<Date>,
}

/// One thing that is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// What it is.
    pub description: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// How many.
    pub quantity: Quantity,
    /// Unit code of UN/ECE Recommendation 20, for example `C62` (piece).
    #[serde(default = "piece")]
    pub unit: String,
}

impl Content {
    /// Most invoices of a dunning letter, and most items of a delivery note.
    pub const MAX_ROWS: usize = 1_000;

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> DocumentType {
        match self {
            Self::CreditNote(_) => DocumentType::CreditNote,
            Self::Dunning(_) => DocumentType::Dunning,
            Self::Offer(_) => DocumentType::Offer,
            Self::DeliveryNote(_) => DocumentType::DeliveryNote,
            Self::Confirmation(_) => DocumentType::Confirmation,
        }
    }

    /// What it says of money line by line; nothing where it has no prices, or only an uploaded PDF says them.
    #[must_use]
    pub fn priced(&self) -> Option<Priced<'_>> {
        match self {
            Self::CreditNote(note) => note.listing.priced(Some(note.gross)),
            Self::Offer(offer) => offer.listing.priced(offer.gross),
            Self::Confirmation(confirmation) => confirmation.listing.priced(confirmation.gross),
            Self::Dunning(_) | Self::DeliveryNote(_) => None,
        }
    }

    /// What it comes to: the gross amount, or what a dunning letter asks for.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::CreditNote(note) => Some(note.gross),
            Self::Offer(offer) => offer.gross,
            Self::Confirmation(confirmation) => confirmation.gross,
            Self::Dunning(dunning) => Some(dunning.total),
            Self::DeliveryNote(_) => None,
        }
    }

    /// The fields that belong to a kind and to no letter, as JSON names them.
    #[must_use]
    pub const fn fields(kind: DocumentType) -> &'static [&'static str] {
        match kind {
            DocumentType::Invoice => &[],
            DocumentType::CreditNote => {
                &["lines", "taxes", "net", "tax", "gross", "invoice", "kind", "buyer_reference", "settled_before"]
            }
            DocumentType::Offer => &["lines", "taxes", "net", "tax", "gross", "valid_until"],
            DocumentType::Confirmation => &["lines", "taxes", "net", "tax", "gross", "order_reference", "delivery_on"],
            DocumentType::Dunning => &["level", "invoices", "fee", "total", "pay_by"],
            DocumentType::DeliveryNote => &["items", "order_reference", "delivered_on"],
        }
    }

    pub(super) fn check(&self, letter: &Letter, errors: &mut FieldErrors) {
        match self {
            Self::CreditNote(note) => note.check(letter, errors),
            Self::Offer(offer) => {
                check_not_before_issue(errors, "valid_until", offer.valid_until, letter);
                offer.listing.check(offer.gross, letter, errors);
            }
            Self::Confirmation(confirmation) => {
                check_line(errors, "order_reference", &confirmation.order_reference);
                confirmation.delivery_on.into_iter().for_each(|day| check_day(errors, "delivery_on", day));
                confirmation.listing.check(confirmation.gross, letter, errors);
            }
            Self::Dunning(dunning) => dunning.check(letter, errors),
            Self::DeliveryNote(note) => note.check(letter, errors),
        }
    }

    /// The names of the fields in which two versions of one kind differ; `type` for two of different kinds.
    pub(super) fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        match (self, other) {
            (Self::CreditNote(one), Self::CreditNote(other)) => {
                let mut differing = one.listing.differing_fields(&other.listing);
                differing.extend(names(&[
                    ("gross", one.gross == other.gross),
                    ("invoice", one.invoice == other.invoice),
                    ("kind", one.kind == other.kind),
                    ("buyer_reference", one.buyer_reference == other.buyer_reference),
                    ("settled_before", one.settled_before == other.settled_before),
                ]));
                differing
            }
            (Self::Offer(one), Self::Offer(other)) => {
                let mut differing = one.listing.differing_fields(&other.listing);
                differing.extend(names(&[
                    ("gross", one.gross == other.gross),
                    ("valid_until", one.valid_until == other.valid_until),
                ]));
                differing
            }
            (Self::Confirmation(one), Self::Confirmation(other)) => {
                let mut differing = one.listing.differing_fields(&other.listing);
                differing.extend(names(&[
                    ("gross", one.gross == other.gross),
                    ("order_reference", one.order_reference == other.order_reference),
                    ("delivery_on", one.delivery_on == other.delivery_on),
                ]));
                differing
            }
            (Self::Dunning(one), Self::Dunning(other)) => names(&[
                ("level", one.level == other.level),
                ("invoices", one.invoices == other.invoices),
                ("fee", one.fee == other.fee),
                ("total", one.total == other.total),
                ("pay_by", one.pay_by == other.pay_by),
            ]),
            (Self::DeliveryNote(one), Self::DeliveryNote(other)) => names(&[
                ("items", one.items == other.items),
                ("order_reference", one.order_reference == other.order_reference),
                ("delivered_on", one.delivered_on == other.delivered_on),
            ]),
            _ => vec!["type"],
        }
    }
}

impl Listing {
    fn priced(&self, gross: Option<Money>) -> Option<Priced<'_>> {
        let (net, tax, gross) = (self.net?, self.tax?, gross?);
        Some(Priced { lines: &self.lines, taxes: &self.taxes, net, tax, gross })
    }

    fn check(&self, gross: Option<Money>, letter: &Letter, errors: &mut FieldErrors) {
        let credits = gross.is_none_or(|gross| !gross.is_negative());
        errors.require(credits, "gross", "invalid", "must not be negative");
        if letter.uploaded {
            let message = "stand in the uploaded PDF: such a document has no lines, taxes, net or tax of its own";
            errors.require(*self == Self::default(), "lines", "invalid", message);
            return;
        }
        let Some(priced) = self.priced(gross) else {
            for (field, amount) in [("net", self.net), ("tax", self.tax), ("gross", gross)] {
                if amount.is_none() {
                    errors.missing(field, "is needed");
                }
            }
            return;
        };
        priced.check_lines(errors);
        if errors.0.is_empty() && priced.check_sums(&letter.seller, &letter.buyer, errors).is_err() {
            errors.add("gross", "invalid", "all amounts must have one currency and a sum within range");
        }
    }

    fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        names(&[
            ("lines", self.lines == other.lines),
            ("taxes", self.taxes == other.taxes),
            ("net", self.net == other.net),
            ("tax", self.tax == other.tax),
        ])
    }
}

impl CreditNote {
    fn check(&self, letter: &Letter, errors: &mut FieldErrors) {
        self.listing.check(Some(self.gross), letter, errors);
        check_line(errors, "buyer_reference", &self.buyer_reference);
        if let Some(settled) = self.settled_before {
            check_day(errors, "settled_before.date", settled.date);
            let left = self.gross.minus(settled.amount);
            let within = settled.amount.is_positive() && left.is_ok_and(|left| !left.is_negative());
            errors.require(within, "settled_before.amount", "invalid", "must be more than 0 and at most gross");
        }
    }
}

impl Dunning {
    fn check(&self, letter: &Letter, errors: &mut FieldErrors) {
        let known = (1..=MAX_DUNNING_LEVEL).contains(&self.level);
        errors.require(known, "level", "invalid", "must be a level from 1 to 9");
        check_not_before_issue(errors, "pay_by", self.pay_by, letter);
        errors.require(self.total.is_positive(), "total", "invalid", "must be more than 0");
        let fee = self.fee.is_none_or(|fee| !fee.is_negative());
        errors.require(fee, "fee", "invalid", "must not be negative");
        check_rows(errors, "invoices", self.invoices.len(), letter);
        for (position, dunned) in self.invoices.iter().enumerate().take(Content::MAX_ROWS) {
            let field = |name: &str| format!("invoices[{position}].{name}");
            check_day(errors, &field("issued_on"), dunned.issued_on);
            check_day(errors, &field("due_on"), dunned.due_on);
            errors.require(dunned.open.is_positive(), &field("open"), "invalid", "must be more than 0");
        }
        if letter.uploaded || !errors.0.is_empty() {
            return;
        }
        match self.sum() {
            Ok(sum) => {
                errors.require(sum == self.total, "total", "invalid", "must be the sum of what is open and the fee")
            }
            Err(_) => errors.add("total", "invalid", "all amounts must have one currency and a sum within range"),
        }
    }

    fn sum(&self) -> Result<Money, MoneyError> {
        Money::sum(self.total.currency(), self.invoices.iter().map(|dunned| dunned.open).chain(self.fee))
    }
}

impl DeliveryNote {
    fn check(&self, letter: &Letter, errors: &mut FieldErrors) {
        check_line(errors, "order_reference", &self.order_reference);
        self.delivered_on.into_iter().for_each(|day| check_day(errors, "delivered_on", day));
        check_rows(errors, "items", self.items.len(), letter);
        for (position, item) in self.items.iter().enumerate().take(Content::MAX_ROWS) {
            let field = |name: &str| format!("items[{position}].{name}");
            if item.description.trim().is_empty() {
                errors.missing(field("description"), "is needed");
            }
            check_description(errors, &field("description"), &item.description, &item.details);
            check_unit(errors, &field("unit"), &item.unit);
        }
    }
}

fn check_rows(errors: &mut FieldErrors, field: &str, rows: usize, letter: &Letter) {
    match (letter.uploaded, rows) {
        (true, 0) => {}
        (true, _) => errors.add(field, "invalid", "stand in the uploaded PDF and are left out here"),
        (false, 0) => errors.missing(field, "is needed"),
        (false, _) => errors.require(rows <= Content::MAX_ROWS, field, "too_many", "there are at most 1000"),
    }
}

fn check_not_before_issue(errors: &mut FieldErrors, field: &str, day: Date, letter: &Letter) {
    check_day(errors, field, day);
    errors.require(day >= letter.issued_on, field, "invalid", "must not lie before issued_on");
}

/// The names of those that are not the same.
pub(super) fn names(pairs: &[(&'static str, bool)]) -> Vec<&'static str> {
    pairs.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect()
}
