//! What comes in: `Asked` for reading, `Submitted` for changing. Neither can be made outside this file, so owning a
//! `Submitted` means that its forgery check has passed.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, RawPathParams},
};
use domain::FieldErrors;
use http::{HeaderMap, StatusCode, header, request::Parts};
use jiff::Timestamp;
use payments::{NotVerified, Provider, Raw, Verified};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{
    Problem, Wants, csrf,
    door::{AreaMark, Door, HookContext, IntegratorContext, PublicContext, ScopeMark},
};

/// Name and value, as they stand in a path, query or form.
pub type Pairs = Vec<(String, String)>;

/// Path values that a custom verb (`…/{number}:cancel`) has already taken apart.
#[derive(Debug, Clone)]
pub(crate) struct PathOverride(pub(crate) Pairs);

/// How a handler's input is read from a request that came through door `D`.
pub trait Input<D: Door>: Sized + Send {
    /// Does it change something? Then the door is settled before anything is read.
    const WRITES: bool;

    /// Reads it.
    fn read(door: &D, parts: Parts, body: Body) -> impl Future<Output = Result<Self, Problem>> + Send;

    /// Says what it is, for OpenAPI.
    fn describe() -> Described;
}

/// Schemas of an input: values in path and query, and the body.
#[derive(Debug, Default)]
pub struct Described {
    /// Path and query together.
    pub values: Option<utoipa::openapi::RefOr<utoipa::openapi::Schema>>,
    /// Body with its content type.
    pub body: Option<(&'static str, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
    /// Schemas they refer to.
    pub schemas: Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
}

/// Path and query of a request that only reads.
#[derive(Debug)]
pub struct Asked<T>(pub T);

/// No values at all.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
pub struct Nothing {}

impl<D: Door, T: DeserializeOwned + ToSchema + Send> Input<D> for Asked<T> {
    const WRITES: bool = false;

    async fn read(_door: &D, mut parts: Parts, _body: Body) -> Result<Self, Problem> {
        read_pairs(path_and_query(&mut parts).await?).map(Asked)
    }

    fn describe() -> Described {
        let mut described = Described { values: Some(T::schema()), ..Described::default() };
        T::schemas(&mut described.schemas);
        described
    }
}

/// A form or JSON body, and the values of its path. No public constructor.
#[derive(Debug)]
pub struct Submitted<T, P = Nothing> {
    body: T,
    path: P,
}

impl<T, P> Submitted<T, P> {
    /// The body.
    pub fn into_inner(self) -> T {
        self.body
    }

    /// Values of the path, and the body.
    pub fn into_parts(self) -> (P, T) {
        (self.path, self.body)
    }
}

impl<D: Door, T: DeserializeOwned + ToSchema + Send, P: DeserializeOwned + ToSchema + Send> Input<D>
    for Submitted<T, P>
{
    const WRITES: bool = true;

    async fn read(door: &D, mut parts: Parts, body: Body) -> Result<Self, Problem> {
        let path = read_pairs(path_and_query(&mut parts).await?)?;
        let bytes = read_body(body, D::MAX_BODY_BYTES).await?;
        let body = match door.arrival().wants() {
            Wants::Json => {
                door.check_forgery(header_text(&parts, csrf::HEADER))?;
                read_json(&parts, &bytes)?
            }
            Wants::Page => {
                let mut pairs = read_form(&parts, &bytes)?;
                let token = pairs.iter().find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.clone());
                door.check_forgery(token.as_deref())?;
                pairs.retain(|(name, _)| name != csrf::FIELD);
                read_pairs(pairs)?
            }
        };
        Ok(Self { body, path })
    }

    fn describe() -> Described {
        let mut described = Described {
            values: Some(P::schema()),
            body: Some(("application/json", utoipa::openapi::Ref::from_schema_name(T::name()).into())),
            schemas: vec![(T::name().into(), T::schema())],
        };
        T::schemas(&mut described.schemas);
        described
    }
}

