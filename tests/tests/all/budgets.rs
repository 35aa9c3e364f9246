//! Codes cannot be guessed: every counter at its limit − 1, at its limit and beyond it.

use std::net::{IpAddr, Ipv4Addr};

use domain::otp;
use testkit::{Answer, Api, Portal, Tenant, hours, json, minutes, seconds};

fn client(n: u32) -> IpAddr {
    Ipv4Addr::from(0xC612_0000 + n).into()
}

async fn portal_with_tine() -> (Portal, Tenant, Api) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let program = Api::new(&portal, &tenant.host(), "");
    (portal, tenant, program)
}

const TINE: &str = "k5003@example.org";

async fn ask(portal: &Portal, program: &Api, email: &str, from: u32) -> Answer {
    let request = program.request("POST", "/api/v1/auth/otp").json(&json!({ "email": email }));
    portal.ask(request.from(client(from))).await
}

async fn verify(portal: &Portal, program: &Api, challenge: &str, code: &str, from: u32) -> Answer {
    let body = json!({ "challenge": challenge, "code": code });
    portal.ask(program.request("POST", "/api/v1/auth/otp/verify").json(&body).from(client(from))).await
}

fn challenge(answer: Answer) -> String {
    answer.status(202).json()["challenge"].as_str().unwrap().to_owned()
}

/// So many wrong codes for the address, each compared.
async fn fail(portal: &Portal, program: &Api, times: u32) {
    let mut sent = String::new();
    for n in 0..times {
        if n % 45 == 0 {
            portal.clock.advance(hours(1));
        }
        if n % 5 == 0 {
            sent = challenge(ask(portal, program, TINE, 1_000 + n).await);
        }
        verify(portal, program, &sent, "0000000", 2_000 + n).await.status(422).problem("invalid").names(&["code"]);
    }
}

#[tokio::test]
async fn a_code_may_be_tried_five_times() {
    let (portal, _, program) = portal_with_tine().await;
    for (wrong, is_in) in
        [(otp::TRIES_PER_CODE - 1, true), (otp::TRIES_PER_CODE, false), (otp::TRIES_PER_CODE + 1, false)]
    {
        let sent = challenge(ask(&portal, &program, TINE, 0).await);
        let code = portal.mailbox.code_to(TINE);
        for _ in 0..wrong {
            verify(&portal, &program, &sent, "0000000", 0).await.status(422);
        }
        let answer = verify(&portal, &program, &sent, &code, 0).await;
        assert_eq!(answer.code() == 200, is_in, "after {wrong} wrong ones: {}", answer.html());
    }
}

#[tokio::test]
async fn the_page_says_how_many_tries_are_left() {
    let (_, tenant, _) = portal_with_tine().await;
    let browser = tenant.browser();
    browser.ask_for_code(TINE).await.redirects("/login/code");
    browser.type_code("12345").await.status(422);
    for left in ["noch 4 Versuche.", "noch 3 Versuche.", "noch 2 Versuche.", "noch 1 Versuch."] {
        browser.type_code("0000000").await.status(422).shows(left);
    }
    browser.type_code("0000000").await.status(422).shows("Dieser Anmeldecode gilt nicht mehr.");
}

#[tokio::test]
async fn ten_codes_an_hour_go_to_one_address() {
    let (portal, _, program) = portal_with_tine().await;
    portal.clock.set("2026-11-22T09:00:00Z".parse().unwrap());
    for n in 0..otp::SENDS_PER_ADDRESS_AND_HOUR {
        ask(&portal, &program, TINE, n).await.status(202);
    }
    let mails = portal.mailbox.count();
    for n in 0..2 {
        ask(&portal, &program, TINE, 100 + n).await.status(429).problem("too_many_requests").has("retry-after", "3600");
    }
    ask(&portal, &program, &TINE.to_uppercase(), 200).await.status(429);
    assert_eq!(portal.mailbox.count(), mails);
    portal.clock.advance(hours(1));
    ask(&portal, &program, TINE, 300).await.status(202);
}

#[tokio::test]
async fn sixty_codes_an_hour_are_asked_for_by_one_client() {
    let (portal, tenant, program) = portal_with_tine().await;
    for n in 0..otp::SENDS_PER_CLIENT_AND_HOUR {
        ask(&portal, &program, &format!("somebody{n}@example.org"), 7).await.status(202);
    }
    for n in 60..62 {
        ask(&portal, &program, &format!("somebody{n}@example.org"), 7).await.status(429).problem("too_many_requests");
    }
    let page = tenant.browser().from(client(7)).ask_for_code(TINE).await.status(429);
    assert!(page.html().contains(TINE), "the address stays in the field");
    ask(&portal, &program, TINE, 8).await.status(202);
}

#[tokio::test]
async fn neighbours_of_an_ipv6_network_share_its_budget() {
    let (portal, _, program) = portal_with_tine().await;
    let ask = async |n: u16, network: u16| {
        let request =
            program.request("POST", "/api/v1/auth/otp").json(&json!({ "email": format!("s{n}@example.org") }));
        portal.ask(request.from(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, network, n, 0, 0, n).into())).await
    };
    for n in 0..60 {
        ask(n, 1).await.status(202);
    }
    ask(61, 1).await.status(429);
    ask(62, 2).await.status(202);
}

