//! The local cloud, the front door and the pump, driven as their users drive them: by the real SDK clients.

mod cloud;
mod demo;
mod gateway;
mod mailbox;
mod portal;
mod pump;
mod template;

use local::{ACCESS_KEY, Cloud, CloudOptions, SECRET_KEY};
use std::error::Error;

type Outcome = Result<(), Box<dyn Error>>;

async fn any_cloud() -> Result<Cloud, String> {
    Cloud::start(CloudOptions::default()).await
}

fn dynamodb(cloud: &Cloud) -> aws_sdk_dynamodb::Client {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests"))
        .endpoint_url(cloud.dynamodb_url());
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

fn s3(cloud: &Cloud) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests"))
        .endpoint_url(cloud.s3_url())
        .force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

fn ses(cloud: &Cloud) -> aws_sdk_ses::Client {
    use aws_sdk_ses::config::{BehaviorVersion, Builder, Credentials, Region};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests"))
        .endpoint_url(cloud.ses_url());
    aws_sdk_ses::Client::from_conf(config.build())
}

/// What a plain HTTP client gets: status, headers, body.
struct Plain {
    status: u16,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Plain {
    fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

async fn send(request: http::request::Builder, body: impl Into<axum::body::Body>) -> Result<Plain, Box<dyn Error>> {
    let client: hyper_util::client::legacy::Client<_, axum::body::Body> =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let (head, body) = client.request(request.body(body.into())?).await?.into_parts();
    let body = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await?;
    Ok(Plain { status: head.status.as_u16(), headers: head.headers, body: body.to_vec() })
}

async fn get(url: &str) -> Result<Plain, Box<dyn Error>> {
    send(http::Request::get(url), axum::body::Body::empty()).await
}
