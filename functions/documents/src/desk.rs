//! The desk at which papers are made, for a request or for a mail: each is rendered once, kept in the bucket and noted, and
//! handed out by a short-lived address.

use domain::{
    Language,
    customer::Customer,
    id::{CustomerId, TenantId},
};
use files::{Files, Kept, Object, Presigned, Put};
use jiff::Timestamp;
use store::{CommitError, FileKind, StoreError, StoredFile, Tenant, TenantStore, secret};
use web::{Answer, Problem, SeeOther};

use crate::{
    issued::Issued,
    render::{Letterhead, RenderError},
    tools::{ADDRESS_LIFETIME, logo, unavailable, with_deep_stack},
};

const PDF: &str = "application/pdf";

/// Where papers are made.
pub(crate) struct Desk<'a> {
    pub(crate) store: &'a TenantStore,
    pub(crate) tenant: &'a Tenant,
    pub(crate) files: &'a Files,
    pub(crate) now: Timestamp,
}

/// A paper of which there is one: what it says never changes, or that is another paper.
pub(crate) trait Sheet: Sync {
    /// What was noted when it was kept.
    fn noted(&self, store: &TenantStore) -> impl Future<Output = Result<Option<StoredFile>, StoreError>> + Send;

    /// Its bytes, fresh.
    fn rendered(&self, desk: &Desk<'_>) -> impl Future<Output = Answer<Vec<u8>>> + Send;

    /// Its place in the bucket.
    fn object<'a>(&'a self, tenant: &'a TenantId, sha256: &'a str) -> Object<'a>;

    /// Notes where it lies; `Refused("file")` when that is noted already.
    fn note(&self, store: &TenantStore, file: &StoredFile) -> impl Future<Output = Result<(), CommitError>> + Send;
}

impl Desk<'_> {
    /// The hash under which a paper lies. Two renderers at once leave one file: whoever notes it first wins, and everybody
    /// hands out that one.
    ///
    /// # Errors
    /// When it cannot be rendered or kept.
    pub(crate) async fn kept(&self, sheet: &impl Sheet) -> Answer<String> {
        if let Some(file) = sheet.noted(self.store).await? {
            return Ok(file.sha256);
        }
        let bytes = sheet.rendered(self).await?;
        let (sha256, size) = (secret::digest(&bytes), bytes.len() as u64);
        let object = sheet.object(self.tenant.scope().id(), &sha256);
        let put = self.files.put_once(object, bytes, Kept::freely(PDF)).await;
        let (Put::Stored | Put::AlreadyThere) = put.map_err(unavailable)?;
        let file = StoredFile {
            kind: FileKind::Pdf,
            object: object.key(),
            sha256: sha256.clone(),
            size,
            original: false,
            format: String::new(),
            stored_at: self.now,
        };
        match sheet.note(self.store, &file).await {
            Ok(()) => Ok(sha256),
            Err(CommitError::Refused("file")) => {
                let kept = sheet.noted(self.store).await?;
                kept.map(|file| file.sha256).ok_or_else(|| Problem::Internal("a kept paper is gone".into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Hands a paper out, shown in the browser (`inline`) or saved.
    ///
    /// # Errors
    /// As [`Desk::kept`].
    pub(crate) async fn handed_out(&self, sheet: &impl Sheet, file_name: &str, inline: bool) -> Answer<SeeOther> {
        let sha256 = self.kept(sheet).await?;
        let object = sheet.object(self.tenant.scope().id(), &sha256);
        let how = Presigned { content_type: PDF, file_name, inline, lifetime: ADDRESS_LIFETIME };
        let address = self.files.presigned_get(object, how).await.map_err(unavailable)?;
        Ok(SeeOther::to(address))
    }

    /// Prints something on the tenant's letter paper.
    ///
    /// # Errors
    /// When the logo cannot be read, or the engine fails.
    pub(crate) async fn printed(
        &self,
        print: impl FnOnce(Letterhead<'_>) -> Result<Vec<u8>, RenderError> + Send,
    ) -> Answer<Vec<u8>> {
        let settings = &self.tenant.settings;
        let logo = logo(self.files, self.tenant).await?;
        let letterhead = Letterhead {
            company: &settings.company,
            tenant_name: &settings.name,
            accent: settings.branding.accent,
            logo: logo.as_deref(),
            sandbox: self.tenant.is_sandbox(),
        };
        let rendered = with_deep_stack(|| print(letterhead))?;
        rendered.map_err(|error| Problem::Internal(error.to_string()))
    }

    /// Whom a paper is for.
    ///
    /// # Errors
    /// 404 when there is no such customer.
    pub(crate) async fn customer(&self, id: &CustomerId) -> Answer<Customer> {
        Ok(self.store.customer(id).await?.ok_or(Problem::NotFound)?.value)
    }

    /// The language of an issued document: its own, else the customer's, else the tenant's.
    ///
    /// # Errors
    /// The table's errors.
    pub(crate) async fn language_of(&self, document: &impl Issued) -> Answer<Language> {
        if let Some(language) = document.language() {
            return Ok(language);
        }
        let customer = self.store.customer(document.customer()).await?;
        Ok(customer.map_or(self.tenant.settings.language, |customer| self.language(&customer.value)))
    }

    /// The customer's language, else the tenant's.
    pub(crate) fn language(&self, customer: &Customer) -> Language {
        customer.facts.language.unwrap_or(self.tenant.settings.language)
    }
}
