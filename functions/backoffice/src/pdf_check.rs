//! Uploaded PDFs are handed to customers: nothing in them may run, start or smuggle something.

use domain::FieldErrors;
use lopdf::{Dictionary, Document, Object};

mod reading;

/// Names of actions that do something when a document is opened or clicked.
const ACTIVE: [&[u8]; 8] =
    [b"JavaScript", b"JS", b"Launch", b"RichMedia", b"GoToE", b"ImportData", b"SubmitForm", b"Rendition"];
/// The only attachments there may be: e-invoice data (ZUGFeRD, Factur-X, XRechnung).
const ATTACHMENTS: [&str; 4] = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "ZUGFeRD-invoice.xml"];
/// The keys under which an attachment may have a name.
const NAMES: [&[u8]; 5] = [b"UF", b"F", b"DOS", b"Mac", b"Unix"];
/// Deepest nesting of one object.
const MAX_DEPTH: usize = 50;

/// Refuses what is no PDF, is encrypted, or carries scripts, launch actions or foreign attachments.
///
/// # Errors
/// The field `pdf` with the code `invalid`, `encrypted` or `active`.
pub(crate) fn check(bytes: &[u8]) -> Result<(), FieldErrors> {
    if !bytes.starts_with(b"%PDF-") {
        return Err(refused("invalid", "is no PDF"));
    }
    reading::on_deep_stack(|| check_all(bytes))
}

fn check_all(bytes: &[u8]) -> Result<(), FieldErrors> {
    let pdf = reading::read(bytes)?;
    let document = &pdf.document;
    if document.get_pages().is_empty() {
        return Err(refused("invalid", "has no pages"));
    }
    let walk = Walk { document, depth: 0 };
    walk.dictionary(&document.trailer)?;
    document.objects.values().chain(&pdf.unlisted).try_for_each(|object| walk.check(object))
}

fn refused(code: &'static str, message: &str) -> FieldErrors {
    FieldErrors::one("pdf", code, message)
}

/// Looks at an object and everything inside it, as deep as it is written there.
#[derive(Clone, Copy)]
struct Walk<'a> {
    document: &'a Document,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn check(self, object: &Object) -> Result<(), FieldErrors> {
        if self.depth > MAX_DEPTH {
            return Err(refused("invalid", "is nested too deeply"));
        }
        let inside = Self { depth: self.depth + 1, ..self };
        match object {
            Object::Dictionary(dictionary) => inside.dictionary(dictionary),
            Object::Stream(stream) => inside.dictionary(&stream.dict),
            Object::Array(items) => items.iter().try_for_each(|item| inside.check(item)),
            _ => Ok(()),
        }
    }

    fn dictionary(self, dictionary: &Dictionary) -> Result<(), FieldErrors> {
        let names = dictionary.iter().any(|(key, value)| {
            let kind = || self.resolved(value).and_then(|value| value.as_name().ok());
            ACTIVE.contains(&key.as_slice()) || (key == b"S" && kind().is_some_and(|name| ACTIVE.contains(&name)))
        });
        if names {
            return Err(refused("active", "must not contain scripts, launch actions or rich media"));
        }
        if dictionary.has(b"EF") && !self.is_e_invoice(dictionary) {
            return Err(refused("active", "may carry the e-invoice data as attachment, and nothing else"));
        }
        dictionary.iter().try_for_each(|(_, value)| self.check(value))
    }

    /// Is every name of this attachment one that e-invoice data has, and is there one at all?
    fn is_e_invoice(self, specification: &Dictionary) -> bool {
        let named = NAMES.iter().filter_map(|key| specification.get(key).ok());
        let names: Vec<Option<String>> = named.map(|value| self.resolved(value).and_then(text)).collect();
        let allowed = |name: &Option<String>| name.as_ref().is_some_and(|name| ATTACHMENTS.contains(&name.as_str()));
        !names.is_empty() && names.iter().all(allowed)
    }

    fn resolved<'b>(self, object: &'b Object) -> Option<&'b Object>
    where
        'a: 'b,
    {
        self.document.dereference(object).ok().map(|(_, object)| object)
    }
}

