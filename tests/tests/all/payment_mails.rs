//! Mails about payments: one per event however often the stream says it, none lost and at most one doubled wherever a
//! process ends, none that is no longer true, each with its paper.

use domain::{
    Currency, Language, Money,
    change::{Actor, Change, Event, EventKind},
    deposit::DepositNumber,
    email_state::EmailState,
    id::{CustomerId, EventId, PaymentId},
    ledger::{Account, AccountKind},
    payment::{Ending, Method, Named, NewPayment, Payment, ProviderName, Purpose, Receipt, Reversal},
};
use store::{Reference, ReferenceKind, Tenant as StoredTenant, TenantStore};
use testkit::{
    Answer, Metric, Portal, SignedDuration, Tenant,
    faults::{Fault, Kill},
    hours, json, minutes, samples, seconds,
};

const ADDRESS: &str = "k5003@example.org";

/// A tenant with a bank account, and a customer with three invoices and a prepaid account.
struct House {
    portal: Portal,
    tenant: Tenant,
    stored: std::sync::Arc<StoredTenant>,
    store: TenantStore,
    customer: CustomerId,
}

impl House {
    async fn built() -> Self {
        Self::in_portal(Portal::start().await, "webhosting-ag").await
    }

    async fn behind_faults(seed: u64) -> Self {
        Self::in_portal(Portal::behind_faults(seed).await, "webhosting-ag").await
    }

    async fn in_portal(portal: Portal, slug: &str) -> Self {
        let tenant = portal.tenant(slug).await;
        let mut company = samples::company("webhosting-ag");
        company["bank"] = json!({
            "holder": "Max von Musterhausen", "iban": "DE02800200400088844422", "bic": "MUSTDEMMXXX", "bank": "Mega Bank AG"
        });
        tenant.settings("company", &company).await;
        Self::with(portal, tenant).await
    }

    async fn with(portal: Portal, tenant: Tenant) -> Self {
        let tine = tenant.customer("K5003", |_| {}).await;
        for number in ["RE1", "RE2", "RE3"] {
            tine.invoice(number, |_| {}).await;
        }
        let process = portal.another_process().await;
        let slug = tenant.slug().parse().unwrap();
        let (_, found) = process.store().find_tenant(&slug, process.config().base_host()).await.unwrap();
        let store = process.store().in_tenant(found.scope());
        let number = "K5003".parse().unwrap();
        let customer = store.customer_id(&number).await.unwrap().unwrap();
        let account = Account::open("00001008".parse().unwrap(), AccountKind::Prepaid, Currency::Eur);
        let event = Event::new(EventKind::AccountOpened, Actor::Integrator, portal.clock.now(), "00001008");
        store.open_account(&customer, &Change::new(account, event)).await.unwrap();
        portal.worker.drain().await;
        Self { portal, tenant, stored: found.into(), store, customer }
    }

    fn books(&self) -> booking::Books {
        let now = self.portal.clock.now();
        booking::Books { store: self.store.clone(), now, today: self.stored.settings.zone.day(now) }
    }

    /// Writes a payment down.
    async fn asks(&self, id: u8, purpose: Purpose, method: Method, minor: i64) -> Payment {
        let (now, is_transfer) = (self.portal.clock.now(), method == Method::BankTransfer);
        let account = match purpose {
            Purpose::TopUp { .. } => "00001008",
            Purpose::Invoices { .. } => "K5003-EUR",
        };
        let new = NewPayment {
            id: PaymentId::new(now, [id; 10]),
            customer: self.customer.clone(),
            purpose,
            method,
            provider: ProviderName::first_for(method),
            saved: None,
            account: account.parse().unwrap(),
            amount: eur(minor),
            deposit: is_transfer.then(|| DepositNumber::new(now, u16::from(id)).to_string()),
            language: Language::De,
        };
        let change = Payment::start(new, Actor::Customer, now).unwrap();
        self.store.create_payment(&change).await.unwrap();
        change.into_parts().0
    }

