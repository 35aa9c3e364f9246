//! The start of every function that answers requests: configuration, clients, warm-up, loop.

use aws_config::{BehaviorVersion, environment::EnvironmentVariableCredentialsProvider};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use axum::Router;
use lambda_http::{
    Adapter, Service,
    lambda_runtime::{self, LambdaEvent, service_fn},
    request::LambdaRequest,
};
use serde_json::{Value, json};

use crate::{Clock, Config, Portal, metrics};

/// Whom the SDK trusts: AWS has certificates of its own authority alone. The system's hundred and forty would be read at each start,
/// half of what it costs. Providers and webhooks have clients of their own.
const ROOTS: &str = include_str!("amazon_roots.pem");

/// Why a function ends.
pub type Error = lambda_runtime::Error;

/// Reads the configuration, makes the clients, warms the connection and answers until the process ends. A wrong variable
/// stops the start with its name.
///
/// # Errors
/// When the environment is wrong or the runtime ends.
pub async fn run(
    build: impl AsyncFnOnce(&Portal, &aws_config::SdkConfig) -> Result<Router, lambda_runtime::Error>,
) -> Result<(), lambda_runtime::Error> {
    log_to_stdout();
    let (portal, aws) = Box::pin(start()).await?;
    let router = build(&portal, &aws).await?;
    Box::pin(portal.store().warm()).await;
    lambda_runtime::run(service_fn(move |event| answer(router.clone(), event))).await
}

/// The same for a function that works on events of the table and the schedule.
///
/// # Errors
/// When the environment is wrong or the runtime ends.
pub async fn run_jobs<J, F, E>(
    build: impl AsyncFnOnce(&Portal, &aws_config::SdkConfig) -> Result<J, Error>,
) -> Result<(), Error>
where
    J: Fn(Value) -> F,
    F: Future<Output = Result<(), E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    log_to_stdout();
    let (portal, aws) = Box::pin(start()).await?;
    let job = build(&portal, &aws).await?;
    Box::pin(portal.store().warm()).await;
    let run = |event: LambdaEvent<Value>| {
        // Boxed: such a future is deeper than the compiler follows.
        let work = Box::pin(job(event.payload));
        async move { work.await.map_err(Error::from) }
    };
    lambda_runtime::run(service_fn(run)).await
}

/// The same for a function that does both: what has a request's context is answered, everything else is work.
///
/// # Errors
/// When the environment is wrong or the runtime ends.
pub async fn run_with_jobs<J, F, E>(
    build: impl AsyncFnOnce(&Portal, &aws_config::SdkConfig) -> Result<(Router, J), Error>,
) -> Result<(), Error>
where
    J: Fn(Value) -> F,
    F: Future<Output = Result<(), E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    log_to_stdout();
    let (portal, aws) = Box::pin(start()).await?;
    let (router, job) = build(&portal, &aws).await?;
    Box::pin(portal.store().warm()).await;
    let run = |event: LambdaEvent<Value>| {
        let is_request = event.payload.get("requestContext").is_some();
        let (router, work) = (router.clone(), (!is_request).then(|| Box::pin(job(event.payload.clone()))));
        async move {
            match work {
                Some(work) => work.await.map(|()| Value::Null).map_err(Error::from),
                None => answer(router, event).await,
            }
        }
    };
    lambda_runtime::run(service_fn(run)).await
}

/// Configuration and clients of a process, whose metrics go to stdout from then on.
///
/// # Errors
/// The first wrong variable.
pub async fn start() -> Result<(Portal, aws_config::SdkConfig), lambda_runtime::Error> {
    let config = Config::from_environment()?;
    metrics::tell_to(config.stage, metrics::to_stdout);
    // Lambda gives credentials by environment variables. The default chain would make a client of STS, and read all
    // certificates, only to find that out: half of what a start costs.
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let trusted = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(ROOTS)).build()?;
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(trusted).build_https();
    let aws = aws_config::defaults(BehaviorVersion::latest()).credentials_provider(credentials).http_client(client);
    let aws = aws.load().await;
    Ok((Portal::new(config, &aws, Clock::system()), aws))
}

/// One JSON line per event on stdout.
pub fn log_to_stdout() {
    log_to(std::io::stdout);
}

/// One JSON line per event; tests write them elsewhere to read what was logged.
pub fn log_to<W>(writer: W)
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_env_filter(filter);
    // A second start in one process (tests) keeps the first subscriber.
    let _already_set = subscriber.without_time().with_writer(writer).try_init();
}

async fn answer(router: Router, event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    let LambdaEvent { mut payload, context } = event;
    if !make_safe(&mut payload) {
        return Ok(json!({"statusCode": 400, "headers": {"content-type": "text/plain"}, "body": "Bad Request"}));
    }
    let request: LambdaRequest = serde_json::from_value(payload)?;
    let running = {
        let mut adapter = Adapter::from(router);
        adapter.call(LambdaEvent::new(request, context))
    };
    let response = running.await.map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(response)?)
}

/// lambda_http unwraps a URL made of `X-Forwarded-Proto`, host and path: force the first, refuse what does not parse.
#[must_use]
pub fn make_safe(event: &mut Value) -> bool {
    let domain = event.pointer("/requestContext/domainName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(headers) = event.get_mut("headers").and_then(Value::as_object_mut) else { return false };
    headers.retain(|name, _| {
        !name.eq_ignore_ascii_case("x-forwarded-proto") && !name.eq_ignore_ascii_case("x-forwarded-host")
    });
    headers.insert("x-forwarded-proto".to_owned(), Value::from("https"));
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).and_then(|(_, value)| value.as_str());
    let host = host.map_or(domain, str::to_owned);
    let path = event.get("rawPath").and_then(Value::as_str).unwrap_or("/");
    let query = event.get("rawQueryString").and_then(Value::as_str).unwrap_or_default();
    let authority = !host.is_empty() && host.parse::<http::uri::Authority>().is_ok() && !host.contains('@');
    authority
        && path.starts_with('/')
        && format!("https://{host}{}?{query}", path.replace(' ', "%20")).parse::<http::Uri>().is_ok()
}
