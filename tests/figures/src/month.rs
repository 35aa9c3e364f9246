//! What a month of one tenant costs in a stage of its own, from what was measured and from list prices.

use serde::Serialize;

use crate::{
    prices::{Prices, REGIONS, Use},
    units::{Spent, Units},
    weight::Weight,
};

/// Customers of the three sizes that are shown.
pub(crate) const SIZES: [f64; 3] = [1_000.0, 10_000.0, 100_000.0];
/// Each customer is sent an invoice a month, as tenants with contracts do.
pub(crate) const INVOICES: u32 = 1;
/// Every second one comes and signs in: the others read the PDF in the mail.
pub(crate) const SIGN_INS: f64 = 0.5;
/// Whoever comes looks at some pages, and at one PDF.
pub(crate) const PAGES: f64 = 4.0;
/// Every second invoice is paid through a provider, who tells it; the others are booked by the integrator.
pub(crate) const PAID_ONLINE: f64 = 0.5;
/// Invoices and papers of so many years are kept when it is counted: the law wants more, most tenants begin with less.
pub(crate) const YEARS: u32 = 3;
/// A customer's invoices then.
pub(crate) const KEPT: u32 = INVOICES * 12 * YEARS;

const DAYS: f64 = 30.0;
const HOURS: f64 = DAYS * 24.0;
const MINUTES: f64 = HOURS * 60.0;
/// Functions that the schedule calls.
const CALLED: f64 = 2.0;

/// How long functions are billed for what no page is: guessed from round trips and from the time that a paper takes here.
/// A second of documents counts as four: it has four times the memory (`infra/template.yaml`).
const OF_DOCUMENTS: f64 = 4.0;
/// A paper with a cold engine.
const PAPER_SECONDS: f64 = OF_DOCUMENTS * 0.3;
/// A mail waits for SES.
const MAIL_SECONDS: f64 = 0.15;
const SIGN_IN_SECONDS: f64 = MAIL_SECONDS;
const ISSUE_SECONDS: f64 = 0.02 + PAPER_SECONDS + MAIL_SECONDS;
/// Beside the message of the provider: its checkout is made, and a mail with a receipt follows.
const PAY_SECONDS: f64 = 0.5 + PAPER_SECONDS + MAIL_SECONDS;
const BOOK_SECONDS: f64 = 0.03;
/// A PDF that was drawn before: the session is looked up, and the browser sent to the bucket.
const PDF_SECONDS: f64 = OF_DOCUMENTS * 0.015;
/// Two reads, one after the other.
const CHECK_SECONDS: f64 = 0.01;
const MINUTE_SECONDS: f64 = (1.0 + OF_DOCUMENTS) * 0.03;
/// Accounts of a portion, as worker takes them (`jobs/ledger.rs`).
pub(crate) const PORTION: f64 = 50.0;
/// A request's answer that is no page.
const ANSWER_BYTES: f64 = 1_000.0;
/// The two lines in CloudWatch's format that worker writes each minute.
const METRIC_LINES_BYTES: f64 = 2.0 * 330.0;

/// What a stage costs before anybody comes: an alarm's metric, a metric of our own that is told every hour, the dashboard.
const ALARM: f64 = 0.10;
const METRIC: f64 = 0.30;
const DASHBOARD: f64 = 3.00;

/// What is counted of a stage, measured or read from its templates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) page: Use,
    pub(crate) units: Units,
    /// A PDF.
    pub(crate) paper_bytes: f64,
    /// Metrics that alarms look at, and those that functions tell.
    pub(crate) alarms: f64,
    pub(crate) metrics: f64,
}

/// US dollars for a month.
#[derive(Debug, Serialize)]
pub(crate) struct Month {
    pub(crate) region: &'static str,
    pub(crate) customers: f64,
    pub(crate) pages: f64,
    pub(crate) sign_ins: f64,
    pub(crate) invoices: f64,
    pub(crate) payments: f64,
    pub(crate) checks: f64,
    pub(crate) minutes: f64,
    pub(crate) table: f64,
    pub(crate) files: f64,
    pub(crate) fixed: f64,
    pub(crate) sum: f64,
}

/// Each region and size.
pub(crate) fn months(measured: &Measured) -> Vec<Month> {
    let in_region = |prices: &Prices| SIZES.map(|customers| month(measured, prices, customers));
    REGIONS.iter().flat_map(in_region).collect()
}

