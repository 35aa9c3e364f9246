//! Paying as customers do: in steps, by link, from a balance, by transfer, over the API; pressing twice pays once.

use domain::payment::Method;
use testkit::{Answer, Api, Browser, Customer, Portal, Tenant, Value, hours, json, samples};

struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    /// A tenant with a bank account and the sandbox provider; a customer with three open invoices of 119.00 €.
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        let mut company = samples::company("webhosting-ag");
        company["bank"] = json!({ "holder": "Max von Musterhausen", "iban": "DE02120300000000202051" });
        tenant.settings("company", &company).await;
        tenant.enable(Method::Sandbox).await;
        let tine = tenant.customer("K5003", |_| {}).await;
        for number in ["RE1", "RE2", "RE3"] {
            tine.invoice(number, |_| {}).await;
        }
        Self { portal, tenant, tine }
    }

    async fn prepaid(&self, number: &str) -> &Self {
        self.tenant.put(&format!("/accounts/{number}"), &json!({ "customer": "K5003", "name": "Reserve" })).await;
        self
    }

    /// Tops an account up through the provider.
    async fn topped_up(&self, program: &Api, account: &str, amount: &str) {
        let body = json!({ "account": account, "amount": samples::euros(amount), "method": "sandbox" });
        let made = write(&self.portal, program, "/api/v1/topups", &format!("top-up-{account}-{amount}"), &body)
            .await
            .status(201);
        self.portal.provider.pay(made.json()["next"]["url"].as_str().unwrap()).await;
    }

    async fn open(&self, invoice: &str) -> String {
        let shown = self.tenant.api.get(&format!("/invoices/{invoice}")).await.status(200).json();
        let open = shown.pointer("/state/open/amount").or_else(|| shown.pointer("/open/amount"));
        open.and_then(Value::as_str).unwrap_or_else(|| panic!("{shown}")).to_owned()
    }
}

/// A write of a program that moves money.
async fn write(portal: &Portal, program: &Api, path: &str, key: &str, body: &Value) -> Answer {
    let request = program.request("POST", path).header("idempotency-key", key).json(body);
    portal.ask(request).await
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\"")
}

/// The page's form that is sent: where to, and its hidden fields.
fn form(page: &Answer) -> (String, Vec<(String, String)>) {
    let html = page.html();
    let main = html.split("<main").nth(1).unwrap();
    let form = main.split("<form").find(|form| form.contains("method=\"post\"")).unwrap();
    let form = form.split("</form>").next().unwrap();
    let action = form.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).map(unescaped);
    let mut fields = Vec::new();
    for input in form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\"")) {
        let value = |name: &str| {
            input.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(unescaped)
        };
        fields.push((value("name").unwrap(), value("value").unwrap()));
    }
    // Without an address a form is sent to its own page.
    let own = page.what().split_once("localhost:9000").map(|(_, path)| path.to_owned());
    (action.or(own).unwrap(), fields)
}

/// Presses the button of a page.
async fn press(browser: &Browser, page: &Answer, further: &[(&str, &str)]) -> Answer {
    let (action, fields) = form(page);
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend(further);
    browser.post(&action, &all).await
}

/// The address of the link with these words.
fn link(page: &Answer, words: &str) -> String {
    let html = page.html();
    let before = html.split(words).next().unwrap();
    let tag = before.rsplit("<a ").next().unwrap();
    unescaped(tag.split("href=\"").nth(1).unwrap().split('"').next().unwrap())
}

/// The check page of an amount over the three invoices.
async fn checked(browser: &Browser, amount: &str, method: &str) -> Answer {
    let path = format!("/settle?step=check&how=amount&amount={amount}&method={method}");
    let to_check = browser.get(&path).await.status(303);
    browser.follow(&to_check).await.status(200)
}

