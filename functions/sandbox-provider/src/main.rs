//! The Lambda of the sandbox payment provider; stages that move real money have none.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| {
        if !portal.config().has_sandbox_provider() {
            return Err("the sandbox payment provider does not start where real money moves".into());
        }
        let clients = sandbox_provider::Clients::connect(portal);
        Ok(sandbox_provider::routes(&clients).router(portal.clone()))
    })
    .await
}
