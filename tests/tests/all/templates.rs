//! Mails in the tenant's own words: checked at their place, kept version by version, looked at before they are sent; and a
//! released document reaches its customer in them, once.

use testkit::{Answer, Customer, Portal, Tenant, Value, hours, json, minutes, samples};

use crate::payment_mails::attached;

const ADDRESS: &str = "k5003@example.org";

async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    (portal, tenant)
}

async fn word(tenant: &Tenant, mail: &str, subject: &str, body: &str) -> Answer {
    tenant.put(&format!("/templates/{mail}"), &json!({ "subject": subject, "body": body })).await
}

/// Issues an invoice that goes to its customer.
async fn notified(customer: &Customer, number: &str) -> Answer {
    customer.invoice(number, |invoice| invoice["notify"] = true.into()).await
}

/// Issues a document beside invoices that goes to its customer.
async fn notified_document(
    customer: &Customer,
    (kind, number): (&str, &str),
    change: impl FnOnce(&mut Value),
) -> Answer {
    let wished = |facts: &mut Value| {
        facts["notify"] = true.into();
        change(facts);
    };
    customer.document(kind, number, wished).await
}

/// Lets the stream and a few minutes do their work.
async fn settle(portal: &Portal) {
    for _ in 0..3 {
        portal.worker.drain().await;
        portal.worker.minute().await;
        portal.clock.advance(minutes(2));
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_at_its_line_and_column() {
    let (portal, tenant) = house().await;
    let items = portal.items();
    let refused = async |subject: &str, body: &str| {
        let answer = tenant.api.put("/templates/invoice/de", &json!({ "subject": subject, "body": body })).await;
        let errors = answer.status(422).problem("invalid").json()["errors"].clone();
        let said =
            |error: &Value| format!("{} {} {}", error["field"], error["code"], error["message"]).replace('"', "");
        errors.as_array().unwrap().iter().map(said).collect::<Vec<_>>()
    };
    let errors = refused("Rechnung {Nummer}", "Guten Tag,\n\nIhre {DocumentNummer} der {DunningLevel}").await;
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors[0].starts_with("subject unknown_placeholder line 1, column 10: "), "{errors:?}");
    assert!(errors[1].starts_with("body unknown_placeholder line 3, column 6: "), "{errors:?}");
    assert!(errors[1].contains("{DocumentNumber}") && !errors[1].contains("DocumentNummer"), "{errors:?}");
    assert!(errors[2].starts_with("body no_value line 3, column 27: "), "{errors:?}");
    for (subject, body, error) in [
        ("A", "{{ tenant_name }}", "body brace line 1, column 1"),
        ("A", "[x](https://evil.example/?u={PayUrl})", "body address line 1, column 29"),
        ("A", "[Offer.number]", "body no_value line 1, column 1"),
        ("A", "![x](https://example.org/a.png)", "body picture"),
        ("", "x", "subject missing"),
        ("{PayUrl}", "x", "subject address line 1, column 1"),
    ] {
        let errors = refused(subject, body).await;
        assert!(errors.iter().any(|said| said.starts_with(error)), "{error} is missing in {errors:?}");
    }
    refused(&"a".repeat(201), "x").await;
    refused("x", &"a".repeat(20_001)).await;
    assert_eq!(portal.items(), items, "nothing was kept");
    for unknown in ["/templates/otp/de", "/templates/dunning-10/de", "/templates/invoice/fr"] {
        tenant.api.get(unknown).await.status(404);
    }
}

#[tokio::test]
async fn every_version_stays_and_the_built_in_words_hold_again() {
    let (portal, tenant) = house().await;
    let path = "/templates/invoice/de";
    let before = tenant.api.get(path).await.status(200).json();
    assert_eq!((&before["source"], &before["rev"]), (&json!("built_in"), &json!(0)));
    assert!(before["body"].as_str().unwrap().contains("{DocumentUrl}"), "{before}");
    let spelled = before["placeholders"].as_array().unwrap();
    assert!(spelled.iter().any(|one| one["bracket"] == "[Invoice.customerportal_url]"), "{before}");

    word(&tenant, "invoice/de", "Eins", "Erste").await;
    let items = portal.items();
    assert_eq!(word(&tenant, "invoice/de", " Eins ", "Erste").await.json()["rev"], 1);
    assert_eq!(portal.items(), items, "the same again is the same");
    portal.clock.advance(minutes(1));
    let put = |rev: &str, subject: &str| {
        let request = tenant.api.request("PUT", path).header("if-match", rev);
        portal.ask(request.json(&json!({ "subject": subject, "body": "Zweite" })))
    };
    put("\"0\"", "Zwei").await.status(412).problem("stale");
    let second = put("\"1\"", "Zwei").await.status(200);
    assert_eq!((second.header("etag"), second.json()["source"].clone()), ("\"2\"", json!("own")));
    portal.clock.advance(minutes(1));
    tenant.api.delete(path, &json!({})).await.status(204);
    let items = portal.items();
    tenant.api.delete(path, &json!({})).await.status(204);
    assert_eq!(portal.items(), items, "again is the same");

    let after = tenant.api.get(path).await.status(200).json();
    assert_eq!((&after["source"], &after["rev"], &after["body"]), (&json!("built_in"), &json!(3), &before["body"]));
    let history = tenant.api.get(&format!("{path}/history")).await.status(200).json();
    let said = |item: &Value| format!("{} {} {}", item["rev"], item["source"], item["by"]).replace('"', "");
    let versions: Vec<String> = history["items"].as_array().unwrap().iter().map(said).collect();
    assert_eq!(versions, ["3 built_in integrator", "2 own integrator", "1 own integrator"]);
    let first = tenant.api.get(&format!("{path}/history/1")).await.status(200).json();
    assert_eq!((&first["subject"], &first["body"]), (&json!("Eins"), &json!("Erste")));
    assert!(tenant.api.get(&format!("{path}/history/3")).await.status(200).json().get("body").is_none());
    tenant.api.get(&format!("{path}/history/4")).await.status(404);

    portal.clock.advance(minutes(1));
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    let changed = feed["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "template.changed").count();
    assert_eq!(changed, 3, "{feed}");
}

#[tokio::test]
async fn a_level_of_dunning_has_words_of_its_own_or_the_general_ones() {
    let (_, tenant) = house().await;
    let holding = async |mail: &str| {
        let shown = tenant.api.get(&format!("/templates/{mail}/de")).await.status(200).json();
        format!("{} {}", shown["source"], shown["subject"]).replace('"', "")
    };
    assert!(holding("dunning-2").await.starts_with("built_in {CompanyName}: Mahnung"));
    word(&tenant, "dunning/de", "Allgemein", "{DunningLevel}").await;
    assert_eq!(holding("dunning-2").await, "general Allgemein");
    word(&tenant, "dunning-2/de", "Zweite", "{DunningFee}").await;
    assert_eq!(
        (holding("dunning-2").await, holding("dunning-3").await),
        ("own Zweite".to_owned(), "general Allgemein".to_owned())
    );
    let listed = tenant.api.get("/templates").await.status(200).json();
    let items = listed["items"].as_array().unwrap();
    let own: Vec<&Value> = items.iter().filter(|item| item["source"] == "own").collect();
    assert_eq!((items.len(), own.len()), (36, 2), "{listed}");
    assert_eq!(items.iter().filter(|item| item["source"] == "general").count(), 8);
    tenant.api.delete("/templates/dunning-2/de", &json!({})).await.status(204);
    assert_eq!(holding("dunning-2").await, "general Allgemein");
}

#[tokio::test]
async fn a_preview_shows_an_example_or_somebody_and_sends_nothing() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |c| c["company"] = "*Firma* <b>&</b>".into()).await;
    tine.invoice("RE1", |_| {}).await;
    tenant.customer("K1", |_| {}).await;
    let narrow = tenant.key(&["settings"]).await;
    portal.worker.drain().await;
    let items = portal.items();
    let path = "/templates/invoice/de/preview";
    let words = json!({
        "subject": "{DocumentNumber}", "body": "{CustomerName}: **{OpenAmount}**\n\n[Hier]({DocumentUrl}?language=de)",
    });
    let asking = |more: &Value| {
        let mut body = words.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let example = tenant.api.post(path, &words).await.status(200).json();
    assert_eq!(example["subject"], "RE1000");
    let text = example["text"].as_str().unwrap();
    assert!(text.starts_with("Example GmbH: 15,91\u{a0}€\n\nHier: http"), "{text}");
    let named = asking(&json!({ "customer": "K5003", "document": "RE1" }));
    let real = tenant.api.post(path, &named).await.status(200).json();
    let (html, text) = (real["html"].as_str().unwrap(), real["text"].as_str().unwrap());
    assert!(text.starts_with("*Firma* <b>&</b>: 119,00\u{a0}€"), "{text}");
    assert!(html.contains("*Firma* &lt;b&gt;&amp;&lt;/b&gt;: <strong>"), "{html}");
    assert!(html.contains("webhosting-ag GmbH · Musterweg 1"), "the tenant's frame: {html}");
    let of_its_customer = tenant.api.post(path, &asking(&json!({ "document": "RE1" }))).await.status(200).json();
    assert_eq!(of_its_customer["text"], real["text"]);

    for (more, field) in [
        (json!({ "customer": "K9" }), "customer"),
        (json!({ "document": "RE9" }), "document"),
        (json!({ "customer": "K1", "document": "RE1" }), "document"),
        (json!({ "body": "{Nothing}" }), "body"),
    ] {
        tenant.api.post(path, &asking(&more)).await.status(422).names(&[field]);
    }
    let offer = json!({ "subject": "x", "body": "x", "document": "RE1" });
    tenant.api.post("/templates/offer/de/preview", &offer).await.status(422).names(&["document"]);
    narrow.post(path, &words).await.status(200);
    narrow.post(path, &named).await.status(403).problem("not_allowed");
    assert_eq!(portal.items(), items, "nothing is kept");
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());
}