#[tokio::test]
async fn a_client_tries_a_hundred_and_twenty_codes_an_hour() {
    let (portal, _, program) = portal_with_tine().await;
    let sent = challenge(ask(&portal, &program, TINE, 0).await);
    let code = portal.mailbox.code_to(TINE);
    // What is no challenge at all counts too.
    for _ in 0..otp::TRIES_PER_CLIENT_AND_HOUR - 1 {
        verify(&portal, &program, "nobodys", "000000", 0).await.status(422).names(&["challenge"]);
    }
    let fifth = verify(&portal, &program, &sent, "0000000", 0).await;
    fifth.status(422).names(&["code"]);
    verify(&portal, &program, &sent, &code, 0).await.status(429).problem("too_many_requests");
    verify(&portal, &program, &sent, &code, 1).await.status(200);
}

#[tokio::test]
async fn after_ten_failures_in_a_row_codes_have_ten_digits_until_somebody_succeeds() {
    let (portal, _, program) = portal_with_tine().await;
    for (more, digits) in [(9, 6), (1, 10), (1, 10)] {
        fail(&portal, &program, more).await;
        portal.clock.advance(hours(1));
        challenge(ask(&portal, &program, TINE, 0).await);
        assert_eq!(portal.mailbox.code_to(TINE).len(), digits);
    }
    let sent = challenge(ask(&portal, &program, TINE, 0).await);
    verify(&portal, &program, &sent, &portal.mailbox.code_to(TINE), 0).await.status(200);
    challenge(ask(&portal, &program, TINE, 0).await);
    assert_eq!(portal.mailbox.code_to(TINE).len(), 6, "the row is broken");
}

#[tokio::test]
async fn a_hundred_failures_of_strangers_lock_strangers_out_and_not_the_owner() {
    let (portal, tenant, program) = portal_with_tine().await;
    let own = tenant.login(TINE).await;
    own.get("/").await.status(200);
    own.post("/logout", &[]).await.redirects("/login");
    fail(&portal, &program, otp::FAILURES_OF_STRANGERS - 1).await;
    portal.clock.advance(hours(1));
    let sent = challenge(ask(&portal, &program, TINE, 0).await);
    verify(&portal, &program, &sent, "0000000", 0).await.status(422).names(&["code"]);
    let code = portal.mailbox.code_to(TINE);
    verify(&portal, &program, &sent, &code, 0).await.status(429).problem("too_many_requests");
    own.ask_for_code(TINE).await.redirects("/login/code");
    own.type_code(&portal.mailbox.code_to(TINE)).await.redirects("/");
    portal.clock.advance(minutes(1));
    let sent = challenge(ask(&portal, &program, TINE, 0).await);
    verify(&portal, &program, &sent, &portal.mailbox.code_to(TINE), 0).await.status(200);
}

#[tokio::test]
async fn a_browser_that_once_signed_in_has_twenty_failures_of_its_own() {
    let (portal, tenant, _) = portal_with_tine().await;
    let own = tenant.login(TINE).await;
    own.get("/").await.status(200);
    own.post("/logout", &[]).await.redirects("/login");
    for n in 0..otp::FAILURES_OF_A_KNOWN_DEVICE {
        if n % 5 == 0 {
            own.ask_for_code(TINE).await.redirects("/login/code");
        }
        own.type_code("0000000").await.status(422);
    }
    own.ask_for_code(TINE).await.redirects("/login/code");
    own.type_code(&portal.mailbox.code_to(TINE)).await.status(429);
    // The others' row is their own: a fresh browser signs in.
    tenant.login(TINE).await.get("/").await.status(200);
}

#[tokio::test]
async fn nobody_is_kept_from_a_code_by_others_who_ask_for_theirs() {
    let (portal, tenant, program) = portal_with_tine().await;
    let own = tenant.login(TINE).await;
    own.get("/").await.status(200);
    own.post("/logout", &[]).await.redirects("/login");
    portal.clock.advance(hours(1));
    for n in 0..otp::SENDS_PER_ADDRESS_AND_HOUR {
        ask(&portal, &program, TINE, n).await.status(202);
    }
    ask(&portal, &program, TINE, 99).await.status(429);
    tenant.browser().ask_for_code(TINE).await.status(429);
    for _ in 0..otp::SENDS_PER_KNOWN_DEVICE_AND_HOUR {
        own.ask_for_code(TINE).await.redirects("/login/code");
    }
    own.ask_for_code(TINE).await.status(429);
    portal.clock.advance(hours(1));
    own.sign_in(TINE).await.redirects("/");
}

