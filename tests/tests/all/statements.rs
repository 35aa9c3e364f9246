//! Statements of account: what counts for a period, between two balances that fit, on the page, as a file and on paper.

use testkit::{Answer, Api, Browser, Customer, Portal, Tenant, json};

use crate::payment_mails::text;

const PERIOD: &str = "account=K5003-EUR&from=2026-11-01&to=2026-11-22";
/// Its three forms.
const FORMS: [&str; 3] = ["/statement", "/statement.csv", "/statement/pdf"];

/// A customer who owed 119.00 € before November, and with whom everything happened since.
async fn house() -> (Portal, Tenant, Customer) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |facts| facts["issued_on"] = "2026-09-15".into()).await.status(201);
    tine.invoice("RE2", |_| {}).await.status(201);
    tine.pays("RE1", "50.00", "bank-1").await.status(200);
    tine.pays("RE2", "19.00", "bank-2").await.status(200);
    tenant.api.post("/invoices/RE2:payment-reverse", &json!({ "reference": "bank-2" })).await.status(200);
    tine.document("credit-note", "GS1", |_| {}).await.status(201);
    (portal, tenant, tine)
}

/// `-50,00` in cents.
fn cents(amount: &str) -> i64 {
    amount.replace(',', "").parse().unwrap_or_else(|error| panic!("{amount}: {error}"))
}

/// The rows of a file: what happened, the amount where there is one, the balance after it.
async fn rows(browser: &Browser, query: &str) -> Vec<(String, Option<i64>, i64)> {
    let csv = browser.get(&format!("/statement.csv?{query}")).await.status(200);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        let [what, _, _, amount, balance, "EUR"] = cells[..] else { panic!("{line}") };
        (what.to_owned(), (!amount.is_empty()).then(|| cents(amount)), cents(balance))
    };
    csv.html().lines().skip(1).map(row).collect()
}

/// The balance of the account of invoices: what is open, without the credit beside it.
async fn balance(program: &Api) -> i64 {
    let accounts = program.get("/api/v1/accounts").await.status(200).json();
    let of = |name: &str| cents(&accounts["items"][0][name]["amount"].as_str().unwrap().replace('.', ","));
    of("open") - of("available")
}

#[tokio::test]
async fn every_entry_of_the_period_stands_between_two_balances_that_fit() {
    let (_portal, _tenant, tine) = house().await;
    let browser = tine.login().await;
    let rows = rows(&browser, PERIOD).await;
    let [(first, None, opening), entries @ .., (last, None, closing)] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((first.as_str(), last.as_str()), ("Anfangssaldo", "Endsaldo"));
    let sum: i64 = entries.iter().filter_map(|(_, amount, _)| *amount).sum();
    assert_eq!((*opening, closing - opening), (11_900, sum), "{rows:?}");
    assert_eq!(*closing, balance(&tine.token().await).await, "{rows:?}");
    let mut before = *opening;
    for (what, amount, after) in entries {
        before += amount.unwrap_or_else(|| panic!("{what} has no amount"));
        assert_eq!(*after, before, "{what}: {rows:?}");
    }
    let mut told: Vec<(&str, i64)> = entries.iter().map(|(what, amount, _)| (what.as_str(), amount.unwrap())).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("Gutschrift GS1", -11_900),
            ("Rechnung RE2", 11_900),
            ("Zahlung auf Rechnung RE1", -5_000),
            ("Zahlung auf Rechnung RE2", -1_900),
            ("Zahlung auf Rechnung RE2 zurückgebucht", 1_900),
        ]
    );
}

#[tokio::test]
async fn page_and_paper_say_the_same() {
    let (_portal, _tenant, tine) = house().await;
    let browser = tine.login().await;
    let page = browser.get(&format!("/statement?{PERIOD}")).await.status(200);
    let page = page.shows("Kundenkonto K5003-EUR").shows("Anfangssaldo 119,00 €").shows("Endsaldo 69,00 €");
    let page = page.shows("Zahlung auf Rechnung RE2 zurückgebucht");
    let pdf = browser.get(&page.link_to("/statement/pdf").replace("&#38;", "&")).await.status(200);
    let pdf = pdf.has("content-type", "application/pdf");
    let name = "Kontoauszug-K5003-EUR-2026-11-01-bis-2026-11-22.pdf";
    assert!(pdf.header("content-disposition").contains(name), "{}", pdf.header("content-disposition"));
    let printed = text(pdf.bytes());
    for words in ["K5003-EUR", "119,00", "69,00", "Gutschrift GS1", "Zahlung auf Rechnung RE1"] {
        assert!(printed.contains(words), "{words} is missing in {printed}");
    }
}

#[tokio::test]
async fn a_period_in_which_nothing_happened_begins_and_ends_alike() {
    let (_portal, _tenant, tine) = house().await;
    let browser = tine.login().await;
    for (days, both) in [("from=2026-01-01&to=2026-01-31", 0), ("from=2026-10-01&to=2026-10-31", 11_900)] {
        let rows = rows(&browser, days).await;
        let wanted = ["Anfangssaldo", "Endsaldo"].map(|what| (what.to_owned(), None, both));
        assert_eq!(rows, wanted, "{days}");
        browser.get(&format!("/statement?{days}")).await.status(200).shows("In diesem Zeitraum wurde nichts gebucht");
    }
}

#[tokio::test]
async fn another_customers_account_is_the_same_404_as_none() {
    let (_portal, tenant, _) = house().await;
    let otto = tenant.customer("K7007", |_| {}).await;
    otto.invoice("RE7", |_| {}).await.status(201);
    let browser = otto.login().await;
    for form in FORMS {
        let ask = async |account: &str| -> Answer { browser.get(&format!("{form}?account={account}")).await };
        ask("K7007-EUR").await.status(200);
        for account in ["K5003-EUR", "K9-EUR"] {
            ask(account).await.status(404).problem("not_found");
        }
    }
}

#[tokio::test]
async fn days_that_are_none_or_in_the_wrong_order_are_named() {
    let (_portal, _tenant, tine) = house().await;
    let browser = tine.login().await;
    for days in ["from=2026-11-22&to=2026-11-01", "from=&to=2026-11-01", "from=bald"] {
        let page = browser.get(&format!("/statement?{days}")).await.status(422);
        page.shows("Geben Sie zwei Tage ein").hides("Endsaldo");
        for form in &FORMS[1..] {
            browser.get(&format!("{form}?{days}")).await.status(422);
        }
    }
}
