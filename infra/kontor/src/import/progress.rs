//! How far an import is, kept beside its file, so that a run that was broken off goes on where it was.
//!
//! Every line is in one of three sets at most, and at the end in exactly one: taken, unchanged or refused.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::record::{Record, Refused};
use crate::{Failure, client::FieldError};

/// How often it is written down. What is sent twice for a lost second is found unchanged.
const EVERY: Duration = Duration::from_secs(1);

/// What the progress is of; of something else it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) what: String,
    pub(crate) host: String,
    /// SHA-256 of the file.
    pub(crate) file: String,
    /// SHA-256 of the map and of how the file is read.
    pub(crate) reading: String,
}

/// How many lines are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) taken: usize,
    pub(crate) unchanged: usize,
    pub(crate) refused: usize,
}

impl Tally {
    /// Lines of which it is known what became of them.
    pub(crate) const fn done(self) -> usize {
        self.taken + self.unchanged + self.refused
    }
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is new, or changed what was there.
    Taken,
    /// It was there, just so.
    Unchanged,
    Refused(Vec<FieldError>),
}

/// A record of which it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) lines: Vec<usize>,
    pub(crate) number: String,
    pub(crate) fate: Fate,
}

/// Lines, written as `[first, last]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(usize, usize)>", into = "Vec<(usize, usize)>")]
struct Lines(BTreeSet<usize>);

impl From<Vec<(usize, usize)>> for Lines {
    fn from(ranges: Vec<(usize, usize)>) -> Self {
        Self(ranges.into_iter().flat_map(|(first, last)| first..=last).collect())
    }
}

impl From<Lines> for Vec<(usize, usize)> {
    fn from(Lines(lines): Lines) -> Self {
        let mut ranges: Self = Vec::new();
        for line in lines {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == line => *last = line,
                _ => ranges.push((line, line)),
            }
        }
        ranges
    }
}

/// What stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    job: Job,
    taken: Lines,
    unchanged: Lines,
    refused: Vec<Refused>,
}

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    kept: Kept,
    file: PathBuf,
    errors: PathBuf,
    written: Instant,
    /// The imported file, locked: nobody else imports it meanwhile.
    _held: File,
}

impl Progress {
    /// Goes on where a run of the same job was. What was refused then is tried again: what it lacked may be there by now.
    /// While another run is at the same file there is nothing to go on with: each would write down only what it did itself.
    pub(crate) fn resume(input: &Path, job: Job) -> Result<Self, Failure> {
        let held = hold(input)?;
        let file = beside(input, ".progress.json");
        let known = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).ok().filter(|kept| kept.job == job),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failed(&file, &error)),
        };
        let fresh = Kept { job, taken: Lines::default(), unchanged: Lines::default(), refused: Vec::new() };
        let kept = known.map_or(fresh, |known| Kept { refused: Vec::new(), ..known });
        let mut progress = Self { kept, file, errors: error_file(input), written: Instant::now(), _held: held };
        // Whoever cannot write it down must hear so before anything is sent.
        progress.write()?;
        Ok(progress)
    }

    /// Is all of it in already?
    pub(crate) fn has(&self, record: &Record) -> bool {
        record.lines.iter().all(|line| self.has_line(*line))
    }

    /// Is the line in already?
    pub(crate) fn has_line(&self, line: usize) -> bool {
        self.kept.taken.0.contains(&line) || self.kept.unchanged.0.contains(&line)
    }

    pub(crate) fn note(&mut self, settled: Settled) {
        let Settled { lines, number, fate } = settled;
        match fate {
            Fate::Taken => self.kept.taken.0.extend(lines),
            Fate::Unchanged => self.kept.unchanged.0.extend(lines),
            Fate::Refused(errors) => self.kept.refused.push(Refused { lines, number, errors }),
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        let Kept { taken, unchanged, refused, .. } = &self.kept;
        Tally { taken: taken.0.len(), unchanged: unchanged.0.len(), refused: lines_of(refused) }
    }

    /// Writes it down if that was not done just now.
    pub(crate) fn write_now_and_then(&mut self) -> Result<(), Failure> {
        if self.written.elapsed() < EVERY { Ok(()) } else { self.write() }
    }

    /// Writes down how far it is and what was refused; says where that stands, if anything was.
    pub(crate) fn end(&mut self) -> Result<Option<&Path>, Failure> {
        self.write()?;
        write_errors(&self.errors, &self.kept.refused)?;
        Ok((!self.kept.refused.is_empty()).then_some(self.errors.as_path()))
    }

    /// Whole or not at all: a run that is killed meanwhile leaves what was there.
    fn write(&mut self) -> Result<(), Failure> {
        let text = serde_json::to_vec(&self.kept).map_err(|error| failed(&self.file, &error.into()))?;
        let fresh = beside(&self.file, ".new");
        fs::write(&fresh, text).map_err(|error| failed(&fresh, &error))?;
        fs::rename(&fresh, &self.file).map_err(|error| failed(&self.file, &error))?;
        self.written = Instant::now();
        Ok(())
    }
}

/// The file, locked until it is dropped. Where the file system knows no locks, nothing is locked.
fn hold(input: &Path) -> Result<File, Failure> {
    let file = File::open(input).map_err(|error| failed(input, &error))?;
    match file.try_lock() {
        // Some file systems of a network know no locks, and say so in many ways.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failure::Input(format!("{}: another run imports this file; wait for its end", input.display())))
        }
    }
}

