//! `/data`: everything the tenant holds about the customer, to look at and where allowed to change (M-11 to M-15).

pub mod addresses;
pub(crate) mod api;
pub mod edit;
pub mod erasure;
pub mod export;
pub(crate) mod form;
mod patch;

use domain::{
    customer::CustomerFacts,
    number::CustomerNumber,
    tenant::{Area, Right},
};
use serde::Serialize;
use web::{Answer, Asked, CustomerContext, Nothing, Page, Problem, area};

use crate::undelivered::{UndeliveredNotice, notices};

/// Shows the page.
pub(crate) async fn show(cx: CustomerContext<area::Data>, _: Asked<Nothing>) -> Answer<Page<DataPage>> {
    let store = cx.store();
    let (customer, bounced) = tokio::try_join!(store.customer(cx.customer()), store.undelivered(cx.customer()))?;
    let customer = customer.ok_or(Problem::NotFound)?.value;
    Ok(Page::new(DataPage {
        undelivered: notices(&customer.facts, &bounced, &cx.tenant().settings),
        number: customer.number,
        bills_go_elsewhere: customer.default_address.is_some(),
        facts: customer.facts,
        may_change: cx.tenant().settings.right(Area::Data) == Right::Change,
    }))
}

/// All fields; empty ones keep their label.
#[derive(Debug, Clone, Serialize)]
pub struct DataPage {
    /// „Kundennummer".
    pub number: CustomerNumber,
    /// Everything else.
    #[serde(flatten)]
    pub facts: CustomerFacts,
    /// Addresses that mail came back from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<UndeliveredNotice>,
    /// May the customer change it?
    pub may_change: bool,
    /// Is another billing address the default?
    pub bills_go_elsewhere: bool,
}

web::page!(DataPage => "pages/customer/data.html");

#[cfg(test)]
mod tests {
    use domain::customer::{Address, CountryCode, Salutation};
    use web::page::testing;

    use super::*;

    /// The seed's customer: everything that is not named stays empty.
    fn tine() -> CustomerFacts {
        CustomerFacts {
            salutation: Some(Salutation::Frau),
            company: "Example GmbH".to_owned().into(),
            first_name: "Exemplus".to_owned().into(),
            last_name: "Tine".to_owned().into(),
            email: "tine@example.org".parse().ok(),
            billing_address: Address {
                line1: "Exempel Gasse 1".to_owned().into(),
                postal_code: "56789".to_owned().into(),
                city: "Rosahausen".to_owned().into(),
                country: CountryCode::try_from("DE".to_owned()).ok(),
                ..Address::default()
            },
            ..CustomerFacts::default()
        }
    }

    fn page() -> DataPage {
        let number = "K5003".parse().unwrap();
        DataPage { number, facts: tine(), undelivered: vec![], may_change: true, bills_go_elsewhere: false }
    }

    #[test]
    fn the_data_page_is_sound() {
        let page = page();
        testing::check("data", &page, |_| {});
        testing::check("data-view", &DataPage { may_change: false, ..page.clone() }, |_| {});
        testing::check("data-elsewhere", &DataPage { bills_go_elsewhere: true, ..page.clone() }, every_menu);
        let undelivered = crate::undelivered::samples();
        testing::check("data-undelivered", &DataPage { undelivered, ..page.clone() }, |_| {});
        testing::check("data-empty", &DataPage { facts: CustomerFacts::default(), ..page.clone() }, |_| {});
        let company = "Gesellschaft für angewandte Veranstaltungstechnik und Bühnenbau Norddeutschland mbH & Co. KG";
        let email = "vorstandsassistenz@veranstaltungstechnik-norddeutschland.example".parse().ok();
        let facts = CustomerFacts { company: company.to_owned().into(), email, ..tine() };
        testing::check("data-long", &DataPage { facts, ..page }, testing::extreme);
    }

    /// The menu with both areas that the page leads to.
    fn every_menu(frame: &mut web::page::Frame) {
        for href in ["/data/addresses", "/payment-methods"] {
            let (label, href) = (href.to_owned(), href.to_owned());
            frame.menu.push(web::page::MenuItem { label, href, here: false, apart: false, children: vec![] });
        }
    }

    #[test]
    fn only_who_may_change_finds_the_way_to() {
        let shown = |may_change: bool| {
            let page = DataPage { may_change, ..page() };
            web::page::View::html(&page, &testing::frame(domain::Language::De)).unwrap()
        };
        let (change, view) = (shown(true), shown(false));
        assert!(change.contains("href=\"/sessions\"") && view.contains("href=\"/sessions\""));
        assert!(change.contains("href=\"/data/edit\"") && change.contains("href=\"/data/email\""));
        assert!(!change.contains("Hier sehen Sie die bei uns hinterlegten Kundendaten."));
        assert!(!view.contains("/data/edit") && !view.contains("/data/email"));
        assert!(view.contains("Für eine Änderung der Daten nehmen Sie bitte Kontakt mit uns auf."));
    }

    #[test]
    fn empty_fields_keep_their_label_and_stay_empty() {
        let page = page();
        let html = web::page::View::html(&page, &testing::frame(domain::Language::De)).unwrap();
        for label in
            ["Telefon 1", "Mobil", "Adresse 2", "Staat", "E-Mail für Rechnungen", "EU-USt-IdNr.", "Zahlungsart"]
        {
            assert!(html.contains(&format!("<dt>{label}</dt><dd></dd>")), "{label}");
        }
        assert!(html.contains("<dt>Land</dt><dd>Deutschland</dd>"));
    }
}
