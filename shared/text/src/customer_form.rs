//! The form of customers' data in words: its labels, what can be chosen, and what is wrong.

use domain::{
    customer::{
        CountryCode, CustomerFacts, Salutation,
        form::{Field, Flaw, Reason},
    },
    postal::{FREE_CHARS, NotAPostalCode},
    vat_id::NotAVatId,
};

use crate::Words;

impl Words {
    /// „PLZ".
    #[must_use]
    pub fn field_label(&self, field: Field) -> &'static str {
        match field {
            Field::Salutation => self.data_salutation(),
            Field::Company => self.data_company(),
            Field::FirstName => self.data_first_name(),
            Field::LastName => self.data_last_name(),
            Field::Name => self.addresses_name(),
            Field::Phone1 => self.data_phone1(),
            Field::Phone2 => self.data_phone2(),
            Field::Mobile => self.data_mobile(),
            Field::Line1 => self.data_line1(),
            Field::Line2 => self.data_line2(),
            Field::Line3 => self.data_line3(),
            Field::PostalCode => self.data_postal_code(),
            Field::City => self.data_city(),
            Field::State => self.data_state(),
            Field::Country => self.data_country(),
            Field::InvoiceEmail => self.data_invoice_email(),
            Field::TaxNumber => self.data_tax_number(),
            Field::VatId => self.data_vat_id(),
        }
    }

    /// What stands in a field as people read it: „Frau", „Deutschland", everything else as it is.
    #[must_use]
    pub fn field_value(&self, field: Field, text: &str) -> String {
        match field {
            Field::Salutation => {
                Salutation::named(text).map_or(text, |salutation| self.salutation(salutation)).to_owned()
            }
            Field::Country => match CountryCode::try_from(text.to_owned()) {
                Ok(code) => self.country(code),
                Err(_) => text.to_owned(),
            },
            _ => text.to_owned(),
        }
    }

    /// What is wrong with a field, as a sentence that says what to do.
    #[must_use]
    pub fn flaw(&self, flaw: Flaw) -> String {
        let label = self.field_label(flaw.field);
        match flaw.reason {
            Reason::Missing if flaw.field == Field::LastName => self.edit_error_nobody().to_owned(),
            Reason::Missing if flaw.field == Field::Name => self.addresses_error_nobody().to_owned(),
            Reason::Missing => self.edit_error_missing(label),
            Reason::TooLong => self.edit_error_too_long(label, CustomerFacts::MAX_CHARS),
            Reason::Invisible => self.edit_error_invisible(label),
            Reason::WebAddress => self.edit_error_web_address(label),
            Reason::Unknown => self.edit_error_unknown(label),
            Reason::PostalCode(NotAPostalCode { example: Some(example), digits: Some(digits) }) => {
                self.edit_error_postal_digits(digits, example)
            }
            Reason::PostalCode(NotAPostalCode { example: Some(example), .. }) => self.edit_error_postal(example),
            Reason::PostalCode(_) => self.edit_error_postal_free(FREE_CHARS.end(), FREE_CHARS.start()),
            Reason::Phone => self.edit_error_phone(label),
            Reason::Email => self.edit_error_email().to_owned(),
            Reason::VatId(NotAVatId::Country) => self.edit_error_vat_country().to_owned(),
            Reason::VatId(NotAVatId::Format(example)) => self.edit_error_vat_format(example),
            Reason::VatId(NotAVatId::CheckDigit) => self.edit_error_vat_check_digit().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    #[test]
    fn every_flaw_has_a_sentence_of_its_own() {
        let postal = |example, digits| Reason::PostalCode(NotAPostalCode { example, digits });
        let flaws = [
            (Field::LastName, Reason::Missing),
            (Field::Name, Reason::Missing),
            (Field::City, Reason::Missing),
            (Field::City, Reason::TooLong),
            (Field::City, Reason::Invisible),
            (Field::Company, Reason::WebAddress),
            (Field::Country, Reason::Unknown),
            (Field::PostalCode, postal(Some("56789"), Some(5))),
            (Field::PostalCode, postal(Some("1012 AB"), None)),
            (Field::PostalCode, postal(None, None)),
            (Field::Mobile, Reason::Phone),
            (Field::InvoiceEmail, Reason::Email),
            (Field::VatId, Reason::VatId(NotAVatId::Country)),
            (Field::VatId, Reason::VatId(NotAVatId::Format("ATU12345675"))),
            (Field::VatId, Reason::VatId(NotAVatId::CheckDigit)),
        ];
        for language in Language::ALL {
            let t = Words::new(language);
            let mut sentences: Vec<String> =
                flaws.iter().map(|(field, reason)| t.flaw(Flaw { field: *field, reason: *reason })).collect();
            assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{sentences:?}");
            sentences.sort();
            sentences.dedup();
            assert_eq!(sentences.len(), flaws.len());
        }
    }

    #[test]
    fn the_sentences_are_those_of_the_design() {
        let t = Words::new(Language::De);
        let five = NotAPostalCode { example: Some("56789"), digits: Some(5) };
        let flaw = |field, reason| t.flaw(Flaw { field, reason });
        assert_eq!(
            flaw(Field::PostalCode, Reason::PostalCode(five)),
            "Geben Sie die PLZ mit 5 Ziffern ein, zum Beispiel 56789."
        );
        assert_eq!(
            flaw(Field::VatId, Reason::VatId(NotAVatId::CheckDigit)),
            "Diese EU-USt-IdNr. hat eine falsche Prüfziffer. Bitte vergleichen Sie sie mit Ihrem Bescheid."
        );
    }

    #[test]
    fn values_are_shown_as_people_read_them() {
        let t = Words::new(Language::De);
        assert_eq!(t.field_value(Field::Salutation, "frau"), "Frau");
        assert_eq!(t.field_value(Field::Country, "AT"), "Österreich");
        assert_eq!(t.field_value(Field::Country, "atlantis"), "atlantis");
        assert_eq!(t.field_value(Field::City, "Rosahausen"), "Rosahausen");
    }
}
