//! S3 on a folder, with one bucket; only signed requests are answered, expired links are refused.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use std::path::Path;

/// The credentials that every client of the local cloud signs with.
pub const ACCESS_KEY: &str = "local";
pub const SECRET_KEY: &str = "local-secret";

/// Query parameters by which a signed link sets headers of its answer, as S3 does and s3s-fs does not.
const OVERRIDES: [(&str, HeaderName); 6] = [
    ("response-content-type", header::CONTENT_TYPE),
    ("response-content-disposition", header::CONTENT_DISPOSITION),
    ("response-content-language", header::CONTENT_LANGUAGE),
    ("response-content-encoding", header::CONTENT_ENCODING),
    ("response-cache-control", header::CACHE_CONTROL),
    ("response-expires", header::EXPIRES),
];

/// A server of the files below `folder`, in which the bucket is a folder too.
pub(crate) fn router(folder: &Path, bucket_name: &str) -> Result<Router, String> {
    let wrong = |error: &dyn std::fmt::Debug| format!("cannot keep files in {}: {error:?}", folder.display());
    std::fs::create_dir_all(folder.join(bucket_name)).map_err(|error| wrong(&error))?;
    let files = FileSystem::new(folder).map_err(|error| wrong(&error))?;
    let mut service = S3ServiceBuilder::new(files);
    service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    Ok(Router::new().fallback(answer).with_state(service.build()))
}

async fn answer(State(service): State<S3Service>, request: Request) -> Response {
    let overrides = overrides(&request);
    let answer = service.call(request.map(s3s::Body::http_body_unsync)).await;
    let Ok(mut answer) = answer else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if answer.status().is_success() {
        for (name, value) in overrides {
            answer.headers_mut().insert(name, value);
        }
    }
    answer.map(Body::new)
}

fn overrides(request: &Request) -> Vec<(HeaderName, HeaderValue)> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Vec::new();
    }
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .filter_map(|(name, value)| {
            let (_, header) = OVERRIDES.iter().find(|(parameter, _)| *parameter == name)?;
            Some((header.clone(), HeaderValue::from_str(&value).ok()?))
        })
        .collect()
}
