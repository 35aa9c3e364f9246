//! No crash on bad input: every route × rubbish in path, query, headers and body is refused, never 5xx.

use testkit::{Portal, Request, Tenant, json, samples};
use web::Guard;

/// What stands where a number or token should.
const PARTS: [&str; 12] =
    ["x", "~", "~2", "~2F", "~ff~fe", "..", "%00", "%ff", "%2F%2e%2e", "a:b:c", "RE1:cancel", "%F0%9F%92%A9"];
/// What stands after the question mark.
const QUERIES: [&str; 9] = [
    "",
    "?",
    "?after=x",
    "?limit=-1",
    "?limit=99999999999",
    "?after=%ff",
    "?filter=x&year=x&number=%00",
    "?number=1&number=2",
    "?month=2026-99",
];

async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    // The payment provider knows the tenant.
    tenant.sandbox_secret().await;
    (portal, tenant)
}

async fn routes() -> Vec<web::Route> {
    let tables = local::functions::tables().await.unwrap();
    tables.iter().flat_map(|(_, routes)| routes.list().to_vec()).collect()
}

fn with_part(route: &str, part: &str) -> String {
    [
        "{number}",
        "{subscription}",
        "{token}",
        "{type}",
        "{id}",
        "{part}",
        "{slug}",
        "{file}",
        "{provider}",
        "{reference}",
        "{deposit}",
        "{kind}",
        "{language}",
        "{rev}",
    ]
    .iter()
    .fold(route.replace("{tenant}", "webhosting-ag"), |path, name| path.replace(name, part))
}

/// A request at the sandbox provider, as its pages and its merchants send it.
async fn at_provider(tenant: &Tenant, method: &str, path: &str) -> Request {
    let bearer = format!("Bearer {}", tenant.sandbox_secret().await);
    let origin = tenant.portal().provider.url();
    Request::new(method, "localhost:9000", path).header("authorization", &bearer).header("origin", origin)
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = "[".repeat(20_000);
    vec![
        ("application/json", b"".to_vec()),
        ("application/json", b"null".to_vec()),
        ("application/json", b"[]".to_vec()),
        ("application/json", b"{\"a\": \xff}".to_vec()),
        ("application/json", deep.into_bytes()),
        ("application/json", json!({ "number": 1e308, "amount": { "amount": "99999999999999999999", "currency": "EUR" }, "date": "2026-02-30" }).to_string().into_bytes()),
        ("application/json", json!({ "lines": [null], "taxes": [{}], "buyer": [], "reference": "\u{0}", "label": "x", "name": "\u{202e}" }).to_string().into_bytes()),
        ("application/x-www-form-urlencoded", b"email=%ff%00&code=%&customer[]=1&language=".to_vec()),
        ("application/x-ndjson", b"{\n\xff\n[]\n\"\"\n{\"number\":{}}".to_vec()),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ("application/pdf", b"%PDF-1.7\n%%EOF".to_vec()),
        ("", b"\0\0\0".to_vec()),
    ]
}

#[tokio::test]
async fn every_route_survives_strange_addresses() {
    let (portal, tenant) = house().await;
    let browser = tenant.login("k5003@example.org").await;
    for route in routes().await {
        let platform = matches!(route.guard, Guard::Platform);
        let long = "x".repeat(3_000);
        let parts = PARTS.iter().copied().chain([long.as_str()]);
        for part in parts.take(if route.path.contains('{') { usize::MAX } else { 1 }) {
            let queries = if part == "x" { &QUERIES[..] } else { &QUERIES[..1] };
            for query in queries {
                let path = format!("{}{query}", with_part(&route.path, part));
                let request = match route.guard {
                    Guard::Public | Guard::Embed | Guard::Customer { .. } => browser.request(route.method, &path),
                    _ if platform => portal.platform().request(route.method, &path),
                    Guard::SandboxPage | Guard::SandboxMerchant => at_provider(&tenant, route.method, &path).await,
                    _ => tenant.api.request(route.method, &path),
                };
                let answer = portal.ask(request).await;
                assert!(answer.code() < 500, "{}: {} {}", answer.what(), answer.code(), answer.html());
            }
        }
    }
}

