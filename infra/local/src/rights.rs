//! Which rights each function uses: what it asks of the cloud, called as IAM calls it. What tests saw is compared with the roles of the
//! template, so that a function neither lacks a right on AWS nor has one that it does not need.
//!
//! All functions share one process and one table here. Whose request it is says the task it is made in ([`of`]); what nobody's task
//! asks for, a test's own look at the table for instance, is nobody's right.

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use url::Url;

/// The variable with the folder that uses are noted in, a file per process; without it nothing is noted.
pub const RIGHTS_NOTED_IN: &str = "RIGHTS_NOTED_IN";

tokio::task_local! {
    static FUNCTION: &'static str;
}

/// Work of one function, under its name.
pub(crate) async fn of<F: Future>(function: &'static str, work: F) -> F::Output {
    FUNCTION.scope(function, work).await
}

/// A client as the SDK makes it, that notes what functions ask for.
pub(crate) fn noting(folder: &str) -> SharedHttpClient {
    let client =
        Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).build_https();
    let uses = Uses { folder: PathBuf::from(folder), seen: Arc::default() };
    http_client_fn(move |settings, components| {
        let connector = client.http_connector(settings, components);
        SharedHttpConnector::new(Noting { connector, uses: uses.clone() })
    })
}

#[derive(Debug)]
struct Noting {
    connector: SharedHttpConnector,
    uses: Uses,
}

impl HttpConnector for Noting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.uses.note(&rights(&request));
        self.connector.call(request)
    }
}

/// What was seen of each function, each right once.
#[derive(Debug, Clone)]
struct Uses {
    folder: PathBuf,
    seen: Arc<Mutex<BTreeSet<String>>>,
}

impl Uses {
    /// Notes them for the function in whose name this task runs, if it does.
    fn note(&self, rights: &[String]) {
        let Ok(function) = FUNCTION.try_with(|function| *function) else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for right in rights {
            let line = format!("{function} {right}\n");
            if !seen.contains(&line) {
                // A use that cannot be noted looks like one that never was, which the comparison finds.
                let _ = append(&self.folder, &line);
                seen.insert(line);
            }
        }
    }
}

fn append(folder: &Path, line: &str) -> std::io::Result<()> {
    let file = folder.join(format!("{}.txt", std::process::id()));
    OpenOptions::new().create(true).append(true).open(file)?.write_all(line.as_bytes())
}

/// What a role must allow for this request; of the table with the kinds of partitions that are asked for (`dynamodb:LeadingKeys`),
/// as one condition must hold for all of them.
fn rights(request: &HttpRequest) -> Vec<String> {
    let body = request.body().bytes().unwrap_or_default();
    match request.headers().get("x-amz-target").and_then(|target| target.strip_prefix("DynamoDB_20120810.")) {
        Some(operation) => of_table(operation, &serde_json::from_slice(body).unwrap_or_default()),
        None if body.starts_with(b"Action=") => vec![of_mails(body)],
        None => of_bucket(request),
    }
}

/// A transaction needs the rights of its parts.
fn of_table(operation: &str, body: &Value) -> Vec<String> {
    let verbs = match operation {
        "TransactGetItems" => BTreeSet::from(["GetItem".to_owned()]),
        "TransactWriteItems" => {
            let parts = body.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
            let kinds = parts.filter_map(Value::as_object).flat_map(serde_json::Map::keys);
            kinds.map(|kind| format!("{kind}Item")).collect()
        }
        operation => BTreeSet::from([operation.to_owned()]),
    };
    let mut partitions = BTreeSet::new();
    collect_partitions(body, &mut partitions);
    let partitions = Vec::from_iter(partitions).join(" ");
    verbs.into_iter().map(|verb| format!("dynamodb:{verb} {partitions}")).collect()
}

/// The partitions of every key, every item and every query of a request, wherever they stand in it.
fn collect_partitions(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Array(parts) => parts.iter().for_each(|part| collect_partitions(part, found)),
        Value::Object(parts) => {
            let asked = part.get("KeyConditionExpression").and_then(Value::as_str).and_then(first_value);
            let asked = asked.and_then(|name| part.get("ExpressionAttributeValues")?.get(name));
            let keys =
                [asked, parts.get("pk")].into_iter().flatten().filter_map(|key| key.get("S").and_then(Value::as_str));
            found.extend(keys.map(kind_of_partition));
            parts
                .iter()
                .filter(|(name, _)| *name != "ExclusiveStartKey")
                .for_each(|(_, part)| collect_partitions(part, found));
        }
        _ => {}
    }
}

/// `:pk` of `#pk = :pk AND …`.
fn first_value(condition: &str) -> Option<&str> {
    condition.split_once("= ").map(|(_, value)| value.split(' ').next().unwrap_or_default())
}

/// `T#ten_…#C#…` is one of a tenant, `HOST#shop.example` one of hosts; what is no tenant's is said as it is.
fn kind_of_partition(key: &str) -> String {
    match key.split_once('#') {
        Some(("T", rest)) if rest.contains('#') => "T#tenant#".to_owned(),
        Some(("T", _)) => "T#tenant".to_owned(),
        Some((first, _)) => format!("{first}#"),
        None => key.to_owned(),
    }
}

