//! Sends records: many at once where the API takes many, several requests side by side, one customer's in order.

use std::{
    collections::{BTreeMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::{Stream, stream};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::{
    progress::{Fate, Settled},
    record::{Record, What},
};
use crate::{
    Failure,
    client::{Answer, Api, Body, FieldError, Request, pause_before},
    options::SendingPace,
};

/// Largest body the API takes.
pub(crate) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// How often lines are sent again that failed for the moment only.
const TRIES: u32 = 6;
/// What failed for the moment only: the portal says so by these words.
const FOR_THE_MOMENT: [&str; 3] = ["unavailable", "changed_meanwhile", "too_many_requests"];

/// What came of a request.
pub(crate) type Sent = Result<Vec<Settled>, Failure>;

/// Records that go out together.
#[derive(Debug, PartialEq, Eq)]
struct Batch {
    path: String,
    records: Vec<Record>,
}

/// Sends all, and tells what became of each. After a failure or Ctrl-C nothing new begins; what is under way is told still.
pub(crate) fn send<'a>(
    api: &'a Api,
    what: What,
    records: Vec<Record>,
    pace: SendingPace,
    halt: &'a AtomicBool,
) -> impl Stream<Item = Sent> + Unpin + 'a {
    let limit = if what.takes_lines() { usize::from(pace.batch) } else { 1 };
    let lanes = lanes(records, usize::from(pace.parallel), limit);
    stream::select_all(lanes.into_iter().map(|lane| {
        Box::pin(stream::unfold(lane, move |mut lane| async move {
            if halt.load(Ordering::Relaxed) || api.stop().is_told() {
                return None;
            }
            let batch = lane.pop_front()?;
            let sent = if what.takes_lines() { send_lines(api, batch).await } else { send_one(api, batch).await };
            Some((sent, lane))
        }))
    }))
}

/// Each owner has one lane, so that no two requests work on one customer's account, and the last of several lines about
/// one thing wins, as in the file.
fn lanes(records: Vec<Record>, parallel: usize, limit: usize) -> Vec<VecDeque<Batch>> {
    let mut lanes: Vec<BTreeMap<String, Vec<Record>>> = Vec::new();
    lanes.resize_with(parallel, BTreeMap::new);
    for record in records {
        let mut hasher = DefaultHasher::new();
        record.owner.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % parallel as u64).unwrap_or_default();
        if let Some(lane) = lanes.get_mut(place) {
            lane.entry(record.path.clone()).or_default().push(record);
        }
    }
    let batched = |lane: BTreeMap<String, Vec<Record>>| {
        lane.into_iter().flat_map(|(path, records)| batches(&path, records, limit)).collect()
    };
    lanes.into_iter().map(batched).collect()
}

/// As large as the API takes them.
fn batches(path: &str, records: Vec<Record>, limit: usize) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let more = record.body.len() + 1;
        match batches.last_mut().filter(|batch| batch.records.len() < limit && bytes + more <= MAX_BODY_BYTES) {
            Some(batch) => {
                bytes += more;
                batch.records.push(record);
            }
            None => {
                bytes = more;
                batches.push(Batch { path: path.to_owned(), records: vec![record] });
            }
        }
    }
    batches
}

/// What the API says of an import.
#[derive(Debug, Deserialize)]
struct ImportResult {
    results: Vec<LineResult>,
}

#[derive(Debug, Deserialize)]
struct LineResult {
    /// Number of the line in the body, from 1.
    line: usize,
    outcome: Outcome,
    #[serde(default)]
    errors: Vec<FieldError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Created,
    Updated,
    Unchanged,
    Failed,
}

/// Sends a batch, and again what of it failed for the moment only.
async fn send_lines(api: &Api, batch: Batch) -> Sent {
    let Batch { path, records } = batch;
    let (mut waiting, mut settled, mut tried) = (records, Vec::new(), 1);
    loop {
        let lines: Vec<&str> = waiting.iter().map(|record| record.body.as_str()).collect();
        let body = Body::Lines(lines.join("\n") + "\n");
        let answer = api.ask(&Request::new(Method::POST, path.as_str(), body)).await?;
        if !answer.status.is_success() {
            return Err(answer.failure(api));
        }
        let result: ImportResult = answer.read()?;
        let (done, again) = sorted(waiting, result, tried < TRIES)?;
        settled.extend(done);
        if again.is_empty() {
            return Ok(settled);
        }
        waiting = again;
        // What stands in the answer must not be lost for Ctrl-C: these lines are sent again by the next run.
        let pause = pause_before(tried, None, fastrand::f64()).unwrap_or_default();
        if api.rest(pause).await.is_err() {
            return Ok(settled);
        }
        tried += 1;
    }
}

/// What is settled, and what is to be sent again. Every record must be answered: what is not told of cannot be counted.
fn sorted(
    records: Vec<Record>,
    result: ImportResult,
    may_try_again: bool,
) -> Result<(Vec<Settled>, Vec<Record>), Failure> {
    let mut results: BTreeMap<usize, LineResult> = result.results.into_iter().map(|one| (one.line, one)).collect();
    let (mut settled, mut again) = (Vec::with_capacity(records.len()), Vec::new());
    for (place, record) in records.into_iter().enumerate() {
        let Some(LineResult { outcome, errors, .. }) = results.remove(&(place + 1)) else {
            return Err(Failure::Portal(format!("the answer does not say what became of {}", record.number)));
        };
        let is_passing = errors.iter().any(|error| FOR_THE_MOMENT.contains(&error.code.as_str()));
        let fate = match outcome {
            Outcome::Failed if is_passing && may_try_again => {
                again.push(record);
                continue;
            }
            Outcome::Failed => Fate::Refused(errors),
            Outcome::Unchanged => Fate::Unchanged,
            Outcome::Created | Outcome::Updated => Fate::Taken,
        };
        settled.push(Settled { lines: record.lines, number: record.number, fate });
    }
    Ok((settled, again))
}

