//! What a page costs on AWS, from what was measured and from list prices.

use serde::Serialize;

use crate::report::PageFigure;

/// List prices of a region in US dollars, first tier, without free tiers, as AWS's price pages of API Gateway (HTTP APIs),
/// Lambda (arm64), DynamoDB (on demand, standard), EC2 (data transfer out) and CloudWatch (logs) gave them in 2025.
struct Prices {
    region: &'static str,
    /// A million requests to the gateway.
    gateway: f64,
    /// A million invocations, and a GB-second.
    invocations: f64,
    gigabyte_second: f64,
    /// A million read request units.
    reads: f64,
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
        egress: 0.09,
        logs: 0.50,
    },
    Prices {
        region: "eu-central-1",
        gateway: 1.20,
        invocations: 0.20,
        gigabyte_second: 0.000_013_333_4,
        reads: 0.152_5,
        egress: 0.09,
        logs: 0.63,
    },
];

/// Memory of a function, and how long it is billed for a page: a round trip or two to the table and its own work.
const GIGABYTES: f64 = 0.25;
const SECONDS: f64 = 0.015;
/// The gateway's own line per request, as `infra/template.yaml` writes it.
const GATEWAY_LOG_BYTES: f64 = 130.0;

/// US dollars for a million pages: the mean of a customer's pages, each as often as the others.
#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    pub(crate) region: &'static str,
    pub(crate) gateway: f64,
    pub(crate) compute: f64,
    pub(crate) reads: f64,
    pub(crate) egress: f64,
    pub(crate) logs: f64,
    pub(crate) sum: f64,
}

/// For each region.
pub(crate) fn million_pages(pages: &[PageFigure], log_bytes: usize) -> Vec<Cost> {
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let mean = |of: fn(&PageFigure) -> f64| pages.iter().map(of).sum::<f64>() / pages.len() as f64;
    let units = mean(|page| page.units);
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let bytes = mean(|page| (page.bytes + page.head_bytes) as f64);
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let log_bytes = log_bytes as f64 + GATEWAY_LOG_BYTES;
    let cost = |prices: &Prices| {
        // A million times a byte are a thousandth of a gigabyte.
        let (gateway, reads) = (prices.gateway, units * prices.reads);
        let compute = prices.invocations + 1e6 * SECONDS * GIGABYTES * prices.gigabyte_second;
        let (egress, logs) = (bytes / 1e3 * prices.egress, log_bytes / 1e3 * prices.logs);
        Cost {
            region: prices.region,
            gateway,
            compute,
            reads,
            egress,
            logs,
            sum: gateway + compute + reads + egress + logs,
        }
    };
    REGIONS.iter().map(cost).collect()
}