#[tokio::test]
async fn a_released_invoice_reaches_its_customer_once_in_the_tenants_own_words() {
    let (portal, tenant) = house().await;
    word(&tenant, "invoice/de", "Rechnung", "Auf Deutsch").await;
    let body = "{Greeting}!\n\n[See it]({SelfServicePortalUrl}?language=en)\n\nOpen: [Invoice.open]\n\nPay: {PayUrl}";
    word(&tenant, "invoice/en", "Invoice {DocumentNumber} of {CompanyName}", body).await;
    let tine = tenant.customer("K5003", |c| c["language"] = "en".into()).await;
    notified(&tine, "RE1").await.status(201);
    notified(&tine, "RE1").await.status(200);
    let (writers, workers) = (
        [portal.another_writer().await, portal.another_writer().await],
        [portal.another_worker().await, portal.another_worker().await],
    );
    for _ in 0..3 {
        let minute = json!({});
        let (one, two) = futures_util::future::join(writers[0].on_event(&minute), writers[1].on_event(&minute)).await;
        one.unwrap();
        two.unwrap();
        let (one, two) = futures_util::future::join(workers[0].on_event(&minute), workers[1].on_event(&minute)).await;
        one.unwrap();
        two.unwrap();
    }
    notified(&tine, "RE1").await.status(200);
    settle(&portal).await;
    let mails = portal.mailbox.all_to(ADDRESS);
    assert_eq!(mails.len(), 1, "{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
    let mail = &mails[0];
    assert_eq!(mail.subject, "Invoice RE1 of webhosting-ag GmbH");
    assert_eq!(mail.attachments[0].name, "Invoice-RE1.pdf");
    assert!(attached(mail).contains("RE1"));
    let text = mail.text.clone().unwrap();
    assert!(text.starts_with("Hello Ms Exemplus Tine K5003!\n\nSee it: http"), "{text}");
    assert!(text.contains("Open: €119.00") && text.contains(&format!("Pay: {}/pay/", tenant.origin())), "{text}");
    let line = text.lines().find_map(|line| line.strip_prefix("See it: ")).unwrap();
    let path = line.strip_prefix(&tenant.origin()).unwrap();
    tenant.browser().get(path).await.status(200).shows("K5003");
    let token = path.rsplit('/').next().unwrap().trim_end_matches("?language=en");
    assert!(!serde_json::to_string(&portal.stored()).unwrap().contains(token), "only its hash is stored");
}

#[tokio::test]
async fn without_notify_nobody_is_mailed_and_sent_again_with_it_the_original_goes_out() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await.status(201);
    let line = samples::line("RE2", samples::invoice("K5003"));
    tenant.api.import("/invoices:import", &line).await.status(200);
    let upload = tenant.api.request("PUT", "/documents/invoice/RE1/pdf").body("application/pdf", samples::pdf());
    portal.ask(upload).await.status(204);
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());

    notified(&tine, "RE1").await.status(200);
    settle(&portal).await;
    let mail = portal.mailbox.last_to(ADDRESS);
    assert_eq!(mail.attachments[0].content, samples::pdf(), "byte for byte");
    assert!(mail.subject.contains("Ihre Rechnung RE1"), "{}", mail.subject);
    let mut invoice = samples::invoice("K5003");
    invoice["notify"] = true.into();
    let imported =
        tenant.api.import("/invoices:import", &samples::line("RE2", invoice.clone())).await.status(200).json();
    assert_eq!(imported["results"][0]["outcome"], "unchanged", "{imported}");
    settle(&portal).await;
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), 2);
    invoice["notify"] = "yes".into();
    tenant.api.put("/invoices/RE3", &invoice).await.status(422).names(&["notify"]);
}

