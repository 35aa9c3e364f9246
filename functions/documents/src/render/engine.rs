//! The typst engine, built once: templates and fonts are part of the binary, nothing is read from disk or network.
//!
//! Values come in as a file that the template reads, not through `sys.inputs`: those are part of typst's library, and with
//! a library of its own for each document nothing that was evaluated for the last one could be used again.

use std::sync::LazyLock;

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::{RenderError, hybrid};

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../templates/documents/", $name)))
    };
}

macro_rules! font {
    ($name:literal) => {
        include_bytes!(concat!("../../../../templates/documents/fonts/", $name)) as &'static [u8]
    };
}

static TEMPLATES: LazyLock<Vec<(&str, Source)>> = LazyLock::new(|| {
    let files = [
        template!("invoice.typ"),
        template!("document.typ"),
        template!("lines.typ"),
        template!("transfer.typ"),
        template!("payment.typ"),
        template!("mandate.typ"),
        template!("cancellation.typ"),
        template!("declaration.typ"),
        template!("decision.typ"),
        template!("statement.typ"),
        template!("letter.typ"),
        template!("words.de.typ"),
        template!("words.en.typ"),
    ];
    files.into_iter().filter_map(|(name, text)| Some((name, Source::new(file_id(name)?, text.to_owned())))).collect()
});

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files = [font!("LetterSans-Regular.otf"), font!("LetterSans-Semibold.otf")];
    files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
});

static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// Results that this many documents did not use are forgotten: evaluated templates stay, memory is bounded.
const CACHED_DOCUMENTS: usize = 2;

fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// Can the typeface show this character? PDF/A and PDF/UA refuse a page with one it cannot.
pub(super) fn shows(character: char) -> bool {
    FONTS.iter().all(|font| font.info().coverage.contains(u32::from(character)))
}

/// One document on its way: its template and the files beside it.
struct Desk {
    main: FileId,
    files: Vec<(FileId, Bytes)>,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let found = TEMPLATES.iter().find(|(_, source)| source.id() == id);
        found.map(|(_, source)| source.clone()).ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(file, _)| *file == id);
        found.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    /// Documents know only the days they are given.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Fills a template with the files it reads; the PDF holds what the template attaches.
pub(super) fn compile(template: &str, files: Vec<(&str, Vec<u8>)>) -> Result<Vec<u8>, RenderError> {
    let unknown = || RenderError::Template(format!("{template} does not exist"));
    let main = TEMPLATES.iter().find(|(name, _)| *name == template).ok_or_else(unknown)?.1.id();
    let is_hybrid = files.iter().any(|(name, _)| *name == hybrid::FILE);
    let named = |(name, bytes)| Some((file_id(name)?, Bytes::new(bytes)));
    let desk = Desk { main, files: files.into_iter().filter_map(named).collect() };
    let document = typst::compile(&desk).output.map_err(|errors| RenderError::Template(messages(&errors)));
    comemo::evict(CACHED_DOCUMENTS);
    let document = document?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|error| RenderError::Pdf(error.message().to_string()))?;
    let options = PdfOptions { standards, creator: Smart::Custom(None), ..PdfOptions::default() };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| RenderError::Pdf(messages(&errors)))?;
    finished(&pdf, is_hybrid)
}

fn messages(errors: &[SourceDiagnostic]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// Names the attached invoice in the metadata where there is one, and moves the small objects, mostly tags for screen readers, into compressed
/// streams: two fifths of the size. The typst exporter leaves them plain; PDF/A-3 allows both. All of it in one reading.
fn finished(pdf: &[u8], is_hybrid: bool) -> Result<Vec<u8>, RenderError> {
    let failed = |error: lopdf::Error| RenderError::Pdf(error.to_string());
    let mut document = lopdf::Document::load_mem(pdf).map_err(failed)?;
    if is_hybrid {
        let metadata = document.catalog().and_then(|catalog| catalog.get(b"Metadata")?.as_reference());
        let metadata = document.get_object_mut(metadata.map_err(failed)?).and_then(lopdf::Object::as_stream_mut);
        let metadata = metadata.map_err(failed)?;
        let packet = std::str::from_utf8(&metadata.content).ok().and_then(hybrid::declared);
        metadata.set_plain_content(packet.ok_or(RenderError::Embed)?.into_bytes());
    }
    let options = lopdf::SaveOptions::builder().use_object_streams(true).use_xref_streams(true);
    let mut packed = Vec::with_capacity(pdf.len());
    let options = options.max_objects_per_stream(1_000).compression_level(6).build();
    document.save_with_options(&mut packed, options).map_err(|error| RenderError::Pdf(error.to_string()))?;
    Ok(packed)
}
