//! `/api/admin/v1/documents/{type}`: documents beside invoices, issued one by one or a thousand at once, and shown (M-91).
//! What was issued never changes.

use std::collections::BTreeMap;

use domain::{
    FieldErrors,
    change::Actor,
    document::{self, Content, CreditNote, DocumentFacts, DocumentRow, DocumentType, OfferAnswer},
    id::CustomerId,
    invoice::InvoiceRow,
    number::{CustomerNumber, DocumentNumber, InvoiceNumber},
};
use einvoice::{Credit, Said, Source};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{CreditSeen, Document, DocumentBody, DocumentRef, Loaded, TenantStore, deciding_again};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Saved, Submitted, Upload, door::ScopeMark, scope};

use crate::{
    document_input::{self, DocumentInput},
    import::{self, ImportResult, Line, LineResult, Outcome},
    invoices, list, notify,
    portal_page::PortalPage,
};

/// Lines worked on at once during an import.
const IN_PARALLEL: usize = 4;

type Cx = IntegratorContext<scope::Write>;

/// Which kind; invoices have addresses of their own.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TypePath {
    r#type: String,
}

/// Which document, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DocumentPath {
    pub(crate) r#type: String,
    pub(crate) number: String,
}

fn kind(code: &str) -> Answer<DocumentType> {
    DocumentType::from_code(code).filter(|kind| *kind != DocumentType::Invoice).ok_or(Problem::NotFound)
}

/// A document's facts; `seller` may be left out and is then the tenant itself. With `notify` it goes to its customer by mail.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct DocumentBodyInput(Value);

impl utoipa::PartialSchema for DocumentBodyInput {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        notify::described(DocumentFacts::schema())
    }
}

impl ToSchema for DocumentBodyInput {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        DocumentFacts::schemas(schemas);
    }
}

/// One line of an import: the facts and their number.
#[derive(Debug, Deserialize)]
struct DocumentLine {
    number: DocumentNumber,
    #[serde(flatten)]
    facts: Value,
}

/// A document with what lists show of it, and where its customer finds it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentShown {
    number: DocumentNumber,
    facts: DocumentFacts,
    state: DocumentRow,
    /// How its customer answered an offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<OfferAnswer>,
    portal: PortalPage,
}

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ListAsk {
    r#type: String,
    /// `YYYY-MM` of the issue; this month unless said.
    month: Option<String>,
    limit: Option<u16>,
    after: Option<String>,
}

/// A document as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentListed {
    number: DocumentNumber,
    facts: DocumentFacts,
}

/// Documents of a kind and month, by date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Documents {
    items: Vec<DocumentListed>,
    next: Option<String>,
}

