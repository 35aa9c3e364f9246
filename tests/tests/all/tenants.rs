//! Tenants: a third one from an empty start, its sandbox, its own domain, and hosts that nobody may have.

use testkit::{Portal, json, minutes, samples};

#[tokio::test]
async fn a_third_tenant_works_at_its_own_host_at_once() {
    let portal = Portal::start().await;
    for slug in ["webhosting-ag", "stadtwerke-muster"] {
        portal.tenant(slug).await;
    }
    let tenant = portal.bare_tenant("agentur-neu").await;
    tenant.settings("company", &samples::company("agentur-neu")).await;
    tenant.settings("portal", &json!({ "name": "Agentur Neu & Söhne" })).await;
    let before = tenant.browser().get("/login").await.status(200);
    tenant.settings("branding", &json!({ "accent": "#a30059" })).await;
    let logo = include_bytes!("../../../infra/local/demo/stadtwerke-muster/logo.png");
    let put = tenant.api.request("PUT", "/settings/branding/logo").body("image/png", &logo[..]);
    assert!(portal.ask(put).await.code() < 300);
    let texts = json!({
        "welcome": { "format": "markdown", "de": "**Neu** hier?", "en": "**New** here?" },
        "footer": { "format": "markdown", "de": "Fuß der Agentur", "en": "The agency's foot" },
        "imprint": { "format": "html", "de": "<h2>Impressum der Agentur</h2><script>alert(1)</script>", "en": "<p>Imprint</p>" },
    });
    tenant.put("/settings/texts", &texts).await;
    let page = tenant
        .browser()
        .get("/login")
        .await
        .status(200)
        .shows("Neu hier?")
        .shows("Fuß der Agentur")
        .shows("Agentur Neu & Söhne");
    let theme = |page: &testkit::Answer| {
        page.html().split("/assets/theme").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_ne!(theme(&before), theme(&page), "the colours are new");
    let logo = page.html().split("<img src=\"").nth(1).expect("a logo").split('"').next().unwrap().to_owned();
    tenant.browser().get(&logo).await.status(200);
    tenant.browser().get("/imprint").await.status(200).shows("Impressum der Agentur").hides("alert(1)");
    let tine = tenant.customer("K1", |_| {}).await;
    tine.contract("V1", |_| {}).await;
    tine.invoice("R1", |_| {}).await;
    let browser = tine.login().await;
    for (path, words) in
        [("/", "K1"), ("/data", "Rosahausen"), ("/contracts", "V1"), ("/invoices", "R1"), ("/invoices/R1", "119,00 €")]
    {
        browser.get(path).await.status(200).shows(words).shows("Agentur Neu & Söhne");
    }
    let mail = portal.mailbox.last_to(tine.email());
    assert!(mail.from.contains("Agentur Neu") && mail.html.unwrap_or_default().contains("Agentur Neu &amp; Söhne"));
}

#[tokio::test]
async fn nothing_of_a_tenant_works_at_another_host() {
    let portal = Portal::start().await;
    let (mine, other) = (portal.tenant("agentur-neu").await, portal.tenant("webhosting-ag").await);
    let tine = mine.customer("K1", |_| {}).await;
    let tom = other.customer("K1", |_| {}).await;
    for n in 0..60 {
        tine.invoice(&format!("R{n}"), |_| {}).await;
        tom.invoice(&format!("R{n}"), |_| {}).await;
        tine.contract(&format!("V{n}"), |_| {}).await;
    }
    let sandbox = mine.sandbox().await;
    let (browser, toms) = (tine.login().await, tom.login().await);
    let program = tine.token().await;
    for host in [other.host(), sandbox.host()] {
        browser.carried_to(&host).get("/invoices").await.redirects("/login?return_to=%2Finvoices");
        program.at(&host).get("/api/v1/invoices").await.status(401).problem("login_needed");
        mine.api.at(&host).get("/invoices/R1").await.status(401).problem("login_needed");
    }
    // Cursors are good for the session and list they were made for.
    let next = program.get("/api/v1/invoices?limit=2").await.status(200).json()["next"].as_str().unwrap().to_owned();
    program.get(&format!("/api/v1/invoices?limit=2&after={next}")).await.status(200);
    let toms_program = tom.token().await;
    let elsewhere = toms_program.get(&format!("/api/v1/invoices?limit=2&after={next}")).await;
    elsewhere.status(400).problem("malformed").names(&["after"]);
    let other_session = tine.token().await;
    other_session.get(&format!("/api/v1/invoices?after={next}")).await.status(400);
    program.get(&format!("/api/v1/invoices?filter=open&after={next}")).await.status(400);
    toms.get(&format!("/invoices?after={next}")).await.status(400);
    let customers = mine.api.get("/customers?limit=1").await.json();
    assert_eq!(customers["items"][0]["number"], "K1");
    sandbox.api.get("/invoices/R1").await.status(404).problem("not_found");
}

#[tokio::test]
async fn a_sandbox_shows_its_banner_and_none_of_the_tenants_data() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let sandbox = tenant.sandbox().await;
    assert_eq!(sandbox.host(), "webhosting-ag.sandbox.localhost:9000");
    let banner = "Testumgebung – keine echten Rechnungen und Zahlungen";
    tenant.browser().get("/login").await.status(200).hides(banner);
    sandbox.browser().get("/login").await.status(200).shows(banner);
    let browser = sandbox.browser();
    browser.ask_for_code("k5003@example.org").await.redirects("/login/code");
    assert_eq!(
        testkit::code_in(&portal.mailbox.last_to("k5003@example.org")),
        None,
        "nobody of the tenant is known there"
    );
    sandbox.api.get("/customers/K5003").await.status(404).problem("not_found");
    let listed = sandbox.api.get("/customers").await.status(200).json();
    assert_eq!(listed["items"], json!([]));
    let tine = sandbox.customer("S1", |_| {}).await;
    let browser = tine.login().await;
    for path in ["/", "/data", "/contracts", "/invoices", "/nowhere"] {
        browser.get(path).await.shows(banner);
    }
    assert!(portal.mailbox.last_to(tine.email()).text.unwrap_or_default().contains(banner), "mails say it too");
    tenant.api.get("/customers/S1").await.status(404);
}

