//! Mails that a tenant may word itself: with a document that is released, or with a personal link. Built-in words go the
//! same way as the tenant's own.

use domain::{
    Money,
    customer::{Customer, EmailAddress},
    document::{Content, DocumentRow},
    invoice::InvoiceRow,
    mail_template::{MailKind, MailText, Part, Placeholder, Wrong, parse, unescaped},
};
use jiff::civil::Date;
use text::Words;

use crate::{
    BrokenTemplate, LinkValues, Rendered, Sender, Variable,
    marked::{Marked, events, filled, preview},
    plain::plain_text,
    template::{Filled, linked, sanitised},
    value::one_line,
};

/// A mail in somebody's words, and what they tell.
#[derive(Debug, Clone, Copy)]
pub struct ReleasedMail<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// Which mail.
    pub mail: MailKind,
    /// Its words: the tenant's own, or the built-in ones.
    pub text: &'a MailText,
    /// What its placeholders become.
    pub values: &'a Values,
}

/// What placeholders become. What is not there is empty, and its paragraph is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// „Kundennummer".
    pub customer_number: String,
    /// The customer's company, else person.
    pub customer_name: String,
    /// As the customer is addressed; may be empty.
    pub greeting_name: String,
    /// The document that the mail is about.
    pub document: Option<DocumentValues>,
    /// Its personal links.
    pub links: LinkValues,
}

/// What is told of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentValues {
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Option<Date>,
    /// When it is due.
    pub due_on: Option<Date>,
    /// Its gross amount.
    pub gross: Option<Money>,
    /// What is still to pay.
    pub open: Option<Money>,
    /// Level of a „Mahnung"; 0 for all others.
    pub level: u8,
    /// Fee of a „Mahnung".
    pub fee: Option<Money>,
    /// Last day of an offer.
    pub valid_until: Option<Date>,
}

impl DocumentValues {
    /// What is told of an invoice, as it stands.
    #[must_use]
    pub fn of_invoice(row: &InvoiceRow) -> Self {
        Self {
            number: row.number.to_string(),
            date: Some(row.issued_on),
            due_on: Some(row.due_on),
            gross: Some(row.gross),
            open: Some(row.open),
            ..Self::default()
        }
    }

    /// What is told of a document beside invoices.
    #[must_use]
    pub fn of_document(row: &DocumentRow, content: &Content) -> Self {
        let values = Self {
            number: row.number.to_string(),
            date: Some(row.issued_on),
            gross: row.amount,
            level: row.level.unwrap_or(0),
            valid_until: row.valid_until,
            ..Self::default()
        };
        match content {
            // What it comes to is what is asked for, and no price.
            Content::Dunning(dunning) => Self {
                gross: None,
                open: Some(dunning.total),
                due_on: Some(dunning.pay_by),
                fee: dunning.fee.filter(|fee| fee.is_positive()),
                ..values
            },
            _ => values,
        }
    }
}

impl Values {
    /// The same for a customer, addressed in these words.
    #[must_use]
    pub fn for_customer(self, customer: &Customer, words: Words) -> Self {
        let facts = &customer.facts;
        let company = facts.company.trim();
        Self {
            customer_number: customer.number.to_string(),
            customer_name: if company.is_empty() { facts.display_name() } else { company.to_owned() },
            greeting_name: words.addressed(facts),
            ..self
        }
    }

    fn of(&self, placeholder: Placeholder, sender: &Sender<'_>) -> Variable {
        let (words, links, company) = (sender.words(), &self.links, &sender.settings.company);
        let date = |day: Option<Date>| Variable::Text(day.map(|day| words.date(day)).unwrap_or_default());
        let money =
            |amount: Option<Money>| Variable::Text(amount.map(|amount| words.money(amount)).unwrap_or_default());
        let text = |text: &str| Variable::Text(text.to_owned());
        let link = |address: &str| Variable::Address(address.to_owned());
        let document = self.document.as_ref();
        match placeholder {
            Placeholder::Greeting => Variable::Text(words.mail_greeting(&self.greeting_name)),
            Placeholder::CustomerNumber => text(&self.customer_number),
            Placeholder::CustomerName => text(&self.customer_name),
            Placeholder::CompanyName if company.name.is_empty() => text(&sender.settings.name),
            Placeholder::CompanyName => text(&company.name),
            Placeholder::Contact => {
                let email = company.email.as_ref().map_or("", EmailAddress::as_str);
                let ways = [company.phone.as_str(), email].into_iter().filter(|way| !way.is_empty());
                Variable::Text(ways.collect::<Vec<_>>().join(" · "))
            }
            Placeholder::PortalUrl => Variable::Address(format!("{}/", sender.origin)),
            Placeholder::SelfServicePortalUrl => link(&links.portal),
            Placeholder::AddMethodUrl => link(&links.add_method),
            Placeholder::DocumentUrl => link(&links.document),
            Placeholder::PayUrl => link(&links.pay),
            Placeholder::LinkName => match (&links.contract, &links.shown) {
                (Some(contract), _) => Variable::Text(words.contracts_number(sender.settings.contract_word, contract)),
                (None, Some((kind, number))) => Variable::Text(words.document_title(*kind, number)),
                (None, None) => text(words.mails_portal()),
            },
            Placeholder::LinkValidUntil => date(links.until),
            Placeholder::DocumentNumber => text(document.map_or("", |document| document.number.as_str())),
            Placeholder::DocumentDate => date(document.and_then(|document| document.date)),
            Placeholder::DueDate => date(document.and_then(|document| document.due_on)),
            Placeholder::GrossAmount => money(document.and_then(|document| document.gross)),
            Placeholder::OpenAmount => money(document.and_then(|document| document.open)),
            Placeholder::DunningLevel => {
                let level = document.map(|document| document.level).filter(|level| *level > 0);
                Variable::Text(level.map(|level| level.to_string()).unwrap_or_default())
            }
            Placeholder::DunningFee => money(document.and_then(|document| document.fee)),
            Placeholder::OfferValidUntil => date(document.and_then(|document| document.valid_until)),
        }
    }
}

/// Renders the mail, without a paper that goes with it.
///
/// # Errors
/// With words that were not checked, and with broken frames, which a test excludes.
pub fn render_released(mail: &ReleasedMail<'_>) -> Result<Rendered, BrokenTemplate> {
    let value = |placeholder| mail.values.of(placeholder, &mail.sender);
    let subject = parse(&mail.text.subject, mail.mail).map_err(|wrong| broken(&wrong))?;
    let subject: String = subject
        .iter()
        .map(|part| match part {
            Part::Text(text) => unescaped(text),
            Part::Placeholder(placeholder, _) => value(*placeholder).plain(),
        })
        .collect();
    let marked = Marked::of(&parse(&mail.text.body, mail.mail).map_err(|wrong| broken(&wrong))?);
    let values: Vec<Variable> = marked.placeholders().map(value).collect();
    let markdown = linked(&marked.without_empty(&values));
    let events = filled(events(&markdown), &values);
    mail.sender.framed(Filled {
        subject: one_line(&subject),
        preview: preview(&events),
        last_line: String::new(),
        text: plain_text(&events),
        html: sanitised(events.into_iter()),
    })
}

fn broken(wrong: &[Wrong]) -> BrokenTemplate {
    BrokenTemplate(wrong.first().map(ToString::to_string).unwrap_or_default())
}
