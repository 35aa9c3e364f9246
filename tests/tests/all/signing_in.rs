//! Signing in: each danger is one test that says status, code, body and how many items were stored.

use std::net::{IpAddr, Ipv4Addr};

use testkit::{Api, Portal, Request, hours, json, minutes, seconds};

/// The n-th client of an attacker who has many.
fn client(n: usize) -> IpAddr {
    let [.., high, low] = n.to_be_bytes();
    Ipv4Addr::new(198, 18, high, low).into()
}

/// Tries a code as a program from the n-th client.
fn guess(program: &Api, challenge: &str, code: &str, n: usize) -> Request {
    let body = json!({ "challenge": challenge, "code": code });
    program.request("POST", "/api/v1/auth/otp/verify").json(&body).from(client(n))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_wrong_codes_let_nobody_in() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let own_browser = tine.login().await;
    own_browser.get("/").await.status(200);
    own_browser.post("/logout", &[]).await.redirects("/login");
    let program = Api::new(&portal, &tenant.host(), "");
    let (mut compared, mut tried_out) = (0, String::new());
    for round in 0..20 {
        if round % 10 == 9 {
            portal.clock.advance(hours(1));
        }
        let sent = program.post("/api/v1/auth/otp", &json!({ "email": tine.email() })).await.status(202).json();
        let challenge = sent["challenge"].as_str().unwrap().to_owned();
        let right = portal.mailbox.code_to(tine.email());
        assert_eq!(right.len(), if compared < 10 { 6 } else { 10 }, "after {compared} failures");
        for _ in 0..5 {
            let wrong = if right.starts_with('0') { "999999" } else { "000000" };
            let answer = portal.ask(guess(&program, &challenge, wrong, compared)).await;
            answer.status(422).problem("invalid").names(&["code"]);
            compared += 1;
        }
        let answer = portal.ask(guess(&program, &challenge, &right, compared)).await;
        answer.status(422).problem("invalid").names(&["challenge"]);
        tried_out = challenge;
    }
    portal.clock.advance(hours(1));
    let sent = program.post("/api/v1/auth/otp", &json!({ "email": tine.email() })).await.status(202).json();
    let challenge = sent["challenge"].as_str().unwrap().to_owned();
    let (items, counters) = (portal.items(), portal.items_like("#RATE#"));
    // A hundred clients more: every tenth guess is for the code that waits, the others for codes long tried out.
    let attackers = (0..4).map(|attacker| {
        let (portal, program) = (portal.clone(), program.clone());
        let (waiting, tried_out) = (challenge.clone(), tried_out.clone());
        tokio::spawn(async move {
            for n in 0..2_475 {
                let (challenge, status, code) =
                    if n % 10 == 0 { (&waiting, 429, "too_many_requests") } else { (&tried_out, 422, "invalid") };
                let from = 1_000 + attacker * 25 + n / 99;
                let answer = portal.ask(guess(&program, challenge, &format!("{n:06}"), from)).await;
                answer.status(status).problem(code);
            }
        })
    });
    for attacker in futures_util::future::join_all(attackers).await {
        attacker.unwrap();
        compared += 2_475;
    }
    assert_eq!(compared, 10_000);
    let answer = portal.ask(guess(&program, &challenge, &portal.mailbox.code_to(tine.email()), 9_000)).await;
    let answer = answer.status(429).problem("too_many_requests");
    assert!(!answer.header("retry-after").is_empty(), "{}", answer.html());
    assert_eq!(portal.items_like("SESS#"), 0, "nobody is in");
    let new_counters = portal.items_like("#RATE#") - counters;
    assert_eq!(new_counters, 101, "one for each of the attacker's clients");
    assert_eq!(portal.items() - items, new_counters, "and nothing else was stored");
    // The browser that once signed in is not locked out by any of this.
    own_browser.sign_in(tine.email()).await.redirects("/");
    own_browser.get("/").await.status(200).shows("K5003");
}

