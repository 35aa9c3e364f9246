//! What every function has: configuration, table and clock.

use std::sync::Arc;

use store::{Store, StoreConfig};

use crate::{Clock, Config, Stage};

/// Configuration, table and clock of one process. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Portal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    store: Store,
    clock: Clock,
}

impl Portal {
    /// A portal over clients that are made but have not asked anything yet.
    #[must_use]
    pub fn new(config: Config, aws: &aws_config::SdkConfig, clock: Clock) -> Self {
        let is_sandbox_stage = config.stage == Stage::Sandbox;
        let store = Store::connect(aws, StoreConfig { table: config.table_name.clone(), is_sandbox_stage });
        Self(Arc::new(Inner { config, store, clock }))
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The table.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock. Handlers take `now` from their context instead.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }
}
