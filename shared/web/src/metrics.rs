//! What the portal tells of its own troubles: one line of CloudWatch's embedded metric format each, beside the log. The alarms
//! of a stage stand on these names.
//!
//! A line carries the stage, a name and a count, and nothing else: no tenant, nobody's data. Each further dimension would be
//! as many more metrics that are billed.
//!
//! Like the log, the lines go where the process says once: to stdout on AWS, to a list in tests. Where nobody said it, in the
//! local cloud, they are told to the log of whoever debugs.

use std::{io::Write as _, sync::OnceLock};

use jiff::Timestamp;
use serde_json::json;

use crate::Stage;

/// Under which name CloudWatch keeps them.
const NAMESPACE: &str = "Kundenkontor";

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// Everything that is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Metric {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Metric {
            /// All metrics.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in alarms and on the dashboard.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

metrics! {
    /// A provider's message that nobody proved: it is forged, or cannot be read.
    WebhooksRefused,
    /// A provider's message that was not carried out: it comes again, or lies with staff.
    WebhooksFailed,
    /// How many payments wait for their provider longer than it ever takes, over all tenants; a level, told each minute.
    PaymentsPendingTooLong,
    /// How much money waits for staff, over all tenants; a level, counted each hour and told each minute.
    TransfersUnmatched,
    /// Accounts whose replay at night found something wrong.
    LedgerFaults,
    /// Accounts that were replayed at night.
    LedgerChecks,
    /// A mail came back for good, or its reader complained.
    MailsBounced,
    /// A mail that SES refused again and again is not tried any more.
    MailsGivenUp,
    /// A job that failed again and again is not tried any more.
    JobsGivenUp,
    /// Something that is due failed, and is tried again later.
    PutOff,
    /// An endpoint of webhooks that took nothing for days is not tried any more.
    HooksDisabled,
}

/// Where lines go, and what stands in each.
struct Teller {
    stage: Stage,
    write: fn(&str),
}

static TELLER: OnceLock<Teller> = OnceLock::new();

/// From now on each metric is written as a line. A second start in one process (tests) keeps the first.
pub fn tell_to(stage: Stage, write: fn(&str)) {
    let _already_set = TELLER.set(Teller { stage, write });
}

/// Writes a line of its own to stdout, from where Lambda brings it to CloudWatch.
pub fn to_stdout(line: &str) {
    // That a metric is lost is no reason for work to fail.
    let _lost = writeln!(std::io::stdout().lock(), "{line}");
}

/// Tells how often something happened, or how much there is of it.
pub fn tell(metric: Metric, count: u64, now: Timestamp) {
    match TELLER.get() {
        Some(Teller { stage, write }) => write(&line(*stage, metric, count, now)),
        None => tracing::debug!(metric = metric.name(), count, "told"),
    }
}

fn line(stage: Stage, metric: Metric, count: u64, now: Timestamp) -> String {
    let name = metric.name();
    let described = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["Stage"]],
        "Metrics": [{ "Name": name, "Unit": "Count" }],
    });
    let told = json!({
        "_aws": { "Timestamp": now.as_millisecond(), "CloudWatchMetrics": [described] },
        "Stage": stage.name(),
        (name): count,
    });
    told.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads_and_nothing_more() {
        let now = "2026-11-22T09:00:00.25Z".parse().unwrap();
        let line = line(Stage::Prod, Metric::PutOff, 3, now);
        assert!(!line.contains('\n'), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        let told = json!({
            "_aws": {
                "Timestamp": 1_795_338_000_250_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Kundenkontor",
                    "Dimensions": [["Stage"]],
                    "Metrics": [{ "Name": "PutOff", "Unit": "Count" }],
                }],
            },
            "Stage": "prod",
            "PutOff": 3,
        });
        assert_eq!(read, told);
    }

    #[test]
    fn no_two_metrics_share_a_name() {
        let mut names: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Metric::ALL.len());
    }
}
