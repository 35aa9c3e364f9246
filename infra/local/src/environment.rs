//! The environment variables of a function, as the template sets them on AWS, for this cloud.

use crate::{
    addresses::{Service, url},
    cloud::Cloud,
    functions::CONSUMERS,
    letters::FAILED_BATCHES,
    s3::{ACCESS_KEY, SECRET_KEY},
};
use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Name to value.
pub type Environment = BTreeMap<&'static str, String>;

/// What a function of the portal on `portal_port` finds in its environment. Secrets are files in `data`.
#[must_use]
pub fn environment(cloud: &Cloud, portal_port: u16, data: &Path) -> Environment {
    // `cargo lambda watch` starts the binaries in another folder than this one.
    let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let in_data = |file: &str| data.join(file).to_string_lossy().into_owned();
    Environment::from([
        ("TABLE_NAME", cloud.table_name().to_owned()),
        ("BUCKET_NAME", cloud.bucket_name().to_owned()),
        ("PUBLIC_SCHEME", "http".to_owned()),
        ("BASE_DOMAIN", format!("localhost:{portal_port}")),
        ("STAGE", "local".to_owned()),
        ("MAIL_FROM_DOMAIN", "portal.example".to_owned()),
        // Nothing leaves this machine: the mailbox takes everything.
        ("SANDBOX_RECIPIENTS", "*".to_owned()),
        ("SIGNING_KEY", in_data("signing-key.pem")),
        ("PROVIDER_SECRETS", in_data("provider-secrets.json")),
        ("SANDBOX_PROVIDER_URL", url(portal_port + Service::Provider as u16)),
        ("RUST_LOG", "info".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", cloud.dynamodb_url()),
        ("AWS_ENDPOINT_URL_S3", cloud.s3_url()),
        ("AWS_ENDPOINT_URL_SES", cloud.ses_url()),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
    ])
}

/// What the operator's command needs beside that: where readers are called, and where lies what they did not take.
#[must_use]
pub fn environment_of_operators(cloud: &Cloud) -> Environment {
    Environment::from([
        ("AWS_ENDPOINT_URL_LAMBDA", cloud.lambda_url()),
        ("AWS_ENDPOINT_URL_SQS", cloud.sqs_url()),
        ("DEAD_LETTERS_URL", format!("{}/dead-letters", cloud.sqs_url())),
        ("FAILED_BATCHES_NAME", FAILED_BATCHES.to_owned()),
        ("WORKER_FUNCTION", CONSUMERS[0].to_owned()),
        ("DOCUMENTS_FUNCTION", CONSUMERS[1].to_owned()),
    ])
}

/// Both as a file, for `cargo lambda watch --env-file` and `kontor --environment`.
#[must_use]
pub fn environment_file(functions: &Environment, operators: &Environment) -> String {
    functions.iter().chain(operators).fold(String::new(), |mut text, (name, value)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}={value}");
        text
    })
}
