//! The Lambda of accounts and topping up.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| {
        let clients = prepaid::Clients::connect(portal);
        Ok(prepaid::routes(&clients).router(portal.clone()))
    })
    .await
}
