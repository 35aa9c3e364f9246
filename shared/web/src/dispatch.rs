//! The way of one request through a function: door, input, handler, reply, log line.

use std::{future::Future, time::Instant};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use domain::id::RequestId;
use http::{HeaderValue, StatusCode, header};
use store::{Meter, metered, secret};

use crate::{
    Arrival, Portal, Problem, PublicContext, ReturnTo, Wants,
    cookies::CookieName,
    door::Door,
    finish::{TooLarge, Way, accepts_gzip, finish, policy_framed_on},
    frame::frame,
    input::Input,
    page::{Flash, View},
    problem_page::ProblemPage,
    reply::{Answer, Reply, add_cookie, flash_cookie},
    token,
};

/// Answers a request that found its route.
pub(crate) async fn run<D, I, R, F, Fut>(
    portal: Portal,
    function: &'static str,
    route: &str,
    request: Request,
    handler: F,
) -> Response
where
    D: Door,
    I: Input<D>,
    R: Reply,
    F: Fn(D, I) -> Fut,
    Fut: Future<Output = Answer<R>> + Send,
{
    answered(portal, function, route, request, async |arrival: &Arrival, request: Request| {
        let door = D::open(arrival).await?;
        let reply = pass::<D, I, R, F, Fut>(&door, request, &handler).await?;
        let mut response = reply.reply(&door)?;
        renew_seen(&door, &mut response);
        if D::GUARD.may_be_framed() {
            let_stand_in_frames(arrival, &mut response);
        }
        Ok(response)
    })
    .await
}

/// Answers a request without a route.
pub(crate) async fn refuse(portal: Portal, function: &'static str, request: Request, problem: Problem) -> Response {
    answered(portal, function, "-", request, async |_: &Arrival, _: Request| Err(problem)).await
}

/// What reads runs beside the session's check and is thrown away if that fails; what writes waits for it.
async fn pass<D, I, R, F, Fut>(door: &D, request: Request, handler: &F) -> Answer<R>
where
    D: Door,
    I: Input<D>,
    R: Reply,
    F: Fn(D, I) -> Fut,
    Fut: Future<Output = Answer<R>> + Send,
{
    let (parts, body) = request.into_parts();
    let work = async {
        let input = I::read(door, parts, body).await?;
        // On the heap: some handlers' futures are larger than the stacks of an async runtime like.
        Box::pin(handler(door.clone(), input)).await
    };
    if I::WRITES {
        door.settle().await?;
        return work.await;
    }
    let (settled, answer) = futures_util::future::join(door.settle(), work).await;
    settled?;
    answer
}