#[tokio::test]
async fn the_tenant_decides_whether_the_document_goes_along_or_anything_at_all() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let choose = async |how: &str| {
        tenant.settings("mails", &json!({ "on_release": { "invoice": how } })).await;
        portal.clock.advance(minutes(2));
    };
    choose("none").await;
    notified(&tine, "RE1").await;
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());
    choose("linked").await;
    notified(&tine, "RE1").await;
    settle(&portal).await;
    let mail = portal.mailbox.last_to(ADDRESS);
    let text = mail.text.clone().unwrap();
    assert!(mail.attachments.is_empty() && text.contains("Rechnung ansehen:\nhttp"), "{mail:?}");
    choose("attached").await;
    notified(&tine, "RE2").await;
    settle(&portal).await;
    assert!(attached(&portal.mailbox.last_to(ADDRESS)).contains("RE2"));
    let wrong = json!({ "on_release": { "invoice": "twice" } });
    tenant.api.put("/settings/mails", &wrong).await.status(422).names(&["on_release.invoice"]);
}

#[tokio::test]
async fn an_invoice_that_was_cancelled_before_its_mail_went_out_is_not_told() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    notified(&tine, "RE1").await;
    tenant.api.post("/invoices/RE1:cancel", &json!({ "date": "2026-11-22" })).await.status(200);
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());
}

