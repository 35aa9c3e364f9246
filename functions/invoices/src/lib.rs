//! The customer's invoices: list, detail and CSV; and the documents beside them: list and detail.

mod csv;

pub mod document;
pub mod documents;
pub mod filter;
pub mod invoice;
pub mod invoices;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("invoices")
        .get("/invoices", invoices::show)
        .get("/invoices/{number}", invoice::show)
        .get("/invoices.csv", csv::download)
        .get("/documents", documents::show)
        .get("/documents/{type}/{number}", document::show)
        .get("/api/v1/invoices", invoices::list)
        .get("/api/v1/invoices/{number}", invoice::get)
        .get("/api/v1/documents", documents::list)
        .get("/api/v1/documents/{type}/{number}", document::get)
}
