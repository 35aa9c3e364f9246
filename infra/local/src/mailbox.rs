//! The mailbox: every mail the portal sends ends here, for people to read and for programs to check.

mod identities;
mod pages;
mod parse;
mod returned;
mod ses;

pub use pages::{Desk, Persona};
pub use returned::Return;

use serde::Serialize;
use std::{
    collections::VecDeque,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use web::Clock;

/// Older mails are thrown away.
const MAX_MESSAGES: usize = 1_000;

/// One mail as it arrived.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    /// When it arrived, by the portal's clock.
    pub date: String,
    pub from: String,
    /// The addresses it was sent to, with commas between them.
    pub to: String,
    pub subject: String,
    /// Its lines, without the transfer's own line ends.
    pub text: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    /// What SES was told about it, by name.
    pub tags: Vec<(String, String)>,
    #[serde(skip)]
    raw: Arc<[u8]>,
}

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub content_type: String,
    pub size: usize,
    pub url: String,
    #[serde(skip)]
    pub content: Vec<u8>,
}

impl Message {
    /// The mail as it came over the wire.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    fn is_for(&self, address: &str) -> bool {
        self.to.split(", ").any(|to| to.eq_ignore_ascii_case(address))
    }
}

/// A handle to the mailbox; clones show the same mails.
#[derive(Debug, Clone)]
pub struct Mailbox {
    messages: Arc<Mutex<VecDeque<Message>>>,
    folder: Option<PathBuf>,
    clock: Clock,
    base_url: String,
    desk: Arc<OnceLock<Desk>>,
}

impl Mailbox {
    /// Opens the mails kept in `folder`; without one they live in memory only.
    pub(crate) fn open(folder: Option<PathBuf>, clock: Clock, base_url: String) -> io::Result<Self> {
        let mailbox = Self { messages: Arc::default(), folder, clock, base_url, desk: Arc::default() };
        if let Some(folder) = &mailbox.folder {
            fs::create_dir_all(folder)?;
            let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            files.sort();
            for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "eml")) {
                let id = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let message = parse::message(id, fs::read(file)?.into(), &mailbox.base_url);
                mailbox.messages().push_back(message);
            }
        }
        Ok(mailbox)
    }

    /// Every mail, newest first.
    #[must_use]
    pub fn all(&self) -> Vec<Message> {
        self.messages().iter().rev().cloned().collect()
    }

    /// The mails to this address, newest first.
    #[must_use]
    pub fn messages_to(&self, address: &str) -> Vec<Message> {
        self.messages().iter().rev().filter(|message| message.is_for(address)).cloned().collect()
    }

    #[must_use]
    pub fn message(&self, id: &str) -> Option<Message> {
        self.messages().iter().find(|message| message.id == id).cloned()
    }

    /// Throws all mails away.
    pub fn clear(&self) {
        let thrown_away: Vec<Message> = self.messages().drain(..).collect();
        thrown_away.iter().for_each(|message| self.forget(&message.id));
    }

    /// Puts the portal's part on the start page, once the portal runs.
    pub fn furnish(&self, desk: Desk) {
        if self.desk.set(desk).is_err() {
            tracing::warn!("the mailbox was furnished twice; the first desk stays");
        }
    }

    /// The server: SES for the functions, pages for people, JSON for programs.
    pub(crate) fn router(&self) -> axum::Router {
        pages::router(self.clone())
    }

    /// Takes a mail to these recipients, with tags as `name=value`, and answers its id.
    fn deliver(&self, recipients: &[String], tags: &[String], mime: &[u8]) -> io::Result<String> {
        let stamped: Arc<[u8]> = parse::stamp(self.clock.now(), recipients, tags, mime).into();
        let mut messages = self.messages();
        let id = next_id(messages.back());
        if let Some(folder) = &self.folder {
            fs::write(folder.join(format!("{id}.eml")), &stamped)?;
        }
        messages.push_back(parse::message(id.clone(), stamped, &self.base_url));
        while messages.len() > MAX_MESSAGES {
            let oldest = messages.pop_front();
            oldest.iter().for_each(|message| self.forget(&message.id));
        }
        Ok(id)
    }

    fn forget(&self, id: &str) {
        if let Some(folder) = &self.folder
            && let Err(error) = fs::remove_file(folder.join(format!("{id}.eml")))
        {
            tracing::warn!(%error, id, "a mail's file could not be removed");
        }
    }

    fn messages(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The real milliseconds, as they sort by arrival and never come back after a restart.
fn next_id(newest: Option<&Message>) -> String {
    let after = newest.and_then(|message| message.id.parse::<i64>().ok()).map_or(0, |id| id + 1);
    Clock::system().now().as_millisecond().max(after).to_string()
}