/// A text as people see it: UTF-16 with its mark, else plain.
fn text(object: &Object) -> Option<String> {
    Some(match object.as_str().ok()? {
        [0xfe, 0xff, utf16 @ ..] => {
            let units: Vec<u16> = utf16.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        plain => String::from_utf8_lossy(plain).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with further objects, the first of which is number 4; the catalog says `more`.
    fn pdf(more: &str, objects: &[&str]) -> Vec<u8> {
        let catalog = format!("<</Type/Catalog/Pages 2 0 R{more}>>");
        let mut all = vec![
            catalog.as_str(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R>>",
        ];
        all.extend(objects);
        let (mut pdf, mut places) = ("%PDF-1.7\n".to_owned(), String::new());
        for (number, object) in all.iter().enumerate() {
            places.push_str(&format!("{:010} 00000 n \n", pdf.len()));
            pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
        }
        let (size, start) = (all.len() + 1, pdf.len());
        pdf.push_str(&format!(
            "xref\n0 {size}\n0000000000 65535 f \n{places}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
        ));
        pdf.into_bytes()
    }

    fn code(more: &str, objects: &[&str]) -> Option<&'static str> {
        check(&pdf(more, objects)).err().map(|errors| errors.0[0].code)
    }

    const FILE: &str = "<</Type/EmbeddedFile/Length 0>>stream\n\nendstream";

    #[test]
    fn e_invoice_data_may_be_attached() {
        assert_eq!(code("", &[]), None);
        for names in ["/F(factur-x.xml)/UF(factur-x.xml)", "/UF(xrechnung.xml)", "/UF 6 0 R"] {
            let specification = format!("<</Type/Filespec{names}/EF<</F 4 0 R>>>>");
            let listed = "/Names<</EmbeddedFiles<</Names[(x)5 0 R]>>>>";
            assert_eq!(code(listed, &[FILE, &specification, "(factur-x.xml)"]), None, "{names}");
        }
    }

    #[test]
    fn nothing_else_is_attached_however_it_is_written() {
        for names in
            ["/F(a.exe)", "/UF(a.exe)/F(factur-x.xml)", "/UF(factur-x.xml)/F(a.exe)", "", "/UF 6 0 R", "/UF 9 0 R"]
        {
            let specification = format!("<</Type/Filespec{names}/EF<</F 4 0 R>>>>");
            assert_eq!(code("/AF[5 0 R]", &[FILE, &specification, "(a.exe)"]), Some("active"), "{names}");
            let direct = format!("/Names<</EmbeddedFiles<</Names[(x){specification}]>>>>");
            assert_eq!(code(&direct, &[FILE, "null", "(a.exe)"]), Some("active"), "{names}");
            let annotation = format!("<</Subtype/FileAttachment/FS{specification}>>");
            assert_eq!(code("", &[FILE, &annotation, "(a.exe)"]), Some("active"), "{names}");
        }
    }

    #[test]
    fn nothing_runs() {
        for action in ["<</S/JavaScript>>", "<</S/Launch>>", "<</S 4 0 R>>", "[[<</S/GoToE>>]]", "<</JS(x)>>"] {
            assert_eq!(code(&format!("/OpenAction{action}"), &["/Launch"]), Some("active"), "{action}");
        }
        assert_eq!(code("/OpenAction<</S/GoTo>>", &[]), None);
    }

    fn object_stream(inside: &str) -> String {
        format!("<</Type/ObjStm/N 1/First 4/Length {}>>stream\n{inside}\nendstream", inside.len())
    }

    #[test]
    fn nothing_is_nested_so_deeply_that_the_process_ends() {
        let nested =
            |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        for levels in [60, 100, 500, 100_000] {
            for (open, close) in [("<</A ", ">>"), ("[", "]"), ("<</A[", "]>>")] {
                let value = nested(open, close, levels);
                assert_eq!(code(&format!("/X {value}"), &[]), Some("invalid"), "{open} {levels}");
                assert_eq!(code("", &[&value]), Some("invalid"), "{open} {levels}");
                assert_eq!(code("", &[&object_stream(&format!("9 0 {value}"))]), Some("invalid"), "{open} {levels}");
            }
        }
        assert_eq!(code("", &[&nested("<</A[", "]>>", 20)]), None);
        assert_eq!(code("", &[&nested("(", ")", 2_000_000)]), Some("invalid"));
        assert_eq!(code("", &[&"(".repeat(2_000_000)]), Some("invalid"));
        let strings = format!("<</A{}>>", nested("(", ")", 90));
        assert_eq!(code("", &[&nested("[", "]", 40).replace('1', &strings)]), None);
    }

    #[test]
    fn streams_whose_lengths_are_streams_are_no_way_down() {
        let length = |next: usize| format!("<</Length {next} 0 R>>stream\nx\nendstream");
        let chain: Vec<String> = (0..50_000).map(|position| length(position + 5)).collect();
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        assert!(matches!(code("", &chain), None | Some("invalid")));
        // A stream of objects whose length stands in itself.
        assert_eq!(code("", &["<</Type/ObjStm/N 1/First 4/Length 9 0 R>>stream\n9 0 5\nendstream"]), Some("invalid"));
        // The usual case, and the same with its name in disguise.
        let packed = "<</Type/ObjStm/N 1/First 4/Length 5 0 R>>stream\n9 0 <</S/JavaScript>>\nendstream";
        assert_eq!(code("", &[packed, "21"]), Some("active"));
        assert_eq!(code("", &[&packed.replace("S/JavaScript", "S/HarmlessOn"), "21"]), None);
        assert_eq!(code("", &[&packed.replace("/Length", "/L#65ngth"), "21"]), Some("invalid"));
        assert_eq!(code("", &[&packed.replace("/ObjStm", "/#4fbjStm"), "21"]), Some("invalid"));
    }

    #[test]
    fn what_the_reader_cannot_read_is_not_taken() {
        assert_eq!(code("", &["<</S/JavaScript/X[}]>>"]), Some("invalid"));
        assert_eq!(code("", &["<</Type/ObjStm/N 2/First 4/Length 9>>stream\n9 0 null \nendstream"]), Some("invalid"));
    }

    #[test]
    fn a_stream_of_objects_that_unpacks_to_far_too_much_is_refused() {
        let bomb = bomb(64 * 1024 * 1024);
        assert!(bomb.len() < 100_000);
        assert_eq!(check(&bomb).unwrap_err().0[0].code, "invalid");
    }

    /// A page, and a stream of objects that is `bytes` spaces: each `x` of the file stands for what is written there.
    fn bomb(bytes: usize) -> Vec<u8> {
        use std::io::Write as _;
        let mut packed = flate2::write::ZlibEncoder::new(b"".to_vec(), flate2::Compression::best());
        packed.write_all(b"9 0 ").unwrap();
        packed.write_all(&vec![b' '; bytes]).unwrap();
        let packed = packed.finish().unwrap();
        let head = format!("<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {}>>stream\n", packed.len());
        let plain = pdf("", &[&format!("{head}{}\nendstream", "x".repeat(packed.len()))]);
        let at = plain.windows(head.len()).position(|part| part == head.as_bytes()).unwrap() + head.len();
        [&plain[..at], &packed, &plain[at + packed.len()..]].concat()
    }

    #[test]
    fn streams_of_objects_are_looked_into() {
        assert_eq!(code("", &[&object_stream("9 0 <</S/JavaScript/X(y)>>")]), Some("active"));
    }
}
