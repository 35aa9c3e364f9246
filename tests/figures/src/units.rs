//! What is done behind the scenes costs at DynamoDB, and what it leaves there: no line of the log says it, for nobody asked. Measured
//! in a portal of the test kit, whose clock stands still.

use domain::payment::Method;
use serde::Serialize;
use store::{Meter, metered};
use testkit::{Customer, Metric, Portal, Tenant, Value, json, minutes};

use crate::{month, weight, weight::Weight};

/// Turns of stream and minute after which nothing is due any more.
const TURNS: u32 = 3;
/// Invoices with a paper and a mail, of which the mean is taken.
const MAILED: u32 = 3;
/// Customers by whom the second of two nights has more to check, each with all invoices that are kept.
const CHECKED: u32 = 2;
/// Another hour, and two nights in Berlin.
const LATER: &str = "2026-11-22T11:00:00Z";
const NIGHTS: [&str; 2] = ["2026-11-23T01:30:00Z", "2026-11-24T01:30:00Z"];

/// Units of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Spent {
    pub(crate) reads: f64,
    pub(crate) writes: f64,
}

/// What is measured here.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Units {
    /// A customer signs in with a code.
    pub(crate) sign_in: Spent,
    /// An invoice is issued, its paper written and mailed.
    pub(crate) issue: Spent,
    /// An invoice is paid through a provider, who tells it; a mail follows.
    pub(crate) pay: Spent,
    /// The integrator books a payment.
    pub(crate) book: Spent,
    /// A minute in which nothing is due, of a stage with one tenant, and what a second one adds.
    pub(crate) minute: Spent,
    pub(crate) further_tenant: Spent,
    /// What the first minute of an hour counts beside.
    pub(crate) hour: Spent,
    /// The check of one account with all invoices that are kept, each paid.
    pub(crate) check: Spent,
    /// What a night of checks takes beside: its job, one portion of accounts, what is told of it.
    pub(crate) night: Spent,
    /// What a customer, and an invoice that was mailed and paid, leave in the table.
    pub(crate) customer: Weight,
    pub(crate) invoice: Weight,
}

impl Spent {
    fn and(self, other: Self) -> Self {
        Self { reads: self.reads + other.reads, writes: self.writes + other.writes }
    }

    /// What is left of it; never less than nothing, for chance.
    fn without(self, other: Self) -> Self {
        Self { reads: (self.reads - other.reads).max(0.0), writes: (self.writes - other.writes).max(0.0) }
    }

    fn times(self, factor: f64) -> Self {
        Self { reads: self.reads * factor, writes: self.writes * factor }
    }
}

/// Measures in a thread of its own: the test kit hears what is logged and told by the thread.
///
/// # Errors
/// When something is not as it should be there.
pub(crate) fn measured() -> Result<Units, String> {
    let measuring = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(Box::pin(units()))
    });
    measuring.join().unwrap_or_else(|_| Err("the test kit gave up".to_owned()))
}

async fn units() -> Result<Units, String> {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.enable(Method::Sandbox).await.status(200);
    turns(&portal).await;
    let minute = turns(&portal).await.times(1.0 / f64::from(TURNS));

    let before = weight::of_table(&portal);
    let tine = tenant.customer("K1", |_| {}).await;
    turns(&portal).await;
    let customer = weight::of_table(&portal).since(before, 1.0);
    let sign_in = asked(&portal, async { drop(tine.login().await) }).await;
    turns(&portal).await;

    let before = weight::of_table(&portal);
    let issue = issued(&portal, &tine, minute).await?;
    let (pay, book) = paid(&portal, &tine, minute).await?;
    let invoice = weight::of_table(&portal).since(before, f64::from(MAILED));

    portal.clock.set(instant(LATER)?);
    let hour = worked(async { portal.worker.minute().await }).await.without(minute);
    let (check, night) = checked(&portal, &tenant, minute.and(hour)).await?;
    portal.tenant("stadtwerke-muster").await;
    turns(&portal).await;
    let further_tenant = turns(&portal).await.times(1.0 / f64::from(TURNS)).without(minute);
    Ok(Units { sign_in, issue, pay, book, minute, further_tenant, hour, check, night, customer, invoice })
}

/// The mean of some invoices, from the integrator's request until each mail has left.
async fn issued(portal: &Portal, tine: &Customer, minute: Spent) -> Result<Spent, String> {
    let requests = asked(portal, async {
        for at in 0..MAILED {
            tine.invoice(&format!("RE{at}"), |invoice| invoice["notify"] = true.into()).await;
        }
    });
    let all = requests.await.and(followed(portal, minute).await);
    let papers = portal.mailbox.all_to(tine.email()).iter().filter(|mail| !mail.attachments.is_empty()).count();
    if papers == MAILED as usize {
        Ok(all.times(1.0 / f64::from(MAILED)))
    } else {
        Err(format!("{papers} of {MAILED} invoices were mailed"))
    }
}

