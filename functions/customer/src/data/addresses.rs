//! `/data/addresses`: the billing address of the data and further ones; one is the default for future contracts and invoices
//! (M-78). Invoices that were issued keep theirs: the tenant's system reads the default when it makes the next one. Where
//! customers do not see their data, the address there is not theirs to see or to choose either.

pub(crate) mod api;
pub mod edit;
pub mod remove;

use domain::{
    address::{AddressFacts, BillingAddress, MAX_ADDRESSES},
    customer::{
        Address, Customer,
        form::{Flaw, Typed},
    },
    id::AddressId,
    tenant::{Area, Right},
};
use serde::{Deserialize, Serialize};
use store::{Loaded, deciding_again, secret};
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Nothing, Page, Problem, SeeOther, Submitted, area::BillingAddresses, door::Change,
    page::Flash,
};

/// May change addresses.
type Cx = CustomerContext<BillingAddresses, Change>;

/// What stands in an address instead of an id, for the billing address of the data.
const MAIN: &str = "main";

/// Which address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddressPath {
    id: String,
}

impl AddressPath {
    pub(crate) fn id(&self) -> Answer<AddressId> {
        self.id.parse().map_err(|_| Problem::NotFound)
    }
}

/// Shows all of them.
pub(crate) async fn show(cx: CustomerContext<BillingAddresses>, _: Asked<Nothing>) -> Answer<Page<AddressesPage>> {
    let store = cx.store();
    let (customer, addresses) = tokio::try_join!(store.customer(cx.customer()), store.addresses(cx.customer()))?;
    let (customer, settings) = (customer.ok_or(Problem::NotFound)?.value, &cx.tenant().settings);
    let is_full = addresses.len() >= MAX_ADDRESSES;
    let main = (settings.right(Area::Data) > Right::Off).then(|| AddressRow::main(&customer));
    let further = addresses.into_iter().map(|address| AddressRow::of(address.value, &customer));
    Ok(Page::new(AddressesPage {
        is_full,
        items: main.into_iter().chain(further).collect(),
        may_change: settings.right(Area::BillingAddresses) == Right::Change,
        main_is_editable: settings.right(Area::Data) == Right::Change,
        most: MAX_ADDRESSES,
    }))
}

/// Makes one the default, or the billing address of the data.
pub(crate) async fn make_default(cx: Cx, form: Submitted<Nothing, AddressPath>) -> Answer<SeeOther> {
    let path = form.into_parts().0;
    let sees_data = cx.tenant().settings.right(Area::Data) > Right::Off;
    let id = if path.id == MAIN && sees_data { None } else { Some(path.id()?) };
    set_default(&cx, id.as_ref()).await?;
    Ok(SeeOther::to("/data/addresses").saying(Flash::Saved))
}

/// Chooses the default; none is the billing address of the data.
pub(crate) async fn set_default(cx: &Cx, id: Option<&AddressId>) -> Answer<()> {
    let store = cx.store();
    deciding_again(|| async {
        if let Some(id) = id {
            store.address(cx.customer(), id).await?.ok_or(Problem::NotFound)?;
        }
        let seen = store.customer(cx.customer()).await?.ok_or(Problem::NotFound)?;
        if let Some(change) = seen.value.set_default_address(id, cx.way(), cx.now()) {
            store.save_default_address(cx.customer(), &seen, &change).await?;
        }
        Ok::<_, Problem>(())
    })
    .await
}

/// What came of adding one.
#[derive(Debug)]
pub(crate) enum Added {
    /// It is there, also when it was before.
    Address(Box<Loaded<BillingAddress>>),
    /// Something is wrong with it.
    Flawed(Vec<Flaw>),
    /// There are as many as there may be.
    TooMany,
}

/// Adds what was typed under an id, once.
pub(crate) async fn add(cx: &Cx, id: &AddressId, typed: &Typed) -> Answer<Added> {
    let store = cx.store();
    deciding_again(|| async {
        let (known, counted) = tokio::try_join!(store.address(cx.customer(), id), store.address_count(cx.customer()))?;
        if let Some(known) = known {
            return Ok(Added::Address(Box::new(known)));
        }
        let facts = match AddressFacts::default().edited(typed) {
            Ok(facts) => facts,
            Err(flaws) => return Ok(Added::Flawed(flaws)),
        };
        if counted.count >= MAX_ADDRESSES {
            return Ok(Added::TooMany);
        }
        let change = BillingAddress::create(id.clone(), facts, cx.way(), cx.now());
        store.create_address(cx.customer(), counted, &change).await?;
        let made = Loaded { value: change.into_parts().0, rev: 1 };
        Ok::<_, Problem>(Added::Address(Box::new(made)))
    })
    .await
}

fn fresh(cx: &Cx) -> AddressId {
    AddressId::new(cx.now(), secret::entropy())
}

