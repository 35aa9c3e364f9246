//! The demo: the only seed there is, as files that are posted through the integrator API like anybody's data.
//!
//! The files in `demo/` are read at compile time, so the binary needs none. Nothing here sends: [`tenants`] says which
//! requests to send to which tenant, in which order. How the files are written is in `demo/README.md`.

mod bulk;
mod dates;
mod files;

use domain::number::slug;
use http::Method;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub use dates::absolute;
use files::{FOLDERS, Folder};

/// Most lines one import takes.
const MAX_IMPORT_LINES: usize = 1_000;
/// Where every path of the integrator API begins.
const API: &str = "/api/admin/v1";

/// What goes with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum DemoBody {
    /// `application/json`.
    Json(Value),
    /// JSON Lines, `application/x-ndjson`.
    Lines(String),
    /// `image/png`.
    Png(&'static [u8]),
}

impl DemoBody {
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Lines(_) => "application/x-ndjson",
            Self::Png(_) => "image/png",
        }
    }

    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Lines(lines) => lines.clone().into_bytes(),
            Self::Png(bytes) => bytes.to_vec(),
        }
    }
}

/// One request to the integrator API of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoRequest {
    /// Whose API, for example `webhosting-ag~sandbox`.
    pub tenant: String,
    pub method: Method,
    /// With its slugs, without host.
    pub path: String,
    pub body: DemoBody,
}

/// A customer to sign in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPersona {
    pub number: String,
    pub email: String,
    /// What there is to see, for example „10,000 invoices".
    pub shows: String,
}

/// A tenant with everything to send to it. Tenants come in the order in which they are to be made.
#[derive(Debug, Clone)]
pub struct DemoTenant {
    pub slug: String,
    pub name: String,
    pub language: String,
    pub personas: Vec<DemoPersona>,
    /// To be sent one after the other.
    pub requests: Vec<DemoRequest>,
}

/// `tenant.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantFile {
    slug: String,
    name: String,
    language: String,
    /// Customers that the sandbox has too; without any there is no sandbox.
    sandbox: Vec<String>,
    personas: BTreeMap<String, String>,
}

/// Every tenant of the demo, with dates counted from the day of the first start.
///
/// # Errors
/// A file that cannot be read; a test excludes it.
pub fn tenants(start: Date) -> Result<Vec<DemoTenant>, String> {
    let mut tenants = Vec::new();
    for folder in &FOLDERS {
        let about = about(folder)?;
        let all = |_: &str| true;
        tenants.push(tenant(folder, &about, about.slug.clone(), start, &all)?);
        if !about.sandbox.is_empty() {
            let chosen = |number: &str| about.sandbox.iter().any(|chosen| chosen == number);
            tenants.push(tenant(folder, &about, format!("{}~sandbox", about.slug), start, &chosen)?);
        }
    }
    Ok(tenants)
}

/// The many invoices of one customer, to be sent after [`tenants`]' requests: ten imports of a thousand lines. They may
/// come later, for they take a while.
///
/// # Errors
/// A file that cannot be read; a test excludes it.
pub fn bulk(start: Date) -> Result<Vec<DemoRequest>, String> {
    let mut all = Vec::new();
    for folder in &FOLDERS {
        if let Some(rule) = folder.bulk {
            let about = about(folder)?;
            let mut send = Requests { tenant: &about.slug, sent: Vec::new() };
            send.import("invoices", &bulk::invoices(rule, start)?)?;
            all.append(&mut send.sent);
        }
    }
    Ok(all)
}

fn about(folder: &Folder) -> Result<TenantFile, String> {
    serde_json::from_str(folder.tenant).map_err(|error| format!("tenant.json: {error}"))
}

fn tenant(
    folder: &Folder,
    about: &TenantFile,
    slug: String,
    start: Date,
    has: &dyn Fn(&str) -> bool,
) -> Result<DemoTenant, String> {
    let data = Data::read(folder, start, has)?;
    let mut send = Requests { tenant: &slug, sent: Vec::new() };
    send.settings(folder, slug == about.slug)?;
    send.data(&data)?;
    let requests = send.sent;
    let persona = |customer: &Map<String, Value>| DemoPersona {
        number: text(customer, "number"),
        email: text(customer, "email"),
        shows: about.personas.get(&text(customer, "number")).cloned().unwrap_or_default(),
    };
    let personas = data.customers.iter().map(persona).collect();
    let (name, language) = (about.name.clone(), about.language.clone());
    Ok(DemoTenant { slug, name, language, personas, requests })
}

type Lines = Vec<Map<String, Value>>;

/// The lines of a folder that belong to the customers a tenant has.
struct Data {
    contacts: Lines,
    customers: Lines,
    accounts: Lines,
    subscriptions: Lines,
    invoices: Lines,
    documents: Lines,
    postings: Lines,
}

