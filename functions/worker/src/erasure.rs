//! The erasure of a customer (Art. 17 GDPR), portion by portion until only ids, amounts and what must be kept are left; and once
//! more when that need not be kept any longer.
//!
//! A portion is done first and noted then: a process that ends in between has it done once more, which changes nothing. A file
//! goes before the note that leads to it, so that none is left in the bucket that nobody knows.

use std::time::{Duration, Instant};

use domain::{
    change::Actor,
    erasure::{Erased, FORGETTING_TAKES, Tombstone, kept_until},
    id::{CustomerId, DeclarationId, PaymentId, TenantId},
    payment_method::PaymentMethod,
};
use files::Object;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{CommitError, FileKind, IssuedRow, Loaded, Own, OwnItem, StoredFile, TenantStore, deciding_again};
use web::jobs::{Followed, Job, Undone};

use crate::Desk;

/// Payments of one step.
const PAYMENTS: u16 = 20;
/// After so long a visit begins no further step; what is left is due at once.
const STEPS_FOR: Duration = Duration::from_secs(15);
/// How long a provider is given before it is looked again whether it has forgotten a way to pay.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// What is erased, in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Section {
    /// What lies below the customer, with what that names.
    #[default]
    Own,
    Payments,
    /// Answers to programs, and files that were put together.
    Rest,
}

/// Where a step begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    section: Section,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Place {
    /// The next page of the section, else the next section.
    fn then(&self, after: Option<String>) -> Option<Self> {
        let begin = |section| Some(Self { section, after: None });
        match (after, self.section) {
            (Some(after), section) => Some(Self { section, after: Some(after) }),
            (None, Section::Own) => begin(Section::Payments),
            (None, Section::Payments) => begin(Section::Rest),
            (None, Section::Rest) => None,
        }
    }
}

/// Takes an erasure further.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn go_on(desk: &Desk, job: Job<'_>, seen: Loaded<Tombstone>) -> Result<Followed, Undone> {
    let tenant = desk.store().tenant_of_scope(job.scope, job.now).await?;
    let tenant = tenant.ok_or_else(|| Undone::Later("the tenant has no host".to_owned()))?;
    let zone = &tenant.settings.zone;
    let (tombstone, begun) = (seen.value.fresh_round(), Instant::now());
    let erasing = Erasing { desk, job, tombstone: &tombstone, today: zone.day(job.now) };
    let mut place = Some(begin(&tombstone)?);
    let mut left = Left::default();
    while let Some(at) = place.take() {
        let (next, found) = erasing.step(&at).await?;
        (place, left) = (next, left.and(found));
        if begun.elapsed() > STEPS_FOR {
            break;
        }
    }
    let next = place.map(|place| serde_json::to_string(&place)).transpose();
    let next = next.map_err(|error| Undone::Later(error.to_string()))?;
    let Left { kept_until, waits_until } = left;
    let after = tombstone.after(Erased { next, kept_until, waits_until }, zone, job.now);
    match job.store.save_tombstone(&seen, &after).await {
        // Somebody else has taken it up.
        Ok(_) | Err(CommitError::Refused("tombstone")) => Ok(Followed::Saved),
        Err(error) => Err(error.into()),
    }
}

fn begin(tombstone: &Tombstone) -> Result<Place, Undone> {
    match &tombstone.cursor {
        Some(cursor) => serde_json::from_str(cursor).map_err(|error| Undone::Later(error.to_string())),
        None => Ok(Place::default()),
    }
}

/// One visit to an erasure.
struct Erasing<'a> {
    desk: &'a Desk,
    job: Job<'a>,
    tombstone: &'a Tombstone,
    today: Date,
}

/// What could not go yet.
#[derive(Debug, Clone, Copy, Default)]
struct Left {
    /// The earliest last day of what must be kept.
    kept_until: Option<Date>,
    /// When a provider that has not forgotten yet is looked at again.
    waits_until: Option<Timestamp>,
}

impl Left {
    fn and(self, other: Self) -> Self {
        Self {
            kept_until: [self.kept_until, other.kept_until].into_iter().flatten().min(),
            waits_until: [self.waits_until, other.waits_until].into_iter().flatten().min(),
        }
    }
}

/// Where the next step begins, and what could not go yet.
type Step = (Option<Place>, Left);

