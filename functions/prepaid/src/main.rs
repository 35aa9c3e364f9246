//! The Lambda of accounts and topping up.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, aws| {
        let providers = web::Providers::connect(portal.config(), aws);
        Ok(prepaid::routes(&providers).router(portal.clone()))
    })
    .await
}
