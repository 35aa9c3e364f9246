//! Another login address: asked for by whoever is signed in, confirmed by whoever reads mail there, told to the one before.

use domain::{
    email_change::{MAILS_PER_ADDRESS_AND_DAY, MAILS_PER_CUSTOMER_AND_DAY},
    email_state::EmailState,
};
use testkit::{Answer, Browser, Portal, Tenant, Value, faults::Kill, hours, json, minutes, seconds};

const OLD: &str = "k5003@example.org";
const NEW: &str = "neu@example.net";
const PAGE: &str = "/data/email";

/// A tenant whose customers may change their data, and one of them signed in.
async fn house() -> (Portal, Tenant, Browser) {
    house_of(Portal::start().await).await
}

async fn house_of(portal: Portal) -> (Portal, Tenant, Browser) {
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.settings("areas", &json!({ "data": "change" })).await;
    portal.clock.advance(minutes(2));
    let browser = tenant.customer("K5003", |_| {}).await.login().await;
    (portal, tenant, browser)
}

/// Sends the form of the page.
async fn wish(browser: &Browser, to: &str) -> Answer {
    browser.get(PAGE).await.status(200);
    browser.post(PAGE, &[("email", to)]).await
}

/// Notes that nothing can be delivered to an address.
async fn bounces(portal: &Portal, tenant: &Tenant, address: &str) {
    let process = portal.another_process().await;
    let now = portal.clock.now();
    let found = process.store().tenant_of_host(tenant.host().split(':').next().unwrap(), now).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    store.note_bounce(&address.parse().unwrap(), EmailState::Bounced, None, now).await.unwrap();
}

/// The link in the newest mail to an address.
fn link_to(portal: &Portal, address: &str) -> String {
    let text = portal.mailbox.last_to(address).text.unwrap();
    let (_, rest) = text.split_once("/data/email/confirm/").unwrap_or_else(|| panic!("no link in {text}"));
    format!("/data/email/confirm/{}", rest.split_whitespace().next().unwrap())
}

/// Wishes an address and answers the link its mail brings. What follows is later: facts of one moment come in any order.
async fn asked(portal: &Portal, browser: &Browser, to: &str) -> String {
    wish(browser, to).await.redirects(PAGE);
    portal.worker.drain().await;
    portal.clock.advance(seconds(1));
    link_to(portal, to)
}

/// What the feed tells of login addresses.
async fn told(portal: &Portal, tenant: &Tenant) -> Vec<Value> {
    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events").await.status(200).json();
    let events = feed["items"].as_array().unwrap().iter();
    events.filter(|one| one["kind"].as_str().unwrap().starts_with("customer.email")).cloned().collect()
}

/// The login address as the integrator reads it.
async fn address_of(tenant: &Tenant, number: &str) -> Value {
    tenant.api.get(&format!("/customers/{number}")).await.status(200).json()["email"].clone()
}

fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter().map(|one| one["kind"].as_str().unwrap().trim_start_matches("customer.email_")).collect()
}

#[tokio::test]
async fn a_new_address_counts_once_its_mail_was_confirmed() {
    let (portal, tenant, browser) = house().await;
    let phone = tenant.login(OLD).await;
    let link = asked(&portal, &browser, NEW).await;
    let page = browser.get(PAGE).await.status(200).shows("Wir haben eine E-Mail an die neue Adresse geschickt.");
    page.shows(&format!("Wartet auf Bestätigung: {NEW}")).shows("23.11.2026");
    let mail = portal.mailbox.last_to(NEW);
    for personal in ["Tine", "K5003", OLD] {
        assert!(
            !mail.text.as_deref().unwrap().contains(personal),
            "nobody has proved yet whose address it is: {mail:?}"
        );
    }
    let token = link.split(['/', '?']).nth(4).unwrap();
    assert!(token.len() >= 43 && !portal.stored().iter().any(|item| item.to_string().contains(token)), "{token}");
    // Looking changes nothing, however often.
    let elsewhere = tenant.browser();
    for _ in 0..2 {
        elsewhere.get(&link).await.status(200).shows("Adresse bestätigen").shows(NEW).hides("K5003");
    }
    phone.get("/data").await.status(200);
    assert_eq!(address_of(&tenant, "K5003").await, OLD);
    elsewhere.post(&link, &[]).await.redirects("/login");
    elsewhere.get("/login").await.status(200).shows("Ihre neue E-Mail-Adresse gilt.");
    // Only the session that asked goes on.
    phone.get("/data").await.redirects("/login?return_to=%2Fdata");
    browser.get(PAGE).await.status(200).shows(&format!("Mit {NEW} melden Sie sich zurzeit an.")).hides("Wartet auf");
    tenant.login(NEW).await.get("/data").await.status(200);
    portal.worker.drain().await;
    let warning = portal.mailbox.last_to(OLD);
    let text = warning.text.as_deref().unwrap();
    assert!(text.contains("n•••@example.net") && text.contains("22.11.2026") && !text.contains(NEW), "{text}");
    tenant.browser().ask_for_code(OLD).await.redirects("/login/code");
    assert_eq!(testkit::code_in(&portal.mailbox.last_to(OLD)), None, "nobody has the old address any more");
    let told = told(&portal, &tenant).await;
    assert_eq!(kinds(&told), ["change_requested", "changed"]);
    assert!(!told[0].to_string().contains(NEW) && told[0]["way"] == "page", "{}", told[0]);
    assert_eq!(told[1]["changes"], json!([{ "field": "email", "from": OLD, "to": NEW }]));
    assert_eq!((&told[1]["way"], &told[1]["facts"]["sessions_ended"]), (&json!("link"), &json!("1")));
}