#[tokio::test]
async fn an_own_domain_serves_the_tenant_until_it_is_given_up() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let other = portal.tenant("stadtwerke-muster").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let named = |domains: &[&str]| json!({ "name": "Webhosting Ag", "domains": domains });
    let shown = portal.platform().put("/tenants/webhosting-ag", &named(&["kunden.example"])).await.status(200).json();
    assert_eq!(shown["origins"].as_array().unwrap().len(), 2, "{shown}");
    let browser = tenant.browser().carried_to("kunden.example");
    browser.get("/login").await.status(200).shows("Webhosting Ag");
    let upper = tenant.browser().carried_to("KUNDEN.example.");
    upper.get("/login").await.status(200).shows("Webhosting Ag");
    tine.login().await.get("/").await.status(200);
    let taken = portal
        .platform()
        .put("/tenants/stadtwerke-muster", &json!({ "name": "S", "domains": ["kunden.example"] }))
        .await;
    taken.status(409).problem("conflict").names(&["domains"]);
    for wrong in ["Kunden.example", "kunden", "kunden.example:80", "-a.example", "a..example", ""] {
        let refused = portal.platform().put("/tenants/webhosting-ag", &named(&[wrong])).await;
        refused.status(422).problem("invalid").names(&["domains[0]"]);
    }
    let neutral = other.host().replace(":9000", "");
    for ours in [neutral.as_str(), "x.sandbox.localhost"] {
        let refused = portal.platform().put("/tenants/webhosting-ag", &named(&[ours])).await;
        refused.status(422).problem("invalid").names(&["domains[0]"]);
    }
    let twice = portal.platform().put("/tenants/webhosting-ag", &named(&["b.example", "b.example"])).await;
    twice.status(422).problem("invalid").names(&["domains[1]"]);
    other.browser().get("/login").await.status(200).shows("Stadtwerke Muster");
    portal.platform().put("/tenants/webhosting-ag", &named(&[])).await.status(200);
    tenant.browser().carried_to("kunden.example").get("/login").await.status(404).problem("not_found");
}

