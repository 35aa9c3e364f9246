//! Bank statements over the API, with files made here: what is booked once, what waits for a person, and what changes
//! nothing.

use std::collections::BTreeMap;

use domain::{
    Currency, Money,
    change::{Actor, Change, Event, EventKind},
    deposit::DepositNumber,
    ledger::{Account, AccountKind},
    number::{AccountNumber, CustomerNumber},
    payment::{Ending, Method, NewPayment, Payment, Purpose},
};
use store::{TenantStore, secret};
use testkit::{Answer, Customer, Portal, Tenant, Value, json, minutes, samples};

const OWN: &str = "DE02120300000000202051";
const TINE: &str = "DE89370400440532013000";
const KARL: &str = "DE02200505501015871393";
const PREPAID: &str = "00001008";

/// One booking of a file.
#[derive(Debug, Clone)]
struct Line {
    cents: i64,
    text: String,
    id: &'static str,
    reference: String,
    payer: &'static str,
    is_debit: bool,
    is_return: bool,
}

/// Money that came from Tine.
fn came(cents: i64, text: &str) -> Line {
    let (text, reference) = (text.to_owned(), String::new());
    Line { cents, text, id: "", reference, payer: TINE, is_debit: false, is_return: false }
}

impl Line {
    fn from(self, payer: &'static str) -> Self {
        Self { payer, ..self }
    }

    fn with_id(self, id: &'static str) -> Self {
        Self { id, ..self }
    }

    /// With a reference in its own field.
    fn with_reference(self, reference: &str) -> Self {
        Self { reference: reference.to_owned(), ..self }
    }

    /// The same money going back.
    fn comes_back(&self) -> Self {
        Self { is_debit: true, is_return: true, ..self.clone() }
    }

    fn amount(&self) -> String {
        euros(self.cents)
    }
}

fn euros(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// A statement: what stands in it, whatever it is written as.
#[derive(Debug, Clone)]
struct Sheet {
    iban: &'static str,
    number: u32,
    day: &'static str,
    currency: &'static str,
    opening: i64,
    lines: Vec<Line>,
}

fn sheet(number: u32, lines: &[Line]) -> Sheet {
    Sheet { iban: OWN, number, day: "2026-11-20", currency: "EUR", opening: 100_000, lines: lines.to_vec() }
}

impl Sheet {
    fn on(self, day: &'static str) -> Self {
        Self { day, ..self }
    }

    fn closing(&self) -> i64 {
        self.opening + self.lines.iter().map(|line| if line.is_debit { -line.cents } else { line.cents }).sum::<i64>()
    }

    fn statement(&self) -> String {
        self.camt("053", "08")
    }

    fn notification(&self) -> String {
        self.camt("054", "08")
    }

    /// camt.053 or camt.054, one element a line.
    fn camt(&self, message: &str, version: &str) -> String {
        let (root, part) =
            if message == "053" { ("BkToCstmrStmt", "Stmt") } else { ("BkToCstmrDbtCdtNtfctn", "Ntfctn") };
        let Self { iban, number, day, currency, opening, .. } = self;
        let balance = |code: &str, cents: i64| {
            let way = if cents < 0 { "DBIT" } else { "CRDT" };
            format!(
                "<Bal>\n<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>\n<Amt Ccy=\"{currency}\">{}</Amt>\n\
                 <CdtDbtInd>{way}</CdtDbtInd>\n<Dt><Dt>{day}</Dt></Dt>\n</Bal>\n",
                euros(cents.abs())
            )
        };
        let balances = match message {
            "053" => balance("OPBD", *opening) + &balance("CLBD", self.closing()),
            _ => String::new(),
        };
        let entries: String = self.lines.iter().map(|line| self.camt_entry(line, version)).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version}\">\n<{root}>\n\
             <GrpHdr><MsgId>M{number}</MsgId><CreDtTm>{day}T20:00:00+01:00</CreDtTm></GrpHdr>\n<{part}>\n\
             <Id>S{number}</Id>\n<ElctrncSeqNb>{number}</ElctrncSeqNb>\n<CreDtTm>{day}T20:00:00+01:00</CreDtTm>\n\
             <Acct><Id><IBAN>{iban}</IBAN></Id></Acct>\n{balances}{entries}</{part}>\n</{root}>\n</Document>\n"
        )
    }

    fn camt_entry(&self, line: &Line, version: &str) -> String {
        let Self { day, currency, .. } = self;
        let Line { text, id, reference, payer, .. } = line;
        let (amount, way) = (line.amount(), if line.is_debit { "DBIT" } else { "CRDT" });
        let status = if version == "02" { "BOOK".to_owned() } else { "<Cd>BOOK</Cd>".to_owned() };
        let id = if id.is_empty() { "NOTPROVIDED" } else { id };
        let name = if version == "02" { "<Nm>Jemand</Nm>" } else { "<Pty><Nm>Jemand</Nm></Pty>" };
        let structured = match reference.as_str() {
            "" => String::new(),
            reference => format!("<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>\n"),
        };
        let free = if text.is_empty() { String::new() } else { format!("<Ustrd>{text}</Ustrd>\n") };
        let returned = if line.is_return { "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>\n" } else { "" };
        // In a return the roles stay those of the first payment.
        let paid_us = !line.is_debit || line.is_return;
        let party = if paid_us { "Dbtr" } else { "Cdtr" };
        format!(
            "<Ntry>\n<Amt Ccy=\"{currency}\">{amount}</Amt>\n<CdtDbtInd>{way}</CdtDbtInd>\n<Sts>{status}</Sts>\n\
             <BookgDt><Dt>{day}</Dt></BookgDt>\n<ValDt><Dt>{day}</Dt></ValDt>\n<NtryDtls>\n<TxDtls>\n\
             <Refs><EndToEndId>{id}</EndToEndId></Refs>\n<Amt Ccy=\"{currency}\">{amount}</Amt>\n\
             <CdtDbtInd>{way}</CdtDbtInd>\n<RltdPties><{party}>{name}</{party}>\
             <{party}Acct><Id><IBAN>{payer}</IBAN></Id></{party}Acct></RltdPties>\n\
             <RmtInf>\n{free}{structured}</RmtInf>\n{returned}</TxDtls>\n</NtryDtls>\n</Ntry>\n"
        )
    }

    fn mt940(&self) -> String {
        let day: String = self.day.replace('-', "").chars().skip(2).collect();
        let swift = |cents: i64| euros(cents.abs()).replace('.', ",");
        let balance =
            |cents: i64| format!("{}{day}{}{}", if cents < 0 { "D" } else { "C" }, self.currency, swift(cents));
        let mut file = format!(
            ":20:STARTUMS\r\n:25:{}\r\n:28C:{}/1\r\n:60F:{}\r\n",
            self.iban,
            self.number,
            balance(self.opening)
        );
        for line in &self.lines {
            let way = if line.is_debit { "D" } else { "C" };
            let code = if line.is_return { "159" } else { "166" };
            let id = if line.id.is_empty() { "NOTPROVIDED" } else { line.id };
            let text: Vec<char> = format!("SVWZ+{}{}", line.text, line.reference).chars().collect();
            let pieces: String = text
                .chunks(27)
                .enumerate()
                .map(|(at, piece)| format!("?{}{}", 21 + at, piece.iter().collect::<String>()))
                .collect();
            file.push_str(&format!(
                ":61:{day}{}{way}R{}NTRFNONREF\r\n:86:{code}?00BUCHUNG?20EREF+{id}{pieces}?31{}?32Jemand\r\n",
                &day[2..],
                swift(line.cents),
                line.payer
            ));
        }
        file + &format!(":62F:{}\r\n-\r\n", balance(self.closing()))
    }
}

