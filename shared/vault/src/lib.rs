//! Keys that tenants have with payment providers: one SecureString of SSM per tenant and provider, locally one file.
//! Nothing here remembers anything; whoever reads often keeps what was read.

use std::{collections::BTreeMap, fs, io, path::PathBuf, sync::Arc};

use aws_config::SdkConfig;
use aws_sdk_ssm::{Client, operation::get_parameter::GetParameterError, types::ParameterType};
use domain::{Secret, id::TenantId, payment::ProviderName};
use thiserror::Error;

/// Largest value of a standard parameter.
pub const MAX_BYTES: usize = 4_096;

/// Keys could not be read or kept. What they are is never said.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VaultError {
    /// The store of secrets does not answer.
    #[error("the store of secrets does not answer: {0}")]
    Unavailable(String),
    /// No place is configured.
    #[error("PROVIDER_SECRETS names no place for secrets")]
    Nowhere,
    /// More than [`MAX_BYTES`].
    #[error("a secret is too large")]
    TooLarge,
}

/// Where the keys are. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Vault(Arc<Place>);

#[derive(Debug)]
enum Place {
    Nowhere,
    Parameters { client: Box<Client>, prefix: String },
    File(PathBuf),
}

impl Vault {
    /// Without a place: nothing is there, and nothing can be kept.
    #[must_use]
    pub fn nowhere() -> Self {
        Self(Arc::new(Place::Nowhere))
    }

    /// Parameters of SSM below a prefix. Nothing is asked yet.
    #[must_use]
    pub fn in_parameters(aws: &SdkConfig, prefix: &str) -> Self {
        Self(Arc::new(Place::Parameters { client: Box::new(Client::new(aws)), prefix: prefix.to_owned() }))
    }

    /// A file of this machine.
    #[must_use]
    pub fn in_file(path: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Place::File(path.into())))
    }

    /// A tenant's keys with a provider, if there are any.
    ///
    /// # Errors
    /// The store of secrets does not answer.
    pub async fn read(&self, tenant: &TenantId, provider: ProviderName) -> Result<Option<Secret<String>>, VaultError> {
        match &*self.0 {
            Place::Nowhere => Ok(None),
            Place::File(path) => Ok(read_file(path)?.remove(&name(tenant, provider)).map(Secret::new)),
            Place::Parameters { client, prefix } => {
                let asked = client.get_parameter().name(format!("{prefix}/{}", name(tenant, provider)));
                match Box::pin(asked.with_decryption(true).send()).await {
                    Ok(found) => Ok(found.parameter.and_then(|parameter| parameter.value).map(Secret::new)),
                    Err(error) => match error.as_service_error() {
                        Some(GetParameterError::ParameterNotFound(_)) => Ok(None),
                        Some(error) => Err(VaultError::Unavailable(code(error.meta().code()))),
                        None => Err(VaultError::Unavailable("no answer".to_owned())),
                    },
                }
            }
        }
    }

    /// Keeps a tenant's keys with a provider, instead of those that were there.
    ///
    /// # Errors
    /// The store of secrets does not answer, or there is none.
    pub async fn keep(
        &self,
        tenant: &TenantId,
        provider: ProviderName,
        keys: &Secret<String>,
    ) -> Result<(), VaultError> {
        if keys.expose().len() > MAX_BYTES {
            return Err(VaultError::TooLarge);
        }
        match &*self.0 {
            Place::Nowhere => Err(VaultError::Nowhere),
            Place::File(path) => {
                let mut all = read_file(path)?;
                all.insert(name(tenant, provider), keys.expose().clone());
                write_file(path, &all).map_err(unavailable)
            }
            Place::Parameters { client, prefix } => {
                let kept = client.put_parameter().name(format!("{prefix}/{}", name(tenant, provider)));
                let kept = kept.value(keys.expose()).r#type(ParameterType::SecureString).overwrite(true);
                let kept = Box::pin(kept.send()).await;
                match kept {
                    Ok(_) => Ok(()),
                    Err(error) => Err(VaultError::Unavailable(match error.as_service_error() {
                        Some(error) => code(error.meta().code()),
                        None => "no answer".to_owned(),
                    })),
                }
            }
        }
    }
}

fn name(tenant: &TenantId, provider: ProviderName) -> String {
    format!("{tenant}/{}", provider.code())
}

/// The service's code: its sentence could repeat what was sent.
fn code(code: Option<&str>) -> String {
    code.unwrap_or("no code").to_owned()
}

fn unavailable(error: impl std::fmt::Display) -> VaultError {
    VaultError::Unavailable(error.to_string())
}

fn read_file(path: &PathBuf) -> Result<BTreeMap<String, String>, VaultError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| VaultError::Unavailable("the file is broken".into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(unavailable(error)),
    }
}

/// Whole or not at all, and for the owner's eyes.
fn write_file(path: &PathBuf, all: &BTreeMap<String, String>) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let fresh = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&serde_json::to_vec(all)?)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_is_read_by_the_same_tenant_and_provider_alone() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::in_file(folder.path().join("secrets.json"));
        let [one, other] = [1, 2].map(|seed| TenantId::new(jiff::Timestamp::UNIX_EPOCH, [seed; 10]));
        let read = async |tenant| {
            let found = vault.read(tenant, ProviderName::Stripe).await.unwrap();
            found.map(|keys| keys.expose().clone())
        };
        assert_eq!(read(&one).await, None);
        for keys in ["first", "second"] {
            vault.keep(&one, ProviderName::Stripe, &Secret::new(keys.to_owned())).await.unwrap();
            assert_eq!(read(&one).await.as_deref(), Some(keys));
        }
        assert_eq!(read(&other).await, None);
        let large = Secret::new("x".repeat(MAX_BYTES + 1));
        assert_eq!(vault.keep(&one, ProviderName::Stripe, &large).await, Err(VaultError::TooLarge));
    }
}
