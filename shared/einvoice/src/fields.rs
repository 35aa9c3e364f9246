//! Which field of an invoice's body a term of EN 16931 comes from.

use domain::{FieldErrors, document::CreditKind};
use en16931::{
    bt::{Group, Path},
    validation::ValidationReport,
};

use crate::Said;

/// Every broken rule at its field, in the standard's own words.
pub(crate) fn of(report: &ValidationReport, said: Said<'_>) -> FieldErrors {
    // In self-billing who supplies is the body's buyer.
    let swaps = matches!(said, Said::Credit(_, credit) if credit.note.kind == CreditKind::SelfBilling);
    let mut errors = FieldErrors::default();
    for finding in report.fatal() {
        errors.add(field(&finding.path, swaps), "invalid", format!("{} (EN 16931 {})", finding.message, finding.rule));
    }
    errors
}

fn field(path: &Path, swaps: bool) -> String {
    let term = path.term.map_or(0, |term| term.0);
    let index = path.index.unwrap_or_default();
    match path.group {
        Group::Seller if swaps => within("buyer", seller(term)),
        Group::Buyer if swaps => within("seller", buyer(term)),
        Group::Seller => within("seller", seller(term)),
        Group::Buyer => within("buyer", buyer(term)),
        Group::Line => within(&format!("lines[{index}]"), line(term)),
        Group::VatBreakdown => within(&format!("taxes[{index}]"), tax(term)),
        Group::Totals | Group::Payment | Group::Delivery | Group::Document => document(term).to_owned(),
        _ => String::new(),
    }
}

fn within(thing: &str, part: &str) -> String {
    if part.is_empty() { thing.to_owned() } else { format!("{thing}.{part}") }
}

const fn seller(term: u16) -> &'static str {
    match term {
        27 => "name",
        29 | 30 | 32 => "tax_number",
        31 => "vat_id",
        34 | 43 => "email",
        35 => "street",
        37 => "city",
        38 => "postal_code",
        40 => "country",
        42 => "phone",
        _ => "",
    }
}

const fn buyer(term: u16) -> &'static str {
    match term {
        44 => "company",
        48 => "vat_id",
        49 => "email",
        50 => "line1",
        52 => "city",
        53 => "postal_code",
        55 => "country",
        56 => "person",
        _ => "",
    }
}

const fn line(term: u16) -> &'static str {
    match term {
        129 => "quantity",
        130 => "unit",
        131 => "net",
        134 => "period.from",
        135 => "period.to",
        146 => "unit_price",
        151 => "tax_category",
        152 => "tax_rate",
        153 => "description",
        154 => "details",
        _ => "",
    }
}

const fn tax(term: u16) -> &'static str {
    match term {
        116 => "net",
        117 => "tax",
        118 => "category",
        119 => "rate",
        120 | 121 => "reason",
        _ => "",
    }
}

const fn document(term: u16) -> &'static str {
    match term {
        1 => "number",
        2 => "issued_on",
        5 | 112 | 115 => "gross",
        9 => "due_on",
        10 => "buyer_reference",
        12 => "subscription",
        22 => "note",
        72 => "delivered_on",
        73 => "period.from",
        74 => "period.to",
        80 => "buyer.country",
        84 => "seller.bank.iban",
        85 => "seller.bank.holder",
        86 => "seller.bank.bic",
        106 | 109 => "net",
        110 => "tax",
        113 => "settled_before.amount",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use en16931::bt::BtId;

    use super::*;

    #[test]
    fn terms_lead_to_fields() {
        assert_eq!(field(&Path::at_term(Group::Line, 2, BtId(130)), false), "lines[2].unit");
        assert_eq!(field(&Path::at(Group::VatBreakdown, 0), false), "taxes[0]");
        assert_eq!(field(&Path::group_term(Group::Buyer, BtId(48)), false), "buyer.vat_id");
        assert_eq!(field(&Path::term(BtId(2)), false), "issued_on");
        assert_eq!(field(&Path::document(), false), "");
    }
}