/// Where it is written what was refused.
pub(crate) fn error_file(input: &Path) -> PathBuf {
    beside(input, ".errors.csv")
}

/// How many lines those are.
pub(crate) fn lines_of(refused: &[Refused]) -> usize {
    refused.iter().map(|one| one.lines.len()).sum()
}

/// `line, number, field, message`, by line; without anything refused there is no such file.
pub(crate) fn write_errors(file: &Path, refused: &[Refused]) -> Result<(), Failure> {
    if refused.is_empty() {
        return match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(file, &error)),
            _ => Ok(()),
        };
    }
    let mut ordered: Vec<&Refused> = refused.iter().collect();
    ordered.sort_by_key(|one| one.lines.first().copied());
    let mut writer = csv::Writer::from_path(file).map_err(|error| failed(file, &error.into()))?;
    let mut rows = vec![["line", "number", "field", "message"].map(str::to_owned)];
    for one in ordered {
        let line = one.lines.first().copied().unwrap_or_default().to_string();
        for FieldError { field, message, .. } in &one.errors {
            rows.push([line.clone(), harmless(&one.number), harmless(field), harmless(message)]);
        }
    }
    for row in rows {
        writer.write_record(row).map_err(|error| failed(file, &error.into()))?;
    }
    writer.flush().map_err(|error| failed(file, &error))
}

/// A spreadsheet takes some texts for formulas.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn beside(input: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(input.as_os_str());
    name.push(ending);
    name.into()
}

fn failed(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(file: &str) -> Job {
        let text = |text: &str| text.to_owned();
        Job { what: text("invoices"), host: text("a.localhost"), file: text(file), reading: text("x") }
    }

    /// A file to import; what is in it does not matter here.
    fn input(folder: &tempfile::TempDir) -> PathBuf {
        let input = folder.path().join("a.csv");
        fs::write(&input, "").unwrap();
        input
    }

    fn record(lines: &[usize]) -> Record {
        let (number, owner, path, body) = Default::default();
        Record { lines: lines.to_vec(), number, owner, path, kind: None, body }
    }

    fn settled(lines: &[usize], fate: Fate) -> Settled {
        Settled { lines: lines.to_vec(), number: "=RE1".to_owned(), fate }
    }

    fn refused() -> Fate {
        Fate::Refused(vec![FieldError::new("net", "invalid", "m"), FieldError::new("tax", "invalid", "n")])
    }

    #[test]
    fn a_run_goes_on_where_the_one_before_was_and_tries_again_what_was_refused() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(&folder);
        let mut first = Progress::resume(&input, job("1")).unwrap();
        first.note(settled(&[2, 3, 5], Fate::Taken));
        first.note(settled(&[4], Fate::Unchanged));
        first.note(settled(&[9, 7], refused()));
        assert_eq!(first.tally(), Tally { taken: 3, unchanged: 1, refused: 2 });
        assert_eq!(first.end().unwrap(), Some(folder.path().join("a.csv.errors.csv").as_path()));
        drop(first);
        let text = fs::read_to_string(folder.path().join("a.csv.progress.json")).unwrap();
        assert!(text.contains("\"taken\":[[2,3],[5,5]]"), "{text}");

        let mut again = Progress::resume(&input, job("1")).unwrap();
        assert_eq!(again.tally(), Tally { taken: 3, unchanged: 1, refused: 0 });
        assert!(again.has(&record(&[3, 4])));
        assert!(!again.has(&record(&[5, 7])));
        again.note(settled(&[7, 9], Fate::Taken));
        assert_eq!(again.end().unwrap(), None);
        assert!(!folder.path().join("a.csv.errors.csv").exists());
    }

    #[test]
    fn a_second_run_on_the_same_file_is_told_to_wait() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(&folder);
        let first = Progress::resume(&input, job("1")).unwrap();
        let Failure::Input(said) = Progress::resume(&input, job("1")).unwrap_err() else { panic!("another failure") };
        assert!(said.ends_with("a.csv: another run imports this file; wait for its end"), "{said}");
        drop(first);
        Progress::resume(&input, job("1")).unwrap();
    }

    #[test]
    fn a_changed_file_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(&folder);
        let mut first = Progress::resume(&input, job("1")).unwrap();
        first.note(settled(&[2], Fate::Taken));
        first.end().unwrap();
        drop(first);
        assert_eq!(Progress::resume(&input, job("2")).unwrap().tally(), Tally::default());
        fs::write(folder.path().join("a.csv.progress.json"), "{").unwrap();
        assert_eq!(Progress::resume(&input, job("1")).unwrap().tally(), Tally::default());
    }

    #[test]
    fn every_error_has_a_row_that_no_spreadsheet_takes_for_a_formula() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(&folder);
        let mut progress = Progress::resume(&input, job("1")).unwrap();
        progress.note(settled(&[8], refused()));
        progress.note(settled(&[3, 12], refused()));
        progress.end().unwrap();
        let text = fs::read_to_string(error_file(&input)).unwrap();
        let wanted = "line,number,field,message\n3,'=RE1,net,m\n3,'=RE1,tax,n\n8,'=RE1,net,m\n8,'=RE1,tax,n\n";
        assert_eq!(text, wanted);
    }
}
