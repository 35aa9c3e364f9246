//! The Lambda of paying invoices.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| {
        let providers = web::Providers::new(portal.config());
        Ok(settle::routes(&providers).router(portal.clone()))
    })
    .await
}
