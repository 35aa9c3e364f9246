//! `kontor replay`: shows what was given up, or hands it to its reader again. It goes only when its reader took it, so the same
//! command may be broken off and said again; readers do only once what they are given twice.

use std::collections::BTreeSet;

use aws_sdk_lambda::primitives::Blob;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use web::Clock;

use super::{
    letters::{Contents, Letter, Letters, Told},
    options::Replay,
    place::{Place, refused},
};
use crate::{Failure, Outcome, Stop, voice::Voice};

/// Lambda takes no more of one call.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// What becomes of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// It was only shown.
    Waits,
    /// Its reader took it.
    Taken,
    /// It stays, for this reason.
    Refused(String),
}

/// Letters by what became of them.
#[derive(Debug, Default)]
struct Tally {
    waiting: usize,
    notices: usize,
    taken: usize,
    refused: usize,
}

/// One run.
struct Round {
    letters: Letters,
    /// None when everything is only shown.
    readers: Option<aws_sdk_lambda::Client>,
    tally: Tally,
    /// What stays.
    kept: Vec<Letter>,
}

/// Right unless something cannot be read or was refused again.
pub(crate) async fn run(options: &Replay, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let place = Place::find(&options.place).await?;
    let readers = options.yes.then(|| place.lambda());
    let mut round = Round { letters: Letters::of(&place)?, readers, tally: Tally::default(), kept: Vec::new() };
    let gone_through = Box::pin(round.go_through(options.limit, stop, voice)).await;
    // Whatever happened: what stays must not be hidden from the next one who looks.
    round.letters.leave(round.kept).await;
    gone_through?;
    let Tally { waiting, notices, taken, refused } = round.tally;
    let object = json!({ "event": "done", "waiting": waiting, "notices": notices, "taken": taken, "refused": refused });
    let words = match waiting + taken + refused {
        0 if notices > 0 => format!("nothing was given up; {notices} notices of S3, which go with --yes"),
        0 => "nothing was given up".to_owned(),
        _ if options.yes => format!("{taken} taken, {refused} refused"),
        _ => format!("{waiting} waiting, {refused} that cannot be read; --yes hands over"),
    };
    voice.say(&words, &object)?;
    Ok(if refused == 0 { Outcome::Right } else { Outcome::Refused })
}

impl Round {
    async fn go_through(&mut self, limit: u16, stop: &Stop, voice: &mut Voice<'_>) -> Result<(), Failure> {
        let mut seen = BTreeSet::new();
        for _ in 0..limit {
            if stop.is_told() {
                return Err(Failure::Stopped);
            }
            let Some(letter) = self.letters.next().await? else { break };
            // A run that takes long meets again what it left.
            if !seen.insert(letter.id.clone()) {
                self.kept.push(letter);
                break;
            }
            if let Ok(Told::Notice { key }) = &letter.told {
                let key = key.clone();
                self.heed(letter, key.as_deref()).await?;
                continue;
            }
            let settled = self.settle(&letter).await;
            let said = settled.and_then(|fate| self.count(&letter, fate, voice));
            if !matches!(said, Ok(true)) {
                self.kept.push(letter);
            }
            said?;
        }
        Ok(())
    }

    /// A notice goes when what it tells of is gone, and else goes on warning.
    async fn heed(&mut self, notice: Letter, key: Option<&str>) -> Result<(), Failure> {
        let still_true = match key {
            Some(key) => self.letters.lies_there(key).await?,
            None => false,
        };
        if self.readers.is_some() && !still_true {
            return self.letters.take_away(&notice).await;
        }
        self.tally.notices += 1;
        self.kept.push(notice);
        Ok(())
    }

    /// Hands it over, when that is wanted, and takes it away when it was taken.
    async fn settle(&self, letter: &Letter) -> Result<Fate, Failure> {
        let contents = match &letter.told {
            Ok(Told::Work(contents)) => contents,
            Ok(Told::Notice { .. }) => return Ok(Fate::Waits),
            Err(why) => return Ok(Fate::Refused(why.clone())),
        };
        let Some(readers) = &self.readers else { return Ok(Fate::Waits) };
        match hand_over(readers, contents).await? {
            Some(why) => Ok(Fate::Refused(why)),
            None => self.letters.take_away(letter).await.map(|()| Fate::Taken),
        }
    }

