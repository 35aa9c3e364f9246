//! The operator's command, against AWS as against the local cloud.
//!
//! Most of it knows nothing that an integrator could not know: every word to the portal is a request with a key. What needs the
//! cloud itself is apart, in `cloud/`, and asks it with the operator's own credentials.

mod client;
mod cloud;
mod domains;
mod import;
mod keys;
mod ledger;
mod options;
mod stop;
mod tenants;
mod voice;

use std::{fs, io::Write};

use domain::Secret;

pub use client::Failure;
pub use options::Options;
pub use stop::{Stop, Telling};

use client::{Address, Api};
use options::{ApiCommand, Command, DomainCommand, ImportCommand, KeyCommand, LedgerCommand, TenantCommand};
use voice::Voice;

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As asked, all of it.
    Right,
    /// It was done, but something was refused or is not as it should be.
    Refused,
}

/// Does what the options ask. `key` is the environment's, for when no file is named.
///
/// # Errors
/// What could not be done, and how to go on.
pub async fn run(
    options: Options,
    key: Option<String>,
    stop: Stop,
    out: &mut (dyn Write + Send),
) -> Result<Outcome, Failure> {
    let mut voice = Voice::new(out, options.json);
    let url = &options.url;
    match &options.command {
        Command::Api(command) => Box::pin(over_the_api(&options, command, key, stop, &mut voice)).await,
        Command::Domain { command: DomainCommand::Add { tenant, domain } } => {
            let api = connect(&options, key, stop)?;
            domains::add(&api, tenant, domain, &mut voice).await
        }
        Command::Domain { command: DomainCommand::Verify(domain) } => {
            Box::pin(cloud::verify_domain(domain, url, &stop, &mut voice)).await
        }
        Command::Cloud(command) => Box::pin(cloud::run(command, url, &stop, &mut voice)).await,
    }
}

async fn over_the_api(
    options: &Options,
    command: &ApiCommand,
    key: Option<String>,
    stop: Stop,
    voice: &mut Voice<'_>,
) -> Result<Outcome, Failure> {
    if let ApiCommand::Import { command: ImportCommand::Rows(rows) } = command
        && rows.is_dry()
    {
        return import::dry_run(rows, voice);
    }
    let api = connect(options, key, stop)?;
    match command {
        ApiCommand::Tenant { command: TenantCommand::Create(new) } => tenants::create(&api, new, voice).await,
        ApiCommand::Tenant { command: TenantCommand::List } => tenants::list(&api, voice).await,
        ApiCommand::Key { command: KeyCommand::Create(new) } => keys::create(&api, new, voice).await,
        ApiCommand::Key { command: KeyCommand::Revoke { id } } => keys::revoke(&api, id, voice).await,
        ApiCommand::Ledger { command: LedgerCommand::Check } => ledger::check(&api, voice).await,
        ApiCommand::Import { command: ImportCommand::Rows(rows) } => Box::pin(import::run(&api, rows, voice)).await,
        ApiCommand::Import { command: ImportCommand::Pdfs(pdfs) } => Box::pin(import::pdfs(&api, pdfs, voice)).await,
    }
}

fn connect(options: &Options, key: Option<String>, stop: Stop) -> Result<Api, Failure> {
    let address = Address::new(&options.url, options.host.as_deref())?;
    Api::new(address, read_key(options, key)?, stop)
}

/// A key never stands among the arguments: everybody on the machine can see those.
fn read_key(options: &Options, environment: Option<String>) -> Result<Secret<String>, Failure> {
    let key = match &options.key_file {
        Some(file) => {
            fs::read_to_string(file).map_err(|error| Failure::Input(format!("{}: {error}", file.display())))?
        }
        None => environment.unwrap_or_default(),
    };
    let key = key.trim();
    if key.is_empty() {
        return Err(Failure::Input("a key is needed: in the variable KONTOR_KEY or in a file, --key-file".to_owned()));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Input("the key is no key: it must be one word such as kk_prod_…".to_owned()));
    }
    Ok(Secret::new(key.to_owned()))
}