impl Data {
    fn read(folder: &Folder, start: Date, has: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let read = |name: &str, file: &str| lines(file, start).map_err(|error| format!("{name}: {error}"));
        let of = |field: &'static str| move |line: &Map<String, Value>| has(&text(line, field));
        let mut customers = read("customers", folder.customers)?;
        let mut accounts = read("accounts", folder.accounts)?;
        let mut subscriptions = read("subscriptions", folder.subscriptions)?;
        let mut invoices = read("invoices", folder.invoices)?;
        let mut documents = read("documents", folder.documents)?;
        let mut postings = read("postings", folder.postings)?;
        customers.retain(of("number"));
        accounts.retain(of("customer"));
        subscriptions.retain(of("customer"));
        invoices.retain(of("customer"));
        documents.retain(of("customer"));
        let issued: Vec<String> = invoices.iter().map(|invoice| text(invoice, "number")).collect();
        postings.retain(|posting| issued.contains(&text(posting, "invoice")));
        Ok(Self {
            contacts: read("contacts", folder.contacts)?,
            customers,
            accounts,
            subscriptions,
            invoices,
            documents,
            postings,
        })
    }
}

fn lines(file: &str, start: Date) -> Result<Lines, String> {
    let line = |(position, line): (usize, &str)| {
        let read = serde_json::from_str(line).map_err(|error| error.to_string());
        let value = read.and_then(|value| absolute(value, start));
        match value.map_err(|error| format!("line {}: {error}", position + 1))? {
            Value::Object(object) => Ok(object),
            _ => Err(format!("line {} is no object", position + 1)),
        }
    };
    file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

fn text(line: &Map<String, Value>, field: &str) -> String {
    line.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A field taken out of a line, because it belongs into the path.
fn take(line: &mut Map<String, Value>, field: &str) -> Result<String, String> {
    match line.remove(field) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(format!("a line has no {field}")),
    }
}

/// The requests to one tenant, in order.
struct Requests<'a> {
    tenant: &'a str,
    sent: Vec<DemoRequest>,
}

impl Requests<'_> {
    fn add(&mut self, method: Method, path: String, body: DemoBody) {
        self.sent.push(DemoRequest { tenant: self.tenant.to_owned(), method, path: format!("{API}{path}"), body });
    }

    /// Own texts are for real customers: a sandbox shows the product's own placeholders.
    fn settings(&mut self, folder: &Folder, with_texts: bool) -> Result<(), String> {
        for (area, file) in folder.settings {
            let body = serde_json::from_str(file).map_err(|error| format!("settings/{area}.json: {error}"))?;
            self.add(Method::PUT, format!("/settings/{area}"), DemoBody::Json(body));
        }
        self.add(Method::PUT, "/settings/branding/logo".to_owned(), DemoBody::Png(folder.logo));
        if with_texts {
            let text = |(name, de, en): &(&str, &str, &str)| {
                ((*name).to_owned(), json!({ "format": "markdown", "de": de, "en": en }))
            };
            let texts: Map<String, Value> = folder.texts.iter().map(text).collect();
            self.add(Method::PUT, "/settings/texts".to_owned(), DemoBody::Json(Value::Object(texts)));
        }
        Ok(())
    }

    fn data(&mut self, data: &Data) -> Result<(), String> {
        for mut contact in data.contacts.clone() {
            let path = format!("/contacts/{}", slug(&take(&mut contact, "number")?));
            self.add(Method::PUT, path, DemoBody::Json(Value::Object(contact)));
        }
        self.import("customers", &data.customers)?;
        for mut account in data.accounts.clone() {
            let path = format!("/accounts/{}", slug(&take(&mut account, "number")?));
            self.add(Method::PUT, path, DemoBody::Json(Value::Object(account)));
        }
        for mut subscription in data.subscriptions.clone() {
            let (customer, number) = (take(&mut subscription, "customer")?, take(&mut subscription, "number")?);
            let path = format!("/customers/{}/subscriptions/{}", slug(&customer), slug(&number));
            self.add(Method::PUT, path, DemoBody::Json(Value::Object(subscription)));
        }
        self.import("invoices", &data.invoices)?;
        self.documents(&data.documents)?;
        data.postings.iter().cloned().try_for_each(|posting| self.posting(posting))
    }

    fn import(&mut self, what: &str, lines: &Lines) -> Result<(), String> {
        for part in lines.chunks(MAX_IMPORT_LINES) {
            let written: Result<Vec<String>, _> = part.iter().map(serde_json::to_string).collect();
            let written = written.map_err(|error| error.to_string())?.join("\n");
            self.add(Method::POST, format!("/{what}:import"), DemoBody::Lines(written + "\n"));
        }
        Ok(())
    }

    /// Documents beside invoices: their type is part of the path.
    fn documents(&mut self, documents: &Lines) -> Result<(), String> {
        let mut by_type: BTreeMap<String, Lines> = BTreeMap::new();
        for mut document in documents.clone() {
            by_type.entry(take(&mut document, "type")?).or_default().push(document);
        }
        by_type.iter().try_for_each(|(kind, lines)| self.import(&format!("documents/{kind}"), lines))
    }

    /// What happened to an invoice: `action` is part of the path, or a change of its own.
    fn posting(&mut self, mut posting: Map<String, Value>) -> Result<(), String> {
        let invoice = format!("/invoices/{}", slug(&take(&mut posting, "invoice")?));
        let action = take(&mut posting, "action")?;
        match action.as_str() {
            "payment" | "payment-reverse" | "cancel" => {
                self.add(Method::POST, format!("{invoice}:{action}"), DemoBody::Json(Value::Object(posting)));
            }
            "dunning" => {
                let level = posting.remove("level").unwrap_or_default();
                self.add(Method::PATCH, invoice, DemoBody::Json(json!({ "dunning_level": level })));
            }
            _ => return Err(format!("postings: no action is called {action}")),
        }
        Ok(())
    }
}
