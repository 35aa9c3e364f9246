//! Further billing addresses of a customer (M-78), beside the „Rechnungsanschrift" of its data.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Pii,
    change::{Actor, Change, Event, EventKind, Way},
    customer::{
        Address,
        form::{Begun, Edit, Field, Flaw, Typed},
    },
    id::AddressId,
};

/// Most further addresses of one customer.
pub const MAX_ADDRESSES: usize = 20;
/// How long it is known that one was taken away, so that doing so again is no error.
pub const REMOVAL_KNOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Who and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct AddressFacts {
    /// „Firma".
    #[serde(skip_serializing_if = "nothing")]
    pub company: Pii<String>,
    /// Whoever gets it there.
    #[serde(skip_serializing_if = "nothing")]
    pub name: Pii<String>,
    /// Where.
    pub address: Address,
}

fn nothing(text: &Pii<String>) -> bool {
    text.is_empty()
}

impl AddressFacts {
    /// What was typed into a form, or is there.
    #[must_use]
    pub fn typed(&self) -> Typed {
        let mut typed = Typed::of_address(&self.address);
        typed.set(Field::Company, self.company.as_str());
        typed.set(Field::Name, self.name.as_str());
        typed
    }

    /// The facts with what was typed.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the fields.
    pub fn edited(&self, typed: &Typed) -> Result<Self, Vec<Flaw>> {
        let there = self.typed();
        let mut edit = Edit::new(&there, typed);
        let facts = Self {
            company: edit.line(Field::Company),
            name: edit.line(Field::Name),
            address: edit.address(&self.address),
        };
        edit.one_of(Field::Company, Field::Name, Begun::Always);
        edit.complete(facts.address.country, Begun::Always);
        edit.done(facts)
    }

    /// Tells in an event what differs in the next facts.
    fn tell(&self, next: &Self, event: Event) -> Event {
        let event = event.changing("company", self.company.as_str(), next.company.as_str());
        let event = event.changing("name", self.name.as_str(), next.name.as_str());
        self.address.tell(&next.address, "address.", event)
    }
}

/// A billing address that a customer keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BillingAddress {
    /// Its id.
    pub id: AddressId,
    /// Since when.
    pub created_at: Timestamp,
    /// Who and where.
    #[serde(flatten)]
    pub facts: AddressFacts,
}

impl BillingAddress {
    /// One that the customer adds.
    #[must_use]
    pub fn create(id: AddressId, facts: AddressFacts, way: Way, now: Timestamp) -> Change<Self> {
        let event = AddressFacts::default().tell(&facts, event(EventKind::AddressCreated, &id, way, now));
        Change::new(Self { id, created_at: now, facts }, event)
    }

    /// What the customer made of it. `None` when nothing differs.
    #[must_use]
    pub fn edit(&self, facts: AddressFacts, way: Way, now: Timestamp) -> Option<Change<Self>> {
        if facts == self.facts {
            return None;
        }
        let event = self.facts.tell(&facts, event(EventKind::AddressUpdated, &self.id, way, now));
        Some(Change::new(Self { facts, ..self.clone() }, event))
    }

    /// The customer takes it away.
    #[must_use]
    pub fn remove(&self, way: Way, now: Timestamp) -> Change<Self> {
        let nothing = AddressFacts::default();
        let event = self.facts.tell(&nothing, event(EventKind::AddressRemoved, &self.id, way, now));
        Change::new(Self { facts: nothing, ..self.clone() }, event)
    }
}

fn event(kind: EventKind, id: &AddressId, way: Way, now: Timestamp) -> Event {
    Event::new(kind, Actor::Customer, now, id.as_str()).by(way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::form::Reason;

    fn typed(fields: &[(Field, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.set(*field, *text);
        }
        typed
    }

    fn branch() -> AddressFacts {
        let fields = [
            (Field::Company, "Example GmbH, Filiale"),
            (Field::Line1, "Nebenweg 2"),
            (Field::PostalCode, "1010"),
            (Field::City, "Wien"),
            (Field::Country, "AT"),
        ];
        AddressFacts::default().edited(&typed(&fields)).unwrap()
    }

    fn flaws(facts: &AddressFacts, fields: &[(Field, &str)]) -> Vec<(Field, Reason)> {
        let flaws = facts.edited(&typed(fields)).unwrap_err();
        flaws.into_iter().map(|flaw| (flaw.field, flaw.reason)).collect()
    }

    #[test]
    fn an_address_needs_somebody_and_a_place() {
        let lacking = [Field::Name, Field::Line1, Field::PostalCode, Field::City, Field::Country];
        assert_eq!(flaws(&AddressFacts::default(), &[]), lacking.map(|field| (field, Reason::Missing)));
        let emptied: Vec<(Field, &str)> = Field::ALL.iter().map(|field| (*field, "")).collect();
        assert_eq!(flaws(&branch(), &emptied), lacking.map(|field| (field, Reason::Missing)));
        assert_eq!(branch().edited(&Typed::default()), Ok(branch()));
    }

    #[test]
    fn its_life_is_told_field_by_field() {
        let id = AddressId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let (made, events) = BillingAddress::create(id, branch(), Way::Page, Timestamp::UNIX_EPOCH).into_parts();
        assert_eq!((events[0].kind, events[0].changes.len()), (EventKind::AddressCreated, 5));
        let moved = branch().edited(&typed(&[(Field::City, "Graz"), (Field::PostalCode, "8010")])).unwrap();
        let change = made.edit(moved, Way::Api, Timestamp::UNIX_EPOCH).unwrap();
        let told: Vec<&str> = change.events()[0].changes.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(told, ["address.postal_code", "address.city"]);
        assert_eq!(made.edit(branch(), Way::Api, Timestamp::UNIX_EPOCH), None);
        let gone = made.remove(Way::Page, Timestamp::UNIX_EPOCH);
        assert!(gone.events()[0].changes.iter().all(|change| change.to.is_empty() && !change.from.is_empty()));
    }
}
