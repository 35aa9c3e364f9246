//! `/api/admin/v1/settings/providers`: the tenant's accounts with payment providers. Keys are set and never shown again.

use domain::{
    FieldErrors, Secret,
    change::Actor,
    payment::{Method, ProviderName},
    tenant::Connection,
};
use jiff::Timestamp;
use payments::{Access, Unknown, WrongAccess, gocardless, mollie, paypal, stripe};
use serde::{Deserialize, Serialize};
use store::{SettingsArea, deciding_again};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Nothing, Problem, Submitted, input::from_json, scope};

use crate::Clients;

type Cx = IntegratorContext<scope::Settings>;

/// Which provider.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ProviderPath {
    provider: String,
}

/// A provider's keys. Stripe: `secret_key` and `webhook_secrets` (one, or two while one is exchanged for the other). PayPal:
/// `client_id`, `client_secret`, `webhook_id`, `live`, and `merchant_id` where it is known. Mollie: `api_key` and
/// `webhook_secrets` (none to two). GoCardless: `access_token`, `webhook_secrets` (one or two) and `live`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(crate) struct KeysInput(serde_json::Map<String, serde_json::Value>);

/// A provider as the tenant has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderShown {
    provider: ProviderName,
    /// The ways to pay it can carry.
    methods: Vec<Method>,
    /// The ways to pay it can keep for later charges.
    keeps: Vec<Method>,
    /// The address to set up there for its messages.
    webhook_url: String,
    /// Are its keys set?
    connected: bool,
    /// Its name of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// Does real money move there?
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<bool>,
    /// When the keys were set.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<Timestamp>,
}

/// The providers there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvidersShown {
    items: Vec<ProviderShown>,
}

/// `GET /api/admin/v1/settings/providers`: those a tenant can have an account with.
pub(crate) async fn list(cx: Cx, clients: Clients, _: Asked<Nothing>) -> Answer<Json<ProvidersShown>> {
    let connections = cx.store().settings(cx.tenant(), SettingsArea::Providers).await?.value.providers;
    let real = ProviderName::ALL.into_iter().filter(|name| *name != ProviderName::Sandbox);
    let items = real.map(|name| shown(&cx, &clients, name, connections.get(name))).collect();
    Ok(Json::new(ProvidersShown { items }))
}

/// `PUT /api/admin/v1/settings/providers/{provider}`: sets or exchanges the keys, once the provider has taken them.
pub(crate) async fn put(
    cx: Cx,
    clients: Clients,
    body: Submitted<KeysInput, ProviderPath>,
) -> Answer<Json<ProviderShown>> {
    let (path, KeysInput(keys)) = body.into_parts();
    let name = ProviderName::named(&path.provider).ok_or(Problem::NotFound)?;
    let keys = serde_json::to_string(&keys).map_err(|error| Problem::Internal(error.to_string()))?;
    let access = read(name, keys.as_bytes())?;
    let field = access.key_field();
    // What the key itself says needs no provider; what it says otherwise is the provider's word.
    fits_here(&cx, access.is_live(), field)?;
    let introduced = clients.providers.opened_by(access).introduce().await.map_err(|error| not_taken(error, field))?;
    fits_here(&cx, introduced.live, field)?;
    clients.providers.keep(cx.tenant(), name, &Secret::new(keys)).await?;
    let connection = Connection { account: introduced.account, live: introduced.live, at: cx.now() };
    let area = SettingsArea::Providers;
    deciding_again(|| async {
        let current = cx.store().settings(cx.tenant(), area).await?.rev;
        let set = |settings: &mut domain::tenant::Settings, _: &mut _| settings.providers.set(name, connection.clone());
        cx.store()
            .save_settings(cx.tenant(), area, current, set, Actor::Integrator, cx.now())
            .await
            .map_err(Problem::from)
    })
    .await?;
    Ok(Json::new(shown(&cx, &clients, name, Some(&connection))))
}

fn shown(cx: &Cx, clients: &Clients, provider: ProviderName, connection: Option<&Connection>) -> ProviderShown {
    ProviderShown {
        provider,
        methods: provider.methods().to_vec(),
        keeps: provider.saves().to_vec(),
        webhook_url: clients.providers.webhook_url(cx.tenant(), provider),
        connected: connection.is_some(),
        account: connection.map(|connection| connection.account.clone()),
        live: connection.map(|connection| connection.live),
        set_at: connection.map(|connection| connection.at),
    }
}

/// Keys in the shape of their provider's, and such as it gives out.
fn read(name: ProviderName, keys: &[u8]) -> Answer<Access> {
    // For its words about a field that is missing, unknown or of another type.
    match name {
        ProviderName::Sandbox => return Err(Problem::NotFound),
        ProviderName::Stripe => drop(from_json::<stripe::Keys>(keys)?),
        ProviderName::Paypal => drop(from_json::<paypal::Keys>(keys)?),
        ProviderName::Mollie => drop(from_json::<mollie::Keys>(keys)?),
        ProviderName::Gocardless => drop(from_json::<gocardless::Keys>(keys)?),
    }
    Access::read(name, keys).map_err(wrong)?.ok_or(Problem::NotFound)
}

/// Real money moves in `prod` only, and nothing else does there.
fn fits_here(cx: &Cx, live: bool, field: &str) -> Answer<()> {
    if live != cx.has_sandbox_provider() {
        return Ok(());
    }
    let needed = if live { "must be a test key: no real money moves here" } else { "must be a live key" };
    Err(FieldErrors::one(field, "wrong_mode", needed).into())
}

fn wrong(WrongAccess { field, expected }: WrongAccess) -> Problem {
    FieldErrors::one(field, "invalid", expected).into()
}

fn not_taken(unknown: Unknown, field: &str) -> Problem {
    match unknown {
        Unknown::Refused(401 | 403) => FieldErrors::one(field, "refused", "is not taken by the provider").into(),
        other => Problem::Unavailable(other.to_string()),
    }
}
