//! `kontor import`: loads a file line by line until every line is accounted for, and goes on where it was broken off.

mod check;
mod delimited;
mod field;
mod map;
mod pdfs;
mod progress;
mod record;
mod send;
mod sheet;
mod table;

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use aws_lc_rs::digest::{SHA256, digest};
use futures_util::{Stream, StreamExt as _};
use http::{Method, StatusCode};
use serde_json::json;

use crate::{
    Failure, Outcome,
    client::{Api, Body, FieldError, Request},
    options::{Pdfs, RowsCommand},
    voice::Voice,
};
use map::FieldMap;
use pdfs::Archive;
use progress::{Job, Progress};
use record::{Records, Refused, What};
use send::{MAX_BODY_BYTES, Sent};

pub(crate) use progress::Tally;

/// Largest file that is read; a table of a million lines is smaller.
const MAX_FILE_BYTES: u64 = 1024 * 1024 * 1024;

/// A file with what it says.
struct Source {
    records: Records,
    /// SHA-256 of the file.
    file: String,
    /// SHA-256 of all that says how to read it.
    reading: String,
    /// Columns that nobody asked for.
    left_out: Vec<String>,
}

/// Checks every line here and sends nothing.
pub(crate) fn dry_run(command: &RowsCommand, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let (what, file) = (what(command), &command.rows().file);
    let Source { records, left_out, .. } = read(command)?;
    say_left_out(&left_out, voice)?;
    let lines = records.lines();
    let Records { records, mut refused } = records;
    for record in &records {
        let errors = check::check(what, record);
        if !errors.is_empty() {
            refused.push(Refused { lines: record.lines.clone(), number: record.number.clone(), errors });
        }
    }
    let errors = progress::error_file(file);
    progress::write_errors(&errors, &refused)?;
    let wrong = progress::lines_of(&refused);
    let tally = Tally { taken: lines - wrong, unchanged: 0, refused: wrong };
    let verdict = Verdict { event: "checked", lines, tally, errors: (wrong > 0).then_some(errors.as_path()) };
    verdict.say("would be taken", voice)
}

/// Sends every line that is not in yet.
pub(crate) async fn run(api: &Api, command: &RowsCommand, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let (what, rows) = (what(command), command.rows());
    let Source { records, file, reading, left_out } = read(command)?;
    say_left_out(&left_out, voice)?;
    greet(api).await?;
    let job = Job { what: what.name().to_owned(), host: api.host().to_owned(), file, reading };
    let mut progress = Progress::resume(&rows.file, job)?;
    let lines = records.lines();
    let Records { mut records, refused } = records;
    records.retain(|record| !progress.has(record));
    for Refused { lines, number, errors } in refused {
        progress.note(progress::Settled { lines, number, fate: progress::Fate::Refused(errors) });
    }
    let halt = AtomicBool::new(false);
    let sending = send::send(api, what, records, rows.pace, &halt);
    follow(sending, &halt, (&mut progress, lines), voice).await
}

/// Sends every PDF that is not in yet.
pub(crate) async fn pdfs(api: &Api, pdfs: &Pdfs, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let bytes = read_file(&pdfs.file)?;
    let archive = Archive::open(&bytes)?;
    greet(api).await?;
    let reading = sha256(format!("{:?} {:?}", pdfs.kind, pdfs.name).as_bytes());
    let job = Job { what: "pdfs".to_owned(), host: api.host().to_owned(), file: sha256(&bytes), reading };
    let mut progress = Progress::resume(&pdfs.file, job)?;
    let lines = archive.entries.len();
    let halt = AtomicBool::new(false);
    let sending = Box::pin(pdfs::send(api, pdfs, archive, &progress, &halt));
    follow(sending, &halt, (&mut progress, lines), voice).await
}

/// Notes what became of each line until nothing more comes, and says how it ended.
async fn follow(
    mut sending: impl Stream<Item = Sent> + Unpin,
    halt: &AtomicBool,
    (progress, lines): (&mut Progress, usize),
    voice: &mut Voice<'_>,
) -> Result<Outcome, Failure> {
    let mut pace = voice.pace(lines);
    let mut failed = None;
    while let Some(sent) = sending.next().await {
        match sent {
            Ok(settled) => settled.into_iter().for_each(|one| progress.note(one)),
            Err(failure) => {
                halt.store(true, Ordering::Relaxed);
                failed.get_or_insert(failure);
            }
        }
        let told = progress.write_now_and_then().and_then(|()| pace.reach(progress.tally(), voice));
        if let Err(failure) = told {
            halt.store(true, Ordering::Relaxed);
            failed.get_or_insert(failure);
        }
    }
    pace.end();
    let tally = progress.tally();
    let errors = progress.end()?.map(Path::to_owned);
    let is_whole = tally.done() == lines;
    let verdict = Verdict { event: if is_whole { "done" } else { "stopped" }, lines, tally, errors: errors.as_deref() };
    let outcome = verdict.say("taken", voice)?;
    match failed {
        Some(failure) => Err(failure),
        None if is_whole => Ok(outcome),
        None => Err(Failure::Stopped),
    }
}

/// What is said last.
struct Verdict<'a> {
    event: &'static str,
    lines: usize,
    tally: Tally,
    errors: Option<&'a Path>,
}

