//! Everything that is kept about a customer (B-11): items as JSON, file by file as `store::KINDS` says, and every paper.

use domain::{
    EventKind,
    id::{CustomerId, DeclarationId, PaymentId},
};
use files::{FilesError, Object};
use serde::{Deserialize, Serialize};
use store::{FileKind, Shelf, Shown, StoredFile};
use text::Words;
use web::Answer;

use super::{Contents, found, pack::Pack, rows};
use crate::{desk::Desk, tools::unavailable};

/// Payments of one step: each is a read of its own.
const PAYMENTS: u16 = 20;
/// Largest paper about something.
const MAX_PAPER_BYTES: usize = 4 * 1024 * 1024;

/// All of it.
pub(super) struct Everything;

/// What is read, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Section {
    /// Papers that nobody asked for yet are written first, so that reading them is quick then.
    WriteInvoices,
    WriteDocuments,
    Own,
    Links,
    BankEntries,
    Accounts,
    Payments,
    Declarations,
    Cancellations,
    Answers,
    Invoices,
    Documents,
}

impl Section {
    const ALL: [Self; 12] = [
        Self::WriteInvoices,
        Self::WriteDocuments,
        Self::Own,
        Self::Links,
        Self::BankEntries,
        Self::Accounts,
        Self::Payments,
        Self::Declarations,
        Self::Cancellations,
        Self::Answers,
        Self::Invoices,
        Self::Documents,
    ];

    fn next(self) -> Option<Self> {
        Self::ALL.iter().copied().skip_while(|section| *section != self).nth(1)
    }
}

/// Where a step begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    section: Section,
    /// Which account, where several lie in a section.
    #[serde(default)]
    account: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Place {
    const fn begin(section: Section) -> Self {
        Self { section, account: 0, after: None }
    }

    /// The next page of the section, else the next section.
    fn then(self, after: Option<String>) -> Option<Self> {
        match after {
            Some(after) => Some(Self { after: Some(after), ..self }),
            None => self.section.next().map(Self::begin),
        }
    }
}

impl Contents for Everything {
    type Place = Place;

    fn first(&self) -> Place {
        Place::begin(Section::WriteInvoices)
    }

    /// Each document is met twice, each section ends once.
    async fn total(&self, desk: &Desk<'_>, customer: &CustomerId) -> Answer<u64> {
        Ok(2 * desk.store.count_issued(customer, None).await? + Section::ALL.len() as u64)
    }

    async fn step(
        &self,
        desk: &Desk<'_>,
        customer: &CustomerId,
        place: Place,
        pack: &mut Pack,
    ) -> Answer<(u64, Option<Place>)> {
        let (store, after) = (desk.store, place.after.clone());
        let (did, next) = match place.section {
            Section::WriteInvoices => write(desk, customer, Shelf::Invoices, after).await?,
            Section::WriteDocuments => write(desk, customer, Shelf::Documents, after).await?,
            Section::Own => shown(pack, store.shown_own(customer, after).await?),
            Section::Links => shown(pack, store.shown_links(customer, after).await?),
            Section::BankEntries => shown(pack, store.shown_bank_entries(customer, after).await?),
            Section::Accounts => return accounts(desk, customer, place, pack).await,
            Section::Payments => payments(desk, customer, after, pack).await?,
            Section::Declarations => declarations(desk, customer, after, pack).await?,
            Section::Cancellations => cancellations(desk, customer, pack).await?,
            Section::Answers => answers(desk, customer, pack).await?,
            Section::Invoices => documents(desk, customer, (Shelf::Invoices, after), pack).await?,
            Section::Documents => documents(desk, customer, (Shelf::Documents, after), pack).await?,
        };
        Ok((did + u64::from(next.is_none()), place.then(next)))
    }

    fn finish(&self, _: &Desk<'_>, _: &mut Pack) -> Answer<()> {
        Ok(())
    }
}

/// How many documents a step did, and where the section goes on.
type Step = (u64, Option<String>);

fn shown(pack: &mut Pack, page: store::Page<Shown>) -> Step {
    pack.show(page.items);
    (0, page.next)
}

/// Writes papers that nobody asked for yet.
async fn write(desk: &Desk<'_>, customer: &CustomerId, shelf: Shelf, after: Option<String>) -> Answer<Step> {
    let page = rows(desk, customer, (shelf, None), after).await?;
    for row in &page.items {
        if let Some(document) = found(desk, customer, row).await? {
            document.written(desk).await?;
        }
    }
    Ok((page.items.len() as u64, page.next))
}

/// The entries of one account, page by page; then those of the next one.
async fn accounts(
    desk: &Desk<'_>,
    customer: &CustomerId,
    place: Place,
    pack: &mut Pack,
) -> Answer<(u64, Option<Place>)> {
    let overview = desk.store.overview_now(customer).await?;
    let accounts = overview.map(|overview| overview.accounts).unwrap_or_default();
    let Some(account) = accounts.get(place.account) else { return Ok((1, place.then(None))) };
    let page = desk.store.shown_entries(&account.number, place.after.clone()).await?;
    pack.show(page.items);
    let next = match page.next {
        Some(after) => Place { after: Some(after), ..place },
        None => Place { account: place.account + 1, after: None, ..place },
    };
    Ok((0, Some(next)))
}

