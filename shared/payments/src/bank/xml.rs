//! A small tree of an XML file, without anything a bank does not need: no DTD, no entities, bounded depth and size.

use std::{borrow::Cow, ops::Range};

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesStart, Event},
};

use super::{BankFileError, MAX_TEXT_CHARS};

/// camt files nest up to 16 deep.
const MAX_DEPTH: usize = 32;
/// A file of 4 MB with real entries has about 100,000 elements.
const MAX_ELEMENTS: usize = 300_000;

/// One element.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// Name without prefix.
    pub(super) name: &'a str,
    /// Text directly inside.
    pub(super) text: Cow<'a, str>,
    /// Elements directly inside.
    pub(super) children: Vec<Element<'a>>,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// `Ccy` of an amount.
    pub(super) currency: Option<&'a str>,
}

impl<'a> Element<'a> {
    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of this name.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element on a way down.
    pub(super) fn at(&self, way: &[&str]) -> Option<&Self> {
        way.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text there, trimmed; an empty one is none.
    pub(super) fn text_at(&self, way: &[&str]) -> Option<&str> {
        self.at(way).map(|element| element.text.trim()).filter(|text| !text.is_empty())
    }
}

/// A file: its root and the namespace the root stands in.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) root: Element<'a>,
    pub(super) namespace: Cow<'a, str>,
}

/// The number of the line in which this byte stands, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// Reads a whole file.
pub(super) fn read(text: &str) -> Result<Document<'_>, BankFileError> {
    let mut builder = Builder { text, open: Vec::new(), root: None, namespace: Cow::Borrowed(""), elements: 0 };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let Ok(event) = reader.read_event() else {
            let end = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            return Err(builder.expected(end, "well-formed XML"));
        };
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        if !builder.take(event, start..end)? {
            break;
        }
    }
    let (line, root) = (line_of(text, text.len()), builder.root);
    match root {
        Some(root) if builder.open.is_empty() => Ok(Document { root, namespace: builder.namespace }),
        _ => Err(BankFileError::CutOff { line, expected: "the end of the document" }),
    }
}

struct Builder<'a> {
    text: &'a str,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
    namespace: Cow<'a, str>,
    elements: usize,
}

impl<'a> Builder<'a> {
    fn expected(&self, at: usize, expected: &'static str) -> BankFileError {
        BankFileError::Expected { line: line_of(self.text, at), expected }
    }

