//! The empty function that everything is compared with: lambda_http, axum, one route.

use axum::{Router, routing::get};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::run(Router::new().route("/", get(async || "ok"))).await
}
