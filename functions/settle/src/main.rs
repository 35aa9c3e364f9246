//! The Lambda of paying invoices.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| {
        let clients = settle::Clients::connect(portal);
        Ok(settle::routes(&clients).router(portal.clone()))
    })
    .await
}
