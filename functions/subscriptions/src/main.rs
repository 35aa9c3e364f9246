//! The Lambda of contracts.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| Ok(subscriptions::routes().router(portal.clone()))).await
}
