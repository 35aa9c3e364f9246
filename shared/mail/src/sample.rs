//! What a preview tells where no customer and no document is named: those of the seed, and links that open nothing.

use domain::{Currency, Money, mail_template::MailKind};
use jiff::{ToSpan as _, civil::Date};

use crate::{
    link::LinkValues,
    released::{DocumentValues, Values},
};

impl Values {
    /// Values for looking at a mail on a day.
    #[must_use]
    pub fn sample(mail: MailKind, origin: &str, today: Date) -> Self {
        let euros = |minor| Some(Money::of_minor(minor, Currency::Eur));
        let in_two_weeks = today.saturating_add(14.days());
        let document = mail.document().map(|_| DocumentValues {
            number: "RE1000".to_owned(),
            date: Some(today),
            due_on: Some(in_two_weeks),
            gross: euros(1_591),
            open: euros(1_591),
            level: u8::from(mail.releases()),
            fee: euros(500),
            valid_until: Some(in_two_weeks),
        });
        Self {
            customer_number: "K5003".to_owned(),
            customer_name: "Example GmbH".to_owned(),
            greeting_name: "Exemplus Tine".to_owned(),
            document,
            links: LinkValues::sample(origin, today),
        }
    }
}

impl LinkValues {
    /// Links that look like real ones and open nothing.
    #[must_use]
    pub fn sample(origin: &str, today: Date) -> Self {
        Self {
            shown: None,
            portal: format!("{origin}/link/example"),
            document: format!("{origin}/d/example"),
            pay: format!("{origin}/pay/example"),
            add_method: format!("{origin}/payment-methods/link/example"),
            contract: None,
            until: Some(today.saturating_add(30.days())),
        }
    }
}
