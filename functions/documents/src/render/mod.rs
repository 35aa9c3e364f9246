//! Values → paper, as PDF/A-3a and PDF/UA-1: an invoice or credit note with its EN 16931 XML inside, offers, confirmations,
//! delivery notes and dunning letters in the same form, what is printed about a payment, the
//! mandate of a bank account, statements of account, and the confirmations of a contract's cancellation, of a declaration
//! and of an answer to an offer. Pure: same values, same bytes.

mod answer;
mod cancellation;
mod colour;
mod declaration;
mod document;
mod engine;
mod hybrid;
mod letter;
mod mandate;
mod paper;
mod payment_paper;
mod statement;

use domain::{
    Language,
    customer::Customer,
    declaration::Declaration,
    document::{DocumentFacts, OfferAnswer},
    invoice::InvoiceFacts,
    number::{DocumentNumber, InvoiceNumber},
    paper::Paper,
    payment::Payment,
    payment_method::PaymentMethod,
    subscription::{Cancellation, Subscription},
    tenant::{Colour, Company, ContractWord},
    time::Zone,
};
use einvoice::{Credit, NotAnEInvoice, Said, Source};
pub use en16931_formats::Syntax;
use jiff::civil::Date;
use thiserror::Error;

/// Everything a page of paper needs; pure values.
#[derive(Debug, Clone, Copy)]
pub struct InvoicePaper<'a> {
    /// The invoice's number.
    pub number: &'a InvoiceNumber,
    /// What the invoice says; sums are taken from here, never computed again.
    pub facts: &'a InvoiceFacts,
    /// Language of every word on it.
    pub language: Language,
    /// For the footer: register, management, website. Name, address and tax numbers come from the frozen seller.
    pub company: &'a Company,
    /// As the tenant chose it; used only where it can be read on white.
    pub accent: Colour,
    /// A PNG, shown at most 20 mm high; without it the seller's name stands there.
    pub logo: Option<&'a [u8]>,
    /// Marks every page as a test.
    pub sandbox: bool,
}

/// Everything a document beside invoices needs on paper; pure values.
#[derive(Debug, Clone, Copy)]
pub struct DocumentPaper<'a> {
    /// The document's number.
    pub number: &'a DocumentNumber,
    /// What it says; sums are taken from here, never computed again.
    pub facts: &'a DocumentFacts,
    /// Language of every word on it.
    pub language: Language,
    /// For the footer, as on an invoice.
    pub company: &'a Company,
    /// As the tenant chose it; used only where it can be read on white.
    pub accent: Colour,
    /// A PNG, shown at most 20 mm high; without it the seller's name stands there.
    pub logo: Option<&'a [u8]>,
    /// Marks every page as a test.
    pub sandbox: bool,
}

/// A rendered document beside invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedDocument {
    /// PDF/A-3a and PDF/UA-1; of a credit note with `factur-x.xml` inside.
    pub pdf: Vec<u8>,
    /// That XML: CII, profile EN 16931.
    pub xml: Option<String>,
}

/// A tenant's letter paper, as it is today.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Who writes.
    pub company: &'a Company,
    /// Stands for the company where it has no name of its own.
    pub tenant_name: &'a str,
    /// As the tenant chose it; used only where it can be read on white.
    pub accent: Colour,
    /// A PNG, shown at most 20 mm high; without it the company's name stands there.
    pub logo: Option<&'a [u8]>,
    /// Marks every page as a test.
    pub sandbox: bool,
}

/// Everything a paper about a payment needs; pure values.
#[derive(Debug, Clone, Copy)]
pub struct PaymentPaper<'a> {
    /// Which one.
    pub paper: Paper,
    /// What it is about.
    pub payment: &'a Payment,
    /// Whom it is for.
    pub customer: &'a Customer,
    /// Language of every word on it.
    pub language: Language,
    /// Where days begin and end.
    pub zone: &'a Zone,
    /// Who writes it, and the account to transfer to.
    pub letterhead: Letterhead<'a>,
}

/// Everything a mandate on paper needs; pure values.
#[derive(Debug, Clone, Copy)]
pub struct MandatePaper<'a> {
    /// The bank account that may be debited, or could be until it ended.
    pub method: &'a PaymentMethod,
    /// Whose number stands on it; names and address are the mandate's own.
    pub customer: &'a Customer,
    /// Language of every word on it.
    pub language: Language,
    /// Where days begin and end.
    pub zone: &'a Zone,
    /// What it is printed on today.
    pub letterhead: Letterhead<'a>,
}