/// A form anybody may send: no cookie is needed, but it must come from our own page. What it may write (declarations,
/// orders) its handlers' budgets bound.
#[derive(Debug)]
pub struct PublicForm<T> {
    form: T,
    decoy_filled: bool,
}

/// A field people do not see; programs that fill in everything give themselves away.
const DECOY: &str = "website";

impl<T> PublicForm<T> {
    /// The form, and whether the field that people do not see was filled in. A browser may do that for somebody, so it is
    /// asked once more, with everything that was typed.
    pub fn into_parts(self) -> (T, bool) {
        (self.form, self.decoy_filled)
    }
}

impl<A: AreaMark, T: DeserializeOwned + ToSchema + Send> Input<PublicContext<A>> for PublicForm<T> {
    const WRITES: bool = true;

    async fn read(door: &PublicContext<A>, parts: Parts, body: Body) -> Result<Self, Problem> {
        let bytes = read_body(body, PublicContext::<A>::MAX_BODY_BYTES).await?;
        let mut pairs = read_form(&parts, &bytes)?;
        if !csrf::is_own(door.arrival().headers(), door.arrival().origin()) {
            return Err(Problem::Forged);
        }
        let decoy_filled = pairs.iter().any(|(name, value)| name == DECOY && !value.is_empty());
        pairs.retain(|(name, _)| name != DECOY);
        read_pairs(pairs).map(|form| Self { form, decoy_filled })
    }

    fn describe() -> Described {
        Described::default()
    }
}

/// A body that is no JSON (lines, a PDF, a picture), for integrators only.
#[derive(Debug)]
pub struct Upload<P = Nothing> {
    /// The bytes.
    pub bytes: Bytes,
    /// Content type without parameters, lower case.
    pub content_type: String,
    /// Values of the path.
    pub path: P,
}

impl<S: ScopeMark, P: DeserializeOwned + ToSchema + Send> Input<IntegratorContext<S>> for Upload<P> {
    const WRITES: bool = true;

    async fn read(_door: &IntegratorContext<S>, mut parts: Parts, body: Body) -> Result<Self, Problem> {
        let path = read_pairs(path_and_query(&mut parts).await?)?;
        let bytes = read_body(body, IntegratorContext::<S>::MAX_BODY_BYTES).await?;
        let content_type = content_type(&parts);
        Ok(Self { bytes, content_type, path })
    }

    fn describe() -> Described {
        let binary = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
        let schema: utoipa::openapi::Schema = binary.build().into();
        Described {
            values: Some(P::schema()),
            body: Some(("application/octet-stream", schema.into())),
            schemas: vec![],
        }
    }
}

/// A provider's message as it came. Its bytes can be had verified only.
#[derive(Debug)]
pub struct RawBody<P = Nothing> {
    headers: HeaderMap,
    bytes: Bytes,
    path: P,
}

impl<P> RawBody<P> {
    /// Values of the path.
    pub const fn path(&self) -> &P {
        &self.path
    }

    /// Proves that it comes from the provider.
    ///
    /// # Errors
    /// 401 where it is forged; 503 when that cannot be found out.
    pub async fn verified(&self, provider: &dyn Provider, now: Timestamp) -> Result<Verified<'_>, Problem> {
        let raw = Raw { headers: &self.headers, body: &self.bytes, now };
        provider.verify(raw).await.map_err(|error| match error {
            NotVerified::Forged => {
                let status = StatusCode::from_u16(provider.capabilities().forged);
                Problem::BadSignature(status.unwrap_or(StatusCode::UNAUTHORIZED))
            }
            NotVerified::Unknown(unknown) => Problem::Unavailable(unknown.to_string()),
        })
    }

    /// The headers that prove it, for keeping them with it.
    pub fn proof(&self, provider: &dyn Provider) -> Vec<(String, String)> {
        let value = |name: &&str| Some(((*name).to_owned(), self.headers.get(*name)?.to_str().ok()?.to_owned()));
        provider.proving_headers().iter().filter_map(value).collect()
    }
}

impl<P: DeserializeOwned + ToSchema + Send> Input<HookContext> for RawBody<P> {
    const WRITES: bool = true;