#[tokio::test]
async fn another_code_before_sixty_seconds_is_refused() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let program = Api::new(&portal, &tenant.host(), "");
    let sent = program.post("/api/v1/auth/otp", &json!({ "email": tine.email() })).await.status(202).json();
    assert_eq!(sent["resend_at"], "2026-11-22T09:01:00Z");
    let again = json!({ "challenge": sent["challenge"] });
    let browser = tenant.browser();
    browser.ask_for_code(tine.email()).await.redirects("/login/code");
    let (items, mails) = (portal.items(), portal.mailbox.count());

    let refused = program.post("/api/v1/auth/otp/resend", &again).await.status(429).problem("too_many_requests");
    refused.has("retry-after", "60");
    browser.post("/login/resend", &[]).await.status(429).shows("10:01:00");
    portal.clock.advance(seconds(59));
    let refused = program.post("/api/v1/auth/otp/resend", &again).await.status(429).problem("too_many_requests");
    refused.has("retry-after", "1");
    assert_eq!((portal.items(), portal.mailbox.count()), (items, mails), "nothing was stored or sent");

    portal.clock.advance(seconds(1));
    program.post("/api/v1/auth/otp/resend", &again).await.status(202);
    browser.post("/login/resend", &[]).await.redirects("/login/code");
    assert_eq!((portal.items(), portal.mailbox.count()), (items, mails + 2), "the challenges were only renewed");
}

#[tokio::test]
async fn an_expired_code_signs_nobody_in() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let program = Api::new(&portal, &tenant.host(), "");
    let browser = tenant.browser();
    browser.ask_for_code(tine.email()).await.redirects("/login/code");
    let sent = program.post("/api/v1/auth/otp", &json!({ "email": tine.email() })).await.status(202).json();
    let code = portal.mailbox.code_to(tine.email());
    let items = portal.items();

    portal.clock.advance(minutes(10));
    let body = json!({ "challenge": sent["challenge"], "code": code });
    program.post("/api/v1/auth/otp/verify", &body).await.status(422).problem("invalid").names(&["challenge"]);
    browser.type_code(&code).await.redirects("/login");
    assert_eq!(portal.items_like("SESS#"), 0);
    assert_eq!(portal.items() - items, portal.items_like("#RATE#otp-try-client"), "only the try was counted");
}

#[tokio::test]
async fn a_code_is_good_in_its_last_second() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let browser = tenant.browser();
    browser.ask_for_code(tine.email()).await.redirects("/login/code");
    portal.clock.advance(seconds(599));
    browser.type_code(&portal.mailbox.code_to(tine.email())).await.redirects("/");
    browser.get("/").await.status(200).shows("Sie sind erfolgreich angemeldet.");
}

#[tokio::test]
async fn an_unknown_address_cannot_be_told_from_a_known_one() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let stranger = tine.email().replace("k5003", "k9999");
    let program = Api::new(&portal, &tenant.host(), "");
    let other = tenant.customer("K5004", |_| {}).await;
    for email in [other.email(), "nobody@example.org", "nobody@example.org"] {
        // The tenant's own counters are there from now on, the one of mails that were not sent too.
        tenant.browser().from(client(9)).ask_for_code(email).await.redirects("/login/code");
    }
    let mut seen = Vec::new();
    for (n, email) in [tine.email(), stranger.as_str()].into_iter().enumerate() {
        let browser = tenant.browser().from(client(n));
        let items = portal.items();
        let sent = browser.ask_for_code(email).await.redirects("/login/code");
        let page = browser.get("/login/code").await.status(200);
        let wrong = browser.type_code("000000").await.status(422);
        let pages =
            [&sent, &page, &wrong].map(|answer| (answer.comparable().replace(email, "[email]"), answer.store_calls()));
        let stored = portal.items() - items;
        let request = program.request("POST", "/api/v1/auth/otp").json(&json!({ "email": email })).from(client(n + 2));
        let sent = portal.ask(request).await.status(202);
        let challenge = sent.json()["challenge"].as_str().unwrap().to_owned();
        let told = (sent.comparable().replace(&challenge, "[challenge]"), sent.store_calls(), portal.items() - items);
        seen.push((pages, stored, told));
    }
    assert_eq!(seen[0], seen[1]);
    let mail = portal.mailbox.last_to(&stranger);
    assert_eq!(testkit::code_in(&mail), None, "{:?}", mail.text);
    assert_eq!(portal.mailbox.all_to(&stranger).len(), 1, "at most one mail a day");
    assert_eq!(portal.mailbox.all_to(tine.email()).len(), 2);
}

