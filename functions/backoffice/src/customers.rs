//! `/api/admin/v1/customers`: loads, changes and lists customers, and says whether mail reaches them.

use std::collections::BTreeMap;

use domain::{
    FieldErrors,
    change::Actor,
    customer::{Customer, CustomerFacts, EmailAddress},
    email_state::EmailState,
    id::CustomerId,
    number::CustomerNumber,
};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use store::{Loaded, TenantStore, deciding_again, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, NoContent, Nothing, Problem, Saved, Submitted, Upload, scope};

use crate::{
    import::{self, ImportResult, Line, LineResult, Outcome},
    list::{self, ListAsk},
};

/// Lines worked on at once.
const IN_PARALLEL: usize = 4;

/// Which customer, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CustomerPath {
    pub(crate) number: String,
}

impl CustomerPath {
    pub(crate) fn number(&self) -> Answer<CustomerNumber> {
        CustomerNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)
    }
}

/// Whether mail reaches a customer. An address that is not there has no state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailStates {
    /// The address to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<EmailState>,
    /// Where invoices go: their own address, else the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoices: Option<EmailState>,
}

/// A customer, as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerShown {
    #[serde(flatten)]
    customer: Customer,
    email_state: EmailStates,
}

/// Customers by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Customers {
    items: Vec<Customer>,
    next: Option<String>,
}

/// One line of an import.
#[derive(Debug, Deserialize, ToSchema)]
struct CustomerLine {
    number: CustomerNumber,
    #[serde(flatten)]
    facts: serde_json::Value,
}

/// `GET /api/admin/v1/customers/{number}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<CustomerPath>) -> Answer<Json<CustomerShown>> {
    let store = cx.store();
    let (_, Loaded { value: customer, rev }) = find(&store, &ask.0.number()?).await?;
    let (login, invoices) = (customer.facts.email.as_ref(), customer.invoice_address());
    let (login, invoices) = tokio::try_join!(email_state(&store, login), email_state(&store, invoices))?;
    Ok(Json::new(CustomerShown { customer, email_state: EmailStates { login, invoices } }).etag(rev))
}

async fn email_state(store: &TenantStore, address: Option<&EmailAddress>) -> Answer<Option<EmailState>> {
    match address {
        Some(address) => Ok(Some(store.email_state(address).await?)),
        None => Ok(None),
    }
}

/// `DELETE /api/admin/v1/customers/{number}/bounce`: mail goes to the customer's addresses again, whatever came back from
/// them; for everybody who has them. Without anything that came back nothing changes.
pub(crate) async fn clear_bounce(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<Nothing, CustomerPath>,
) -> Answer<NoContent> {
    let (path, _) = body.into_parts();
    let (store, number) = (cx.store(), path.number()?);
    let (id, Loaded { value: customer, .. }) = find(&store, &number).await?;
    for address in [&customer.facts.email, &customer.facts.invoice_email].into_iter().flatten() {
        deciding_again(|| store.clear_bounce(address, &id, Actor::Integrator, cx.now())).await?;
    }
    Ok(NoContent)
}

