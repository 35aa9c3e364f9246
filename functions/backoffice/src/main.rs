//! The Lambda of the integrator's and the platform's API.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, aws| {
        let clients = backoffice::Clients::connect(portal, aws);
        Ok(backoffice::routes(&clients).router(portal.clone()))
    })
    .await
}
