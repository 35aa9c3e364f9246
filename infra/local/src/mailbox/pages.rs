//! What a browser or a test sees of the mailbox: the list, one mail, its attachments, the clock.

use super::{Mailbox, Message, returned::ReturnOrder, ses};
use crate::clock::{self, ClockOrder};
use askama::Template;
use axum::{
    Form, Json, Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{fmt, sync::Arc};

/// SES takes mails up to 40 MB; in base64 and a form they are somewhat larger.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Somebody of the demo who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    pub name: String,
    pub email: String,
    /// The tenant's public host with its port.
    pub host: String,
}

type Lines = Arc<dyn Fn() -> BoxFuture<'static, Vec<String>> + Send + Sync>;

/// What the portal shows and offers on the mailbox's start page.
#[derive(Clone)]
pub struct Desk {
    pub personas: Vec<Persona>,
    /// Asks the portal's public API for a code to this person.
    pub send_code: Arc<dyn Fn(Persona) -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
    /// The last outbox items, newest first, a line each.
    pub outbox: Lines,
    /// What was given up, newest first, a line each.
    pub dead_letters: Lines,
    /// Called when somebody has set the clock, so that due work starts at once.
    pub clock_moved: Arc<dyn Fn() + Send + Sync>,
    /// Brings what SES tells of a mail that comes back to whoever hears of it.
    pub mail_returned: Arc<dyn Fn(Value) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("personas", &self.personas).finish_non_exhaustive()
    }
}

pub(super) fn router(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/", get(list).post(ses::call))
        .route("/messages/{id}", get(message))
        .route("/messages/{id}/raw", get(raw))
        .route("/messages/{id}/attachments/{place}", get(attachment))
        .route("/send-code", post(send_code))
        .route("/api/messages", get(messages_json).delete(clear))
        .route("/api/bounces", post(bounce))
        .route("/api/clock", get(clock).post(set_clock))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(mailbox)
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct ListPage {
    now: String,
    notice: String,
    messages: Vec<Message>,
    personas: Vec<Persona>,
    outbox: Vec<String>,
    dead_letters: Vec<String>,
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    notice: String,
}

async fn list(State(mailbox): State<Mailbox>, Query(query): Query<ListQuery>) -> Response {
    let mut page = ListPage {
        now: format!("{:.0}", mailbox.clock.now()),
        notice: query.notice,
        messages: mailbox.all(),
        personas: Vec::new(),
        outbox: Vec::new(),
        dead_letters: Vec::new(),
    };
    if let Some(desk) = mailbox.desk.get() {
        page.personas.clone_from(&desk.personas);
        page.outbox = (desk.outbox)().await;
        page.dead_letters = (desk.dead_letters)().await;
    }
    show(&page)
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    message: Message,
}

async fn message(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    match mailbox.message(&id) {
        Some(message) => show(&MessagePage { message }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn raw(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    match mailbox.message(&id) {
        Some(message) => plain("text/plain", message.raw.to_vec()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn attachment(State(mailbox): State<Mailbox>, Path((id, place)): Path<(String, usize)>) -> Response {
    let message = mailbox.message(&id);
    match message.as_ref().and_then(|message| message.attachments.get(place)) {
        Some(attachment) => plain(&attachment.content_type, attachment.content.clone()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct SendCode {
    email: String,
    host: String,
}

async fn send_code(State(mailbox): State<Mailbox>, Form(wanted): Form<SendCode>) -> Response {
    let desk = mailbox.desk.get();
    let is_wanted = |persona: &&Persona| persona.email == wanted.email && persona.host == wanted.host;
    let Some((desk, persona)) = desk.and_then(|desk| Some((desk, desk.personas.iter().find(is_wanted)?))) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let notice = match (desk.send_code)(persona.clone()).await {
        Ok(()) => format!("A code is on its way to {}.", persona.email),
        Err(error) => format!("The portal sent no code: {error}"),
    };
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("notice", &notice).finish();
    Redirect::to(&format!("/?{query}")).into_response()
}

#[derive(Deserialize)]
struct MessagesQuery {
    to: Option<String>,
}

async fn messages_json(State(mailbox): State<Mailbox>, Query(query): Query<MessagesQuery>) -> Json<Vec<Message>> {
    Json(query.to.map_or_else(|| mailbox.all(), |address| mailbox.messages_to(&address)))
}

async fn clear(State(mailbox): State<Mailbox>) -> StatusCode {
    mailbox.clear();
    StatusCode::NO_CONTENT
}

/// Lets the newest mail to an address come back.
async fn bounce(State(mailbox): State<Mailbox>, Json(order): Json<ReturnOrder>) -> Response {
    let Some(event) = mailbox.returned(&order.to, order.kind) else {
        let detail = "no mail went to this address";
        return (StatusCode::NOT_FOUND, Json(json!({ "detail": detail }))).into_response();
    };
    let Some(desk) = mailbox.desk.get() else {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "detail": "the portal does not run" }))).into_response();
    };
    (desk.mail_returned)(event).await;
    StatusCode::NO_CONTENT.into_response()
}

async fn clock(State(mailbox): State<Mailbox>) -> Response {
    Json(json!({ "now": mailbox.clock.now() })).into_response()
}

async fn set_clock(State(mailbox): State<Mailbox>, Json(order): Json<ClockOrder>) -> Response {
    let now = match order.change() {
        Ok(change) => clock::change(&mailbox.clock, change),
        Err(detail) => return (StatusCode::BAD_REQUEST, Json(json!({ "detail": detail }))).into_response(),
    };
    if let Some(desk) = mailbox.desk.get() {
        (desk.clock_moved)();
    }
    Json(json!({ "now": now })).into_response()
}

fn show(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Bytes of somebody else's making: never run as a page of this host.
fn plain(content_type: &str, bytes: Vec<u8>) -> Response {
    const NOSNIFF: HeaderName = header::X_CONTENT_TYPE_OPTIONS;
    let headers =
        [(header::CONTENT_TYPE, content_type), (header::CONTENT_SECURITY_POLICY, "sandbox"), (NOSNIFF, "nosniff")];
    (headers, bytes).into_response()
}
