//! The empty function and one read of the table through the SDK: the difference to the empty one is what a call costs.

use axum::{Router, extract::State, routing::get};
use store::{Store, StoreConfig};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "a program of the workbench, not a function")]
async fn main() -> Result<(), lambda_http::Error> {
    let table = std::env::var("TABLE_NAME")?;
    let aws = aws_config::load_from_env().await;
    let store = Store::connect(&aws, StoreConfig { table, is_sandbox_stage: false });
    let read = async |State(store): State<Store>| {
        store.ping().await;
        "ok"
    };
    lambda_http::run(Router::new().route("/", get(read)).with_state(store)).await
}
