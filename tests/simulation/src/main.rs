//! `cargo run --bin simulation`: no cent lost or made, whatever happens.
//!
//! A provider's world is drawn from a seed: customers pay invoices, top accounts up and spend balances; charges and refunds
//! come doubled, late, in any order and for other amounts; three calls in ten meet a fault between SDK and engine, and some
//! deliveries end in the middle. Whatever failed is told again, as providers do. At the end the books are compared with the
//! provider's: every charge and refund is booked exactly once, every ledger replays, everything sums to zero, and nothing
//! is held or waits.
//!
//! The same seed gives the same world. A mutant (`--mutant`) is a fault of the product itself; the run must find it, so the
//! program then fails when all is well.

mod audit;
mod house;
mod random;
mod world;

use clap::Parser;
use testkit::faults::Mutant;

/// Plays payments against the real engine and audits the books.
#[derive(Debug, Parser)]
struct Options {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Payments over all seeds.
    #[arg(long, default_value_t = 2_000)]
    payments: u64,
    /// 100,000 payments over 20 seeds.
    #[arg(long)]
    full: bool,
    /// Calls of a hundred that meet a fault.
    #[arg(long, default_value_t = 30)]
    faults: u64,
    /// A fault of the product that the run must find: dropped-condition, dropped-guard or swapped-sign.
    #[arg(long, value_parser = mutant)]
    mutant: Option<Mutant>,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    Mutant::named(name).ok_or_else(|| "must be dropped-condition, dropped-guard or swapped-sign".to_owned())
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let mut options = Options::parse();
    if options.full {
        (options.seeds, options.payments) = (20, 100_000);
    }
    let each = options.payments.div_ceil(options.seeds.max(1));
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for seed in options.seed..options.seed + options.seeds {
        let played = world::play(seed, each, options.faults, options.mutant).await;
        let is_right = played.findings.is_empty() != options.mutant.is_some();
        say(&format!("seed {seed}: {played}"));
        for finding in played.findings.iter().take(10) {
            say(&format!("  {finding}"));
        }
        if is_right { passed += 1 } else { failed += 1 }
    }
    let what = options.mutant.map_or("nothing found", |_| "the mutant was found");
    say(&format!("{what}: {passed} passed, {failed} failed"));
    if failed == 0 { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, reason = "a program of the workbench says what it found")]
fn say(line: &str) {
    println!("{line}");
}
