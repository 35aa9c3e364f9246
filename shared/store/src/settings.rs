//! Settings areas with their history; the parts every page needs travel with all host items.
//!
//! access patterns: one area (its own page, the API) · replace one area (with a revision as seen) ·
//! keys: T#t / SET#area, SETV#area#rev · reads: Get · commits: area, version, all HOST copies, event

use domain::{
    change::{Actor, Event, EventKind},
    tenant::{LegalTexts, Settings},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, StoreError, Tenant, TenantRecord, TenantStore,
    directory::HostItem,
    item::{Item, Kind as _, Loaded, kind, pack, unpack},
    key::global,
};

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
        let (record, stored, texts) = tokio::try_join!(
            crate::access::get::<TenantRecord>(&self.store, global::registry(self.scope.id()), true),
            self.store.read_host(&tenant.host, true),
            self.read_legal_texts(true)
        )?;
        let (Some(record), Some(stored)) = (record, stored) else { return Err(CommitError::Refused("host")) };
        let (mut item, mut legal) = (AreaItem { settings: stored.value.settings.clone(), legal: Vec::new() }, texts);
        change(&mut item.settings, &mut legal);
        if matches!(area, SettingsArea::Texts) {
            item.legal = pack(AreaItem::KIND, &legal)?;
        }
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