/// One address.
#[derive(Debug, Clone, Serialize)]
pub struct AddressRow {
    /// None for the billing address of the data.
    pub id: Option<AddressId>,
    /// Who and where.
    pub facts: AddressFacts,
    /// Is it used for future contracts and invoices?
    pub is_default: bool,
}

impl AddressRow {
    /// The billing address of the data.
    fn main(customer: &Customer) -> Self {
        let facts = &customer.facts;
        let name = [facts.first_name.as_str(), facts.last_name.as_str()].join(" ").trim().to_owned();
        let main =
            AddressFacts { company: facts.company.clone(), name: name.into(), address: facts.billing_address.clone() };
        Self { id: None, facts: main, is_default: customer.default_address.is_none() }
    }

    fn of(address: BillingAddress, customer: &Customer) -> Self {
        let is_default = customer.default_address.as_ref() == Some(&address.id);
        Self { id: Some(address.id), facts: address.facts, is_default }
    }

    /// As on an envelope; empty lines are left out.
    #[must_use]
    pub fn lines(&self, t: &Words) -> Vec<String> {
        let AddressFacts { company, name, address } = &self.facts;
        let town = [address.postal_code.as_str(), address.city.as_str()].join(" ");
        let country = address.country.map(|country| t.country(country)).unwrap_or_default();
        let lines = [
            company.as_str(),
            name.as_str(),
            address.line1.as_str(),
            address.line2.as_str(),
            address.line3.as_str(),
            town.trim(),
            address.state.as_str(),
            country.as_str(),
        ];
        lines.into_iter().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// Which one a button means: its first line and its town.
    #[must_use]
    pub fn title(&self, t: &Words) -> String {
        let first = self.lines(t).into_iter().next();
        let town = Some(self.facts.address.city.0.clone()).filter(|town| !town.is_empty());
        first.into_iter().chain(town).collect::<Vec<_>>().join(", ")
    }

    /// Is it the billing address of the data?
    #[must_use]
    pub const fn is_main(&self) -> bool {
        self.id.is_none()
    }

    /// Does it say nothing where bills go?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.address == Address::default()
    }

    /// Where its pages are.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/data/addresses/{}", self.id.as_ref().map_or(MAIN, AddressId::as_str))
    }
}

/// All addresses.
#[derive(Debug, Clone, Serialize)]
pub struct AddressesPage {
    /// That of the data first, where it is shown; the others oldest first.
    pub items: Vec<AddressRow>,
    /// May the customer change them?
    pub may_change: bool,
    /// May the customer change the data?
    pub main_is_editable: bool,
    /// Are there as many as there may be?
    pub is_full: bool,
    /// How many there may be.
    pub most: usize,
}

web::page!(AddressesPage => "pages/customer/addresses.html");

#[cfg(test)]
pub(crate) mod tests {
    use domain::customer::CountryCode;
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;

    pub(crate) fn branch() -> AddressRow {
        let address = Address {
            line1: "Straße der vereinigten Donaudampfschifffahrtskapitäne 123 a".to_owned().into(),
            line2: "Hinterhaus".to_owned().into(),
            postal_code: "1010".to_owned().into(),
            city: "Wien".to_owned().into(),
            country: CountryCode::try_from("AT".to_owned()).ok(),
            ..Address::default()
        };
        let company = "Example GmbH, Filiale <Wien>".to_owned().into();
        AddressRow {
            id: Some(AddressId::new(Timestamp::UNIX_EPOCH, [1; 10])),
            facts: AddressFacts { company, name: "Buchhaltung".to_owned().into(), address },
            is_default: true,
        }
    }

    fn page() -> AddressesPage {
        let main = AddressRow { id: None, is_default: false, ..branch() };
        AddressesPage {
            items: vec![main, branch()],
            may_change: true,
            main_is_editable: true,
            is_full: false,
            most: MAX_ADDRESSES,
        }
    }

    #[test]
    fn the_list_is_sound() {
        testing::check("addresses", &page(), |_| {});
        testing::check("addresses-long", &AddressesPage { is_full: true, ..page() }, testing::extreme);
        testing::check("addresses-view", &AddressesPage { may_change: false, ..page() }, |_| {});
        let nothing = AddressRow { id: None, facts: AddressFacts::default(), is_default: true };
        testing::check("addresses-none", &AddressesPage { items: vec![nothing], ..page() }, |_| {});
        let alone = AddressesPage { items: vec![], main_is_editable: false, ..page() };
        testing::check("addresses-none-further", &alone, testing::extreme);
    }

    #[test]
    fn an_address_reads_as_on_an_envelope() {
        let t = Words::new(domain::Language::De);
        let lines = branch().lines(&t);
        let last: Vec<&str> = lines.iter().skip(4).map(String::as_str).collect();
        assert_eq!((lines.len(), last), (6, vec!["1010 Wien", "Österreich"]));
        assert_eq!(branch().title(&t), "Example GmbH, Filiale <Wien>, Wien");
    }
}