    async fn asks_for_deposit(&self) -> Payment {
        let purpose = Purpose::TopUp { reference_text: "Vorgang 4711".into() };
        self.asks(1, purpose, Method::BankTransfer, 10_000).await
    }

    async fn asks_to_pay(&self, minor: i64) -> Payment {
        let named = ["RE1", "RE2", "RE3"]
            .map(|number| Named { number: number.parse().unwrap(), issued_on: "2026-11-20".parse().unwrap() });
        self.asks(2, Purpose::Invoices { named: named.into() }, Method::Sandbox, minor).await
    }

    async fn gets(&self, payment: &Payment, reference: &str, minor: i64) {
        let books = self.books();
        let receipt = Receipt {
            reference: reference.into(),
            amount: eur(minor),
            on: books.today,
            actor: Actor::Provider,
            provider: None,
        };
        let guard = Reference { kind: ReferenceKind::ProviderPayment, value: reference.into() };
        booking::receive(&books, &payment.id, &receipt, &[guard]).await.unwrap();
    }

    async fn gives_back(&self, payment: &Payment, reference: &str, minor: i64) {
        let books = self.books();
        let reversal = Reversal {
            reference: reference.into(),
            amount: eur(minor),
            on: books.today,
            actor: Actor::Provider,
            provider: None,
        };
        let guard = Reference { kind: ReferenceKind::ProviderReversal, value: reference.into() };
        booking::reverse(&books, &payment.id, &reversal, &[guard]).await.unwrap();
    }

    async fn fails(&self, payment: &Payment) {
        let seen = self.store.payment(&payment.id).await.unwrap().unwrap();
        let change = seen.value.ended(Ending::Failed, self.portal.clock.now()).unwrap();
        self.store.save_payment(&seen, &change).await.unwrap();
    }

    /// Subjects of the mails to the customer, oldest first.
    fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> =
            self.portal.mailbox.all_to(ADDRESS).into_iter().map(|mail| mail.subject).collect();
        subjects.reverse();
        subjects
    }

    /// Lets the stream and some minutes do their work, as long as something may still come.
    async fn settle(&self, clock: SignedDuration) {
        for _ in 0..6 {
            self.portal.worker.drain().await;
            self.portal.worker.minute().await;
            self.portal.clock.advance(clock);
        }
    }

    fn due(&self) -> usize {
        let is_due = |key: &str| key.ends_with("#DUE") || key.ends_with("#DUE#documents");
        let items = self.portal.stored();
        let due = items.iter().filter(|item| item["t_pk"]["S"].as_str().is_some_and(is_due));
        due.filter(|item| item["item_kind"]["S"] != "payment").count()
    }
}

fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}

/// The text of a PDF, as poppler reads it.
pub(crate) fn text(pdf: &[u8]) -> String {
    use std::{io::Write as _, process::Stdio};
    let tool = std::process::Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut tool = tool.unwrap_or_else(|error| panic!("pdftotext must be installed: {error}"));
    tool.stdin.take().unwrap().write_all(pdf).unwrap();
    let read = tool.wait_with_output().unwrap();
    assert!(read.status.success());
    String::from_utf8_lossy(&read.stdout).replace('\u{a0}', " ")
}

/// The text of the one paper that a mail carries.
pub(crate) fn attached(mail: &local::Message) -> String {
    let [file] = &mail.attachments[..] else { panic!("one file: {:?}", mail.attachments) };
    assert_eq!(file.content_type, "application/pdf");
    text(&file.content)
}

