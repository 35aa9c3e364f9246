//! Settings areas with their history; the parts every page needs travel with all host items.
//!
//! access patterns: one area (its own page, the API) · replace one area (with a revision as seen) · own texts by the
//! number of their edition · keys: T#t / SET#area, SETV#area#rev · reads: Get · commits: area, version, all HOST copies,
//! event

use domain::{
    Language,
    change::{Actor, Event, EventKind},
    tenant::{LegalTexts, Settings},
    wording::Wording,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, StoreError, Tenant, TenantRecord, TenantStore,
    directory::HostItem,
    item::{Item, Kind as _, Loaded, kind, pack, unpack, unpacked_bytes},
    key::global,
};

/// Largest packed own texts of one language.
const MAX_WORDING_BYTES: usize = 40_000;

/// What an operator saves as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsArea {
    /// Name, language, zone, word for a contract.
    Portal,
    /// Accent colour and logo.
    Branding,
    /// Company data.
    Company,
    /// Own texts.
    Texts,
    /// Login rules.
    Login,
    /// Switches.
    Areas,
    /// Rules of contracts.
    Contracts,
    /// Rules of personal links.
    Links,
    /// Which documents customers see.
    Documents,
    /// On whose pages the portal may stand in a frame.
    Embed,
    /// How customers may pay.
    Payments,
    /// With whom the tenant has an account for it.
    Providers,
    /// Whom a test environment may write to.
    Mails,
    /// Own texts in place of the product's.
    Wording(Language),
}

impl SettingsArea {
    /// Name in keys, addresses and events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Branding => "branding",
            Self::Company => "company",
            Self::Texts => "texts",
            Self::Login => "login",
            Self::Areas => "areas",
            Self::Contracts => "contracts",
            Self::Links => "links",
            Self::Documents => "documents",
            Self::Embed => "embed",
            Self::Payments => "payments",
            Self::Providers => "providers",
            Self::Mails => "mails",
            Self::Wording(Language::De) => "wording-de",
            Self::Wording(Language::En) => "wording-en",
        }
    }
}

/// The stored state of one area: the short parts as they travel, and the long texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct AreaItem {
    settings: Settings,
    /// The long texts, packed; of the area „texts" only.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Vec::is_empty")]
    legal: Vec<u8>,
    /// The own texts in place of the product's, packed; of their areas only.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Vec::is_empty")]
    wording: Vec<u8>,
}

kind! { AreaItem = "settings"; }

impl TenantStore {
    /// The long texts (Impressum, Datenschutz, Barrierefreiheit).
    ///
    /// # Errors
    /// The table's errors.
    pub async fn legal_texts(&self) -> Result<LegalTexts, StoreError> {
        self.read_legal_texts(false).await
    }

    async fn read_legal_texts(&self, consistent: bool) -> Result<LegalTexts, StoreError> {
        let key = self.scope.setting(SettingsArea::Texts.name());
        let found: Option<Loaded<AreaItem>> = self.get(key, consistent).await?;
        let packed = found.map(|loaded| loaded.value.legal).filter(|packed| !packed.is_empty());
        packed.map_or_else(|| Ok(LegalTexts::default()), |packed| unpack(AreaItem::KIND, &packed))
    }

    /// Settings as they stand in the table, past every cache, with the revision of one area (0 before it was first saved).
    ///
    /// # Errors
    /// The table's errors.
    pub async fn settings(&self, tenant: &Tenant, area: SettingsArea) -> Result<Loaded<Settings>, StoreError> {
        let key = self.scope.setting(area.name());
        let (host, stored) =
            tokio::try_join!(self.store.read_host(&tenant.host, true), self.get::<AreaItem>(key, true))?;
        let settings = host.map(|loaded| loaded.value.settings).unwrap_or_default();
        Ok(Loaded { value: settings, rev: stored.map_or(0, |loaded| loaded.rev) })
    }

    /// Replaces one area: the item, its version for the history, every host's copy and the event.
    ///
    /// # Errors
    /// `Refused("settings")` when somebody else saved the area meanwhile, `Refused("host")` when another area was saved
    /// at the same moment, `Refused("tenant")` when its hosts changed.
    pub async fn save_settings(
        &self,
        tenant: &Tenant,
        area: SettingsArea,
        seen_rev: u64,
        change: impl FnOnce(&mut Settings, &mut LegalTexts),
        actor: Actor,
        now: Timestamp,
    ) -> Result<u64, CommitError> {
        let with_texts = matches!(area, SettingsArea::Texts);
        let mut legal = if with_texts { self.read_legal_texts(true).await? } else { LegalTexts::default() };
        let change = |item: &mut AreaItem| -> Result<(), StoreError> {
            change(&mut item.settings, &mut legal);
            if with_texts {
                item.legal = pack(AreaItem::KIND, &legal)?;
            }
            Ok(())
        };
        self.replace_area(tenant, (area, seen_rev), change, (actor, now)).await
    }

