//! A payment provider of the outside world: our adapter on the one side, its customers, banks and books on the other.

use std::sync::Arc;

use booking::Place;
use domain::payment::ProviderName;
use payments::{Access, Provider};
use testkit::{Portal, Rails, Taken};
use vendors::Message;

use crate::{
    mutant::{Slip, Slipping},
    random::Random,
};

/// Most events of one message of GoCardless: some more than are looked up before it is answered.
const EVENTS: u64 = 8;

/// One provider.
#[derive(Debug)]
pub(crate) struct Rail {
    pub(crate) name: ProviderName,
    /// As the product opens it with the tenant's keys.
    pub(crate) adapter: Arc<dyn Provider>,
    /// All of them: a provider's own part is found by its name.
    pub(crate) vendors: Arc<Rails>,
}

impl Rail {
    /// All of a portal's.
    pub(crate) async fn all(portal: &Portal, slip: Option<Slip>) -> Vec<Self> {
        let process = portal.another_process().await;
        let providers = portal.providers(&process);
        let open = |name: ProviderName| {
            let keys = Rails::keys(name).to_string();
            let access = Access::read(name, keys.as_bytes()).unwrap_or_else(|error| panic!("{name:?}: {error}"));
            let adapter = providers.opened_by(access.unwrap_or_else(|| panic!("{name:?} takes no keys")));
            let adapter: Arc<dyn Provider> = match slip {
                Some(slip) => Arc::new(Slipping { adapter, slip }),
                None => adapter,
            };
            Self { name, adapter, vendors: Arc::clone(&portal.rails) }
        };
        Rails::NAMES.into_iter().map(open).collect()
    }

    /// What it is told about where we are.
    pub(crate) fn place(&self, path: &str) -> Place {
        Place {
            description: "Rechnung RE1000".to_owned(),
            return_url: format!("https://portal.example/{path}?returned=1"),
            webhook_url: format!("https://portal.example/webhooks/{}", self.name.code()),
        }
    }

    /// Does it put what it says at different times into one message?
    pub(crate) fn gathers(&self) -> bool {
        self.name == ProviderName::Gocardless
    }

    /// What it has sent since it was last asked. GoCardless packs its events as it likes.
    pub(crate) fn messages(&self, random: &mut Random) -> Vec<Message> {
        match self.name {
            ProviderName::Gocardless => {
                let most = 1 + usize::try_from(random.below(EVENTS)).unwrap_or(0);
                self.vendors.gocardless.bundle(most, Some(random.next()))
            }
            name => self.vendors.messages(name),
        }
    }

    /// What its own books say.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.vendors.taken(self.name)
    }
}