#[tokio::test]
async fn a_deposit_by_transfer_is_asked_for_at_once_and_confirmed_when_the_money_is_there() {
    let house = House::built().await;
    let payment = house.asks_for_deposit().await;
    let deposit = payment.deposit.clone().unwrap();
    house.portal.worker.drain().await;
    let mail = house.portal.mailbox.last_to(ADDRESS);
    assert_eq!(mail.subject, format!("Webhosting Ag: Einzahlungsaufforderung {deposit}"));
    assert_eq!(mail.attachments[0].name, format!("Einzahlungsaufforderung-{deposit}.pdf"));
    let paper = attached(&mail);
    for part in [
        "Einzahlungsaufforderung Prepaid-Konto",
        &format!("{deposit} vom 22.11.2026"),
        "Betrag (EUR): 100,00",
        "Vorgang 4711",
        "DE02 8002 0040 0088 8444 22",
    ] {
        assert!(paper.contains(part), "{part} is missing in {paper}");
    }
    let body = mail.text.unwrap();
    for part in [&deposit, "100,00\u{a0}€", "Max von Musterhausen", "DE02 8002 0040 0088 8444 22", "Frau Exemplus"] {
        assert!(body.contains(part), "{part} is missing in {body}");
    }

    house.portal.clock.advance(hours(48));
    house.gets(&payment, "bank-1", 10_000).await;
    house.portal.worker.drain().await;
    let mail = house.portal.mailbox.last_to(ADDRESS);
    assert_eq!(mail.subject, format!("Webhosting Ag: Einzahlungsbestätigung {deposit}"));
    let paper = attached(&mail);
    assert!(paper.contains("Einzahlungsbestätigung") && paper.contains("24.11.2026"), "{paper}");
    assert_eq!((house.subjects().len(), house.due()), (2, 0));
}

#[tokio::test]
async fn one_payment_over_three_invoices_is_told_by_one_mail_with_its_receipt() {
    let house = House::built().await;
    let payment = house.asks_to_pay(30_000).await;
    house.gets(&payment, "tr_1", 30_000).await;
    house.portal.worker.drain().await;
    let mail = house.portal.mailbox.last_to(ADDRESS);
    assert_eq!(mail.subject, "Webhosting Ag: Zahlung über 300,00\u{a0}€ eingegangen");
    let paper = attached(&mail);
    for part in ["Quittung", "RE1", "RE2", "RE3", "119,00 €", "62,00 €", "Betrag (EUR): 300,00"] {
        assert!(paper.contains(part), "{part} is missing in {paper}");
    }
    assert_eq!(house.subjects().len(), 1);
}

#[tokio::test]
async fn however_often_the_stream_says_it_one_mail_goes_out() {
    let house = House::built().await;
    let payment = house.asks_to_pay(11_900).await;
    house.gets(&payment, "tr_1", 11_900).await;
    let record = json!({ "Records": [{ "dynamodb": { "Keys": { "pk": { "S": format!("T#{}#C#x", house.stored.scope().id()) } } } }] });
    let (worker, other) = (house.portal.another_worker().await, house.portal.another_worker().await);
    let (writer, second) = (house.portal.another_writer().await, house.portal.another_writer().await);
    for _ in 0..3 {
        let (one, two) = futures_util::future::join(writer.on_event(&record), second.on_event(&record)).await;
        one.unwrap();
        two.unwrap();
        let (one, two) = futures_util::future::join(worker.on_event(&record), other.on_event(&record)).await;
        one.unwrap();
        two.unwrap();
    }
    house.settle(minutes(2)).await;
    assert_eq!(house.subjects().len(), 1);
    assert_eq!(house.portal.items_like("/FILE#"), 1, "its paper was kept once");
}

#[tokio::test]
async fn what_the_stream_lost_the_minutes_send() {
    let house = House::built().await;
    let payment = house.asks_to_pay(11_900).await;
    house.gets(&payment, "tr_1", 11_900).await;
    for _ in 0..2 {
        house.portal.worker.minute().await;
    }
    assert_eq!((house.subjects().len(), house.due()), (1, 0));
}

#[tokio::test]
async fn a_decline_is_told_after_a_moment_and_not_at_all_when_the_money_came_meanwhile() {
    let house = House::built().await;
    let declined = house.asks_to_pay(11_900).await;
    house.fails(&declined).await;
    house.portal.worker.drain().await;
    assert_eq!(house.subjects().len(), 0, "customers try again at once");
    house.portal.clock.advance(minutes(2));
    house.portal.worker.minute().await;
    assert_eq!(house.subjects(), ["Webhosting Ag: Zahlung über 119,00\u{a0}€ nicht ausgeführt"]);

    let later = house.asks(3, Purpose::Invoices { named: vec![] }, Method::Sandbox, 500).await;
    house.fails(&later).await;
    house.portal.worker.drain().await;
    house.gets(&later, "tr_2", 500).await;
    house.settle(minutes(2)).await;
    let subjects = house.subjects();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert_eq!(subjects[1], "Webhosting Ag: Zahlung über 5,00\u{a0}€ eingegangen");
}

