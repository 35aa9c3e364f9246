//! `/data`: everything the tenant holds about the customer, to look at (M-11 to M-15).

use domain::{customer::CustomerFacts, number::CustomerNumber};
use serde::Serialize;
use web::{Answer, Asked, CustomerContext, Nothing, Page, Problem, area};

/// Shows the page.
pub(crate) async fn show(cx: CustomerContext<area::Data>, _: Asked<Nothing>) -> Answer<Page<DataPage>> {
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    Ok(Page::new(DataPage { number: customer.number, facts: customer.facts }))
}

/// All fields; empty ones keep their label.
#[derive(Debug, Clone, Serialize)]
pub struct DataPage {
    /// „Kundennummer".
    pub number: CustomerNumber,
    /// Everything else.
    #[serde(flatten)]
    pub facts: CustomerFacts,
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

    #[test]
    fn the_data_page_is_sound() {
        let page = DataPage { number: "K5003".parse().unwrap(), facts: tine() };
        testing::check("data", &page, |_| {});
        testing::check("data-empty", &DataPage { facts: CustomerFacts::default(), ..page.clone() }, |_| {});
        let company = "Gesellschaft für angewandte Veranstaltungstechnik und Bühnenbau Norddeutschland mbH & Co. KG";
        let email = "vorstandsassistenz@veranstaltungstechnik-norddeutschland.example".parse().ok();
        let facts = CustomerFacts { company: company.to_owned().into(), email, ..tine() };
        testing::check("data-long", &DataPage { facts, ..page }, testing::extreme);
    }

    #[test]
    fn empty_fields_keep_their_label_and_stay_empty() {
        let page = DataPage { number: "K5003".parse().unwrap(), facts: tine() };
        let html = web::page::View::html(&page, &testing::frame(domain::Language::De)).unwrap();
        for label in
            ["Telefon 1", "Mobil", "Adresse 2", "Staat", "E-Mail für Rechnungen", "EU-USt-IdNr.", "Zahlungsart"]
        {
            assert!(html.contains(&format!("<dt>{label}</dt><dd></dd>")), "{label}");
        }
        assert!(html.contains("<dt>Land</dt><dd>Deutschland</dd>"));
    }
}
