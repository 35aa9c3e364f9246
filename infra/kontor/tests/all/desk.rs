//! Whoever sits at the terminal: a folder with files, a portal to reach, and what the command said.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use clap::Parser as _;
use kontor::{Failure, Options, Outcome, Stop, Telling};
use tempfile::TempDir;
use testkit::{Portal, Tenant, Value};

/// What the environment's file is called.
const ENVIRONMENT: &str = "environment";

/// A terminal at a host of a portal.
pub(crate) struct Desk {
    url: String,
    host: String,
    key: String,
    folder: TempDir,
}

/// How a run ended, and its last words.
pub(crate) struct Said {
    pub(crate) ended: Result<Outcome, Failure>,
    pub(crate) text: String,
}

impl Said {
    /// Its lines, when it was asked for JSON.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn is(&self, wanted: Outcome) -> &Self {
        match &self.ended {
            Ok(outcome) => assert_eq!(*outcome, wanted, "{}", self.text),
            Err(failure) => panic!("{failure}\n{}", self.text),
        }
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.text.contains(words), "„{words}“ is not in:\n{}", self.text);
        self
    }
}

impl Desk {
    pub(crate) fn at(url: &str, host: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: url.to_owned(), host: host.to_owned(), key: key.to_owned(), folder }
    }

    pub(crate) fn of_platform(portal: &Portal) -> Self {
        Self::at(&portal.url(), "localhost:9000", portal.platform().token())
    }

    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self::at(&tenant.portal().url(), &tenant.host(), tenant.api.token())
    }

    /// Where the cloud itself is at hand: its environment lies in the folder, as `cargo portal` writes it.
    pub(crate) fn of_cloud(portal: &Portal) -> Self {
        let desk = Self::of_platform(portal);
        let operators = local::environment_of_operators(portal.cloud());
        desk.file(ENVIRONMENT, local::environment_file(portal.environment(), &operators));
        desk
    }

    /// The same place with another key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self::at(&self.url, &self.host, key)
    }

    /// Puts a file into the folder.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a command; words that name a file of the folder become its path.
    pub(crate) async fn run(&self, command: &str) -> Said {
        let (stop, _telling) = Stop::new();
        let mut out = Vec::new();
        let ended = kontor::run(self.options(command), Some(self.key.clone()), stop, &mut out).await;
        Said { ended, text: String::from_utf8(out).unwrap() }
    }

    /// Runs a command that needs the cloud itself.
    pub(crate) async fn run_at_cloud(&self, command: &str) -> Said {
        self.run(&format!("{command} --environment {ENVIRONMENT}")).await
    }

    /// Runs a command and presses Ctrl-C as soon as it tells of any progress.
    pub(crate) async fn run_impatiently(&self, command: &str) -> Said {
        let (stop, telling) = Stop::new();
        let mut out = Impatient { read: Vec::new(), telling };
        let ended = kontor::run(self.options(command), Some(self.key.clone()), stop, &mut out).await;
        Said { ended, text: String::from_utf8(out.read).unwrap() }
    }

    fn options(&self, command: &str) -> Options {
        let word = |word: &str| {
            let path = self.path(word);
            if path.is_file() { path.to_string_lossy().into_owned() } else { word.to_owned() }
        };
        let place = ["kontor", "--url", &self.url, "--host", &self.host].map(str::to_owned);
        let words = place.into_iter().chain(command.split_whitespace().map(word));
        Options::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Reads along until something is told of progress.
struct Impatient {
    read: Vec<u8>,
    telling: Telling,
}

impl Write for Impatient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.read.extend_from_slice(bytes);
        if String::from_utf8_lossy(&self.read).contains("\"progress\"") {
            self.telling.tell();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