/// Everything the confirmation of a declaration needs; pure values. Language and zone are the declaration's own.
#[derive(Debug, Clone, Copy)]
pub struct DeclarationPaper<'a> {
    /// What was declared, and when it came.
    pub declaration: &'a Declaration,
    /// What it is printed on.
    pub letterhead: Letterhead<'a>,
}

/// Everything the confirmation of a contract's cancellation needs; pure values.
#[derive(Debug, Clone, Copy)]
pub struct CancellationPaper<'a> {
    /// What ends.
    pub contract: &'a Subscription,
    /// Why and when it does.
    pub cancellation: &'a Cancellation,
    /// Whose contract it is.
    pub customer: &'a Customer,
    /// Language of every word on it.
    pub language: Language,
    /// What the operator calls a contract.
    pub word: ContractWord,
    /// Where days begin and end.
    pub zone: &'a Zone,
    /// What it is printed on.
    pub letterhead: Letterhead<'a>,
}

/// Everything the confirmation of an answer to an offer needs; pure values.
#[derive(Debug, Clone, Copy)]
pub struct AnswerPaper<'a> {
    /// The offer's number.
    pub number: &'a DocumentNumber,
    /// What it offers.
    pub facts: &'a DocumentFacts,
    /// What was answered, by whom and when.
    pub answer: &'a OfferAnswer,
    /// SHA-256 of the offer's PDF, hexadecimal.
    pub sha256: &'a str,
    /// Whose offer it is.
    pub customer: &'a Customer,
    /// Language of every word on it.
    pub language: Language,
    /// What it is printed on.
    pub letterhead: Letterhead<'a>,
}

/// Everything a statement of account needs; pure values.
#[derive(Debug, Clone, Copy)]
pub struct StatementPaper<'a> {
    /// The account between two days.
    pub statement: &'a ::statement::Statement,
    /// Whose account it is.
    pub customer: &'a Customer,
    /// Language of every word on it.
    pub language: Language,
    /// The day on which it is made.
    pub day: Date,
    /// What it is printed on.
    pub letterhead: Letterhead<'a>,
}

/// A rendered invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// PDF/A-3a and PDF/UA-1 with `factur-x.xml` inside.
    pub pdf: Vec<u8>,
    /// The same XML: CII, profile EN 16931.
    pub xml: String,
}

/// Why there is no paper. Only [`RenderError::Rules`] comes from the invoice itself.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The facts break rules of EN 16931; one line for each.
    #[error("the invoice breaks rules of EN 16931:\n{0}")]
    Rules(String),
    /// A value there is no form for.
    #[error("a value cannot be written: {0}")]
    Value(String),
    /// The template failed, or the logo is no PNG.
    #[error("the template failed: {0}")]
    Template(String),
    /// The pages cannot be PDF/A-3a and PDF/UA-1.
    #[error("the PDF failed: {0}")]
    Pdf(String),
    /// The PDF's metadata cannot name the XML in it.
    #[error("the PDF's metadata has an unknown form")]
    Embed,
}

/// The invoice as PDF with its XML inside, and the XML alone.
///
/// # Errors
/// See [`RenderError`].
pub fn invoice(paper: &InvoicePaper<'_>) -> Result<Rendered, RenderError> {
    let xml = invoice_xml(paper)?;
    let mut files = paper::invoice(paper)?;
    files.push((hybrid::FILE, xml.clone().into_bytes()));
    Ok(Rendered { pdf: engine::compile("invoice.typ", files)?, xml })
}

/// A document beside invoices as PDF; a credit note carries its XML as an invoice does.
///
/// # Errors
/// As [`RenderError`] says.
pub fn document(paper: &DocumentPaper<'_>) -> Result<RenderedDocument, RenderError> {
    let DocumentPaper { number, facts, company, sandbox, .. } = *paper;
    let credit = Credit::of(facts);
    let source = |credit| Source { said: Said::Credit(number, credit), register: &company.register, sandbox };
    let xml = match credit {
        Some(credit) => Some(en16931_formats::write(&einvoice::validated(source(credit))?, Syntax::Cii).xml),
        None => None,
    };
    let mut files = document::document(paper, xml.is_some())?;
    files.extend(xml.clone().map(|xml| (hybrid::FILE, xml.into_bytes())));
    Ok(RenderedDocument { pdf: engine::compile("document.typ", files)?, xml })
}