#[tokio::test]
async fn whoever_asked_may_confirm_in_the_same_browser_and_stays() {
    let (portal, tenant, browser) = house().await;
    let link = asked(&portal, &browser, NEW).await;
    browser.get(&link).await.status(200).shows("Adresse bestätigen");
    browser.post(&link, &[]).await.redirects(PAGE);
    browser.get(PAGE).await.status(200).shows("Ihre neue E-Mail-Adresse gilt.").shows(NEW);
    assert_eq!(address_of(&tenant, "K5003").await, NEW);
}

/// A personal link of K5003 for a purpose, without its host.
async fn link_for(tenant: &Tenant, purpose: &Value) -> String {
    let mut body = json!({ "customer": "K5003" });
    body.as_object_mut().unwrap().extend(purpose.as_object().unwrap().clone());
    let made = tenant.api.post("/links", &body).await.status(201).json();
    made["url"].as_str().unwrap().strip_prefix(&tenant.origin()).unwrap().to_owned()
}

/// What was taken back, as the feed tells it.
async fn taken_back(tenant: &Tenant) -> Vec<Value> {
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    feed["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "link.revoked").cloned().collect()
}

#[tokio::test]
async fn confirmed_once_more_is_the_same() {
    let (portal, tenant, browser) = house().await;
    let link = asked(&portal, &browser, NEW).await;
    let (one, two) = (tenant.browser(), tenant.browser());
    let (first, second) = tokio::join!(one.post(&link, &[]), two.post(&link, &[]));
    first.redirects("/login");
    second.redirects("/login");
    portal.clock.advance(minutes(1));
    let since = tenant.login(NEW).await;
    one.get(&link).await.status(200).shows("Adresse bestätigen");
    one.post(&link, &[]).await.redirects("/login");
    one.get("/login").await.shows("Ihre neue E-Mail-Adresse gilt.");
    since.get("/data").await.status(200).shows(NEW);
    browser.get(PAGE).await.status(200).hides("Wartet auf").hides("zurückziehen");
    browser.post("/data/email/withdraw", &[]).await.redirects(PAGE);
    browser.get(PAGE).await.hides("Ihre Adresse bleibt, wie sie ist.");
    assert_eq!(kinds(&told(&portal, &tenant).await), ["change_requested", "changed"]);
    // What was put back stays: the link does not change it a second time.
    tenant.customer("K5003", |_| {}).await;
    one.post(&link, &[]).await.status(410).shows("inzwischen auf anderem Weg geändert");
    assert_eq!(address_of(&tenant, "K5003").await, OLD);
}

#[tokio::test]
async fn links_that_may_lie_with_the_address_before_sign_nobody_in() {
    let (portal, tenant, browser) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.contract("V1", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    let mailed = link_for(&tenant, &json!({ "purpose": "portal", "send_mail": true })).await;
    portal.worker.drain().await;
    let text = portal.mailbox.last_to(OLD).text.unwrap();
    let line = text.lines().find(|line| line.contains("/link/")).unwrap_or_else(|| panic!("{text}")).trim();
    let in_the_mail = line.strip_prefix(&tenant.origin()).unwrap().split('?').next().unwrap().to_owned();
    let contract = link_for(&tenant, &json!({ "purpose": "contract", "subscription": "V1" })).await;
    let pays = link_for(&tenant, &json!({ "purpose": "pay", "document": "RE1" })).await;
    let confirm = asked(&portal, &browser, NEW).await;
    for link in [&mailed, &in_the_mail, &contract] {
        tenant.browser().get(link).await.status(200);
    }
    tenant.browser().post(&confirm, &[]).await.redirects("/login");
    for link in [&mailed, &in_the_mail, &contract] {
        tenant.browser().get(link).await.status(410);
        tenant.browser().post(link, &[]).await.status(410);
    }
    tenant.browser().get(&pays).await.status(200);
    portal.clock.advance(minutes(1));
    let later = link_for(&tenant, &json!({ "purpose": "portal" })).await;
    tenant.browser().post(&confirm, &[]).await.redirects("/login");
    tenant.browser().get(&later).await.status(200);
    let told = taken_back(&tenant).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|one| one["actor"] == "customer" && one["customer"] == "K5003"), "{told:?}");
}

