//! What was given up, kept where AWS keeps it and in its words: batches of the stream as files of a bucket of their own, calls
//! as messages of a queue. `kontor replay` finds them here as there.

use serde_json::{Value, json};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use web::Clock;

/// The bucket of the batches.
pub(crate) const FAILED_BATCHES: &str = "failed-batches";
/// The folder of the calls.
pub(crate) const CALLS_FOLDER: &str = "dead-letters";
/// Where AWS puts batches in their bucket.
const BATCHES_PREFIX: &str = "aws/lambda";
/// Of each kind; older ones are thrown away, as AWS does after days.
const MAX_LETTERS: usize = 1_000;

/// How something came to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A batch of the stream.
    Stream,
    /// A minute, or what SES tells.
    Call,
}

/// Something that its reader did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Later ones have larger ones.
    pub id: String,
    /// The function that should have taken it.
    pub reader: String,
    /// What it was given.
    pub event: Value,
    /// What it said the last time.
    pub error: String,
    /// When it was given up, by the portal's clock.
    pub at: String,
}

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.reader, self.error, self.event)
    }
}

/// A handle to all of them; clones see the same.
#[derive(Debug, Clone)]
pub struct DeadLetters(Arc<Home>);

#[derive(Debug)]
struct Home {
    batches: PathBuf,
    calls: PathBuf,
    clock: Clock,
    last_id: Mutex<i64>,
}

impl DeadLetters {
    /// Those kept below `home`, whose files are in `files`.
    pub(crate) fn open(home: &Path, files: &Path, clock: Clock) -> Result<Self, String> {
        let home = Home {
            batches: files.join(FAILED_BATCHES),
            calls: home.join(CALLS_FOLDER),
            clock,
            last_id: Mutex::default(),
        };
        for folder in [&home.batches, &home.calls] {
            fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        }
        Ok(Self(Arc::new(home)))
    }

    /// Keeps one more.
    pub(crate) fn put(&self, reader: &str, way: Way, event: Value, error: String) {
        let letter = DeadLetter {
            id: self.next_id(),
            reader: reader.to_owned(),
            event,
            error,
            at: self.0.clock.now().to_string(),
        };
        tracing::error!(%letter, "given up");
        if let Err(error) = self.write(&letter, way) {
            tracing::error!(%error, "what was given up could not be kept");
        }
    }

    /// All of them, newest first.
    #[must_use]
    pub fn list(&self) -> Vec<DeadLetter> {
        let files = self.files(Way::Stream).into_iter().chain(self.files(Way::Call));
        let mut letters: Vec<DeadLetter> = files.filter_map(|file| read(&fs::read(file).ok()?)).collect();
        letters.sort_by(|one, other| other.id.cmp(&one.id));
        letters
    }

    /// The calls, oldest first: each one's id, and its message.
    pub(crate) fn calls(&self) -> Vec<(String, String)> {
        let message = |file: &PathBuf| Some((file.file_name()?.to_str()?.to_owned(), fs::read_to_string(file).ok()?));
        self.files(Way::Call).iter().filter_map(message).collect()
    }

    /// Takes a call away, there or not.
    pub(crate) fn remove_call(&self, id: &str) {
        // It comes over the network, and must name nothing beside the folder.
        if id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty() {
            remove(&self.0.calls.join(id));
        }
    }

    /// The real milliseconds, as they come once and in order, also after a restart.
    fn next_id(&self) -> String {
        let mut last = self.0.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Clock::system().now().as_millisecond().max(*last + 1);
        last.to_string()
    }