impl Verdict<'_> {
    fn say(&self, taken: &str, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
        let Tally { taken: taken_count, unchanged, refused } = self.tally;
        let mut text = format!("{} lines: {taken_count} {taken}, {unchanged} unchanged, {refused} refused", self.lines);
        let open = self.lines.saturating_sub(self.tally.done());
        // Writing to a string cannot fail.
        if let Some(errors) = self.errors {
            let _ = write!(text, " (see {})", errors.display());
        }
        if open > 0 {
            let _ = write!(text, ", {open} not sent yet");
        }
        let object = json!({
            "event": self.event, "lines": self.lines, "taken": taken_count, "unchanged": unchanged,
            "refused": refused, "open": open, "errors": self.errors.map(|errors| errors.display().to_string()),
        });
        voice.say(&text, &object)?;
        Ok(if refused == 0 { Outcome::Right } else { Outcome::Refused })
    }
}

fn say_left_out(columns: &[String], voice: &mut Voice<'_>) -> Result<(), Failure> {
    if columns.is_empty() {
        return Ok(());
    }
    let text = format!("columns that the map does not name, and that are not imported: {}", columns.join(", "));
    voice.say(&text, &json!({ "event": "left_out", "columns": columns }))
}

/// Asks for something that is there for sure: later, „not there" is said of customers and documents. A key that may only write
/// is a good one, too.
async fn greet(api: &Api) -> Result<(), Failure> {
    let answer = api.ask(&Request::new(Method::GET, "/customers?limit=1", Body::Nothing)).await?;
    if answer.status == StatusCode::FORBIDDEN {
        return Ok(());
    }
    answer.good(api).map(|_| ())
}

const fn what(command: &RowsCommand) -> What {
    match command {
        RowsCommand::Customers(_) => What::Customers,
        RowsCommand::Subscriptions(_) => What::Subscriptions,
        RowsCommand::Invoices(_) => What::Invoices,
        RowsCommand::Documents(documents) => What::Documents(documents.kind),
    }
}

fn read(command: &RowsCommand) -> Result<Source, Failure> {
    let (what, rows) = (what(command), command.rows());
    let bytes = read_file(&rows.file)?;
    let file = sha256(&bytes);
    let map = match &rows.map {
        None => None,
        Some(map) => Some((map.as_path(), text_of(read_file(map)?, map)?)),
    };
    let said = map.as_ref().map(|(_, text)| text.as_str()).unwrap_or_default();
    let manner = (what, rows.encoding, rows.delimiter, &rows.sheet);
    let reading = sha256(format!("{manner:?} {said}").as_bytes());
    let extension = rows.file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let table = match extension.to_ascii_lowercase().as_str() {
        "csv" => delimited::read(&bytes, rows.encoding, rows.delimiter)?,
        "xlsx" => sheet::read(bytes, rows.sheet.as_deref())?,
        "jsonl" if map.is_some() => {
            return Err(Failure::Input("JSON Lines are what the portal takes: there is nothing to map".to_owned()));
        }
        "jsonl" => {
            let records = without_giants(Records::of_json_lines(&bytes, what));
            return Ok(Source { records, file, reading, left_out: Vec::new() });
        }
        _ => return Err(Failure::Input(format!("{}: must be a .jsonl, .csv or .xlsx", rows.file.display()))),
    };
    check_columns(&table.columns)?;
    let map = match map {
        Some((map, text)) => FieldMap::read(map, &text, &table.columns)?,
        None => FieldMap::of_columns(&table.columns)?,
    };
    let records = without_giants(Records::of_table(table, &map, what));
    Ok(Source { records, file, reading, left_out: map.left_out })
}

/// Two columns of one name would be told apart by nobody.
fn check_columns(columns: &[String]) -> Result<(), Failure> {
    for (place, name) in columns.iter().enumerate() {
        if !name.is_empty() && columns.iter().take(place).any(|before| before == name) {
            return Err(Failure::Input(format!("two columns are called `{name}`")));
        }
    }
    Ok(())
}

/// What is larger than a request may be is not sent.
fn without_giants(all: Records) -> Records {
    let Records { records, mut refused } = all;
    let (records, giants): (Vec<_>, Vec<_>) =
        records.into_iter().partition(|record| record.body.len() < MAX_BODY_BYTES);
    refused.extend(giants.into_iter().map(|giant| {
        let errors = vec![FieldError::new("", "too_large", "is larger than 4 MB")];
        Refused { lines: giant.lines, number: giant.number, errors }
    }));
    Records { records, refused }
}

fn read_file(file: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |why: String| Failure::Input(format!("{}: {why}", file.display()));
    let size = fs::metadata(file).map_err(|error| wrong(error.to_string()))?.len();
    if size > MAX_FILE_BYTES {
        return Err(wrong("is larger than 1 GiB; split it".to_owned()));
    }
    fs::read(file).map_err(|error| wrong(error.to_string()))
}

fn text_of(bytes: Vec<u8>, file: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure::Input(format!("{}: must be UTF-8", file.display())))
}

fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_bytes() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn two_columns_of_one_name_are_refused_and_two_without_a_name_are_not() {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(check_columns(&columns(&["a", "b", "a"])).is_err());
        assert!(check_columns(&columns(&["a", "", ""])).is_ok());
    }

    #[test]
    fn what_no_request_can_carry_is_refused_here() {
        let body = |size: usize| format!("{{\"number\":\"K{size}\",\"company\":\"{}\"}}", "x".repeat(size));
        let text = format!("{}\n{}\n", body(1), body(MAX_BODY_BYTES));
        let all = without_giants(Records::of_json_lines(text.as_bytes(), What::Customers));
        assert_eq!((all.records.len(), all.refused.len(), all.lines()), (1, 1, 2));
        assert_eq!(all.refused[0].lines, [2]);
    }
}
