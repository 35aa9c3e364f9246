//! The command line of `cargo portal`.

use crate::clock::instant;
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use std::path::PathBuf;

/// The portal and its cloud on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "cargo portal")]
pub struct Options {
    /// The portal's port; the four after it are used too
    #[arg(long, value_name = "N", default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..=65_531))]
    pub port: u16,

    /// Where everything is kept
    #[arg(long, value_name = "DIR", default_value = ".portal")]
    pub data: PathBuf,

    /// Throw away what was kept and begin anew
    #[arg(long)]
    pub fresh: bool,

    /// Start without demo tenants
    #[arg(long)]
    pub no_demo: bool,

    /// Start the clock at this day or instant
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub now: Option<Timestamp>,

    /// Only the cloud, for `cargo lambda watch` in another terminal
    #[arg(long)]
    pub aws_only: bool,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Make a platform key for a stage: prints the key and the command that puts it into the table
    PlatformKey {
        /// The stage it is for
        #[arg(long, value_parser = ["sandbox", "prod", "local"])]
        stage: String,

        /// Name of the stage's table, an output of its stack
        #[arg(long, value_name = "NAME")]
        table: String,
    },
    /// Compare or write the routes of `cargo lambda watch` and of the gateway
    Routes {
        /// Write them to Cargo.toml and infra/template.yaml
        #[arg(long)]
        write: bool,
    },
}

impl Options {
    /// Reads the process's arguments; ends the process with an explanation if they are wrong.
    #[must_use]
    pub fn from_arguments() -> Self {
        Self::parse_from(without_separator(std::env::args()))
    }
}

/// `cargo portal -- --port 9100` means the same as without the `--`, which the alias already holds.
fn without_separator(arguments: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    arguments.enumerate().filter(|(place, argument)| !(*place == 1 && argument == "--")).map(|(_, argument)| argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Options, clap::Error> {
        let words = arguments.split_whitespace().map(str::to_owned);
        Options::try_parse_from(without_separator(std::iter::once("portal".to_owned()).chain(words)))
    }

    #[test]
    fn a_leading_separator_is_skipped() -> Result<(), clap::Error> {
        assert_eq!(parse("-- --port 9100 --fresh")?, parse("--port 9100 --fresh")?);
        Ok(())
    }

    #[test]
    fn the_clock_may_start_on_a_day() -> Result<(), clap::Error> {
        let now = parse("--now 2026-12-31")?.now;
        assert_eq!(now.map(|now| now.to_string()).as_deref(), Some("2026-12-31T00:00:00Z"));
        assert!(parse("--now soon").is_err());
        Ok(())
    }

    #[test]
    fn a_port_without_room_for_four_more_is_refused() {
        assert!(parse("--port 65531").is_ok());
        assert!(parse("--port 65532").is_err());
    }
}
