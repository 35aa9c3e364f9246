//! Documents on paper: the only function with the PDF engine. It renders once, keeps in S3 and hands out.

mod invoice;

pub mod render;

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
        .get("/api/v1/invoices/{number}/pdf", with(clients, invoice::pdf))
        .get("/api/v1/invoices/{number}/xml", with(clients, invoice::xml))
}
