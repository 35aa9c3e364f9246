//! What pages and payments cost on AWS, from what was measured and from list prices.

use serde::Serialize;

use crate::{portal::Cost, report::PageFigure};

/// List prices of a region in US dollars, first tier, without free tiers, as AWS's price pages of API Gateway (HTTP APIs),
/// Lambda (arm64), DynamoDB (on demand, standard), EC2 (data transfer out) and CloudWatch (logs) gave them in 2025.
struct Prices {
    region: &'static str,
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
}

const REGIONS: [Prices; 2] = [
    Prices {
        region: "us-east-1",
        gateway: 1.00,
        invocations: 0.20,
        gigabyte_second: 0.000_013_333_4,
        reads: 0.125,
        writes: 0.625,
        egress: 0.09,
        logs: 0.50,
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

/// What one request uses.
struct Use {
    seconds: f64,
    reads: f64,
    writes: f64,
    bytes: f64,
    log_bytes: f64,
}

impl Use {
    fn bill(&self, prices: &Prices) -> Bill {
        let compute = prices.invocations + 1e6 * self.seconds * GIGABYTES * prices.gigabyte_second;
        let (reads, writes) = (self.reads * prices.reads, self.writes * prices.writes);
        // A million times a byte are a thousandth of a gigabyte.
        let (egress, logs) = (self.bytes / 1e3 * prices.egress, self.log_bytes / 1e3 * prices.logs);
        let sum = prices.gateway + compute + reads + writes + egress + logs;
        Bill { region: prices.region, gateway: prices.gateway, compute, reads, writes, egress, logs, sum }
    }
}

/// A million pages in each region: the mean of a customer's pages, each as often as the others.
pub(crate) fn million_pages(pages: &[PageFigure], log_bytes: usize) -> Vec<Bill> {
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let mean = |of: fn(&PageFigure) -> f64| pages.iter().map(of).sum::<f64>() / pages.len() as f64;
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let page = Use {
        seconds: PAGE_SECONDS,
        reads: mean(|page| page.cost.reads),
        writes: mean(|page| page.cost.writes),
        bytes: mean(|page| (page.bytes + page.head_bytes) as f64),
        log_bytes: log_bytes as f64 + GATEWAY_LOG_BYTES,
    };
    REGIONS.iter().map(|prices| page.bill(prices)).collect()
}

/// A million payments told by a provider, in each region.
pub(crate) fn million_webhooks(webhook: Cost, log_bytes: usize) -> Vec<Bill> {
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let message = Use {
        seconds: WEBHOOK_SECONDS,
        reads: webhook.reads,
        writes: webhook.writes,
        bytes: WEBHOOK_ANSWER_BYTES,
        log_bytes: log_bytes as f64 + GATEWAY_LOG_BYTES,
    };
    REGIONS.iter().map(|prices| message.bill(prices)).collect()
}
