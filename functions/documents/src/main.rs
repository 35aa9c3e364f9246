//! The Lambda of documents.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, aws| {
        let clients = documents::Clients::connect(portal, aws);
        Ok(documents::routes(&clients).router(portal.clone()))
    })
    .await
}