/// `GET /api/admin/v1/documents/{type}/{number}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<DocumentPath>) -> Answer<Json<DocumentShown>> {
    let number = DocumentNumber::from_slug(&ask.0.number).map_err(|_| Problem::NotFound)?;
    shown(&cx, kind(&ask.0.r#type)?, &number).await.map(Json::new)
}

async fn shown<S: ScopeMark>(
    cx: &IntegratorContext<S>,
    kind: DocumentType,
    number: &DocumentNumber,
) -> Answer<DocumentShown> {
    let store = cx.store();
    let document = store.document(&DocumentRef::new(kind, number)).await?.ok_or(Problem::NotFound)?;
    let waits = !document.is_visible();
    let Document { body, answer, .. } = document;
    let state = store.document_row(&body).await?.ok_or(Problem::NotFound)?.value;
    let path = format!("/documents/{}/{}", kind.code(), number.slug());
    let portal = PortalPage::of(cx, kind, &body.customer, waits, &path).await?;
    Ok(DocumentShown { number: body.number, facts: body.facts, state, answer, portal })
}

/// `GET /api/admin/v1/documents/{type}`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<Documents>> {
    let kind = kind(&ask.0.r#type)?;
    let month = list::month(ask.0.month.as_deref(), cx.today())?;
    let cursors = cx.cursors(&format!("documents {} {}-{}", kind.code(), month.year(), month.month()));
    let after = cursors.read(ask.0.after.as_deref())?;
    let page = cx.store().documents_of_month(kind, month, list::limit(ask.0.limit), after).await?;
    let items = page.items.into_iter().map(|body| DocumentListed { number: body.number, facts: body.facts }).collect();
    Ok(Json::new(Documents { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `PUT /api/admin/v1/documents/{type}/{number}`: the same again is fine, anything else is 409.
pub(crate) async fn put(cx: Cx, body: Submitted<DocumentBodyInput, DocumentPath>) -> Answer<Saved<DocumentShown>> {
    let (path, DocumentBodyInput(value)) = body.into_parts();
    let kind = kind(&path.r#type)?;
    let number = list::to_write(DocumentNumber::from_slug(&path.number), "number")?;
    let input = document_input::read(kind, value, &cx.tenant().settings.company)?;
    let customer = invoices::customer_of(&cx, &input.facts.letter.customer).await?;
    let outcome = issue_and_release(&cx, &customer, &number, &input).await?;
    let shown = shown(&cx, kind, &number).await?;
    Ok(Saved::new(shown, outcome == Outcome::Created))
}

/// `POST /api/admin/v1/documents/{type}:import`
pub(crate) async fn import(cx: Cx, upload: Upload<TypePath>) -> Answer<Json<ImportResult>> {
    let kind = kind(&upload.path.r#type)?;
    let (lines, mut results) = import::read::<DocumentLine>(&upload.bytes, &upload.content_type)?;
    let mut by_customer: BTreeMap<CustomerNumber, Vec<Ready>> = BTreeMap::new();
    for Line { line, value: DocumentLine { number, facts } } in lines {
        match document_input::read(kind, facts, &cx.tenant().settings.company) {
            Ok(input) => {
                by_customer.entry(input.facts.letter.customer.clone()).or_default().push(Ready { line, number, input });
            }
            Err(problem) => results.push(import::failed(line, Some(number.to_string()), &problem)),
        }
    }
    let done = futures_util::stream::iter(by_customer).map(|(customer, ready)| import_for(&cx, customer, ready));
    results.extend(done.buffer_unordered(IN_PARALLEL).collect::<Vec<_>>().await.into_iter().flatten());
    Ok(Json::new(ImportResult::of(results)))
}

/// A document that was read and waits to be issued.
#[derive(Debug)]
struct Ready {
    line: usize,
    number: DocumentNumber,
    input: DocumentInput,
}

/// A customer's documents in their order, one after the other.
async fn import_for(cx: &Cx, customer: CustomerNumber, ready: Vec<Ready>) -> Vec<LineResult> {
    let found = invoices::customer_of(cx, &customer).await;
    let mut results = Vec::with_capacity(ready.len());
    for Ready { line, number, input } in ready {
        let issued = match &found {
            Ok(id) => issue_and_release(cx, id, &number, &input).await,
            Err(problem) => {
                results.push(import::failed(line, Some(number.to_string()), problem));
                continue;
            }
        };
        let number = Some(number.to_string());
        results.push(match issued {
            Ok(outcome) => LineResult { line, number, outcome, errors: vec![] },
            Err(problem) => import::failed(line, number, &problem),
        });
    }
    results
}

/// Whoever was not told that both was done sends the same again.
async fn issue_and_release(
    cx: &Cx,
    customer: &CustomerId,
    number: &DocumentNumber,
    input: &DocumentInput,
) -> Answer<Outcome> {
    let outcome = deciding_again(|| issue(cx, customer, number, input)).await?;
    if input.notify {
        release(cx, customer, &DocumentRef::new(input.facts.content.kind(), number)).await?;
    }
    Ok(outcome)
}

/// Releases a document; of one that waits for its PDF it is noted, and happens with that.
async fn release(cx: &Cx, customer: &CustomerId, name: &DocumentRef) -> Answer<()> {
    let store = cx.store();
    deciding_again(|| async {
        let body = store.document(name).await?.ok_or(Problem::NotFound)?.body;
        if !notify::goes_out(cx, body.kind()) {
            return Ok(());
        }
        let row = store.document_row(&body).await?.ok_or(Problem::NotFound)?;
        if row.value.is_visible() {
            return notify::release(cx, customer, row.value.release()).await;
        }
        let Some(change) = row.value.releasing_with_pdf(Actor::Integrator, cx.now()) else { return Ok(()) };
        Ok::<_, Problem>(store.save_document_row(customer, &row, &change).await?)
    })
    .await
}

/// Issues what is new and compares what is there.
async fn issue(cx: &Cx, customer: &CustomerId, number: &DocumentNumber, input: &DocumentInput) -> Answer<Outcome> {
    let (store, kind) = (cx.store(), input.facts.content.kind());
    if let Some(known) = store.document(&DocumentRef::new(kind, number)).await? {
        return compare(&known.body, customer, input);
    }
    let body = DocumentBody { number: number.clone(), customer: customer.clone(), facts: input.facts.clone() };
    if let Content::CreditNote(note) = &input.facts.content {
        credit(cx, &body, note).await?;
    } else {
        let change = document::issue(number, &input.facts, Actor::Integrator, cx.now());
        store.issue_document(&body, &change).await?;
    }
    Ok(Outcome::Created)
}

/// Issues a credit note, which credits the customer's account.
async fn credit(cx: &Cx, body: &DocumentBody, note: &CreditNote) -> Answer<()> {
    let (store, customer) = (cx.store(), &body.customer);
    if let Some(credit) = Credit::of(&body.facts) {
        // What is taken here must be rendered later; whether a sandbox's makes no difference to the rules.
        let register = &cx.tenant().settings.company.register;
        einvoice::check(Source { said: Said::Credit(&body.number, credit), register, sandbox: false })?;
    }
    let invoice = match &note.invoice {
        Some(number) => Some(corrected(&store, customer, number).await?),
        None => None,
    };
    let seen = invoices::account(&store, customer, (&body.facts.letter.customer, note.gross.currency())).await?;
    let (row, decided) = (invoice.as_ref().map(|row| &row.value), (&body.number, &body.facts, note));
    let change = document::issue_credit_note(decided, row, &seen.value, Actor::Integrator, cx.now())
        .map_err(|error| FieldErrors::one("gross", "invalid", error.to_string()))?;
    let seen = CreditSeen { account: (seen.rev > 0).then_some(seen.rev), invoice: invoice.map(|row| row.rev) };
    Ok(store.issue_credit_note(body, seen, &change, cx.now()).await?)
}

/// The invoice that a credit note corrects: one of the same customer.
async fn corrected(store: &TenantStore, customer: &CustomerId, number: &InvoiceNumber) -> Answer<Loaded<InvoiceRow>> {
    let unknown = || FieldErrors::one("invoice", "unknown", "the customer has no such invoice");
    let found = store.invoice_bodies(std::slice::from_ref(number)).await?.pop();
    let body = found.filter(|body| body.customer == *customer).ok_or_else(unknown)?;
    Ok(store.invoice_row(&body).await?.ok_or_else(unknown)?)
}

/// A re-send must say what was issued; every differing field is named.
fn compare(body: &DocumentBody, customer: &CustomerId, input: &DocumentInput) -> Answer<Outcome> {
    let mut facts = input.facts.clone();
    if !input.names_seller {
        facts.letter.seller = body.facts.letter.seller.clone();
    }
    let differing = body.facts.differing_fields(&facts);
    if differing.is_empty() && body.customer == *customer {
        return Ok(Outcome::Unchanged);
    }
    let mut errors = FieldErrors::default();
    for field in differing {
        errors.add(field, "immutable", "was issued with another value and never changes");
    }
    Err(Problem::Conflict(errors))
}