#[tokio::test]
async fn one_amount_over_three_invoices_is_previewed_paid_and_told() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get("/").await.status(200).shows("Jetzt bezahlen");
    browser.get("/settle").await.status(200).shows("357,00").shows("Weiter zur Verteilung");
    for typed in ["300,00", "300.00", "300"] {
        let page = browser.get(&format!("/settle?step=allocation&how=amount&amount={typed}")).await.status(200);
        page.shows("Nach dieser Zahlung sind 2 Rechnungen ausgeglichen.").shows("bleiben 57,00");
        let part = browser.get(&format!("/settle/preview?step=allocation&how=amount&amount={typed}")).await.status(200);
        part.shows("Nach dieser Zahlung sind 2 Rechnungen ausgeglichen.").hides("Prepaid-Konto aufladen");
    }
    assert_eq!(browser.get("/settle/preview?how=amount&amount=3e").await.status(200).text().trim(), "");
    browser.get("/settle?step=allocation&how=amount&amount=zehn").await.status(422).shows("Geben Sie einen Betrag ein");
    browser.get("/settle?step=allocation&how=invoices").await.status(422).shows("mindestens eine offene Rechnung");
    browser.get("/settle?step=method&how=amount&amount=300").await.status(200).shows("Banküberweisung");
    let check = checked(&browser, "300", "sandbox").await.shows("Sie zahlen jetzt 300,00 € mit Testzahlung");
    let first = press(&browser, &check, &[]).await.status(303);
    let second = press(&browser, &check, &[]).await.status(303);
    assert_eq!(first.header("location"), second.header("location"), "pressed twice is one payment");
    let place = first.header("location").to_owned();
    let page = browser.get(&place).await.status(200).shows("Weiter zur Zahlung").shows("300,00");
    let pay_url = link(&page, "Zur Zahlungsseite");
    // The return proves nothing.
    browser.get(&format!("{place}?returned=1")).await.status(200).shows("Ihre Zahlung wird bestätigt");
    house.portal.provider.pay_telling(&pay_url, "twice").await;
    let paid = browser.get(&format!("{place}?returned=1")).await.status(200);
    paid.shows("Vielen Dank, Ihre Zahlung ist da").shows("2 Rechnungen sind ausgeglichen.").shows("57,00");
    assert_eq!(house.open("RE3").await, "57.00");
    browser.get("/invoices/RE1").await.status(200).shows("119,00 € eingegangen").shows("Testzahlung");
    // Back: the same page, the same payment.
    let (action, _) = form(&check);
    browser.get(&action).await.redirects(&place);
    press(&browser, &check, &[]).await.redirects(&place);
    let program = house.tine.token().await;
    let all = program.get("/api/v1/payments").await.status(200).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!(all["items"][0]["state"]["name"], "paid");
}

#[tokio::test]
async fn what_ends_without_money_may_be_tried_again_and_a_running_payment_is_said() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let opened = async |amount: &str| {
        let check = checked(&browser, amount, "sandbox").await;
        let place = press(&browser, &check, &[]).await.status(303).header("location").to_owned();
        let page = browser.get(&place).await.status(200);
        (place, link(&page, "Zur Zahlungsseite"))
    };
    let (place, pay_url) = opened("119").await;
    checked(&browser, "119", "sandbox").await.shows("Eine Zahlung über 119,00 € läuft bereits.");
    house.portal.provider.decline(&pay_url).await;
    let declined = browser.get(&place).await.status(200).shows("Die Zahlung wurde abgelehnt");
    let again = link(&declined, "Erneut versuchen");
    browser.get(&again).await.status(200).shows("Womit möchten Sie bezahlen?").shows("119,00");
    let (place, pay_url) = opened("10").await;
    house.portal.provider.cancel(&pay_url).await;
    browser.get(&place).await.status(200).shows("Sie haben die Zahlung abgebrochen");
    // Paid late: only money is final.
    let (place, pay_url) = opened("20").await;
    house.portal.provider.pay_telling(&pay_url, "later").await;
    browser.get(&format!("{place}?returned=1")).await.status(200).shows("Vielen Dank");
    let other = house.tenant.customer("K-OTHER", |c| c["email"] = "other@example.org".into()).await;
    other.login().await.get(&place).await.status(404);
}

#[tokio::test]
async fn more_than_is_open_becomes_credit_and_is_said_before() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let page = browser.get("/settle?step=allocation&how=amount&amount=400").await.status(200);
    page.shows("43,00 € davon werden Guthaben");
    let check = checked(&browser, "400", "sandbox").await;
    // Another invoice changes what is left over: the customer is asked again.
    house.tine.invoice("RE4", |_| {}).await;
    press(&browser, &check, &[]).await.status(422).shows("Inzwischen hat sich geändert");
}

