//! What a document beside invoices says: a letter that all kinds share, and what belongs to its kind.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::content::{Content, CreditKind, names};
use crate::{
    FieldErrors, Language,
    customer::check_line,
    invoice::{Buyer, Seller, parties},
    number::{CustomerNumber, SubscriptionNumber},
    time::check_day,
};

/// A document's facts, immutable once issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DocumentFacts {
    /// What all kinds say.
    #[serde(flatten)]
    pub letter: Letter,
    /// What belongs to its kind.
    #[serde(flatten)]
    pub content: Content,
}

/// What every document says, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DocumentLetter)]
pub struct Letter {
    /// Whose document it is.
    pub customer: CustomerNumber,
    /// „Datum".
    pub issued_on: Date,
    /// Language of the document; without it the customer's, else the tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The integrator's own id, shown as „Kennung".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub handle: String,
    /// The contract it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionNumber>,
    /// Who issues it.
    #[serde(default)]
    pub seller: Seller,
    /// Who receives it; may be left out where only a PDF is uploaded.
    #[serde(default)]
    pub buyer: Buyer,
    /// What it is about, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Printed above the lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub introduction: String,
    /// Printed below them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Is it only an uploaded PDF, with the little that the portal acts on? Then customers see it once its PDF is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uploaded: bool,
}

impl Letter {
    /// Longest subject, in characters: it stands in every row of the list.
    pub const MAX_SUBJECT: usize = 120;
    /// Longest introduction and note, in characters.
    pub const MAX_TEXT: usize = 2_000;

    /// The fields of a letter, as JSON names them.
    pub const FIELDS: [&'static str; 11] = [
        "customer",
        "issued_on",
        "language",
        "handle",
        "subscription",
        "seller",
        "buyer",
        "subject",
        "introduction",
        "note",
        "uploaded",
    ];

    fn check(&self, content: &Content, errors: &mut FieldErrors) {
        let (seller, buyer) = (&self.seller, &self.buyer);
        match content {
            _ if self.uploaded => parties::check_texts(seller, buyer, errors),
            Content::CreditNote(_) => parties::check_by_law(seller, buyer, errors),
            _ => parties::check_for_letter(seller, buyer, "is needed in its letterhead and address", errors),
        }
        check_day(errors, "issued_on", self.issued_on);
        check_line(errors, "handle", &self.handle);
        check_line(errors, "subject", &self.subject);
        let short = self.subject.chars().count() <= Self::MAX_SUBJECT;
        errors.require(short, "subject", "too_long", "must have at most 120 characters");
        for (field, text) in [("introduction", &self.introduction), ("note", &self.note)] {
            let short = text.chars().count() <= Self::MAX_TEXT;
            errors.require(short, field, "too_long", "must have at most 2000 characters");
        }
    }

    fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        names(&[
            ("customer", self.customer == other.customer),
            ("issued_on", self.issued_on == other.issued_on),
            ("language", self.language == other.language),
            ("handle", self.handle == other.handle),
            ("subscription", self.subscription == other.subscription),
            ("seller", self.seller == other.seller),
            ("buyer", self.buyer == other.buyer),
            ("subject", self.subject == other.subject),
            ("introduction", self.introduction == other.introduction),
            ("note", self.note == other.note),
            ("uploaded", self.uploaded == other.uploaded),
        ])
    }
}

