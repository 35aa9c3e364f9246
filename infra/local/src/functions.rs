//! Which functions the portal has: the only file of this crate that knows them.
//!
//! To be filled in with the functions' crates: each page function gives `routes()`, worker and documents give their
//! handlers for stream and minute. Until then the portal is empty and every path is 404.

use crate::{
    clock::ClockHandle,
    environment::Environment,
    gateway::{Function, Gateway},
    mailbox::Persona,
    pump::Consumer,
};
use std::path::Path;

/// Names of the functions that read the stream and are called every minute; `--aws-only` posts to them.
pub const CONSUMERS: [&str; 2] = ["worker", "documents"];

/// Every page function with its paths, without building anything: for `routes --write`.
#[must_use]
pub fn paths() -> Vec<(&'static str, Vec<String>)> {
    Vec::new()
}

/// Every page function with its router. `environment` is what its `Config` is read from.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub fn functions(_environment: &Environment, _clock: &ClockHandle) -> Result<Vec<Function>, String> {
    Ok(Vec::new())
}

/// The readers of the stream: worker and documents.
///
/// # Errors
/// When a value of the environment is missing or wrong.
pub fn consumers(_environment: &Environment, _clock: &ClockHandle) -> Result<Vec<Consumer>, String> {
    Ok(Vec::new())
}

/// Who can sign in to the demo tenants.
#[must_use]
pub fn personas(portal_port: u16) -> Vec<Persona> {
    let persona = |tenant: &str, name: &str, email: &str| Persona {
        name: name.to_owned(),
        email: email.to_owned(),
        host: format!("{tenant}.localhost:{portal_port}"),
    };
    vec![
        persona("webhosting-ag", "Tine Exemplus, Example GmbH", "tine@example.org"),
        persona("webhosting-ag", "Max Musterkunde, Kunde Eins AG", "max@example.org"),
    ]
}

/// The last outbox items for the mailbox's start page, newest first, a line each.
pub async fn outbox(_environment: Environment) -> Vec<String> {
    Vec::new()
}

/// Loads the demo tenants through the integrator API and writes `keys.json`; called on the first start only.
///
/// # Errors
/// When the portal refuses a part of the demo.
pub async fn load_demo(_portal: &Gateway, _data: &Path) -> Result<(), String> {
    Ok(())
}
