//! What goes out: a page, JSON, a file or the way to the next page.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Arrival, Problem,
    cookies::CookieName,
    door::Door,
    finish::policy_leading_to,
    frame::frame,
    page::{ErrorSummary, Flash, View},
};

/// A form with errors.
pub const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
/// Somebody else was faster.
pub const CONFLICT: StatusCode = StatusCode::CONFLICT;
/// A budget is used up.
pub const TOO_MANY: StatusCode = StatusCode::TOO_MANY_REQUESTS;
/// It is done elsewhere.
pub const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
/// It was there and has ended.
pub const GONE: StatusCode = StatusCode::GONE;

/// What a handler returns.
pub type Answer<R> = Result<R, Problem>;

/// Something that can be sent through a door.
pub trait Reply: Send {
    /// Makes the response; the door is settled by now.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    fn reply<D: Door>(self, door: &D) -> Answer<Response>;

    /// Schema of the JSON for OpenAPI, with status and content type.
    fn describe() -> Outgoing {
        Outgoing::default()
    }
}

/// What OpenAPI says of a reply.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// The statuses it is answered with when all is well.
    pub statuses: Vec<u16>,
    /// Schema of its JSON; none for pages and files.
    pub json: Option<utoipa::openapi::RefOr<utoipa::openapi::Schema>>,
    /// Schemas it refers to.
    pub schemas: Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
}

/// A page.
#[derive(Debug)]
pub struct Page<V> {
    view: V,
    status: StatusCode,
    errors: Option<ErrorSummary>,
    cookies: Vec<String>,
}

impl<V: View> Page<V> {
    /// A page with status 200.
    pub const fn new(view: V) -> Self {
        Self { view, status: StatusCode::OK, errors: None, cookies: Vec::new() }
    }

    /// The same form again, with what is wrong with it: 422.
    pub const fn with_errors(view: V, errors: ErrorSummary) -> Self {
        Self { view, status: StatusCode::UNPROCESSABLE_ENTITY, errors: Some(errors), cookies: Vec::new() }
    }

    /// Another status.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Sets a cookie.
    #[must_use]
    pub fn cookie(mut self, set_cookie: String) -> Self {
        self.cookies.push(set_cookie);
        self
    }
}

impl<V: View + Send> Reply for Page<V> {
    fn reply<D: Door>(self, door: &D) -> Answer<Response> {
        let arrival = door.arrival();
        let tenant = arrival.tenant().ok_or(Problem::NotFound)?;
        let mut frame = frame(arrival, tenant, door.settled_session());
        frame.errors = self.errors;
        let html = self.view.html(&frame).map_err(|error| Problem::Internal(error.to_string()))?;
        let mut response = (self.status, axum::response::Html(html)).into_response();
        for cookie in &self.cookies {
            add_cookie(&mut response, cookie);
        }
        if frame.flash.is_some() {
            add_cookie(&mut response, &CookieName::Flash.clear(arrival.jar()));
        }
        Ok(response)
    }
}

/// JSON, for programs.
#[derive(Debug)]
pub struct Json<T> {
    value: T,
    status: StatusCode,
    etag: Option<u64>,
}

impl<T> Json<T> {
    /// With status 200.
    pub const fn new(value: T) -> Self {
        Self::with(StatusCode::OK, value)
    }

    const fn with(status: StatusCode, value: T) -> Self {
        Self { value, status, etag: None }
    }

    /// Says the revision, for `If-Match`.
    #[must_use]
    pub fn etag(self, rev: u64) -> Self {
        Self { etag: Some(rev), ..self }
    }
}

impl<T: Serialize + ToSchema + Send> Reply for Json<T> {
    fn reply<D: Door>(self, _door: &D) -> Answer<Response> {
        let body = serde_json::to_vec(&self.value).map_err(|error| Problem::Internal(error.to_string()))?;
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        if let Some(value) = self.etag.and_then(|rev| HeaderValue::from_str(&format!("\"{rev}\"")).ok()) {
            response.headers_mut().insert(header::ETAG, value);
        }
        Ok(response)
    }