    /// Takes one event; `false` after the last.
    fn take(&mut self, event: Event<'a>, span: Range<usize>) -> Result<bool, BankFileError> {
        let at = span.start;
        match event {
            Event::Start(tag) => self.open(&tag, span)?,
            Event::End(_) => self.close(at)?,
            Event::Text(text) => self.add(text.xml10_content(), at)?,
            Event::CData(text) => self.add(text.xml10_content(), at)?,
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().ok().flatten().map(String::from);
                let named = resolve_xml_entity(&entity).map(str::to_owned);
                let resolved = character.or(named).filter(|text| !text.contains(is_forbidden));
                let resolved = resolved.ok_or_else(|| self.expected(at, "no entities but those of XML"))?;
                self.add(Cow::Owned(resolved), at)?;
            }
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().and_then(Result::ok);
                let is_ours = |name: &str| ["utf-8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str());
                if encoding.is_some_and(|name| !is_ours(&name)) {
                    return Err(self.expected(at, "UTF-8"));
                }
            }
            Event::DocType(_) => return Err(self.expected(at, "no document type")),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return Ok(false),
            Event::Empty(_) => return Err(self.expected(at, "well-formed XML")),
        }
        Ok(true)
    }

    fn open(&mut self, tag: &BytesStart<'a>, span: Range<usize>) -> Result<(), BankFileError> {
        let at = span.start;
        self.elements += 1;
        if self.elements > MAX_ELEMENTS || self.open.len() >= MAX_DEPTH {
            return Err(self.expected(at, "fewer or less deeply nested elements"));
        }
        // The names are taken from the text, where they live as long as the tree: `<` (and a prefix), then the name.
        let local = tag.local_name().into_inner().len();
        let name_end = at + 1 + tag.name().into_inner().len();
        let name = self.text.get(name_end.saturating_sub(local)..name_end).unwrap_or_default();
        if self.open.is_empty() {
            if self.root.is_some() {
                return Err(self.expected(at, "one document"));
            }
            self.namespace = Cow::Owned(self.namespace_of(tag, at)?);
        }
        let currency = self.currency_of(tag, at)?;
        self.open.push(Element { name, text: Cow::Borrowed(""), children: Vec::new(), at, currency });
        Ok(())
    }

    fn namespace_of(&self, tag: &BytesStart<'a>, at: usize) -> Result<String, BankFileError> {
        let declared = match tag.name().prefix() {
            Some(prefix) => format!("xmlns:{}", prefix.into_inner()),
            None => "xmlns".to_owned(),
        };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| self.expected(at, "well-formed attributes"))?;
            if attribute.key.into_inner() == declared {
                return Ok(attribute.value.trim().to_owned());
            }
        }
        Ok(String::new())
    }

    /// Only the three letters of a code are kept, so that nothing has to be copied.
    fn currency_of(&self, tag: &BytesStart<'a>, at: usize) -> Result<Option<&'a str>, BankFileError> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| self.expected(at, "well-formed attributes"))?;
            if attribute.key.into_inner() == "Ccy" {
                let code = domain::Currency::ALL.into_iter().find(|currency| currency.code() == attribute.value);
                return Ok(Some(code.map_or("", domain::Currency::code)));
            }
        }
        Ok(None)
    }

    fn close(&mut self, at: usize) -> Result<(), BankFileError> {
        let closed = self.open.pop().ok_or_else(|| self.expected(at, "well-formed XML"))?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => self.root = Some(closed),
        }
        Ok(())
    }

    fn add(&mut self, text: Cow<'a, str>, at: usize) -> Result<(), BankFileError> {
        // Finding the line is slow, so it is done only when something is wrong.
        let file = self.text;
        let expected = |expected| BankFileError::Expected { line: line_of(file, at), expected };
        let is_blank = text.trim().is_empty();
        let Some(element) = self.open.last_mut() else {
            return if is_blank { Ok(()) } else { Err(expected("nothing outside the document")) };
        };
        // Between elements there is only indentation, which nobody reads.
        if text.is_empty() || (is_blank && element.text.trim().is_empty()) {
            return Ok(());
        }
        if text.chars().any(is_forbidden) {
            return Err(expected("no control characters"));
        }
        if element.text.is_empty() {
            element.text = text;
        } else {
            element.text.to_mut().push_str(&text);
        }
        if element.text.chars().count() > MAX_TEXT_CHARS {
            return Err(expected("a text of at most 2000 characters"));
        }
        Ok(())
    }
}

fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(text: &str) -> &'static str {
        match read(text) {
            Err(BankFileError::Expected { expected, .. } | BankFileError::CutOff { expected, .. }) => expected,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_tree_is_read_without_prefixes() {
        let text =
            "<?xml version=\"1.0\"?>\n<x:a xmlns:x='urn:y'><x:b Ccy=\"EUR\">1 &amp; &#50;</x:b><c/><c>z</c></x:a>\n";
        let document = read(text).unwrap();
        let root = &document.root;
        assert_eq!((root.name, document.namespace.as_ref(), root.children.len()), ("a", "urn:y", 3));
        let b = root.child("b").unwrap();
        assert_eq!((b.text.as_ref(), b.currency, line_of(text, b.at)), ("1 & 2", Some("EUR"), 2));
        assert_eq!((root.text_at(&["c"]), root.all("c").count()), (None, 2));
    }

    #[test]
    fn what_makes_xml_dangerous_is_refused() {
        assert_eq!(expected("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), "no document type");
        assert_eq!(expected("<a>&b;</a>"), "no entities but those of XML");
        assert_eq!(expected("<a>&#0;</a>"), "no entities but those of XML");
        assert_eq!(expected("<a>&#7;</a>"), "no entities but those of XML");
        assert_eq!(expected(&"<a>".repeat(MAX_DEPTH + 1)), "fewer or less deeply nested elements");
        assert_eq!(
            expected(&format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS))),
            "fewer or less deeply nested elements"
        );
        assert_eq!(expected(&format!("<a>{}</a>", "x".repeat(2001))), "a text of at most 2000 characters");
        assert_eq!(expected("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>"), "UTF-8");
        assert_eq!(expected("<a/><a/>"), "one document");
        assert_eq!(expected("<a/>b"), "nothing outside the document");
        assert_eq!(expected("<a><b></a>"), "well-formed XML");
        assert_eq!(expected("<a><b>"), "the end of the document");
    }

    #[test]
    fn long_indentation_is_no_text() {
        assert!(read(&format!("<a>{}<b/>\n{}</a>", " ".repeat(3000), " ".repeat(3000))).is_ok());
    }
}
