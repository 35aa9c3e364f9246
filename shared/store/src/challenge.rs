//! Requests for a login code. Codes are stored as keyed hashes only; tries are counted before a code is compared.
//!
//! access patterns: one by the hash of its id (consistent) · keys: T#t#OTP#hash / CH

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{customer::EmailAddress, otp::ChallengeState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Update, update},
    item::{Item, kind, read},
};

/// One code that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCode {
    /// Keyed hash of the code (base64url).
    pub mac: String,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
    /// Tries of the challenge when it was sent: it has its own five from there.
    pub tries_before: u32,
}

/// A request for a code, bound to the browser or program that asked: only that one knows the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Where the code went, or would have gone.
    pub email: EmailAddress,
    /// Codes sent so far; an older one stays good until it ends.
    pub codes: Vec<SentCode>,
    /// Digits of the newest code.
    pub digits: u32,
    /// Tries so far.
    pub tries: u32,
    /// Where it stands.
    pub state: ChallengeState,
    /// From then on another code may be asked for.
    pub resend_at: Timestamp,
    /// The page that was asked for (a checked `ReturnTo`).
    pub return_to: String,
    /// Where somebody came from, checked likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

impl Challenge {
    /// Most codes of one challenge.
    pub const MAX_CODES: usize = 5;

    /// When its last code ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.codes.iter().map(|code| code.expires_at).max().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

kind! { Challenge = "challenge"; }

impl TenantStore {
    /// A challenge by the hash of its id; expiry is the caller's to check.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn challenge(&self, id_hash: &str) -> Result<Option<Loaded<Challenge>>, StoreError> {
        self.get(self.scope.challenge(id_hash), true).await
    }

    /// Creates a challenge, or stores its next state on condition that nobody changed it meanwhile.
    ///
    /// # Errors
    /// `Refused("challenge")`.
    pub async fn save_challenge(
        &self,
        id_hash: &str,
        challenge: &Challenge,
        seen: Option<u64>,
    ) -> Result<(), CommitError> {
        let item = Item::new(self.scope.challenge(id_hash), challenge, seen.unwrap_or(0) + 1)
            .map(|item| item.expiring(challenge.expires_at()));
        self.commit().save("challenge", item, seen).run().await
    }

    /// Counts one try, before the code is compared. `None` when the challenge has had `max` tries or is not open: two
    /// browsers guessing at once can never have more tries than one.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn take_try(&self, id_hash: &str, max: u32) -> Result<Option<Loaded<Challenge>>, StoreError> {
        let taken = update(
            &self.store,
            Update {
                key: self.scope.challenge(id_hash),
                expression: "ADD #tries :one, rev :one",
                condition: Some("#tries < :max AND #state = :open"),
                names: vec![("#tries", "tries"), ("#state", "state")],
                values: vec![
                    (":one", AttributeValue::N("1".into())),
                    (":max", AttributeValue::N(max.to_string())),
                    (":open", AttributeValue::S("open".into())),
                ],
            },
        )
        .await?;
        taken.map(read).transpose()
    }
}
