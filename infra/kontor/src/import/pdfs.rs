//! `kontor import pdfs`: old PDFs out of a ZIP, each to the document whose number its name says.

use std::{
    io::{Cursor, Read as _},
    sync::atomic::{AtomicBool, Ordering},
};

use domain::number::{InvoiceNumber, slug};
use futures_util::{Stream, StreamExt as _, stream};
use http::Method;
use zip::ZipArchive;

use super::{
    progress::{Fate, Progress, Settled},
    send::{MAX_BODY_BYTES, Sent, fate},
};
use crate::{
    Failure,
    client::{Api, Body, FieldError, Request},
    options::Pdfs,
};

/// Most files of one ZIP.
const MAX_FILES: usize = 100_000;
/// What a Mac adds to every ZIP.
const FOREIGN: &str = "__MACOSX/";

/// A file of the ZIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its place among the files, from 1: its line, so to speak.
    pub(crate) line: usize,
    /// Its place in the ZIP.
    place: usize,
    name: String,
}

/// The ZIP, with what counts of it.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    pub(crate) entries: Vec<Entry>,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Failure> {
        let unreadable = |error| Failure::Input(format!("this is no .zip: {error}"));
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
        if zip.len() > MAX_FILES {
            return Err(Failure::Input(format!("at most {MAX_FILES} files are taken from one .zip")));
        }
        let mut entries = Vec::new();
        for place in 0..zip.len() {
            let file = zip.by_index(place).map_err(unreadable)?;
            if !file.is_dir() && !file.name().starts_with(FOREIGN) {
                entries.push(Entry { line: entries.len() + 1, place, name: file.name().to_owned() });
            }
        }
        Ok(Self { zip, entries })
    }

    /// The bytes of a file; a ZIP may claim anything, so no more is unpacked than the API takes.
    fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, &'static str> {
        let file = self.zip.by_index(entry.place).map_err(|_| "cannot be unpacked")?;
        let mut bytes = Vec::new();
        file.take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|_| "cannot be unpacked")?;
        if bytes.len() > MAX_BODY_BYTES { Err("is larger than 4 MB") } else { Ok(bytes) }
    }
}

/// Sends every file that is not in yet, and tells what became of each.
pub(crate) fn send<'a>(
    api: &'a Api,
    pdfs: &'a Pdfs,
    mut archive: Archive<'a>,
    progress: &Progress,
    halt: &'a AtomicBool,
) -> impl Stream<Item = Sent> + use<'a> {
    let open: Vec<Entry> = archive.entries.iter().filter(|entry| !progress.has_line(entry.line)).cloned().collect();
    let goes_on = move || !halt.load(Ordering::Relaxed) && !api.stop().is_told();
    stream::iter(open)
        .take_while(move |_| std::future::ready(goes_on()))
        .map(move |entry| {
            let number = number_in(&entry.name, &pdfs.name).ok_or("must be called as --name says");
            let ready = number.and_then(|number| Ok((number, archive.read(&entry)?)));
            send_one(api, pdfs, entry, ready)
        })
        .buffer_unordered(usize::from(pdfs.parallel))
}

async fn send_one(api: &Api, pdfs: &Pdfs, entry: Entry, ready: Result<(String, Vec<u8>), &'static str>) -> Sent {
    let Entry { line, name, .. } = entry;
    let fate = match ready {
        Err(why) => Fate::Refused(vec![FieldError::new("pdf", "invalid", why)]),
        Ok((number, bytes)) => {
            let path = format!("/documents/{}/{}/pdf", pdfs.kind.code(), slug(&number));
            let answer = api.ask(&Request::new(Method::PUT, path, Body::Pdf(bytes))).await?;
            fate(api, &answer, "number", "there is no such document")?
        }
    };
    Ok(vec![Settled { lines: vec![line], number: name, fate }])
}

/// The number that a name says; what a file cannot be called stands in it as in addresses, `RE~2F1` for `RE/1`.
fn number_in(name: &str, (before, behind): &(String, String)) -> Option<String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let number = file.strip_prefix(before.as_str())?;
    let end = number.len().checked_sub(behind.len())?;
    let ending = number.get(end..)?;
    let number = number.get(..end).filter(|number| !number.is_empty() && ending.eq_ignore_ascii_case(behind))?;
    // Addresses with such a part are other addresses.
    if matches!(number, "." | "..") {
        return None;
    }
    Some(InvoiceNumber::from_slug(number).map_or_else(|_| number.to_owned(), |number| number.to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn number(name: &str, before: &str, behind: &str) -> Option<String> {
        number_in(name, &(before.to_owned(), behind.to_owned()))
    }

    #[test]
    fn a_name_says_its_number() {
        assert_eq!(number("2019/RE1000.pdf", "", ".pdf").as_deref(), Some("RE1000"));
        assert_eq!(number("alt\\Rechnung_RE 7.PDF", "Rechnung_", ".pdf").as_deref(), Some("RE 7"));
        assert_eq!(number("RE~2F1.pdf", "", ".pdf").as_deref(), Some("RE/1"));
        assert_eq!(number("A~B.pdf", "", ".pdf").as_deref(), Some("A~B"));
        for name in ["RE1000.txt", ".pdf", "..pdf", "...pdf", "pdf", "Rechnung.pdf/", "é.pdf2"] {
            assert_eq!(number(name, "", ".pdf"), None, "{name}");
        }
        assert_eq!(number("RE1.pdf", "Rechnung_", ".pdf"), None);
    }

    #[test]
    fn folders_and_what_a_mac_adds_are_no_files() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        writer.add_directory("2019/", options).unwrap();
        for name in ["2019/RE1.pdf", "__MACOSX/2019/._RE1.pdf", "list.txt"] {
            writer.start_file(name, options).unwrap();
            writer.write_all(name.as_bytes()).unwrap();
        }
        let bytes = writer.finish().unwrap().into_inner();
        let mut archive = Archive::open(&bytes).unwrap();
        let names: Vec<(usize, &str)> = archive.entries.iter().map(|entry| (entry.line, entry.name.as_str())).collect();
        assert_eq!(names, [(1, "2019/RE1.pdf"), (2, "list.txt")]);
        let last = archive.entries[1].clone();
        assert_eq!(archive.read(&last).unwrap(), b"list.txt");
        assert!(Archive::open(b"no zip").is_err());
    }
}