/// What one more tenant adds to the minutes of a pool, a month in each region.
pub(crate) fn further_tenant(units: &Units) -> [(&'static str, f64); 2] {
    REGIONS.each_ref().map(|prices| (prices.region, MINUTES * of(units.further_tenant).price(prices)))
}

fn month(measured: &Measured, prices: &Prices, customers: f64) -> Month {
    let Measured { page, units, paper_bytes, alarms, metrics } = measured;
    let seen = PAGES * page.price(prices) + pdf(page, *paper_bytes).price(prices);
    let pages = customers * SIGN_INS * seen;
    let sign_ins = customers * SIGN_INS * sign_in(page, units).price(prices);
    let issued = customers * f64::from(INVOICES);
    let invoices = issued * issue(page, units, *paper_bytes).price(prices);
    let online = pay(page, units, *paper_bytes).price(prices);
    let booked = request(page, units.book, BOOK_SECONDS).price(prices);
    let payments = issued * (PAID_ONLINE * online + (1.0 - PAID_ONLINE) * booked);
    let account = Use { seconds: CHECK_SECONDS, ..of(units.check) }.price(prices);
    let checks = DAYS * (customers * account + (customers / PORTION).ceil() * of(units.night).price(prices));
    let minutes = MINUTES * minute(units).price(prices) + HOURS * of(units.hour).price(prices);
    let kept = customers * f64::from(KEPT);
    let stored = |of: fn(Weight) -> f64| (customers * of(units.customer) + kept * of(units.invoice)) / 1e9;
    let table = stored(Weight::all) * prices.table_month + stored(|weight| weight.table) * prices.recovery_month;
    // Each invoice, and the receipt of each payment that was told; it is as large at most.
    let files = kept * (1.0 + PAID_ONLINE) * paper_bytes / 1e9 * prices.files_month;
    let fixed = alarms * ALARM + metrics * METRIC + DASHBOARD;
    let sum = pages + sign_ins + invoices + payments + checks + minutes + table + files + fixed;
    Month {
        region: prices.region,
        customers,
        pages,
        sign_ins,
        invoices,
        payments,
        checks,
        minutes,
        table,
        files,
        fixed,
        sum,
    }
}

/// Units and nothing else.
fn of(spent: Spent) -> Use {
    Use { reads: spent.reads, writes: spent.writes, ..Use::default() }
}

/// A request that is no page.
fn request(page: &Use, spent: Spent, seconds: f64) -> Use {
    let log_bytes = page.log_bytes;
    Use { requests: 1.0, invocations: 1.0, seconds, bytes: ANSWER_BYTES, log_bytes, ..of(spent) }
}

/// Address, mail, code; the form itself is a page.
fn sign_in(page: &Use, units: &Units) -> Use {
    Use {
        requests: 3.0,
        invocations: 3.0,
        bytes: page.bytes + 2.0 * ANSWER_BYTES,
        log_bytes: 3.0 * page.log_bytes,
        mails: 1.0,
        ..request(page, units.sign_in, SIGN_IN_SECONDS)
    }
}

/// The integrator's request, the paper, the mail that carries it.
fn issue(page: &Use, units: &Units, paper_bytes: f64) -> Use {
    mailed(Use { invocations: 3.0, ..request(page, units.issue, ISSUE_SECONDS) }, paper_bytes)
}

/// A paper is kept, fetched again and attached to a mail: in base64, which makes four bytes of three.
fn mailed(what: Use, paper_bytes: f64) -> Use {
    Use { puts: 1.0, gets: 1.0, mails: 1.0, attached_bytes: paper_bytes / 3.0 * 4.0, ..what }
}

/// A PDF that was drawn before, from the bucket itself.
fn pdf(page: &Use, paper_bytes: f64) -> Use {
    Use { seconds: PDF_SECONDS, bytes: ANSWER_BYTES + paper_bytes, gets: 1.0, ..*page }
}

/// The pages to the provider and back, its message, and the mail with a receipt.
fn pay(page: &Use, units: &Units, paper_bytes: f64) -> Use {
    let told = Use {
        requests: 4.0,
        invocations: 6.0,
        reads: units.pay.reads + 3.0 * page.reads,
        bytes: ANSWER_BYTES + 3.0 * page.bytes,
        log_bytes: 4.0 * page.log_bytes,
        ..request(page, units.pay, PAY_SECONDS)
    };
    mailed(told, paper_bytes)
}

/// Worker and documents are called, and worker tells two levels.
fn minute(units: &Units) -> Use {
    Use { invocations: CALLED, seconds: MINUTE_SECONDS, log_bytes: METRIC_LINES_BYTES, ..of(units.minute) }
}
