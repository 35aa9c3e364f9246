//! JSON merge patches (RFC 7396) of data and addresses: what is left out stays, `null` removes.

use domain::{
    Pii,
    customer::form::{Field, Typed},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A text, `null`, or left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Option<String>)]
pub(crate) struct Patched(Option<Pii<String>>);

impl<'de> Deserialize<'de> for Patched {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Some(Option::<Pii<String>>::deserialize(deserializer)?.unwrap_or_default())))
    }
}

/// Changes of a customer's own data. Numbers, tax region, payment type and language are the tenant's to change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CustomerPatch {
    /// `frau` or `herr`.
    salutation: Patched,
    company: Patched,
    first_name: Patched,
    last_name: Patched,
    phone1: Patched,
    phone2: Patched,
    mobile: Patched,
    #[serde(deserialize_with = "postal")]
    billing_address: Option<PostalPatch>,
    invoice_email: Patched,
    tax_number: Patched,
    vat_id: Patched,
}

impl CustomerPatch {
    /// As if it had been typed into the form.
    pub(crate) fn typed(self) -> Typed {
        let own = [
            (Field::Salutation, self.salutation),
            (Field::Company, self.company),
            (Field::FirstName, self.first_name),
            (Field::LastName, self.last_name),
            (Field::Phone1, self.phone1),
            (Field::Phone2, self.phone2),
            (Field::Mobile, self.mobile),
            (Field::InvoiceEmail, self.invoice_email),
            (Field::TaxNumber, self.tax_number),
            (Field::VatId, self.vat_id),
        ];
        typed(own.into_iter().chain(self.billing_address.into_iter().flat_map(PostalPatch::fields)))
    }
}

/// A further billing address, or changes of one.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AddressPatch {
    company: Patched,
    name: Patched,
    #[serde(deserialize_with = "postal")]
    address: Option<PostalPatch>,
    /// Use it for future contracts and invoices, or no longer.
    pub(crate) is_default: Option<bool>,
}

impl AddressPatch {
    /// As if it had been typed into the form.
    pub(crate) fn typed(self) -> Typed {
        let own = [(Field::Company, self.company), (Field::Name, self.name)];
        typed(own.into_iter().chain(self.address.into_iter().flat_map(PostalPatch::fields)))
    }
}

/// Changes of a postal address.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PostalPatch {
    line1: Patched,
    line2: Patched,
    line3: Patched,
    postal_code: Patched,
    city: Patched,
    state: Patched,
    /// ISO 3166-1 alpha-2.
    country: Patched,
}

impl PostalPatch {
    fn fields(self) -> [(Field, Patched); 7] {
        [
            (Field::Line1, self.line1),
            (Field::Line2, self.line2),
            (Field::Line3, self.line3),
            (Field::PostalCode, self.postal_code),
            (Field::City, self.city),
            (Field::State, self.state),
            (Field::Country, self.country),
        ]
    }

    /// Takes every line away.
    fn nothing() -> Self {
        let gone = || Patched(Some(Pii::default()));
        Self {
            line1: gone(),
            line2: gone(),
            line3: gone(),
            postal_code: gone(),
            city: gone(),
            state: gone(),
            country: gone(),
        }
    }
}

/// An address that is there; `null` takes all of it away.
fn postal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PostalPatch>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or_else(PostalPatch::nothing)))
}

fn typed(fields: impl Iterator<Item = (Field, Patched)>) -> Typed {
    let mut typed = Typed::default();
    for (field, patched) in fields {
        if let Patched(Some(text)) = patched {
            typed.set(field, text.0);
        }
    }
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Typed {
        web::input::from_json::<CustomerPatch>(json.as_bytes()).unwrap().typed()
    }

    #[test]
    fn what_is_left_out_stays_and_null_removes() {
        let mut wanted = Typed::default();
        wanted.set(Field::Company, "");
        wanted.set(Field::Phone1, "0441 12345");
        wanted.set(Field::City, "Neustadt");
        let json = r#"{"company": null, "phone1": "0441 12345", "billing_address": {"city": "Neustadt"}}"#;
        assert_eq!(read(json), wanted);
        assert_eq!(read("{}"), Typed::default());
    }

    #[test]
    fn an_address_that_is_null_loses_every_line() {
        let mut wanted = Typed::default();
        for field in Field::POSTAL {
            wanted.set(field, "");
        }
        assert_eq!(read(r#"{"billing_address": null}"#), wanted);
    }

    #[test]
    fn what_is_the_tenants_is_refused() {
        for json in [r#"{"tax_region": "third_country"}"#, r#"{"email": "a@example.org"}"#, r#"{"phone1": 1}"#] {
            assert!(web::input::from_json::<CustomerPatch>(json.as_bytes()).is_err(), "{json}");
        }
    }
}