/// A tenant with an account for transfers, Tine who owes 119.00 twice and has a prepaid account, and Karl who owes once.
struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
    store: TenantStore,
}

async fn house() -> House {
    house_of(Portal::start().await).await
}

async fn house_of(portal: Portal) -> House {
    let tenant = portal.tenant("webhosting-ag").await;
    with_bank(&tenant, OWN).await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1000", |_| {}).await;
    tine.invoice("RE1001", |invoice| invoice["due_on"] = "2026-12-11".into()).await;
    tenant.customer("K1000", |_| {}).await.invoice("RE2000", |_| {}).await;
    let process = portal.another_process().await;
    let found = process.store().tenant_of_host("webhosting-ag.localhost", portal.clock.now()).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let house = House { portal, tenant, tine, store };
    house.opens(PREPAID).await;
    house
}

async fn with_bank(tenant: &Tenant, iban: &str) {
    let bank = json!({ "holder": "Webhosting AG", "iban": iban, "bank": "Musterbank" });
    tenant.settings("company", &json!({ "bank": bank })).await.status(200);
    // Every process believes what it knows of a host for a minute.
    tenant.portal().clock.advance(minutes(2));
}

impl House {
    async fn opens(&self, account: &str) {
        let account = Account::open(account.parse().unwrap(), AccountKind::Prepaid, Currency::Eur);
        let event =
            Event::new(EventKind::AccountOpened, Actor::Integrator, self.portal.clock.now(), account.number.as_str());
        self.store.open_account(&self.customer("K5003").await, &Change::new(account, event)).await.unwrap();
    }

    async fn customer(&self, number: &str) -> domain::id::CustomerId {
        let number: CustomerNumber = number.parse().unwrap();
        self.store.customer_id(&number).await.unwrap().unwrap()
    }

    /// Tine asks to pay into her prepaid account by transfer.
    async fn deposit(&self, cents: i64, random: u16) -> DepositNumber {
        let now = self.portal.clock.now();
        let number = DepositNumber::new(now, random);
        let new = NewPayment {
            id: domain::id::PaymentId::new(now, secret::entropy()),
            customer: self.customer("K5003").await,
            purpose: Purpose::TopUp { reference_text: String::new() },
            method: Method::BankTransfer,
            provider: None,
            saved: None,
            account: PREPAID.parse().unwrap(),
            amount: Money::of_minor(cents, Currency::Eur),
            deposit: Some(number.to_string()),
            language: domain::Language::De,
        };
        self.store.create_payment(&Payment::start(new, Actor::Customer, now).unwrap()).await.unwrap();
        number
    }

    async fn sends(&self, file: &str) -> Answer {
        send(&self.tenant, file).await
    }

    /// The outcomes of a file that is taken.
    async fn takes(&self, file: &str) -> (Vec<String>, Value) {
        let result = self.sends(file).await.status(200).json();
        let entries = result["entries"].as_array().unwrap();
        let outcomes = entries.iter().map(|entry| {
            let reason = entry["reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{}{reason}", entry["outcome"].as_str().unwrap())
        });
        (outcomes.collect(), result)
    }

