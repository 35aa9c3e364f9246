//! What only this function has: the private key that signs sessions, the key of its hashes, and the mailer.

use aws_config::SdkConfig;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use domain::Secret;
use mail::Mailer;
use store::{SigningKey, secret};
use thiserror::Error;
use web::{Config, Portal, Stage, token::Signer};

/// The clients of auth-otp. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Signs sessions.
    pub signer: Signer,
    /// Sends codes.
    pub mailer: Mailer,
    hash_key: Secret<[u8; 32]>,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum NoKey {
    /// The variable is missing.
    #[error("SIGNING_KEY must be the name of the secret that signs sessions")]
    Unnamed,
    /// The secret cannot be read.
    #[error("the secret named by SIGNING_KEY cannot be read: {0}")]
    Unreadable(String),
    /// It is no private key.
    #[error("the secret named by SIGNING_KEY must be an Ed25519 private key in PEM (PKCS#8)")]
    Malformed,
    /// Its public half cannot be published.
    #[error("the public key cannot be published: {0}")]
    Unpublished(#[from] store::StoreError),
}

impl Clients {
    /// Reads the signing key, publishes its public half where it is new, and makes the mailer.
    ///
    /// # Errors
    /// See [`NoKey`].
    pub async fn connect(portal: &Portal, aws: &SdkConfig) -> Result<Self, NoKey> {
        let pem = read_key(portal.config(), aws).await?;
        let config = portal.config();
        let mailer = Mailer::connect(aws, &config.mail_from_domain, &config.sandbox_recipients)
            .telling_by(config.mail_configuration_set.as_deref());
        let (clients, public) = Self::with_key(&pem, mailer)?;
        let known = portal.store().signing_keys(portal.clock().now(), false).await?;
        if !known.contains(&public) {
            portal.store().publish_signing_key(&public).await?;
        }
        Ok(clients)
    }

    /// Clients with a given key, and its public half.
    fn with_key(pem: &Secret<String>, mailer: Mailer) -> Result<(Self, SigningKey), NoKey> {
        let public = public_half(pem)?;
        let signer = Signer::from_pem(public.kid.clone(), pem).map_err(|_| NoKey::Malformed)?;
        // The key of the hashes is derived, so that whoever reads the table cannot try codes against it.
        let hash_key = Secret::new(secret::mac(pem.expose().as_bytes(), b"keyed hashes of codes and addresses"));
        Ok((Self { signer, mailer, hash_key }, public))
    }

    /// Keyed hash of an address, code or client: what counters and challenges stand under.
    #[must_use]
    pub fn keyed(&self, what: &str, value: &str) -> String {
        secret::encode(&secret::mac(self.hash_key.expose(), format!("{what}\u{0}{value}").as_bytes()))
    }
}

/// The public half of the key that the configuration names, for whoever wants to know whether it is there.
///
/// # Errors
/// See [`NoKey`].
pub async fn public_signing_key(config: &Config, aws: &SdkConfig) -> Result<SigningKey, NoKey> {
    public_half(&read_key(config, aws).await?)
}

fn public_half(pem: &Secret<String>) -> Result<SigningKey, NoKey> {
    let der = pem_to_der(pem.expose()).ok_or(NoKey::Malformed)?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| NoKey::Malformed)?;
    let public = pair.public_key().as_ref();
    let kid = secret::hash(&secret::encode(public))[..12].to_owned();
    Ok(SigningKey { kid, public_pem: public_pem(public) })
}

/// The secret's text: a parameter in SSM, locally a file.
async fn read_key(config: &Config, aws: &SdkConfig) -> Result<Secret<String>, NoKey> {
    let name = config.signing_key.as_deref().ok_or(NoKey::Unnamed)?;
    if config.stage == Stage::Local {
        return std::fs::read_to_string(name).map(Secret::new).map_err(|error| NoKey::Unreadable(error.to_string()));
    }
    let answer = aws_sdk_ssm::Client::new(aws).get_parameter().name(name).with_decryption(true).send().await;
    let parameter = answer.map_err(|error| NoKey::Unreadable(error.to_string()))?.parameter;
    parameter.and_then(|parameter| parameter.value).map(Secret::new).ok_or(NoKey::Malformed)
}

fn pem_to_der(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    secret::decode_standard(&body)
}

/// RFC 8410: an Ed25519 public key is twelve fixed bytes and the key.
fn public_pem(key: &[u8]) -> String {
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend_from_slice(key);
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", secret::encode_standard(&der))
}

/// A fresh private key in PEM, for setting up an installation.
///
/// # Panics
/// When the operating system has no random source.
#[must_use]
#[expect(clippy::expect_used, reason = "without randomness no key may be made")]
pub fn fresh_signing_key() -> Secret<String> {
    let der = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
        .expect("the operating system gives random bytes");
    Secret::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        secret::encode_standard(der.as_ref())
    ))
}
