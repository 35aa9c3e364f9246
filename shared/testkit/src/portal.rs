//! Starts the portal: engines in memory, mailbox, all functions behind the front door, the worker, a frozen clock.

use std::sync::{Arc, atomic::AtomicI64};

use jiff::Timestamp;
use local::{Cloud, CloudOptions, Environment, Function, Gateway, Ports, Pump, Return, Service, functions};
use serde_json::{Value, json};
use store::{ApiKey, ApiKeyScope};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};
use web::{Clock, Providers};

use crate::{
    Answer, Api, Demo, Inbox, Metric, Provider, Rails, Request, Tenant, faults::Faults, logs, metrics, samples,
};

/// When every test begins: a Sunday, 10 o'clock in Berlin.
pub const START: &str = "2026-11-22T09:00:00Z";

/// The platform's host.
pub(crate) const BASE: &str = "localhost:9000";

/// The portal of one test; it ends with it. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Portal {
    /// Stands still until it is told to advance.
    pub clock: Clock,
    /// Every mail.
    pub mailbox: Inbox,
    /// Follows up what happened, when it is told to.
    pub worker: Pump,
    /// The customer's side of the payment provider.
    pub provider: Provider,
    /// The payment providers of the outside world.
    pub rails: Arc<Rails>,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    cloud: Cloud,
    gateway: Gateway,
    environment: Environment,
    platform_key: String,
    faults: Option<Outside>,
    /// Holds the signing key.
    _data: TempDir,
    /// The listeners end with it.
    _open: watch::Sender<()>,
}

/// A proxy before each outside system.
#[derive(Debug, Clone)]
pub(crate) struct Outside {
    pub(crate) dynamodb: Faults,
    pub(crate) s3: Faults,
    pub(crate) ses: Faults,
    pub(crate) provider: Faults,
}

impl Outside {
    async fn before(cloud: &Cloud, provider: &str, seed: u64) -> Self {
        Self {
            dynamodb: Faults::before(&cloud.dynamodb_url(), seed).await,
            s3: Faults::before(&cloud.s3_url(), seed).await,
            ses: Faults::before(&cloud.ses_url(), seed).await,
            provider: Faults::before(provider, seed).await,
        }
    }
}

impl Portal {
    /// A portal without tenants.
    pub async fn start() -> Self {
        Self::begin(START, None, None).await
    }

    /// A portal whose functions are told that they are another stage, as AWS tells them.
    pub async fn of_stage(stage: &str) -> Self {
        Self::begin(START, None, Some(stage)).await
    }

    /// A portal that begins at another instant.
    pub async fn start_at(instant: &str) -> Self {
        Self::begin(instant, None, None).await
    }

    /// A portal whose outside systems are behind fault proxies; they let everything through until told otherwise.
    pub async fn behind_faults(seed: u64) -> Self {
        Self::begin(START, Some(seed), None).await
    }

    async fn begin(instant: &str, seed: Option<u64>, stage: Option<&str>) -> Self {
        logs::listen();
        logs::clear();
        metrics::listen();
        metrics::clear();
        let clock = Clock::frozen(parsed(instant));
        let cloud = good(Cloud::start(CloudOptions { data: None, ports: Ports::Any, clock: clock.clone() }).await);
        let data = TempDir::new().unwrap_or_else(|error| panic!("no temporary files: {error}"));
        let mut environment = local::environment(&cloud, 9000, data.path());
        if let Some(stage) = stage {
            environment.insert("STAGE", stage.to_owned());
            environment.remove("SANDBOX_RECIPIENTS");
        }
        if let Some(folder) = rights_noted_in() {
            environment.insert(local::RIGHTS_NOTED_IN, folder);
        }
        // The outside world is reached over the network: the provider by us, and we by its messages.
        let front_door = good(local::listen(Ports::Any, Service::Portal).await);
        let provider = good(local::listen(Ports::Any, Service::Provider).await);
        let provider_url = url(&provider);
        environment.insert("SANDBOX_MESSAGES_VIA", url(&front_door));
        let seconds = Arc::new(AtomicI64::new(clock.now().as_second()));
        let rails = Arc::new(Rails::start(seconds).await);
        rails.announce(&mut environment);
        environment.insert("SANDBOX_PROVIDER_URL", provider_url.clone());
        let faults = match seed {
            Some(seed) => Some(Outside::before(&cloud, &provider_url, seed).await),
            None => None,
        };
        if let Some(faults) = &faults {
            environment.insert("AWS_ENDPOINT_URL_DYNAMODB", faults.dynamodb.url());
            environment.insert("AWS_ENDPOINT_URL_S3", faults.s3.url());
            environment.insert("AWS_ENDPOINT_URL_SES", faults.ses.url());
            environment.insert("SANDBOX_PROVIDER_URL", faults.provider.url());
        }
        let gateway = good(Gateway::new(good(functions::functions(&environment, &clock).await)));
        let consumers = good(functions::consumers(&environment, &clock).await);
        let worker = good(cloud.pump(consumers));
        let platform_key = platform_key(&environment, &clock).await;
        let mailbox = Inbox::new(cloud.mailbox().clone());
        let (open, closed) = watch::channel(());
        let until = |mut closed: watch::Receiver<()>| async move {
            let _ = closed.changed().await;
        };
        tokio::spawn(local::serve(front_door, gateway.clone(), until(closed.clone())));
        tokio::spawn(local::serve_provider(provider, gateway.clone(), environment.clone(), until(closed)));
        let provider = Provider::new(gateway.clone(), environment["SANDBOX_PROVIDER_URL"].clone());
        let inner = Inner { cloud, gateway, environment, platform_key, faults, _data: data, _open: open };
        Self { clock, mailbox, worker, provider, rails, inner: Arc::new(inner) }
    }

