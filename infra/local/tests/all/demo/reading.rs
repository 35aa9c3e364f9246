//! Reads the demo's requests back into the portal's own types, as the API would.

use domain::{
    change::Actor,
    document::{DocumentFacts, DocumentType},
    invoice::{self, InvoiceFacts, InvoiceRow, Payment, PaymentRecord},
    ledger::Account,
    number::{CustomerNumber, InvoiceNumber, SubscriptionNumber},
    subscription::{Declared, Subscription, SubscriptionFacts},
    tenant::Company,
};
use jiff::{Timestamp, civil::Date};
use local::demo::{DemoBody, DemoRequest, DemoTenant, tenants};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{collections::BTreeMap, error::Error};

type Answer<T> = Result<T, Box<dyn Error>>;

pub(super) fn tenant(slug: &str, start: Date) -> Answer<DemoTenant> {
    let found = tenants(start)?.into_iter().find(|tenant| tenant.slug == slug);
    found.ok_or_else(|| format!("no tenant {slug}").into())
}

pub(super) fn json_body(request: &DemoRequest) -> Answer<&Value> {
    match &request.body {
        DemoBody::Json(value) => Ok(value),
        other => Err(format!("{}: {other:?}", request.path).into()),
    }
}

pub(super) fn body_at(requests: &[DemoRequest], path: &str) -> Answer<Value> {
    let found = requests.iter().find(|request| request.path == format!("/api/admin/v1/{path}"));
    Ok(json_body(found.ok_or_else(|| format!("no {path}"))?)?.clone())
}

/// The lines of all imports of one kind, with their numbers taken out.
pub(super) fn imported(requests: &[DemoRequest], what: &str) -> Answer<Vec<(String, Value)>> {
    let mut all = Vec::new();
    for request in requests.iter().filter(|request| request.path == format!("/api/admin/v1/{what}:import")) {
        let DemoBody::Lines(lines) = &request.body else { return Err("an import is lines".into()) };
        assert!(lines.lines().count() <= 1_000 && lines.len() < 4_000_000, "one import");
        for line in lines.lines() {
            let mut value: Value = serde_json::from_str(line)?;
            let number = value.as_object_mut().and_then(|object| object.remove("number"));
            all.push((number.and_then(|number| number.as_str().map(str::to_owned)).unwrap_or_default(), value));
        }
    }
    Ok(all)
}

pub(super) fn read<T: DeserializeOwned>(what: &str, value: Value) -> Answer<T> {
    serde_json::from_value(value).map_err(|error| format!("{what}: {error}").into())
}

/// The seller of whatever names none: it comes from the company settings.
fn seller(tenant: &DemoTenant) -> Answer<Value> {
    let company: Company = read("company", body_at(&tenant.requests, "settings/company")?)?;
    Ok(json!({
        "name": company.name, "street": company.street, "postal_code": company.postal_code, "city": company.city,
        "country": company.country, "tax_number": company.tax_number, "vat_id": company.vat_id,
        "email": company.email, "phone": company.phone, "bank": company.bank,
    }))
}

/// Documents beside invoices as the API completes them.
pub(super) fn documents(tenant: &DemoTenant) -> Answer<Vec<(String, DocumentFacts)>> {
    let mut all = Vec::new();
    for kind in DocumentType::BESIDE_INVOICES {
        for (number, mut value) in imported(&tenant.requests, &format!("documents/{}", kind.code()))? {
            value["seller"] = seller(tenant)?;
            value["type"] = kind.code().into();
            let facts: DocumentFacts = read(&number, value)?;
            facts.check().map_err(|errors| format!("{number}: {errors}"))?;
            all.push((number, facts));
        }
    }
    Ok(all)
}

/// Facts as the API completes them.
pub(super) fn facts(tenant: &DemoTenant, number: &str, mut value: Value) -> Answer<InvoiceFacts> {
    value["seller"] = seller(tenant)?;
    let facts: InvoiceFacts = read(number, value)?;
    facts.check().map_err(|errors| format!("{number}: {errors}"))?;
    Ok(facts)
}

