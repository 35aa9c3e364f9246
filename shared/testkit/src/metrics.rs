//! What the functions tell of their troubles, in the lines that CloudWatch reads, kept apart for each test by its thread.

use std::cell::RefCell;

use serde_json::{Value, json};
use web::{Stage, metrics};

use crate::Metric;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn keep(line: &str) {
    LINES.with_borrow_mut(|lines| lines.push(line.to_owned()));
}

/// Begins to listen.
pub(crate) fn listen() {
    metrics::tell_to(Stage::Local, keep);
}

/// Forgets what was told.
pub(crate) fn clear() {
    LINES.with_borrow_mut(Vec::clear);
}

/// Every value of a metric in this test so far, as CloudWatch finds it.
pub(crate) fn told(metric: Metric) -> Vec<u64> {
    let lines = LINES.with_borrow(Clone::clone);
    lines.iter().filter_map(|line| value(line, metric)).collect()
}

/// The value of a metric in a line that describes it.
fn value(line: &str, metric: Metric) -> Option<u64> {
    let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let described = json!([{ "Name": metric.name(), "Unit": "Count" }]);
    (line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == described).then(|| line[metric.name()].as_u64())?
}