#[tokio::test]
async fn a_transfer_says_everything_a_banking_app_needs() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let check = checked(&browser, "357", "bank_transfer").await;
    let place = press(&browser, &check, &[]).await.status(303).header("location").to_owned();
    let page = browser.get(&place).await.status(200).shows("Bitte überweisen Sie 357,00").shows("Max von Musterhausen");
    let page = page.shows("DE02 1203 0000 0000 2020 51").shows("RE1, RE2, RE3");
    assert!(page.html().contains("data:image/svg+xml;base64,"), "no GiroCode");
    let program = house.tine.token().await;
    let id = place.rsplit('/').next().unwrap();
    let shown = program.get(&format!("/api/v1/payments/{id}")).await.status(200).json();
    let transfer = &shown["next"]["transfer"];
    assert!(transfer["reference"].as_str().unwrap().starts_with("RF"), "{shown}");
    let code = transfer["giro_code"].as_str().unwrap();
    assert!(code.contains("EUR357.00") && code.ends_with(transfer["reference"].as_str().unwrap()), "{code}");
}

#[tokio::test]
async fn a_balance_pays_once_and_never_more_than_is_there() {
    let house = House::built().await;
    let program = house.tine.token().await;
    house.prepaid("00001008").await.topped_up(&program, "00001008", "150.00").await;
    let browser = house.tine.login().await;
    browser.get("/settle?step=method&how=amount&amount=300").await.status(200).shows("Guthaben 150,00 €");
    let check = checked(&browser, "300", "balance:00001008").await;
    press(&browser, &check, &[]).await.status(422).shows("Das Guthaben reicht nicht.");
    // Two tabs with the same invoice: the second one is told.
    let one = "/settle?step=check&how=part&invoice=RE1&amount=119&method=balance";
    let first = browser.follow(&browser.get(one).await.status(303)).await.status(200);
    let second = browser.follow(&browser.get(one).await.status(303)).await.status(200);
    let place = press(&browser, &first, &[]).await.status(303).header("location").to_owned();
    browser.get(&place).await.status(200).shows("Vielen Dank").shows("Guthaben");
    press(&browser, &second, &[]).await.status(422);
    assert_eq!(house.open("RE1").await, "0.00");
    browser.get("/accounts").await.status(200).shows("31,00");
    browser.get("/accounts/00001008").await.status(200).shows("Rechnung RE1 bezahlt").shows("−119,00 €");
}

#[tokio::test]
async fn programs_that_pay_one_invoice_from_a_balance_at_once_pay_it_once() {
    let house = House::built().await;
    let program = house.tine.token().await;
    house.prepaid("00001008").await.topped_up(&program, "00001008", "1000.00").await;
    let body = json!({ "invoices": ["RE1"], "method": "balance:00001008" });
    let keys = ["a", "b", "c", "d"];
    let all = keys.map(|key| write(&house.portal, &program, "/api/v1/settlements", key, &body));
    let codes: Vec<u16> = futures_util::future::join_all(all).await.iter().map(Answer::code).collect();
    assert_eq!(codes.iter().filter(|code| **code == 201).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, 201 | 409 | 422)), "{codes:?}");
    let shown = house.tenant.api.get("/accounts/00001008").await.status(200).html();
    assert!(shown.contains("881.00"), "{shown}");
    let receivables = house.tenant.api.get("/accounts/K5003-EUR").await.status(200).html();
    assert!(!receivables.contains("119.00"), "credit: {receivables}");
}

