//! Files of issued documents: the original as it was uploaded, else what is rendered once and kept. An issued one is never made
//! anew (§ 147 AO, GoBD).

use domain::{Language, document::DocumentType, erasure::locked_until, id::CustomerId};
use files::{FilesError, Kept, Object, Presigned, Put};
use jiff::civil::Date;
use serde::Deserialize;
use store::{CommitError, DocumentRef, FileKind, StoredFile, secret};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Problem, SeeOther};

use crate::{
    desk::Desk,
    render::{RenderError, Syntax},
    tools::{ADDRESS_LIFETIME, unavailable},
};

/// Largest file that is read back: none that is uploaded or rendered is larger.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// An invoice, or a document beside invoices, as far as its files go.
pub(crate) trait Issued: Sync {
    /// Which kind.
    fn kind(&self) -> DocumentType;

    /// As people read it.
    fn number(&self) -> &str;

    /// Its day of issue.
    fn issued_on(&self) -> Date;

    /// What its partition is named by.
    fn name(&self) -> DocumentRef;

    /// Whose it is.
    fn customer(&self) -> &CustomerId;

    /// The document's own language.
    fn language(&self) -> Option<Language>;

    /// What was noted when it was read.
    fn files(&self) -> &[StoredFile];

    /// Makes a file, fresh, and what comes with it.
    fn rendered(
        &self,
        desk: &Desk<'_>,
        kind: FileKind,
    ) -> impl Future<Output = Answer<Vec<(FileKind, Vec<u8>)>>> + Send;
}

/// The forms in which an invoice's or credit note's data can be had.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DataFormat)]
pub(crate) enum Format {
    /// The data inside the PDF: CII, EN 16931.
    #[default]
    FacturX,
    /// XRechnung 3.0 in UBL.
    Xrechnung,
    /// XRechnung 3.0 in CII.
    XrechnungCii,
}

impl Format {
    pub(crate) const fn kind(self) -> FileKind {
        match self {
            Self::FacturX => FileKind::Xml,
            Self::Xrechnung => FileKind::XrechnungUbl,
            Self::XrechnungCii => FileKind::XrechnungCii,
        }
    }
}

/// What a kind of file is to the world: its type, what follows the number in the name of the file that is saved, and the
/// profile and version kept with it.
const fn looks(kind: FileKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        FileKind::Pdf => ("application/pdf", ".pdf", ""),
        FileKind::Xml => ("application/xml", ".xml", "factur-x 1.0 en16931"),
        FileKind::XrechnungUbl => ("application/xml", "-XRechnung.xml", "xrechnung 3.0 ubl"),
        FileKind::XrechnungCii => ("application/xml", "-XRechnung-CII.xml", "xrechnung 3.0 cii"),
    }
}

/// The syntax of an XRechnung; none for other files.
pub(crate) const fn syntax(kind: FileKind) -> Option<Syntax> {
    match kind {
        FileKind::XrechnungUbl => Some(Syntax::Ubl),
        FileKind::XrechnungCii => Some(Syntax::Cii),
        FileKind::Pdf | FileKind::Xml => None,
    }
}

/// Hands a file out, by a short-lived address of the bucket.
///
/// # Errors
/// 404 where there is no such file of this document; else when it cannot be rendered or kept.
pub(crate) async fn hand_out(desk: &Desk<'_>, document: &impl Issued, kind: FileKind) -> Answer<SeeOther> {
    let (sha256, original) = kept(desk, document, kind).await?;
    let object = object(desk, document, (kind, original), &sha256);
    let (content_type, ending, _) = looks(kind);
    let t = Words::new(document.language().unwrap_or(desk.tenant.settings.language));
    let file_name = format!("{}-{}{ending}", t.document_kind(document.kind()), document.number());
    let inline = kind == FileKind::Pdf;
    let how = Presigned { content_type, file_name: &file_name, inline, lifetime: ADDRESS_LIFETIME };
    let address = desk.files.presigned_get(object, how).await.map_err(unavailable)?;
    Ok(SeeOther::to(address))
}

