//! Mails as tenants word them, with every version.
//!
//! access patterns: what holds for one mail in one language (consistent) · all that were ever worded · versions, newest first ·
//! one version · keys: T#t / TPL#mail#language, TPLV#mail#language#number · commits: version seen, event

use domain::{
    change::Change,
    mail_template::{LISTED_VERSIONS, TemplateName, Version},
};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, StoreError, TenantStore,
    access::{Range, query, query_all},
    item::{Item, Kind as _, Loaded, Raw, kind, pack, read, unpack},
    key::Key,
};

/// A version as stored: as compressed JSON, because a Query pays for bytes.
#[derive(Debug, Serialize, Deserialize)]
struct TemplateItem {
    name: TemplateName,
    #[serde(with = "serde_bytes")]
    version: Vec<u8>,
}

kind! { TemplateItem = "mail_template"; }

impl TenantStore {
    /// The version of a mail that holds, read consistently; none where the tenant never worded it.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn mail_template(&self, name: TemplateName) -> Result<Option<Version>, StoreError> {
        self.version_at(self.scope.template(name)).await
    }

    /// What holds for every mail that the tenant ever worded.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn mail_templates(&self) -> Result<Vec<(TemplateName, Version)>, StoreError> {
        let raw = query_all(&self.store, Range::prefix(self.scope.templates(), "TPL#", 100).consistent()).await?;
        raw.into_iter().map(named_version).collect()
    }

    /// The last versions of a mail, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn mail_template_versions(&self, name: TemplateName) -> Result<Vec<Version>, StoreError> {
        let Key { pk, sk } = self.scope.template_versions(name);
        let range = Range::prefix(pk, &sk, i32::from(LISTED_VERSIONS)).newest_first().consistent();
        let page = query(&self.store, range).await?;
        page.items.into_iter().map(|raw| named_version(raw).map(|(_, version)| version)).collect()
    }

    /// One version of a mail.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn mail_template_version(&self, name: TemplateName, number: u64) -> Result<Option<Version>, StoreError> {
        self.version_at(self.scope.template_version(name, number)).await
    }

    /// Stores the next version; the ones before stay.
    ///
    /// # Errors
    /// `Refused("template")` when somebody else was faster.
    pub async fn save_mail_template(&self, name: TemplateName, change: &Change<Version>) -> Result<(), CommitError> {
        let version = change.next();
        let item = TemplateItem { name, version: pack(TemplateItem::KIND, version)? };
        let seen = (version.number > 1).then(|| version.number - 1);
        self.commit()
            .save("template", Item::new(self.scope.template(name), &item, version.number), seen)
            .create("version", Item::new(self.scope.template_version(name, version.number), &item, 1))
            .events(None, change.events())
            .run()
            .await
    }

    async fn version_at(&self, key: Key) -> Result<Option<Version>, StoreError> {
        let found: Option<Loaded<TemplateItem>> = self.get(key, true).await?;
        found.map(|found| unpack(TemplateItem::KIND, &found.value.version)).transpose()
    }
}

fn named_version(raw: Raw) -> Result<(TemplateName, Version), StoreError> {
    let TemplateItem { name, version } = read(raw)?.value;
    Ok((name, unpack(TemplateItem::KIND, &version)?))
}
