//! The Lambda of the customer's own pages.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, aws| {
        let clients = customer::Clients::connect(portal, aws);
        Ok(customer::routes(&clients).router(portal.clone()))
    })
    .await
}
