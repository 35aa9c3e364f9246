//! Reads a PDF of somebody else so that it can neither crash nor fill this process.
//!
//! The reader recurses for every level of an object and once more for every stream whose length stands in another
//! object, and it unpacks whatever it is told to. So it runs on a deep stack, is shown a copy in which no length has to
//! be looked up and no stream of objects is one, and the rest is done here, within limits.

use domain::FieldErrors;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, ObjectStream, Stream, xref::XrefEntry};

use super::refused;

/// Stack of the reader: a hundred levels, the most it follows, need some megabytes in a development build.
const STACK_BYTES: usize = 64 * 1024 * 1024;
/// Longest table of objects once unpacked.
const MAX_TABLE_BYTES: usize = 4 * 1024 * 1024;
/// Most tables: the first and one for each later change of the file.
const MAX_TABLES: usize = 20;
/// All streams of objects together, once unpacked.
const MAX_UNPACKED_BYTES: usize = 32 * 1024 * 1024;
/// Most objects.
const MAX_OBJECTS: usize = 200_000;

/// `/Length` where it names another object, and what it is called in the copy.
const LENGTH: (&[u8], &[u8]) = (b"Length", b"Xength");
/// The type of streams of objects, and what it is called in the copy.
const OBJECT_STREAM: (&[u8], &[u8]) = (b"ObjStm", b"XbjStm");
const TABLE: &[u8] = b"XRef";

/// A document with everything in it that a viewer may find.
#[derive(Debug)]
pub(super) struct Pdf {
    /// Objects by number, those in streams of objects too.
    pub(super) document: Document,
    /// What lies in streams of objects beside the objects the tables list.
    pub(super) unlisted: Vec<Object>,
}

/// Does the work on a stack that is deep enough for any document.
pub(super) fn on_deep_stack(work: impl FnOnce() -> Result<(), FieldErrors> + Send) -> Result<(), FieldErrors> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        thread.map_or_else(|_| Err(broken()), |thread| thread.join().unwrap_or_else(|_| Err(broken())))
    })
}

fn broken() -> FieldErrors {
    refused("invalid", "is a broken PDF")
}

fn unreadable() -> FieldErrors {
    refused("invalid", "has objects that cannot be read")
}

/// Reads all objects.
///
/// # Errors
/// `pdf` with the code `invalid`, also where an object cannot be read: viewers are more patient than this reader.
pub(super) fn read(bytes: &[u8]) -> Result<Pdf, FieldErrors> {
    let copy = harmless_copy(bytes)?;
    let options = LoadOptions::with_max_decompressed_size(MAX_TABLE_BYTES);
    let document = Document::load_mem_with_options(&copy, options).map_err(|_| broken())?;
    if document.was_encrypted() || document.is_encrypted() || document.trailer.get(b"Encrypt").is_ok() {
        return Err(refused("encrypted", "must not be encrypted"));
    }
    let listed = &document.reference_table.entries;
    let read = |number: u32| document.objects.range((number, 0)..=(number, u16::MAX)).next().is_some();
    let lost =
        |(number, entry): (&u32, &XrefEntry)| matches!(entry, XrefEntry::Normal { offset: 1.., .. }) && !read(*number);
    if listed.len() > MAX_OBJECTS || listed.iter().any(lost) {
        return Err(unreadable());
    }
    let mut pdf = Pdf { document, unlisted: Vec::new() };
    pdf.unpack(&copy)?;
    Ok(pdf)
}