    #[track_caller]
    fn open(&self, invoice: &str) -> impl Future<Output = String> {
        let (api, path) = (self.tenant.api.clone(), format!("/invoices/{invoice}"));
        async move { api.get(&path).await.status(200).json()["state"]["open"]["amount"].as_str().unwrap().to_owned() }
    }

    /// What a customer may spend of an account, in cents.
    async fn available(&self, customer: &str, account: &str) -> i64 {
        let number: AccountNumber = account.parse().unwrap();
        let account = self.store.account(&self.customer(customer).await, &number).await.unwrap();
        account.map_or(0, |account| account.value.available().unwrap().minor())
    }

    async fn waiting(&self) -> Vec<Value> {
        let list = self.tenant.api.get("/bank-entries?unmatched").await.status(200).json();
        list["items"].as_array().unwrap().clone()
    }

    /// The replay of every account finds nothing.
    async fn balanced(&self) {
        let check = self.tenant.api.post("/ledger:check", &json!({})).await.status(200).json();
        assert_eq!((&check["balanced"], &check["faulty"]), (&json!(true), &json!([])), "{check}");
    }

    /// Everything that money moves.
    async fn balances(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for invoice in ["RE1000", "RE1001", "RE2000"] {
            all.insert(invoice.to_owned(), self.open(invoice).await);
        }
        for (customer, account) in [("K5003", PREPAID), ("K5003", "K5003-EUR"), ("K1000", "K1000-EUR")] {
            all.insert(account.to_owned(), self.available(customer, account).await.to_string());
        }
        all
    }
}

async fn send(tenant: &Tenant, file: &str) -> Answer {
    let request = tenant.api.request("POST", "/bank-statements").body("application/octet-stream", file.to_owned());
    tenant.portal().ask(request).await
}

