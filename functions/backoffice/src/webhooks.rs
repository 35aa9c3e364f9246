//! `POST /api/admin/v1/webhooks:replay`: carries out what providers said while something failed here.

use booking::{Books, Heard, hear};
use payments::{Provider, Raw};
use serde::Serialize;
use store::HookIn;
use utoipa::ToSchema;
use web::{Answer, IntegratorContext, Json, Nothing, Submitted, scope};

use crate::Clients;

/// Most messages of one call.
const BATCH: u16 = 50;

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// Messages that are carried out now.
    done: usize,
    /// Messages that stay listed: the log says why.
    left: usize,
}

/// Messages are proved again, at the time at which they came.
pub(crate) async fn replay(
    cx: IntegratorContext<scope::Write>,
    clients: Clients,
    _body: Submitted<Nothing>,
) -> Answer<Json<Replayed>> {
    let store = cx.store();
    let books = Books { store: store.clone(), now: cx.now(), today: cx.today() };
    let (mut done, mut left) = (0, 0);
    for hook in store.hooks_to_replay(BATCH).await? {
        let heard = match clients.providers.asked(&store, cx.tenant(), hook.provider, cx.now()).await? {
            Some(provider) => again(&books, &*provider, &hook).await,
            None => Heard::ForStaff,
        };
        match heard {
            Heard::Done => {
                store.keep_hook(&hook, None).await?;
                done += 1;
            }
            Heard::ForStaff => left += 1,
        }
    }
    Ok(Json::new(Replayed { done, left }))
}

/// A message that fails once more stays, and is in no other one's way.
async fn again(books: &Books, provider: &dyn Provider, hook: &HookIn) -> Heard {
    let mut headers = http::HeaderMap::new();
    for (name, value) in &hook.headers {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    match provider.verify(Raw { headers: &headers, body: &hook.body, now: hook.at }).await {
        Ok(message) => hear(books, provider, message).await.unwrap_or_else(|error| {
            tracing::error!(provider = hook.provider.code(), %error, "a kept message fails again");
            Heard::ForStaff
        }),
        Err(_) => {
            tracing::error!(provider = hook.provider.code(), "a kept message is no longer proved by its signature");
            Heard::ForStaff
        }
    }
}
