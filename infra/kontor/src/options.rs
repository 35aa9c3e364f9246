//! The command line of `kontor`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::document::DocumentType;
use url::Url;

use crate::cloud::{CloudCommand, VerifyDomain};

/// The operator's command for Kundenkontor; the key stands in KONTOR_KEY or in a file
#[derive(Debug, Clone, Parser)]
#[command(name = "kontor", version)]
pub struct Options {
    /// Address of the stage; without it the local cloud
    #[arg(long, global = true, value_name = "URL", default_value = "http://localhost:9000")]
    pub(crate) url: Url,

    /// Host of a tenant of that stage, for what is a tenant's
    #[arg(long, global = true, value_name = "HOST")]
    pub(crate) host: Option<String>,

    /// File with the key; without it the variable KONTOR_KEY
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,

    /// One JSON object a line instead of words
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Api(ApiCommand),
    /// Own domains of a tenant
    Domain {
        #[command(subcommand)]
        command: DomainCommand,
    },
    #[command(flatten)]
    Cloud(CloudCommand),
}

/// What goes over the API, with a key.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ApiCommand {
    /// Tenants of the stage, by the platform's key
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// API keys of a tenant
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// The tenant's ledger
    Ledger {
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Load a file
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum TenantCommand {
    /// Set a tenant up; one that is there stays as it is
    Create(NewTenant),
    /// Show all tenants
    List,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct NewTenant {
    /// Its name in addresses, for example webhosting-ag
    pub(crate) slug: String,

    /// Its name in header, mails and titles
    #[arg(long)]
    pub(crate) name: String,

    /// Language of people who ask for none
    #[arg(long, value_parser = ["de", "en"])]
    pub(crate) language: Option<String>,

    /// An own domain beside its neutral address; may be said again
    #[arg(long = "domain", value_name = "DOMAIN")]
    pub(crate) domains: Vec<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DomainCommand {
    /// Let a tenant answer at one more domain, by the platform's key
    Add {
        /// Slug of the tenant
        tenant: String,
        /// Host name in lower case
        domain: String,
    },
    /// Does a domain lead to its tenant? Needs a stage, and no key
    Verify(VerifyDomain),
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and show it, once
    Create(NewKey),
    /// End a key of the tenant
    Revoke {
        /// Its id, as it was shown when it was made
        id: String,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct NewKey {
    /// What it is for
    #[arg(long)]
    pub(crate) label: String,

    /// What it may do; may be said again; without it all that the asking key may
    #[arg(long = "scope", value_name = "SCOPE", value_parser = ["read", "write", "settings"])]
    pub(crate) scopes: Vec<String>,

    /// Slug of the tenant it is for, when the platform's key asks
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Replay every account and compare every balance
    Check,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ImportCommand {
    #[command(flatten)]
    Rows(RowsCommand),
    /// Old PDFs in a ZIP, each with its document's number as name
    Pdfs(Pdfs),
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum RowsCommand {
    /// Customers
    Customers(Rows),
    /// Contracts of customers
    Subscriptions(Rows),
    /// Invoices
    Invoices(Rows),
    /// Offers, confirmations, delivery notes, credit notes, dunning letters
    Documents(DocumentRows),
}

impl RowsCommand {
    /// How to read and send, whatever it is.
    pub(crate) const fn rows(&self) -> &Rows {
        match self {
            Self::Customers(rows) | Self::Subscriptions(rows) | Self::Invoices(rows) => rows,
            Self::Documents(documents) => &documents.rows,
        }
    }

    /// Is nothing to be sent?
    pub(crate) const fn is_dry(&self) -> bool {
        self.rows().dry_run
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Rows {
    /// .jsonl, .csv or .xlsx
    pub(crate) file: PathBuf,

    /// Which column is which field, .toml or .json; without it the columns are named as the fields
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,

    /// Letters of a .csv
    #[arg(long, value_enum, default_value_t = Encoding::Utf8)]
    pub(crate) encoding: Encoding,

    /// What stands between the cells of a .csv; without it what its first line has most
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub(crate) delimiter: Option<u8>,

    /// Sheet of an .xlsx; without it the first
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,

    /// Check every line here, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) pace: SendingPace,
}

/// How much is sent at once.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct SendingPace {
    /// Most lines of one request
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) batch: u16,

    /// Requests under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: u8,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DocumentRows {
    /// Kind of all of them; without it the field `type` of each says it
    #[arg(long = "type", value_name = "KIND", value_parser = kind_beside_invoices)]
    pub(crate) kind: Option<DocumentType>,

    #[command(flatten)]
    pub(crate) rows: Rows,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Pdfs {
    /// The .zip
    pub(crate) file: PathBuf,

    /// Kind of the documents
    #[arg(long = "type", value_name = "KIND", default_value = "invoice", value_parser = kind)]
    pub(crate) kind: DocumentType,

    /// How the files are called
    #[arg(long, value_name = "PATTERN", default_value = "{number}.pdf", value_parser = name_pattern)]
    pub(crate) name: (String, String),

    /// Requests under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: u8,
}

/// Letters of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// With or without a mark at its beginning
    #[value(name = "utf-8")]
    Utf8,
    /// What German Windows programs write
    #[value(name = "windows-1252")]
    Windows1252,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte @ (b',' | b';' | b'\t')] => Ok(*byte),
        _ if text == "\\t" => Ok(b'\t'),
        _ => Err("must be a comma, a semicolon or \\t".to_owned()),
    }
}

fn kind(code: &str) -> Result<DocumentType, String> {
    DocumentType::from_code(code).ok_or_else(|| {
        let codes = DocumentType::ALL.map(DocumentType::code);
        format!("must be one of {}", codes.join(", "))
    })
}

fn kind_beside_invoices(code: &str) -> Result<DocumentType, String> {
    match kind(code)? {
        DocumentType::Invoice => Err("invoices have a command of their own: import invoices".to_owned()),
        kind => Ok(kind),
    }
}

/// What stands before and behind the number.
fn name_pattern(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once("{number}").filter(|(_, behind)| !behind.contains("{number}"));
    let (before, behind) = parts.ok_or("must contain {number} once, for example Rechnung_{number}.pdf")?;
    Ok((before.to_owned(), behind.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(arguments: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from(std::iter::once("kontor").chain(arguments.split_whitespace()))
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Options::command().debug_assert();
    }

    #[test]
    fn there_is_no_argument_for_a_key() {
        assert!(parse("--key kk_local_x tenant list").is_err());
        assert!(parse("--key-file key.txt tenant list").is_ok());
    }

    #[test]
    fn what_is_imported_says_its_kind() {
        let options = parse("import documents old.csv --type offer --delimiter ; --encoding windows-1252").unwrap();
        let Command::Api(ApiCommand::Import { command: ImportCommand::Rows(RowsCommand::Documents(documents)) }) =
            options.command
        else {
            panic!("another command")
        };
        assert_eq!((documents.kind, documents.rows.delimiter), (Some(DocumentType::Offer), Some(b';')));
        assert_eq!(documents.rows.encoding, Encoding::Windows1252);
        assert!(parse("import documents old.csv --type invoice").is_err());
        assert!(parse("import invoices old.csv --type offer").is_err());
    }

    #[test]
    fn limits_of_the_api_are_limits_of_the_command() {
        assert!(parse("import invoices a.csv --batch 1000").is_ok());
        assert!(parse("import invoices a.csv --batch 1001").is_err());
        assert!(parse("import invoices a.csv --batch 0").is_err());
        assert!(parse("import invoices a.csv --parallel 17").is_err());
    }

    #[test]
    fn a_name_says_where_its_number_is() {
        assert_eq!(name_pattern("Rechnung_{number}.pdf").unwrap(), ("Rechnung_".to_owned(), ".pdf".to_owned()));
        assert!(name_pattern("Rechnung.pdf").is_err());
        assert!(name_pattern("{number}{number}.pdf").is_err());
    }
}
