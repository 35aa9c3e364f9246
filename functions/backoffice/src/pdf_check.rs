//! Uploaded PDFs are handed to customers: nothing in them may run, start or smuggle something.

use domain::FieldErrors;
use lopdf::{Document, Object};

/// Names of actions that do something when a document is opened or clicked.
const ACTIVE: [&[u8]; 8] =
    [b"JavaScript", b"JS", b"Launch", b"RichMedia", b"GoToE", b"ImportData", b"SubmitForm", b"Rendition"];
/// The only attachments there may be: e-invoice data (ZUGFeRD, Factur-X, XRechnung).
const ATTACHMENTS: [&str; 4] = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "ZUGFeRD-invoice.xml"];
/// Most objects looked at.
const MAX_OBJECTS: usize = 200_000;

/// Refuses what is no PDF, is encrypted, or carries scripts, launch actions or foreign attachments.
///
/// # Errors
/// The field `pdf` with the code `invalid`, `encrypted` or `active`.
pub(crate) fn check(bytes: &[u8]) -> Result<(), FieldErrors> {
    let refused = |code, message: &str| FieldErrors::one("pdf", code, message);
    if !bytes.starts_with(b"%PDF-") {
        return Err(refused("invalid", "is no PDF"));
    }
    let document = Document::load_mem(bytes).map_err(|_| refused("invalid", "is a broken PDF"))?;
    if document.is_encrypted() || document.trailer.get(b"Encrypt").is_ok() {
        return Err(refused("encrypted", "must not be encrypted"));
    }
    if document.objects.is_empty() || document.objects.len() > MAX_OBJECTS || document.get_pages().is_empty() {
        return Err(refused("invalid", "has no pages or too many objects"));
    }
    for object in document.objects.values() {
        if is_active(object) {
            return Err(refused("active", "must not contain scripts, launch actions or rich media"));
        }
        if attachment_name(object).is_some_and(|name| !ATTACHMENTS.contains(&name.as_str())) {
            return Err(refused("active", "may carry the e-invoice data as attachment, and nothing else"));
        }
    }
    Ok(())
}

fn is_active(object: &Object) -> bool {
    match object {
        Object::Dictionary(dictionary) => dictionary.iter().any(|(key, value)| {
            ACTIVE.contains(&key.as_slice())
                || (key == b"S" && value.as_name().is_ok_and(|name| ACTIVE.contains(&name)))
                || is_active(value)
        }),
        Object::Array(items) => items.iter().any(is_active),
        Object::Stream(stream) => is_active(&Object::Dictionary(stream.dict.clone())),
        _ => false,
    }
}

/// The name of an attachment, where the object is its file specification.
fn attachment_name(object: &Object) -> Option<String> {
    let dictionary = object.as_dict().ok()?;
    dictionary.get(b"EF").ok()?;
    let name = dictionary.get(b"UF").or_else(|_| dictionary.get(b"F")).ok()?.as_str().ok()?;
    let name = match name {
        [0xfe, 0xff, utf16 @ ..] => {
            let units: Vec<u16> = utf16.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        plain => String::from_utf8_lossy(plain).into_owned(),
    };
    Some(name)
}
