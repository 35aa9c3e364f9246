//! `/api/admin/v1/invoices`: issues invoices, one or a thousand, and shows them. What was issued never changes.

use std::collections::BTreeMap;

use domain::{
    Currency, FieldErrors,
    change::Actor,
    collection::Collection,
    document::DocumentType,
    id::{CustomerId, PaymentId},
    invoice::{InvoiceFacts, InvoiceRow, issue},
    ledger::Account,
    number::{CustomerNumber, InvoiceNumber},
    release::Release,
};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{InvoiceBody, Issued, Loaded, TenantStore, deciding_again};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};
use web::{Answer, Asked, IntegratorContext, Json, Problem, Saved, Submitted, Upload, door::ScopeMark, scope};

use crate::{
    customers,
    import::{self, ImportResult, Line, LineResult, Outcome},
    invoice_input::{self, InvoiceInput},
    list, notify,
    portal_page::PortalPage,
};

/// Customers worked on at once during an import.
const IN_PARALLEL: usize = 4;

/// Which invoice, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct InvoicePath {
    number: String,
}

impl InvoicePath {
    pub(crate) fn number(&self) -> Answer<InvoiceNumber> {
        InvoiceNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)
    }
}

/// An invoice's facts; `seller` may be left out and is then the tenant itself. With `notify` it goes to its customer by mail.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct InvoiceBodyInput(Value);

impl utoipa::PartialSchema for InvoiceBodyInput {
    fn schema() -> RefOr<Schema> {
        notify::described(InvoiceFacts::schema())
    }
}

impl ToSchema for InvoiceBodyInput {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        InvoiceFacts::schemas(schemas);
    }
}

/// One line of an import: the facts and their number.
#[derive(Debug, Deserialize)]
struct InvoiceLine {
    number: InvoiceNumber,
    #[serde(flatten)]
    facts: Value,
}

/// An invoice with its state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceShown {
    pub(crate) number: InvoiceNumber,
    pub(crate) facts: InvoiceFacts,
    pub(crate) state: InvoiceRow,
    /// How far collecting it has come, where the portal does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) collection: Option<Collecting>,
    /// Where its customer finds it.
    pub(crate) portal: PortalPage,
}

/// How far collecting an invoice has come (M-79).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Collecting {
    state: domain::collection::State,
    /// Payments that charged it, in order.
    payments: Vec<PaymentId>,
}

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ListAsk {
    /// `YYYY-MM` of the issue; this month unless said.
    month: Option<String>,
    limit: Option<u16>,
    after: Option<String>,
}

/// An invoice as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceListed {
    number: InvoiceNumber,
    facts: InvoiceFacts,
}

/// Invoices of a month, by date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invoices {
    items: Vec<InvoiceListed>,
    next: Option<String>,
}

/// `GET /api/admin/v1/invoices/{number}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<InvoicePath>) -> Answer<Json<InvoiceShown>> {
    shown(&cx, &ask.0.number()?).await.map(Json::new)
}

/// An invoice with its state, read consistently.
pub(crate) async fn shown<S: ScopeMark>(cx: &IntegratorContext<S>, number: &InvoiceNumber) -> Answer<InvoiceShown> {
    let store = cx.store();
    let body = store.invoice_bodies(std::slice::from_ref(number)).await?.pop().ok_or(Problem::NotFound)?;
    let state = store.invoice_row(&body).await?.ok_or(Problem::NotFound)?.value;
    let collection = store.collection(&body.customer, number).await?;
    let collection = collection.map(|found| Collecting { state: found.value.state, payments: found.value.payments });
    let path = format!("/invoices/{}", number.slug());
    let portal = PortalPage::of(cx, DocumentType::Invoice, &body.customer, false, &path).await?;
    Ok(InvoiceShown { number: body.number, facts: body.facts, state, collection, portal })
}

