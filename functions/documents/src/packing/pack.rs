//! A ZIP that is written in memory: as large as one portion may make it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    io::{Cursor, Write as _},
};

use domain::job::JobPart;
use store::{Shown, secret};
use web::{Answer, Problem};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// With so many files nothing further begins.
const MAX_FILES: usize = 500;
/// With so many bytes, before they are packed, nothing further begins. A step adds a few more.
const MAX_BYTES: usize = 16_000_000;

/// Files and items on their way into one ZIP.
#[derive(Debug, Default)]
pub(super) struct Pack {
    /// Names and contents.
    files: Vec<(String, Vec<u8>)>,
    /// The names in small letters.
    names: BTreeSet<String>,
    /// Items as JSON, by the file they stand in.
    items: BTreeMap<&'static str, Vec<String>>,
    /// Lines of the list of its files, where it has one.
    lines: Vec<[String; 6]>,
    bytes: usize,
}

impl Pack {
    /// Must a new one begin?
    pub(super) const fn is_full(&self) -> bool {
        self.files.len() >= MAX_FILES || self.bytes >= MAX_BYTES
    }

    /// Is nothing in it?
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.items.is_empty() && self.lines.is_empty()
    }

    /// Adds a line to the list of its files.
    pub(super) fn list(&mut self, line: [String; 6]) {
        self.lines.push(line);
    }

    /// That list.
    pub(super) fn take_lines(&mut self) -> Vec<[String; 6]> {
        std::mem::take(&mut self.lines)
    }

    /// Adds a file, and answers the name it has: where case does not count, one would overwrite the other.
    pub(super) fn add(&mut self, name: String, bytes: Vec<u8>) -> String {
        self.bytes += bytes.len();
        let name = match self.names.insert(name.to_lowercase()) {
            true => name,
            false => self.numbered(&name),
        };
        self.files.push((name.clone(), bytes));
        name
    }

    fn numbered(&mut self, name: &str) -> String {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let mut numbered = (2_usize..).map(|number| format!("{stem}-{number}.{ending}"));
        let fresh = numbered.find(|name| self.names.insert(name.to_lowercase()));
        fresh.unwrap_or_else(|| name.to_owned())
    }

    /// Adds items to the files they stand in.
    pub(super) fn show(&mut self, items: impl IntoIterator<Item = Shown>) {
        for Shown { file, item } in items {
            let item = item.to_string();
            self.bytes += item.len();
            self.items.entry(file).or_default().push(item);
        }
    }

    /// Its bytes, and what is noted of them.
    pub(super) fn into_zip(self) -> Answer<(Vec<u8>, JobPart)> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(self.bytes)));
        let items = |(file, items): (&str, Vec<String>)| {
            (file.to_owned(), format!("[\n{}\n]\n", items.join(",\n")).into_bytes())
        };
        let mut count = 0;
        for (name, bytes) in self.items.into_iter().map(items).chain(self.files) {
            // What is packed already, as PDFs are, is not packed again. Without a time of its own every file is of 1980: the
            // same content is the same ZIP.
            let is_packed = name.ends_with(".pdf");
            let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            zip.start_file(name, SimpleFileOptions::default().compression_method(method)).map_err(broken)?;
            zip.write_all(&bytes).map_err(broken)?;
            count += 1;
        }
        let bytes = zip.finish().map_err(broken)?.into_inner();
        let part = JobPart { sha256: secret::digest(&bytes), size: bytes.len() as u64, files: count };
        Ok((bytes, part))
    }
}

fn broken(error: impl Display) -> Problem {
    Problem::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use serde_json::{Value, json};
    use zip::ZipArchive;

    use super::*;

    fn read(bytes: Vec<u8>, name: &str) -> Vec<u8> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut content = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut content).unwrap();
        content
    }

    fn pack() -> Pack {
        let mut pack = Pack::default();
        assert!(pack.is_empty() && !pack.is_full());
        pack.add("files/Rechnung-RE1.pdf".to_owned(), b"%PDF".to_vec());
        let shown = |item: Value| Shown { file: "events.json", item };
        pack.show([shown(json!({ "id": 1 })), shown(json!({ "id": 2 }))]);
        pack
    }

    #[test]
    fn two_names_that_differ_in_their_case_alone_are_told_apart() {
        let mut pack = Pack::default();
        let mut add = |name: &str| pack.add(name.to_owned(), Vec::new());
        assert_eq!(add("Rechnung-RE1.pdf"), "Rechnung-RE1.pdf");
        assert_eq!(add("Rechnung-re1.pdf"), "Rechnung-re1-2.pdf");
        assert_eq!(add("Rechnung-RE1.pdf"), "Rechnung-RE1-3.pdf");
    }

    #[test]
    fn files_and_items_come_back_as_they_went_in_and_the_same_is_the_same_zip() {
        let (bytes, part) = pack().into_zip().unwrap();
        assert_eq!(read(bytes.clone(), "files/Rechnung-RE1.pdf"), b"%PDF");
        let items: Value = serde_json::from_slice(&read(bytes.clone(), "events.json")).unwrap();
        assert_eq!(items, json!([{ "id": 1 }, { "id": 2 }]));
        assert_eq!((part.files, part.size), (2, bytes.len() as u64));
        assert_eq!(pack().into_zip().unwrap().1, part);
    }

    #[test]
    fn a_pack_is_full_of_files_or_of_bytes() {
        let mut pack = Pack::default();
        for number in 0..MAX_FILES {
            assert!(!pack.is_full());
            pack.add(format!("{number}.pdf"), Vec::new());
        }
        assert!(pack.is_full());
        let mut pack = Pack::default();
        pack.add("a.pdf".to_owned(), vec![0; MAX_BYTES]);
        assert!(pack.is_full());
    }
}