impl Pdf {
    /// Unpacks the streams of objects. Streams whose length stands in such a stream come last.
    fn unpack(&mut self, bytes: &[u8]) -> Result<(), FieldErrors> {
        let is_packed = |object: &Object| object.as_stream().is_ok_and(|stream| stream.dict.has_type(OBJECT_STREAM.1));
        let ids = self.document.objects.iter().filter(|(_, object)| is_packed(object)).map(|(id, _)| *id);
        let mut waiting: Vec<ObjectId> = ids.collect();
        let (mut room, mut count) = (MAX_UNPACKED_BYTES, self.document.objects.len());
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut still_waiting = Vec::new();
            for id in waiting {
                let Some(mut stream) = self.stream(id, bytes)? else {
                    still_waiting.push(id);
                    continue;
                };
                let promised = stream.dict.get(b"N").and_then(Object::as_i64).unwrap_or(i64::MAX);
                let unpacked = ObjectStream::new_with_limit(&mut stream, Some(room)).map_err(|_| unreadable())?;
                room = room.saturating_sub(stream.content.len());
                count += unpacked.objects.len();
                if i64::try_from(unpacked.objects.len()).is_ok_and(|found| found < promised) || count > MAX_OBJECTS {
                    return Err(unreadable());
                }
                unpacked.objects.into_iter().for_each(|(number, object)| self.keep(id.0, number, object));
            }
            if still_waiting.len() == before {
                return Err(unreadable());
            }
            waiting = still_waiting;
        }
        Ok(())
    }

    /// The first copy of an object in the stream its table names is the object; all others are looked at beside it.
    fn keep(&mut self, container: u32, id: ObjectId, object: Object) {
        let elsewhere = match self.document.reference_table.get(id.0) {
            Some(XrefEntry::Compressed { container: listed, .. }) => *listed != container,
            _ => false,
        };
        if elsewhere || self.document.objects.contains_key(&id) {
            self.unlisted.push(object);
        } else {
            self.document.objects.insert(id, object);
        }
    }

    /// A stream with its content; `None` while the object with its length is not there.
    fn stream(&self, id: ObjectId, bytes: &[u8]) -> Result<Option<Stream>, FieldErrors> {
        let stream = self.document.get_object(id).and_then(Object::as_stream).map_err(|_| unreadable())?;
        let mut stream = stream.clone();
        let (Some(start), Some(length)) = (stream.start_position, named_length(&stream.dict)) else {
            return Ok(Some(stream));
        };
        let Some(object) = self.document.objects.get(&length) else { return Ok(None) };
        let length = object.as_i64().ok().and_then(|length| usize::try_from(length).ok()).ok_or_else(unreadable)?;
        let end = start.checked_add(length).ok_or_else(unreadable)?;
        stream.content = bytes.get(start..end).ok_or_else(unreadable)?.to_vec();
        Ok(Some(stream))
    }
}

fn named_length(dictionary: &Dictionary) -> Option<ObjectId> {
    dictionary.get(LENGTH.1).and_then(Object::as_reference).ok()
}

/// The same file, every place where it was, in which the reader has nothing to look up and nothing to unpack but tables.
fn harmless_copy(bytes: &[u8]) -> Result<Vec<u8>, FieldErrors> {
    let (mut copy, mut tables) = (bytes.to_vec(), 0);
    for slash in (0..bytes.len()).filter(|at| bytes[*at] == b'/') {
        let start = slash + 1;
        let length = bytes[start..].iter().take(64).position(|byte| !is_regular(*byte));
        let Some(name) = length.map(|length| &bytes[start..start + length]) else { continue };
        if name.contains(&b'#') && [LENGTH.0, OBJECT_STREAM.0, TABLE].contains(&plain(name).as_slice()) {
            return Err(refused("invalid", "hides names that say how it is to be read"));
        }
        let end = start + name.len();
        let other = if name == OBJECT_STREAM.0 {
            OBJECT_STREAM.1
        } else if name == LENGTH.0 && is_reference(&bytes[end..]) {
            LENGTH.1
        } else {
            tables += usize::from(name == TABLE);
            continue;
        };
        copy[start..end].copy_from_slice(other);
    }
    if tables > MAX_TABLES { Err(refused("invalid", "was changed too often to be read")) } else { Ok(copy) }
}

fn is_regular(byte: u8) -> bool {
    !matches!(byte, b'\0' | b'\t' | b'\n' | 0x0c | b'\r' | b' ') && !b"()<>[]{}/%".contains(&byte)
}

/// A name without its escapes (`#4c` is `L`).
fn plain(name: &[u8]) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::with_capacity(name.len()), name);
    while let [first, after @ ..] = rest {
        let escaped = after.get(..2).filter(|_| *first == b'#').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                rest = &after[2..];
            }
            None => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

/// Do two numbers stand here, as in `5 0 R`?
fn is_reference(text: &[u8]) -> bool {
    let number = |text: &[u8]| text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let first = after_space(text);
    let second = after_space(&first[number(first)..]);
    number(first) > 0 && number(second) > 0
}

/// What comes after spaces and comments.
fn after_space(mut text: &[u8]) -> &[u8] {
    loop {
        match text {
            [b'\0' | b'\t' | b'\n' | 0x0c | b'\r' | b' ', rest @ ..] => text = rest,
            [b'%', rest @ ..] => {
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
                text = &rest[end..];
            }
            _ => return text,
        }
    }
}