#[tokio::test]
async fn every_route_survives_strange_bodies() {
    let (portal, tenant) = house().await;
    let browser = tenant.login("k5003@example.org").await;
    browser.get("/").await.status(200);
    for route in routes().await.iter().filter(|route| route.method != "GET" && route.path != "/logout") {
        let path = with_part(&route.path, if route.path.contains("invoices") { "RE1" } else { "K5003" });
        for (content_type, body) in bodies() {
            let request = match route.guard {
                Guard::Public | Guard::Embed | Guard::Customer { .. } => {
                    browser.request(route.method, &path).header("origin", &tenant.origin())
                }
                Guard::Platform => portal.platform().request(route.method, &path),
                Guard::Integrator { .. } => tenant.api.request(route.method, &path),
                Guard::Provider => Request::new(route.method, &tenant.host(), "/webhooks/sandbox"),
                Guard::SandboxPage | Guard::SandboxMerchant => at_provider(&tenant, route.method, &path).await,
            };
            let answer = portal.ask(request.body(content_type, body)).await;
            assert!(answer.code() < 500, "{} with {content_type}: {} {}", answer.what(), answer.code(), answer.html());
        }
    }
}

#[tokio::test]
async fn strange_hosts_and_headers_are_answered_quietly() {
    let (portal, tenant) = house().await;
    let host = tenant.host();
    for (name, value) in [
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-proto", "https,http"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-for", "<script>"),
        ("forwarded", "for=\"[::\""),
        ("cookie", "kk_session=; kk_seen=.; kk_flash=\u{e4}; ;;=="),
        ("cookie", "kk_session=a.b.c; kk_challenge=x; kk_device=.."),
        ("accept-language", "*;q=x,,de-AT-1996;q=0.999999999"),
        ("authorization", "Bearer "),
        ("authorization", "Bearer kk_local__"),
        ("if-match", "\"\""),
        ("accept-encoding", "gzip;q=nan,,"),
        ("content-type", "text/plain; charset=\""),
    ] {
        for path in ["/", "/login", "/invoices", "/api/v1/invoices", "/api/admin/v1/customers"] {
            let answer = portal.ask(Request::new("GET", &host, path).header(name, value)).await;
            assert!(answer.code() < 500, "{name}: {value} at {path}: {} {}", answer.code(), answer.html());
        }
    }
    for host in [
        "",
        "@",
        "a b",
        "webhosting-ag.localhost:99999999",
        "[::1",
        "webhosting-ag.localhost/x",
        "ä.example",
        "x".repeat(5_000).as_str(),
    ] {
        if let Ok(value) = host.parse::<http::HeaderValue>() {
            let answer = portal.ask(Request::new("GET", value.to_str().unwrap_or("x"), "/login")).await;
            assert!(answer.code() < 500, "{}: {}", &host[..host.len().min(30)], answer.code());
        }
    }
}

#[tokio::test]
async fn numbers_with_every_kind_of_letter_find_their_way_back() {
    let (portal, tenant) = house().await;
    for number in ["RE 2026/11", "RÄ-1", "a?b#c", "50%", "x:y", "~tilde", "...", "Re.1_2-3", "中文"] {
        let slug: String = number
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
                    char::from(byte).to_string()
                } else {
                    format!("~{byte:02X}")
                }
            })
            .collect();
        let made = tenant.api.put(&format!("/invoices/{slug}"), &samples::invoice("K5003")).await;
        assert_eq!(made.status(201).json()["number"], number);
        let browser = tenant.login("k5003@example.org").await;
        browser.get(&format!("/invoices/{slug}")).await.status(200).shows(number);
        let list = browser.get("/invoices").await.status(200).shows(number);
        assert!(list.html().contains(&format!("/invoices/{slug}\"")), "{number}: {}", list.html());
        portal.clock.advance(testkit::hours(1));
    }
    for dots in [".", ".."] {
        let result =
            tenant.api.import("/invoices:import", &samples::line(dots, samples::invoice("K5003"))).await.json();
        assert_eq!(result["failed"], 1, "no address can carry {dots}: {result}");
    }
}
