//! The customer's invoices: list, detail and CSV; the documents beside them; what is written about either; and what a link
//! shows of either without a login.

mod csv;

pub mod comments;
pub mod document;
pub mod documents;
pub mod filter;
pub mod invoice;
pub mod invoices;
pub mod linked;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("invoices")
        .get("/invoices", invoices::show)
        .get("/invoices/{number}", invoice::show)
        .get("/invoices.csv", csv::download)
        .get("/d/{token}", linked::show)
        .get("/documents", documents::show)
        .get("/documents/{type}/{number}", document::show)
        .post("/documents/{type}/{number}/comments", comments::submit)
        .get("/api/v1/invoices", invoices::list)
        .get("/api/v1/invoices/{number}", invoice::get)
        .get("/api/v1/documents", documents::list)
        .get("/api/v1/documents/{type}/{number}", document::get)
        .post("/api/v1/documents/{type}/{number}/comments", comments::create)
}
