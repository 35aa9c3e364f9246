//! `Idempotency-Key`: a program that asks twice with the same key gets one payment and the same answer.

use domain::{
    FieldErrors,
    id::{AddressId, CommentId, CustomerId, PaymentId, PaymentMethodId},
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use store::{CommitError, KeyUse, Loaded, TenantStore, secret};

use crate::{Arrival, Problem};

/// Name of the header.
const HEADER: &str = "idempotency-key";
/// Longest key.
const MAX_CHARS: usize = 64;

/// The key a request came with, and what it asked for.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: String,
    request: String,
    now: Timestamp,
}

/// A key that is bound to a payment.
#[derive(Debug)]
pub struct Bound<T> {
    /// The payment to go on with: a fresh one, or that of the first use.
    pub payment: PaymentId,
    /// The answer of the first use, when it has one.
    pub answer: Option<T>,
    seen: Option<Loaded<KeyUse>>,
}

impl<T> Bound<T> {
    /// The way to pay to go on with, where no payment is made: it has the same number.
    #[must_use]
    pub fn payment_method(&self) -> PaymentMethodId {
        PaymentMethodId::same_as(&self.payment)
    }

    /// Likewise the billing address.
    #[must_use]
    pub fn address(&self) -> AddressId {
        AddressId::same_as(&self.payment)
    }

    /// Likewise the comment.
    #[must_use]
    pub fn comment(&self) -> CommentId {
        CommentId::same_as(&self.payment)
    }
}

impl IdempotencyKey {
    /// Reads the header where one was sent: what moves no money may be asked for without.
    ///
    /// # Errors
    /// 400 for one that is no key.
    pub fn where_sent<T: Serialize>(arrival: &Arrival, body: &T) -> Result<Option<Self>, Problem> {
        arrival.header(HEADER).map(|_| Self::of(arrival, body)).transpose()
    }

    /// Reads the header of a request with this body.
    ///
    /// # Errors
    /// 400 without a key, and for one that is none.
    pub fn of<T: Serialize>(arrival: &Arrival, body: &T) -> Result<Self, Problem> {
        let key = arrival.header(HEADER).unwrap_or_default().trim();
        let fits = (1..=MAX_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !fits {
            return Err(Problem::malformed("Idempotency-Key", "is needed: 1 to 64 visible ASCII characters"));
        }
        let body = serde_json::to_string(body).map_err(|error| Problem::Internal(error.to_string()))?;
        let path = arrival.path().split('?').next().unwrap_or_default();
        let request = secret::hash(&format!("{path}\n{body}"));
        Ok(Self { key: key.to_owned(), request, now: arrival.now() })
    }

    /// What the key was used for before, or a fresh payment; nothing is written yet.
    ///
    /// # Errors
    /// 422 when it was used for another request.
    pub async fn find<T: DeserializeOwned>(
        &self,
        store: &TenantStore,
        principal: &CustomerId,
    ) -> Result<Bound<T>, Problem> {
        match store.key_use(principal, &self.key, self.now).await? {
            Some(found) => self.known(found),
            None => Ok(Bound { payment: PaymentId::new(self.now, secret::entropy()), answer: None, seen: None }),
        }
    }

    fn known<T: DeserializeOwned>(&self, found: Loaded<KeyUse>) -> Result<Bound<T>, Problem> {
        if found.value.request != self.request {
            let message = "was used for another request";
            return Err(FieldErrors::one("Idempotency-Key", "key_reused", message).into());
        }
        let answer = match &found.value.answer {
            Some(answer) => Some(serde_json::from_str(answer).map_err(|error| Problem::Internal(error.to_string()))?),
            None => None,
        };
        Ok(Bound { payment: found.value.payment.clone(), answer, seen: Some(found) })
    }

    /// Binds a fresh key to its payment, before the payment is written. Of two requests at once the second goes on with
    /// the payment of the first.
    ///
    /// # Errors
    /// 422 when it was used for another request meanwhile.
    pub async fn bind<T: DeserializeOwned>(
        &self,
        store: &TenantStore,
        principal: &CustomerId,
        bound: Bound<T>,
    ) -> Result<Bound<T>, Problem> {
        if bound.seen.is_some() {
            return Ok(bound);
        }
        let fresh = KeyUse::new(self.request.clone(), bound.payment.clone(), self.now);
        match store.save_key_use(principal, &self.key, &fresh, None, self.now).await {
            Ok(()) => Ok(Bound { seen: Some(Loaded { value: fresh, rev: 1 }), ..bound }),
            Err(CommitError::Refused(_) | CommitError::Conflict) => self.find(store, principal).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the answer for the next time. That it is not kept costs only that it is made again.
    pub async fn keep<T: Serialize>(&self, store: &TenantStore, principal: &CustomerId, bound: &Bound<T>, answer: &T) {
        let Some(seen) = &bound.seen else { return };
        let Ok(answer) = serde_json::to_string(answer) else { return };
        let next = KeyUse { answer: Some(answer), ..seen.value.clone() };
        if let Err(error) = store.save_key_use(principal, &self.key, &next, Some(seen.rev), self.now).await {
            tracing::warn!(%error, "the answer of a key is not kept");
        }
    }
}
