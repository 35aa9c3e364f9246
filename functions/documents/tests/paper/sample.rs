//! An invoice to render, as a tenant of the demo would write it.

#![allow(dead_code, unreachable_pub, missing_debug_implementations, reason = "each program uses its own part")]
#![allow(clippy::unwrap_used, reason = "what stops here is a mistake in the sample")]

use documents::render::{InvoicePaper, Rendered, invoice};
use domain::{
    Currency, Language, Money, Pii,
    invoice::{Buyer, InvoiceFacts, Line, Period, Seller, TaxCategory, TaxTotal},
    money::{Quantity, Rounding, TaxRate, UnitPrice},
    number::InvoiceNumber,
    tenant::{BankAccount, Colour, Company},
};
use jiff::civil::date;

/// Owned values behind an [`InvoicePaper`].
pub struct Sample {
    pub number: InvoiceNumber,
    pub facts: InvoiceFacts,
    pub language: Language,
    pub company: Company,
    pub logo: Option<Vec<u8>>,
    pub sandbox: bool,
}

impl Sample {
    /// A domestic invoice with this many lines, most at 19 %, some at 7 %.
    pub fn with_lines(count: usize) -> Self {
        let lines: Vec<Line> = (0..count).map(line).collect();
        let mut sample = Self {
            number: "RE1042".parse().unwrap(),
            facts: facts(),
            language: Language::De,
            company: company(),
            logo: None,
            sandbox: false,
        };
        sample.set_lines(lines);
        sample
    }

    /// Replaces the lines; taxes and totals follow.
    pub fn set_lines(&mut self, lines: Vec<Line>) {
        let currency = lines[0].net.currency();
        let mut taxes: Vec<TaxTotal> = Vec::new();
        for line in &lines {
            match taxes.iter_mut().find(|tax| (tax.category, tax.rate) == (line.tax_category, line.tax_rate)) {
                Some(tax) => tax.net = tax.net.plus(line.net).unwrap(),
                None => taxes.push(TaxTotal {
                    category: line.tax_category,
                    rate: line.tax_rate,
                    net: line.net,
                    tax: Money::zero(currency),
                    reason: reason(line.tax_category).to_owned(),
                }),
            }
        }
        for tax in &mut taxes {
            tax.tax = tax.net.tax(tax.rate, Rounding::HalfUp).unwrap();
        }
        self.facts.net = Money::sum(currency, lines.iter().map(|line| line.net)).unwrap();
        self.facts.tax = Money::sum(currency, taxes.iter().map(|tax| tax.tax)).unwrap();
        self.facts.gross = self.facts.net.plus(self.facts.tax).unwrap();
        self.facts.lines = lines;
        self.facts.taxes = taxes;
    }

    /// The same lines in another tax category, without tax.
    pub fn untaxed(mut self, category: TaxCategory) -> Self {
        let change = |line: Line| Line { tax_category: category, tax_rate: TaxRate::ZERO, ..line };
        let lines = std::mem::take(&mut self.facts.lines).into_iter().map(change).collect();
        self.set_lines(lines);
        self
    }

    pub fn paper(&self) -> InvoicePaper<'_> {
        InvoicePaper {
            number: &self.number,
            facts: &self.facts,
            language: self.language,
            company: &self.company,
            accent: Colour([0x00, 0x57, 0xb8]),
            logo: self.logo.as_deref(),
            sandbox: self.sandbox,
        }
    }

    /// Renders, after checking that the sample itself is a valid invoice.
    pub fn render(&self) -> Rendered {
        assert_eq!(self.facts.check(), Ok(()), "the sample is a valid invoice");
        invoice(&self.paper()).unwrap_or_else(|error| panic!("{error}"))
    }
}

const fn reason(category: TaxCategory) -> &'static str {
    match category {
        TaxCategory::S | TaxCategory::Z => "",
        TaxCategory::E => "Steuerfrei nach § 4 Nr. 21 UStG",
        TaxCategory::AE => "Umkehrung der Steuerschuldnerschaft nach § 13b UStG",
        TaxCategory::K => "Steuerfreie innergemeinschaftliche Lieferung",
        TaxCategory::G => "Steuerfreie Ausfuhrlieferung",
        TaxCategory::O => "Nicht steuerbar",
    }
}

