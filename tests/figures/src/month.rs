//! What a month of one tenant costs in a stage of its own, from what was measured and from list prices.

use serde::Serialize;

use crate::{
    prices::{Prices, REGIONS, Use},
    units::{Spent, Units},
};

/// Customers of the three sizes that are shown.
pub(crate) const SIZES: [f64; 3] = [1_000.0, 10_000.0, 100_000.0];
/// Each customer is sent an invoice a month, as tenants with contracts do.
pub(crate) const INVOICES: f64 = 1.0;
/// Every second one comes and signs in: the others read the PDF in the mail.
pub(crate) const SIGN_INS: f64 = 0.5;
/// Whoever comes looks at the start page, the list, an invoice, its PDF, and one page more.
pub(crate) const PAGES: f64 = 5.0;
/// Every second invoice is paid through a provider, who tells it; the others are booked by the integrator.
pub(crate) const PAID_ONLINE: f64 = 0.5;
/// Invoices and papers of so many years are kept when it is counted: the law wants more, most tenants begin with less.
pub(crate) const YEARS: f64 = 3.0;

const MONTHS: f64 = 12.0;
const DAYS: f64 = 30.0;
const HOURS: f64 = DAYS * 24.0;
const MINUTES: f64 = HOURS * 60.0;
/// Functions that the schedule calls.
const CALLED: f64 = 2.0;

/// How long functions are billed for what no page is: guessed from round trips and from the time that a paper takes here.
/// A sign-in waits for SES once.
const SIGN_IN_SECONDS: f64 = 0.15;
/// The request, the paper with a cold engine, the mail.
const ISSUE_SECONDS: f64 = 0.02 + 0.3 + 0.15;
/// Beside the message of the provider: its checkout is made, and a mail with a receipt follows.
const PAY_SECONDS: f64 = 0.5 + 0.45;
const BOOK_SECONDS: f64 = 0.03;
/// Two reads, one after the other.
const CHECK_SECONDS: f64 = 0.01;
const MINUTE_SECONDS: f64 = 0.03;
/// A request's answer that is no page.
const ANSWER_BYTES: f64 = 1_000.0;
/// The line of CloudWatch's format that worker writes each minute.
const METRIC_LINE_BYTES: f64 = 330.0;

/// What a stage costs before anybody comes: an alarm's metric, a metric of our own, the dashboard, a key.
const ALARM: f64 = 0.10;
const METRIC: f64 = 0.30;
const DASHBOARD: f64 = 3.00;
const KEY: f64 = 1.00;

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
    let pages = customers * SIGN_INS * PAGES * page.price(prices);
    let sign_ins = customers * SIGN_INS * sign_in(page, units).price(prices);
    let invoices = customers * INVOICES * issue(page, units, *paper_bytes).price(prices);
    let online = pay(page, units, *paper_bytes).price(prices);
    let booked = request(page, units.book, BOOK_SECONDS).price(prices);
    let payments = customers * INVOICES * (PAID_ONLINE * online + (1.0 - PAID_ONLINE) * booked);
    let checks = customers * DAYS * Use { seconds: CHECK_SECONDS, ..of(units.check) }.price(prices);
    let minutes = MINUTES * minute(units).price(prices) + HOURS * of(units.hour).price(prices);
    let kept = customers * INVOICES * MONTHS * YEARS;
    let stored = (customers * units.customer_bytes + kept * units.invoice_bytes) / 1e9;
    let table = stored * (prices.table_month + prices.recovery_month);
    let files = kept * paper_bytes / 1e9 * prices.files_month;
    let fixed = alarms * ALARM + metrics * METRIC + DASHBOARD + KEY;
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

/// The integrator's request, the paper, the mail that carries it: in base64, which makes four bytes of three.
fn issue(page: &Use, units: &Units, paper_bytes: f64) -> Use {
    Use {
        invocations: 3.0,
        puts: 1.0,
        gets: 1.0,
        mails: 1.0,
        attached_bytes: paper_bytes / 3.0 * 4.0,
        ..request(page, units.issue, ISSUE_SECONDS)
    }
}

/// The pages to the provider and back, its message, and the mail with a receipt.
fn pay(page: &Use, units: &Units, paper_bytes: f64) -> Use {
    Use {
        requests: 4.0,
        invocations: 6.0,
        seconds: PAY_SECONDS,
        reads: units.pay.reads + 3.0 * page.reads,
        bytes: ANSWER_BYTES + 3.0 * page.bytes,
        log_bytes: 4.0 * page.log_bytes,
        ..issue(page, &Units { issue: units.pay, ..*units }, paper_bytes)
    }
}

/// Both functions are called, and one tells a level.
fn minute(units: &Units) -> Use {
    let (seconds, log_bytes) = (CALLED * MINUTE_SECONDS, METRIC_LINE_BYTES);
    Use { invocations: CALLED, seconds, log_bytes, ..of(units.minute) }
}