#[tokio::test]
async fn reserved_and_impossible_names_become_no_tenants() {
    let portal = Portal::start().await;
    let items = portal.items();
    for slug in ["www", "api", "admin", "sandbox", "login", "ab", "-abc", "abc-", "Abc", "a.b.c", "a_b_c", "x~y"] {
        let answer = portal.platform().put(&format!("/tenants/{slug}"), &json!({ "name": "X" })).await;
        assert!(matches!(answer.code(), 404 | 422), "{slug}: {}", answer.code());
    }
    for name in ["", "   ", "a\nb"] {
        portal.platform().put("/tenants/agentur-neu", &json!({ "name": name })).await.status(422).names(&["name"]);
    }
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn setting_a_tenant_up_again_changes_nothing() {
    let portal = Portal::start().await;
    let first = portal.platform().put("/tenants/agentur-neu", &json!({ "name": "A" })).await.status(201).json();
    let items = portal.items();
    let again = portal.platform().put("/tenants/agentur-neu", &json!({ "name": "A" })).await.status(200).json();
    assert_eq!((first, portal.items()), (again, items));
    let listed = portal.platform().get("/tenants").await.status(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "with its sandbox: {listed}");
}

#[tokio::test]
async fn the_platforms_host_has_nothing_but_the_platforms_api() {
    let portal = Portal::start().await;
    portal.tenant("webhosting-ag").await;
    portal.platform().at("localhost:9000").get("/api/openapi.json").await.status(200);
    let health = portal.ask(testkit::Request::new("GET", "localhost:9000", "/healthz")).await;
    health.status(200);
    for path in ["/", "/login", "/invoices", "/api/v1/invoices", "/api/admin/v1/customers", "/assets/theme.css"] {
        let answer = portal.ask(testkit::Request::new("GET", "localhost:9000", path)).await;
        assert_eq!(answer.code(), 404, "{path}: {}", answer.html());
    }
}

#[tokio::test]
async fn a_domain_and_settings_that_change_at_once_are_both_there() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    for round in 0..8 {
        let (name, domain) = (format!("Name {round}"), format!("d{round}.example"));
        let (hosts, settings) = (json!({ "name": "W", "domains": [domain] }), json!({ "name": name }));
        let areas = json!({ "data": "view", "contact": if round % 2 == 0 { "off" } else { "view" } });
        let platform = portal.platform();
        let (hosts, settings, areas) = futures_util::future::join3(
            platform.put("/tenants/webhosting-ag", &hosts),
            tenant.api.put("/settings/portal", &settings),
            tenant.api.put("/settings/areas", &areas),
        )
        .await;
        for answer in [hosts, settings, areas] {
            answer.status(200);
        }
        portal.clock.advance(testkit::minutes(2));
        for host in [tenant.host(), domain] {
            tenant.browser().carried_to(&host).get("/login").await.status(200).shows(&name);
        }
    }
}

#[tokio::test]
async fn a_contact_person_saved_twice_at_once_is_no_conflict() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let save = |n: usize| {
        let api = tenant.api.clone();
        async move { api.put("/contacts/petersen", &json!({ "name": format!("Frau {n}") })).await.code() }
    };
    let codes = futures_util::future::join_all((0..4).map(save)).await;
    assert!(codes.iter().all(|code| matches!(code, 200 | 201)), "{codes:?}");
    let etag = tenant.api.get("/contacts/petersen").await.header("etag").to_owned();
    let stale = tenant.api.request("PUT", "/contacts/petersen").header("if-match", "\"1\"");
    portal.ask(stale.json(&json!({ "name": "X" }))).await.status(412).problem("stale");
    let current = tenant.api.request("PUT", "/contacts/petersen").header("if-match", &etag);
    portal.ask(current.json(&json!({ "name": "X" }))).await.status(200);
}

