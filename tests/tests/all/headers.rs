//! Headers: every route × status says what a browser may do with the answer, each header once.

use testkit::{Answer, Portal, Request, hours, json, minutes};
use web::Guard;

/// What every answer says.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-robots-tag", "noindex"),
];

#[track_caller]
fn check(answer: &Answer) {
    check_on(answer, "'none'");
}

/// The same of one that may stand in frames on these pages.
#[track_caller]
fn check_on(answer: &Answer, ancestors: &str) {
    let what = format!("{} ({})", answer.what(), answer.code());
    for (name, value) in ALWAYS {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    let csp = answer.header("content-security-policy");
    for part in ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"] {
        assert!(csp.contains(part), "{what}: {csp}");
    }
    assert!(csp.ends_with(&format!("; frame-ancestors {ancestors}")), "{what}: {csp}");
    assert_eq!(answer.header("x-frame-options"), "", "{what}: it knows no list");
    assert!(!csp.contains("unsafe"), "{what}: {csp}");
    // The test's portal speaks http.
    assert_eq!(answer.header("strict-transport-security"), "", "{what}");
    assert!(answer.header("x-request-id").starts_with("req_"), "{what}");
    let kept = answer.header("cache-control");
    let is_asset = answer.what().contains("/assets/") && answer.code() == 200;
    assert_eq!(kept == "no-store", !is_asset, "{what}: {kept}");
    for name in answer.headers().keys().filter(|name| *name != "set-cookie") {
        assert_eq!(answer.headers().get_all(name).iter().count(), 1, "{what}: {name}");
    }
    for leak in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert_eq!(answer.header(leak), "", "{what}: {leak}");
    }
}

async fn routes() -> Vec<web::Route> {
    let tables = local::functions::tables().await.unwrap();
    tables.iter().flat_map(|(_, routes)| routes.list().to_vec()).collect()
}

fn filled(path: &str) -> String {
    [
        ("{number}", "RE1"),
        ("{subscription}", "V1"),
        ("{token}", "x"),
        ("{type}", "invoice"),
        ("{id}", "key_x"),
        ("{part}", "1"),
        ("{slug}", "webhosting-ag"),
        ("{file}", "theme.css"),
        ("{tenant}", "webhosting-ag"),
        ("{provider}", "sandbox"),
        ("{reference}", "x"),
    ]
    .iter()
    .fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

#[tokio::test]
async fn every_route_answers_with_its_headers_whatever_the_status() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    let (browser, nobody) = (tine.login().await, tenant.browser());
    browser.get("/").await.status(200);
    let mut seen = std::collections::BTreeSet::new();
    for route in routes().await {
        let path = filled(&route.path);
        let mut answers = vec![];
        for (host, token) in [
            (tenant.host(), tenant.api.token()),
            (tenant.host(), ""),
            ("localhost:9000".to_owned(), portal.platform().token()),
        ] {
            for body in ["{}", "rubbish"] {
                let request =
                    Request::new(route.method, &host, &path).header("authorization", &format!("Bearer {token}"));
                let request = if route.method == "GET" { request } else { request.body("application/json", body) };
                answers.push(portal.ask(request).await);
            }
        }
        if !matches!(route.guard, Guard::Integrator { .. } | Guard::Platform) && route.path != "/logout" {
            answers.push(portal.ask(browser.request(route.method, &path)).await);
            answers.push(portal.ask(nobody.request(route.method, &path).form(&[])).await);
        }
        answers.push(portal.ask(Request::new("TRACE", &tenant.host(), &path)).await);
        answers.push(portal.ask(Request::new("PUT", "evil.example", &path)).await);
        for answer in &answers {
            check(answer);
            seen.insert(answer.code());
        }
    }
    for status in [200, 303, 400, 401, 403, 404, 405, 415, 422] {
        assert!(seen.contains(&status), "no answer had {status}: {seen:?}");
    }
}

#[tokio::test]
async fn rarer_answers_have_their_headers_too() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let link = tine.link().await;
    let path = format!("/link/{}", link["url"].as_str().unwrap().rsplit('/').next().unwrap());
    portal.clock.advance(hours(25));
    check(&tenant.browser().get(&path).await.status(410));
    let browser = tenant.browser();
    browser.ask_for_code(tine.email()).await.redirects("/login/code");
    check(&browser.post("/login/resend", &[]).await.status(429));
    check(&tenant.api.import("/customers:import", &" ".repeat(4 * 1024 * 1024 + 1)).await.status(413));
    tine.invoice("RE1", |_| {}).await;
    check(&tine.invoice_again("RE1", "handle").await.status(409));
    check(&browser.get("/nowhere/at/all").await.status(404));
}

#[tokio::test]
async fn a_page_in_a_frame_has_every_other_header_too() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    tenant.settings("embed", &json!({ "origins": ["https://shop.example"] })).await.status(200);
    // A host is believed for a minute.
    portal.clock.advance(minutes(2));
    let browser = tenant.login("k5003@example.org").await;
    check_on(&browser.get("/data").await.status(200), "https://shop.example");
    check_on(&browser.in_frame().get("/data").await.status(401), "https://shop.example");
    check(&browser.get("/settle").await.status(200));
    check(&tenant.browser().in_frame().get("/login").await.status(200));
}

#[tokio::test]
async fn what_is_large_is_packed_where_the_browser_reads_it() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let plain = tenant.browser().get("/login").await.status(200).has("vary", "accept-encoding");
    assert_eq!(plain.header("content-encoding"), "");
    let asked = tenant.browser().request("GET", "/login").header("accept-encoding", "br, gzip;q=0.5");
    let packed = portal.ask(asked).await.status(200).has("content-encoding", "gzip").has("vary", "accept-encoding");
    assert!(packed.bytes().len() * 2 < plain.bytes().len());
    check(&packed);
    let refused = tenant.browser().request("GET", "/login").header("accept-encoding", "gzip;q=0");
    portal.ask(refused).await.status(200).has("content-encoding", "");
}

#[tokio::test]
async fn a_head_request_or_a_strange_method_breaks_nothing() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    for method in ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "DELETE"] {
        let answer = portal.ask(Request::new(method, &tenant.host(), "/login")).await;
        assert!(matches!(answer.code(), 200 | 204 | 405), "{method}: {}", answer.code());
        check(&answer);
    }
    let answer = tenant.api.post("/customers/K1", &json!({})).await;
    check(&answer.status(405).problem("method_not_allowed"));
}

#[tokio::test]
async fn a_logo_may_be_shown_in_a_mail_on_another_page() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let logo: &[u8] = include_bytes!("../../../infra/local/demo/webhosting-ag/logo.png");
    let upload = tenant.api.request("PUT", "/settings/branding/logo").body("image/png", logo);
    portal.ask(upload).await.status(204);
    let page = tenant.browser().get("/login").await.html();
    let file = page.split("/assets/logo-").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let logo = tenant.browser().get(&format!("/assets/logo-{file}")).await.status(200);
    assert_eq!(logo.header("cross-origin-resource-policy"), "cross-origin");
}

#[tokio::test]
async fn what_the_gateway_refuses_by_itself_has_its_headers() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let large = tenant.api.import("/customers:import", &" ".repeat(11 * 1024 * 1024)).await.status(413);
    for (name, value) in web::SECURITY_HEADERS {
        assert_eq!(large.header(name), value, "{name}");
    }
    assert!(!large.header("x-request-id").is_empty());
}
