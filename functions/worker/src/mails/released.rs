//! Mails in the tenant's own words (M-70…M-72): with a document that was released, or with a link that the operator made.

use domain::{
    document::{Content, DocumentState, DocumentType, Dunned},
    id::LinkId,
    link::Scope,
    mail_template::{MailKind, MailText, Placeholder, TemplateName},
    number::{DocumentNumber, InvoiceNumber},
};
use files::Object;
use jiff::civil::Date;
use mail::{DocumentValues, LinkValues, ReleasedMail, Rendered, Values, built_in_text, check_text, render_released};
use store::{About, DocumentRef, FileKind, OutMail, StoredFile};
use web::jobs::Undone;

use super::{
    Writing, about,
    links::{self, Made},
};

/// A document that was released, as it stands.
struct Found {
    values: DocumentValues,
    /// Its PDFs: the hash, and whether the tenant uploaded it.
    papers: Vec<(String, bool)>,
    /// The invoice that a link lets pay.
    pays: Option<InvoiceNumber>,
}

/// A mail with a document that was released, unless it was cancelled or answered meanwhile, or is over.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn document(writing: &Writing<'_>, out: &OutMail) -> Result<Option<Rendered>, Undone> {
    let About::Released { document, number, level, paper } = &out.about else { return Ok(None) };
    let found = match document {
        DocumentType::Invoice => invoice(writing, number).await?,
        kind => beside_invoices(writing, *kind, number).await?,
    };
    let Some(Found { values, papers, pays }) = found else { return Ok(None) };
    let mail = MailKind::of_document(*document, *level);
    let text = words(writing, mail).await?;
    let links = links_of(writing, (mail, &text), ((*document, number.as_str()), pays), out).await?;
    let values = Values { document: Some(values), links, ..Values::default() };
    let mut rendered = rendered(writing, mail, &text, values)?;
    if let Some(sha256) = paper {
        let is_original = papers.iter().find(|(hash, _)| hash == sha256).map(|(_, is_original)| *is_original);
        let is_original = is_original.ok_or_else(|| Undone::Later("a kept paper is gone".to_owned()))?;
        let (tenant, document) = (writing.tenant.scope().id(), *document);
        let object = match is_original {
            true => Object::OriginalPdf { tenant, document, number, sha256 },
            false => Object::RenderedPdf { tenant, document, number, sha256 },
        };
        let file_name = writing.sender.words().document_file(document, number);
        rendered.attachments.push(about::attached(writing.desk, object, file_name).await?);
    }
    Ok(Some(rendered))
}

/// The links that a text has, and no others. Whoever may not use the portal gets none.
async fn links_of(
    writing: &Writing<'_>,
    (mail, text): (MailKind, &MailText),
    (document, pays): ((DocumentType, &str), Option<InvoiceNumber>),
    out: &OutMail,
) -> Result<LinkValues, Undone> {
    let wanted = |placeholder| writing.person.access && text.uses(mail, placeholder);
    let mut values = LinkValues::default();
    if wanted(Placeholder::SelfServicePortalUrl) {
        values.portal = note(&mut values.until, portal_link(writing, document, out).await?);
    }
    if wanted(Placeholder::DocumentUrl) {
        values.document = note(&mut values.until, released_link(writing, document, out).await?);
    }
    if let Some(invoice) = pays.filter(|_| wanted(Placeholder::PayUrl)) {
        values.pay = note(&mut values.until, links::made(writing, Scope::Pay { invoice }, out).await?);
    }
    Ok(values)
}

/// One day is told for all links of a mail: that of the one that ends first.
fn note(until: &mut Option<Date>, made: Made) -> String {
    *until = [*until, made.until].into_iter().flatten().min();
    made.url
}

/// The mail with a link that the operator made, with a token of its own: only the hash of the first one is kept.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn link(writing: &Writing<'_>, id: &LinkId) -> Result<Option<Rendered>, Undone> {
    let Some((scope, Made { url, until })) = links::again(writing, id).await? else { return Ok(None) };
    let mail = MailKind::of_link(&scope);
    let text = words(writing, mail).await?;
    rendered(writing, mail, &text, Values::of_link(&scope, url, until)).map(Some)
}