fn of_mails(body: &[u8]) -> String {
    let action = url::form_urlencoded::parse(body).find_map(|(name, value)| (name == "Action").then_some(value));
    format!("ses:{}", action.unwrap_or_default())
}

/// Files are asked for by path, and said with the folder they lie in; a list has no path but the bucket's.
fn of_bucket(request: &HttpRequest) -> Vec<String> {
    let url = Url::parse(request.uri()).ok();
    let mut parts = url.iter().flat_map(|url| url.path().split('/')).filter(|part| !part.is_empty()).skip(1);
    // `T/ten_…/documents/…`: whose it is does not matter.
    let place = parts.next().zip(parts.next()).map(|(kind, _tenant)| match parts.next() {
        Some(folder) => format!("{kind}/tenant/{folder}/x"),
        None => format!("{kind}/tenant"),
    });
    let Some(place) = place else { return vec!["s3:ListBucket".to_owned()] };
    let verb = match request.method() {
        "GET" | "HEAD" => "GetObject",
        "DELETE" => "DeleteObject",
        _ => "PutObject",
    };
    let kept = request.headers().get("x-amz-object-lock-mode").map(|_| "PutObjectRetention");
    [Some(verb), kept].into_iter().flatten().map(|verb| format!("s3:{verb} {place}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(method: &str, uri: &str, body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(body.to_owned().into());
        request.set_uri(uri.to_owned()).unwrap();
        request.set_method(method).unwrap();
        request
    }

    fn of_operation(operation: &str, body: &Value) -> Vec<String> {
        let mut request = request("POST", "http://127.0.0.1:1/", &body.to_string());
        request.headers_mut().insert("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        rights(&request)
    }

    #[test]
    fn a_transaction_needs_the_rights_of_its_parts() {
        let asked = json!({
            "KeyConditionExpression": "#pk = :pk AND #sk > :sk", "ExclusiveStartKey": { "pk": { "S": "X" } },
            "ExpressionAttributeValues": { ":pk": { "S": "T#ten_1#DUE" }, ":sk": { "S": "2026" } },
        });
        assert_eq!(of_operation("Query", &asked), ["dynamodb:Query T#tenant#"]);
        let keys = json!([{ "pk": { "S": "HOST#a" } }, { "pk": { "S": "T#ten_1" } }]);
        let asked = json!({ "RequestItems": { "table": { "Keys": keys } } });
        assert_eq!(of_operation("BatchGetItem", &asked), ["dynamodb:BatchGetItem HOST# T#tenant"]);
        let put = json!({ "Put": { "Item": { "pk": { "S": "TENANTS" } } } });
        let condition = json!({ "ConditionCheck": { "Key": { "pk": { "S": "T#ten_1#C#2" } } } });
        let asked = json!({ "TransactItems": [put, condition] });
        let needed = ["dynamodb:ConditionCheckItem T#tenant# TENANTS", "dynamodb:PutItem T#tenant# TENANTS"];
        assert_eq!(of_operation("TransactWriteItems", &asked), needed);
    }

    #[test]
    fn a_file_is_named_by_its_path_and_a_list_by_the_bucket() {
        let bucket = "http://127.0.0.1:1/kundenkontor";
        let paper = format!("{bucket}/T/ten_1/documents/invoice/RE1_/rendered-x.pdf");
        assert_eq!(rights(&request("GET", &paper, "")), ["s3:GetObject T/tenant/documents/x"]);
        assert_eq!(rights(&request("HEAD", &paper, "")), ["s3:GetObject T/tenant/documents/x"]);
        let packed = format!("{bucket}/E/ten_1/cus_1/job_1/x.zip");
        assert_eq!(rights(&request("DELETE", &packed, "")), ["s3:DeleteObject E/tenant/cus_1/x"]);
        assert_eq!(rights(&request("GET", &format!("{bucket}?list-type=2"), "")), ["s3:ListBucket"]);
        let mut kept = request("PUT", &format!("{paper}?x-id=PutObject"), "");
        kept.headers_mut().insert("x-amz-object-lock-mode", "GOVERNANCE");
        let needed = ["s3:PutObject T/tenant/documents/x", "s3:PutObjectRetention T/tenant/documents/x"];
        assert_eq!(rights(&kept), needed);
    }

    #[test]
    fn a_mail_is_sent_by_its_action() {
        let sent = request("POST", "http://127.0.0.1:1/", "Action=SendRawEmail&Version=2010-12-01");
        assert_eq!(rights(&sent), ["ses:SendRawEmail"]);
    }

    #[tokio::test]
    async fn only_what_is_asked_in_a_functions_name_is_noted_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let uses = Uses { folder: folder.path().to_owned(), seen: Arc::default() };
        let ask = || uses.note(&["dynamodb:Query".to_owned()]);
        ask();
        of("customer", async { ask() }).await;
        of("customer", async { ask() }).await;
        let file = folder.path().join(format!("{}.txt", std::process::id()));
        assert_eq!(std::fs::read_to_string(file).unwrap(), "customer dynamodb:Query\n");
    }
}