async fn payments(desk: &Desk<'_>, customer: &CustomerId, after: Option<String>, pack: &mut Pack) -> Answer<Step> {
    let page = desk.store.payments(customer, PAYMENTS, after).await?;
    for payment in &page.items {
        pack.show(desk.store.shown_payment(&payment.id).await?);
        for file in desk.store.papers_of_payment(&payment.id).await? {
            add_payment_paper(desk, &payment.id, &file, pack).await?;
        }
    }
    Ok((0, page.next))
}

async fn add_payment_paper(desk: &Desk<'_>, payment: &PaymentId, file: &StoredFile, pack: &mut Pack) -> Answer<()> {
    let object = Object::PaymentPdf { tenant: desk.tenant.scope().id(), payment, sha256: &file.sha256 };
    add_paper(desk, object, &format!("files/payments/{payment}-{}.pdf", short(file)), pack).await
}

/// Declarations are not below their customer; its timeline names them.
async fn declarations(desk: &Desk<'_>, customer: &CustomerId, after: Option<String>, pack: &mut Pack) -> Answer<Step> {
    let page = desk.store.events_of(customer, after).await?;
    let received = page.items.iter().filter(|record| record.event.kind == EventKind::DeclarationReceived);
    let ids: Vec<DeclarationId> = received.filter_map(|record| record.event.subject.parse().ok()).collect();
    for id in &ids {
        pack.show(desk.store.shown_declaration(id).await?);
        if let Some(file) = desk.store.declaration_paper(id).await? {
            let tenant = desk.tenant.scope().id();
            let object = Object::DeclarationPdf { tenant, declaration: id, sha256: &file.sha256 };
            add_paper(desk, object, &format!("files/declarations/{id}.pdf"), pack).await?;
        }
    }
    Ok((0, page.next))
}

async fn cancellations(desk: &Desk<'_>, customer: &CustomerId, pack: &mut Pack) -> Answer<Step> {
    for (id, file) in desk.store.papers_of_cancellations(customer).await? {
        let tenant = desk.tenant.scope().id();
        let object = Object::CancellationPdf { tenant, cancellation: &id, sha256: &file.sha256 };
        add_paper(desk, object, &format!("files/cancellations/{id}.pdf"), pack).await?;
    }
    Ok((0, None))
}

async fn answers(desk: &Desk<'_>, customer: &CustomerId, pack: &mut Pack) -> Answer<Step> {
    for (offer, file) in desk.store.papers_of_answers(customer).await? {
        let (tenant, number) = (desk.tenant.scope().id(), offer.as_str());
        let object = Object::AnswerPdf { tenant, number, sha256: &file.sha256 };
        add_paper(desk, object, &format!("files/answers/{}.pdf", offer.slug()), pack).await?;
    }
    Ok((0, None))
}

/// What stands in a document's partition, and its files.
async fn documents(
    desk: &Desk<'_>,
    customer: &CustomerId,
    (shelf, after): (Shelf, Option<String>),
    pack: &mut Pack,
) -> Answer<Step> {
    let page = rows(desk, customer, (shelf, None), after).await?;
    let t = Words::new(desk.tenant.settings.language);
    for row in &page.items {
        let Some(document) = found(desk, customer, row).await? else {
            tracing::debug!(kind = row.kind().code(), "a document waits for its PDF");
            continue;
        };
        pack.show(desk.store.shown_document(&row.name()).await?);
        for kind in [FileKind::Pdf, FileKind::Xml] {
            if let Some(bytes) = document.bytes(desk, kind).await? {
                pack.add(format!("files/{}", document.file_name(kind, &t)), bytes);
            }
        }
    }
    Ok((page.items.len() as u64, page.next))
}

/// Adds a paper that was noted. One that is not there keeps nobody from all the others: that is for the log.
async fn add_paper(desk: &Desk<'_>, object: Object<'_>, name: &str, pack: &mut Pack) -> Answer<()> {
    match desk.files.get(object, MAX_PAPER_BYTES).await {
        Ok(bytes) => {
            pack.add(name.to_owned(), bytes);
        }
        Err(error @ (FilesError::NotFound | FilesError::TooLarge { .. })) => {
            tracing::error!(%error, "a noted paper cannot be put into a file");
        }
        Err(error) => return Err(unavailable(error)),
    }
    Ok(())
}

/// Tells versions of a paper apart.
fn short(file: &StoredFile) -> String {
    file.sha256.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_met_once_and_the_last_one_is_the_end() {
        let mut met = vec![Section::ALL[0]];
        while let Some(next) = met.last().and_then(|last| last.next()) {
            met.push(next);
        }
        assert_eq!(met, Section::ALL);
        assert_eq!(Place::begin(Section::Documents).then(None), None);
    }

    #[test]
    fn a_place_is_read_back() {
        let place = Place { account: 2, after: Some("E#1".to_owned()), ..Place::begin(Section::Accounts) };
        let written = serde_json::to_string(&place).unwrap();
        assert_eq!(serde_json::from_str::<Place>(&written).unwrap(), place);
        assert_eq!(place.clone().then(Some("E#9".to_owned())).unwrap().after.as_deref(), Some("E#9"));
        assert_eq!(place.then(None), Some(Place::begin(Section::Payments)));
    }
}
