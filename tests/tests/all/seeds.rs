//! The seeds: their data and words appear as the specification shows them, and in English after switching.

use testkit::{Browser, Portal, Tenant};

async fn demo() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let demo = portal.demo().await;
    let tenant = demo.tenant("webhosting-ag").clone();
    (portal, tenant)
}

/// Tine's browser after signing in, in German and in English.
async fn tine() -> (Tenant, Browser, Browser) {
    let (_portal, tenant) = demo().await;
    let german = tenant.login("tine@example.org").await;
    let english = german.clone().speaking(Some("en"));
    (tenant, german, english)
}

/// The words stand on the page in this order.
#[track_caller]
fn in_order(answer: &testkit::Answer, words: &[&str]) {
    let text = answer.text();
    let mut from = 0;
    for word in words {
        let place = text[from..].find(word);
        from += place.unwrap_or_else(|| panic!("{} lacks {word:?} after {:?}", answer.what(), &text[..from.min(400)]))
            + word.len();
    }
}

#[tokio::test]
async fn m03_m08_the_frame_is_the_same_on_every_page() {
    let (_, german, english) = tine().await;
    for path in [
        "/",
        "/data",
        "/contracts",
        "/contracts/1",
        "/invoices",
        "/invoices/RE1000",
        "/contact",
        "/imprint",
        "/nowhere",
    ] {
        let page = german.get(path).await;
        let legal = ["Impressum", "Datenschutz", "Barrierefreiheit", "Verträge hier kündigen", "Vertrag widerrufen"];
        in_order(&page, &legal);
        in_order(&page, &["Webhosting AG", "Impressum"]);
        if path != "/nowhere" {
            in_order(&page, &["Startseite", "Daten", "Verträge", "Rechnungen"]);
            page.shows("K5003").shows("Abmelden");
        }
    }
    let page = english.get("/invoices").await;
    in_order(&page, &["Home", "Your data", "Contracts", "Invoices", "Legal notice"]);
    page.shows("K5003").shows("Sign out");
}

#[tokio::test]
async fn m04_m05_m06_m09_the_start_page_greets_as_in_the_seed() {
    let (tenant, german, english) = tine().await;
    let page = german.get("/").await.status(200).shows("Sie sind erfolgreich angemeldet.");
    in_order(&page, &["Herzlich willkommen, Frau Exemplus Tine!", "Ihre Kundennummer: K5003"]);
    page.shows("Aktuelles").shows("Neu im Kundencenter");
    german.get("/").await.hides("Sie sind erfolgreich angemeldet.");
    english
        .get("/")
        .await
        .shows("Welcome, ")
        .shows("Exemplus Tine!")
        .shows("Your customer number: K5003")
        .shows("New in your customer portal");
    tenant.browser().get("/login").await.shows("Neu im Kundencenter").shows("Fragen zu Rechnung oder Vertrag?");
    let company_only = tenant.login("buchhaltung@massenhaft.example").await;
    company_only.get("/").await.shows("Herzlich willkommen, Massenhaft Versand GmbH!");
    let without_salutation = tenant.login("max@example.org").await;
    without_salutation.get("/").await.shows("Herzlich willkommen, Max Musterkunde!").shows("Ihre Kundennummer: 1000");
}

#[tokio::test]
async fn m07_an_unset_footer_asks_to_be_written_in_the_sandbox() {
    let (tenant, german, _) = tine().await;
    german.get("/").await.shows("Webhosting AG · Musterweg 1 · 12345 Musterhausen");
    let sandbox = tenant.sandbox().await;
    let page = sandbox.browser().get("/login").await;
    page.shows("Bitte bearbeiten Sie Ihren Footertext in der Textverwaltung");
}

