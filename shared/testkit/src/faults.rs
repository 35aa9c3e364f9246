//! A small proxy between the SDK and an engine that does what networks and clouds do: the engines themselves never
//! conflict, throttle, fail or hang. Seeded, so that a run can be repeated.

use std::{
    collections::{HashMap, VecDeque},
    future::pending,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::{Body, Bytes};
use http::{HeaderMap, Method, Request, Response, StatusCode, request::Parts};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

/// What may happen to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Another transaction holds an item; nothing is applied.
    Conflict,
    /// Too many calls; nothing is applied.
    Throttle,
    /// 500 before anything is applied.
    FailBefore,
    /// 500 although it was applied.
    FailAfter,
    /// Applied, but the connection ends before the answer.
    DropAnswer,
    /// An eventually consistent read is answered as it was a moment ago. What is not such a read, or was not read before,
    /// meets nothing.
    Stale,
    /// No answer, ever.
    Hang,
    /// The mail service refuses this mail for good.
    Refuse,
}

impl Fault {
    /// All that a run draws from. Hanging takes the SDK's whole patience and refusing is one service's own: both are asked for
    /// by name only.
    pub const DRAWN: [Self; 6] =
        [Self::Conflict, Self::Throttle, Self::FailBefore, Self::FailAfter, Self::DropAnswer, Self::Stale];
}

/// A fault in the product itself, played between SDK and engine: what a check is worth shows when it finds these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Transactions no longer stand on what was seen: only references are still remembered.
    DroppedCondition,
    /// References are no longer remembered.
    DroppedGuard,
    /// Every entry has one leg with the wrong sign.
    SwappedSign,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DroppedCondition, Self::DroppedGuard, Self::SwappedSign];

    /// The mutant with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name)
    }

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DroppedCondition => "dropped-condition",
            Self::DroppedGuard => "dropped-guard",
            Self::SwappedSign => "swapped-sign",
        }
    }

    /// Changes a transaction as the fault would have written it.
    fn change(self, transaction: &mut Value) {
        let Some(actions) = transaction["TransactItems"].as_array_mut() else { return };
        for put in actions.iter_mut().filter_map(|action| action.get_mut("Put")) {
            let kind = put["Item"]["item_kind"]["S"].as_str().unwrap_or_default().to_owned();
            let is_guard = kind == "payment_reference";
            let is_dropped = match self {
                Self::DroppedCondition => !is_guard,
                Self::DroppedGuard => is_guard,
                Self::SwappedSign => false,
            };
            if let Some(put) = put.as_object_mut().filter(|_| is_dropped) {
                put.remove("ConditionExpression");
                put.remove("ExpressionAttributeValues");
            }
            if self == Self::SwappedSign && kind == "entry" {
                let amount = &mut put["Item"]["posting"]["M"]["legs"]["L"][1]["M"]["amount"]["M"]["amount"]["S"];
                let text = amount.as_str().unwrap_or_default().to_owned();
                *amount = Value::from(text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned));
            }
        }
    }
}

/// How many calls later an eventually consistent read may still be answered as before: on AWS that is less than a second.
const MOMENT: usize = 60;
/// How the SDK asks for what is surely so.
const SURELY: &[u8] = br#""ConsistentRead":true"#;

/// When a process ends, seen from one of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// Before the call reached the engine.
    Before,
    /// After it was applied.
    After,
}

/// The proxy before one engine. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Faults(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: String,
    engine: String,
    client: Client<HttpConnector, Body>,
    plan: Mutex<Plan>,
}

#[derive(Debug)]
struct Plan {
    random: u64,
    percent: u64,
    always: Option<Fault>,
    next: VecDeque<Fault>,
    calls: usize,
    faults: usize,
    files: Vec<FilePut>,
    mutant: Option<Mutant>,
    kill: Option<(usize, Kill, Arc<Notify>)>,
    /// What eventually consistent reads were answered, and at which call.
    read: HashMap<Read, (usize, Bytes)>,
}

/// A file as it was put into the bucket, every try once.
#[derive(Debug, Clone)]
pub struct FilePut {
    /// Bucket and key.
    pub path: String,
    /// How it is to be kept.
    pub headers: HeaderMap,
}

impl FilePut {
    /// Until when it is locked, where it is.
    #[must_use]
    pub fn locked_until(&self) -> Option<&str> {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("x-amz-object-lock-mode").is_some(), header("x-amz-object-lock-retain-until-date").is_some());
        header("x-amz-object-lock-retain-until-date").filter(|_| header("x-amz-object-lock-mode") == Some("GOVERNANCE"))
    }
}

/// An operation and its body.
type Read = (Vec<u8>, Bytes);

