//! `cargo portal`: reads the command line, runs the portal until Ctrl-C, or writes the generated routes.

use local::{Command, Options};
use std::{io::Write, path::Path, process::ExitCode};

/// One line a request, and whatever went wrong; the engines beside it are quiet.
const DEFAULT_LOG: &str = "warn,dynoxide=error,web=info";

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "the log level of the local cloud itself, not of a function")]
async fn main() -> ExitCode {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| DEFAULT_LOG.to_owned());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Options::from_arguments();
    let done = match &options.command {
        Some(Command::PlatformKey { stage, table }) => local::platform_key::show(stage, table),
        Some(Command::Routes { write }) => local::routes::bring_up_to_date(Path::new("."), *write).await,
        None => local::run(&options, stop_signal()).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody left to tell when even this fails.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Ctrl-C, or the polite signal of a supervisor.
async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return,
            _ = terminate.recv() => return,
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_prints_a_line() {
        let printed = tracing_subscriber::fmt().with_env_filter(DEFAULT_LOG).with_writer(std::io::sink).finish();
        tracing::subscriber::with_default(printed, || {
            assert!(tracing::enabled!(target: "web::dispatch", tracing::Level::INFO));
            assert!(!tracing::enabled!(target: "dynoxide", tracing::Level::WARN));
        });
    }
}
