//! What happens without anybody asking: what was given up, what watches, and how far the stream is read.

use std::time::Duration;

use aws_sdk_cloudwatch::types::StateValue;

use super::line::{Fault, Verdict, green, not_here};
use crate::{
    Failure,
    cloud::{
        letters::Letters,
        place::{Place, refused, streams_of},
    },
};

const LETTERS: &str =
    "`kontor replay` shows them; when what was wrong is mended, `kontor replay --yes` hands them over again";
const ALARMS: &str = "infra/README.md says for each alarm what it means and what to do";
const NO_ALARMS: &str =
    "deploy the stack that watches (infra/observability.yaml) under a name that begins as this stack's does";
const STREAM: &str = "look at the log of the reader; a batch that fails holds up its shard until it is given up";
/// A batch may be under way just now.
const SECOND_LOOK: Duration = Duration::from_secs(2);
/// The variables that name the readers.
const READERS: [&str; 2] = ["WORKER_FUNCTION", "DOCUMENTS_FUNCTION"];

/// Was anything given up?
pub(super) async fn dead_letters(place: &Place) -> Verdict {
    let count = async { Letters::of(place)?.count().await };
    let count = Box::pin(count).await.map_err(|failure: Failure| Fault::new(failure.to_string(), LETTERS))?;
    if count == 0 { green("none") } else { Err(Fault::new(format!("{count} wait"), LETTERS)) }
}

/// Does any alarm of the stack ring?
pub(super) async fn alarms(place: &Place) -> Verdict {
    let Some(stack) = place.stack() else { return not_here("without --stack there are none to look at") };
    let (mut all, mut ringing, mut after) = (0_usize, Vec::new(), None);
    let cloudwatch = place.cloudwatch();
    loop {
        let asked = cloudwatch.describe_alarms().alarm_name_prefix(stack).set_next_token(after).send();
        let page = Box::pin(asked).await.map_err(refused("the alarms cannot be read (cloudwatch:DescribeAlarms)"));
        let page = page.map_err(|failure| Fault::new(failure.to_string(), ALARMS))?;
        all += page.metric_alarms().len();
        let loud = page.metric_alarms().iter().filter(|alarm| alarm.state_value() == Some(&StateValue::Alarm));
        ringing.extend(loud.filter_map(|alarm| alarm.alarm_name().map(str::to_owned)));
        after = page.next_token;
        if after.is_none() {
            break;
        }
    }
    match (all, ringing.is_empty()) {
        (0, _) => Err(Fault::new(format!("there is no alarm whose name begins with {stack}"), NO_ALARMS)),
        (_, true) => green(format!("{all} are quiet")),
        (_, false) => Err(Fault::new(ringing.join(", "), ALARMS)),
    }
}

/// Are both readers told of the stream, and do they take what they are told?
pub(super) async fn streams(place: &Place) -> Verdict {
    let first = look(place).await;
    if first.is_ok() {
        return first;
    }
    tokio::time::sleep(SECOND_LOOK).await;
    look(place).await
}

async fn look(place: &Place) -> Verdict {
    let unread = |failure: Failure| Fault::new(failure.to_string(), STREAM);
    let lambda = place.lambda();
    for variable in READERS {
        let reader = place.need(variable).map_err(unread)?;
        let streams = streams_of(&lambda, reader).await.map_err(unread)?;
        let of_stream = streams.first();
        let state = of_stream.and_then(|stream| stream.state());
        let last = of_stream.and_then(|stream| stream.last_processing_result());
        judge(reader, state, last)?;
    }
    green("both readers keep up")
}

/// AWS's own words for whether a reader is told, and for what came of the last batch.
fn judge(reader: &str, state: Option<&str>, last: Option<&str>) -> Result<(), Fault> {
    match (state, last) {
        (Some("Enabled"), Some(last)) if last.starts_with("PROBLEM") => {
            Err(Fault::new(format!("{reader}: {last}"), STREAM))
        }
        (Some("Enabled"), _) => Ok(()),
        (Some(state), _) => Err(Fault::new(format!("{reader} is not told of the stream: {state}"), STREAM)),
        (None, _) => Err(Fault::new(format!("{reader} does not read the stream"), STREAM)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_keeps_up_when_it_is_told_and_takes_what_it_is_told() {
        assert!(judge("worker", Some("Enabled"), Some("OK")).is_ok());
        assert!(judge("worker", Some("Enabled"), Some("No records processed")).is_ok());
        assert!(judge("worker", Some("Enabled"), Some("PROBLEM: Function call failed")).is_err());
        assert!(judge("worker", Some("Disabled"), None).unwrap_err().said.contains("not told"));
        assert!(judge("worker", None, None).unwrap_err().said.contains("does not read"));
    }
}
