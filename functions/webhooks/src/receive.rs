//! `POST /webhooks/{provider}`: proved, kept as it came, carried out; what names much is noted for the worker, which looks
//! it up. Whatever is neither comes again: from the provider, which is told 503, and by
//! `POST /api/admin/v1/webhooks:replay`.

use std::time::Duration;

use booking::{BookingError, Books, Heard, hear};
use domain::payment::ProviderName;
use jiff::SignedDuration;
use payments::{Provider, Unknown};
use serde::Deserialize;
use store::{Budget, HookIn, TenantStore};
use utoipa::ToSchema;
use web::{
    Answer, File, HookContext, Problem, Providers, RawBody,
    metrics::{Metric, tell},
};

/// Longest time for carrying a message out: providers wait 10 s, and what is stopped is listed to be carried out again.
const PATIENCE: Duration = Duration::from_secs(9);

/// Unsigned messages that one tenant is sent in a minute: each only asks us to look something up.
const UNSIGNED: u32 = 120;
const UNSIGNED_WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// Whose message.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct HookPath {
    provider: String,
}

/// Takes a message. A provider that is not known, not registered in this stage or never asked is 404, all alike.
pub(crate) async fn receive(cx: HookContext, providers: Providers, body: RawBody<HookPath>) -> Answer<File> {
    let answer = hand_over(&cx, &providers, &body).await;
    if let Some(metric) = answer.as_ref().err().and_then(metric_of) {
        tell(metric, 1, cx.now());
    }
    answer
}

/// To its provider's adapter.
async fn hand_over(cx: &HookContext, providers: &Providers, body: &RawBody<HookPath>) -> Answer<File> {
    let name = ProviderName::named(&body.path().provider).ok_or(Problem::NotFound)?;
    let known = providers.asked(&cx.store(), cx.tenant(), name, cx.now()).await?;
    take(cx, &*known.ok_or(Problem::NotFound)?, body).await
}

/// As what a message that is not taken is counted: anybody may send to addresses where nobody listens.
const fn metric_of(problem: &Problem) -> Option<Metric> {
    match problem {
        Problem::BadSignature(_) => Some(Metric::WebhooksRefused),
        Problem::Unavailable(_) | Problem::Internal(_) => Some(Metric::WebhooksFailed),
        _ => None,
    }
}

/// Nothing is written before the signature fits; nothing is done before the message is kept.
async fn take(cx: &HookContext, provider: &dyn Provider, body: &RawBody<HookPath>) -> Answer<File> {
    let message = body.verified(provider, cx.now()).await?;
    let store = cx.store();
    let name = provider.capabilities().name;
    if message.is_unsigned() {
        let budget =
            Budget { what: "unsigned-hook", subject: name.code(), window: Some(UNSIGNED_WINDOW), max: UNSIGNED };
        if !store.take(&budget, cx.now()).await? {
            return Err(Problem::TooMany { retry_after: u32::try_from(UNSIGNED_WINDOW.as_secs()).unwrap_or(60) });
        }
    }
    let hook = HookIn { provider: name, at: cx.now(), headers: body.proof(provider), body: message.body().to_vec() };
    store.keep_hook(&hook, None).await?;
    let books = Books { store: store.clone(), now: cx.now(), today: cx.today() };
    let heard = tokio::time::timeout(PATIENCE, hear(&books, provider, message)).await;
    let heard = heard.unwrap_or(Err(BookingError::Provider(Unknown::NoAnswer("it takes too long".to_owned()))));
    match heard {
        Ok(Heard::Done) => {}
        Ok(Heard::ForStaff) => {
            tracing::error!(provider = name.code(), "a genuine message that makes no sense is kept");
            tell(Metric::WebhooksFailed, 1, cx.now());
            list(&store, &hook, "unreadable").await;
        }
        Err(error) => {
            list(&store, &hook, "failed").await;
            return Err(Problem::Unavailable(error.to_string()));
        }
    }
    Ok(File::plain(Vec::new(), "text/plain; charset=utf-8"))
}

/// Lists the message as one to be carried out again. When even that fails, the provider's next try is what is left.
async fn list(store: &TenantStore, hook: &HookIn, reason: &str) {
    if let Err(error) = store.keep_hook(hook, Some(reason)).await {
        tracing::error!(%error, "a failed message could not be listed");
    }
}