#[tokio::test]
async fn in_a_sandbox_stage_every_tenant_is_a_sandbox_and_none_has_one() {
    let portal = Portal::of_stage("sandbox").await;
    let tenant = portal.tenant("webhosting-ag").await;
    let banner = "Testumgebung – keine echten Rechnungen und Zahlungen";
    tenant.browser().get("/login").await.status(200).shows(banner);
    for stage in ["sandbox", "prod"] {
        let portal = Portal::of_stage(stage).await;
        let made = portal.platform().put("/tenants/agentur-neu", &json!({ "name": "A" })).await.status(201).json();
        assert_eq!(made["sandbox"], json!(null), "{stage}");
        let listed = portal.platform().get("/tenants").await.status(200).json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{stage}: {listed}");
        let refused = portal.platform().put("/tenants/agentur-neu~sandbox", &json!({ "name": "A" })).await;
        refused.status(422).problem("invalid").names(&["slug"]);
        let shows = tenant_of(&portal).await.browser().get("/login").await.status(200).text().contains(banner);
        assert_eq!(shows, stage == "sandbox", "{stage}");
    }
}

#[tokio::test]
async fn a_test_environment_writes_only_to_those_on_its_list() {
    let portal = Portal::of_stage("sandbox").await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let email = "k5003@example.org";
    tenant.browser().ask_for_code(email).await.status(303);
    assert_eq!(portal.mailbox.all_to(email).len(), 0);
    for wrong in ["*", "example.org"] {
        let refused = tenant.api.put("/settings/mails", &json!({ "sandbox_recipients": [wrong] })).await;
        refused.status(422).problem("invalid").names(&["sandbox_recipients"]);
    }
    for listed in [email, "@example.org"] {
        tenant.settings("mails", &json!({ "sandbox_recipients": [listed] })).await;
        // What a host's settings say is believed for a minute, and codes come a minute apart.
        portal.clock.advance(minutes(2));
        tenant.browser().ask_for_code(email).await.status(303);
    }
    assert_eq!(portal.mailbox.all_to(email).len(), 2);
    tenant.settings("mails", &json!({ "sandbox_recipients": ["@other.example"] })).await;
    portal.clock.advance(minutes(2));
    tenant.browser().ask_for_code(email).await.status(303);
    assert_eq!(portal.mailbox.all_to(email).len(), 2);
}

async fn tenant_of(portal: &Portal) -> testkit::Tenant {
    portal.existing_tenant("agentur-neu").await
}

#[tokio::test]
async fn a_platform_key_made_by_the_command_opens_the_platform() {
    let portal = Portal::start().await;
    let (key, item) = local::platform_key::fresh("local").unwrap();
    let platform = portal.platform().with_token(&key);
    platform.get("/tenants").await.status(401);
    portal.cloud().dynamo().put(&item).unwrap();
    platform.get("/tenants").await.status(200);
    assert!(!item.to_string().contains(key.rsplit('_').next().unwrap()), "only its hash is kept");
}

#[tokio::test]
async fn a_key_gives_no_more_than_it_has() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let narrow = tenant.key(&["settings"]).await;
    for scopes in [json!(["write"]), json!(["settings", "read"])] {
        let refused = narrow.post("/keys", &json!({ "label": "more", "scopes": scopes })).await;
        refused.status(422).problem("invalid").names(&["scopes"]);
    }
    let made = narrow.post("/keys", &json!({ "label": "all" })).await.status(201).json();
    assert_eq!(made["scopes"], json!(["settings"]));
    narrow.with_token(made["key"].as_str().unwrap()).get("/customers").await.status(403);
}
