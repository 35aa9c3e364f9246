//! Who issues a document and who receives it, frozen into it.

use serde::{Deserialize, Serialize};

use crate::{
    FieldErrors, Pii,
    customer::{CountryCode, EmailAddress, check_line},
};

/// Who issues the document, frozen into it.
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

/// Who receives the document, frozen into it.
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

    /// The lines of the address that are not empty, without the country.
    #[must_use]
    pub fn address_lines(&self) -> Vec<String> {
        let town = format!("{} {}", self.postal_code.as_str(), self.city.as_str());
        let lines = [&self.company, &self.person, &self.line1, &self.line2, &self.line3].map(|line| line.as_str());
        lines.into_iter().chain([town.trim()]).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

/// Do parties and reference say what XRechnung wants beyond EN 16931?
pub(crate) fn suit_xrechnung(seller: &Seller, buyer: &Buyer, buyer_reference: &str) -> bool {
    let texts = [buyer_reference, &seller.phone];
    texts.iter().all(|text| !text.trim().is_empty()) && seller.email.is_some() && buyer.email.is_some()
}

/// Notes what § 14 (4) UStG and EN 16931 need of both.
pub(crate) fn check_by_law(seller: &Seller, buyer: &Buyer, errors: &mut FieldErrors) {
    check_for_letter(seller, buyer, "is needed by § 14 (4) UStG", errors);
    if seller.country.is_none() {
        errors.missing("seller.country", "is needed by EN 16931 (BT-40)");
    }
    if buyer.country.is_none() {
        errors.missing("buyer.country", "is needed by EN 16931 (BT-55)");
    }
    if seller.tax_number.trim().is_empty() && seller.vat_id.trim().is_empty() {
        errors.missing("seller.tax_number", "a tax number or a VAT id is needed by § 14 (4) UStG");
    }
}

/// Notes what a letter needs of both: a name and an address.
pub(crate) fn check_for_letter(seller: &Seller, buyer: &Buyer, why: &str, errors: &mut FieldErrors) {
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
            errors.missing(field, why);
        }
    }
    if buyer.name().trim().is_empty() {
        errors.missing("buyer.company", format!("a company or a person {why}"));
    }
    check_texts(seller, buyer, errors);
}

/// Notes texts that fit into no line of a paper.
pub(crate) fn check_texts(seller: &Seller, buyer: &Buyer, errors: &mut FieldErrors) {
    for (field, text) in [
        ("seller.name", &seller.name),
        ("seller.street", &seller.street),
        ("seller.postal_code", &seller.postal_code),
        ("seller.city", &seller.city),
        ("seller.tax_number", &seller.tax_number),
        ("seller.vat_id", &seller.vat_id),
        ("seller.phone", &seller.phone),
        ("buyer.company", &buyer.company.0),
        ("buyer.person", &buyer.person.0),
        ("buyer.line1", &buyer.line1.0),
        ("buyer.line2", &buyer.line2.0),
        ("buyer.line3", &buyer.line3.0),
        ("buyer.postal_code", &buyer.postal_code.0),
        ("buyer.city", &buyer.city.0),
        ("buyer.vat_id", &buyer.vat_id.0),
    ] {
        check_line(errors, field, text);
    }
    if let Some(bank) = &seller.bank {
        bank.check("seller.bank", errors);
    }
}
