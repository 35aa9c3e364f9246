//! A folder with everything of a stage: items, files and tombstones, what they hash to, and a manifest that is written last. A
//! folder without one is no export.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use domain::{erasure::Tombstone, id::TenantId};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::secret::digest;

use crate::Failure;

/// The version of the folder's shape.
pub(crate) const FORMAT: u32 = 1;
/// What makes a folder an export.
const MANIFEST: &str = "manifest.json";
/// Where the files lie, each under its hash.
const FILES: &str = "files";
/// A part is closed when its lines are this large.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// Largest part once unpacked: one line more than that.
const MAX_PART_BYTES: u64 = 16 * 1024 * 1024;

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    pub(crate) stage: String,
    /// Below it are the hosts of its tenants.
    pub(crate) base_domain: String,
    /// The one tenant it is of; none: all.
    pub(crate) tenant: Option<String>,
    /// False when it holds tombstones alone.
    pub(crate) is_whole: bool,
    pub(crate) begun_at: Timestamp,
    pub(crate) ended_at: Timestamp,
    pub(crate) items: Vec<Part>,
    pub(crate) files: Vec<Part>,
    pub(crate) tombstones: Vec<Part>,
}

/// Lines of JSON, packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) lines: usize,
    /// SHA-256 of the packed bytes (base64url), as the table writes hashes.
    pub(crate) sha256: String,
}

/// A file of the bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct FileLine {
    pub(crate) key: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    /// Until when nobody may delete it; a time that is over locks nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locked_until: Option<Timestamp>,
}

/// Somebody who was erased.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TombstoneLine {
    pub(crate) tenant: TenantId,
    pub(crate) tombstone: Tombstone,
}

/// All lines of some parts.
pub(crate) fn lines(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.lines).sum()
}

/// The folder of an export.
#[derive(Debug, Clone)]
pub(crate) struct Backup {
    folder: PathBuf,
}

impl Backup {
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// A file beside the export.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes the folder, unless it holds an export already.
    pub(crate) fn begin(&self) -> Result<(), Failure> {
        if self.beside(MANIFEST).exists() {
            let folder = self.folder.display();
            return Err(Failure::Input(format!("{folder} holds an export already; name another folder")));
        }
        // It holds everything about everybody.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(self.folder.join(FILES))
            .and_then(|()| fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700)))
            .map_err(|error| unusable(&self.folder, &error))
    }

    /// The end of an export.
    pub(crate) fn end(&self, manifest: &Manifest) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(manifest);
        let text = text.map_err(|error| Failure::Input(format!("the manifest cannot be written: {error}")))?;
        write(&self.beside(MANIFEST), text.as_bytes())
    }

    /// What the folder says that it holds.
    pub(crate) fn manifest(&self) -> Result<Manifest, Failure> {
        let file = self.beside(MANIFEST);
        let bytes = fs::read(&file).map_err(|error| unusable(&file, &error))?;
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::Input(format!("{} is no manifest: {error}", file.display())))?;
        if manifest.format != FORMAT {
            let format = manifest.format;
            return Err(Failure::Input(format!("the export has format {format}; this command knows {FORMAT} only")));
        }
        Ok(manifest)
    }

    /// One name for what the folder holds.
    pub(crate) fn fingerprint(&self) -> Result<String, Failure> {
        let file = self.beside(MANIFEST);
        fs::read(&file).map(|bytes| digest(&bytes)).map_err(|error| unusable(&file, &error))
    }

    /// Keeps a file under its hash.
    pub(crate) fn keep(&self, bytes: &[u8]) -> Result<String, Failure> {
        let sha256 = digest(bytes);
        let place = self.place(&sha256)?;
        if !place.exists() {
            write(&place, bytes)?;
        }
        Ok(sha256)
    }

    /// Does a file of this size lie there?
    pub(crate) fn has(&self, line: &FileLine) -> bool {
        let place = self.place(&line.sha256).ok().and_then(|place| fs::metadata(place).ok());
        place.is_some_and(|found| found.len() == line.bytes)
    }

    /// A file's bytes, or why they are not what was kept.
    pub(crate) fn file(&self, line: &FileLine) -> Result<Vec<u8>, Failure> {
        let place = self.place(&line.sha256)?;
        let bytes = fs::read(&place).map_err(|error| unusable(&place, &error))?;
        if digest(&bytes) != line.sha256 || bytes.len() as u64 != line.bytes {
            return Err(Failure::Input(format!("{}: the file is not what was exported", line.key)));
        }
        Ok(bytes)
    }

    fn place(&self, sha256: &str) -> Result<PathBuf, Failure> {
        let is_hash =
            sha256.len() == 43 && sha256.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let shelf = sha256.get(..2).filter(|_| is_hash);
        let shelf = shelf.ok_or_else(|| Failure::Input(format!("{sha256} is no hash of a file")))?;
        Ok(self.folder.join(FILES).join(shelf).join(sha256))
    }

    /// A part's lines, or why they are not what was written.
    pub(crate) fn read<T: DeserializeOwned>(&self, part: &Part) -> Result<Vec<T>, Failure> {
        let name = &part.name;
        let wrong = |why: &str| Failure::Input(format!("{name}: {why}"));
        if Path::new(name).file_name() != Some(name.as_ref()) {
            return Err(wrong("is no name of a part"));
        }
        let file = self.beside(name);
        let packed = fs::read(&file).map_err(|error| unusable(&file, &error))?;
        if digest(&packed) != part.sha256 {
            return Err(wrong("is not what was exported"));
        }
        let unpacked = BufReader::new(GzDecoder::new(packed.as_slice()).take(MAX_PART_BYTES));
        let read = |line: std::io::Result<String>| {
            let line = line.map_err(|_| wrong("cannot be unpacked"))?;
            serde_json::from_str(&line).map_err(|error| wrong(&format!("a line cannot be read: {error}")))
        };
        let lines = unpacked.lines().map(read).collect::<Result<Vec<T>, _>>()?;
        if lines.len() != part.lines {
            return Err(wrong("has another number of lines than was exported"));
        }
        Ok(lines)
    }
}

