//! The customer's own pages: start page, data, contact person, legal texts; and every path nobody else has.

mod assets;

pub mod contact;
pub mod data;
pub mod legal;
pub mod start;

use files::{Files, FilesConfig};
use web::{Answer, AnyContext, Asked, File, Nothing, Portal, Routes, with};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Logos.
    pub files: Files,
}

impl Clients {
    /// Makes the clients; nothing is asked yet.
    #[must_use]
    pub fn connect(portal: &Portal, aws: &aws_config::SdkConfig) -> Self {
        Self {
            files: Files::connect(aws, FilesConfig { bucket: portal.config().bucket_name.clone(), path_style: true }),
        }
    }
}

/// The page table.
#[must_use]
pub fn routes(clients: &Clients) -> Routes {
    Routes::function("customer")
        .get("/", start::show)
        .get("/data", data::show)
        .get("/contact", contact::show)
        .get("/imprint", legal::imprint)
        .get("/privacy", legal::privacy)
        .get("/accessibility", legal::accessibility)
        .get("/assets/{file}", with(clients, assets::show))
        .get("/healthz", healthz)
        .get("/api/v1/customer", api::show)
}

/// Says that the function answers, on every known host.
async fn healthz(_: AnyContext, _: Asked<Nothing>) -> Answer<File> {
    Ok(File::plain(b"ok".to_vec(), "text/plain; charset=utf-8"))
}

mod api {
    //! `/api/v1/customer`: the same data for programs.

    use domain::customer::Customer;
    use web::{Answer, Asked, CustomerContext, Json, Nothing, Problem, area};

    /// Everything the tenant holds about the customer.
    pub(crate) async fn show(cx: CustomerContext<area::Data>, _: Asked<Nothing>) -> Answer<Json<Customer>> {
        let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?;
        Ok(Json::new(customer.value).etag(customer.rev))
    }
}
