//! The Lambda of signing in.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run(async |portal, aws| {
        let clients = auth_otp::Clients::connect(portal, aws).await?;
        Ok(auth_otp::routes(&clients).router(portal.clone()))
    })
    .await
}
