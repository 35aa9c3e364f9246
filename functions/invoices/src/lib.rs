//! The customer's invoices: list, detail and CSV.

mod csv;

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
        .get("/api/v1/invoices", invoices::list)
        .get("/api/v1/invoices/{number}", invoice::get)
}
