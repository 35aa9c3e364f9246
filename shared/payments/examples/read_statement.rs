//! Prints a bank's file as JSON: `cargo run -p payments --example read_statement FILE`. It shows personal data.

use std::process::ExitCode;

use payments::bank::{Limits, read};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's answer")]
fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: read_statement FILE");
        return ExitCode::FAILURE;
    };
    let file = std::fs::read(&path).map_err(|wrong| wrong.to_string());
    let file = file.and_then(|bytes| read(&bytes, Limits::default()).map_err(|wrong| wrong.to_string()));
    match file.and_then(|file| serde_json::to_string_pretty(&file).map_err(|wrong| wrong.to_string())) {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("{path}: {wrong}");
            ExitCode::FAILURE
        }
    }
}