/// Line `index`: names, units, quantities and prices vary, so that columns show what they do.
pub fn line(index: usize) -> Line {
    let (description, details, unit, quantity, price, rate) = match index % 5 {
        0 => (
            "Webhosting-Paket „Business L“",
            "50 GB Speicher, 20 Postfächer, tägliche Sicherung",
            "MON",
            "1",
            "24.90",
            "19",
        ),
        1 => ("Domain beispiel-gmbh.de", "", "ANN", "1", "11.88", "19"),
        2 => ("Datenübertragung", "Abgerechnet nach Verbrauch", "E34", "1480.5", "0.0251", "19"),
        3 => ("Handbuch „Erste Schritte“ (gedruckt)", "", "C62", "3", "14.95", "7"),
        _ => (
            "Einrichtung und Beratung durch unsere Technik",
            "Umzug der Postfächer vom bisherigen Anbieter",
            "HUR",
            "2.5",
            "95",
            "19",
        ),
    };
    let (quantity, unit_price): (Quantity, UnitPrice) = (quantity.parse().unwrap(), price.parse().unwrap());
    Line {
        description: description.to_owned(),
        details: details.to_owned(),
        period: (index % 5 == 1).then_some(Period { from: date(2026, 11, 1), to: date(2027, 10, 31) }),
        quantity,
        unit: unit.to_owned(),
        unit_price,
        tax_category: TaxCategory::S,
        tax_rate: rate.parse().unwrap(),
        net: unit_price.times(quantity, Currency::Eur).unwrap(),
    }
}

fn facts() -> InvoiceFacts {
    let zero = Money::zero(Currency::Eur);
    InvoiceFacts {
        customer: "K5003".parse().unwrap(),
        issued_on: date(2026, 11, 1),
        due_on: date(2026, 11, 15),
        language: None,
        handle: String::new(),
        subscription: Some("V-1007".parse().unwrap()),
        period: Some(Period { from: date(2026, 11, 1), to: date(2026, 11, 30) }),
        delivered_on: None,
        buyer_reference: "Bestellung 4711/B".to_owned(),
        seller: seller(),
        buyer: Buyer {
            company: Pii("Example GmbH".to_owned()),
            person: Pii("Frau Exemplus Tine".to_owned()),
            line1: Pii("Exempel Gasse 1".to_owned()),
            postal_code: Pii("56789".to_owned()),
            city: Pii("Rosahausen".to_owned()),
            country: Some("DE".to_owned().try_into().unwrap()),
            vat_id: Pii("DE136695976".to_owned()),
            email: Some("rechnung@example.com".parse().unwrap()),
            ..Buyer::default()
        },
        lines: Vec::new(),
        taxes: Vec::new(),
        net: zero,
        tax: zero,
        gross: zero,
        note: String::new(),
        settled_before: None,
        collect: true,
    }
}

fn seller() -> Seller {
    Seller {
        name: "Webhosting AG".to_owned(),
        street: "Musterweg 1".to_owned(),
        postal_code: "12345".to_owned(),
        city: "Musterhausen".to_owned(),
        country: Some("DE".to_owned().try_into().unwrap()),
        tax_number: "151/815/08156".to_owned(),
        vat_id: "DE123456788".to_owned(),
        email: Some("rechnung@webhosting.example".parse().unwrap()),
        phone: "+49 1234 5678-0".to_owned(),
        bank: Some(BankAccount {
            holder: "Webhosting AG".to_owned(),
            iban: "DE02120300000000202051".to_owned(),
            bic: "BYLADEM1001".to_owned(),
            bank: "Musterbank Musterhausen".to_owned(),
        }),
    }
}

fn company() -> Company {
    Company {
        name: "Webhosting AG".to_owned(),
        website: "webhosting.example".to_owned(),
        register: "Amtsgericht Musterhausen, HRB 1234".to_owned(),
        management: "Vorstand: Anna Beispiel, Max von Musterhausen".to_owned(),
        ..Company::default()
    }
}