#[tokio::test]
async fn a_link_that_signs_in_goes_to_nobody_but_whoever_signs_in() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |c| c["invoice_email"] = "billing@example.org".into()).await;
    let words = "[Client.customerportal_url]\n\n[Invoice.customerportal_url]\n\nEnde";
    word(&tenant, "invoice/de", "Rechnung", words).await;
    notified(&tine, "RE1").await;
    settle(&portal).await;
    let text = portal.mailbox.last_to("billing@example.org").text.unwrap();
    assert!(!text.contains("/link/") && text.contains("Ende"), "{text}");
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());

    let other = tenant.customer("K1", |_| {}).await;
    tenant.put("/customers/K1/access", &json!({ "access": false })).await;
    notified(&other, "RE2").await;
    settle(&portal).await;
    let text = portal.mailbox.last_to(other.email()).text.unwrap();
    assert!(text.starts_with("Ende"), "whoever may not use the portal gets no link: {text}");
}

#[tokio::test]
async fn a_mail_with_a_link_has_the_tenants_words_too() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |c| c["last_name"] = "{PayUrl} [z](https://evil.example)".into()).await;
    tine.contract("V1", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    word(&tenant, "link/de", "Zu {LinkName}", "{Greeting}\n\n{SelfServicePortalUrl}").await;
    word(&tenant, "pay-link/de", "{DocumentNumber}", "<{PayUrl}>\n\n[zahlen]([Invoice.pay_url])").await;
    for link in [
        json!({ "purpose": "contract", "customer": "K5003", "subscription": "V1", "send_mail": true }),
        json!({ "purpose": "pay", "customer": "K5003", "document": "RE1", "send_mail": true }),
    ] {
        tenant.api.post("/links", &link).await.status(201);
        portal.clock.advance(minutes(1));
        settle(&portal).await;
    }
    let mails = portal.mailbox.all_to(ADDRESS);
    let [pay, contract] = &mails[..] else { panic!("two mails: {mails:?}") };
    assert_eq!((contract.subject.as_str(), pay.subject.as_str()), ("Zu Vertrag Nr. V1", "RE1"));
    let text = contract.text.clone().unwrap();
    assert!(text.starts_with("Guten Tag Frau Exemplus {PayUrl} [z](https://evil.example)\n\nhttp"), "{text}");
    assert!(!contract.html.as_ref().unwrap().contains("href=\"https://evil"), "{contract:?}");
    let line = text.lines().find(|line| line.contains("/link/")).unwrap();
    tenant.browser().get(line.strip_prefix(&tenant.origin()).unwrap()).await.status(200).shows("K5003");
    let paying = format!("href=\"{}/pay/", tenant.origin());
    assert_eq!(pay.html.as_ref().unwrap().matches(&paying).count(), 2, "{pay:?}");
}

