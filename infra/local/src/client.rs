//! One plain HTTP request to this machine; everything else that speaks HTTP here is a server.

use axum::body::{Body, Bytes};
use http::{Request, StatusCode, header};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024;

/// Posts to `address`, as if it were called `host` when one is given.
pub(crate) async fn post_json(address: &str, host: Option<&str>, body: &Value) -> Result<(StatusCode, Bytes), String> {
    let mut request = Request::post(address).header(header::CONTENT_TYPE, "application/json");
    if let Some(host) = host {
        request = request.header(header::HOST, host);
    }
    let request = request.body(Body::from(body.to_string())).map_err(|error| error.to_string())?;
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.map_err(|error| format!("{address} does not answer: {error}"))?;
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(Body::new(body), MAX_ANSWER_BYTES).await.map_err(|error| error.to_string())?;
    Ok((head.status, body))
}
