//! What became of a customer's facts, field by field, for the timeline (M-44): the same for customers and integrators.

use super::{Address, CountryCode, CustomerFacts, EmailAddress};
use crate::change::Event;

impl CustomerFacts {
    /// Tells in an event which fields differ in the next facts, before and after.
    pub(super) fn tell(&self, next: &Self, event: Event) -> Event {
        let event = differences(event, "", &self.plain_fields(), &next.plain_fields());
        self.billing_address.tell(&next.billing_address, "billing_address.", event)
    }

    /// Every field beside the address, as the API names it.
    fn plain_fields(&self) -> [(&'static str, String); 15] {
        let email = |address: &Option<EmailAddress>| address.as_ref().map_or("", EmailAddress::as_str).to_owned();
        [
            ("salutation", self.salutation.map_or("", |salutation| salutation.code()).to_owned()),
            ("company", self.company.0.clone()),
            ("first_name", self.first_name.0.clone()),
            ("last_name", self.last_name.0.clone()),
            ("phone1", self.phone1.0.clone()),
            ("phone2", self.phone2.0.clone()),
            ("mobile", self.mobile.0.clone()),
            ("email", email(&self.email)),
            ("invoice_email", email(&self.invoice_email)),
            ("tax_region", self.tax_region.code().to_owned()),
            ("tax_number", self.tax_number.0.clone()),
            ("vat_id", self.vat_id.0.clone()),
            ("payment_type", self.payment_type.clone()),
            ("language", self.language.map_or("", |language| language.code()).to_owned()),
            ("contact", self.contact.as_ref().map_or("", |contact| contact.as_str()).to_owned()),
        ]
    }
}

impl Address {
    /// Tells in an event which lines differ in the next address; `parent` stands before their names.
    pub(crate) fn tell(&self, next: &Self, parent: &str, event: Event) -> Event {
        differences(event, parent, &self.lines(), &next.lines())
    }

    /// Every line, as the API names it.
    fn lines(&self) -> [(&'static str, String); 7] {
        [
            ("line1", self.line1.0.clone()),
            ("line2", self.line2.0.clone()),
            ("line3", self.line3.0.clone()),
            ("postal_code", self.postal_code.0.clone()),
            ("city", self.city.0.clone()),
            ("state", self.state.0.clone()),
            ("country", self.country.as_ref().map_or("", CountryCode::as_str).to_owned()),
        ]
    }
}

fn differences(event: Event, parent: &str, from: &[(&str, String)], to: &[(&str, String)]) -> Event {
    from.iter().zip(to).fold(event, |event, ((field, from), (_, to))| {
        event.changing(&format!("{parent}{field}"), from.as_str(), to.as_str())
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        Language, Pii,
        change::{Actor, EventKind, Way},
        customer::{Customer, Salutation, TaxRegion},
    };

    /// Facts with something in every field.
    fn full(text: &str) -> CustomerFacts {
        let line = || Pii(text.to_owned());
        CustomerFacts {
            salutation: Some(Salutation::Frau),
            company: line(),
            first_name: line(),
            last_name: line(),
            phone1: line(),
            phone2: line(),
            mobile: line(),
            email: format!("{text}@example.org").parse().ok(),
            billing_address: Address {
                line1: line(),
                line2: line(),
                line3: line(),
                postal_code: line(),
                city: line(),
                state: line(),
                country: CountryCode::try_from("DE".to_owned()).ok(),
            },
            invoice_email: format!("{text}-2@example.org").parse().ok(),
            tax_region: TaxRegion::EuropeanUnion,
            tax_number: line(),
            vat_id: line(),
            payment_type: text.to_owned(),
            language: Some(Language::En),
            contact: text.parse().ok(),
        }
    }

    fn customer(facts: CustomerFacts) -> Customer {
        let number = "K1".parse().unwrap();
        Customer::create(number, facts, true, Actor::Integrator, Timestamp::UNIX_EPOCH).into_parts().0
    }

    #[test]
    fn every_field_of_the_facts_is_told() {
        let change = customer(full("a")).update(CustomerFacts::default(), Actor::Integrator, Timestamp::UNIX_EPOCH);
        let change = change.unwrap();
        let told: Vec<&str> = change.events()[0].changes.iter().map(|change| change.field.as_str()).collect();
        let written = serde_json::to_value(full("a")).unwrap();
        for (field, value) in written.as_object().unwrap() {
            match value.as_object() {
                None => assert!(told.contains(&field.as_str()), "{field} is not told: {told:?}"),
                Some(lines) => {
                    for line in lines.keys() {
                        let field = format!("{field}.{line}");
                        assert!(told.contains(&field.as_str()), "{field} is not told: {told:?}");
                    }
                }
            }
        }
        assert_eq!(told.len(), 22);
    }

    #[test]
    fn only_what_differs_is_told_with_before_and_after() {
        let seen = customer(full("a"));
        let mut facts = full("a");
        facts.billing_address.city = "Neustadt".to_owned().into();
        facts.salutation = None;
        let change = seen.edit(facts, Way::Api, Timestamp::UNIX_EPOCH).unwrap();
        let event = &change.events()[0];
        assert_eq!((event.kind, event.actor, event.way), (EventKind::CustomerUpdated, Actor::Customer, Some(Way::Api)));
        let told: Vec<(&str, &str, &str)> = event
            .changes
            .iter()
            .map(|change| (change.field.as_str(), change.from.as_str(), change.to.as_str()))
            .collect();
        assert_eq!(told, [("salutation", "frau", ""), ("billing_address.city", "a", "Neustadt")]);
        assert_eq!(seen.edit(full("a"), Way::Page, Timestamp::UNIX_EPOCH), None);
    }
}