/// `GET /api/admin/v1/invoices`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<Invoices>> {
    let month = list::month(ask.0.month.as_deref(), cx.today())?;
    let cursors = cx.cursors(&format!("invoices {}-{}", month.year(), month.month()));
    let after = cursors.read(ask.0.after.as_deref())?;
    let page = cx.store().invoices_of_month(month, list::limit(ask.0.limit), after).await?;
    let items = page.items.into_iter().map(|body| InvoiceListed { number: body.number, facts: body.facts }).collect();
    Ok(Json::new(Invoices { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `PUT /api/admin/v1/invoices/{number}`: the same again is fine, anything else is 409.
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<InvoiceBodyInput, InvoicePath>,
) -> Answer<Saved<InvoiceShown>> {
    let (path, InvoiceBodyInput(value)) = body.into_parts();
    let number = list::to_write(InvoiceNumber::from_slug(&path.number), "number")?;
    let input = invoice_input::read(value, &number, &cx.tenant().settings.company)?;
    let customer = customer_of(&cx, &input.facts.customer).await?;
    let ready = Ready { line: 1, number: number.clone(), input };
    let done = issue_all(&cx, &customer, vec![ready]).await?.pop();
    let (_, result) = done.ok_or_else(|| Problem::Internal("an invoice without a result".into()))?;
    let outcome = result?;
    let shown = shown(&cx, &number).await?;
    Ok(Saved::new(shown, outcome == Outcome::Created))
}

/// `POST /api/admin/v1/invoices:import`
pub(crate) async fn import(cx: IntegratorContext<scope::Write>, upload: Upload) -> Answer<Json<ImportResult>> {
    let (lines, mut results) = import::read::<InvoiceLine>(&upload.bytes, &upload.content_type)?;
    let mut by_customer: BTreeMap<CustomerNumber, Vec<Ready>> = BTreeMap::new();
    for Line { line, value: InvoiceLine { number, facts } } in lines {
        match invoice_input::read(facts, &number, &cx.tenant().settings.company) {
            Ok(input) => {
                by_customer.entry(input.facts.customer.clone()).or_default().push(Ready { line, number, input })
            }
            Err(problem) => results.push(import::failed(line, Some(number.to_string()), &problem)),
        }
    }
    let done = futures_util::stream::iter(by_customer)
        .map(|(customer, ready)| import_for(&cx, customer, ready))
        .buffer_unordered(IN_PARALLEL)
        .collect::<Vec<_>>()
        .await;
    results.extend(done.into_iter().flatten());
    Ok(Json::new(ImportResult::of(results)))
}

/// An invoice that was read and waits to be issued.
#[derive(Debug, Clone)]
struct Ready {
    line: usize,
    number: InvoiceNumber,
    input: InvoiceInput,
}

type Done = Vec<(Ready, Result<Outcome, Problem>)>;

/// Whose document it is to be.
pub(crate) async fn customer_of(cx: &IntegratorContext<scope::Write>, number: &CustomerNumber) -> Answer<CustomerId> {
    customers::living(&cx.store(), number).await
}

/// A customer's invoices in their order, a transaction full at a time.
async fn import_for(
    cx: &IntegratorContext<scope::Write>,
    customer: CustomerNumber,
    ready: Vec<Ready>,
) -> Vec<LineResult> {
    let id = match customer_of(cx, &customer).await {
        Ok(id) => id,
        Err(problem) => {
            return ready.iter().map(|one| import::failed(one.line, Some(one.number.to_string()), &problem)).collect();
        }
    };
    let mut results = Vec::with_capacity(ready.len());
    for batch in batches(ready) {
        match issue_all(cx, &id, batch.clone()).await {
            Ok(done) => results.extend(done.into_iter().map(|(one, result)| line_result(&one, result))),
            Err(problem) if batch.len() > 1 && is_about_one(&problem) => {
                for one in batch {
                    results.push(issue_alone(cx, &id, one).await);
                }
            }
            Err(problem) => {
                results
                    .extend(batch.iter().map(|one| import::failed(one.line, Some(one.number.to_string()), &problem)));
            }
        }
    }
    results
}

/// May the batch have failed for one line's sake? Then the others are issued without it.
const fn is_about_one(problem: &Problem) -> bool {
    !matches!(problem, Problem::Unavailable(_) | Problem::Conflict(_))
}

async fn issue_alone(cx: &IntegratorContext<scope::Write>, customer: &CustomerId, one: Ready) -> LineResult {
    match issue_all(cx, customer, vec![one.clone()]).await.map(|mut done| done.pop()) {
        Ok(Some((one, result))) => line_result(&one, result),
        Ok(None) => line_result(&one, Err(Problem::Internal("an invoice without a result".into()))),
        Err(problem) => line_result(&one, Err(problem)),
    }
}

/// Batches of one currency that fit into a transaction, without a number twice.
fn batches(ready: Vec<Ready>) -> Vec<Vec<Ready>> {
    let mut batches: Vec<Vec<Ready>> = Vec::new();
    for one in ready {
        let fits = |batch: &Vec<Ready>| {
            batch.len() < TenantStore::issue_batch()
                && batch.iter().all(|other| {
                    other.number != one.number && other.input.facts.currency() == one.input.facts.currency()
                })
        };
        match batches.last_mut().filter(|batch| fits(batch)) {
            Some(batch) => batch.push(one),
            None => batches.push(vec![one]),
        }
    }
    batches
}

fn line_result(one: &Ready, result: Result<Outcome, Problem>) -> LineResult {
    let number = Some(one.number.to_string());
    match result {
        Ok(outcome) => LineResult { line: one.line, number, outcome, errors: vec![] },
        Err(problem) => import::failed(one.line, number, &problem),
    }
}

/// Issues what is new and compares what is there; decides again while others post to the same account. Then what goes out by
/// mail is released: whoever was not told that this was done sends the same again.
async fn issue_all(cx: &IntegratorContext<scope::Write>, customer: &CustomerId, batch: Vec<Ready>) -> Answer<Done> {
    let mut done = deciding_again(|| async { issue_once(cx, customer, batch.clone()).await }).await?;
    for (one, result) in done.iter_mut().filter(|(one, result)| one.input.notify && result.is_ok()) {
        let release = Release { document: DocumentType::Invoice, number: one.number.to_string(), level: 0 };
        if let Err(problem) = notify::release(cx, customer, release).await {
            *result = Err(problem);
        }
    }
    Ok(done)
}

async fn issue_once(cx: &IntegratorContext<scope::Write>, customer: &CustomerId, batch: Vec<Ready>) -> Answer<Done> {
    let store = cx.store();
    let numbers: Vec<InvoiceNumber> = batch.iter().map(|one| one.number.clone()).collect();
    let known = store.invoice_bodies(&numbers).await?;
    let (mut done, mut fresh): (Done, Vec<Ready>) = (Vec::new(), Vec::new());
    for one in batch {
        match known.iter().find(|body| body.number == one.number) {
            Some(body) => {
                let compared = compare(body, customer, &one.input);
                done.push((one, compared));
            }
            None => fresh.push(one),
        }
    }
    let Some(first) = fresh.first() else { return Ok(done) };
    let facts = &first.input.facts;
    let seen = account(&store, customer, (&facts.customer, facts.currency())).await?;
    let issued = decide(customer, &fresh, &seen.value, cx)?;
    store.issue(customer, (seen.rev > 0).then_some(seen.rev), &issued, cx.now()).await?;
    done.extend(fresh.into_iter().map(|one| (one, Ok(Outcome::Created))));
    Ok(done)
}

/// A re-send must say what was issued; every differing field is named.
fn compare(body: &InvoiceBody, customer: &CustomerId, input: &InvoiceInput) -> Result<Outcome, Problem> {
    let mut facts = input.facts.clone();
    if !input.names_seller {
        facts.seller = body.facts.seller.clone();
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

/// The receivables account; revision 0 while there is none.
pub(crate) async fn account(
    store: &TenantStore,
    customer: &CustomerId,
    (number, currency): (&CustomerNumber, Currency),
) -> Answer<Loaded<Account>> {
    let too_long =
        |_| FieldErrors::one("customer", "too_long", "the number leaves no room for the currency of its account");
    let fresh = Account::receivables(number, currency).map_err(too_long)?;
    let found = store.account(customer, &fresh.number).await?;
    Ok(found.unwrap_or(Loaded { value: fresh, rev: 0 }))
}

/// Each invoice stands on the account as the one before it left it.
fn decide(
    customer: &CustomerId,
    fresh: &[Ready],
    account: &Account,
    cx: &IntegratorContext<scope::Write>,
) -> Answer<Vec<Issued>> {
    let settings = &cx.tenant().settings;
    let mut account = account.clone();
    let mut issued = Vec::with_capacity(fresh.len());
    for one in fresh {
        let facts = one.input.facts.clone();
        let change = issue(&one.number, &facts, &account, Actor::Integrator, cx.now())
            .map_err(|error| FieldErrors::one("gross", "invalid", error.to_string()))?;
        account = change.next().account.clone();
        let terms = (&settings.payments, &settings.zone);
        let collection = Collection::plan(customer, &change.next().row, facts.collect, terms, cx.now());
        let body = InvoiceBody { number: one.number.clone(), customer: customer.clone(), facts };
        issued.push(Issued { body, change, collection });
    }
    Ok(issued)
}
