//! The command line of what needs the cloud.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::tenant::TenantSlug;

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum CloudCommand {
    /// Show what was given up, or hand it to its reader again
    Replay(Replay),
    /// Take every item and every file into a folder
    Export(Export),
    /// Put an export into an empty stage
    Restore(Restore),
    /// An export, without a stage
    Backup {
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Look at every part of a stage, and say what to do
    Doctor(Doctor),
    /// Mails of a stage
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
}

/// Which stage.
#[derive(Debug, Clone, Args)]
pub(crate) struct Where {
    /// File with the environment of the functions; without it the local cloud's
    #[arg(long, value_name = "FILE", default_value = ".portal/environment")]
    pub(crate) environment: PathBuf,

    /// Name of a stack on AWS, whose functions are asked for it instead
    #[arg(long, value_name = "NAME", conflicts_with = "environment")]
    pub(crate) stack: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) place: Where,

    /// Hand it over; without it everything is only shown
    #[arg(long)]
    pub(crate) yes: bool,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) limit: u16,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) place: Where,

    /// Folder; one that was broken off goes on
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,

    /// Only this tenant
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: Option<TenantSlug>,

    /// Only who was erased, for a restore of an older export
    #[arg(long)]
    pub(crate) tombstones_only: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) place: Where,

    /// Folder of the export; how far the restore is stands there too
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,

    /// Folder of a later export, whose erased customers are erased again
    #[arg(long, value_name = "DIR")]
    pub(crate) tombstones: Option<PathBuf>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum BackupCommand {
    /// Compare every hash, and every document with what its item says
    Verify {
        /// Folder of the export
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) place: Where,

    /// Of all tenants only this one
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: Option<TenantSlug>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum MailCommand {
    /// May the stage send, is it believed, and where do answers go
    Verify(VerifyMail),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyMail {
    #[command(flatten)]
    pub(crate) place: Where,

    /// Of all tenants only this one
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: Option<TenantSlug>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyDomain {
    #[command(flatten)]
    pub(crate) place: Where,

    /// Slug of the tenant
    pub(crate) tenant: TenantSlug,

    /// Host name that should lead to it
    pub(crate) domain: String,
}
