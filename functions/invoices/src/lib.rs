//! The customer's invoices: list, detail and CSV; the documents beside them; what is written about either; how offers are
//! answered; all of a period to take along; statements of account; and what a link shows of either without a login.

mod csv;

pub mod bundle;
pub mod comments;
pub mod document;
pub mod documents;
pub mod filter;
pub mod invoice;
pub mod invoices;
pub mod linked;
pub mod offer;
pub mod statement;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("invoices")
        .get("/invoices", invoices::show)
        .get("/invoices/{number}", invoice::show)
        .get("/invoices.csv", csv::download)
        .get("/d/{token}", linked::show)
        .get("/statement", statement::show)
        .get("/statement.csv", statement::csv)
        .get("/documents", documents::show)
        .get("/documents.zip", bundle::show)
        .post("/documents.zip", bundle::start)
        .get("/documents/{type}/{number}", document::show)
        .post("/documents/{type}/{number}/comments", comments::submit)
        .get("/documents/{type}/{number}/accept", offer::accept::show)
        .post("/documents/{type}/{number}/accept", offer::accept::submit)
        .get("/documents/{type}/{number}/decline", offer::decline::show)
        .post("/documents/{type}/{number}/decline", offer::decline::submit)
        .get("/documents/{type}/{number}/confirmation", offer::confirmation::show)
        .get("/api/v1/invoices", invoices::list)
        .get("/api/v1/invoices/{number}", invoice::get)
        .get("/api/v1/documents", documents::list)
        .get("/api/v1/documents/{type}/{number}", document::get)
        .post("/api/v1/documents/{type}/{number}/comments", comments::create)
        .post("/api/v1/documents/{type}/{number}/accept", offer::api::accept)
        .post("/api/v1/documents/{type}/{number}/decline", offer::api::decline)
}
