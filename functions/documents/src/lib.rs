//! Documents on paper: the only function with the PDF engine. It renders once, keeps in S3 and hands out; what a mail
//! carries it renders as second reader of the table's stream. A mandate is rendered whenever it is asked for.

mod answer;
mod cancellation;
mod declaration;
mod desk;
mod document;
mod invoice;
mod issued;
mod jobs;
mod linked;
mod mandate;
mod packed;
mod packing;
mod payment;
mod statement;
mod tools;

pub mod render;

pub use jobs::Papers;

use files::{Files, FilesConfig};
use web::{Portal, Routes, with};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Originals, rendered files and logos.
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
    Routes::function("documents")
        .get("/invoices/{number}/pdf", with(clients, invoice::pdf))
        .get("/invoices/{number}/xml", with(clients, invoice::xml))
        .get("/d/{token}/pdf", with(clients, linked::pdf))
        .get("/documents/{type}/{number}/pdf", with(clients, document::pdf))
        .get("/documents/{type}/{number}/xml", with(clients, document::xml))
        .get("/documents/{type}/{number}/decision", with(clients, answer::pdf))
        .get("/prepaid/{deposit}/pdf", with(clients, payment::request))
        .get("/prepaid/{deposit}/confirmation", with(clients, payment::confirmation))
        .get("/payments/{id}/receipt", with(clients, payment::receipt))
        .get("/payment-methods/{id}/mandate", with(clients, mandate::pdf))
        .get("/contracts/{number}/cancel/pdf", with(clients, cancellation::pdf))
        .get("/cancel/{id}/pdf", with(clients, declaration::of_cancellation))
        .get("/withdraw/{id}/pdf", with(clients, declaration::of_withdrawal))
        .get("/statement/pdf", with(clients, statement::pdf))
        .get("/files/{id}/{part}", with(clients, packed::download))
        .get("/api/v1/files/{id}/{part}", with(clients, packed::download))
        .get("/api/v1/invoices/{number}/pdf", with(clients, invoice::pdf))
        .get("/api/v1/invoices/{number}/xml", with(clients, invoice::xml))
        .get("/api/v1/documents/{type}/{number}/pdf", with(clients, document::pdf))
        .get("/api/v1/documents/{type}/{number}/xml", with(clients, document::xml))
}