#[tokio::test]
async fn what_a_client_has_used_up_takes_nothing_from_an_address() {
    let (portal, _, program) = portal_with_tine().await;
    for n in 0..otp::SENDS_PER_CLIENT_AND_HOUR {
        ask(&portal, &program, &format!("s{n}@example.org"), 7).await.status(202);
    }
    for _ in 0..otp::SENDS_PER_ADDRESS_AND_HOUR {
        ask(&portal, &program, TINE, 7).await.status(429);
    }
    for n in 0..otp::SENDS_PER_ADDRESS_AND_HOUR {
        ask(&portal, &program, TINE, 100 + n).await.status(202);
    }
}

#[tokio::test]
async fn an_address_no_mail_goes_to_is_refused_whoever_has_it() {
    let (portal, tenant, program) = portal_with_tine().await;
    tenant.customer("K1", |c| c["email"] = "jürgen@example.org".into()).await;
    let items = portal.items();
    for email in ["jürgen@example.org", "jörg@example.org"] {
        tenant.browser().ask_for_code(email).await.status(422).shows("Geben Sie eine E-Mail-Adresse wie");
        ask(&portal, &program, email, 0).await.status(422).problem("invalid").names(&["email"]);
    }
    assert_eq!((portal.items(), portal.mailbox.count()), (items, 0));
    ask(&portal, &program, "tine@exämple.org", 0).await.status(202);
}

#[tokio::test]
async fn an_older_code_stays_good_and_five_are_sent_at_most() {
    let (portal, tenant, _) = portal_with_tine().await;
    let browser = tenant.browser();
    browser.ask_for_code(TINE).await.redirects("/login/code");
    let first = portal.mailbox.code_to(TINE);
    for _ in 0..4 {
        portal.clock.advance(seconds(60));
        browser.post("/login/resend", &[]).await.redirects("/login/code");
    }
    portal.clock.advance(seconds(60));
    browser.post("/login/resend", &[]).await.status(429);
    assert_eq!(portal.mailbox.all_to(TINE).len(), 5);
    browser.type_code(&first).await.redirects("/");
    assert_eq!(browser.cookie("kk_challenge"), None);
}

#[tokio::test]
async fn a_code_works_once_and_in_its_own_browser() {
    let (portal, tenant, _) = portal_with_tine().await;
    let (mine, other) = (tenant.browser(), tenant.browser());
    mine.ask_for_code(TINE).await.redirects("/login/code");
    let code = portal.mailbox.code_to(TINE);
    other.type_code(&code).await.redirects("/login");
    other.ask_for_code("nobody@example.org").await.redirects("/login/code");
    other.type_code(&code).await.status(422);
    let challenge = mine.cookie("kk_challenge").unwrap();
    let spaced = format!(" {} - {} ", &code[..3], &code[3..]);
    mine.type_code(&spaced).await.redirects("/");
    let again = tenant.browser();
    again.set_cookie("kk_challenge", &challenge);
    // As after a double click: no error, but no second session either.
    again.type_code(&code).await.redirects("/");
    again.get("/").await.redirects("/login");
    again.type_code("000000").await.redirects("/login");
    assert_eq!(portal.items_like("SESS#"), 1);
}

#[tokio::test]
async fn fifty_mails_a_day_go_to_unknown_addresses_and_one_to_each() {
    let (portal, _, program) = portal_with_tine().await;
    for n in 0..otp::UNKNOWN_MAILS_PER_TENANT_AND_DAY + 2 {
        ask(&portal, &program, &format!("stranger{n}@example.org"), n).await.status(202);
        let sent = n + 1;
        assert_eq!(portal.mailbox.count(), sent.min(otp::UNKNOWN_MAILS_PER_TENANT_AND_DAY) as usize);
    }
    ask(&portal, &program, "stranger0@example.org", 0).await.status(202);
    assert_eq!(portal.mailbox.all_to("stranger0@example.org").len(), 1);
    portal.clock.advance(hours(24));
    ask(&portal, &program, "stranger0@example.org", 0).await.status(202);
    assert_eq!(portal.mailbox.all_to("stranger0@example.org").len(), 2);
}

#[tokio::test]
async fn a_stranger_who_asks_again_takes_no_mail_from_other_strangers() {
    let (portal, _, program) = portal_with_tine().await;
    for _ in 0..3 {
        ask(&portal, &program, "stranger0@example.org", 0).await.status(202);
    }
    assert_eq!(portal.mailbox.count(), 1);
    for n in 1..otp::UNKNOWN_MAILS_PER_TENANT_AND_DAY {
        ask(&portal, &program, &format!("stranger{n}@example.org"), n).await.status(202);
    }
    assert_eq!(portal.mailbox.count(), otp::UNKNOWN_MAILS_PER_TENANT_AND_DAY as usize);
}

#[tokio::test]
async fn an_unknown_address_is_told_so_where_the_tenant_wants_it() {
    let (portal, tenant, program) = portal_with_tine().await;
    tenant.settings("login", &json!({ "unknown_email": "on_page" })).await;
    let page = tenant.browser().ask_for_code("nobody@example.org").await.status(422);
    assert!(page.html().contains("nobody@example.org"));
    ask(&portal, &program, "nobody@example.org", 0).await.status(422).problem("invalid").names(&["email"]);
    assert_eq!(portal.mailbox.count(), 0);
}