/// An invoice of this customer that is not cancelled.
async fn invoice(writing: &Writing<'_>, number: &str) -> Result<Option<Found>, Undone> {
    let (store, Ok(number)) = (writing.job.store, number.parse::<InvoiceNumber>()) else { return Ok(None) };
    let document = store.invoice_document(&number).await?;
    let Some(document) = document.filter(|document| document.body.customer == *writing.customer) else {
        return Ok(None);
    };
    let row = store.invoice_row(&document.body).await?.map(|row| row.value);
    let Some(row) = row.filter(|row| row.cancelled_on.is_none()) else { return Ok(None) };
    // What is debited by itself is not paid a second time.
    let is_collected = store.collection(writing.customer, &number).await?.is_some();
    Ok(Some(Found {
        values: DocumentValues::of_invoice(&row),
        papers: papers(&document.files),
        pays: (row.open.is_positive() && !is_collected).then_some(number),
    }))
}

/// A document beside invoices of this customer, as long as it can still be acted on.
async fn beside_invoices(writing: &Writing<'_>, kind: DocumentType, number: &str) -> Result<Option<Found>, Undone> {
    let (store, Ok(number)) = (writing.job.store, number.parse::<DocumentNumber>()) else { return Ok(None) };
    let document = store.document(&DocumentRef::new(kind, &number)).await?;
    let theirs = document.filter(|document| document.body.customer == *writing.customer && document.is_visible());
    let Some(document) = theirs else { return Ok(None) };
    let Some(row) = store.document_row(&document.body).await?.map(|row| row.value) else { return Ok(None) };
    let today = writing.tenant.settings.zone.day(writing.job.now);
    let is_past = matches!(
        row.state(today),
        Some(DocumentState::Accepted { .. } | DocumentState::Declined { .. } | DocumentState::Expired { .. })
    );
    if is_past {
        return Ok(None);
    }
    let content = &document.body.facts.content;
    Ok(Some(Found {
        values: DocumentValues::of_document(&row, content),
        papers: papers(&document.files),
        pays: dunned(writing, content).await?,
    }))
}

/// The one invoice that a dunning letter is about, while it can be paid: a link pays one and no more.
async fn dunned(writing: &Writing<'_>, content: &Content) -> Result<Option<InvoiceNumber>, Undone> {
    let Content::Dunning(dunning) = content else { return Ok(None) };
    let [Dunned { number, .. }] = dunning.invoices.as_slice() else { return Ok(None) };
    Ok(invoice(writing, number.as_str()).await?.and_then(|found| found.pays))
}

fn papers(files: &[StoredFile]) -> Vec<(String, bool)> {
    let pdfs = files.iter().filter(|file| file.kind == FileKind::Pdf);
    pdfs.map(|file| (file.sha256.clone(), file.original)).collect()
}

/// A link that signs in is for whoever signs in: a mail to another address leads to the document alone.
async fn portal_link(writing: &Writing<'_>, document: (DocumentType, &str), out: &OutMail) -> Result<Made, Undone> {
    match goes_to_login(writing) {
        true => links::made(writing, Scope::Portal, out).await,
        false => released_link(writing, document, out).await,
    }
}

/// The personal link of one document; none where its kind is not open.
async fn released_link(
    writing: &Writing<'_>,
    (kind, number): (DocumentType, &str),
    out: &OutMail,
) -> Result<Made, Undone> {
    match number.parse() {
        Ok(number) if writing.tenant.settings.shows(kind) => {
            links::made(writing, Scope::Document { kind, number }, out).await
        }
        _ => Ok(Made { url: String::new(), until: None }),
    }
}

fn goes_to_login(writing: &Writing<'_>) -> bool {
    let (to, login) = (writing.person.invoice_address(), writing.person.facts.email.as_ref());
    to.zip(login).is_some_and(|(to, login)| to.folded() == login.folded())
}

/// The tenant's own words in the mail's language, else those of the general mail, else the built-in ones.
async fn words(writing: &Writing<'_>, mail: MailKind) -> Result<MailText, Undone> {
    let language = writing.sender.language;
    for worded in [Some(mail), mail.general()].into_iter().flatten() {
        let version = writing.job.store.mail_template(TemplateName { mail: worded, language }).await?;
        let Some(text) = version.and_then(|version| version.text) else { continue };
        match check_text(&text, mail) {
            Ok(()) => return Ok(text),
            // Rules may have become stricter since: a mail goes out all the same.
            Err(errors) => tracing::error!(mail = worded.code(), %errors, "own words do not keep the rules"),
        }
    }
    built_in_text(mail, language).map_err(|error| Undone::Later(error.to_string()))
}

fn rendered(writing: &Writing<'_>, mail: MailKind, text: &MailText, values: Values) -> Result<Rendered, Undone> {
    let sender = writing.sender;
    let values = values.for_customer(writing.person, sender.words());
    let rendered = render_released(&ReleasedMail { sender, mail, text, values: &values });
    rendered.map_err(|error| Undone::Later(error.to_string()))
}
