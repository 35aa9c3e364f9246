//! „Verträge hier kündigen" and „Vertrag widerrufen": for everybody, kept whatever they mean, confirmed at once, and
//! the same from outside whether there is a contract or not.

use std::net::{IpAddr, Ipv4Addr};

use domain::{
    declaration::{
        MAILS_PER_ADDRESS_AND_DAY, MAILS_PER_CLIENT_AND_DAY, MAILS_PER_TENANT_AND_HOUR, PER_CLIENT_AND_HOUR,
    },
    email_state::EmailState,
};
use store::Budget;
use testkit::{Answer, Browser, Portal, Request, Tenant, Value, hours, json, minutes, seconds};

/// Where confirmations go.
const MAIL: &str = "tine@example.net";

/// A tenant with a customer who has contract 1 and one that has ended.
async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.contract("1", |_| {}).await;
    let ended = json!({ "name": "ended", "on": "2026-10-31", "how": "expired" });
    tine.contract("2", |contract| contract["phase"] = ended).await;
    portal.worker.drain().await;
    (portal, tenant)
}

/// What a cancellation needs.
fn cancellation(form: &str) -> Vec<(&str, &str)> {
    vec![
        ("form", form),
        ("termination", "ordinary"),
        ("reason", ""),
        ("name", "Tine Exemplus"),
        ("identity", "K5003"),
        ("contract", "Vertrag Nr. 1"),
        ("ends_on", ""),
        ("email", MAIL),
        ("website", ""),
    ]
}

/// The same with some fields changed.
fn but<'a>(mut fields: Vec<(&'a str, &'a str)>, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    for (name, value) in &mut fields {
        if let Some((_, changed)) = changes.iter().find(|(changed, _)| changed == name) {
            *value = *changed;
        }
    }
    fields
}

fn client(n: u32) -> IpAddr {
    Ipv4Addr::from(0xC612_0000 + n).into()
}

/// Opens the page and sends it; answers where it leads.
async fn cancel(browser: &Browser, changes: &[(&str, &str)]) -> String {
    let form = browser.get("/cancel").await.status(200).field("form");
    let sent = browser.post("/cancel", &but(cancellation(&form), changes)).await.status(303);
    sent.header("location").to_owned()
}

/// What opens a declaration's page.
fn token_in(location: &str) -> String {
    location.split('/').nth(2).unwrap_or_default().to_owned()
}

/// Opens the page and sends it; answers the id by which staff know it.
async fn cancel_for_staff(tenant: &Tenant, changes: &[(&str, &str)]) -> String {
    let before = listed(tenant, "").await;
    cancel(&tenant.browser(), changes).await;
    let after = listed(tenant, "").await;
    let fresh: Vec<&Value> = after.iter().filter(|one| !before.contains(one)).collect();
    let [one] = fresh[..] else { panic!("{fresh:?}") };
    one["id"].as_str().unwrap().to_owned()
}

/// How many declarations are kept.
fn kept(portal: &Portal) -> usize {
    portal.items_like("#DECL/dcl_")
}