/// `GET /api/admin/v1/customers`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<Customers>> {
    let cursors = cx.cursors("customers");
    let (limit, after) = ask.0.read(&cursors)?;
    let page = cx.store().customers(limit, after).await?;
    Ok(Json::new(Customers { items: page.items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `PUT /api/admin/v1/customers/{number}`
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<CustomerFacts, CustomerPath>,
) -> Answer<Saved<Customer>> {
    let (path, facts) = body.into_parts();
    let number = list::to_write(CustomerNumber::from_slug(&path.number), "number")?;
    let if_match = cx.if_match()?;
    let (customer, outcome) = deciding_again(|| save(&cx, &number, &facts, if_match)).await?;
    Ok(Saved::new(customer.value, outcome == Outcome::Created).etag(customer.rev))
}

/// `POST /api/admin/v1/customers:import`
pub(crate) async fn import(cx: IntegratorContext<scope::Write>, upload: Upload) -> Answer<Json<ImportResult>> {
    let (lines, mut results) = import::read::<CustomerLine>(&upload.bytes, &upload.content_type)?;
    // Lines of one customer one after the other: the last one wins.
    let mut by_number: BTreeMap<CustomerNumber, Vec<Line<CustomerLine>>> = BTreeMap::new();
    for line in lines {
        by_number.entry(line.value.number.clone()).or_default().push(line);
    }
    let done = futures_util::stream::iter(by_number.into_values()).map(|lines| import_lines(&cx, lines));
    results.extend(done.buffer_unordered(IN_PARALLEL).collect::<Vec<_>>().await.into_iter().flatten());
    Ok(Json::new(ImportResult::of(results)))
}

async fn import_lines(cx: &IntegratorContext<scope::Write>, lines: Vec<Line<CustomerLine>>) -> Vec<LineResult> {
    let mut results = Vec::with_capacity(lines.len());
    for line in lines {
        results.push(import_line(cx, line).await);
    }
    results
}

async fn import_line(cx: &IntegratorContext<scope::Write>, line: Line<CustomerLine>) -> LineResult {
    let Line { line, value: CustomerLine { number, facts } } = line;
    let shown = Some(number.to_string());
    let facts = match web::input::from_json::<CustomerFacts>(facts.to_string().as_bytes()) {
        Ok(facts) => facts,
        Err(problem) => return import::failed(line, shown, &problem),
    };
    match deciding_again(|| save(cx, &number, &facts, None)).await {
        Ok((_, outcome)) => LineResult { line, number: shown, outcome, errors: vec![] },
        Err(problem) => import::failed(line, shown, &problem),
    }
}

async fn save(
    cx: &IntegratorContext<scope::Write>,
    number: &CustomerNumber,
    facts: &CustomerFacts,
    if_match: Option<u64>,
) -> Answer<(Loaded<Customer>, Outcome)> {
    facts.check()?;
    let (store, now) = (cx.store(), cx.now());
    if let Some(contact) = &facts.contact
        && store.contact(contact).await?.is_none()
    {
        return Err(FieldErrors::one("contact", "unknown", "there is no such contact person").into());
    }
    let Some((id, seen)) = store.customer_by_number(number).await? else {
        if if_match.is_some() {
            return Err(Problem::Stale);
        }
        // An erasure leaves the number alone.
        if let Some(id) = store.customer_id(number).await?
            && store.tombstone(&id).await?.is_some()
        {
            let message = "was the number of a customer who was erased; nobody else gets it";
            return Err(Problem::Conflict(FieldErrors::one("number", "erased", message)));
        }
        let access = cx.tenant().settings.login.new_customers_have_access();
        let id = CustomerId::new(now, secret::entropy());
        let change = Customer::create(number.clone(), facts.clone(), access, Actor::Integrator, now);
        store.create_customer(&id, &change).await?;
        return Ok((Loaded { value: change.into_parts().0, rev: 1 }, Outcome::Created));
    };
    if if_match.is_some_and(|rev| rev != seen.rev) {
        return Err(Problem::Stale);
    }
    let Some(change) = seen.value.update(facts.clone(), Actor::Integrator, now) else {
        return Ok((seen, Outcome::Unchanged));
    };
    let rev = store.update_customer(&id, &seen, &change).await?;
    Ok((Loaded { value: change.into_parts().0, rev }, Outcome::Updated))
}

/// Whose something is to be: a customer there is, and who was not erased.
pub(crate) async fn living(store: &TenantStore, number: &CustomerNumber) -> Answer<CustomerId> {
    let unknown = || FieldErrors::one("customer", "unknown", "there is no such customer");
    let id = store.customer_id(number).await?.ok_or_else(unknown)?;
    if store.tombstone(&id).await?.is_some() {
        return Err(FieldErrors::one("customer", "erased", "was erased, and gets nothing new").into());
    }
    Ok(id)
}

/// A customer by number.
pub(crate) async fn find(store: &TenantStore, number: &CustomerNumber) -> Answer<(CustomerId, Loaded<Customer>)> {
    store.customer_by_number(number).await?.ok_or(Problem::NotFound)
}
