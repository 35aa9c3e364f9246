//! AWS's list prices, and what pages and payments cost by them.

use serde::Serialize;

use crate::{portal::Cost, report::PageFigure};

/// List prices of a region in US dollars, first tier, without free tiers, as AWS's price pages of API Gateway (HTTP APIs),
/// Lambda (arm64), DynamoDB (on demand, standard), EC2 (data transfer out), CloudWatch (logs), S3 (standard) and SES gave them in
/// 2025.
pub(crate) struct Prices {
    pub(crate) region: &'static str,
    /// A million requests to the gateway.
    gateway: f64,
    /// A million invocations, and a GB-second.
    invocations: f64,
    gigabyte_second: f64,
    /// A million read request units, and write request units.
    reads: f64,
    writes: f64,
    /// A gigabyte out to the internet.
    egress: f64,
    /// A gigabyte of log lines.
    logs: f64,
    /// A million files put into a bucket, and a million got from there.
    puts: f64,
    gets: f64,
    /// A million mails, and a gigabyte attached to them.
    mails: f64,
    attached: f64,
    /// A gigabyte for a month: in the table, for its recovery to a point in time, in a bucket.
    pub(crate) table_month: f64,
    pub(crate) recovery_month: f64,
    pub(crate) files_month: f64,
}

pub(crate) const REGIONS: [Prices; 2] = [
    Prices {
        region: "us-east-1",
        gateway: 1.00,
        invocations: 0.20,
        gigabyte_second: 0.000_013_333_4,
        reads: 0.125,
        writes: 0.625,
        egress: 0.09,
        logs: 0.50,
        puts: 5.0,
        gets: 0.40,
        mails: 100.0,
        attached: 0.12,
        table_month: 0.25,
        recovery_month: 0.20,
        files_month: 0.023,
    },
    Prices {
        region: "eu-central-1",
        gateway: 1.20,
        invocations: 0.20,
        gigabyte_second: 0.000_013_333_4,
        reads: 0.152_5,
        writes: 0.762_5,
        egress: 0.09,
        logs: 0.63,
        puts: 5.4,
        gets: 0.43,
        mails: 100.0,
        attached: 0.12,
        table_month: 0.306,
        recovery_month: 0.244_8,
        files_month: 0.024_5,
    },
];

/// Memory of a function, and how long it is billed: a round trip or two to the table and its own work.
const GIGABYTES: f64 = 0.25;
const PAGE_SECONDS: f64 = 0.015;
/// A message of a provider waits for four: the directory is cached, the message kept, the rest read and committed.
const WEBHOOK_SECONDS: f64 = 0.03;
/// The gateway's own line per request, as `infra/template.yaml` writes it.
const GATEWAY_LOG_BYTES: f64 = 130.0;
/// What a provider is answered: a status and its headers.
const WEBHOOK_ANSWER_BYTES: f64 = 1_000.0;

/// US dollars for a million requests.
#[derive(Debug, Serialize)]
pub(crate) struct Bill {
    pub(crate) region: &'static str,
    pub(crate) gateway: f64,
    pub(crate) compute: f64,
    pub(crate) reads: f64,
    pub(crate) writes: f64,
    pub(crate) egress: f64,
    pub(crate) logs: f64,
    pub(crate) sum: f64,
}

/// What something uses once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    /// Requests to the gateway, invocations of functions, and how long these are billed in all.
    pub(crate) requests: f64,
    pub(crate) invocations: f64,
    pub(crate) seconds: f64,
    pub(crate) reads: f64,
    pub(crate) writes: f64,
    /// Out to the internet, into the logs.
    pub(crate) bytes: f64,
    pub(crate) log_bytes: f64,
    /// Files put into a bucket, and got from there.
    pub(crate) puts: f64,
    pub(crate) gets: f64,
    pub(crate) mails: f64,
    pub(crate) attached_bytes: f64,
}

impl Use {
    /// A million of it, without files and mails: pages and messages have none.
    fn bill(&self, prices: &Prices) -> Bill {
        let gateway = self.requests * prices.gateway;
        let compute = self.invocations * prices.invocations + 1e6 * self.seconds * GIGABYTES * prices.gigabyte_second;
        let (reads, writes) = (self.reads * prices.reads, self.writes * prices.writes);
        // A million times a byte are a thousandth of a gigabyte.
        let (egress, logs) = (self.bytes / 1e3 * prices.egress, self.log_bytes / 1e3 * prices.logs);
        let sum = gateway + compute + reads + writes + egress + logs;
        Bill { region: prices.region, gateway, compute, reads, writes, egress, logs, sum }
    }

    /// US dollars for it once, with files and mails.
    pub(crate) fn price(&self, prices: &Prices) -> f64 {
        let files = self.puts * prices.puts + self.gets * prices.gets;
        let mails = self.mails * prices.mails + self.attached_bytes / 1e3 * prices.attached;
        (self.bill(prices).sum + files + mails) / 1e6
    }
}

/// A page: the mean of a customer's pages, each as often as the others.
#[expect(clippy::cast_precision_loss, reason = "thousands")]
pub(crate) fn page(pages: &[PageFigure], log_bytes: usize) -> Use {
    let mean = |of: fn(&PageFigure) -> f64| pages.iter().map(of).sum::<f64>() / pages.len() as f64;
    Use {
        requests: 1.0,
        invocations: 1.0,
        seconds: PAGE_SECONDS,
        reads: mean(|page| page.cost.reads),
        writes: mean(|page| page.cost.writes),
        bytes: mean(|page| (page.bytes + page.head_bytes) as f64),
        log_bytes: log_bytes as f64 + GATEWAY_LOG_BYTES,
        ..Use::default()
    }
}

/// A payment that a provider tells.
pub(crate) fn message(webhook: Cost, log_bytes: usize) -> Use {
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let log_bytes = log_bytes as f64 + GATEWAY_LOG_BYTES;
    Use {
        requests: 1.0,
        invocations: 1.0,
        seconds: WEBHOOK_SECONDS,
        reads: webhook.reads,
        writes: webhook.writes,
        bytes: WEBHOOK_ANSWER_BYTES,
        log_bytes,
        ..Use::default()
    }
}

/// A million of something in each region.
pub(crate) fn a_million(what: &Use) -> Vec<Bill> {
    REGIONS.iter().map(|prices| what.bill(prices)).collect()
}