/// Parts that are being written.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    backup: &'a Backup,
    kind: &'static str,
    done: Vec<Part>,
    lines: usize,
    text: String,
}

impl<'a> Parts<'a> {
    pub(crate) const fn new(backup: &'a Backup, kind: &'static str) -> Self {
        Self { backup, kind, done: Vec::new(), lines: 0, text: String::new() }
    }

    /// One line more.
    pub(crate) fn push<T: Serialize>(&mut self, line: &T) -> Result<(), Failure> {
        let line = serde_json::to_string(line);
        self.text += &line.map_err(|error| Failure::Input(format!("a line cannot be written: {error}")))?;
        self.text.push('\n');
        self.lines += 1;
        if self.text.len() >= PART_BYTES { self.close() } else { Ok(()) }
    }

    /// All parts there are.
    pub(crate) fn end(mut self) -> Result<Vec<Part>, Failure> {
        if self.lines > 0 {
            self.close()?;
        }
        Ok(self.done)
    }

    fn close(&mut self) -> Result<(), Failure> {
        let name = format!("{}-{:05}.jsonl.gz", self.kind, self.done.len());
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let packed = packed.write_all(self.text.as_bytes()).and_then(|()| packed.finish());
        let packed = packed.map_err(|error| Failure::Input(format!("{name} cannot be packed: {error}")))?;
        write(&self.backup.beside(&name), &packed)?;
        self.done.push(Part { name, lines: self.lines, sha256: digest(&packed) });
        (self.lines, self.text) = (0, String::new());
        Ok(())
    }
}

/// Nobody ever finds half a file: it is written beside and then moved.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fresh = file.with_extension("new");
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&fresh, bytes));
    written.and_then(|()| fs::rename(&fresh, file)).map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn lines_come_back_from_their_parts_and_from_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let backup = Backup::at(folder.path());
        let mut parts = Parts::new(&backup, "items");
        let long = "x".repeat(PART_BYTES / 2);
        for number in 0..3 {
            parts.push(&json!({ "number": number, "long": long })).unwrap();
        }
        let parts = parts.end().unwrap();
        assert_eq!((parts.len(), lines(&parts)), (2, 3));
        let second: Vec<Value> = backup.read(&parts[1]).unwrap();
        assert_eq!(second[0]["number"], 2);

        let fewer = Part { lines: 2, ..parts[1].clone() };
        assert!(backup.read::<Value>(&fewer).unwrap_err().to_string().contains("number of lines"));
        let outside = Part { name: "../items-00000.jsonl.gz".to_owned(), ..parts[0].clone() };
        assert!(backup.read::<Value>(&outside).unwrap_err().to_string().contains("no name"));
        fs::write(backup.beside(&parts[0].name), "spoilt").unwrap();
        assert!(backup.read::<Value>(&parts[0]).unwrap_err().to_string().contains("not what was exported"));
    }

    #[test]
    fn a_file_lies_under_its_hash_once() {
        let folder = tempfile::tempdir().unwrap();
        let backup = Backup::at(folder.path());
        backup.begin().unwrap();
        let sha256 = backup.keep(b"paper").unwrap();
        assert_eq!(backup.keep(b"paper").unwrap(), sha256);
        let line = FileLine { key: "T/t/a".to_owned(), bytes: 5, sha256, content_type: None, locked_until: None };
        assert!(backup.has(&line));
        assert_eq!(backup.file(&line).unwrap(), b"paper");
        assert!(!backup.has(&FileLine { bytes: 6, ..line.clone() }));
        fs::write(backup.place(&line.sha256).unwrap(), "Paper").unwrap();
        assert!(backup.file(&line).unwrap_err().to_string().contains("T/t/a"));
        let foreign = FileLine { sha256: "../../etc/passwd".to_owned(), ..line };
        assert!(!backup.has(&foreign) && backup.file(&foreign).is_err());
    }

    #[test]
    fn a_folder_is_an_export_when_its_manifest_is_written_and_then_stays() {
        let folder = tempfile::tempdir().unwrap();
        let backup = Backup::at(folder.path());
        backup.begin().unwrap();
        backup.begin().unwrap();
        assert!(backup.manifest().is_err());
        let manifest = Manifest {
            format: FORMAT,
            stage: "local".to_owned(),
            base_domain: "localhost:9000".to_owned(),
            tenant: None,
            is_whole: true,
            begun_at: Timestamp::UNIX_EPOCH,
            ended_at: Timestamp::UNIX_EPOCH,
            items: vec![],
            files: vec![],
            tombstones: vec![],
        };
        backup.end(&manifest).unwrap();
        assert_eq!(backup.manifest().unwrap(), manifest);
        assert!(backup.begin().unwrap_err().to_string().contains("already"));
        backup.end(&Manifest { format: 2, ..manifest }).unwrap();
        assert!(backup.manifest().unwrap_err().to_string().contains("format 2"));
    }
}