    /// Own texts in a language as they stand in the table, with the revision of their area (0 before it was first saved).
    ///
    /// # Errors
    /// The table's errors.
    pub async fn wording(&self, language: Language) -> Result<Loaded<Wording>, StoreError> {
        let key = self.scope.setting(SettingsArea::Wording(language).name());
        let found: Option<Loaded<AreaItem>> = self.get(key, true).await?;
        let Some(Loaded { value: AreaItem { wording, .. }, rev }) = found else {
            return Ok(Loaded { value: Wording::default(), rev: 0 });
        };
        Ok(Loaded { value: unpack(AreaItem::KIND, &wording)?, rev })
    }

    /// One edition of them, and how large it is. It never changes.
    pub(crate) async fn wording_edition(
        &self,
        language: Language,
        rev: u64,
    ) -> Result<Option<(Wording, usize)>, StoreError> {
        let key = self.scope.setting_version(SettingsArea::Wording(language).name(), rev);
        // Consistently: the host's copy that names it was written in the same moment.
        let found: Option<Loaded<AreaItem>> = self.get(key, true).await?;
        let packed = found.map(|loaded| loaded.value.wording).filter(|packed| !packed.is_empty());
        let Some(packed) = packed else { return Ok(None) };
        Ok(Some((unpack(AreaItem::KIND, &packed)?, unpacked_bytes(&packed))))
    }

    /// Replaces all own texts in a language; without any the product's hold.
    ///
    /// # Errors
    /// As [`TenantStore::save_settings`]; `TooLarge` for texts that do not fit.
    pub async fn save_wording(
        &self,
        tenant: &Tenant,
        language: Language,
        seen_rev: u64,
        wording: &Wording,
        actor: Actor,
        now: Timestamp,
    ) -> Result<u64, CommitError> {
        let packed = pack(AreaItem::KIND, wording)?;
        if packed.len() > MAX_WORDING_BYTES {
            return Err(StoreError::TooLarge(AreaItem::KIND).into());
        }
        let change = |item: &mut AreaItem| -> Result<(), StoreError> {
            item.settings.wordings.set(language, (!wording.is_empty()).then_some(seen_rev + 1));
            item.wording = packed;
            Ok(())
        };
        self.replace_area(tenant, (SettingsArea::Wording(language), seen_rev), change, (actor, now)).await
    }

    async fn replace_area(
        &self,
        tenant: &Tenant,
        (area, seen_rev): (SettingsArea, u64),
        change: impl FnOnce(&mut AreaItem) -> Result<(), StoreError>,
        (actor, now): (Actor, Timestamp),
    ) -> Result<u64, CommitError> {
        let (record, stored) = tokio::try_join!(
            crate::access::get::<TenantRecord>(&self.store, global::registry(self.scope.id()), true),
            self.store.read_host(&tenant.host, true)
        )?;
        let (Some(record), Some(stored)) = (record, stored) else { return Err(CommitError::Refused("host")) };
        let mut item = AreaItem { settings: stored.value.settings.clone(), ..AreaItem::default() };
        change(&mut item)?;
        let next = seen_rev + 1;
        let host_item = HostItem { settings: item.settings.clone(), ..stored.value };
        let seen = (seen_rev > 0).then_some(seen_rev);
        let mut commit = self
            .commit()
            .save("settings", Item::new(self.scope.setting(area.name()), &item, next), seen)
            .overwrite("version", Item::new(self.scope.setting_version(area.name(), next), &item, next));
        // A host that was added meanwhile would keep the old settings for ever.
        commit = commit.unchanged("tenant", global::registry(self.scope.id()), record.rev);
        for host in &record.value.hosts {
            commit = commit.replace("host", Item::new(global::host(host), &host_item, stored.rev + 1), stored.rev);
        }
        let event = Event::new(EventKind::SettingsChanged, actor, now, area.name());
        commit.events(None, &[event]).run().await?;
        self.store.inner.directory.forget(&record.value.hosts);
        Ok(next)
    }
}
