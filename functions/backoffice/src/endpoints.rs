//! `/api/admin/v1/webhook-endpoints`: where an integrator hears of what happened. A secret is shown once, where it is made.

use domain::{
    EventKind, FieldErrors,
    endpoint::{Endpoint, EndpointState, EndpointUrl, MAX_ENDPOINTS, NewEndpoint, SigningSecret},
    id::EndpointId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Loaded, deciding_again, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, Created, Door as _, IntegratorContext, Json, NoContent, Nothing, Problem, Submitted, scope};

type Cx = IntegratorContext<scope::Settings>;

/// What an endpoint is set up with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointInput {
    /// An https address of a public host on port 443, at most 500 characters.
    url: String,
    /// What it is for, at most 200 characters.
    #[serde(default)]
    description: String,
    /// The events it wants; left out it wants all, also those that are new some day.
    events: Option<Vec<EventKind>>,
}

/// An endpoint. It hears of what happens from the moment it was made, its own beginning first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointShown {
    id: EndpointId,
    url: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<EventKind>>,
    state: EndpointState,
    /// When a secret that was exchanged ends, the newest one first; until then messages are signed with it as well.
    retiring_until: Vec<Timestamp>,
    created_at: Timestamp,
    /// What messages are signed with (`whsec_…`): in the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// All endpoints, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Endpoints {
    items: Vec<EndpointShown>,
    next: Option<String>,
}

/// Which endpoint.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EndpointPath {
    id: String,
}

impl EndpointPath {
    fn id(&self) -> Answer<EndpointId> {
        self.id.parse().map_err(|_| Problem::NotFound)
    }
}

/// `GET /api/admin/v1/webhook-endpoints`
pub(crate) async fn list(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Endpoints>> {
    let endpoints = cx.store().endpoints().await?;
    let items = endpoints.into_iter().map(|endpoint| shown(endpoint.value, cx.now())).collect();
    Ok(Json::new(Endpoints { items, next: None }))
}

/// `GET /api/admin/v1/webhook-endpoints/{id}`
pub(crate) async fn get(cx: Cx, ask: Asked<EndpointPath>) -> Answer<Json<EndpointShown>> {
    let endpoint = find(&cx, &ask.0.id()?).await?;
    Ok(Json::new(shown(endpoint.value, cx.now())))
}

/// `POST /api/admin/v1/webhook-endpoints`
pub(crate) async fn create(cx: Cx, body: Submitted<EndpointInput>) -> Answer<Created<EndpointShown>> {
    let EndpointInput { url, description, events } = body.into_inner();
    NewEndpoint::check(&description, events.as_deref())?;
    let reach = cx.arrival().portal().config().hooks_reach();
    let url = EndpointUrl::parse(&url, reach).map_err(|wrong| FieldErrors::one("url", "invalid", wrong.to_string()))?;
    let others = cx.store().endpoints().await?;
    if others.len() >= MAX_ENDPOINTS {
        return Err(FieldErrors::one("url", "too_many", "a tenant has at most 10 endpoints").into());
    }
    // Made again because its answer was lost, it would hear of everything twice.
    if others.iter().any(|other| other.value.url == url) {
        return Err(Problem::Conflict(FieldErrors::one("url", "taken", "an endpoint has this address already")));
    }
    let id = EndpointId::new(cx.now(), secret::entropy());
    let secret = hooks::fresh_secret(secret::random());
    let new = NewEndpoint { id, url, description, events, secret: secret.clone() };
    let change = Endpoint::create(new, cx.now());
    cx.store().create_endpoint(&change).await?;
    Ok(Created::new(with_secret(change.next().clone(), &secret, cx.now())))
}

/// `DELETE /api/admin/v1/webhook-endpoints/{id}`: nothing more is sent there, and its deliveries are gone.
pub(crate) async fn delete(cx: Cx, body: Submitted<Nothing, EndpointPath>) -> Answer<NoContent> {
    let (path, _) = body.into_parts();
    let endpoint = find(&cx, &path.id()?).await?.value;
    cx.store().delete_endpoint(&endpoint, endpoint.deleted(cx.now())).await?;
    Ok(NoContent)
}

/// `POST /api/admin/v1/webhook-endpoints/{id}:rotate`: another secret; the one before is good for 24 hours more.
pub(crate) async fn rotate(cx: Cx, body: Submitted<Nothing, EndpointPath>) -> Answer<Json<EndpointShown>> {
    let (path, _) = body.into_parts();
    let (id, fresh) = (path.id()?, hooks::fresh_secret(secret::random()));
    let rotated = deciding_again(|| async {
        let seen = find(&cx, &id).await?;
        let change = seen.value.rotated(fresh.clone(), cx.now());
        let change =
            change.map_err(|error| Problem::Conflict(FieldErrors::one("secret", "too_many", error.to_string())))?;
        cx.store().save_endpoint(&seen, &change).await?;
        Ok::<_, Problem>(change.into_parts().0)
    });
    Ok(Json::new(with_secret(rotated.await?, &fresh, cx.now())))
}

/// `POST /api/admin/v1/webhook-endpoints/{id}:enable`: tried again from where it stopped. Nothing that happened meanwhile is
/// left out; only what was written down more than 30 days ago and not delivered is gone. Again is the same.
pub(crate) async fn enable(cx: Cx, body: Submitted<Nothing, EndpointPath>) -> Answer<Json<EndpointShown>> {
    let (path, _) = body.into_parts();
    let id = path.id()?;
    let enabled = deciding_again(|| async {
        let seen = find(&cx, &id).await?;
        let Some(change) = seen.value.enabled_again(cx.now()) else { return Ok(seen.value) };
        cx.store().save_endpoint(&seen, &change).await?;
        Ok::<_, Problem>(change.into_parts().0)
    });
    Ok(Json::new(shown(enabled.await?, cx.now())))
}

async fn find(cx: &Cx, id: &EndpointId) -> Answer<Loaded<Endpoint>> {
    cx.store().endpoint(id).await?.ok_or(Problem::NotFound)
}

fn shown(endpoint: Endpoint, now: Timestamp) -> EndpointShown {
    let retiring = endpoint.retiring.iter().map(|retiring| retiring.until);
    EndpointShown {
        retiring_until: retiring.filter(|until| now < *until).collect(),
        url: endpoint.url.as_str().to_owned(),
        id: endpoint.id,
        description: endpoint.description,
        events: endpoint.events,
        state: endpoint.state,
        created_at: endpoint.created_at,
        secret: None,
    }
}

fn with_secret(endpoint: Endpoint, secret: &SigningSecret, now: Timestamp) -> EndpointShown {
    EndpointShown { secret: Some(secret.expose().to_owned()), ..shown(endpoint, now) }
}