async fn listed(tenant: &Tenant, query: &str) -> Vec<Value> {
    let page = tenant.api.get(&format!("/declarations{query}")).await.status(200).json();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_cancellation_without_a_contract_is_kept_with_its_time_and_confirmed_at_once() {
    let (portal, tenant) = house().await;
    let browser = tenant.browser();
    let location = cancel(
        &browser,
        &[("identity", "nobody@example.org"), ("contract", "mein Anschluss"), ("ends_on", "2026-12-31")],
    )
    .await;
    let page =
        browser.get(&location).await.status(200).has("cache-control", "no-store").has("referrer-policy", "no-referrer");
    let page = page.shows("Ihre Kündigung ist eingegangen").shows("Eingegangen am 22.11.2026 um 10:00:00 Uhr");
    let page = page.shows("Ordentliche Kündigung").shows("Tine Exemplus").shows("mein Anschluss").shows("31.12.2026");
    page.shows(&format!("mit diesem Inhalt an {MAIL}")).shows("bis zum 21.12.2026");
    portal.worker.drain().await;
    let mail = portal.mailbox.last_to(MAIL);
    assert!(mail.subject.contains("Ihre Kündigung ist eingegangen"), "{}", mail.subject);
    let text = mail.text.unwrap();
    assert!(text.contains("22.11.2026") && text.contains("10:00:00\u{a0}Uhr"), "{text}");
    for declared in ["Ordentliche Kündigung", "Tine Exemplus", "mein Anschluss", "31.12.2026"] {
        assert!(text.contains(declared), "{declared}: {text}");
    }
    let [paper] = &mail.attachments[..] else { panic!("{:?}", mail.attachments) };
    assert_eq!(paper.name, "Kündigungsbestätigung-2026-11-22.pdf");
    assert!(paper.content.starts_with(b"%PDF-"));
    let open = listed(&tenant, "?open").await;
    let [one] = &open[..] else { panic!("{open:?}") };
    assert_eq!(one["received_at"], "2026-11-22T09:00:00Z");
    assert_eq!(
        one["statement"]["what"],
        json!({ "kind": "cancel", "termination": "ordinary", "ends_on": "2026-12-31" })
    );
    assert!(one.get("customer").is_none() && one.get("subscription").is_none(), "{one}");
}

#[tokio::test]
async fn a_withdrawal_is_confirmed_likewise() {
    let (portal, tenant) = house().await;
    let browser = tenant.browser();
    let form = browser.get("/withdraw").await.status(200).shows("Widerruf bestätigen").field("form");
    let fields = [("form", form.as_str()), ("name", "Tine"), ("contract", "1"), ("email", "k5003@example.org")];
    let sent = browser.post("/withdraw", &fields).await.status(303);
    assert!(sent.header("location").starts_with("/withdraw/"), "{}", sent.header("location"));
    browser.follow(&sent).await.status(200).shows("Ihr Widerruf ist eingegangen").hides("Art der Kündigung");
    portal.worker.drain().await;
    let mail = portal.mailbox.last_to("k5003@example.org");
    assert!(mail.subject.contains("Ihr Widerruf ist eingegangen"), "{}", mail.subject);
    assert_eq!(mail.attachments[0].name, "Widerrufsbestätigung-2026-11-22.pdf");
    let open = listed(&tenant, "?open").await;
    assert_eq!((&open[0]["customer"], &open[0]["subscription"]), (&json!("K5003"), &json!("1")));
}

#[tokio::test]
async fn a_form_sent_twice_is_one_declaration_and_one_mail() {
    let (portal, tenant) = house().await;
    let browser = tenant.browser();
    let form = browser.get("/cancel").await.field("form");
    let fields = cancellation(&form);
    let (first, second) = tokio::join!(browser.post("/cancel", &fields), browser.post("/cancel", &fields));
    let again = browser.post("/cancel", &fields).await.status(303);
    let location = first.status(303).header("location").to_owned();
    assert_eq!([second.status(303).header("location"), again.header("location")], [location.as_str(); 2]);
    for _ in 0..2 {
        portal.worker.drain().await;
        portal.worker.minute().await;
    }
    assert_eq!((kept(&portal), portal.mailbox.all_to(MAIL).len()), (1, 1));
    // Somebody who goes back and corrects something has declared something else.
    let corrected = but(fields, &[("contract", "Vertrag Nr. 2")]);
    assert_ne!(browser.post("/cancel", &corrected).await.status(303).header("location"), location);
    assert_eq!(kept(&portal), 2);
}

#[tokio::test]
async fn from_outside_a_contract_looks_like_none() {
    let (portal, tenant) = house().await;
    for (known, unknown) in [("K5003", "K5009"), ("k5003@example.org", "k5009@example.org")] {
        let mut seen = Vec::new();
        for identity in [known, unknown] {
            let browser = tenant.browser();
            let form = browser.get("/cancel").await.field("form");
            let sent = browser.post("/cancel", &but(cancellation(&form), &[("identity", identity)])).await.status(303);
            let page = browser.follow(&sent).await.status(200).hides("Webhosting Basis");
            let token = token_in(sent.header("location"));
            let alike = |answer: &Answer| answer.comparable().replace(&token, "[token]").replace(identity, "[who]");
            seen.push((sent.store_calls(), page.store_calls(), alike(&sent), alike(&page)));
        }
        assert_eq!(seen[0], seen[1], "{known} differs from {unknown}");
    }
    let found: Vec<bool> = listed(&tenant, "").await.iter().map(|one| one.get("customer").is_some()).collect();
    assert_eq!(found.iter().filter(|found| **found).count(), 2, "staff see which, and nobody else: {found:?}");
    assert_eq!(kept(&portal), 4);
}

#[tokio::test]
async fn one_contract_that_is_named_is_linked_and_stands_in_its_customers_timeline() {
    let (portal, tenant) = house().await;
    let linked = cancel_for_staff(&tenant, &[("identity", "k5003"), ("contract", "Nr. 1")]).await;
    let ended = cancel_for_staff(&tenant, &[("contract", "2")]).await;
    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events").await.status(200).json();
    let told = |id: &str| {
        let events = feed["items"].as_array().unwrap().iter();
        let told: Vec<&Value> =
            events.filter(|event| event["kind"] == "declaration.received" && event["subject"] == id).collect();
        assert_eq!(told.len(), 1, "{id}");
        told[0].clone()
    };
    let event = told(&linked);
    assert_eq!((&event["customer"], &event["actor"]), (&json!("K5003"), &json!("visitor")));
    assert_eq!(event["facts"], json!({ "kind": "cancel", "subscription": "1" }));
    assert!(told(&ended).get("customer").is_none(), "{}", told(&ended));
    let one = tenant.api.get(&format!("/declarations/{linked}")).await.status(200).json();
    assert_eq!((&one["customer"], &one["subscription"]), (&json!("K5003"), &json!("1")));
    // An address that several customers share names nobody's contract, unless one of them alone has it.
    tenant.customer("K2", |c| c["email"] = "k5003@example.org".into()).await.contract("1", |_| {}).await;
    let shared = cancel_for_staff(&tenant, &[("identity", "k5003@example.org")]).await;
    let one = tenant.api.get(&format!("/declarations/{shared}")).await.status(200).json();
    assert!(one.get("customer").is_none(), "{one}");
}

#[tokio::test]
async fn no_cookie_is_needed_and_no_other_page_can_send_it() {
    let (portal, tenant) = house().await;
    let form = tenant.browser().get("/cancel").await.field("form");
    let fields = cancellation(&form);
    let post = |origin: &str| Request::new("POST", &tenant.host(), "/cancel").header("origin", origin);
    for (request, fields) in [
        (post("http://evil.example"), fields.clone()),
        (post("http://stadtwerke-muster.localhost:9000").header("sec-fetch-site", "same-site"), fields.clone()),
        (Request::new("POST", &tenant.host(), "/cancel"), fields.clone()),
    ] {
        portal.ask(request.form(&fields)).await.status(403).problem("forged");
    }
    assert_eq!(kept(&portal), 0);
    let sent = portal.ask(post(&tenant.origin()).form(&fields)).await.status(303);
    assert_eq!(sent.header("set-cookie"), "");
    let page = portal.ask(Request::new("GET", &tenant.host(), sent.header("location"))).await.status(200);
    assert_eq!(page.header("set-cookie"), "");
    assert_eq!(kept(&portal), 1);
}

#[tokio::test]
async fn whose_browser_fills_the_decoy_loses_nothing_and_gets_through() {
    let (portal, tenant) = house().await;
    for (path, words) in [("/cancel", "Ihre Kündigung ist eingegangen"), ("/withdraw", "Ihr Widerruf ist eingegangen")]
    {
        let before = kept(&portal);
        let browser = tenant.browser();
        let form = browser.get(path).await.status(200).field("form");
        let filled = but(cancellation(&form), &[("name", "Tine & Söhne"), ("website", "https://tine.example")]);
        let page = browser.post(path, &filled).await.status(422).shows("Schicken Sie sie bitte noch einmal ab.");
        let html = page.html();
        for kept in ["Söhne\"", "value=\"Vertrag Nr. 1\"", &format!("value=\"{MAIL}\""), "href=\"#submit\""] {
            assert!(html.contains(kept), "{kept} is missing in {html}");
        }
        assert_eq!(page.field("form"), form);
        assert!(!html.contains("tine.example\"") && !html.contains("name=\"website\""), "{html}");
        assert_eq!(kept(&portal), before, "nothing is declared yet");
        // The page that was shown has no such field any more.
        let again: Vec<(&str, &str)> = filled.into_iter().filter(|(name, _)| *name != "website").collect();
        let sent = browser.post(path, &again).await.status(303);
        browser.follow(&sent).await.status(200).shows(words).shows("Tine & Söhne");
        assert_eq!(kept(&portal), before + 1);
    }
}

#[tokio::test]
async fn who_reads_feed_or_table_cannot_open_the_page() {
    let (portal, tenant) = house().await;
    let location = cancel(&tenant.browser(), &[]).await;
    let (token, id) = (token_in(&location), listed(&tenant, "").await[0]["id"].as_str().unwrap().to_owned());
    portal.worker.drain().await;
    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events").await.status(200).html();
    assert!(feed.contains(&id) && !feed.contains(&token), "{feed}");
    let hash = store::secret::hash(&token);
    let stored: Vec<String> = portal.stored().iter().map(ToString::to_string).collect();
    assert!(stored.iter().any(|item| item.contains(&hash)) && !stored.iter().any(|item| item.contains(&token)));
    for known in [&id, &hash] {
        for page in ["confirmation", "pdf"] {
            tenant.browser().get(&format!("/cancel/{known}/{page}")).await.status(404).problem("not_found");
        }
    }
    tenant.browser().get(&location).await.status(200);
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_lost() {
    let (portal, tenant) = house().await;
    let browser = tenant.browser();
    let form = browser.get("/cancel").await.status(200).shows("jetzt kündigen").field("form");
    let wrong = but(
        cancellation(&form),
        &[
            ("termination", "extraordinary"),
            ("name", "Tine & Söhne"),
            ("contract", " "),
            ("ends_on", "morgen"),
            ("email", "tine"),
        ],
    );
    let page = browser.post("/cancel", &wrong).await.status(422).shows("Fehler: Vertrag kündigen");
    for (field, words) in [
        ("reason", "Nennen Sie den Grund der außerordentlichen Kündigung."),
        ("contract", "Geben Sie an, welchen Vertrag Sie meinen."),
        ("ends_on", "Geben Sie einen Tag wie 31.12.2026 ein, oder lassen Sie das Feld leer."),
        ("email", "Geben Sie eine E-Mail-Adresse wie name@example.org ein."),
    ] {
        let html = page.html();
        assert!(
            html.contains(&format!("href=\"#{field}\"")) && html.contains(&format!("id=\"{field}-error\"")),
            "{field}"
        );
        assert_eq!(page.text().matches(words).count(), 2, "{words}");
    }
    let html = page.html();
    assert!(
        html.contains("value=\"extraordinary\" checked")
            && html.contains("value=\"morgen\"")
            && html.contains("Söhne\""),
        "{html}"
    );
    assert_eq!(page.field("form"), form);
    assert_eq!(kept(&portal), 0);
    let right = but(wrong, &[("reason", "Störung"), ("contract", "1"), ("ends_on", "31.12.2026"), ("email", MAIL)]);
    let sent = browser.post("/cancel", &right).await.status(303);
    browser.follow(&sent).await.status(200).shows("Außerordentliche Kündigung").shows("Störung").shows("31.12.2026");
}

#[tokio::test]
async fn a_client_that_sends_too_much_is_told_so_and_keeps_what_it_typed() {
    let (portal, tenant) = house().await;
    let browser = tenant.browser().from(client(1));
    let mut first = (String::new(), String::new());
    for n in 0..PER_CLIENT_AND_HOUR {
        let form = browser.get("/cancel").await.field("form");
        let (contract, email) = (n.to_string(), format!("{n}@example.net"));
        let fields = but(cancellation(&form), &[("contract", contract.as_str()), ("email", email.as_str())]);
        let location = browser.post("/cancel", &fields).await.status(303).header("location").to_owned();
        if n == 0 {
            first = (form, location);
        }
    }
    let form = browser.get("/cancel").await.field("form");
    let refused = browser.post("/cancel", &cancellation(&form)).await.status(429);
    assert!(refused.html().contains("value=\"Vertrag Nr. 1\""), "{}", refused.html());
    refused.shows("in einer Stunde noch einmal").shows("Kommen Sie nicht weiter?");
    // What it has sent before is still confirmed, and nobody elsewhere is hindered.
    let again = but(cancellation(&first.0), &[("contract", "0"), ("email", "0@example.net")]);
    browser.post("/cancel", &again).await.redirects(&first.1);
    cancel(&tenant.browser().from(client(2)), &[]).await;
    assert_eq!(kept(&portal), usize::try_from(PER_CLIENT_AND_HOUR).unwrap() + 1);
    portal.clock.advance(hours(1));
    browser.post("/cancel", &cancellation(&form)).await.status(303);
}

#[tokio::test]
async fn an_address_gets_so_many_mails_a_day_and_every_declaration_is_kept() {
    let (portal, tenant) = house().await;
    for n in 0..=MAILS_PER_ADDRESS_AND_DAY {
        let browser = tenant.browser().from(client(n));
        let contract = n.to_string();
        let location = cancel(&browser, &[("contract", contract.as_str())]).await;
        let is_mailed = n < MAILS_PER_ADDRESS_AND_DAY;
        let said = if is_mailed { "mit diesem Inhalt an" } else { "sind heute schon viele Bestätigungen gegangen" };
        browser.get(&location).await.status(200).shows(said).shows("Bestätigung als PDF herunterladen");
        portal.worker.drain().await;
    }
    let all = usize::try_from(MAILS_PER_ADDRESS_AND_DAY).unwrap();
    assert_eq!((portal.mailbox.all_to(MAIL).len(), kept(&portal)), (all, all + 1));
    portal.clock.advance(hours(24));
    cancel(&tenant.browser(), &[("contract", "tomorrow")]).await;
    portal.worker.drain().await;
    assert_eq!(portal.mailbox.all_to(MAIL).len(), all + 1);
}

#[tokio::test]
async fn one_client_cannot_use_up_somebodys_mails() {
    let (portal, tenant) = house().await;
    let flood = tenant.browser().from(client(1));
    for n in 0..=MAILS_PER_CLIENT_AND_DAY {
        // The same mailbox under another name.
        let (contract, address) = (n.to_string(), format!("Tine+{n}@example.net"));
        let location = cancel(&flood, &[("contract", contract.as_str()), ("email", address.as_str())]).await;
        let is_mailed = n < MAILS_PER_CLIENT_AND_DAY;
        let said = if is_mailed { "mit diesem Inhalt an" } else { "sind heute schon viele Bestätigungen gegangen" };
        flood.get(&location).await.status(200).shows(said);
    }
    let genuine = tenant.browser().from(client(2));
    let location = cancel(&genuine, &[]).await;
    genuine.get(&location).await.status(200).shows("mit diesem Inhalt an");
    portal.worker.drain().await;
    assert_eq!(portal.mailbox.all_to(MAIL).len(), 1);
}

#[tokio::test]
async fn a_tenants_mails_are_paced_and_none_is_lost() {
    let (portal, tenant) = house().await;
    let process = portal.another_process().await;
    let now = portal.clock.now();
    let found = process.store().tenant_of_host(tenant.host().split(':').next().unwrap(), now).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let (window, max) = (Some(hours(1)), MAILS_PER_TENANT_AND_HOUR);
    let used = Budget { what: "declare-mail-tenant", subject: "all", window, max };
    for _ in 0..MAILS_PER_TENANT_AND_HOUR {
        assert!(store.take(&used, now).await.unwrap());
    }
    let browser = tenant.browser();
    let location = cancel(&browser, &[]).await;
    browser.get(&location).await.status(200).shows("Ihre Kündigung ist eingegangen");
    portal.worker.drain().await;
    assert_eq!(portal.mailbox.all_to(MAIL).len(), 0);
    // Not its turn is no failure: it comes in the first minutes of the next hour, however often it had to wait.
    portal.clock.advance(minutes(59));
    portal.worker.minute().await;
    assert_eq!(portal.mailbox.all_to(MAIL).len(), 0);
    portal.clock.advance(minutes(6));
    portal.worker.minute().await;
    assert_eq!(portal.mailbox.all_to(MAIL).len(), 1);
}

#[tokio::test]
async fn every_page_has_both_links_unless_the_tenant_has_switched_them_off() {
    let (portal, tenant) = house().await;
    let location = cancel(&tenant.browser(), &[]).await;
    let signed_in = tenant.login("k5003@example.org").await;
    let (stranger, english) = (tenant.browser(), tenant.browser().speaking(Some("en")));
    for (browser, path) in [
        (&stranger, "/login"),
        (&stranger, "/imprint"),
        (&stranger, "/nowhere"),
        (&stranger, "/cancel"),
        (&stranger, "/pay/nowhere"),
        (&signed_in, "/"),
        (&signed_in, "/invoices"),
        (&signed_in, "/settle"),
        (&signed_in, "/nowhere"),
    ] {
        let page = browser.get(path).await.shows("Barrierefreiheit Verträge hier kündigen Vertrag widerrufen");
        assert_eq!((page.link_to("/cancel"), page.link_to("/withdraw")), ("/cancel".into(), "/withdraw".into()));
    }
    english.get("/login").await.shows("Accessibility Cancel contracts here Withdraw from contract");
    tenant.settings("areas", &json!({ "declarations": "off" })).await.status(200);
    portal.clock.advance(minutes(2));
    for path in ["/cancel", "/withdraw"] {
        stranger.get(path).await.status(404).problem("not_found").hides("Verträge hier kündigen");
    }
    stranger.post("/cancel", &cancellation("")).await.status(404);
    // Who has declared something before keeps the confirmation.
    stranger.get(&location).await.status(200).hides("Verträge hier kündigen");
    stranger.get(&location.replace("/confirmation", "/pdf")).await.status(303);
    for (browser, path) in [(&stranger, "/login"), (&signed_in, "/")] {
        browser.get(path).await.status(200).hides("Verträge hier kündigen").hides("Vertrag widerrufen");
    }
    assert_eq!(kept(&portal), 1);
}

#[tokio::test]
async fn a_confirmation_is_for_thirty_days_its_own_tenant_and_its_own_address() {
    let (portal, tenant) = house().await;
    let other = portal.tenant("stadtwerke-muster").await;
    let browser = tenant.browser();
    let location = cancel(&browser, &[]).await;
    let (token, pdf) = (token_in(&location), location.replace("/confirmation", "/pdf"));
    browser.get(&location).await.status(200);
    let file = browser.get(&pdf).await.status(303);
    assert!(file.header("location").starts_with(&portal.cloud().s3_url()), "{}", file.header("location"));
    let id = listed(&tenant, "").await[0]["id"].as_str().unwrap().to_owned();
    let nobody = "b".repeat(token.len());
    for path in [&location, &pdf, &format!("/withdraw/{token}/confirmation"), &format!("/withdraw/{token}/pdf")] {
        let missing = path.replace(&token, &nobody);
        let there = if path.starts_with("/withdraw") { &tenant } else { &other };
        let foreign = there.browser().get(path).await.status(404).problem("not_found");
        let absent = there.browser().get(&missing).await.status(404);
        assert_eq!(foreign.comparable().replace(path, "[path]"), absent.comparable().replace(&missing, "[path]"));
    }
    other.api.get(&format!("/declarations/{id}")).await.status(404).problem("not_found");
    let answer = json!({ "outcome": "accepted" });
    other.api.post(&format!("/declarations/{id}:answer"), &answer).await.status(404).problem("not_found");
    portal.clock.advance(hours(30 * 24));
    for path in [&location, &pdf] {
        browser.get(path).await.status(404).problem("not_found");
    }
    tenant.api.get(&format!("/declarations/{id}")).await.status(200);
}

#[tokio::test]
async fn markup_in_what_was_typed_stays_text_and_nothing_of_it_is_a_link() {
    let (portal, tenant) = house().await;
    let (name, contract) = ("<script>alert(1)</script>", "https://evil.example/ *jetzt* klicken");
    let browser = tenant.browser();
    let location = cancel(&browser, &[("name", name), ("contract", contract)]).await;
    let page = browser.get(&location).await.status(200).shows(name).shows(contract);
    let html = page.html();
    assert!(!html.contains("<script>") && !html.contains("href=\"https://evil"), "{html}");
    portal.worker.drain().await;
    let mail = portal.mailbox.last_to(MAIL);
    let parts = [mail.subject, mail.text.unwrap(), mail.html.unwrap()];
    for markup in ["<script>alert", "https://evil", "<em>jetzt"] {
        let is_text = markup == "<script>alert";
        assert!(!parts[2].contains(markup) && (is_text || !parts[1].contains(markup)), "{markup} in {parts:?}");
        assert!(!parts[0].contains("alert") && parts[1].contains("klicken"), "{parts:?}");
    }
    assert!(mail.attachments[0].content.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn the_language_of_the_page_is_that_of_its_confirmation() {
    let (portal, tenant) = house().await;
    let browser = tenant.browser().speaking(Some("en"));
    let location = cancel(&browser, &[]).await;
    browser
        .get(&location)
        .await
        .status(200)
        .shows("We have received your cancellation")
        .shows("22 Nov 2026 at 10:00:00");
    portal.worker.drain().await;
    let mail = portal.mailbox.last_to(MAIL);
    assert!(mail.subject.contains("we have received your cancellation"), "{}", mail.subject);
    assert_eq!(mail.attachments[0].name, "Cancellation-confirmation-2026-11-22.pdf");
    let german = browser.post("/language", &[("language", "de"), ("return_to", &location)]).await.redirects(&location);
    browser.follow(&german).await.status(200).shows("Ihre Kündigung ist eingegangen");
}

#[tokio::test]
async fn staff_answer_a_declaration_once() {
    let (portal, tenant) = house().await;
    let mut ids = Vec::new();
    for contract in ["1", "2", "3"] {
        ids.push(cancel_for_staff(&tenant, &[("contract", contract)]).await);
        portal.clock.advance(seconds(1));
    }
    let answered = format!("/declarations/{}:answer", ids[0]);
    let accepted = json!({ "outcome": "accepted", "note": " endet am 31.12.2026 " });
    let first = tenant.api.post(&answered, &accepted).await.status(200).json();
    assert_eq!(first["state"]["name"], "answered");
    assert_eq!(
        (&first["state"]["outcome"], &first["state"]["note"]),
        (&json!("accepted"), &json!("endet am 31.12.2026"))
    );
    portal.clock.advance(minutes(1));
    assert_eq!(tenant.api.post(&answered, &accepted).await.status(200).json(), first);
    let refused = json!({ "outcome": "refused", "note": "" });
    tenant.api.post(&answered, &refused).await.status(409).problem("conflict").names(&["outcome"]);
    let long = json!({ "outcome": "refused", "note": "x".repeat(2_001) });
    let second = format!("/declarations/{}:answer", ids[1]);
    tenant.api.post(&second, &long).await.status(422).names(&["note"]);
    tenant.api.post(&second, &json!({ "outcome": "perhaps" })).await.status(422).names(&["outcome"]);
    let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
    let open: Vec<String> = listed(&tenant, "?open").await.iter().map(id).collect();
    assert_eq!(open, ids[1..]);
    let (mut all, mut query) = (Vec::new(), "?limit=1".to_owned());
    loop {
        let page = tenant.api.get(&format!("/declarations{query}")).await.status(200).json();
        all.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=1&after={next}");
    }
    all.reverse();
    assert_eq!(all, ids);
    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events").await.status(200).json();
    let events = feed["items"].as_array().unwrap().iter();
    let told: Vec<&Value> = events.filter(|event| event["kind"] == "declaration.answered").collect();
    let [told] = told[..] else { panic!("{told:?}") };
    assert_eq!((&told["subject"], &told["customer"]), (&json!(ids[0]), &json!("K5003")));
    assert_eq!(told["facts"], json!({ "kind": "cancel", "outcome": "accepted", "subscription": "1" }));
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_bounced() {
    let (portal, tenant) = house().await;
    let process = portal.another_process().await;
    let now = portal.clock.now();
    let found = process.store().tenant_of_host(tenant.host().split(':').next().unwrap(), now).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    store.note_bounce(&MAIL.parse().unwrap(), EmailState::Bounced, None, now).await.unwrap();
    cancel(&tenant.browser(), &[]).await;
    portal.worker.drain().await;
    portal.worker.minute().await;
    assert_eq!((portal.mailbox.all_to(MAIL).len(), kept(&portal)), (0, 1));
}