    /// Tells what became of it; is it gone?
    fn count(&mut self, letter: &Letter, fate: Fate, voice: &mut Voice<'_>) -> Result<bool, Failure> {
        let (state, why) = match &fate {
            Fate::Waits => ("waiting", ""),
            Fate::Taken => ("taken", ""),
            Fate::Refused(why) => ("refused", why.as_str()),
        };
        let contents = letter.contents();
        let (reader, at) = (contents.map(|told| told.reader.as_str()), contents.and_then(|told| told.at));
        let object =
            json!({ "event": "letter", "id": letter.id, "reader": reader, "at": at, "state": state, "why": why });
        let ago = at.map_or_else(String::new, |at| format!("  {} ago", age(at, Clock::system().now())));
        let line = format!("{}  {}{ago}  {state} {why}", letter.id, reader.unwrap_or("?"));
        voice.say(line.trim_end(), &object)?;
        match fate {
            Fate::Waits => self.tally.waiting += 1,
            Fate::Taken => self.tally.taken += 1,
            Fate::Refused(_) => self.tally.refused += 1,
        }
        Ok(fate == Fate::Taken)
    }
}

/// Calls the reader and waits for what comes of it; why not, when it refuses.
async fn hand_over(readers: &aws_sdk_lambda::Client, contents: &Contents) -> Result<Option<String>, Failure> {
    if contents.event.len() > MAX_EVENT_BYTES {
        return Ok(Some("is larger than its reader can be given at once".to_owned()));
    }
    let payload = Blob::new(contents.event.as_bytes());
    let asked = readers.invoke().function_name(&contents.reader).payload(payload).send();
    let answer = match Box::pin(asked).await {
        Ok(answer) => answer,
        // One function may be gone while the other is well.
        Err(error) if error.as_service_error().is_some() => {
            return Ok(Some(refused("cannot be called")(error).to_string()));
        }
        Err(error) => return Err(refused("the reader cannot be called")(error)),
    };
    let said: Value = answer.payload().and_then(|said| serde_json::from_slice(said.as_ref()).ok()).unwrap_or_default();
    Ok(refusal(answer.function_error().is_some(), &said))
}

/// Why a reader did not take what it was given. Its sentence stays in its log: it could say what it was given.
fn refusal(failed: bool, said: &Value) -> Option<String> {
    let kind = said.get("errorType").and_then(Value::as_str).unwrap_or("no reason");
    let not_taken = said.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
    match (failed, not_taken) {
        (true, _) => Some(format!("failed again ({kind}); the log of its reader says why")),
        (false, 0) => None,
        (false, some) => Some(format!("{some} of it failed again; the log of its reader says why")),
    }
}

/// In the largest unit that fits.
fn age(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).max(SignedDuration::ZERO).as_mins();
    match minutes {
        0..60 => format!("{minutes} min"),
        60..1_440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_took_it_only_when_it_took_all_of_it() {
        assert_eq!(refusal(false, &Value::Null), None);
        assert_eq!(refusal(false, &json!({ "batchItemFailures": [] })), None);
        let some = json!({ "batchItemFailures": [{ "itemIdentifier": "1" }] });
        assert!(refusal(false, &some).unwrap().starts_with("1 of it"));
        let said = json!({ "errorType": "StoreError", "errorMessage": "tine@example.org" });
        let why = refusal(true, &said).unwrap();
        assert!(why.contains("StoreError") && !why.contains("tine"), "{why}");
    }

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        let at = Timestamp::UNIX_EPOCH;
        let told = |minutes| age(at, at + SignedDuration::from_mins(minutes));
        assert_eq!([told(0), told(59), told(60), told(1_439)], ["0 min", "59 min", "1 h", "23 h"]);
        assert_eq!(told(1_440), "1 d");
        assert_eq!(age(at + SignedDuration::from_mins(5), at), "0 min", "a clock that was set back");
    }
}
