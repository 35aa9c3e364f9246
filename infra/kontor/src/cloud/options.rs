//! The command line of what needs the cloud.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum CloudCommand {
    /// Show what was given up, or hand it to its reader again
    Replay(Replay),
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
