//! The page table of a function: one line per route gives router, guard, gateway route, OpenAPI and the tests' list.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use axum::{
    Router,
    extract::Request,
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use serde::Serialize;

use crate::{
    Guard, Portal, Problem,
    arrival::is_api,
    dispatch,
    door::Door,
    input::{Asked, Input, PathOverride, PublicForm, RawBody, Submitted, Upload, path_pairs},
    openapi::Operation,
    reply::{Answer, Reply},
};

/// One route as lists and tests see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// With `{names}`; a custom verb stands after a colon.
    pub path: String,
    /// Which function owns it.
    pub function: &'static str,
    /// Who may pass.
    pub guard: Guard,
}

type Running = Pin<Box<dyn Future<Output = Response> + Send>>;
type Handler = Arc<dyn Fn(Portal, Request) -> Running + Send + Sync>;

/// The page table of one function.
pub struct Routes {
    function: &'static str,
    list: Vec<Route>,
    /// Path → method → custom verb (empty for none) → handler.
    table: BTreeMap<String, BTreeMap<&'static str, BTreeMap<String, Handler>>>,
    operations: Vec<Operation>,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes").field("function", &self.function).field("list", &self.list).finish_non_exhaustive()
    }
}

/// Gives a handler the clients of its function as second argument.
pub fn with<S, C, I, F, Fut>(clients: &S, handler: F) -> impl Fn(C, I) -> Fut + Clone + Send + Sync + 'static
where
    S: Clone + Send + Sync + 'static,
    F: Fn(C, S, I) -> Fut + Clone + Send + Sync + 'static,
{
    let clients = clients.clone();
    move |context, input| handler(context, clients.clone(), input)
}

/// An input that only reads.
pub trait Reading {}
impl<T> Reading for Asked<T> {}

/// An input that was checked against forgery.
pub trait Checked {}
impl<T, P> Checked for Submitted<T, P> {}
impl<T> Checked for PublicForm<T> {}
impl<P> Checked for Upload<P> {}
impl<P> Checked for RawBody<P> {}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $method:literal takes $kind:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name<D, I, R, F, Fut>(self, path: &str, handler: F) -> Self
        where
            D: Door,
            I: Input<D> + $kind + 'static,
            R: Reply + 'static,
            F: Fn(D, I) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Answer<R>> + Send + 'static,
        {
            self.add($method, path, "", handler)
        }
    )*};
}

impl Routes {
    /// An empty table.
    #[must_use]
    pub fn function(function: &'static str) -> Self {
        Self { function, list: Vec::new(), table: BTreeMap::new(), operations: Vec::new() }
    }

    methods! {
        /// A page or list; the handler runs beside the check of the session.
        get = "GET" takes Reading;
        /// Something that changes state: only handlers that take a checked input fit.
        post = "POST" takes Checked;
        /// Creates or replaces.
        put = "PUT" takes Checked;
        /// Changes parts.
        patch = "PATCH" takes Checked;
        /// Removes.
        delete = "DELETE" takes Checked;
    }

    /// A custom verb on one thing: `POST …/{number}:cancel`.
    #[must_use]
    pub fn verb<D, I, R, F, Fut>(self, path: &str, verb: &str, handler: F) -> Self
    where
        D: Door,
        I: Input<D> + Checked + 'static,
        R: Reply + 'static,
        F: Fn(D, I) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer<R>> + Send + 'static,
    {
        self.add("POST", path, verb, handler)
    }

    fn add<D, I, R, F, Fut>(mut self, method: &'static str, path: &str, verb: &str, handler: F) -> Self
    where
        D: Door,
        I: Input<D> + 'static,
        R: Reply + 'static,
        F: Fn(D, I) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer<R>> + Send + 'static,
    {
        let shown = if verb.is_empty() { path.to_owned() } else { format!("{path}:{verb}") };
        let (function, route): (_, Arc<str>) = (self.function, shown.as_str().into());
        let run: Handler = Arc::new(move |portal, request| {
            let (handler, route) = (handler.clone(), Arc::clone(&route));
            Box::pin(async move { dispatch::run::<D, I, R, F, Fut>(portal, function, &route, request, handler).await })
        });
        let verbs = self.table.entry(path.to_owned()).or_default().entry(method).or_default();
        let before = verbs.insert(verb.to_owned(), run);
        assert!(before.is_none(), "{method} {shown} stands twice in the table of {function}");
        if is_api(&shown) {
            self.operations.push(Operation {
                method,
                path: shown.clone(),
                function,
                handler: std::any::type_name::<F>(),
                guard: D::GUARD,
                input: I::describe,
                output: R::describe,
            });
        }
        self.list.push(Route { method, path: shown, function, guard: D::GUARD });
        self
    }

    /// All routes.
    #[must_use]
    pub fn list(&self) -> &[Route] {
        &self.list
    }

    /// The paths the gateway gives to this function.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// The operations for OpenAPI.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The router; what it does not know is 404 in the tenant's look.
    pub fn router(self, portal: Portal) -> Router {
        let function = self.function;
        let mut router = Router::new();
        for (path, methods) in self.table {
            router = router.route(&path, method_router(&portal, function, methods));
        }
        router.fallback(move |request| dispatch::refuse(portal.clone(), function, request, Problem::NotFound))
    }
}

fn method_router(
    portal: &Portal,
    function: &'static str,
    methods: BTreeMap<&'static str, BTreeMap<String, Handler>>,
) -> MethodRouter {
    let mut router = MethodRouter::new();
    for (method, verbs) in methods {
        let portal = portal.clone();
        let verbs = Arc::new(verbs);
        let run = move |request: Request| choose(portal.clone(), function, Arc::clone(&verbs), request);
        router = router.merge(on(filter(method), run));
    }
    let portal = portal.clone();
    router.fallback(move |request| dispatch::refuse(portal.clone(), function, request, Problem::MethodNotAllowed))
}

/// Finds the handler of a custom verb. Numbers never contain a colon (slugs write it `~3A`), so the last one ends them.
async fn choose(
    portal: Portal,
    function: &'static str,
    verbs: Arc<BTreeMap<String, Handler>>,
    request: Request,
) -> Response {
    if verbs.len() == 1
        && let Some(handler) = verbs.get("")
    {
        return handler(portal, request).await;
    }
    let (mut parts, body) = request.into_parts();
    let mut path = path_pairs(&mut parts).await;
    let verb = path.last_mut().and_then(|(_, value)| {
        let (number, verb) = value.rsplit_once(':')?;
        let verb = verb.to_owned();
        *value = number.to_owned();
        Some(verb)
    });
    parts.extensions.insert(PathOverride(path));
    let request = Request::from_parts(parts, body);
    match (verbs.get(verb.as_deref().unwrap_or_default()), verb) {
        (Some(handler), _) => handler(portal, request).await,
        (None, Some(_)) => dispatch::refuse(portal, function, request, Problem::NotFound).await,
        // The thing is there, but takes verbs only.
        (None, None) => dispatch::refuse(portal, function, request, Problem::MethodNotAllowed).await,
    }
}

fn filter(method: &'static str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}
