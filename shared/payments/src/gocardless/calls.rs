//! How GoCardless is called: one thing, a list, something that is made once.

use http::{Method as Verb, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    GoCardless, VERSION,
    wire::{Meta, Refusal, Resource, is_word},
};
use crate::{
    Unknown,
    client::{Answer, json, send, send_dated},
};

/// Clocks differ: something is searched for from a little before it was written down.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
/// What a search reads before it says that it does not know.
const MAX_READ: usize = 1_000;

/// What came of making something.
#[derive(Debug)]
pub(super) enum Made<T> {
    /// It was made now.
    Now(T),
    /// It was made before with the same key.
    Before(T),
    /// It will not be made, now or later: GoCardless's word for why.
    Refused(String),
}

impl GoCardless {
    pub(super) fn request(&self, verb: Verb, path: &str) -> Result<reqwest::RequestBuilder, Unknown> {
        let request = self.client.request(verb, &format!("{}/{path}", self.base))?;
        Ok(request.bearer_auth(self.keys.access_token.expose()).header("gocardless-version", VERSION))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<reqwest::RequestBuilder, Unknown> {
        let body = serde_json::to_vec(body).map_err(|_| Unknown::Unreadable)?;
        Ok(self.request(Verb::POST, path)?.header("content-type", "application/json").body(body))
    }

    /// One thing, and when GoCardless said so; none when it does not have it.
    pub(super) async fn get_dated<T: Resource>(&self, id: &str) -> Result<Option<(T, Option<Timestamp>)>, Unknown> {
        if !is_word(id) {
            return Err(Unknown::Unreadable);
        }
        let path = format!("{}/{id}", T::KIND);
        let Answer { status, body, at } = send_dated(self.request(Verb::GET, &path)?).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some((opened(&body)?, at))),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    /// One thing; none when GoCardless does not have it.
    pub(super) async fn get<T: Resource>(&self, id: &str) -> Result<Option<T>, Unknown> {
        Ok(self.get_dated(id).await?.map(|(found, _)| found))
    }

    /// One thing that something else names. When it is gone that proves nothing: the keys may be another account's now.
    pub(super) async fn known<T: Resource>(&self, id: &str) -> Result<T, Unknown> {
        self.get(id).await?.ok_or(Unknown::Refused(StatusCode::NOT_FOUND.as_u16()))
    }

    /// The first that is wanted of those that a filter leaves, newest first.
    pub(super) async fn search<T: Resource>(
        &self,
        filter: &str,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, Unknown> {
        let mut after = String::new();
        for _ in 0..MAX_READ.div_ceil(T::PAGE) {
            let (mut page, next) = self.page::<T>(filter, &after).await?;
            if let Some(at) = page.iter().position(&is_wanted) {
                return Ok(Some(page.swap_remove(at)));
            }
            let Some(next) = next else { return Ok(None) };
            after = next;
        }
        Err(Unknown::Unfindable)
    }

    /// All that a filter leaves, newest first.
    pub(super) async fn all<T: Resource>(&self, filter: &str) -> Result<Vec<T>, Unknown> {
        let (mut all, mut after) = (Vec::new(), String::new());
        while all.len() < MAX_READ {
            let (page, next) = self.page::<T>(filter, &after).await?;
            all.extend(page);
            let Some(next) = next else { return Ok(all) };
            after = next;
        }
        Err(Unknown::Unreadable)
    }

    /// One page, and the mark of the next one.
    async fn page<T: Resource>(&self, filter: &str, after: &str) -> Result<(Vec<T>, Option<String>), Unknown> {
        let path = format!("{}?limit={}{filter}{after}", T::KIND, T::PAGE);
        let mut answer: Value = json(self.request(Verb::GET, &path)?).await?;
        let page = answer.get_mut(T::KIND).map(Value::take).ok_or(Unknown::Unreadable)?;
        let page: Vec<T> = serde_json::from_value(page).map_err(|_| Unknown::Unreadable)?;
        let meta = answer.get_mut("meta").map(Value::take).ok_or(Unknown::Unreadable)?;
        let meta: Meta = serde_json::from_value(meta).map_err(|_| Unknown::Unreadable)?;
        let Some(mark) = meta.after() else { return Ok((page, None)) };
        // A page without anything that has another one behind it would never end.
        if page.is_empty() || !is_word(mark) {
            return Err(Unknown::Unreadable);
        }
        Ok((page, Some(format!("&after={mark}"))))
    }

    /// Makes something once per key. GoCardless does not repeat its answer for a key: it names what the key has made.
    pub(super) async fn make<T: Resource>(&self, key: &str, body: &Value) -> Result<Made<T>, Unknown> {
        let request = self.post(T::KIND, &json!({ T::KIND: body }))?.header("idempotency-key", key);
        let (status, body) = send(request).await?;
        if status.is_success() {
            return opened(&body).map(Made::Now);
        }
        let refusal: Option<Refusal> = serde_json::from_slice(&body).ok();
        match refusal.as_ref().and_then(Refusal::made_before) {
            Some(id) if status == StatusCode::CONFLICT => self.known(id).await.map(Made::Before),
            _ => refused(status, &body).map(Made::Refused),
        }
    }
}

/// What is inside the envelope.
pub(super) fn opened<T: Resource>(body: &[u8]) -> Result<T, Unknown> {
    let mut envelope: Value = serde_json::from_slice(body).map_err(|_| Unknown::Unreadable)?;
    let inside = envelope.get_mut(T::KIND).map(Value::take).ok_or(Unknown::Unreadable)?;
    serde_json::from_value(inside).map_err(|_| Unknown::Unreadable)
}

/// The word for a refusal that holds for good.
///
/// # Errors
/// When asking again may help: then the outcome is not known.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> Result<String, Unknown> {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    match (status.as_u16(), refusal) {
        (400 | 422, Some(refusal)) => Ok(refusal.code()),
        (status, _) => Err(Unknown::Refused(status)),
    }
}

/// Made between two moments.
pub(super) fn between(since: Timestamp, until: Timestamp) -> String {
    // Whole seconds, as in the documents.
    let second = |at: Timestamp| at.round(jiff::Unit::Second).unwrap_or(at);
    let (since, until) = (second(since - CLOCKS_DIFFER), second(until + CLOCKS_DIFFER));
    format!("&created_at[gte]={since}&created_at[lte]={until}")
}
