//! The Lambda that payment providers tell what happened.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| {
        let clients = webhooks::Clients::connect(portal);
        Ok(webhooks::routes(&clients).router(portal.clone()))
    })
    .await
}
