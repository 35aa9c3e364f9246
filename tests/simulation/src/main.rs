//! `cargo run --bin simulation`: no cent lost or made, whatever happens.
//!
//! A world is drawn from a seed: customers pay invoices, top accounts up and spend balances; through the sandbox provider's
//! tellings, and through every adapter at its vendor on loopback: on a page or with something kept, paid, declined, late,
//! given back, disputed and won. Messages come doubled, late, changed, in any order or not at all; three calls in ten to the
//! table meet a fault between SDK and engine and some to a provider, and some processes end in the middle. At the end
//! the books are compared with the providers' own: every charge is booked exactly once, every payment kept here what it
//! kept there, nothing was charged twice or with what was taken away, every ledger replays, everything sums to zero, and
//! nothing is held or waits.
//!
//! The same seed draws the same world. A mutant (`--mutant`) is a fault of the product itself; the run must find it, so the
//! program then fails when all is well.

#![allow(clippy::large_futures, reason = "one program on threads of its own, whose world is one large future")]

mod acts;
mod asking;
mod audit;
mod begin;
mod house;
mod keeping;
mod life;
mod mutant;
mod post;
mod rail;
mod random;
mod sandbox;
mod world;

use clap::Parser;
use domain::payment::ProviderName;

use mutant::Mutant;
use world::Conditions;

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
    /// A fault of the product that the run must find: of the table (dropped-condition, dropped-guard, swapped-sign) or of
    /// an adapter (two-names, unseen-returns).
    #[arg(long, value_parser = Mutant::named)]
    mutant: Option<Mutant>,
    /// Only payments of one provider: sandbox, stripe, paypal, mollie or gocardless.
    #[arg(long, value_parser = provider)]
    rail: Option<ProviderName>,
}

fn provider(name: &str) -> Result<ProviderName, String> {
    ProviderName::named(name).ok_or_else(|| "must be sandbox, stripe, paypal, mollie or gocardless".to_owned())
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let mut options = Options::parse();
    if options.full {
        (options.seeds, options.payments) = (20, 100_000);
    }
    let each = options.payments.div_ceil(options.seeds.max(1));
    let conditions = Conditions { faults: options.faults, mutant: options.mutant, only: options.rail };
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for seed in options.seed..options.seed + options.seeds {
        let played = world::play(seed, each, conditions).await;
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