#[tokio::test]
async fn a_link_for_one_invoice_shows_it_and_nothing_else() {
    let house = House::built().await;
    let body = json!({ "purpose": "pay", "customer": "K5003", "document": "RE1" });
    let made = house.tenant.api.post("/links", &body).await.status(201).json();
    let url = made["url"].as_str().unwrap();
    let path = &url[url.find("/pay/").unwrap()..];
    let browser = house.tenant.browser();
    let page =
        browser.get(path).await.status(200).has("referrer-policy", "no-referrer").has("cache-control", "no-store");
    let page = page.has("x-robots-tag", "noindex").shows("Rechnung RE1 bezahlen").shows("119,00");
    for hidden in ["Tine", "Exempel", "K5003", "RE2", "@example.org", "Guthaben"] {
        page.clone().hides(hidden);
    }
    browser.get(&path.replace("/pay/", "/link/")).await.status(404);
    // A page without referrer sends `Origin: null`; the browser's own word still stands.
    let (_, fields) = form(&page);
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.push(("method", "sandbox"));
    let post = || browser.request("POST", path).form(&all);
    browser.send(post()).await.status(403);
    browser.send(post().header("origin", "null").header("sec-fetch-site", "cross-site")).await.status(403);
    let first = browser.send(post().header("origin", "null").header("sec-fetch-site", "same-origin")).await.status(303);
    let second = press(&browser, &page, &[("method", "sandbox")]).await.status(303);
    assert_eq!(first.header("location"), second.header("location"), "pressed twice is one payment");
    let go = browser.follow(&first).await.status(200).shows("Zur Zahlungsseite").hides("@example.org");
    let sent_back = house.portal.provider.pay(&link(&go, "Zur Zahlungsseite")).await;
    // The provider is not told the token of the link; only the browser that left knows it.
    let back = sent_back.header("location").strip_prefix(&house.tenant.origin()).unwrap();
    assert!(!back.contains(path.trim_start_matches("/pay/")), "{back}");
    let standing = format!("{}&returned=1", first.header("location"));
    browser.get(&format!("{back}?token=EC-1&id=BRQ1")).await.redirects(&standing);
    house.tenant.browser().get(back).await.status(200).shows("Sie sind zurück").hides("RE1").hides("119,00");
    let elsewhere = back.replace(back.rsplit('/').next().unwrap(), "nothing");
    browser.get(&elsewhere).await.status(404);
    browser.get(&standing).await.status(200).shows("Vielen Dank").hides("RE2").hides("@example.org");
    browser.get(path).await.status(200).shows("Rechnung RE1 ist bezahlt");
    let revoke = json!({ "id": made["id"], "customer": "K5003" });
    house.tenant.api.delete("/links", &revoke).await.status(204);
    browser.get(path).await.status(410).shows("Dieser Link gilt nicht mehr");
    let made =
        house.tenant.api.post("/links", &json!({ "purpose": "pay", "customer": "K5003", "document": "RE2" })).await;
    let url = made.status(201).json()["url"].as_str().unwrap().to_owned();
    house.portal.clock.advance(hours(24 * 61));
    browser.get(&url[url.find("/pay/").unwrap()..]).await.status(410);
    let other = house.tenant.customer("K-OTHER", |c| c["email"] = "other@example.org".into()).await;
    let theirs = json!({ "purpose": "pay", "customer": other.number(), "document": "RE2" });
    house.tenant.api.post("/links", &theirs).await.status(422).names(&["document"]);
}

#[tokio::test]
async fn the_same_key_is_the_same_settlement() {
    let house = House::built().await;
    let program = house.tine.token().await;
    let preview = json!({ "amount": samples::euros("200.00") });
    let shown = program.post("/api/v1/settlements/preview", &preview).await.status(200).json();
    assert_eq!(shown["allocations"][1]["amount"], samples::euros("81.00"));
    assert_eq!(shown["allocations"][1]["remaining"], samples::euros("38.00"));
    let path = "/api/v1/settlements";
    let body = json!({ "amount": samples::euros("200.00"), "method": "sandbox" });
    program.post(path, &body).await.status(400).names(&["Idempotency-Key"]);
    write(&house.portal, &program, path, &"k".repeat(65), &body).await.status(400);
    let first = write(&house.portal, &program, path, "key-1", &body).await.status(201).json();
    assert_eq!(first["allocations"], shown["allocations"]);
    assert_eq!(first["next"]["kind"], "redirect");
    house.portal.provider.pay(first["next"]["url"].as_str().unwrap()).await;
    assert_eq!(write(&house.portal, &program, path, "key-1", &body).await.status(201).json(), first, "the same answer");
    let other = json!({ "amount": samples::euros("201.00"), "method": "sandbox" });
    write(&house.portal, &program, path, "key-1", &other).await.status(422).names(&["Idempotency-Key"]);
    house.portal.clock.advance(hours(24 * 8));
    let program = house.tine.token().await;
    let later =
        write(&house.portal, &program, path, "key-1", &json!({ "method": "bank_transfer" })).await.status(201).json();
    assert_ne!(later["payment"], first["payment"], "forgotten after seven days");
    write(&house.portal, &program, path, "key-2", &json!({ "method": "balance" }))
        .await
        .status(422)
        .problem("method_not_enabled");
    let wrong = json!({ "invoices": ["RE2", "RE9"], "method": "sandbox" });
    write(&house.portal, &program, path, "key-3", &wrong).await.status(422).names(&["invoices[1]"]);
}