    fn describe() -> Outgoing {
        let mut schemas = vec![(T::name().into(), T::schema())];
        T::schemas(&mut schemas);
        let json = Some(utoipa::openapi::Ref::from_schema_name(T::name()).into());
        Outgoing { statuses: vec![200], json, schemas }
    }
}

/// The type of a reply says its statuses, so that the description cannot differ from the answer.
macro_rules! other_statuses {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)*;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<T>(Json<T>);

        impl<T> $name<T> {
            /// Says the revision, for `If-Match`.
            #[must_use]
            pub fn etag(self, rev: u64) -> Self {
                Self(self.0.etag(rev))
            }
        }

        impl<T: Serialize + ToSchema + Send> Reply for $name<T> {
            fn reply<D: Door>(self, door: &D) -> Answer<Response> {
                self.0.reply(door)
            }

            fn describe() -> Outgoing {
                Outgoing { statuses: vec![$($status),*], ..Json::<T>::describe() }
            }
        }
    )*};
}

other_statuses! {
    /// JSON about something that was made.
    Created: 201;
    /// JSON about something that was made, or was there before.
    Saved: 200 201;
    /// JSON about something that has only begun.
    Accepted: 202;
}

impl<T> Created<T> {
    /// With status 201.
    pub const fn new(value: T) -> Self {
        Self(Json::with(StatusCode::CREATED, value))
    }
}

impl<T> Saved<T> {
    /// With status 201 when it is new, else 200.
    pub const fn new(value: T, is_new: bool) -> Self {
        Self(Json::with(if is_new { StatusCode::CREATED } else { StatusCode::OK }, value))
    }
}

impl<T> Accepted<T> {
    /// With status 202.
    pub const fn new(value: T) -> Self {
        Self(Json::with(StatusCode::ACCEPTED, value))
    }
}

/// One of two replies: a form again or the way on.
#[derive(Debug)]
pub enum Either<A, B> {
    /// The first.
    First(A),
    /// The second.
    Second(B),
}

impl<A: Reply, B: Reply> Reply for Either<A, B> {
    fn reply<D: Door>(self, door: &D) -> Answer<Response> {
        match self {
            Self::First(first) => first.reply(door),
            Self::Second(second) => second.reply(door),
        }
    }

    fn describe() -> Outgoing {
        let (mut either, other) = (A::describe(), B::describe());
        either.statuses.extend(other.statuses);
        either
    }
}

/// 204.
#[derive(Debug)]
pub struct NoContent;

impl Reply for NoContent {
    fn reply<D: Door>(self, _door: &D) -> Answer<Response> {
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    fn describe() -> Outgoing {
        Outgoing { statuses: vec![204], ..Outgoing::default() }
    }
}

/// 303 to another page, after a POST or to a file elsewhere.
#[derive(Debug)]
pub struct SeeOther {
    to: String,
    cookies: Vec<Cookie>,
}

#[derive(Debug)]
enum Cookie {
    Set(String),
    Flash(Flash),
}

impl SeeOther {
    /// To a page of ours or a presigned address.
    pub fn to(address: impl Into<String>) -> Self {
        Self { to: address.into(), cookies: Vec::new() }
    }

    /// Sets a cookie.
    #[must_use]
    pub fn cookie(mut self, set_cookie: String) -> Self {
        self.cookies.push(Cookie::Set(set_cookie));
        self
    }

    /// What the next page says once.
    #[must_use]
    pub fn saying(mut self, flash: Flash) -> Self {
        self.cookies.push(Cookie::Flash(flash));
        self
    }
}

impl Reply for SeeOther {
    fn reply<D: Door>(self, door: &D) -> Answer<Response> {
        see_other(door.arrival(), &self.to, &self.cookies)
    }

