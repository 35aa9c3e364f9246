//! The Lambda that payment providers tell what happened.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, aws| {
        let providers = web::Providers::connect(portal.config(), aws);
        Ok(webhooks::routes(&providers).router(portal.clone()))
    })
    .await
}
