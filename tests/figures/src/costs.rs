//! What a month costs, as people read it in `infra/README.md`: a table, what is assumed in it, and the units it is made of.

use std::{fmt::Write, fs};

use testkit::Metric;

use crate::{
    month::{INVOICES, Measured, Month, PAGES, PAID_ONLINE, PORTION, SIGN_INS, YEARS},
    prices::Use,
    report::Figures,
    units::Units,
};

const OBSERVABILITY: &str = "infra/observability.yaml";

/// A row: its words, and what it takes of a month.
type Row = (&'static str, fn(&Month) -> f64);

const ROWS: [Row; 10] = [
    ("pages and PDFs", |month| month.pages),
    ("sign-ins, with the code's mail", |month| month.sign_ins),
    ("invoices: issued, written, mailed", |month| month.invoices),
    ("payments: told or booked, receipts mailed", |month| month.payments),
    ("the nightly check of every ledger", |month| month.checks),
    ("minutes and hours, whoever comes", |month| month.minutes),
    ("table: kept, and recoverable to any second", |month| month.table),
    ("PDFs kept", |month| month.files),
    ("alarms, metrics, dashboard", |month| month.fixed),
    ("**all of it**", |month| month.sum),
];

/// What a month is made of; alarms are counted as a stage with real money has them.
///
/// # Errors
/// When the template cannot be read.
pub(crate) fn measured(page: Use, units: Units, paper_bytes: usize) -> Result<Measured, String> {
    let template = fs::read_to_string(OBSERVABILITY).map_err(|error| format!("{OBSERVABILITY}: {error}"))?;
    let all = template.matches("MetricName:").count();
    let of_sandboxes = template.matches("Value: !Ref SandboxProvider }]").count();
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let [paper_bytes, alarms, metrics] = [paper_bytes, all - of_sandboxes, Metric::ALL.len()].map(|count| count as f64);
    Ok(Measured { page, units, paper_bytes, alarms, metrics })
}

/// All that stands between the marks.
pub(crate) fn of(figures: &Figures) -> String {
    let mut text = String::from(
        "Made by `cargo figures`: units are those of the local engine, sizes of pages, papers and items are measured, prices are AWS's \
         list prices of 2025 in US dollars, first tier, without free tiers, discounts and taxes.\n\n| a month of one tenant in a stage of its own, $ |",
    );
    for Month { region, customers, .. } in &figures.month {
        // Writing to a string cannot fail.
        let _ = write!(text, " {region}, {} |", thousands(*customers));
    }
    text += "\n|---|";
    text += &"--:|".repeat(figures.month.len());
    text += "\n";
    for (words, of) in ROWS {
        let _ = write!(text, "| {words} |");
        for month in &figures.month {
            let _ = write!(text, " {:.2} |", of(month));
        }
        text += "\n";
    }
    text += "| for each customer |";
    for Month { sum, customers, .. } in &figures.month {
        let _ = write!(text, " {:.4} |", sum / customers);
    }
    text += "\n\n";
    text += &assumed(figures);
    text += &units(&figures.units);
    text
}

fn assumed(figures: &Figures) -> String {
    let [(one, first), (other, second)] = figures.further_tenant;
    let sign_in = 100.0 * SIGN_INS;
    let online = 100.0 * PAID_ONLINE;
    format!(
        "Assumed: {INVOICES} invoice for each customer and month, {sign_in} % of them sign in once and look at {PAGES} pages and a PDF, \
         {online} % of the payments are told by a provider, and books and papers of {YEARS} years are kept. How long functions run is \
         guessed, it is a few percent; each metric counts as if it were told every hour, and each {PORTION} accounts of the nightly \
         check as a night of their own. One more tenant of a pool costs {first:.2} $ a month in {one} and {second:.2} $ in {other} while \
         nobody comes.\n\n"
    )
}

fn units(units: &Units) -> String {
    let mut text = String::from("| measured, once | read units | write units |\n|---|--:|--:|\n");
    for (words, spent) in [
        ("a sign-in", units.sign_in),
        ("an invoice until its mail has left", units.issue),
        ("a payment through a provider, beside its pages", units.pay),
        ("a payment that the integrator books", units.book),
        ("a minute without work, one tenant", units.minute),
        ("the same for one more tenant", units.further_tenant),
        ("the first minute of an hour, beside that", units.hour),
        ("an account with the invoices of all years, checked", units.check),
        ("a night's check beside that", units.night),
    ] {
        let _ = writeln!(text, "| {words} | {:.1} | {:.1} |", spent.reads, spent.writes);
    }
    let [customer, invoice] = [units.customer, units.invoice].map(|weight| weight.all() / 1e3);
    let _ = writeln!(
        text,
        "\nA customer leaves {customer:.1} kB in the table and its indexes, an invoice that was mailed and paid {invoice:.1} kB."
    );
    text
}

/// 1,000 customers, and so on.
fn thousands(count: f64) -> String {
    format!("{:.0},000 customers", count / 1e3)
}
