//! Session tokens: Ed25519 JWTs that name a session. Only auth-otp can sign; everybody can check.
//!
//! How long a session was idle is kept beside the token: the time it was last seen, signed with the session's own random
//! key, which every function knows after reading the session and none needs the private key for.

use domain::{
    Secret,
    id::{CustomerId, SessionId, TenantId},
    link::Reach,
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use store::{Session, SigningKey, secret};

/// A session ends when nothing was asked for so long.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// A session ends after so long, however busy it was.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// The time last seen is renewed when it is older than this.
const RENEW_SEEN: SignedDuration = SignedDuration::from_mins(5);

/// Who uses the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// A browser, by cookie; ends when idle.
    Browser,
    /// A browser that shows the portal in a frame on somebody's page, by a cookie of that frame; ends when idle. It reads.
    Embedded,
    /// A program, by bearer token; ends after its lifetime.
    Program,
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The tenant it is good at; another host's tenant refuses it.
    pub tenant: TenantId,
    /// Whom it signs in.
    pub customer: CustomerId,
    /// Which session.
    pub sid: SessionId,
    /// Who uses it.
    pub scope: TokenScope,
    /// How far it reaches: doors decide by it before the session is read.
    #[serde(default, skip_serializing_if = "Reach::is_whole")]
    pub reach: Reach,
    /// When it was issued, seconds.
    pub iat: i64,
}

impl Claims {
    /// The session's key in the table.
    #[must_use]
    pub fn sid_hash(&self) -> String {
        secret::hash(self.sid.as_str())
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        Timestamp::from_second(self.iat).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The private key; only auth-otp has one.
#[derive(Clone)]
pub struct Signer {
    kid: String,
    key: EncodingKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Signer {
    /// Reads a private key (PKCS#8 PEM, Ed25519).
    ///
    /// # Errors
    /// When it is none.
    pub fn from_pem(kid: String, pem: &Secret<String>) -> Result<Self, jsonwebtoken::errors::Error> {
        Ok(Self { kid, key: EncodingKey::from_ed_pem(pem.expose().as_bytes())? })
    }

    /// Signs a token.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, claims: &Claims) -> Result<Secret<String>, jsonwebtoken::errors::Error> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &self.key).map(Secret::new)
    }
}

/// The name of the key that signed a token, unchecked.
#[must_use]
pub fn kid(token: &str) -> Option<String> {
    decode_header(token).ok()?.kid
}

/// Checks signature and shape. Age, tenant and session are checked by the door.
#[must_use]
pub fn verify(token: &str, keys: &[SigningKey]) -> Option<Claims> {
    let kid = kid(token)?;
    let key = keys.iter().find(|key| key.kid == kid)?;
    let key = DecodingKey::from_ed_pem(key.public_pem.as_bytes()).ok()?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode::<Claims>(token, &key, &validation).ok().map(|data| data.claims)
}

/// The cookie that says when a session was last seen: seconds and their signature.
#[must_use]
pub fn seen_cookie(session: &Session, at: Timestamp) -> String {
    let seconds = at.as_second();
    format!("{seconds}.{}", seen_signature(session, seconds))
}

fn seen_signature(session: &Session, seconds: i64) -> String {
    secret::encode(&secret::mac(session.key.as_bytes(), format!("seen {seconds}").as_bytes())[..16])
}

/// When the session was last seen, as far as its cookie is genuine; else when its token was issued.
#[must_use]
pub fn last_seen(session: &Session, cookie: Option<&str>, claims: &Claims) -> Timestamp {
    let genuine = cookie.and_then(|cookie| cookie.split_once('.')).and_then(|(seconds, signature)| {
        let seconds: i64 = seconds.parse().ok()?;
        let same = secret::equal(signature.as_bytes(), seen_signature(session, seconds).as_bytes());
        Timestamp::from_second(seconds).ok().filter(|_| same)
    });
    genuine.map_or(claims.issued_at(), |seen| seen.max(claims.issued_at()))
}

/// Has the session been idle too long?
#[must_use]
pub fn is_idle(last_seen: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last_seen) >= IDLE
}

/// Should the time last seen be renewed with this answer?
#[must_use]
pub fn should_renew(last_seen: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last_seen) >= RENEW_SEEN
}
