//! The files of the demo, read at compile time.

/// One tenant's folder.
pub(super) struct Folder {
    pub(super) tenant: &'static str,
    pub(super) settings: [(&'static str, &'static str); 6],
    /// Name, German, English.
    pub(super) texts: [(&'static str, &'static str, &'static str); 5],
    pub(super) logo: &'static [u8],
    pub(super) contacts: &'static str,
    pub(super) customers: &'static str,
    pub(super) accounts: &'static str,
    pub(super) subscriptions: &'static str,
    pub(super) invoices: &'static str,
    pub(super) documents: &'static str,
    pub(super) postings: &'static str,
    pub(super) bulk: Option<&'static str>,
}

macro_rules! file {
    ($folder:literal, $name:expr) => {
        include_str!(concat!("../../demo/", $folder, "/", $name))
    };
}

macro_rules! text {
    ($folder:literal, $name:literal) => {
        (
            $name,
            file!($folder, concat!("settings/texts/", $name, ".de.md")),
            file!($folder, concat!("settings/texts/", $name, ".en.md")),
        )
    };
}

macro_rules! folder {
    ($folder:literal, $bulk:expr) => {
        Folder {
            tenant: file!($folder, "tenant.json"),
            settings: [
                ("portal", file!($folder, "settings/portal.json")),
                ("branding", file!($folder, "settings/branding.json")),
                ("company", file!($folder, "settings/company.json")),
                ("login", file!($folder, "settings/login.json")),
                ("areas", file!($folder, "settings/areas.json")),
                ("payments", file!($folder, "settings/payments.json")),
            ],
            texts: [
                text!($folder, "footer"),
                text!($folder, "welcome"),
                text!($folder, "imprint"),
                text!($folder, "privacy"),
                text!($folder, "accessibility"),
            ],
            logo: include_bytes!(concat!("../../demo/", $folder, "/logo.png")),
            contacts: file!($folder, "contacts.jsonl"),
            customers: file!($folder, "customers.jsonl"),
            accounts: file!($folder, "accounts.jsonl"),
            subscriptions: file!($folder, "subscriptions.jsonl"),
            invoices: file!($folder, "invoices.jsonl"),
            documents: file!($folder, "documents.jsonl"),
            postings: file!($folder, "postings.jsonl"),
            bulk: $bulk,
        }
    };
}

pub(super) static FOLDERS: [Folder; 2] =
    [folder!("webhosting-ag", Some(file!("webhosting-ag", "bulk.json"))), folder!("stadtwerke-muster", None)];