#[tokio::test]
async fn two_programs_at_once_with_one_key_make_one_payment() {
    let house = House::built().await;
    let program = house.tine.token().await;
    let body = json!({ "invoices": ["RE1"], "method": "bank_transfer" });
    let writes = (0..8).map(|_| write(&house.portal, &program, "/api/v1/settlements", "key", &body));
    let answers = futures_util::future::join_all(writes).await;
    let ids: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| answer.status(201).json()["payment"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    let all = program.get("/api/v1/payments").await.status(200).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_top_up_is_checked_confirmed_and_booked() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get("/prepaid").await.status(200).shows("Noch kein Prepaid-Konto");
    house.prepaid("00001008").await;
    browser.get("/prepaid").await.status(200).shows("Sie können 5,00").shows("00001008 · Reserve · Guthaben 0,00");
    let wrong = format!("/prepaid?check=1&amount=other&other=4,99&method=cash&reference_text={}", "x".repeat(36));
    let page = browser.get(&wrong).await.status(422);
    page.shows("Geben Sie einen Betrag von 5,00")
        .shows("höchstens 35 Zeichen haben")
        .shows("angebotenen Zahlungsmethoden");
    let asked = "/prepaid?check=1&account=00001008&amount=other&other=1.234,50&reference_text=Messe&method=";
    let check = browser.follow(&browser.get(&format!("{asked}bank_transfer")).await.status(303)).await.status(200);
    let check = check.shows("Sie zahlen 1.234,50 € per Banküberweisung").shows("Messe");
    let place = press(&browser, &check, &[]).await.status(303).header("location").to_owned();
    press(&browser, &check, &[]).await.redirects(&place);
    assert!(place.starts_with("/prepaid/") && place.len() == "/prepaid/".len() + 16, "{place}");
    let page = browser.get(&place).await.status(200).shows("Bitte überweisen Sie 1.234,50").shows("RF");
    assert_eq!(link(&page, "Einzahlungsaufforderung (PDF)"), format!("{place}/pdf"));
    let check = browser.follow(&browser.get(&format!("{asked}sandbox")).await.status(303)).await.status(200);
    let card = press(&browser, &check, &[]).await.status(303).header("location").to_owned();
    let pay_url = link(&browser.get(&card).await.status(200), "Zur Zahlungsseite");
    house.portal.provider.pay(&pay_url).await;
    let paid = browser.get(&card).await.status(200).shows("Das Geld steht auf Konto 00001008 bereit.");
    assert_eq!(link(&paid, "Einzahlungsbestätigung (PDF)"), format!("{card}/confirmation"));
    browser.get("/prepaid").await.status(200).shows("Geld erwartet").shows("Eingegangen");
    browser.get("/accounts").await.status(200).shows("1.234,50").shows("Einzahlung per Testzahlung");
    browser.get("/accounts/00001008").await.status(200).shows("Messe");
    let csv = browser.get("/accounts/00001008.csv").await.status(200).has("content-type", "text/csv; charset=utf-8");
    assert!(csv.html().contains("Einzahlung per Testzahlung;22.11.2026;Messe;1234,50;1234,50;EUR"), "{}", csv.html());
    let other = house.tenant.customer("K-OTHER", |c| c["email"] = "other@example.org".into()).await.login().await;
    for foreign in [place.as_str(), card.as_str(), "/accounts/00001008", "/accounts/00001008.csv"] {
        other.get(foreign).await.status(404);
    }
}

#[tokio::test]
async fn entries_are_paged_and_the_api_says_the_same() {
    let house = House::built().await;
    house.prepaid("00001008").await;
    let program = house.tine.token().await;
    for amount in ["10.00", "20.00", "30.00"] {
        house.topped_up(&program, "00001008", amount).await;
    }
    let accounts = program.get("/api/v1/accounts").await.status(200).json();
    let balances: Vec<&Value> = accounts["items"].as_array().unwrap().iter().map(|one| &one["available"]).collect();
    assert_eq!(balances, [&samples::euros("0.00"), &samples::euros("60.00")]);
    let path = "/api/v1/accounts/00001008/entries?limit=2";
    let first = program.get(path).await.status(200).json();
    assert_eq!(first["items"][0]["balance"], samples::euros("60.00"));
    let next = first["next"].as_str().unwrap();
    let second = program.get(&format!("{path}&after={next}")).await.status(200).json();
    assert_eq!(second["items"][0]["amount"], samples::euros("10.00"));
    program.get(&format!("/api/v1/accounts/K5003-EUR/entries?after={next}")).await.status(400);
    let body = json!({ "amount": samples::euros("4.99"), "method": "sandbox" });
    write(&house.portal, &program, "/api/v1/topups", "low", &body).await.status(422).names(&["amount"]);
    program.post("/api/v1/topups", &body).await.status(400);
}