fn id_of(result: &Value, entry: usize) -> String {
    result["entries"][entry]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_statement_three_times_books_once() {
    for (message, version) in [("053", "02"), ("053", "08"), ("054", "02"), ("054", "08"), ("940", "")] {
        let house = house().await;
        let number = house.deposit(10_000, 7).await;
        let by_field = came(10_000, "").with_reference(number.creditor_reference().as_str());
        let lines = [by_field, came(11_900, "Rechnung RE1000"), came(500, "danke")];
        let sheet = sheet(45, &lines);
        let file = if message == "940" { sheet.mt940() } else { sheet.camt(message, version) };
        let items = house.portal.items();
        let (outcomes, result) = house.takes(&file).await;
        assert_eq!(outcomes, ["booked", "booked", "unmatched: nothing_named"], "{result}");
        assert_eq!(result["counts"], json!({ "booked": 2, "unmatched": 1, "skipped": 0 }));
        let balances = house.balances().await;
        assert_eq!((&*balances[PREPAID], &*balances["RE1000"]), ("10000", "0.00"));
        let after = house.portal.items();
        assert!(after > items);
        for _ in 0..2 {
            let (outcomes, again) = house.takes(&file).await;
            assert_eq!(outcomes, ["known", "known", "known: nothing_named"], "{again}");
            assert_eq!(again["entries"][0]["payment"], result["entries"][0]["payment"]);
            assert_eq!((house.portal.items(), house.balances().await), (after, balances.clone()), "{message}");
        }
        house.balanced().await;
    }
}

#[tokio::test]
async fn money_for_a_customer_who_was_erased_waits_for_staff() {
    let house = house().await;
    house.takes(&sheet(45, &[came(11_900, "RE2000")]).statement()).await;
    let confirm = json!({ "confirm": "K1000" });
    house.tenant.api.post("/customers/K1000:erase", &confirm).await.status(202);
    let again = sheet(46, &[came(5_000, "RE2000 nochmals").with_id("E2")]).statement();
    assert_eq!(house.takes(&again).await.0, ["unmatched: erased"]);
    assert_eq!(house.takes(&again).await.0, ["known: erased"]);
    let waits = house.tenant.api.get("/bank-entries?unmatched=true").await.status(200).json();
    assert_eq!(waits["items"].as_array().unwrap().len(), 1, "{waits}");
    house.balanced().await;
}

#[tokio::test]
async fn a_notification_after_the_statement_changes_nothing() {
    let house = house().await;
    let sheet = sheet(45, &[came(11_900, "RE1000"), came(11_900, "RE1001").with_id("E1")]);
    assert_eq!(house.takes(&sheet.statement()).await.0, ["booked", "booked"]);
    let (items, balances) = (house.portal.items(), house.balances().await);
    for file in [sheet.notification(), sheet.mt940()] {
        let (outcomes, result) = house.takes(&file).await;
        assert_eq!(outcomes, ["informed", "informed"]);
        assert_eq!(result["statements"][0]["books"], false);
        assert_eq!(result["warnings"][0]["code"], "informs_only");
        assert_eq!((house.portal.items(), house.balances().await), (items, balances.clone()));
    }
    house.balanced().await;
}

#[tokio::test]
async fn a_statement_after_the_notification_changes_nothing() {
    let house = house().await;
    let sheet = sheet(45, &[came(11_900, "RE1000")]);
    assert_eq!(house.takes(&sheet.notification()).await.0, ["booked"]);
    let (items, balances) = (house.portal.items(), house.balances().await);
    assert_eq!(house.takes(&sheet.statement()).await.0, ["informed"]);
    assert_eq!((house.portal.items(), house.balances().await), (items, balances));
    house.balanced().await;
}

#[tokio::test]
async fn a_statement_in_another_version_of_its_message_is_the_same_statement() {
    let house = house().await;
    let sheet = sheet(45, &[came(11_900, "RE1000")]);
    assert_eq!(house.takes(&sheet.camt("053", "02")).await.0, ["booked"]);
    let items = house.portal.items();
    assert_eq!(house.takes(&sheet.camt("053", "08")).await.0, ["known"]);
    assert_eq!(house.portal.items(), items);
}

#[tokio::test]
async fn two_equal_transfers_of_one_day_are_booked_twice() {
    let house = house().await;
    let file = sheet(45, &[came(5_000, "RE1000"), came(5_000, "RE1000")]).statement();
    let (outcomes, result) = house.takes(&file).await;
    assert_eq!(outcomes, ["booked", "booked"]);
    assert_ne!(result["entries"][0]["payment"], result["entries"][1]["payment"]);
    assert_eq!(house.open("RE1000").await, "19.00");
    assert_eq!(house.takes(&file).await.0, ["known", "known"]);
    assert_eq!(house.open("RE1000").await, "19.00");
    house.balanced().await;
}

#[tokio::test]
async fn a_return_reopens_what_its_transfer_settled() {
    let house = house().await;
    let transfer = came(11_900, "RE1000").with_id("E-7");
    house.takes(&sheet(45, std::slice::from_ref(&transfer)).statement()).await;
    assert_eq!(house.open("RE1000").await, "0.00");
    let back = sheet(46, &[transfer.comes_back()]).on("2026-11-21");
    let (outcomes, result) = house.takes(&back.statement()).await;
    assert_eq!(outcomes, ["returned"], "{result}");
    assert_eq!(result["entries"][0]["customer"], "K5003");
    assert_eq!(house.open("RE1000").await, "119.00");
    let items = house.portal.items();
    assert_eq!(house.takes(&back.statement()).await.0, ["known"]);
    assert_eq!(house.portal.items(), items);
    // The same money cannot go back twice: what names nothing that is left waits for a person.
    let twice = sheet(47, &[transfer.comes_back()]).on("2026-11-22");
    assert_eq!(house.takes(&twice.statement()).await.0, ["unmatched: unknown_return"]);
    assert_eq!(house.open("RE1000").await, "119.00");
    house.balanced().await;
}

#[tokio::test]
async fn a_return_in_parts_and_one_that_comes_before_its_transfer_take_back_what_they_say() {
    let house = house().await;
    let transfer = came(11_900, "RE1000").with_id("E-7");
    let part = Line { cents: 1_900, ..transfer.comes_back() };
    let early = sheet(46, std::slice::from_ref(&part)).on("2026-11-21").statement();
    assert_eq!(house.takes(&early).await.0, ["unmatched: unknown_return"]);
    assert_eq!(house.waiting().await.len(), 1);
    assert_eq!(house.takes(&sheet(45, &[transfer]).statement()).await.0, ["booked"]);
    assert_eq!(house.open("RE1000").await, "19.00", "the return that waited found its transfer");
    assert_eq!(house.waiting().await.len(), 0);
    assert_eq!(house.takes(&early).await.0, ["known"]);
    let rest = Line { cents: 10_000, ..part.clone() };
    assert_eq!(house.takes(&sheet(47, &[rest]).on("2026-11-23").statement()).await.0, ["returned"]);
    assert_eq!(house.open("RE1000").await, "119.00");
    house.balanced().await;
}

#[tokio::test]
async fn a_return_of_a_deposit_takes_it_from_the_balance_again() {
    let house = house().await;
    let number = house.deposit(10_000, 7).await;
    let transfer = came(10_000, &format!("Einzahlung {number}")).with_id("E-7");
    house.takes(&sheet(45, &[transfer.clone(), transfer.comes_back()]).statement()).await;
    assert_eq!(house.available("K5003", PREPAID).await, 0);
    house.balanced().await;
}

#[tokio::test]
async fn another_currency_waits_for_a_person() {
    let house = house().await;
    let items = house.portal.items_like("#L#");
    let dollars = Sheet { currency: "USD", ..sheet(45, &[came(11_900, "RE1000")]) };
    assert_eq!(house.takes(&dollars.statement()).await.0, ["unmatched: other_currency"]);
    assert_eq!((house.open("RE1000").await.as_str(), house.portal.items_like("#L#")), ("119.00", items));
    let waiting = house.waiting().await;
    assert_eq!((waiting.len(), &waiting[0]["reason"]), (1, &json!("other_currency")));
    house.balanced().await;
}

#[tokio::test]
async fn a_file_that_is_cut_off_changes_nothing_and_names_the_line() {
    let house = house().await;
    let sheet = sheet(45, &[came(11_900, "Geheimnis RE1000"), came(100, "Geheimnis")]);
    let items = house.portal.items();
    for file in [sheet.statement(), sheet.notification(), sheet.mt940()] {
        let lines: Vec<&str> = file.lines().collect();
        for kept in (1..lines.len()).step_by(7).chain([lines.len() - 1]) {
            let refused = house.sends(&lines[..kept].join("\n")).await.status(422).problem("invalid");
            let body = refused.json();
            let message = body["errors"][0]["message"].as_str().unwrap().to_owned();
            assert!(kept < 5 || message.contains("line "), "{kept} lines: {message}");
            assert!(!refused.html().contains("Geheimnis"), "{message}");
        }
    }
    let wrong = sheet.statement().replacen("CRDT</CdtDbtInd>\n<Sts>", "XXXX</CdtDbtInd>\n<Sts>", 1);
    let at = wrong.lines().position(|line| line.contains("XXXX")).unwrap() + 1;
    let message = house.sends(&wrong).await.status(422).json()["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with(&format!("line {}:", at - 2)), "the booking begins there: {message}");
    let sum = sheet.statement().replacen("1120.00", "1120.01", 1);
    house.sends(&sum).await.status(422).problem("invalid");
    for rubbish in ["", "{}", "Buchungstag;Betrag", "<Document/>"] {
        house.sends(rubbish).await.status(422).problem("invalid").names(&["body"]);
    }
    assert_eq!(house.portal.items(), items);
    house.balanced().await;
}

#[tokio::test]
async fn a_good_entry_is_taken_though_its_neighbour_fails_and_the_file_again_finishes_it() {
    let house = house().await;
    let file = sheet(45, &[came(11_900, "RE2000").from(KARL), came(11_900, "RE1000")]).statement();
    // Karl's account cannot be read any more.
    let broken = house.portal.spoil("account", "\"number\":{\"S\":\"K1000-EUR\"}", "\"number\":{\"BOOL\":true}");
    assert_eq!(broken, 1);
    let (outcomes, result) = house.takes(&file).await;
    assert_eq!(outcomes, ["failed", "booked"], "{result}");
    assert_eq!((house.open("RE1000").await.as_str(), house.open("RE2000").await.as_str()), ("0.00", "119.00"));
    assert_eq!(house.portal.spoil("account", "\"number\":{\"BOOL\":true}", "\"number\":{\"S\":\"K1000-EUR\"}"), 1);
    assert_eq!(house.takes(&file).await.0, ["booked", "known"]);
    assert_eq!(house.open("RE2000").await, "0.00");
    house.balanced().await;
}

#[tokio::test]
async fn a_file_through_a_bad_network_is_booked_once_when_it_is_sent_until_nothing_failed() {
    let house = house_of(Portal::behind_faults(20_261_122).await).await;
    let number = house.deposit(1_000, 7).await;
    let mut lines: Vec<Line> = (0..12).map(|_| came(1_000, &format!("Einzahlung {number}"))).collect();
    lines.push(came(5_000, "RE1000"));
    let file = sheet(45, &lines).statement();
    house.portal.dynamodb().percent(15);
    let mut sent = 0;
    loop {
        let answer = house.sends(&file).await;
        sent += 1;
        assert!(sent < 40, "it comes to an end");
        let counts = match answer.code() {
            200 => answer.json()["counts"].clone(),
            _ => continue,
        };
        if counts["failed"].is_null() && counts["later"].is_null() {
            break;
        }
    }
    house.portal.dynamodb().stop();
    assert_eq!(house.takes(&file).await.0, vec!["known"; 13]);
    assert_eq!((house.available("K5003", PREPAID).await, house.open("RE1000").await.as_str()), (12_000, "69.00"));
    house.balanced().await;
}

#[tokio::test]
async fn two_senders_at_once_book_a_statement_once() {
    let house = house().await;
    let file = sheet(45, &[came(5_000, "RE1000"), came(6_900, "RE1000"), came(300, "RE1001")]).statement();
    let sent = (0..6).map(|_| house.sends(&file));
    for answer in futures_util::future::join_all(sent).await {
        assert!(matches!(answer.code(), 200 | 503), "{}: {}", answer.code(), answer.html());
    }
    assert_eq!(house.takes(&file).await.0, ["known", "known", "known"]);
    assert_eq!((house.open("RE1000").await.as_str(), house.open("RE1001").await.as_str()), ("0.00", "116.00"));
    house.balanced().await;
}

#[tokio::test]
async fn a_late_transfer_on_an_expired_deposit_is_credited() {
    let house = house().await;
    let number = house.deposit(10_000, 7).await;
    let reference = store::Reference { kind: store::ReferenceKind::Deposit, value: number.to_string() };
    let id = house.store.payment_of(&reference).await.unwrap().unwrap();
    let payment = house.store.payment(&id).await.unwrap().unwrap();
    let expired = payment.value.ended(Ending::Expired, house.portal.clock.now()).unwrap();
    house.store.save_payment(&payment, &expired).await.unwrap();
    let file = sheet(45, &[came(10_000, "").with_reference(number.creditor_reference().as_str())]).statement();
    let (outcomes, result) = house.takes(&file).await;
    assert_eq!((outcomes, &result["entries"][0]["payment"]), (vec!["booked".to_owned()], &json!(id.as_str())));
    assert_eq!(house.available("K5003", PREPAID).await, 10_000);
    house.balanced().await;
}

#[tokio::test]
async fn more_and_less_than_asked_is_credited_as_it_came_and_said_so() {
    let house = house().await;
    let number = house.deposit(10_000, 7).await;
    let typed = format!("Einzahlung {number} danke");
    let lines = [came(9_999, &typed), came(10_000, "RE1000"), came(20_000, "RE1001")];
    let (outcomes, result) = house.takes(&sheet(45, &lines).statement()).await;
    assert_eq!(outcomes, ["booked", "booked", "booked"]);
    for (entry, asked) in [(0, "100.00"), (1, "119.00"), (2, "119.00")] {
        assert_eq!(result["entries"][entry]["asked"], samples::euros(asked));
    }
    assert_eq!(result["entries"][2]["credit"], samples::euros("81.00"));
    assert_eq!(result["entries"][1]["settled"], json!([{ "invoice": "RE1000", "amount": samples::euros("100.00") }]));
    assert_eq!(house.available("K5003", PREPAID).await, 9_999);
    assert_eq!((house.open("RE1000").await, house.open("RE1001").await), ("19.00".into(), "0.00".into()));
    assert_eq!(house.available("K5003", "K5003-EUR").await, 8_100);
    // A second transfer on the number is a second credit.
    let (outcomes, again) = house.takes(&sheet(46, &[came(10_000, &typed)]).on("2026-11-21").statement()).await;
    assert_eq!((outcomes, &again["entries"][0]["asked"]), (vec!["booked".to_owned()], &samples::euros("0.01")));
    assert_eq!(house.available("K5003", PREPAID).await, 19_999);
    house.balanced().await;
}

#[tokio::test]
async fn one_transfer_over_several_invoices_settles_them_in_the_order_in_which_they_are_due() {
    let house = house().await;
    let (outcomes, result) = house.takes(&sheet(45, &[came(20_000, "RE1001, RE 1000")]).statement()).await;
    assert_eq!(outcomes, ["booked"]);
    let settled = json!([
        { "invoice": "RE1000", "amount": samples::euros("119.00") },
        { "invoice": "RE1001", "amount": samples::euros("81.00") },
    ]);
    assert_eq!(
        (&result["entries"][0]["settled"], &result["entries"][0]["asked"]),
        (&settled, &samples::euros("238.00"))
    );
    house.balanced().await;
}

#[tokio::test]
async fn money_for_a_paid_or_cancelled_invoice_is_the_customers_credit() {
    let house = house().await;
    house.tine.pays("RE1000", "119.00", "bank-1").await.status(200);
    let cancel = json!({ "date": "2026-11-21" });
    house.tenant.api.post("/invoices/RE1001:cancel", &cancel).await.status(200);
    let lines = [came(11_900, "RE1000"), came(11_900, "RE1001")];
    assert_eq!(house.takes(&sheet(45, &lines).statement()).await.0, ["booked", "booked"]);
    assert_eq!(house.available("K5003", "K5003-EUR").await, 23_800);
    house.balanced().await;
}

#[tokio::test]
async fn what_is_ambiguous_is_never_matched() {
    let house = house().await;
    let (one, other) = (house.deposit(10_000, 7).await, house.deposit(10_000, 8).await);
    let lines = [
        came(20_000, &format!("{one} {other}")),
        came(23_800, "RE1000 RE2000"),
        came(11_900, &format!("RE1000 {one}")),
        // Two open invoices have this amount, and nobody is known to pay from there.
        came(11_900, "danke"),
    ];
    let before = house.balances().await;
    let (outcomes, _) = house.takes(&sheet(45, &lines).statement()).await;
    let ambiguous = "unmatched: ambiguous";
    assert_eq!(outcomes, [ambiguous, ambiguous, ambiguous, "unmatched: nothing_named"]);
    assert_eq!((house.balances().await, house.waiting().await.len()), (before, 4));
    house.balanced().await;
}

#[tokio::test]
async fn a_known_payer_is_matched_by_exactly_one_amount_and_no_other() {
    let house = house().await;
    house.takes(&sheet(45, &[came(100, "RE1000")]).statement()).await;
    // 118.00 and 119.00 are open: one of each.
    let next = sheet(46, &[came(11_900, "wie besprochen"), came(500, "wie besprochen")]).on("2026-11-21").statement();
    assert_eq!(house.takes(&next).await.0, ["booked", "unmatched: nothing_named"]);
    assert_eq!((house.open("RE1000").await, house.open("RE1001").await), ("118.00".into(), "0.00".into()));
    // From another account nobody is known.
    let stranger = sheet(47, &[came(11_800, "wie besprochen").from(KARL)]).on("2026-11-22").statement();
    assert_eq!(house.takes(&stranger).await.0, ["unmatched: nothing_named"]);
    house.balanced().await;
}

#[tokio::test]
async fn what_waits_finds_its_owner_when_the_file_is_sent_again() {
    let house = house().await;
    let file = sheet(45, &[came(11_900, "RE3000")]).statement();
    assert_eq!(house.takes(&file).await.0, ["unmatched: nothing_named"]);
    house.tine.invoice("RE3000", |_| {}).await;
    assert_eq!(house.takes(&file).await.0, ["booked"]);
    assert_eq!((house.open("RE3000").await.as_str(), house.waiting().await.len()), ("0.00", 0));
    assert_eq!(house.takes(&file).await.0, ["known"]);
    house.balanced().await;
}

#[tokio::test]
async fn a_bank_that_counts_anew_or_says_it_twice_is_left_to_a_person() {
    let house = house().await;
    house.takes(&sheet(45, &[came(5_000, "RE1000")]).statement()).await;
    let same_place = sheet(45, &[came(100, "RE1000")]).statement();
    assert_eq!(house.takes(&same_place).await.0, ["unmatched: known_place"]);
    let same_content = sheet(46, &[came(5_000, "RE1000")]).statement();
    assert_eq!(house.takes(&same_content).await.0, ["unmatched: known_content"]);
    assert_eq!((house.open("RE1000").await.as_str(), house.waiting().await.len()), ("69.00", 2));
    let items = house.portal.items();
    assert_eq!(house.takes(&same_place).await.0, ["known: known_place"]);
    assert_eq!(house.takes(&same_content).await.0, ["known: known_content"]);
    assert_eq!(house.portal.items(), items);
    house.balanced().await;
}

#[tokio::test]
async fn a_gap_between_two_statements_is_told_once() {
    let house = house().await;
    let first = sheet(45, &[came(5_000, "RE1000")]);
    let second = Sheet { opening: first.closing(), ..sheet(46, &[came(100, "RE1000")]) }.on("2026-11-21");
    let fourth = Sheet { opening: 999, ..sheet(48, &[came(200, "RE1000")]) }.on("2026-11-23");
    for sheet in [&first, &second, &first] {
        assert_eq!(house.takes(&sheet.statement()).await.1["warnings"], json!([]));
    }
    let (_, result) = house.takes(&fourth.statement()).await;
    assert_eq!(result["warnings"][0]["code"], "gap", "{result}");
    assert_eq!(house.takes(&fourth.statement()).await.1["warnings"], json!([]));
}

#[tokio::test]
async fn a_person_assigns_an_entry_once() {
    let house = house().await;
    let number = house.deposit(10_000, 7).await;
    let lines: Vec<Line> = ["a", "b", "c", "d", "e"].iter().map(|text| came(2_000, text)).collect();
    let (_, result) = house.takes(&sheet(45, &lines).statement()).await;
    assert_eq!(house.waiting().await.len(), 5);
    let targets = [
        json!({ "customer": "K5003", "invoice": "RE1000" }),
        json!({ "customer": "K5003", "deposit": number.as_str() }),
        json!({ "customer": "K5003", "account": PREPAID }),
        json!({ "customer": "K1000" }),
        json!({ "customer": "K5003", "account": "K5003-EUR" }),
    ];
    for (entry, target) in targets.iter().enumerate() {
        let path = format!("/bank-entries/{}:assign", id_of(&result, entry));
        let shown = house.tenant.api.post(&path, target).await.status(200).json();
        assert_eq!(
            (&shown["state"], &shown["customer"], &shown["assigned"]),
            (&json!("booked"), &target["customer"], &json!(true))
        );
        let items = house.portal.items();
        assert_eq!(house.tenant.api.post(&path, target).await.status(200).json(), shown, "the same is the same");
        for other in targets.iter().filter(|other| *other != target) {
            house.tenant.api.post(&path, other).await.status(409).problem("conflict");
        }
        assert_eq!(house.portal.items(), items);
    }
    let balances = house.balances().await;
    assert_eq!((&*balances["RE1000"], &*balances[PREPAID]), ("99.00", "4000"));
    assert_eq!((&*balances["K1000-EUR"], &*balances["K5003-EUR"]), ("2000", "2000"));
    assert_eq!(house.waiting().await.len(), 0);
    assert_eq!(house.takes(&sheet(45, &lines).statement()).await.0, vec!["known"; 5]);
    assert_eq!(house.balances().await, balances);
    house.balanced().await;
}

#[tokio::test]
async fn an_entry_is_not_assigned_to_what_is_not_there() {
    let house = house().await;
    house.tenant.customer("K7", |_| {}).await;
    let fee = Line { is_debit: true, ..came(900, "Entgelt") };
    let (outcomes, result) = house.takes(&sheet(45, &[came(2_000, "a"), fee]).statement()).await;
    assert_eq!(outcomes, ["unmatched: nothing_named", "unmatched: debit"]);
    let path = |entry| format!("/bank-entries/{}:assign", id_of(&result, entry));
    let items = house.portal.items();
    for (target, field) in [
        (json!({ "customer": "K9" }), "customer"),
        (json!({ "customer": "K5003", "invoice": "RE2000" }), "invoice"),
        (json!({ "customer": "K5003", "invoice": "RE9" }), "invoice"),
        (json!({ "customer": "K1000", "account": PREPAID }), "account"),
        (json!({ "customer": "K5003", "deposit": "2603051230450075" }), "deposit"),
        (json!({ "customer": "K5003", "invoice": "RE1000", "account": PREPAID }), "invoice"),
        (json!({ "invoice": "RE1000" }), "customer"),
    ] {
        house.tenant.api.post(&path(0), &target).await.status(422).problem("invalid").names(&[field]);
    }
    house.tenant.api.post(&path(1), &json!({ "customer": "K5003" })).await.status(422).problem("invalid");
    for id in ["x", "DE02120300000000202051.2026-11-20.aaaaaaaaaaaaaaaaaaaaaa"] {
        let path = format!("/bank-entries/{id}:assign");
        house.tenant.api.post(&path, &json!({ "customer": "K5003" })).await.status(404).problem("not_found");
    }
    assert_eq!(house.portal.items(), items);
    // Who never got an invoice has no account yet: it is opened with the money.
    house.tenant.api.post(&path(0), &json!({ "customer": "K7" })).await.status(200);
    assert_eq!(house.available("K7", "K7-EUR").await, 2_000);
    house.balanced().await;
}

#[tokio::test]
async fn another_tenants_account_entries_and_numbers_are_nothing_here() {
    let house = house().await;
    let number = house.deposit(10_000, 7).await;
    let theirs = house.portal.tenant("stadtwerke-muster").await;
    let file = sheet(45, &[came(11_900, "RE1000"), came(10_000, number.as_str())]).statement();
    send(&theirs, &file).await.status(422).names(&["company.bank"]);
    with_bank(&theirs, "DE02100500000054540402").await;
    let before = house.balances().await;
    let other_account = send(&theirs, &file).await.status(200).json();
    assert_eq!(other_account["counts"], json!({ "unmatched": 2, "skipped": 0 }));
    assert_eq!(other_account["warnings"][0]["code"], "other_account");
    let own =
        Sheet { iban: "DE02100500000054540402", ..sheet(45, &[came(11_900, "RE1000"), came(1, number.as_str())]) };
    let own = send(&theirs, &own.statement()).await.status(200).json();
    assert_eq!(own["counts"], json!({ "unmatched": 2, "skipped": 0 }), "they have no such numbers: {own}");
    assert_eq!((house.balances().await, house.waiting().await.len()), (before, 0));
    let path = format!("/bank-entries/{}:assign", id_of(&own, 0));
    house.tenant.api.post(&path, &json!({ "customer": "K5003" })).await.status(404);
    // The same file is another entry of another tenant.
    assert_eq!(house.takes(&file).await.0, ["booked", "booked"]);
    house.balanced().await;
}

#[tokio::test]
async fn the_list_goes_on_page_by_page_and_tells_what_staff_need() {
    let house = house().await;
    let lines: Vec<Line> = (0..5).map(|n| came(1_000 + n, "ohne Nummer")).collect();
    house.takes(&sheet(45, &lines).statement()).await;
    house.takes(&sheet(46, &[came(11_900, "RE1000")]).on("2026-11-21").statement()).await;
    for (list, count) in [("/bank-entries?unmatched&", 5), ("/bank-entries?", 6)] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("{list}limit=2{after}");
            let page = house.tenant.api.get(&path).await.status(200).json();
            seen.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen.len(), count, "{seen:?}");
        let waiting = seen.iter().find(|entry| entry["state"] == "unmatched").unwrap();
        assert_eq!((&waiting["text"], &waiting["payer_iban"]), (&json!("ohne Nummer"), &json!(TINE)));
        assert_eq!((&waiting["kind"], &waiting["payer_name"]), (&json!("bank_entry"), &json!("Jemand")));
    }
    house.tenant.api.get("/bank-entries?unmatched=maybe").await.status(422);
    house.tenant.api.get("/bank-entries?iban=DE1").await.status(422).names(&["iban"]);
}