    /// Nobody ever sees half of one: it is written beside and then moved.
    fn write(&self, letter: &DeadLetter, way: Way) -> io::Result<()> {
        let folder = match way {
            Way::Stream => self.0.batches.join(BATCHES_PREFIX).join(&letter.reader),
            Way::Call => self.0.calls.clone(),
        };
        fs::create_dir_all(&folder)?;
        let fresh = self.0.calls.join(format!(".{}", letter.id));
        fs::write(&fresh, record(letter, way).to_string())?;
        fs::rename(fresh, folder.join(&letter.id))?;
        let files = self.files(way);
        files.iter().take(files.len().saturating_sub(MAX_LETTERS)).for_each(|file| remove(file));
        Ok(())
    }

    /// Oldest first.
    fn files(&self, way: Way) -> Vec<PathBuf> {
        let mut files = match way {
            Way::Stream => entries(&self.0.batches.join(BATCHES_PREFIX)).iter().flat_map(|one| entries(one)).collect(),
            Way::Call => entries(&self.0.calls),
        };
        files.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
        files
    }
}

/// What is in a folder, but for what is hidden; nothing where there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    found.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).map(|entry| entry.path()).collect()
}

fn remove(file: &Path) {
    if let Err(error) = fs::remove_file(file)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "what was given up could not be removed");
    }
}

/// How a function of this machine is called in the words of AWS.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:local:000000000000:function:{name}")
}

/// As Lambda tells failure destinations; only the stream's are not told the error on AWS.
fn record(letter: &DeadLetter, way: Way) -> Value {
    let mut record = json!({
        "version": "1.0",
        "timestamp": letter.at,
        "requestContext": {
            "requestId": letter.id,
            "functionArn": function_arn(&letter.reader),
            "condition": "RetryAttemptsExhausted",
        },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "Error", "errorMessage": letter.error },
    });
    match way {
        Way::Call => record["requestPayload"] = letter.event.clone(),
        Way::Stream => record["payload"] = letter.event.to_string().into(),
    }
    record
}

fn read(bytes: &[u8]) -> Option<DeadLetter> {
    let record: Value = serde_json::from_slice(bytes).ok()?;
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let event = match record.get("requestPayload") {
        Some(event) => event.clone(),
        None => serde_json::from_str(&text("/payload")).ok()?,
    };
    Some(DeadLetter {
        id: text("/requestContext/requestId"),
        reader: text("/requestContext/functionArn").split(':').nth(6)?.to_owned(),
        event,
        error: text("/responsePayload/errorMessage"),
        at: text("/timestamp"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(home: &Path) -> DeadLetters {
        DeadLetters::open(home, &home.join("files"), Clock::frozen(jiff::Timestamp::UNIX_EPOCH)).unwrap()
    }

    #[test]
    fn what_was_given_up_is_there_after_a_restart_newest_first() {
        let home = tempfile::tempdir().unwrap();
        let kept = letters(home.path());
        kept.put("worker", Way::Stream, json!({ "Records": [1] }), "no luck".to_owned());
        kept.put("documents", Way::Call, json!({}), "none either".to_owned());
        let found = letters(home.path()).list();
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["documents: none either: {}", r#"worker: no luck: {"Records":[1]}"#]);
        assert_eq!(found, kept.list());
        assert_eq!(found[0].at, "1970-01-01T00:00:00Z");
    }

    #[test]
    fn only_a_call_is_removed_and_nothing_beside_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let kept = letters(home.path());
        kept.put("worker", Way::Call, json!({}), String::new());
        fs::write(home.path().join("7"), "not a letter").unwrap();
        for foreign in ["", "../7", ".."] {
            kept.remove_call(foreign);
        }
        let [(id, _)] = &kept.calls()[..] else { panic!("one call") };
        kept.remove_call(id);
        kept.remove_call(id);
        assert!(kept.calls().is_empty() && home.path().join("7").exists());
    }

    #[test]
    fn there_are_never_more_than_the_limit() {
        let home = tempfile::tempdir().unwrap();
        let kept = letters(home.path());
        for _ in 0..MAX_LETTERS + 2 {
            kept.put("worker", Way::Call, json!({}), String::new());
        }
        assert_eq!(kept.calls().len(), MAX_LETTERS);
    }
}