    async fn read(_door: &HookContext, mut parts: Parts, body: Body) -> Result<Self, Problem> {
        let path = read_pairs(path_and_query(&mut parts).await?)?;
        let bytes = read_body(body, HookContext::MAX_BODY_BYTES).await?;
        Ok(Self { headers: parts.headers, bytes, path })
    }

    fn describe() -> Described {
        Described::default()
    }
}

async fn path_and_query(parts: &mut Parts) -> Result<Pairs, Problem> {
    let query = parts.uri.query().unwrap_or_default();
    let mut pairs: Pairs =
        serde_html_form::from_str(query).map_err(|_| Problem::malformed("query", "cannot be read"))?;
    let path = match parts.extensions.remove::<PathOverride>() {
        Some(PathOverride(path)) => path,
        None => path_pairs(parts).await,
    };
    pairs.retain(|(name, _)| !path.iter().any(|(own, _)| own == name));
    pairs.extend(path);
    Ok(pairs)
}

pub(crate) async fn path_pairs(parts: &mut Parts) -> Pairs {
    match RawPathParams::from_request_parts(parts, &()).await {
        Ok(path) => path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        Err(_) => Pairs::new(),
    }
}

async fn read_body(body: Body, max: usize) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, max).await.map_err(|_| Problem::TooLarge)
}

fn header_text<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

fn content_type(parts: &Parts) -> String {
    let value = header_text(parts, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn read_form(parts: &Parts, bytes: &[u8]) -> Result<Pairs, Problem> {
    if content_type(parts) != "application/x-www-form-urlencoded" && !bytes.is_empty() {
        return Err(Problem::UnsupportedType("application/x-www-form-urlencoded"));
    }
    serde_html_form::from_bytes(bytes).map_err(|_| Problem::malformed("body", "is no form"))
}

fn read_json<T: DeserializeOwned>(parts: &Parts, bytes: &[u8]) -> Result<T, Problem> {
    if !bytes.is_empty() && content_type(parts) != "application/json" {
        return Err(Problem::UnsupportedType("application/json"));
    }
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    from_json(text)
}

/// Reads JSON; an error names the field and never repeats its value.
///
/// # Errors
/// 400 for what is no JSON at all, 422 with the field's path for a value of the wrong shape.
pub fn from_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            serde_json::error::Category::Data => {
                Problem::Invalid(FieldErrors::of_shape(path, &error.inner().to_string()))
            }
            _ => Problem::malformed(
                "body",
                format!("is no JSON (line {}, column {})", error.inner().line(), error.inner().column()),
            ),
        }
    })?;
    reader.end().map_err(|_| Problem::malformed("body", "has text after the JSON"))?;
    Ok(value)
}

fn read_pairs<T: DeserializeOwned>(pairs: Pairs) -> Result<T, Problem> {
    let text = serde_html_form::to_string(&pairs).map_err(|_| Problem::malformed("query", "cannot be read"))?;
    let reader = serde_html_form::Deserializer::from_bytes(text.as_bytes());
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        Problem::Invalid(FieldErrors::of_shape(path, &error.inner().to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read and thrown away")]
    struct Thing {
        count: u8,
        names: Vec<String>,
        part: Part,
        kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read and thrown away")]
    struct Part {
        size: f64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind")]
    enum Kind {
        #[serde(rename = "a")]
        A,
    }

    #[test]
    fn messages_know_json_and_not_our_types() {
        for (text, wanted) in [
            ("7", "must be a JSON object"),
            (r#"{"count": "x"}"#, "must be a whole number from 0 to 255"),
            (r#"{"names": {}}"#, "must be a list"),
            (r#"{"names": [1]}"#, "must be a string"),
            (r#"{"part": 1}"#, "must be a JSON object"),
            (r#"{"part": {"size": "x"}}"#, "must be a number"),
            (r#"{"kind": 1}"#, "must be a JSON object"),
            (r#"{"kind": {"kind": "b"}}"#, "must be `a`"),
        ] {
            let problem = from_json::<Thing>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.errors()[0].message, wanted, "{text}");
        }
    }
}
