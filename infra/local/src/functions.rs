//! Which functions the portal has: the only file of this crate that knows them.

use crate::{
    demo,
    environment::Environment,
    gateway::Function,
    mailbox::Persona,
    provider::Listed,
    pump::Consumer,
    rights,
    s3::{ACCESS_KEY, SECRET_KEY},
};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use domain::EventKind;
use std::{fs, sync::Arc};
use store::Reader;
use web::{Clock, Config, Portal, Providers, Routes, openapi};

/// Names of the functions that read the stream and are called every minute; `--aws-only` posts to them.
pub const CONSUMERS: [&str; 2] = ["worker", "documents"];

/// The one of them that SES tells of mails that come back.
pub const HEARS_OF_MAILS: &str = CONSUMERS[0];

/// The clients of every function, made from one environment.
struct Clients {
    portal: Portal,
    auth_otp: auth_otp::Clients,
    customer: customer::Clients,
    backoffice: backoffice::Clients,
    documents: documents::Clients,
    providers: Providers,
    sandbox_provider: sandbox_provider::Clients,
}

/// A client configuration for one endpoint of the local cloud.
async fn endpoint(environment: &Environment, name: &'static str) -> Result<SdkConfig, String> {
    let url = environment.get(name).ok_or_else(|| format!("{name} is missing"))?;
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local"))
        .endpoint_url(url);
    let loader = match environment.get(rights::RIGHTS_NOTED_IN) {
        Some(folder) => loader.http_client(rights::noting(folder)),
        None => loader,
    };
    Ok(loader.load().await)
}

/// Table, configuration and clock for the environment.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub async fn portal(environment: &Environment, clock: &Clock) -> Result<Portal, String> {
    let config = Config::from_map(environment).map_err(|error| error.to_string())?;
    let dynamo = endpoint(environment, "AWS_ENDPOINT_URL_DYNAMODB").await?;
    Ok(Portal::new(config, &dynamo, clock.clone()))
}

impl Clients {
    async fn connect(environment: &Environment, clock: &Clock) -> Result<Self, String> {
        let portal = portal(environment, clock).await?;
        let (s3, ses) =
            (endpoint(environment, "AWS_ENDPOINT_URL_S3").await?, endpoint(environment, "AWS_ENDPOINT_URL_SES").await?);
        bring_signing_key(environment)?;
        // Secrets are files on this machine, whatever stage the functions are told that they are.
        let mut at_home = environment.clone();
        at_home.insert("STAGE", "local".to_owned());
        let at_home = self::portal(&at_home, clock).await?;
        let auth_otp = auth_otp::Clients::connect(&at_home, &ses).await.map_err(|error| error.to_string())?;
        Ok(Self {
            auth_otp,
            customer: customer::Clients::connect(&portal, &s3),
            backoffice: backoffice::Clients::connect(&portal, &s3),
            documents: documents::Clients::connect(&portal, &s3),
            providers: Providers::connect(portal.config(), &s3),
            sandbox_provider: sandbox_provider::Clients::connect(&portal),
            portal,
        })
    }

    /// Every page table.
    fn tables(&self) -> Vec<(&'static str, Routes)> {
        vec![
            ("auth-otp", auth_otp::routes(&self.auth_otp)),
            ("customer", customer::routes(&self.customer)),
            ("subscriptions", subscriptions::routes()),
            ("invoices", invoices::routes()),
            ("documents", documents::routes(&self.documents)),
            ("prepaid", prepaid::routes(&self.providers)),
            ("settle", settle::routes(&self.providers)),
            ("webhooks", webhooks::routes(&self.providers)),
            ("sandbox-provider", sandbox_provider::routes(&self.sandbox_provider)),
            ("backoffice", backoffice::routes(&self.backoffice)),
        ]
    }
}

/// The key that signs sessions, made on the first start.
fn bring_signing_key(environment: &Environment) -> Result<(), String> {
    let Some(path) = environment.get("SIGNING_KEY") else { return Ok(()) };
    if fs::exists(path).unwrap_or(false) {
        return Ok(());
    }
    fs::write(path, auth_otp::fresh_signing_key().expose()).map_err(|error| format!("{path}: {error}"))
}

/// Every page function's table, over a cloud of its own: for lists, generated files and tests.
///
/// # Errors
/// When the cloud does not start.
pub async fn tables() -> Result<Vec<(&'static str, Routes)>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let cloud = crate::Cloud::start(crate::CloudOptions::default()).await?;
    let environment = crate::environment(&cloud, 9000, folder.path());
    let clients = Clients::connect(&environment, cloud.clock()).await?;
    let tables = clients.tables();
    cloud.stop().await;
    Ok(tables)
}