#[tokio::test]
async fn a_dunning_letter_goes_out_in_the_words_of_its_level_or_the_general_ones() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    word(&tenant, "dunning/de", "Mahnung {DocumentNumber}", "Allgemein, Stufe {DunningLevel}").await;
    let body = "Gebühr {DunningFee}, offen {OpenAmount}, bis {DueDate}\n\n{PayUrl}";
    word(&tenant, "dunning-2/de", "Zweite Mahnung [Reminder.number]", body).await;
    for _ in 0..2 {
        notified_document(&tine, ("dunning", "MA1"), |_| {}).await;
    }
    let workers = [portal.another_worker().await, portal.another_worker().await];
    let writers = [portal.another_writer().await, portal.another_writer().await];
    let minute = json!({});
    let (one, two) = futures_util::future::join(writers[0].on_event(&minute), writers[1].on_event(&minute)).await;
    one.unwrap();
    two.unwrap();
    let (one, two) = futures_util::future::join(workers[0].on_event(&minute), workers[1].on_event(&minute)).await;
    one.unwrap();
    two.unwrap();
    settle(&portal).await;
    let mail = portal.mailbox.last_to(ADDRESS);
    assert_eq!((mail.subject.as_str(), mail.attachments[0].name.as_str()), ("Zweite Mahnung MA1", "Mahnung-MA1.pdf"));
    let text = mail.text.clone().unwrap();
    assert!(text.starts_with("Gebühr 5,00\u{a0}€, offen 124,00\u{a0}€, bis 04.12.2026"), "{text}");
    assert!(text.contains(&format!("{}/pay/", tenant.origin())), "its one invoice can be paid: {text}");
    assert!(attached(&mail).contains("MA1"));

    notified_document(&tine, ("dunning", "MA2"), |facts| facts["level"] = 3.into()).await;
    settle(&portal).await;
    let mail = portal.mailbox.last_to(ADDRESS);
    assert_eq!(mail.subject, "Mahnung MA2");
    assert!(mail.text.as_ref().unwrap().starts_with("Allgemein, Stufe 3"), "{mail:?}");
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), 2, "each went out once");
}