#[tokio::test]
async fn m12_m13_m14_m15_the_data_stand_under_their_labels_and_empty_ones_keep_theirs() {
    let (_, german, english) = tine().await;
    let page = german.get("/data").await.status(200);
    let general = [
        "Allgemeine Daten",
        "Kundennummer",
        "K5003",
        "Anrede",
        "Frau",
        "Firma",
        "Example GmbH",
        "Vorname",
        "Exemplus",
        "Nachname",
        "Tine",
        "Telefon 1",
        "Telefon 2",
        "Mobil",
        "tine@example.org",
    ];
    in_order(&page, &general);
    let address = [
        "Rechnungsanschrift",
        "Adresse 1",
        "Exempel Gasse 1",
        "Adresse 2",
        "Adresse 3",
        "PLZ",
        "56789",
        "Ort",
        "Rosahausen",
        "Staat",
        "Land",
        "Deutschland",
        "E-Mail für Rechnungen",
    ];
    in_order(&page, &address);
    in_order(&page, &["Rechnungsstellung", "Steuerregion", "Inland", "Steuernummer", "EU-USt-IdNr.", "Zahlungsart"]);
    let page = english.get("/data").await;
    in_order(
        &page,
        &[
            "General",
            "Customer number",
            "K5003",
            "Company",
            "Example GmbH",
            "Billing address",
            "Address 1",
            "Exempel Gasse 1",
            "Country",
            "Germany",
            "Tax region",
        ],
    );
}

#[tokio::test]
async fn m16_the_contract_stands_as_in_the_seed() {
    let (_, german, english) = tine().await;
    for path in ["/contracts", "/contracts/1"] {
        let page = german.get(path).await.status(200);
        in_order(&page, &["Vertrag Nr. 1", "Vertragsabschluss", "01.03.2019"]);
        page.shows("Zahlungsintervall").shows("1 Monat").shows("Aktiv");
    }
    let page = english.get("/contracts/1").await.status(200);
    in_order(&page, &["Contract no. 1"]);
    page.shows("1 month").shows("Active");
}

#[tokio::test]
async fn m17_m18_m19_the_cancelled_invoice_stays_listed_with_german_formats() {
    let (_, german, english) = tine().await;
    let page = german.get("/invoices?year=2019").await.status(200);
    in_order(
        &page,
        &[
            "Re.-Nummer",
            "Re.-Datum",
            "Gesamtbetrag brutto",
            "bezahlt",
            "Vollzahlung am",
            "Fälligkeit",
            "Storniert",
            "Mahnstufe",
        ],
    );
    in_order(&page, &["RE1000", "06.03.2019", "15,91 €", "0,00 €"]);
    assert!(page.html().contains("/invoices/RE1000/pdf"), "the PDF is one click away");
    page.shows("Storniert am 06.03.2019");
    let page = english.get("/invoices?year=2019").await.status(200);
    in_order(
        &page,
        &[
            "Invoice no.",
            "Invoice date",
            "Total incl. VAT",
            "paid",
            "Paid in full on",
            "Due",
            "Cancelled",
            "Dunning level",
        ],
    );
    page.shows("RE1000").shows("€15.91");
}

#[tokio::test]
async fn m48_m49_an_invoice_tells_its_payments() {
    let (_, german, _) = tine().await;
    let page = german.get("/invoices/RE1107").await.status(200).shows("Zahlungsvorgänge").shows("50,00 € eingegangen");
    in_order(&page, &["Positionen"]);
    german.get("/invoices/RE1000").await.shows("Rechnung storniert").shows("Webhosting Basis, 50 GB Speicher");
}

#[tokio::test]
async fn every_persona_of_the_demo_sees_every_page_in_both_languages() {
    let (portal, _) = demo().await;
    let today = domain::time::Zone::default().day(portal.clock.now());
    let mut seen = 0;
    for tenant in local::demo::tenants(today).unwrap() {
        let house = portal.existing_tenant(&tenant.slug).await;
        for persona in &tenant.personas {
            portal.clock.advance(testkit::minutes(7));
            let browser = house.browser();
            browser.ask_for_code(&persona.email).await.redirects("/login/code");
            let to = browser.type_code(&portal.mailbox.code_to(&persona.email)).await.status(303);
            if to.header("location") == "/login/choose" {
                browser.post("/login/choose", &[("customer", &persona.number)]).await.redirects("/");
            }
            for language in ["de", "en"] {
                for path in ["/", "/data", "/contracts", "/invoices", "/sessions"] {
                    browser.clone().speaking(Some(language)).get(path).await.status(200).shows(&persona.number);
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 14, "{seen} personas");
}