    /// Where the front door listens, for programs that have a network between them and it.
    #[must_use]
    pub fn url(&self) -> String {
        self.inner.environment["SANDBOX_MESSAGES_VIA"].clone()
    }

    /// Sends any request to the front door.
    pub async fn ask(&self, request: Request) -> Answer {
        let what = request.what();
        Answer::new(what, self.inner.gateway.call(request.build()).await)
    }

    /// Sends a request to the same tenants as they would be where real money moves: to the functions that have to do with
    /// providers.
    pub async fn ask_in_prod(&self, request: Request) -> Answer {
        let mut environment = self.inner.environment.clone();
        environment.insert("STAGE", "prod".to_owned());
        let portal = good(functions::portal(&environment, &self.clock).await);
        let backoffice = backoffice::Clients::connect(&portal, &nothing());
        let tables = [
            ("webhooks", webhooks::routes(&Providers::connect(portal.config(), &nothing()))),
            ("sandbox-provider", sandbox_provider::routes(&sandbox_provider::Clients::connect(&portal))),
            ("backoffice", backoffice::routes(&backoffice)),
        ];
        let function = |(name, routes): (&'static str, web::Routes)| Function {
            name,
            paths: routes.paths(),
            router: routes.router(portal.clone()),
        };
        let gateway = good(Gateway::new(tables.map(function).into()));
        let what = request.what();
        Answer::new(what, gateway.call(request.build()).await)
    }

    /// The platform's API on the platform's host.
    #[must_use]
    pub fn platform(&self) -> Api {
        Api::new(self, BASE, &self.inner.platform_key)
    }

    /// Sets a tenant up over the platform's API, with a key and the company data an invoice needs.
    pub async fn tenant(&self, slug: &str) -> Tenant {
        let tenant = self.bare_tenant(slug).await;
        tenant.settings("company", &samples::company(slug)).await;
        tenant
    }

    /// Sets a tenant up and makes a key, nothing more.
    pub async fn bare_tenant(&self, slug: &str) -> Tenant {
        let path = format!("/tenants/{slug}");
        self.platform().put(&path, &json!({ "name": name_of(slug) })).await.status(201);
        self.existing_tenant(slug).await
    }

    /// A key for a tenant that is there.
    pub async fn existing_tenant(&self, slug: &str) -> Tenant {
        let path = format!("/tenants/{slug}/keys");
        let made = self.platform().post(&path, &json!({ "label": "tests" })).await.status(201);
        let key = made.json()["key"].as_str().unwrap_or_default().to_owned();
        Tenant::new(self, slug, &key)
    }

    /// Loads the demo as `cargo portal` does on its first start, without the ten thousand invoices.
    pub async fn demo(&self) -> Demo {
        Demo::load(self).await
    }

    /// How many items the table holds.
    #[must_use]
    pub fn items(&self) -> usize {
        self.stored().len()
    }

    /// From now on nothing of what is written comes to the worker. For runs of so many writes that the engine would spend
    /// its time on the stream.
    pub fn end_stream(&self) {
        good(self.inner.cloud.dynamo().end_stream());
    }

    /// Lets the newest mail to an address come back: SES tells the worker.
    ///
    /// # Panics
    /// When no mail went there.
    #[track_caller]
    pub fn mail_returns(&self, to: &str, how: Return) -> impl Future<Output = ()> {
        let event = self.inner.cloud.mailbox().returned(to, how).unwrap_or_else(|| panic!("no mail to {to}"));
        self.told_by_ses(event)
    }

    /// Any event that SES's topic brings to the worker.
    pub async fn told_by_ses(&self, event: Value) {
        self.worker.bring(functions::HEARS_OF_MAILS, event).await;
    }

    /// Every item of the table, in DynamoDB's JSON.
    #[must_use]
    pub fn stored(&self) -> Vec<Value> {
        good(self.inner.cloud.dynamo().items())
    }

    /// The items of one partition, in DynamoDB's JSON.
    #[must_use]
    pub fn partition(&self, key: &str) -> Vec<Value> {
        good(self.inner.cloud.dynamo().partition(key))
    }