impl Faults {
    /// Listens before an engine; lets everything through until told otherwise.
    ///
    /// # Panics
    /// When nothing can listen on this machine.
    pub async fn before(engine: &str, seed: u64) -> Self {
        let listening = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listening.unwrap_or_else(|error| panic!("no port for the fault proxy: {error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("no port for the fault proxy: {error}"));
        let plan = Plan {
            random: seed,
            percent: 0,
            always: None,
            next: VecDeque::new(),
            calls: 0,
            faults: 0,
            files: Vec::new(),
            mutant: None,
            kill: None,
            read: HashMap::new(),
        };
        let faults = Self(Arc::new(Inner {
            url: format!("http://{address}"),
            engine: engine.to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            plan: Mutex::new(plan),
        }));
        tokio::spawn(serve(listener, faults.clone()));
        faults
    }

    /// Where the SDK is to send its calls.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    /// From now on every call meets this.
    pub fn always(&self, fault: Fault) {
        self.plan().always = Some(fault);
    }

    /// From now on so many calls of a hundred meet something, drawn from the seed.
    pub fn percent(&self, percent: u64) {
        self.plan().percent = percent;
    }

    /// The next call meets this, the one after it the next, then everything goes through again.
    pub fn next(&self, faults: &[Fault]) {
        self.plan().next.extend(faults);
    }

    /// From now on transactions are written as by a faulty product.
    pub fn play(&self, mutant: Mutant) {
        self.plan().mutant = Some(mutant);
    }

    /// Runs work as a process that ends at its `nth` call from now, counted from 0: the work is dropped there. `None` when
    /// it was ended, else what it came to before that.
    pub async fn killing_at<T>(&self, nth: usize, kill: Kill, work: impl Future<Output = T>) -> Option<T> {
        let ended = Arc::new(Notify::new());
        {
            let mut plan = self.plan();
            plan.kill = Some((plan.calls + nth, kill, Arc::clone(&ended)));
        }
        let done = tokio::select! {
            done = work => Some(done),
            () = ended.notified() => None,
        };
        self.plan().kill = None;
        done
    }

    /// Everything goes through again.
    pub fn stop(&self) {
        let mut plan = self.plan();
        (plan.always, plan.percent) = (None, 0);
        plan.next.clear();
    }

    /// How many calls came so far, tries included.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.plan().calls
    }

    /// How many of them met something.
    #[must_use]
    pub fn met(&self) -> usize {
        self.plan().faults
    }

    /// Files that were put so far.
    #[must_use]
    pub fn files(&self) -> Vec<FilePut> {
        self.plan().files.clone()
    }

    fn note(&self, request: &Request<Incoming>) {
        // Tables are never asked by this method.
        if *request.method() == Method::PUT {
            let file = FilePut { path: request.uri().path().to_owned(), headers: request.headers().clone() };
            self.plan().files.push(file);
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The kill that this call meets.
    fn kill(&self) -> Option<(Kill, Arc<Notify>)> {
        let mut plan = self.plan();
        let (nth, ..) = plan.kill.as_ref()?;
        if *nth > plan.calls {
            return None;
        }
        plan.kill.take().map(|(_, kill, ended)| (kill, ended))
    }

    fn draw(&self) -> Option<Fault> {
        let mut plan = self.plan();
        plan.calls += 1;
        let listed = plan.next.pop_front().or(plan.always);
        let drawn = listed.or_else(|| {
            let (dice, which) = (plan.random(), plan.random());
            let place = usize::try_from(which % Fault::DRAWN.len() as u64).unwrap_or_default();
            (dice % 100 < plan.percent).then(|| Fault::DRAWN[place])
        });
        plan.faults += usize::from(drawn.is_some());
        drawn
    }
}

impl Plan {
    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

async fn serve(listener: TcpListener, faults: Faults) {
    while let Ok((stream, _)) = listener.accept().await {
        let faults = faults.clone();
        let answer = service_fn(move |request| answer(faults.clone(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}

/// An error ends the connection without an answer.
async fn answer(faults: Faults, request: Request<Incoming>) -> Result<Response<Body>, String> {
    faults.note(&request);
    if let Some((kill, ended)) = faults.kill() {
        if kill == Kill::After {
            pass_on(&faults, request).await?;
        }
        ended.notify_one();
        return pending().await;
    }
    let fault = faults.draw();
    let is_transaction = is_transaction(request.headers());
    match fault {
        None => pass_on(&faults, request).await,
        Some(Fault::Stale) => as_before(&faults, request).await,
        Some(Fault::Hang) => pending().await,
        Some(Fault::Refuse) => Ok(refused()),
        Some(Fault::Conflict) => Ok(conflict(is_transaction)),
        Some(Fault::Throttle) => Ok(error(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException", None)),
        Some(Fault::FailBefore) => Ok(error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", None)),
        Some(Fault::FailAfter) => {
            pass_on(&faults, request).await?;
            Ok(error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", None))
        }
        Some(Fault::DropAnswer) => {
            pass_on(&faults, request).await?;
            Err("dropped".to_owned())
        }
    }
}

fn is_transaction(headers: &http::HeaderMap) -> bool {
    headers.get("x-amz-target").is_some_and(|target| target.as_bytes().ends_with(b"TransactWriteItems"))
}

fn conflict(is_transaction: bool) -> Response<Body> {
    if !is_transaction {
        return error(StatusCode::BAD_REQUEST, "TransactionConflictException", None);
    }
    let reasons = json!([{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }]);
    error(StatusCode::BAD_REQUEST, "TransactionCanceledException", Some(reasons))
}

fn error(status: StatusCode, kind: &str, reasons: Option<Value>) -> Response<Body> {
    let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "injected" });
    if let Some(reasons) = reasons {
        body["CancellationReasons"] = reasons;
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// As SES says it.
fn refused() -> Response<Body> {
    let said = "<ErrorResponse><Error><Code>MessageRejected</Code><Message>injected</Message></Error></ErrorResponse>";
    let mut response = Response::new(Body::from(said));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/xml"));
    response
}

/// The answer that the same read got a moment ago, else today's.
async fn as_before(faults: &Faults, request: Request<Incoming>) -> Result<Response<Body>, String> {
    let (parts, body) = request.into_parts();
    let body = whole(Body::new(body)).await?;
    let remembered = eventual_read(&parts, &body).and_then(|read| {
        let plan = faults.plan();
        plan.read.get(&read).filter(|(at, _)| at + MOMENT >= plan.calls).map(|(_, answer)| answer.clone())
    });
    let Some(answer) = remembered else { return pass_on_whole(faults, parts, body).await };
    let mut response = Response::new(Body::from(answer));
    let json = http::HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    Ok(response)
}

/// None for a write, and for a read that asks for what is surely so.
fn eventual_read(parts: &Parts, body: &Bytes) -> Option<Read> {
    let target = parts.headers.get("x-amz-target")?.as_bytes();
    let is_read = [&b"GetItem"[..], b"BatchGetItem", b"Query"].iter().any(|read| target.ends_with(read));
    let is_sure = body.windows(SURELY.len()).any(|part| part == SURELY);
    (is_read && !is_sure).then(|| (target.to_vec(), body.clone()))
}

async fn pass_on(faults: &Faults, request: Request<Incoming>) -> Result<Response<Body>, String> {
    let (parts, body) = request.into_parts();
    let body = whole(Body::new(body)).await?;
    pass_on_whole(faults, parts, body).await
}

async fn pass_on_whole(faults: &Faults, mut parts: Parts, mut body: Bytes) -> Result<Response<Body>, String> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{}{path}", faults.0.engine).parse().map_err(|_| "no address".to_owned())?;
    let read = eventual_read(&parts, &body);
    let to_table = parts.headers.contains_key("x-amz-target");
    if to_table && serde_json::from_slice(&body).is_ok_and(|call| has_empty_key(&call)) {
        return Ok(error(StatusCode::BAD_REQUEST, "ValidationException", None));
    }
    let mutant = faults.plan().mutant;
    if let Some(mutant) = mutant.filter(|_| is_transaction(&parts.headers)) {
        let mut transaction: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        mutant.change(&mut transaction);
        body = Bytes::from(transaction.to_string());
        parts.headers.remove(http::header::CONTENT_LENGTH);
    }
    let answer = faults.0.client.request(Request::from_parts(parts, Body::from(body))).await;
    let (head, body) = answer.map_err(|error| error.to_string())?.into_parts();
    let body = whole(Body::new(body)).await?;
    if let Some(read) = read.filter(|_| head.status.is_success()) {
        let mut plan = faults.plan();
        let at = plan.calls;
        plan.read.retain(|_, (read_at, _)| *read_at + MOMENT >= at);
        plan.read.insert(read, (at, body.clone()));
    }
    Ok(Response::from_parts(head, Body::from(body)))
}

/// DynamoDB refuses an empty value of a key, in a key itself and as the bound of a range; the engine does not.
fn has_empty_key(call: &Value) -> bool {
    const KEYS: [&str; 6] = ["pk", "sk", "l_pk", "l_sk", "t_pk", "t_sk"];
    const BOUNDS: [&str; 3] = [":pk", ":from", ":to"];
    match call {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let is_key = KEYS.contains(&name.as_str()) || BOUNDS.contains(&name.as_str());
            (is_key && value.get("S").is_some_and(|text| text == "")) || has_empty_key(value)
        }),
        Value::Array(items) => items.iter().any(has_empty_key),
        _ => false,
    }
}

async fn whole(body: Body) -> Result<Bytes, String> {
    axum::body::to_bytes(body, usize::MAX).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_key_is_found_wherever_it_stands() {
        let range =
            |from: &str| json!({ "ExpressionAttributeValues": { ":pk": { "S": "T#t" }, ":from": { "S": from } } });
        assert!(has_empty_key(&range("")) && !has_empty_key(&range("!")));
        let put =
            |sk: &str| json!({ "TransactItems": [{ "Put": { "Item": { "sk": { "S": sk }, "note": { "S": "" } } } }] });
        assert!(has_empty_key(&put("")) && !has_empty_key(&put("BODY")));
    }
}