#[tokio::test]
async fn wherever_a_process_ends_pressing_again_ends_what_was_before() {
    /// More than a confirmation makes.
    const CALLS: usize = 60;
    let (portal, tenant, _) = house_of(Portal::behind_faults(17).await).await;
    let mut killed = 0;
    for kill in [Kill::Before, Kill::After] {
        let mut survived = false;
        for call in 0..CALLS {
            let customer = tenant.customer(&format!("K{}", 6000 + killed), |_| {}).await;
            let (made, new) = (customer.link().await, format!("neu{killed}@example.net"));
            let opens = made["url"].as_str().unwrap().strip_prefix(&tenant.origin()).unwrap().to_owned();
            let (browser, phone) = (tenant.browser(), tenant.browser());
            for signs_in in [&browser, &phone] {
                signs_in.post(&opens, &[]).await.redirects("/");
            }
            let link = asked(&portal, &browser, &new).await;
            let elsewhere = tenant.browser();
            let confirming = portal.dynamodb().killing_at(call, kill, elsewhere.post(&link, &[])).await;
            survived = confirming.is_some();
            portal.clock.advance(minutes(1));
            elsewhere.post(&link, &[]).await.redirects("/login");
            assert_eq!(address_of(&tenant, customer.number()).await, new.as_str(), "{kill:?} {call}");
            phone.get("/data").await.redirects("/login?return_to=%2Fdata");
            tenant.browser().get(&opens).await.status(410);
            browser.get(PAGE).await.status(200).shows(&new);
            killed += 1;
            if survived {
                break;
            }
        }
        assert!(survived, "{CALLS} calls are too few");
    }
    assert!(killed > 10, "only {killed} kill points were met");
}

#[tokio::test]
async fn a_link_that_confirms_nothing_says_what_to_do_and_never_why() {
    let (portal, tenant, browser) = house().await;
    let elsewhere = tenant.browser();
    let unknown =
        elsewhere.get("/data/email/confirm/nothing").await.status(410).shows("24 Stunden, und nur der neueste").text();
    let is_over = |link: String| {
        let (elsewhere, unknown) = (elsewhere.clone(), unknown.clone());
        async move {
            for answer in [elsewhere.get(&link).await, elsewhere.post(&link, &[]).await] {
                assert_eq!((answer.code(), answer.text()), (410, unknown.clone()), "{}", answer.what());
            }
        }
    };
    // Another wish takes its place.
    let replaced = asked(&portal, &browser, "erst@example.net").await;
    let withdrawn = asked(&portal, &browser, "dann@example.net").await;
    is_over(replaced).await;
    browser.get(PAGE).await;
    browser.post("/data/email/withdraw", &[]).await.redirects(PAGE);
    browser.get(PAGE).await.status(200).shows("Ihre Adresse bleibt, wie sie ist.").hides("Wartet auf");
    is_over(withdrawn).await;
    browser.post("/data/email/withdraw", &[]).await.redirects(PAGE);
    let used = asked(&portal, &browser, NEW).await;
    elsewhere.post(&used, &[]).await.redirects("/login");
    elsewhere.get("/login").await;
    let late = asked(&portal, &browser, "spaet@example.net").await;
    is_over(used).await;
    assert_eq!(kinds(&told(&portal, &tenant).await).iter().filter(|kind| **kind == "change_withdrawn").count(), 1);
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    is_over(late.clone()).await;
    tenant.put("/customers/K5003/access", &json!({ "access": true })).await;
    elsewhere.get(&late).await.status(200);
    let neighbour = portal.tenant("stadtwerke-muster").await;
    neighbour.settings("areas", &json!({ "data": "change" })).await;
    portal.clock.advance(minutes(2));
    neighbour.browser().get(&late).await.status(410).shows("24 Stunden, und nur der neueste");
    portal.clock.advance(hours(24));
    is_over(late).await;
}