/// Sends a contract, of which the API takes one at a time. It does not say whether anything changed.
async fn send_one(api: &Api, batch: Batch) -> Sent {
    let Batch { path, records } = batch;
    let mut settled = Vec::with_capacity(records.len());
    for Record { lines, number, body, .. } in records {
        let answer = api.ask(&Request::new(Method::PUT, path.as_str(), Body::Json(body))).await?;
        settled.push(Settled { lines, number, fate: fate(api, &answer, "customer", "there is no such customer")? });
    }
    Ok(settled)
}

/// What became of a thing that was sent alone. `missing` is what a 404 means.
pub(crate) fn fate(api: &Api, answer: &Answer, field: &str, missing: &str) -> Result<Fate, Failure> {
    match answer.status {
        status if status.is_success() => Ok(Fate::Taken),
        StatusCode::NOT_FOUND => Ok(Fate::Refused(vec![FieldError::new(field, "unknown", missing)])),
        StatusCode::BAD_REQUEST
        | StatusCode::CONFLICT
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNPROCESSABLE_ENTITY => Ok(Fate::Refused(answer.errors())),
        _ => Err(answer.failure(api)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(number: &str, owner: &str, bytes: usize) -> Record {
        let (number, owner) = (number.to_owned(), owner.to_owned());
        let path = "/invoices:import".to_owned();
        Record { lines: vec![1], number, owner, path, kind: None, body: "x".repeat(bytes) }
    }

    fn numbers(batches: &[Batch]) -> Vec<Vec<&str>> {
        batches.iter().map(|batch| batch.records.iter().map(|record| record.number.as_str()).collect()).collect()
    }

    #[test]
    fn a_batch_is_as_large_as_the_api_takes_it_and_no_larger() {
        let small = |count: usize| (0..count).map(|_| record("n", "K1", 9)).collect::<Vec<_>>();
        let sizes = |batches: &[Batch]| batches.iter().map(|batch| batch.records.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&batches("/p", small(2_001), 1_000)), [1_000, 1_000, 1]);
        let half = MAX_BODY_BYTES / 2 - 1;
        assert_eq!(sizes(&batches("/p", (0..3).map(|_| record("n", "K1", half)).collect(), 1_000)), [2, 1]);
        assert_eq!(sizes(&batches("/p", (0..2).map(|_| record("n", "K1", half + 1)).collect(), 1_000)), [1, 1]);
    }

    #[test]
    fn all_of_a_customer_is_in_one_lane_and_in_order() {
        let records: Vec<Record> = (0..100).map(|n| record(&format!("{n:03}"), &format!("K{}", n % 10), 1)).collect();
        let lanes = lanes(records, 4, 7);
        assert_eq!(lanes.iter().flatten().map(|batch| batch.records.len()).sum::<usize>(), 100);
        for owner in (0..10).map(|n| format!("K{n}")) {
            let of = |lane: &VecDeque<Batch>| {
                let records = lane.iter().flat_map(|batch| &batch.records).filter(|record| record.owner == owner);
                records.map(|record| record.number.clone()).collect::<Vec<_>>()
            };
            let found: Vec<Vec<String>> = lanes.iter().map(of).filter(|found| !found.is_empty()).collect();
            assert_eq!(found.len(), 1, "{owner}");
            assert!(found[0].len() == 10 && found[0].is_sorted(), "{found:?}");
        }
    }

    #[test]
    fn each_kind_of_document_goes_to_its_own_address() {
        let at = |number: &str, path: &str| Record { path: path.to_owned(), ..record(number, "K1", 1) };
        let records = vec![at("1", "/b"), at("2", "/a"), at("3", "/b")];
        let lanes = lanes(records, 1, 1_000);
        let (batches, _) = lanes[0].as_slices();
        assert_eq!(numbers(batches), [vec!["2"], vec!["1", "3"]]);
    }

    #[test]
    fn what_failed_for_the_moment_is_sent_again_and_everything_else_is_settled() {
        let result = |results: serde_json::Value| serde_json::from_value(json!({ "results": results })).unwrap();
        let error = |code: &str| json!([{ "field": "", "code": code, "message": "m" }]);
        let records = || ["1", "2", "3", "4", "5"].map(|number| record(number, "K1", 1)).to_vec();
        let told = json!([
            { "line": 1, "outcome": "created" }, { "line": 2, "outcome": "updated" },
            { "line": 3, "outcome": "unchanged" }, { "line": 5, "outcome": "failed", "errors": error("immutable") },
            { "line": 4, "outcome": "failed", "errors": error("unavailable") },
        ]);
        let (settled, again) = sorted(records(), result(told.clone()), true).unwrap();
        let fates: Vec<&str> = settled.iter().map(|one| one.number.as_str()).collect();
        assert_eq!((fates, again.len(), again[0].number.as_str()), (vec!["1", "2", "3", "5"], 1, "4"));
        assert_eq!((&settled[1].fate, &settled[2].fate), (&Fate::Taken, &Fate::Unchanged));
        let (settled, again) = sorted(records(), result(told), false).unwrap();
        assert_eq!((settled.len(), again.len()), (5, 0));
        assert!(matches!(&settled[3].fate, Fate::Refused(errors) if errors[0].code == "unavailable"));
        assert!(sorted(records(), result(json!([{ "line": 1, "outcome": "created" }])), true).is_err());
    }
}