    fn describe() -> Outgoing {
        Outgoing { statuses: vec![303], ..Outgoing::default() }
    }
}

/// How long a message waits for its page.
const FLASH_SECONDS: i64 = 60;

fn see_other(arrival: &Arrival, to: &str, cookies: &[Cookie]) -> Answer<Response> {
    let location =
        HeaderValue::from_str(to).map_err(|_| Problem::Internal("an address that is no header value".into()))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    for cookie in cookies {
        let set = match cookie {
            Cookie::Set(set) => set.clone(),
            Cookie::Flash(flash) => flash_cookie(arrival, *flash),
        };
        add_cookie(&mut response, &set);
    }
    Ok(response)
}

pub(crate) fn flash_cookie(arrival: &Arrival, flash: Flash) -> String {
    let name = serde_json::to_value(flash).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    CookieName::Flash.set(&name, Some(FLASH_SECONDS), arrival.jar())
}

pub(crate) fn add_cookie(response: &mut Response, set_cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(set_cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Bytes with a type: CSV, XML, pictures, sheets.
#[derive(Debug)]
pub struct File {
    bytes: Vec<u8>,
    content_type: &'static str,
    name: Option<String>,
    immutable: bool,
    anywhere: bool,
}

impl File {
    /// A file that is saved under a name.
    #[must_use]
    pub const fn download(bytes: Vec<u8>, content_type: &'static str, name: String) -> Self {
        Self { bytes, content_type, name: Some(name), immutable: false, anywhere: false }
    }

    /// A file whose address carries the hash of its content: kept by browsers for ever.
    #[must_use]
    pub const fn immutable(bytes: Vec<u8>, content_type: &'static str) -> Self {
        Self { bytes, content_type, name: None, immutable: true, anywhere: false }
    }

    /// A plain answer.
    #[must_use]
    pub const fn plain(bytes: Vec<u8>, content_type: &'static str) -> Self {
        Self { bytes, content_type, name: None, immutable: false, anywhere: false }
    }
}

impl File {
    /// May be shown on pages of others, as mails in a browser are.
    #[must_use]
    pub fn anywhere(self) -> Self {
        Self { anywhere: true, ..self }
    }
}

impl Reply for File {
    fn reply<D: Door>(self, _door: &D) -> Answer<Response> {
        let mut response = Response::new(Body::from(self.bytes));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if self.immutable {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        }
        if self.anywhere {
            headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
        }
        if let Some(name) = self.name {
            let plain: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
            if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"")) {
                headers.insert(header::CONTENT_DISPOSITION, value);
            }
        }
        Ok(response)
    }

    fn describe() -> Outgoing {
        Outgoing { statuses: vec![200], ..Outgoing::default() }
    }
}

/// A reply with one more header.
#[derive(Debug)]
pub struct With<R> {
    inner: R,
    name: HeaderName,
    value: HeaderValue,
}

impl<R: Reply> With<R> {
    /// Adds a header with a fixed value.
    pub const fn header(inner: R, name: HeaderName, value: HeaderValue) -> Self {
        Self { inner, name, value }
    }

    /// A page whose form leads to another origin, for example to a payment provider: browsers must be told.
    ///
    /// # Errors
    /// When the origin is no header value.
    pub fn form_to(inner: R, origin: &str) -> Answer<Self> {
        let is_plain = origin.bytes().all(|byte| byte.is_ascii_graphic() && !b";,'\"".contains(&byte));
        let policy = HeaderValue::from_str(&policy_leading_to(origin)).ok().filter(|_| is_plain);
        let value = policy.ok_or_else(|| Problem::Internal("an origin that is no origin".into()))?;
        Ok(Self { inner, name: header::CONTENT_SECURITY_POLICY, value })
    }
}

impl<R: Reply> Reply for With<R> {
    fn reply<D: Door>(self, door: &D) -> Answer<Response> {
        let mut response = self.inner.reply(door)?;
        response.headers_mut().insert(self.name, self.value);
        Ok(response)
    }

    fn describe() -> Outgoing {
        R::describe()
    }
}
