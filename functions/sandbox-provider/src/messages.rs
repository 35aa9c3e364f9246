//! Messages to the merchant: signed, sent over HTTP like any provider's, and never a reason for a click to fail.

use std::time::Duration;

use domain::Secret;
use jiff::Timestamp;
use payments::{
    sandbox::{Message, SIGNATURE_HEADER},
    signature,
};
use store::{SandboxCheckout, SandboxMessage, SandboxMethod, TenantStore, deciding_again};
use web::{Answer, Problem};

use crate::{Clients, books};

/// Longest time for the merchant's answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Sends messages of a checkout, each so often, one after the other, and notes what the merchant answered.
pub(crate) async fn send(
    clients: &Clients,
    store: &TenantStore,
    checkout: &SandboxCheckout,
    messages: &[SandboxMessage],
    times: u32,
    now: Timestamp,
) -> Answer<()> {
    if messages.is_empty() || times == 0 {
        return Ok(());
    }
    let secret = store.sandbox_secret_or_new().await?;
    for message in messages {
        let mut answer = 0;
        for _ in 0..times {
            answer = send_once(clients, &checkout.webhook_url, &books::wire(checkout, message), &secret, now).await;
        }
        if let Err(problem) = note(store, &checkout.id, &message.id, times, answer).await {
            tracing::warn!(?problem, message = message.id, "what became of a message could not be noted");
        }
    }
    Ok(())
}

/// Tells what happened to a way to pay, once: the merchant looks it up anyway.
pub(crate) async fn tell(
    clients: &Clients,
    store: &TenantStore,
    method: &SandboxMethod,
    kind: &str,
    now: Timestamp,
) -> Answer<()> {
    let secret = store.sandbox_secret_or_new().await?;
    let message = Message {
        id: format!("msg_{}_{kind}", method.id),
        kind: format!("method.{kind}"),
        reference: method.reference.to_string(),
        moved: None,
    };
    send_once(clients, &method.webhook_url, &message, &secret, now).await;
    Ok(())
}

/// The merchant's status, or 0 when there was no answer.
async fn send_once(
    clients: &Clients,
    webhook_url: &str,
    message: &Message,
    secret: &Secret<String>,
    now: Timestamp,
) -> u16 {
    let Ok(body) = serde_json::to_vec(message) else { return 0 };
    let (address, host) = address(webhook_url, clients.via.as_deref());
    let Ok(request) = clients.client.request(http::Method::POST, &address) else { return 0 };
    let mut request = request
        .timeout(TIMEOUT)
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, signature::sign(secret.expose().as_bytes(), now, &body));
    if let Some(host) = host {
        request = request.header("host", host);
    }
    match request.body(body).send().await {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => {
            tracing::warn!(error = %error.without_url(), message = message.id, "the merchant did not answer");
            0
        }
    }
}

/// Where to connect, and the host to name there if it is another.
fn address(url: &str, via: Option<&str>) -> (String, Option<String>) {
    let Some(via) = via else { return (url.to_owned(), None) };
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = after_scheme.split_once('/').unwrap_or((after_scheme, ""));
    (format!("{via}/{path}"), Some(host.to_owned()))
}

async fn note(store: &TenantStore, checkout: &str, message: &str, times: u32, answer: u16) -> Answer<()> {
    deciding_again(|| async {
        let current = store.sandbox_checkout(checkout).await?.ok_or(Problem::NotFound)?;
        let mut next = current.value;
        if let Some(noted) = next.messages.iter_mut().find(|one| one.id == message) {
            (noted.sent, noted.answer) = (noted.sent.saturating_add(times), answer);
        }
        Ok::<_, Problem>(store.save_sandbox_checkout(&next, Some(current.rev)).await?)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_message_may_take_another_way_and_still_names_its_host() {
        let url = "http://a.localhost:9000/webhooks/sandbox";
        assert_eq!(address(url, None), (url.to_owned(), None));
        let (there, host) = address(url, Some("http://127.0.0.1:4"));
        assert_eq!(
            (there.as_str(), host.as_deref()),
            ("http://127.0.0.1:4/webhooks/sandbox", Some("a.localhost:9000"))
        );
    }
}