/// The hash of a document's PDF, for a mail.
///
/// # Errors
/// As [`hand_out`].
pub(crate) async fn kept_pdf(desk: &Desk<'_>, document: &impl Issued) -> Answer<String> {
    kept(desk, document, FileKind::Pdf).await.map(|(sha256, _)| sha256)
}

/// A file's bytes, rendered and kept first where nobody asked for it yet.
///
/// # Errors
/// As [`hand_out`].
pub(crate) async fn bytes(desk: &Desk<'_>, document: &impl Issued, kind: FileKind) -> Answer<Vec<u8>> {
    let (sha256, original) = kept(desk, document, kind).await?;
    let object = object(desk, document, (kind, original), &sha256);
    desk.files.get(object, MAX_BYTES).await.map_err(|error| match error {
        FilesError::NotFound | FilesError::TooLarge { .. } => Problem::Internal(error.to_string()),
        FilesError::Unavailable(_) => unavailable(error),
    })
}

/// What the name of a file ends with.
pub(crate) const fn ending(kind: FileKind) -> &'static str {
    looks(kind).1
}

/// The hash under which a file lies, and whether it is the uploaded one. Two renderers at once leave one file: whoever notes it
/// first wins, and everybody hands out that one.
async fn kept(desk: &Desk<'_>, document: &impl Issued, kind: FileKind) -> Answer<(String, bool)> {
    let file = |kind| document.files().iter().find(|file| file.kind == kind);
    if let Some(file) = file(kind) {
        return Ok((file.sha256.clone(), file.original));
    }
    // The data of an uploaded original is the sender's; another one beside it could differ.
    if file(FileKind::Pdf).is_some_and(|file| file.original) {
        return Err(Problem::NotFound);
    }
    for (kind, bytes) in document.rendered(desk, kind).await? {
        if file(kind).is_none() {
            keep(desk, document, kind, bytes).await?;
        }
    }
    let kept = desk.store.file(document.name(), kind).await?;
    let kept = kept.ok_or_else(|| Problem::Internal("a rendered file was not noted".into()))?;
    Ok((kept.sha256, kept.original))
}

async fn keep(desk: &Desk<'_>, document: &impl Issued, kind: FileKind, bytes: Vec<u8>) -> Answer<()> {
    let (sha256, size) = (secret::digest(&bytes), bytes.len() as u64);
    let object = object(desk, document, (kind, false), &sha256);
    let (content_type, _, format) = looks(kind);
    let until = locked_until(document.kind(), document.issued_on(), &desk.tenant.settings.zone, desk.now);
    let put = desk.files.put_once(object, bytes, Kept { content_type, until }).await;
    let (Put::Stored | Put::AlreadyThere) = put.map_err(unavailable)?;
    let file = StoredFile {
        kind,
        object: object.key(),
        sha256: sha256.clone(),
        size,
        original: false,
        format: format.to_owned(),
        stored_at: desk.now,
    };
    match desk.store.add_file(document.name(), &file, document.customer(), &[]).await {
        Ok(()) | Err(CommitError::Refused("file")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn object<'a>(
    desk: &'a Desk<'_>,
    document: &'a impl Issued,
    (kind, original): (FileKind, bool),
    sha256: &'a str,
) -> Object<'a> {
    let (tenant, number) = (desk.tenant.scope().id(), document.number());
    let document = document.kind();
    match (kind, original) {
        (FileKind::Pdf, true) => Object::OriginalPdf { tenant, document, number, sha256 },
        (FileKind::Pdf, false) => Object::RenderedPdf { tenant, document, number, sha256 },
        (FileKind::Xml | FileKind::XrechnungUbl | FileKind::XrechnungCii, _) => {
            Object::RenderedXml { tenant, document, number, sha256 }
        }
    }
}

/// What the data lack for an XRechnung is nobody's fault: there is none of them.
pub(crate) fn xrechnung(made: Result<String, RenderError>) -> Answer<Vec<u8>> {
    match made {
        Ok(xml) => Ok(xml.into_bytes()),
        Err(RenderError::Rules(_)) => Err(Problem::NotFound),
        Err(error) => Err(broken(&error)),
    }
}

pub(crate) fn broken(error: &RenderError) -> Problem {
    Problem::Internal(error.to_string())
}