/// A credit note as XRechnung 3.0.
///
/// # Errors
/// As [`xrechnung`]; [`RenderError::Value`] for any other document.
pub fn credit_xrechnung(paper: &DocumentPaper<'_>, syntax: Syntax) -> Result<String, RenderError> {
    let DocumentPaper { number, facts, company, sandbox, .. } = *paper;
    let credit = Credit::of(facts).ok_or_else(|| value("it is no credit note with lines"))?;
    let source = Source { said: Said::Credit(number, credit), register: &company.register, sandbox };
    Ok(en16931_formats::write(&einvoice::xrechnung(source)?, syntax).xml)
}

/// A paper about a payment as PDF/A-3a and PDF/UA-1.
///
/// # Errors
/// [`RenderError::Value`] for a request without an account to transfer to, else as [`RenderError`] says.
pub fn payment(paper: &PaymentPaper<'_>) -> Result<Vec<u8>, RenderError> {
    engine::compile("payment.typ", payment_paper::payment(paper)?)
}

/// A mandate as PDF/A-3a and PDF/UA-1.
///
/// # Errors
/// [`RenderError::Value`] for a way to pay without a mandate, else as [`RenderError`] says.
pub fn mandate(paper: &MandatePaper<'_>) -> Result<Vec<u8>, RenderError> {
    engine::compile("mandate.typ", mandate::mandate(paper)?)
}

/// The confirmation of a contract's cancellation as PDF/A-3a and PDF/UA-1.
///
/// # Errors
/// As [`RenderError`] says; no contract is without a form.
pub fn cancellation(paper: &CancellationPaper<'_>) -> Result<Vec<u8>, RenderError> {
    engine::compile("cancellation.typ", cancellation::cancellation(paper)?)
}

/// The confirmation of an answer to an offer as PDF/A-3a and PDF/UA-1.
///
/// # Errors
/// As [`RenderError`] says; no answer is without a form.
pub fn answer(paper: &AnswerPaper<'_>) -> Result<Vec<u8>, RenderError> {
    engine::compile("decision.typ", answer::answer(paper)?)
}

/// The confirmation of a declaration as PDF/A-3a and PDF/UA-1.
///
/// # Errors
/// As [`RenderError`] says; nothing that can be declared is without a form.
pub fn declaration(paper: &DeclarationPaper<'_>) -> Result<Vec<u8>, RenderError> {
    engine::compile("declaration.typ", declaration::declaration(paper)?)
}

/// A statement of account as PDF/A-3a and PDF/UA-1.
///
/// # Errors
/// As [`RenderError`] says; no statement is without a form.
pub fn statement(paper: &StatementPaper<'_>) -> Result<Vec<u8>, RenderError> {
    engine::compile("statement.typ", statement::statement(paper)?)
}

/// The invoice as CII XML, profile EN 16931.
///
/// # Errors
/// [`RenderError::Rules`] or [`RenderError::Value`].
pub fn invoice_xml(paper: &InvoicePaper<'_>) -> Result<String, RenderError> {
    let InvoicePaper { number, facts, company, sandbox, .. } = *paper;
    let validated =
        einvoice::validated(Source { said: Said::Invoice(number, facts), register: &company.register, sandbox })?;
    Ok(en16931_formats::write(&validated, Syntax::Cii).xml)
}

/// The invoice as XRechnung 3.0.
///
/// # Errors
/// [`RenderError::Rules`] where the facts lack what XRechnung wants beyond EN 16931, or [`RenderError::Value`].
pub fn xrechnung(paper: &InvoicePaper<'_>, syntax: Syntax) -> Result<String, RenderError> {
    let InvoicePaper { number, facts, company, sandbox, .. } = *paper;
    let validated =
        einvoice::xrechnung(Source { said: Said::Invoice(number, facts), register: &company.register, sandbox })?;
    Ok(en16931_formats::write(&validated, syntax).xml)
}

impl From<NotAnEInvoice> for RenderError {
    fn from(error: NotAnEInvoice) -> Self {
        match error {
            NotAnEInvoice::Rules { lines, .. } => Self::Rules(lines),
            NotAnEInvoice::Value(error) => Self::Value(error),
        }
    }
}

fn value(error: impl std::fmt::Display) -> RenderError {
    RenderError::Value(error.to_string())
}
