//! The facts of an invoice or credit note as EN 16931 sees them: the same terms and rules before it is issued and when it is
//! written.

mod fields;
mod model;

use domain::{
    FieldErrors, Money,
    customer::CountryCode,
    document::{Content, CreditNote, DocumentFacts, Letter},
    invoice::{InvoiceFacts, Priced},
    money::MoneyError,
    number::{DocumentNumber, InvoiceNumber},
};
use en16931::{
    En16931, Validated,
    codes::{contains, generated::COUNTRY_CODES},
    profiles::XRechnung,
    validation::profile::ProfileMarker,
};
use thiserror::Error;

pub use model::Terms;

/// What the terms are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Invoice or credit note.
    pub said: Said<'a>,
    /// The issuer's register, for example „Amtsgericht Musterhausen, HRB 1234".
    pub register: &'a str,
    /// Is it only a test?
    pub sandbox: bool,
}

/// What an invoice or credit note says; sums are taken from here, never computed again.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// An invoice.
    Invoice(&'a InvoiceNumber, &'a InvoiceFacts),
    /// A credit note with lines, as [`Credit::of`] finds it.
    Credit(&'a DocumentNumber, Credit<'a>),
}

/// A credit note that says its lines itself; one of which there is only a PDF is none.
#[derive(Debug, Clone, Copy)]
pub struct Credit<'a> {
    pub(crate) letter: &'a Letter,
    pub(crate) note: &'a CreditNote,
    pub(crate) priced: Priced<'a>,
}

impl<'a> Credit<'a> {
    /// The credit note in a document's facts, if they are one.
    #[must_use]
    pub fn of(facts: &'a DocumentFacts) -> Option<Self> {
        let Content::CreditNote(note) = &facts.content else { return None };
        let priced = facts.content.priced().filter(|_| !facts.letter.uploaded)?;
        Some(Self { letter: &facts.letter, note, priced })
    }
}

/// Why an invoice is no e-invoice.
#[derive(Debug, Error)]
pub enum NotAnEInvoice {
    /// The facts break rules of EN 16931; one line for each.
    #[error("the invoice breaks rules of EN 16931:\n{lines}")]
    Rules {
        /// For the log.
        lines: String,
        /// For the sender.
        fields: FieldErrors,
    },
    /// The facts hold an amount or date the standard has no form for.
    #[error("the invoice cannot be written as EN 16931: {0}")]
    Value(String),
}

/// The invoice, proven to follow EN 16931.
///
/// # Errors
/// [`NotAnEInvoice`].
pub fn validated(source: Source<'_>) -> Result<Validated<En16931>, NotAnEInvoice> {
    proven(source, Terms::En16931)
}

/// The invoice, proven to follow the German rules of XRechnung 3.0, which want more of it: a buyer reference (Leitweg-ID),
/// who answers questions and by which phone and mail, both electronic addresses, and how it is paid.
///
/// # Errors
/// [`NotAnEInvoice`]; most invoices between companies are none.
pub fn xrechnung(source: Source<'_>) -> Result<Validated<XRechnung>, NotAnEInvoice> {
    proven(source, Terms::XRechnung)
}

fn proven<P: ProfileMarker>(source: Source<'_>, terms: Terms) -> Result<Validated<P>, NotAnEInvoice> {
    Validated::new(model::invoice(source, terms)?).map_err(|rejected| {
        let lines: Vec<String> = rejected.report().fatal().map(ToString::to_string).collect();
        NotAnEInvoice::Rules { lines: lines.join("\n"), fields: fields::of(rejected.report(), source.said) }
    })
}

/// Could the invoice be written?
///
/// # Errors
/// Each broken rule at the field it is about.
pub fn check(source: Source<'_>) -> Result<(), FieldErrors> {
    match validated(source) {
        Ok(_) => Ok(()),
        Err(NotAnEInvoice::Rules { fields, .. }) => Err(fields),
        Err(NotAnEInvoice::Value(_)) => {
            Err(FieldErrors::one("", "invalid", "has an amount or date that EN 16931 has no form for"))
        }
    }
}

/// Checks country and VAT id as every invoice of this seller will be (BR-CL-14, BR-CO-09).
pub fn check_seller(country: Option<&CountryCode>, vat_id: &str, errors: &mut FieldErrors) {
    let known = country.is_none_or(|code| contains(COUNTRY_CODES, code.as_str()));
    errors.require(known, "country", "invalid", "must be a country of ISO 3166-1");
    let prefix: String = vat_id.trim().chars().take(2).collect::<String>().to_ascii_uppercase();
    let issued_somewhere = prefix.is_empty() || prefix == "EL" || contains(COUNTRY_CODES, &prefix);
    errors.require(issued_somewhere, "vat_id", "invalid", "must begin with the country that gave it, for example DE");
}

/// What is still to be paid when the invoice is issued.
///
/// # Errors
/// When the amounts differ in currency.
pub fn open(facts: &InvoiceFacts) -> Result<Money, MoneyError> {
    facts.settled_before.map_or(Ok(facts.gross), |settled| facts.gross.minus(settled.amount))
}