/// The first of them is paid through the provider, the others are booked.
async fn paid(portal: &Portal, tine: &Customer, minute: Spent) -> Result<(Spent, Spent), String> {
    let program = tine.token().await;
    turns(portal).await;
    let mut page = String::new();
    let settling = asked(portal, async {
        let body = json!({ "invoices": ["RE0"], "method": "sandbox" });
        let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", "one").json(&body);
        let settled = portal.ask(request).await.status(201).json();
        page = settled["next"]["url"].as_str().unwrap_or_default().to_owned();
    });
    let settling = settling.await;
    let told = asked(portal, async { drop(portal.provider.pay(&page).await) }).await;
    let pay = settling.and(told).and(followed(portal, minute).await);
    let booking = asked(portal, async {
        for at in 1..MAILED {
            tine.pays(&format!("RE{at}"), "119.00", &format!("bank-{at}")).await.status(200);
        }
    });
    let book = booking.await.and(followed(portal, minute).await).times(1.0 / f64::from(MAILED - 1));
    let open = program.get("/api/v1/invoices?filter=open").await.status(200).json();
    match open["items"].as_array() {
        Some(items) if items.is_empty() => Ok((pay, book)),
        _ => Err(format!("not every invoice is paid: {open}")),
    }
}

/// Customers with all invoices that are kept, each paid.
async fn ledgers(tenant: &Tenant) {
    for customer in 0..CHECKED {
        let payer = tenant.customer(&format!("L{customer}"), |_| {}).await;
        for at in 0..month::KEPT {
            let number = format!("LE{customer}-{at}");
            payer.invoice(&number, |_| {}).await;
            payer.pays(&number, "119.00", &format!("bank-{number}")).await.status(200);
        }
    }
}

/// The check of one account, and what a night takes beside: of two nights the second has more accounts to check.
async fn checked(portal: &Portal, tenant: &Tenant, else_due: Spent) -> Result<(Spent, Spent), String> {
    let [first, second] = NIGHTS;
    let (few, night) = night(portal, first, else_due).await?;
    ledgers(tenant).await;
    turns(portal).await;
    let (more, fuller) = self::night(portal, second, else_due).await?;
    if more - few != u64::from(CHECKED) {
        return Err(format!("{few} and {more} accounts were checked"));
    }
    Ok((fuller.without(night).times(1.0 / f64::from(CHECKED)), night))
}

/// How many accounts are checked in a night, and what that takes.
async fn night(portal: &Portal, at: &str, else_due: Spent) -> Result<(u64, Spent), String> {
    let told = || portal.told(Metric::LedgerChecks).iter().sum::<u64>();
    portal.clock.set(instant(at)?);
    let before = told();
    let work = worked(async {
        portal.worker.minute().await;
        portal.worker.drain().await;
    });
    let spent = work.await.without(else_due);
    if portal.told(Metric::LedgerFaults).iter().any(|faults| *faults > 0) {
        return Err("an account does not fit its entries".to_owned());
    }
    Ok((told() - before, spent))
}

/// What follows up what was asked, without the minutes that pass meanwhile.
async fn followed(portal: &Portal, minute: Spent) -> Spent {
    turns(portal).await.without(minute.times(f64::from(TURNS)))
}

/// Lets stream and minute do their work, and time pass.
async fn turns(portal: &Portal) -> Spent {
    worked(async {
        for _ in 0..TURNS {
            portal.worker.drain().await;
            portal.worker.minute().await;
            portal.clock.advance(minutes(1));
        }
    })
    .await
}

/// Units of work that nobody asked for.
async fn worked(work: impl Future<Output = ()>) -> Spent {
    let meter = Meter::default();
    metered(meter.clone(), work).await;
    let counted = meter.read();
    Spent { reads: counted.reads, writes: counted.writes }
}

/// Units of requests, as their lines in the log say; the sandbox provider is somebody else.
async fn asked(portal: &Portal, requests: impl Future<Output = ()>) -> Spent {
    let before = portal.log().len();
    requests.await;
    let lines = portal.log().into_iter().skip(before);
    let ours = lines.filter(|line| line["message"] == "request" && line["function"] != "sandbox-provider");
    let units = |line: &Value, side: &str| line[side].as_f64().unwrap_or_default();
    ours.fold(Spent::default(), |sum, line| {
        sum.and(Spent { reads: units(&line, "reads"), writes: units(&line, "writes") })
    })
}

fn instant(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|error: jiff::Error| error.to_string())
}