impl Erasing<'_> {
    fn store(&self) -> &TenantStore {
        self.job.store
    }

    fn customer(&self) -> &CustomerId {
        &self.tombstone.customer
    }

    fn tenant(&self) -> &TenantId {
        self.job.scope.id()
    }

    async fn step(&self, place: &Place) -> Result<Step, Undone> {
        let (store, customer, after) = (self.store(), self.customer(), place.after.clone());
        match place.section {
            Section::Own => {
                let page = store.own_items(customer, after).await?;
                let mut left = Left::default();
                for item in &page.items {
                    left = left.and(self.own(item).await?);
                }
                Ok((place.then(page.next), left))
            }
            Section::Payments => {
                let page = store.payments(customer, PAYMENTS, after).await?;
                for payment in &page.items {
                    self.payment(&payment.id).await?;
                }
                Ok((place.then(page.next), Left::default()))
            }
            Section::Rest => {
                store.erase_key_uses(customer).await?;
                let packed = self.desk.clients.files.delete_packed(self.tenant(), customer).await;
                packed.map_err(|error| Undone::Later(error.to_string()))?;
                Ok((place.then(None), Left::default()))
            }
        }
    }

    /// One item below the customer.
    async fn own(&self, item: &OwnItem) -> Result<Left, Undone> {
        match &item.what {
            Own::Profile(person) => {
                let now = self.job.now;
                deciding_again(|| self.store().erase_login(self.customer(), person, now)).await?;
            }
            Own::Issued(row) => {
                let last = kept_until(row.kind(), row.issued_on()).filter(|last| self.today <= *last);
                if last.is_some() {
                    return Ok(Left { kept_until: last, ..Left::default() });
                }
                self.document(row).await?;
            }
            Own::Method(method) => {
                if let Some(again_at) = self.method(method).await? {
                    return Ok(Left { waits_until: Some(again_at), ..Left::default() });
                }
            }
            Own::Paper(cancellation, file) => {
                let tenant = self.tenant();
                self.file(Object::CancellationPdf { tenant, cancellation, sha256: &file.sha256 }).await?;
            }
            Own::AnswerPaper(offer, file) => {
                let (tenant, number) = (self.tenant(), offer.as_str());
                self.file(Object::AnswerPdf { tenant, number, sha256: &file.sha256 }).await?;
            }
            Own::BankEntry(id) => {
                deciding_again(|| self.store().erase_bank_entry(self.customer(), id)).await?;
            }
            Own::Event(Some(declaration)) => self.declaration(declaration).await?,
            Own::Event(None) | Own::Link(_) | Own::Account(_) | Own::Plain => {}
        }
        self.store().erase_own(item).await?;
        Ok(Left::default())
    }

    /// A document that need not be kept: its files, then everything that stands beside them.
    async fn document(&self, row: &IssuedRow) -> Result<(), Undone> {
        let name = row.name();
        for file in self.store().files_of(&name).await? {
            let (tenant, document, number, sha256) = (self.tenant(), row.kind(), row.number(), file.sha256.as_str());
            let object = match (file.kind, file.original) {
                (FileKind::Pdf, true) => Object::OriginalPdf { tenant, document, number, sha256 },
                (FileKind::Pdf, false) => Object::RenderedPdf { tenant, document, number, sha256 },
                (FileKind::Xml | FileKind::XrechnungUbl | FileKind::XrechnungCii, _) => {
                    Object::RenderedXml { tenant, document, number, sha256 }
                }
            };
            self.file(object).await?;
        }
        Ok(self.store().erase_document(&name).await?)
    }

    /// When a way to pay is looked at again: its provider forgets it first, for which it is waited a while; none: it can go.
    async fn method(&self, seen: &Loaded<PaymentMethod>) -> Result<Option<Timestamp>, Undone> {
        let now = self.job.now;
        if now.duration_since(self.tombstone.erased_at) > FORGETTING_TAKES {
            return Ok(None);
        }
        if seen.value.to_forget().is_some() {
            return Ok(Some(now + PAUSE));
        }
        let Some(change) = seen.value.remove(Actor::System, now).filter(|change| change.next().to_forget().is_some())
        else {
            return Ok(None);
        };
        self.store().save_payment_method(seen, &change).await?;
        Ok(Some(now + PAUSE))
    }

    async fn declaration(&self, id: &DeclarationId) -> Result<(), Undone> {
        if let Some(StoredFile { sha256, .. }) = self.store().declaration_paper(id).await? {
            let tenant = self.tenant();
            self.file(Object::DeclarationPdf { tenant, declaration: id, sha256: &sha256 }).await?;
        }
        Ok(self.store().erase_declaration(id).await?)
    }

    async fn payment(&self, payment: &PaymentId) -> Result<(), Undone> {
        for StoredFile { sha256, .. } in self.store().papers_of_payment(payment).await? {
            self.file(Object::PaymentPdf { tenant: self.tenant(), payment, sha256: &sha256 }).await?;
        }
        Ok(deciding_again(|| self.store().erase_payment(payment)).await?)
    }

    async fn file(&self, object: Object<'_>) -> Result<(), Undone> {
        self.desk.clients.files.delete(object).await.map_err(|error| Undone::Later(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_met_once() {
        let mut met = vec![Place::default()];
        while let Some(next) = met.last().and_then(|last| last.then(None)) {
            met.push(next);
        }
        let sections: Vec<Section> = met.iter().map(|place| place.section).collect();
        assert_eq!(sections, [Section::Own, Section::Payments, Section::Rest]);
        let again = met[1].then(Some("x".to_owned())).unwrap();
        assert_eq!((again.section, again.after.as_deref()), (Section::Payments, Some("x")));
    }
}