/// OpenAPI of all functions, as it is committed.
///
/// # Errors
/// When the description cannot be written.
pub fn description(tables: &[(&'static str, Routes)]) -> Result<String, String> {
    let operations = tables.iter().flat_map(|(_, routes)| routes.operations());
    let webhooks: Vec<openapi::Webhook> = EventKind::ALL.iter().map(|kind| webhook(*kind)).collect();
    let text = openapi::describe(operations, &webhooks)?.to_pretty_json().map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

/// What an integrator's endpoint is told of one kind of event.
fn webhook(kind: EventKind) -> openapi::Webhook {
    openapi::Webhook {
        name: kind.code(),
        meaning: kind.meaning(),
        headers: hooks::HEADERS,
        body: hooks::body_schema(kind),
        schemas: hooks::body_schemas(),
    }
}

/// Every page function with its router. `environment` is what its `Config` is read from.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub async fn functions(environment: &Environment, clock: &Clock) -> Result<Vec<Function>, String> {
    let clients = Clients::connect(environment, clock).await?;
    let function = |(name, routes): (&'static str, Routes)| Function {
        name,
        paths: routes.paths(),
        router: routes.router(clients.portal.clone()),
    };
    Ok(clients.tables().into_iter().map(function).collect())
}

/// The readers of the stream.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub async fn consumers(environment: &Environment, clock: &Clock) -> Result<Vec<Consumer>, String> {
    let (worker, papers) = (worker(environment, clock).await?, papers(environment, clock).await?);
    let follow = move |event: serde_json::Value| -> Work {
        let worker = worker.clone();
        Box::pin(async move { worker.on_event(&event).await.map(|_| ()).map_err(|error| error.to_string()) })
    };
    let write = move |event: serde_json::Value| -> Work {
        let papers = papers.clone();
        Box::pin(async move { papers.on_event(&event).await.map(|_| ()).map_err(|error| error.to_string()) })
    };
    Ok(vec![consumer(CONSUMERS[0], follow), consumer(CONSUMERS[1], write)])
}

type Work = futures_util::future::BoxFuture<'static, Result<(), String>>;

fn consumer(name: &'static str, run: impl Fn(serde_json::Value) -> Work + Clone + Send + Sync + 'static) -> Consumer {
    let run = move |event| -> Work { Box::pin(rights::of(name, run(event))) };
    let on_minute = run.clone();
    Consumer { name, on_records: Arc::new(run), on_minute: Arc::new(move || on_minute(serde_json::json!({}))) }
}

/// The worker of one process.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub async fn worker(environment: &Environment, clock: &Clock) -> Result<worker::Worker, String> {
    let portal = portal(environment, clock).await?;
    let s3 = endpoint(environment, "AWS_ENDPOINT_URL_S3").await?;
    let ses = endpoint(environment, "AWS_ENDPOINT_URL_SES").await?;
    Ok(worker::Worker::new(&portal, &worker::Clients::connect(&portal, &s3, &ses)))
}

/// The writer of papers of one process.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub async fn papers(environment: &Environment, clock: &Clock) -> Result<documents::Papers, String> {
    let portal = portal(environment, clock).await?;
    let s3 = endpoint(environment, "AWS_ENDPOINT_URL_S3").await?;
    Ok(documents::Papers::new(&portal, &documents::Clients::connect(&portal, &s3)))
}

/// Who can sign in to the demo tenants.
#[must_use]
pub fn personas(portal_port: u16) -> Vec<Persona> {
    let today = jiff::civil::Date::default();
    let tenants = demo::tenants(today).unwrap_or_default();
    let persona = |tenant: &demo::DemoTenant, persona: &demo::DemoPersona| Persona {
        name: format!("{} ({})", persona.number, persona.shows),
        email: persona.email.clone(),
        host: format!("{}.localhost:{portal_port}", tenant.slug.replace('~', ".")),
    };
    tenants
        .iter()
        .flat_map(|tenant| tenant.personas.iter().map(|one| persona(tenant, one)).collect::<Vec<_>>())
        .collect()
}

/// What is due now, a line each, for the mailbox's start page.
pub async fn outbox(environment: Environment, clock: Clock) -> Vec<String> {
    let Ok(portal) = portal(&environment, &clock).await else { return Vec::new() };
    let mut lines = Vec::new();
    for scope in portal.store().scopes().await.unwrap_or_default() {
        for reader in [Reader::Worker, Reader::Documents, Reader::Hooks] {
            let due = portal.store().outbox(&scope, reader).due(clock.now(), 20).await.unwrap_or_default();
            lines.extend(due.iter().map(|item| format!("{} {} {item:?}", scope.id(), reader.name())));
        }
    }
    lines
}

/// Most checkouts of one tenant on the provider's start page.
const CHECKOUTS: u16 = 20;

/// The last checkouts at the sandbox provider, of all tenants, newest first.
pub(crate) async fn checkouts(environment: &Environment) -> Vec<Listed> {
    let Ok(portal) = portal(environment, &Clock::system()).await else { return Vec::new() };
    let (store, mut found) = (portal.store(), Vec::new());
    let tenants = store.tenants(1_000, None).await.map(|page| page.items).unwrap_or_default();
    for record in tenants {
        let base = portal.config().base_host();
        let Ok((_, tenant)) = store.find_tenant(&record.slug, base).await else { continue };
        let checkouts = store.in_tenant(tenant.scope()).sandbox_checkouts(CHECKOUTS).await.unwrap_or_default();
        found.extend(checkouts.into_iter().map(|checkout| (record.slug.to_string(), checkout)));
    }
    found.sort_by_key(|(_, checkout)| std::cmp::Reverse(checkout.created_at));
    found.into_iter().map(|(tenant, checkout)| listed(tenant, checkout)).collect()
}

fn listed(tenant: String, checkout: store::SandboxCheckout) -> Listed {
    use store::SandboxEnding::{Cancelled, Declined, Expired};
    let ended = match checkout.ended {
        None => "open",
        Some(Declined) => "declined",
        Some(Cancelled) => "cancelled",
        Some(Expired) => "expired",
    };
    Listed {
        tenant,
        id: checkout.id,
        made: format!("{:.0}", checkout.created_at),
        amount: checkout.amount.to_string(),
        description: checkout.description,
        charges: checkout.charges.len(),
        ended: ended.to_owned(),
    }
}
