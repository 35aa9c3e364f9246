//! The customer's invoices: list, detail and CSV; and documents that a link shows without a login.

mod csv;

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
        .get("/api/v1/invoices", invoices::list)
        .get("/api/v1/invoices/{number}", invoice::get)
}
