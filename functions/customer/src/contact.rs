//! `/contact`: the personal contact person (M-81).

use domain::customer::Contact;
use serde::Serialize;
use web::{Answer, Asked, CustomerContext, Nothing, Page, Problem, area};

/// Shows the page.
pub(crate) async fn show(cx: CustomerContext<area::Contact>, _: Asked<Nothing>) -> Answer<Page<ContactPage>> {
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    let contact = match &customer.facts.contact {
        Some(number) => cx.store().contact_to_show(number, cx.now()).await?,
        None => None,
    };
    Ok(Page::new(ContactPage { contact }))
}

/// The assigned person, if there is one.
#[derive(Debug, Clone, Serialize)]
pub struct ContactPage {
    /// Without one the page says how else to reach the tenant.
    pub contact: Option<Contact>,
}

web::page!(ContactPage => "pages/customer/contact.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_contact_page_is_sound() {
        let contact = Contact {
            name: "Johanna Petersen".to_owned(),
            role: "Kundenbetreuung Geschäftskunden".to_owned(),
            phone: "0441 1234567".to_owned(),
            email: "petersen@webhosting.example".parse().ok(),
        };
        testing::check("contact", &ContactPage { contact: Some(contact) }, |_| {});
        testing::check("contact-empty", &ContactPage { contact: None }, |_| {});
        testing::check("contact-long", &ContactPage { contact: None }, testing::extreme);
    }
}