#[tokio::test]
async fn money_of_a_provider_that_no_rule_can_book_stands_in_the_same_list() {
    let house = house().await;
    let now = house.portal.clock.now();
    let stray = store::StrayMoney {
        payment: domain::id::PaymentId::new(now, [7; 10]),
        reference: store::Reference { kind: store::ReferenceKind::ProviderPayment, value: "sandbox:1".into() },
        amount: Money::of_minor(500, Currency::Usd),
        reason: "the amount has another currency than the account".into(),
        at: now,
        settled_at: None,
    };
    house.store.note_stray(&stray).await.unwrap();
    house.takes(&sheet(45, &[came(1_000, "ohne Nummer")]).statement()).await;
    let waiting = house.waiting().await;
    let kinds: Vec<&str> = waiting.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["bank_entry", "provider_money"], "{waiting:?}");
}

#[tokio::test]
async fn nobodys_name_account_or_text_stands_in_a_log() {
    let house = house().await;
    let lines = [came(1_000, "Geheimnis ohne Nummer").with_id("GEHEIM-7"), came(11_900, "RE1000 Geheimnis")];
    house.takes(&sheet(45, &lines).statement()).await;
    house.sends(&sheet(45, &lines).statement()[..900]).await.status(422);
    let logged = house.portal.log_lines().join("\n");
    for secret in ["Geheimnis", "GEHEIM-7", TINE, "Jemand"] {
        assert!(!logged.contains(secret), "{secret}: {logged}");
    }
}

/// SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[tokio::test]
async fn any_order_and_repetition_of_the_files_gives_the_same_balances() {
    let mut state = 20_261_122;
    let mut expected = None;
    for round in 0..8 {
        let house = house().await;
        // The same number in every round: the clock stands still.
        let number = house.deposit(10_000, 7).await;
        let transfer = came(5_000, "RE1000").with_id("E-7");
        let days = [
            sheet(
                45,
                &[transfer.clone(), came(10_000, &format!("Einzahlung {number}")), came(1_500, "RE2000").from(KARL)],
            ),
            sheet(46, &[came(5_000, "RE1001"), came(5_000, "RE1001"), came(77, "nichts")]).on("2026-11-21"),
            sheet(47, &[transfer.comes_back(), came(30_000, "RE1001 RE1000"), came(100, number.as_str())])
                .on("2026-11-22"),
        ];
        // What money settles depends on the order of credits over one invoice; what is owed and held in sum does not.
        let mut files: Vec<String> = Vec::new();
        for day in &days {
            files.extend([day.statement(), day.camt("053", "02"), day.notification(), day.mt940()]);
        }
        if round > 0 {
            for _ in 0..6 {
                let again = files[usize::try_from(random(&mut state)).unwrap_or(0) % files.len()].clone();
                files.push(again);
            }
            for at in (1..files.len()).rev() {
                let other = usize::try_from(random(&mut state) % (at as u64 + 1)).unwrap();
                files.swap(at, other);
            }
        }
        for file in &files {
            house.sends(file).await.status(200);
            house.balanced().await;
        }
        let balances = house.balances().await;
        let cents = |name: &str| balances[name].replace('.', "").parse::<i64>().unwrap();
        let owed = cents("RE1000") + cents("RE1001") - cents("K5003-EUR");
        let sums = (cents(PREPAID), owed, cents("RE2000"), house.waiting().await.len());
        assert_eq!(*expected.get_or_insert(sums), sums, "round {round}: {files:#?}");
    }
    assert_eq!(expected, Some((10_100, 2 * 11_900 - 10_000 - 30_000, 10_400, 1)));
}