#[tokio::test]
async fn a_decline_is_not_told_when_another_payment_settled_the_same() {
    let house = House::built().await;
    let declined = house.asks_to_pay(35_700).await;
    house.fails(&declined).await;
    house.portal.worker.drain().await;
    let other = house.asks(3, declined.purpose.clone(), Method::Sandbox, 35_700).await;
    house.gets(&other, "tr_1", 35_700).await;
    house.settle(minutes(2)).await;
    assert_eq!(house.subjects(), ["Webhosting Ag: Zahlung über 357,00\u{a0}€ eingegangen"]);
}

#[tokio::test]
async fn money_that_is_taken_back_is_told_and_makes_another_receipt() {
    let house = House::built().await;
    let payment = house.asks_to_pay(11_900).await;
    house.gets(&payment, "tr_1", 11_900).await;
    house.portal.worker.drain().await;
    let browser = house.tenant.login(ADDRESS).await;
    let path = format!("/payments/{}/receipt", payment.id);
    let before = address(&browser.get(&path).await);
    house.gives_back(&payment, "re_1", 1_900).await;
    house.portal.worker.drain().await;
    let subjects = house.subjects();
    assert_eq!(subjects.last().unwrap(), "Webhosting Ag: Zahlung über 19,00\u{a0}€ zurückgebucht");
    assert!(house.portal.mailbox.last_to(ADDRESS).attachments.is_empty());
    let after = address(&browser.get(&path).await);
    assert_ne!(before, after);
    assert_eq!(house.portal.items_like("/FILE#receipt#"), 2);
}