/// Meets the host, does the work, turns problems into answers, finishes and logs.
async fn answered<W>(portal: Portal, function: &'static str, route: &str, request: Request, work: W) -> Response
where
    W: AsyncFnOnce(&Arrival, Request) -> Answer<Response>,
{
    let began = Instant::now();
    let meter = Meter::default();
    let request_id = RequestId::new(portal.clock().now(), secret::entropy());
    let (parts, body) = request.into_parts();
    let way = Way { https: portal.config().secure_cookies(), gzip: accepts_gzip(&parts.headers) };
    let wants_json = crate::arrival::is_for_programs(parts.uri.path());
    let method = parts.method.clone();
    let (arrival, outcome) = metered(meter.clone(), async {
        match Arrival::meet(&portal, &parts, request_id.clone()).await {
            Ok(arrival) => {
                let outcome = work(&arrival, Request::from_parts(parts, body)).await;
                if let Err(problem) = &outcome {
                    recognise(&arrival, problem).await;
                }
                (Some(arrival), outcome)
            }
            Err(problem) => (None, Err(problem)),
        }
    })
    .await;
    let response = match outcome {
        Ok(response) => response,
        Err(problem) => {
            if let Some(cause) = problem.secret_cause() {
                tracing::error!(id = %request_id, function, route, cause, "failed");
            }
            answer_problem(arrival.as_ref(), &problem, request_id.as_str(), wants_json)
        }
    };
    let response = match finish(response, request_id.as_str(), way).await {
        Ok(response) => response,
        Err(TooLarge) => {
            let cause = "the answer is larger than Lambda allows";
            tracing::error!(id = %request_id, function, route, cause, "failed");
            let problem = Problem::Internal(cause.to_owned());
            let answer = answer_problem(arrival.as_ref(), &problem, request_id.as_str(), wants_json);
            let finished = finish(answer, request_id.as_str(), way).await;
            finished.unwrap_or_else(|TooLarge| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    };
    let tenant = arrival.as_ref().and_then(Arrival::tenant).map_or("-", |tenant| tenant.scope().id().as_str());
    let counted = meter.read();
    tracing::info!(
        id = %request_id,
        tenant,
        function,
        method = %method,
        route,
        status = response.status().as_u16(),
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        calls = counted.calls,
        depth = counted.depth,
        reads = counted.reads,
        writes = counted.writes,
        "request"
    );
    response
}

/// Whoever is signed in stays so on a page about a problem, also where no door has asked yet who it is.
async fn recognise(arrival: &Arrival, problem: &Problem) {
    let pointless = matches!(problem, Problem::LoginNeeded { .. } | Problem::Unavailable(_));
    let is_asked = arrival.wants() == Wants::Json || arrival.session().is_some();
    if pointless || is_asked || arrival.cookie(CookieName::Session).is_none() {
        return;
    }
    if let Ok(visitor) = <PublicContext>::open(arrival).await {
        // Who cannot be recognised gets the page of a stranger.
        let _settled = visitor.settle().await;
    }
}

fn answer_problem(arrival: Option<&Arrival>, problem: &Problem, request_id: &str, wants_json: bool) -> Response {
    // A page of a method that is not offered does not exist.
    let problem =
        if !wants_json && matches!(problem, Problem::MethodNotEnabled) { &Problem::NotFound } else { problem };
    let mut response = match (arrival, problem) {
        _ if wants_json => problem_json(problem, request_id),
        // The login stands in no frame: there a page leads out to it.
        (Some(arrival), Problem::LoginNeeded { expired }) if !arrival.is_framed() => to_login(arrival, *expired),
        (Some(arrival), _) => problem_page(arrival, problem),
        (None, _) => neutral_page(problem, request_id),
    };
    if let Some(seconds) = problem.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn problem_json(problem: &Problem, request_id: &str) -> Response {
    let body = serde_json::to_vec(&problem.body(request_id)).unwrap_or_default();
    let mut response = (problem.status(), [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    if matches!(problem, Problem::LoginNeeded { .. }) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn to_login(arrival: &Arrival, expired: bool) -> Response {
    let wanted: Option<ReturnTo> = arrival.path().parse().ok().filter(|page| *page != ReturnTo::start());
    let query = wanted.map(|page| serde_html_form::to_string([("return_to", page.as_str())]).unwrap_or_default());
    let location = query.map_or_else(|| "/login".to_owned(), |query| format!("/login?{query}"));
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if expired {
        add_cookie(&mut response, &flash_cookie(arrival, Flash::SessionExpired));
    }
    response
}

fn problem_page(arrival: &Arrival, problem: &Problem) -> Response {
    let Some(tenant) = arrival.tenant() else { return neutral_page(problem, arrival.request_id().as_str()) };
    let mut frame = frame(arrival, tenant, arrival.session());
    frame.flash = None;
    let mut response = match ProblemPage::from(problem).html(&frame) {
        Ok(html) => (problem.status(), axum::response::Html(html)).into_response(),
        Err(_) => neutral_page(problem, arrival.request_id().as_str()),
    };
    if arrival.is_framed() {
        let_stand_in_frames(arrival, &mut response);
    }
    response
}

/// On whose pages the answer may stand; one that says something else of itself keeps it, and what programs read stands nowhere.
fn let_stand_in_frames(arrival: &Arrival, response: &mut Response) {
    let origins = arrival.tenant().map(|tenant| tenant.settings.embed.origins.as_slice()).unwrap_or_default();
    if let Some(policy) = policy_framed_on(origins).filter(|_| arrival.wants() == Wants::Page) {
        response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
}

/// A host nobody has gets no tenant's look and no word about tenants.
fn neutral_page(problem: &Problem, request_id: &str) -> Response {
    let status = problem.status();
    let html = format!(
        "<!doctype html><html lang=\"de\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{status}</title></head><body><h1>{}</h1><p>{}</p><p>{request_id}</p></body></html>",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
    );
    (status, axum::response::Html(html)).into_response()
}

/// Keeps a browser's session from going idle, without a write.
fn renew_seen<D: Door>(door: &D, response: &mut Response) {
    let arrival = door.arrival();
    let (Some(session), Some(_)) = (door.settled_session(), arrival.cookie(CookieName::Session)) else { return };
    let seen = arrival.cookie(CookieName::Seen).and_then(|cookie| cookie.split_once('.')?.0.parse().ok());
    let seen = seen.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or(session.created_at);
    if token::should_renew(seen, arrival.now()) {
        let cookie = CookieName::Seen.set(&token::seen_cookie(session, arrival.now()), None, arrival.jar());
        add_cookie(response, &cookie);
    }
}
