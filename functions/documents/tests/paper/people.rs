//! Who writes and who reads the papers that have no frozen seller and buyer.

use domain::{
    Pii,
    customer::{Address, Customer, CustomerFacts, Salutation},
    tenant::{BankAccount, Company},
};
use jiff::Timestamp;

/// The customer of the seed's sample.
pub fn customer() -> Customer {
    Customer {
        number: "1000".parse().unwrap(),
        access: true,
        created_at: Timestamp::UNIX_EPOCH,
        default_method: None,
        default_address: None,
        facts: CustomerFacts {
            salutation: Some(Salutation::Herr),
            company: Pii("Kunde Eins AG".to_owned()),
            first_name: Pii("Max".to_owned()),
            last_name: Pii("Musterkunde".to_owned()),
            billing_address: Address {
                line1: Pii("Musterstraße 5".to_owned()),
                postal_code: Pii("12345".to_owned()),
                city: Pii("Mustercity".to_owned()),
                country: Some("DE".to_owned().try_into().unwrap()),
                ..Address::default()
            },
            ..CustomerFacts::default()
        },
    }
}

/// The tenant of the seed's sample.
pub fn company() -> Company {
    Company {
        name: "Demo AG".to_owned(),
        street: "Musterweg 1".to_owned(),
        postal_code: "12345".to_owned(),
        city: "Musterhausen".to_owned(),
        country: Some("DE".to_owned().try_into().unwrap()),
        email: Some("max@demo.example".parse().unwrap()),
        bank: Some(BankAccount {
            holder: "Max von Musterhausen".to_owned(),
            iban: "DE02800200400088844422".to_owned(),
            bic: "MUSTDEMMXXX".to_owned(),
            bank: "Mega Bank AG".to_owned(),
        }),
        ..Company::default()
    }
}
