//! The Lambda of invoices.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, _aws| Ok(invoices::routes().router(portal.clone()))).await
}