    /// How many items have a partition key that contains this.
    #[must_use]
    pub fn items_like(&self, part: &str) -> usize {
        let key = |item: &Value| {
            format!("{}/{}", item["pk"]["S"].as_str().unwrap_or(""), item["sk"]["S"].as_str().unwrap_or(""))
        };
        self.stored().iter().filter(|item| key(item).contains(part)).count()
    }

    /// The items that say a word, in DynamoDB's JSON, but for those whose time is over: DynamoDB deletes them.
    #[must_use]
    pub fn items_saying(&self, word: &str) -> Vec<Value> {
        let now = self.clock.now().as_second();
        let ends = |item: &Value| item["ttl"]["N"].as_str().and_then(|ttl| ttl.parse::<i64>().ok());
        let lasts = |item: &Value| ends(item).is_none_or(|end| now < end);
        self.stored().into_iter().filter(|item| lasts(item) && item.to_string().contains(word)).collect()
    }

    /// Replaces text in every stored item of a kind, behind everybody's back; answers how many differ.
    #[must_use]
    pub fn spoil(&self, kind: &str, from: &str, to: &str) -> usize {
        let items = self.stored().into_iter().filter(|item| item["item_kind"]["S"] == kind);
        let spoilt =
            items.filter(|item| item.to_string().contains(from)).map(|item| item.to_string().replace(from, to));
        let put = |text: String| {
            let item: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            good(self.inner.cloud.dynamo().put(&item));
        };
        spoilt.map(put).count()
    }

    /// DynamoDB calls of the request that was answered last.
    #[must_use]
    #[track_caller]
    pub fn store_calls(&self) -> u64 {
        let lines = self.log();
        let line = lines.iter().rev().find(|line| line["message"] == "request");
        line.and_then(|line| line["calls"].as_u64()).unwrap_or_else(|| panic!("no request was logged"))
    }

    /// Everything that was logged, a value per line.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        logs::lines().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Everything that was logged, as written.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        logs::lines()
    }

    /// Every value of a metric that was told so far.
    #[must_use]
    pub fn told(&self, metric: Metric) -> Vec<u64> {
        metrics::told(metric)
    }

    /// The proxy before DynamoDB.
    #[must_use]
    #[track_caller]
    pub fn dynamodb(&self) -> &Faults {
        &self.outside().dynamodb
    }

    /// The proxy before S3.
    #[must_use]
    #[track_caller]
    pub fn s3(&self) -> &Faults {
        &self.outside().s3
    }

    /// The proxy before SES.
    #[must_use]
    #[track_caller]
    pub fn ses(&self) -> &Faults {
        &self.outside().ses
    }

    /// The proxy before the payment provider.
    #[must_use]
    #[track_caller]
    pub fn provider_faults(&self) -> &Faults {
        &self.outside().provider
    }

    #[track_caller]
    fn outside(&self) -> &Outside {
        self.inner.faults.as_ref().unwrap_or_else(|| panic!("start the portal with `Portal::behind_faults`"))
    }

    /// Table, configuration and clock of one more process, for a second worker.
    pub async fn another_process(&self) -> web::Portal {
        good(functions::portal(&self.inner.environment, &self.clock).await)
    }

    /// The ways to providers of one more process.
    #[must_use]
    pub fn providers(&self, process: &web::Portal) -> Providers {
        Providers::connect(process.config(), &nothing())
    }

    /// One more worker, in a process of its own.
    pub async fn another_worker(&self) -> worker::Worker {
        good(functions::worker(&self.inner.environment, &self.clock).await)
    }

    /// One more writer of papers, in a process of its own.
    pub async fn another_writer(&self) -> documents::Papers {
        good(functions::papers(&self.inner.environment, &self.clock).await)
    }

    /// What a function finds in its environment.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.inner.environment
    }

    /// The bucket's and the mailbox's cloud, for looking behind the scenes.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.inner.cloud
    }
}

fn url(listener: &TcpListener) -> String {
    let address = listener.local_addr().unwrap_or_else(|error| panic!("no port: {error}"));
    format!("http://{address}")
}

async fn platform_key(environment: &Environment, clock: &Clock) -> String {
    let portal = good(functions::portal(environment, clock).await);
    let (key, secret) = ApiKey::create("local", "tests".to_owned(), vec![ApiKeyScope::Platform], clock.now());
    let stored = portal.store().put_platform_key(&key).await;
    good(stored.map_err(|error| error.to_string()));
    secret.expose().clone()
}

/// `webhosting-ag` → „Webhosting Ag".
fn name_of(slug: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_uppercase() + rest
    };
    slug.split('-').map(word).collect::<Vec<_>>().join(" ")
}

fn parsed(instant: &str) -> Timestamp {
    instant.parse().unwrap_or_else(|error| panic!("{instant}: {error}"))
}

#[track_caller]
pub(crate) fn good<T>(result: Result<T, String>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// Where `tests/run` wants to read what functions asked of the cloud.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment")]
fn rights_noted_in() -> Option<String> {
    std::env::var(local::RIGHTS_NOTED_IN).ok()
}

/// The configuration of clients that are never used.
fn nothing() -> aws_config::SdkConfig {
    aws_config::SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build()
}
