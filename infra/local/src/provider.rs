//! The sandbox payment provider on a host of its own, as a provider is: the same function behind another door. Its own
//! start page lists the last checkouts of every tenant.

use crate::{
    environment::Environment,
    functions,
    gateway::{Gateway, MAX_WIRE_BYTES},
};
use askama::Template;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, Uri, header};
use std::io;
use tokio::net::TcpListener;

/// Where the provider's paths begin on the platform's host.
const PREFIX: &str = "/sandbox-provider";

#[derive(Debug, Clone)]
struct Door {
    gateway: Gateway,
    environment: Environment,
}

/// Serves until `stop` resolves and the running requests are answered.
///
/// # Errors
/// When the listener breaks.
pub async fn serve_provider(
    listener: TcpListener,
    gateway: Gateway,
    environment: Environment,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Router::new().fallback(answer).with_state(Door { gateway, environment });
    axum::serve(listener, app).with_graceful_shutdown(stop).await
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    if request.uri().path() == "/" {
        return start_page(&door).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_WIRE_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let platform = door.environment.get("BASE_DOMAIN").and_then(|host| HeaderValue::from_str(host).ok());
    let (Ok(uri), Some(platform)) = (format!("{PREFIX}{path}").parse::<Uri>(), platform) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    parts.uri = uri;
    parts.headers.insert(header::HOST, platform);
    let request: http::Request<Bytes> = http::Request::from_parts(parts, body);
    door.gateway.call(request).await.map(Body::from)
}

/// One checkout, as the start page lists it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) tenant: String,
    pub(crate) id: String,
    pub(crate) made: String,
    pub(crate) amount: String,
    pub(crate) description: String,
    pub(crate) charges: usize,
    pub(crate) ended: String,
}

#[derive(Template)]
#[template(path = "provider.html")]
struct StartPage {
    checkouts: Vec<Listed>,
}

async fn start_page(door: &Door) -> Response {
    match (StartPage { checkouts: functions::checkouts(&door.environment).await }).render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