#[tokio::test]
async fn an_address_that_was_changed_meanwhile_stays_as_it_is() {
    let (portal, tenant, browser) = house().await;
    let link = asked(&portal, &browser, NEW).await;
    let mails = portal.mailbox.count();
    tenant.customer("K5003", |facts| facts["email"] = "anders@example.net".into()).await;
    let elsewhere = tenant.browser();
    elsewhere.get(&link).await.status(410).shows("inzwischen auf anderem Weg geändert");
    elsewhere.post(&link, &[]).await.status(410).shows("inzwischen auf anderem Weg geändert");
    browser.get(PAGE).await.status(200).shows("anders@example.net").hides("Wartet auf");
    portal.worker.drain().await;
    assert_eq!(portal.mailbox.count(), mails);
}

#[tokio::test]
async fn an_address_that_somebody_has_looks_like_any_other() {
    let (portal, tenant, browser) = house().await;
    tenant.customer("K6000", |facts| facts["email"] = NEW.into()).await;
    wish(&browser, "niemand@example.net").await.redirects(PAGE);
    let calls = portal.store_calls();
    wish(&browser, NEW).await.redirects(PAGE);
    assert_eq!(portal.store_calls(), calls);
    portal.worker.drain().await;
    tenant.browser().post(&link_to(&portal, NEW), &[]).await.redirects("/login");
    let shared = tenant.browser();
    shared.get("/login").await;
    shared.ask_for_code(NEW).await.redirects("/login/code");
    shared.type_code(&portal.mailbox.code_to(NEW)).await.redirects("/login/choose");
    shared.get("/login/choose").await.status(200).shows("K5003").shows("K6000");
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_the_field_and_nothing_is_lost() {
    let (portal, tenant, browser) = house().await;
    let bounced = "weg@example.net";
    bounces(&portal, &tenant, bounced).await;
    let items = portal.items();
    let program = tenant.token(OLD).await;
    let sessions = portal.items() - items;
    for (typed, words) in [
        ("", "Geben Sie die neue E-Mail-Adresse ein."),
        ("neu@example", "Geben Sie eine E-Mail-Adresse wie name@example.org ein."),
        ("jörg@example.org", "Geben Sie eine E-Mail-Adresse wie name@example.org ein."),
        ("K5003@Example.org", "Mit dieser Adresse melden Sie sich schon an."),
        (bounced, "An diese Adresse können wir nichts zustellen."),
    ] {
        let page = wish(&browser, typed).await.status(422).shows("Fehler: E-Mail-Adresse ändern");
        assert_eq!(page.text().matches(words).count(), 2, "{typed}: {}", page.text());
        let html = page.html();
        assert!(html.contains("aria-describedby=\"email-hint email-error\""), "{html}");
        assert!(html.contains(&format!("value=\"{typed}\"")), "{html}");
        let refused = program.post("/api/v1/customer/email", &json!({ "email": typed })).await;
        refused.status(422).problem("invalid").names(&["email"]);
    }
    assert_eq!(portal.items(), items + sessions + 2, "nothing is written but what counts for customer and mailbox");
    program.post("/api/v1/customer/email", &json!({})).await.status(422).names(&["email"]);
}

#[tokio::test]
async fn a_button_pressed_twice_is_one_wish_and_one_mail() {
    let (portal, tenant, browser) = house().await;
    browser.get(PAGE).await.status(200);
    let form = [("email", NEW)];
    let (first, second) = tokio::join!(browser.post(PAGE, &form), browser.post(PAGE, &form));
    for answer in [first, second, browser.post(PAGE, &form).await] {
        answer.redirects(PAGE);
    }
    portal.worker.drain().await;
    portal.worker.drain().await;
    assert_eq!(portal.mailbox.all_to(NEW).len(), 1);
    let first = link_to(&portal, NEW);
    assert_eq!(kinds(&told(&portal, &tenant).await), ["change_requested"]);
    // After a minute it is meant: another mail comes, and its link alone works.
    portal.clock.advance(minutes(1));
    let again = asked(&portal, &browser, NEW).await;
    assert_eq!(portal.mailbox.all_to(NEW).len(), 2);
    tenant.browser().get(&first).await.status(410);
    tenant.browser().get(&again).await.status(200);
}

#[tokio::test]
async fn a_customer_gets_so_many_mails_a_day_sent() {
    let (portal, tenant, browser) = house().await;
    for n in 0..MAILS_PER_CUSTOMER_AND_DAY {
        wish(&browser, &format!("neu{n}@example.net")).await.redirects(PAGE);
    }
    let last = format!("neu{MAILS_PER_CUSTOMER_AND_DAY}@example.net");
    let page = wish(&browser, &last).await.status(429).shows("Heute sind schon viele E-Mails zur Bestätigung");
    assert!(page.html().contains(&format!("value=\"{last}\"")), "{}", page.html());
    let program = tenant.token(OLD).await;
    let refused = program.post("/api/v1/customer/email", &json!({ "email": last })).await;
    assert_ne!(refused.status(429).problem("too_many_requests").header("retry-after"), "");
    portal.worker.drain().await;
    assert_eq!(portal.mailbox.all_to(&last).len(), 0);
    portal.clock.advance(hours(24));
    wish(&tenant.login(OLD).await, &last).await.redirects(PAGE);
}

#[tokio::test]
async fn whether_mail_bounces_is_told_as_often_as_mails_go_out() {
    let (portal, tenant, browser) = house().await;
    for n in 0..MAILS_PER_CUSTOMER_AND_DAY {
        let address = format!("weg{n}@example.net");
        bounces(&portal, &tenant, &address).await;
        wish(&browser, &address).await.status(422).shows("An diese Adresse können wir nichts zustellen.");
    }
    bounces(&portal, &tenant, "weg@example.net").await;
    wish(&browser, "weg@example.net").await.status(429).hides("nichts zustellen");
}

#[tokio::test]
async fn a_mailbox_gets_so_many_mails_a_day_whoever_asks() {
    let (_, tenant, browser) = house().await;
    let other = tenant.customer("K6000", |_| {}).await.login().await;
    for n in 0..MAILS_PER_ADDRESS_AND_DAY {
        let who = if n % 2 == 0 { &browser } else { &other };
        wish(who, &format!("opfer+{n}@example.net")).await.redirects(PAGE);
    }
    for who in [&browser, &other] {
        wish(who, "Opfer@example.net").await.status(429);
        wish(who, NEW).await.redirects(PAGE);
    }
}

#[tokio::test]
async fn a_program_asks_likewise() {
    let (portal, tenant, _) = house().await;
    let program = tenant.token(OLD).await;
    let shown = program.post("/api/v1/customer/email", &json!({ "email": NEW })).await.status(202).json();
    assert_eq!(shown, json!({ "email": NEW, "expires_at": "2026-11-23T09:02:00Z" }));
    portal.worker.drain().await;
    portal.clock.advance(seconds(1));
    tenant.browser().post(&link_to(&portal, NEW), &[]).await.redirects("/login");
    assert_eq!(program.get("/api/v1/customer").await.status(200).json()["email"], NEW, "it asked, so it stays");
    let told = told(&portal, &tenant).await;
    assert_eq!((&told[0]["way"], &told[1]["way"]), (&json!("api"), &json!("link")));
}

#[tokio::test]
async fn where_data_may_only_be_looked_at_no_address_changes() {
    let (portal, tenant, browser) = house().await;
    let link = asked(&portal, &browser, NEW).await;
    let program = tenant.token(OLD).await;
    tenant.settings("areas", &json!({ "data": "view" })).await;
    portal.clock.advance(minutes(2));
    browser.get("/data").await.status(200);
    browser.get(PAGE).await.status(404).problem("not_found");
    browser.post(PAGE, &[("email", "andere@example.net")]).await.status(404);
    browser.post("/data/email/withdraw", &[]).await.status(404);
    program.post("/api/v1/customer/email", &json!({ "email": "andere@example.net" })).await.status(404);
    for answer in [browser.get(&link).await, browser.post(&link, &[]).await] {
        answer.status(404).problem("not_found");
    }
    assert_eq!(address_of(&tenant, "K5003").await, OLD);
}