#[tokio::test]
async fn a_shared_address_leads_to_a_choice_and_each_choice_signs_in_once() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let shared = "office@example.org";
    tenant.customer("K1", |c| c["email"] = shared.into()).await;
    portal.clock.advance(minutes(1));
    tenant.customer("K2", |c| c["email"] = shared.into()).await;
    let browser = tenant.browser();
    browser.ask_for_code(shared).await.redirects("/login/code");
    let challenge = browser.cookie("kk_challenge").unwrap();
    browser.type_code(&portal.mailbox.code_to(shared)).await.redirects("/login/choose");
    let page = browser.get("/login/choose").await.status(200).shows("K1").shows("K2").shows("Firma K1");
    assert!(page.text().find("K2") < page.text().find("K1"), "newest first: {}", page.text());
    browser.post("/login/choose", &[("customer", "K3")]).await.status(422).shows("K1");
    let items = portal.items();

    browser.post("/login/choose", &[("customer", "K1")]).await.redirects("/");
    assert_eq!(portal.items() - items, 2, "a session and its event");
    browser.get("/").await.status(200).shows("K1").hides("K2");
    let second = tenant.browser();
    second.set_cookie("kk_challenge", &challenge);
    second.post("/login/choose", &[("customer", "K2")]).await.redirects("/login");
    assert_eq!(portal.items() - items, 2, "a choice is made once");
}

#[tokio::test]
async fn a_choice_that_is_none_is_named() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let shared = "office@example.org";
    for number in ["K1", "K2"] {
        tenant.customer(number, |c| c["email"] = shared.into()).await;
    }
    let program = Api::new(&portal, &tenant.host(), "");
    let sent = program.post("/api/v1/auth/otp", &json!({ "email": shared })).await.status(202).json();
    let body = json!({ "challenge": sent["challenge"], "code": portal.mailbox.code_to(shared) });
    let choices = program.post("/api/v1/auth/otp/verify", &body).await.status(200).json();
    let choose = |customer: &str| json!({ "choice_token": choices["choice_token"], "customer": customer });
    let refused = program.post("/api/v1/auth/otp/choose", &choose("K3")).await;
    refused.status(422).problem("invalid").names(&["customer"]);
    program.post("/api/v1/auth/otp/choose", &choose("K2")).await.status(200);
}

#[tokio::test]
async fn a_shared_address_signs_the_newest_in_where_the_tenant_says_so() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.settings("login", &json!({ "shared_email": "newest" })).await;
    let shared = "office@example.org";
    tenant.customer("K1", |c| c["email"] = shared.into()).await;
    portal.clock.advance(minutes(1));
    tenant.customer("K2", |c| c["email"] = shared.into()).await;
    let browser = tenant.browser();
    browser.ask_for_code(shared).await.redirects("/login/code");
    let items = portal.items();
    browser.type_code(&portal.mailbox.code_to(shared)).await.redirects("/");
    let counted = portal.items_like("#RATE#otp-try-client");
    assert_eq!(portal.items() - items, 2 + counted, "a session, its event and the counted try");
    browser.get("/").await.status(200).shows("K2");
}