#[tokio::test]
async fn a_document_of_every_kind_goes_out_once_with_its_pdf_and_a_link_that_shows_it_alone() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    for (kind, number, subject, file) in [
        ("credit-note", "GS1", "Ihre Gutschrift GS1", "Gutschrift-GS1.pdf"),
        ("dunning", "MA1", "Mahnung MA1", "Mahnung-MA1.pdf"),
        ("offer", "AN1", "unser Angebot AN1", "Angebot-AN1.pdf"),
        ("delivery-note", "LS1", "LS1", "Lieferschein-LS1.pdf"),
        ("confirmation", "AB1", "AB1", "Auftragsbestätigung-AB1.pdf"),
    ] {
        let before = portal.mailbox.all_to(ADDRESS).len();
        let path = format!("/documents/{kind}/{number}");
        notified_document(&tine, (kind, number), |_| {}).await.status(201);
        let mut facts = samples::document(kind, "K5003");
        facts["notify"] = true.into();
        let line = samples::line(number, facts);
        let again = tenant.api.import(&format!("/documents/{kind}:import"), &line).await.status(200).json();
        assert_eq!(again["results"][0]["outcome"], "unchanged", "{again}");
        settle(&portal).await;
        let mails = portal.mailbox.all_to(ADDRESS);
        assert_eq!(mails.len(), before + 1, "{kind}");
        let mail = &mails[0];
        assert!(mail.subject.contains(subject), "{}", mail.subject);
        assert_eq!(mail.attachments[0].name, file);
        assert!(attached(mail).contains(number), "{kind}");
        let text = mail.text.clone().unwrap();
        let line = text.lines().find(|line| line.contains("/d/")).unwrap_or_else(|| panic!("{text}"));
        let link = line.strip_prefix(&tenant.origin()).unwrap();
        let page = tenant.browser().get(link).await.status(200).shows(number).hides("/documents\"");
        tenant.browser().get(&page.link_to("/pdf")).await.status(303);
        assert_eq!(tenant.api.get(&path).await.status(200).json()["state"]["number"], *number);
    }
    let offer = portal.mailbox.all_to(ADDRESS).into_iter().find(|mail| mail.subject.contains("AN1")).unwrap();
    assert!(offer.text.as_ref().unwrap().contains("Gültig bis: 20.12.2026"), "{offer:?}");
}

#[tokio::test]
async fn what_is_only_a_pdf_goes_out_once_that_is_there() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let facts = json!({
        "customer": "K5003", "issued_on": "2026-11-20", "uploaded": true, "valid_until": "2026-12-20", "notify": true,
    });
    tenant.put("/documents/offer/AN1", &facts).await.status(201);
    tenant.put("/documents/offer/AN1", &facts).await.status(200);
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());
    tine.original("offer", "AN1").await.status(204);
    tenant.put("/documents/offer/AN1", &facts).await.status(200);
    settle(&portal).await;
    let mails = portal.mailbox.all_to(ADDRESS);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].attachments[0].content, samples::pdf(), "byte for byte");
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    let told = |kind: &str| feed["items"].as_array().unwrap().iter().filter(|item| item["kind"] == kind).count();
    assert_eq!((told("document.release_waits"), told("document.released")), (1, 1), "{feed}");
    let wrong = json!({ "customer": "K5003", "notify": 1 });
    tenant.api.put("/documents/offer/AN2", &wrong).await.status(422).names(&["notify"]);
}

#[tokio::test]
async fn an_offer_that_is_over_before_its_mail_went_out_is_not_told() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    notified_document(&tine, ("offer", "AN1"), |offer| offer["valid_until"] = "2026-11-23".into()).await.status(201);
    portal.clock.advance(hours(48));
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());
    tenant.settings("mails", &json!({ "on_release": { "offer": "none" } })).await;
    portal.clock.advance(minutes(2));
    notified_document(&tine, ("offer", "AN2"), |_| {}).await.status(201);
    settle(&portal).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty(), "the tenant mails none of this kind");
}
