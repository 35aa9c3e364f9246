//! `kontor`: reads the command line and the key, does what was asked until it is done or Ctrl-C, and says how it went.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser as _;
use kontor::{Options, Outcome, Stop};

/// What a shell says of a program that Ctrl-C ended.
const ENDED_BY_INTERRUPT: i32 = 130;
/// It could not be done. Refused things are 1, so that scripts can tell them apart.
const NOT_DONE: u8 = 2;

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "the command's own key, not a function's configuration")]
async fn main() -> ExitCode {
    let options = Options::parse();
    let key = std::env::var("KONTOR_KEY").ok();
    let (stop, telling) = Stop::new();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            telling.tell();
        }
        // Whoever asks twice does not want to wait for what is under way.
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(ENDED_BY_INTERRUPT);
        }
    });
    match kontor::run(options, key, stop, &mut io::stdout()).await {
        Ok(Outcome::Right) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::FAILURE,
        Err(failure) => {
            // There is nobody left to tell when even this fails.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::from(NOT_DONE)
        }
    }
}