impl DocumentFacts {
    /// Checks what its kind needs, and that every sum is right.
    ///
    /// # Errors
    /// Every field that is missing or wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        self.letter.check(&self.content, &mut errors);
        self.content.check(&self.letter, &mut errors);
        errors.into_result()
    }

    /// Has it data for machines inside its PDF? Only a credit note that says its lines itself.
    #[must_use]
    pub fn is_e_invoice(&self) -> bool {
        matches!(self.content, Content::CreditNote(_)) && !self.letter.uploaded
    }

    /// The same as XRechnung, which wants more of it; a self-billed one says too little of the supplier.
    #[must_use]
    pub fn may_be_xrechnung(&self) -> bool {
        let Content::CreditNote(note) = &self.content else { return false };
        let Letter { seller, buyer, .. } = &self.letter;
        self.is_e_invoice()
            && note.kind == CreditKind::Correction
            && parties::suit_xrechnung(seller, buyer, &note.buyer_reference)
    }

    /// The names of the facts in which two versions differ, for refusing a changed re-send.
    #[must_use]
    pub fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        let mut differing = self.letter.differing_fields(&other.letter);
        differing.extend(self.content.differing_fields(&other.content));
        differing
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::document::DocumentType;

    fn letter() -> Value {
        json!({
            "customer": "K1", "issued_on": "2026-11-02", "language": "de", "handle": "x", "subscription": "1",
            "seller": {
                "name": "Webhosting AG", "street": "Musterweg 1", "postal_code": "12345", "city": "Musterhausen",
                "country": "DE", "tax_number": "12/345/67890",
            },
            "buyer": { "person": "Frau Tine", "line1": "Gasse 1", "postal_code": "56789", "city": "Ort", "country": "DE" },
            "subject": "Ihr Anliegen", "introduction": "Guten Tag", "note": "Danke", "uploaded": true,
        })
    }

    fn eur(amount: &str) -> Value {
        json!({ "amount": amount, "currency": "EUR" })
    }

    fn prices() -> Value {
        json!({
            "lines": [{
                "description": "Umzug", "quantity": "2", "unit": "C62", "unit_price": "50", "tax_category": "S",
                "tax_rate": "19", "net": eur("100.00"),
            }],
            "taxes": [{ "category": "S", "rate": "19", "net": eur("100.00"), "tax": eur("19.00") }],
            "net": eur("100.00"), "tax": eur("19.00"), "gross": eur("119.00"),
        })
    }

    /// Every field a kind has, in a document that says all of them.
    fn every(kind: DocumentType) -> Value {
        let mut body = letter();
        let own = match kind {
            DocumentType::CreditNote => json!({
                "invoice": "RE1", "kind": "self_billing", "buyer_reference": "04011000-12345-03",
                "settled_before": { "amount": eur("19.00"), "date": "2026-11-03" },
            }),
            DocumentType::Offer => json!({ "valid_until": "2026-11-30" }),
            DocumentType::Confirmation => json!({ "order_reference": "B-1", "delivery_on": "2026-11-20" }),
            DocumentType::Dunning => json!({
                "level": 2, "fee": eur("5.00"), "total": eur("124.00"), "pay_by": "2026-11-16",
                "invoices": [
                    { "number": "RE1", "issued_on": "2026-10-01", "due_on": "2026-10-15", "open": eur("119.00") },
                ],
            }),
            DocumentType::DeliveryNote => json!({
                "items": [{ "description": "Server", "quantity": "1", "unit": "C62" }],
                "order_reference": "B-1", "delivered_on": "2026-11-02",
            }),
            DocumentType::Invoice => json!({}),
        };
        let has_prices = Content::fields(kind).contains(&"lines");
        for part in [Some(own), has_prices.then(prices)].into_iter().flatten() {
            body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        body["type"] = json!(kind.code());
        body
    }

    fn read(body: &Value) -> DocumentFacts {
        serde_json::from_value(body.clone()).unwrap()
    }

    /// A document of lines and sums, as it is issued.
    fn whole(kind: DocumentType) -> DocumentFacts {
        let mut body = every(kind);
        body["uploaded"] = json!(false);
        read(&body)
    }

    fn fields_of(errors: Result<(), FieldErrors>) -> Vec<String> {
        errors.err().map(|errors| errors.0.into_iter().map(|error| error.field).collect()).unwrap_or_default()
    }

    #[test]
    fn every_kind_is_flat_and_comes_back_as_it_was_written() {
        for kind in DocumentType::BESIDE_INVOICES {
            let facts = read(&every(kind));
            assert_eq!(facts.content.kind(), kind);
            let written = serde_json::to_value(&facts).unwrap();
            assert_eq!(read(&written), facts);
            let names: BTreeSet<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
            let wanted: BTreeSet<&str> =
                Letter::FIELDS.iter().chain(Content::fields(kind)).copied().chain(["type"]).collect();
            assert_eq!(names, wanted, "{kind:?}");
        }
    }

    #[test]
    fn a_whole_document_is_right_and_a_wrong_sum_is_named() {
        for kind in DocumentType::BESIDE_INVOICES {
            assert_eq!(whole(kind).check(), Ok(()), "{kind:?}");
        }
        for (kind, field) in [
            (DocumentType::CreditNote, "gross"),
            (DocumentType::Offer, "gross"),
            (DocumentType::Confirmation, "gross"),
            (DocumentType::Dunning, "total"),
        ] {
            let mut body = every(kind);
            body["uploaded"] = json!(false);
            body[field] = eur("118.99");
            assert_eq!(fields_of(read(&body).check()), [field], "{kind:?}");
        }
    }

    #[test]
    fn what_stands_in_an_uploaded_pdf_is_not_said_twice() {
        for (kind, field) in
            [(DocumentType::Offer, "lines"), (DocumentType::Dunning, "invoices"), (DocumentType::DeliveryNote, "items")]
        {
            assert_eq!(fields_of(read(&every(kind)).check()), [field], "{kind:?}");
        }
        let mut bare = json!({ "customer": "K1", "issued_on": "2026-11-02", "uploaded": true, "type": "offer" });
        bare["valid_until"] = json!("2026-11-30");
        assert_eq!(read(&bare).check(), Ok(()));
        bare["valid_until"] = json!("2026-11-01");
        assert_eq!(fields_of(read(&bare).check()), ["valid_until"]);
        bare["uploaded"] = json!(false);
        let missing = fields_of(read(&bare).check());
        for field in ["seller.name", "buyer.line1", "net", "tax", "gross"] {
            assert!(missing.iter().any(|named| named == field), "{field}: {missing:?}");
        }
    }

    #[test]
    fn a_credit_note_names_its_parties_as_the_law_wants() {
        let mut facts = whole(DocumentType::CreditNote);
        facts.letter.seller.tax_number = String::new();
        assert_eq!(fields_of(facts.check()), ["seller.tax_number"]);
        let mut offer = whole(DocumentType::Offer);
        offer.letter.seller.tax_number = String::new();
        assert_eq!(offer.check(), Ok(()));
    }

    #[test]
    fn every_field_that_differs_is_named() {
        for kind in DocumentType::BESIDE_INVOICES {
            let (facts, mut changed) = (read(&every(kind)), every(kind));
            assert_eq!(facts.differing_fields(&facts), Vec::<&str>::new());
            let defaults = json!({ "customer": "K2", "issued_on": "2026-11-03", "level": 3, "uploaded": false });
            for field in Letter::FIELDS.iter().chain(Content::fields(kind)) {
                let before = changed[*field].clone();
                changed[*field] = match *field {
                    "net" | "tax" | "gross" | "fee" | "total" => eur("1.00"),
                    "valid_until" | "pay_by" | "delivery_on" | "delivered_on" => json!("2026-12-24"),
                    "lines" | "taxes" | "invoices" | "items" => json!([]),
                    "seller" | "buyer" => json!({}),
                    "settled_before" => json!({ "amount": eur("1.00"), "date": "2026-11-03" }),
                    "language" => json!("en"),
                    "kind" => json!("correction"),
                    field if defaults[field].is_null() => json!("other"),
                    field => defaults[field].clone(),
                };
                assert_eq!(facts.differing_fields(&read(&changed)), [*field], "{kind:?}");
                changed[*field] = before;
            }
        }
    }
}