/// Where a paper lies, without the signature.
fn address(answer: &Answer) -> String {
    assert_eq!(answer.code(), 303, "{}: {}", answer.what(), answer.text());
    answer.header("location").split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_paper_is_rendered_once_per_version_and_handed_out_for_five_minutes() {
    let house = House::built().await;
    let payment = house.asks_for_deposit().await;
    let deposit = payment.deposit.clone().unwrap();
    let browser = house.tenant.login(ADDRESS).await;
    let path = format!("/prepaid/{deposit}/pdf");
    let first = browser.get(&path).await;
    let lifetime = first.header("location").split("X-Amz-Expires=").nth(1).and_then(|rest| rest.split('&').next());
    assert!(lifetime.is_some_and(|seconds| seconds.parse::<u32>().unwrap() <= 300), "{}", first.header("location"));
    let items = house.portal.items();
    assert_eq!(address(&first), address(&browser.get(&path).await));
    assert_eq!(house.portal.items(), items, "nothing is rendered twice");
    // The mail carries the paper that was there before.
    house.portal.worker.drain().await;
    assert_eq!(house.portal.items_like("/FILE#"), 1);
    attached(&house.portal.mailbox.last_to(ADDRESS));
}

#[tokio::test]
async fn a_paper_that_is_not_yet_or_not_mine_is_the_same_404() {
    let house = House::built().await;
    let payment = house.asks_for_deposit().await;
    let deposit = payment.deposit.clone().unwrap();
    let paths = [
        format!("/prepaid/{deposit}/pdf"),
        format!("/prepaid/{deposit}/confirmation"),
        format!("/payments/{}/receipt", payment.id),
    ];
    let owner = house.tenant.login(ADDRESS).await;
    owner.get(&paths[0]).await.status(303);
    for path in &paths[1..] {
        owner.get(path).await.status(404).problem("not_found");
    }
    house.gets(&payment, "bank-1", 10_000).await;
    let other = house.tenant.customer("K1", |_| {}).await.login().await;
    let now = house.portal.clock.now();
    let (no_deposit, no_payment) = (DepositNumber::new(now, 999), PaymentId::new(now, [99; 10]));
    for path in &paths {
        owner.get(path).await.status(303);
        let unknown = path.replace(&deposit, no_deposit.as_str()).replace(payment.id.as_str(), no_payment.as_str());
        let foreign = other.get(path).await.status(404);
        let missing = other.get(&unknown).await.status(404);
        assert_eq!(without(&foreign, path), without(&missing, &unknown), "{path}");
    }
}

/// An answer without its own address, which its page repeats.
fn without(answer: &Answer, path: &str) -> String {
    answer.comparable().replace(path, "[path]").replace(&path.replace('/', "%2F"), "[path]")
}

#[tokio::test]
async fn a_customers_language_and_address_for_invoices_decide() {
    let portal = Portal::start().await;
    let house = House::in_portal(portal, "webhosting-ag").await;
    let change = |c: &mut testkit::Value| {
        c["language"] = "en".into();
        c["invoice_email"] = "billing@example.org".into();
    };
    house.tenant.customer("K5003", change).await;
    house.asks_for_deposit().await;
    house.portal.worker.drain().await;
    let mail = house.portal.mailbox.last_to("billing@example.org");
    assert!(mail.subject.starts_with("Webhosting Ag: deposit request "), "{}", mail.subject);
    assert!(attached(&mail).contains("Amount (EUR): 100.00"));
    assert!(house.portal.mailbox.all_to(ADDRESS).is_empty());
}

#[tokio::test]
async fn a_sandbox_says_so_on_paper_and_in_the_mail() {
    let portal = Portal::start().await;
    let live = portal.tenant("webhosting-ag").await;
    let sandbox = live.sandbox().await;
    let mut company = samples::company("webhosting-ag");
    company["bank"] =
        json!({ "holder": "Max", "iban": "DE02800200400088844422", "bic": "MUSTDEMMXXX", "bank": "Mega Bank AG" });
    sandbox.settings("company", &company).await;
    let house = House::with(portal, sandbox).await;
    house.asks_for_deposit().await;
    house.portal.worker.drain().await;
    let mail = house.portal.mailbox.last_to(ADDRESS);
    assert!(mail.subject.contains("Testumgebung"), "{}", mail.subject);
    assert!(mail.text.as_ref().unwrap().contains("http://webhosting-ag.sandbox.localhost:9000/prepaid/"));
    let paper = attached(&mail);
    assert!(paper.contains("Testumgebung") && !paper.contains("GiroCode"), "{paper}");
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_bounced() {
    let house = House::built().await;
    let (address, now) = (ADDRESS.parse().unwrap(), house.portal.clock.now());
    house.store.note_bounce(&address, EmailState::Bounced, None, now).await.unwrap();
    house.asks_for_deposit().await;
    house.settle(minutes(10)).await;
    assert_eq!((house.subjects().len(), house.due()), (0, 0));
}

#[tokio::test]
async fn mails_wait_while_nothing_can_be_sent_and_go_out_once_later() {
    let house = House::behind_faults(7).await;
    house.portal.ses().always(Fault::FailBefore);
    house.asks_for_deposit().await;
    house.portal.worker.drain().await;
    house.portal.clock.advance(minutes(2));
    house.portal.worker.minute().await;
    assert_eq!((house.subjects().len(), house.due()), (0, 1));
    house.portal.ses().stop();
    house.settle(minutes(6)).await;
    assert_eq!((house.subjects().len(), house.due()), (1, 0));
    assert!(house.portal.worker.dead_letters().is_empty(), "{:?}", house.portal.worker.dead_letters());
}

#[tokio::test]
async fn a_mail_that_is_refused_again_and_again_is_given_up_and_told() {
    let house = House::behind_faults(12).await;
    house.portal.ses().always(Fault::Refuse);
    house.asks_for_deposit().await;
    house.portal.worker.drain().await;
    for _ in 0..12 {
        house.portal.clock.advance(hours(7));
        house.portal.worker.minute().await;
    }
    assert_eq!((house.subjects().len(), house.due()), (0, 0));
    let told = |metric| house.portal.told(metric);
    assert_eq!((told(Metric::PutOff), told(Metric::MailsGivenUp)), (vec![1; 8], vec![1]));
}

#[tokio::test]
async fn a_mail_waits_for_its_paper_while_files_cannot_be_kept() {
    let house = House::behind_faults(8).await;
    house.portal.s3().always(Fault::FailBefore);
    house.asks_for_deposit().await;
    house.settle(seconds(30)).await;
    assert_eq!(house.subjects().len(), 0);
    house.portal.s3().stop();
    house.settle(minutes(6)).await;
    assert_eq!((house.subjects().len(), house.due()), (1, 0));
}

/// How many calls the whole way of one mail makes, at most.
const CALLS: usize = 40;

#[tokio::test]
async fn wherever_a_process_ends_no_mail_is_lost_and_at_most_one_is_doubled() {
    let house = House::behind_faults(9).await;
    let (mut id, mut doubled) = (10, 0);
    for kill in [Kill::Before, Kill::After] {
        let mut survived = false;
        for calls in 0..CALLS {
            let before = house.subjects().len();
            house.portal.clock.advance(seconds(1));
            let purpose = Purpose::TopUp { reference_text: String::new() };
            house.asks(id, purpose, Method::BankTransfer, 1_000).await;
            id += 1;
            // The stream is read, then a minute passes, until both readers end at this call.
            let work = async {
                house.portal.worker.drain().await;
                house.portal.worker.minute().await;
            };
            survived = house.portal.dynamodb().killing_at(calls, kill, work).await.is_some();
            house.portal.clock.advance(minutes(2));
            house.settle(minutes(2)).await;
            let sent = house.subjects().len() - before;
            assert!((1..=2).contains(&sent), "{sent} mails when a process ends at call {calls} ({kill:?})");
            assert_eq!(house.due(), 0, "after call {calls} ({kill:?})");
            doubled += sent - 1;
            if survived {
                break;
            }
        }
        assert!(survived, "{CALLS} calls are too few");
    }
    assert!(doubled <= 1, "only a process that ends between the mail service's yes and its mark doubles: {doubled}");
}

#[tokio::test]
async fn a_process_that_ends_while_the_mail_service_works_doubles_one_mail_at_most() {
    for kill in [Kill::Before, Kill::After] {
        let house = House::behind_faults(10).await;
        house.asks_for_deposit().await;
        let ended = house.portal.ses().killing_at(0, kill, house.portal.worker.drain()).await;
        assert_eq!(ended, None);
        house.portal.clock.advance(minutes(2));
        house.settle(minutes(2)).await;
        assert_eq!((house.subjects().len(), house.due()), (if kill == Kill::Before { 1 } else { 2 }, 0));
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_mail_service_doubles_one_mail_at_most() {
    let house = House::behind_faults(11).await;
    house.portal.ses().next(&[Fault::DropAnswer]);
    house.asks_for_deposit().await;
    house.settle(minutes(2)).await;
    let sent = house.subjects().len();
    assert!((1..=2).contains(&sent) && house.due() == 0, "{sent}");
}

#[tokio::test]
async fn the_mails_of_one_payment_tell_of_different_events() {
    let house = House::built().await;
    let payment = house.asks_for_deposit().await;
    house.gets(&payment, "bank-1", 4_000).await;
    house.gets(&payment, "bank-2", 6_000).await;
    house.gives_back(&payment, "bank-3", 1_000).await;
    house.settle(minutes(2)).await;
    assert_eq!(house.subjects().len(), 4, "{:?}", house.subjects());
    let keys: Vec<String> = house
        .portal
        .stored()
        .iter()
        .filter_map(|item| item["sk"]["S"].as_str()?.strip_prefix("OUT#").map(str::to_owned))
        .collect();
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| key.split('#').next().unwrap().parse::<EventId>().is_ok()), "{keys:?}");
}