/// One invoice with the postings played on it.
pub(super) struct Played {
    pub(super) row: InvoiceRow,
    pub(super) account: Account,
    payments: BTreeMap<String, PaymentRecord>,
}

pub(super) fn issued(tenant: &DemoTenant) -> Answer<BTreeMap<String, Played>> {
    let now = Timestamp::UNIX_EPOCH;
    let mut played = BTreeMap::new();
    for (number, value) in imported(&tenant.requests, "invoices")? {
        let facts = facts(tenant, &number, value)?;
        let account = Account::receivables(&facts.customer, facts.currency())?;
        let parsed: InvoiceNumber = number.parse()?;
        let issue = invoice::issue(&parsed, &facts, &account, Actor::Integrator, now)?.into_parts().0;
        let new = Played { row: issue.row, account: issue.account, payments: BTreeMap::new() };
        assert!(played.insert(parsed.slug(), new).is_none(), "{number} is there twice");
    }
    Ok(played)
}

/// Sends the postings of a tenant to the rules of the portal.
pub(super) fn play(tenant: &DemoTenant, start: Date) -> Answer<BTreeMap<String, Played>> {
    let mut invoices = issued(tenant)?;
    let now = Timestamp::UNIX_EPOCH;
    let imports = tenant.requests.iter().rposition(|request| request.path.ends_with(":import")).unwrap_or_default();
    for request in &tenant.requests[imports + 1..] {
        let path = request.path.strip_prefix("/api/admin/v1/invoices/").ok_or("postings come last")?;
        let (slug, action) = path.split_once(':').unwrap_or((path, "dunning"));
        let invoice = invoices.get_mut(slug).ok_or_else(|| format!("no invoice {slug}"))?;
        let body = json_body(request)?.clone();
        match action {
            "payment" => {
                let payment: Payment = read(path, body)?;
                assert!(payment.date <= start, "{path} lies in the future");
                let change = invoice::pay(&invoice.row, &invoice.account, &payment, Actor::Integrator, now)?;
                let paid = change.into_parts().0;
                (invoice.row, invoice.account) = (paid.row, paid.account);
                let first = invoice.payments.insert(payment.reference, paid.record);
                assert!(first.is_none(), "{path}: a reference is used once");
            }
            "payment-reverse" => {
                let record = body["reference"].as_str().and_then(|reference| invoice.payments.get(reference));
                let record = record.ok_or_else(|| format!("{path}: no such payment"))?;
                let change = invoice::reverse(&invoice.row, &invoice.account, record, Actor::Integrator, now, start)?;
                let reversed = change.into_parts().0;
                (invoice.row, invoice.account) = (reversed.row, reversed.account);
            }
            "cancel" => {
                let on: Date = read(path, body["date"].clone())?;
                let change = invoice::cancel(&invoice.row, &invoice.account, on, Actor::Integrator, now)?;
                let cancelled = change.into_parts().0;
                (invoice.row, invoice.account) = (cancelled.row, cancelled.account);
            }
            _ => {
                let level: u8 = read(path, body["dunning_level"].clone())?;
                assert!((1..=invoice::MAX_DUNNING_LEVEL).contains(&level), "{path}");
                assert!(invoice.row.is_overdue(start), "{path} is dunned and not overdue");
            }
        }
    }
    Ok(invoices)
}

pub(super) fn subscriptions(tenant: &DemoTenant) -> Answer<Vec<(CustomerNumber, Subscription)>> {
    let mut all = Vec::new();
    for request in tenant.requests.iter().filter(|request| request.path.contains("/subscriptions/")) {
        let slugs: Vec<&str> = request.path.split('/').collect();
        let (customer, number) = (CustomerNumber::from_slug(slugs[5])?, SubscriptionNumber::from_slug(slugs[7])?);
        let facts: SubscriptionFacts = read(&request.path, json_body(request)?.clone())?;
        facts.check().map_err(|errors| format!("{}: {errors}", request.path))?;
        assert!(facts.concluded_on <= facts.starts_on, "{}", request.path);
        all.push((customer, Subscription { number, payment_method: None, declared: Declared::default(), facts }));
    }
    Ok(all)
}
