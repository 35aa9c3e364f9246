//! `/payments/{id}`: where a payment stands. It never believes that somebody came back: only what was booked counts.

use checkout::{Counter, Slip};
use domain::{
    Money,
    customer::EmailAddress,
    id::PaymentId,
    invoice::{InvoiceRow, Status},
    number::InvoiceNumber,
    payment::{Payment, Purpose},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::Loaded;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door, Either, Page, Problem, Providers, SeeOther, area::Payments, door::View,
};

use crate::{
    carried::Carried,
    settle::{address, returning},
};

/// Which payment, and did somebody come back from the provider?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    id: String,
    returned: Option<String>,
}

/// Shows where it stands. A top-up has a page of its own.
pub(crate) async fn show(
    cx: CustomerContext<Payments, View>,
    providers: Providers,
    ask: Asked<Ask>,
) -> Answer<Either<Page<PaymentPage>, SeeOther>> {
    let id: PaymentId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let payment = counter.known(&id, cx.customer()).await?.ok_or(Problem::NotFound)?;
    if let (Purpose::TopUp { .. }, Some(deposit)) = (&payment.purpose, &payment.deposit) {
        let returned = if ask.0.returned.is_some() { "?returned=1" } else { "" };
        return Ok(Either::Second(SeeOther::to(format!("/prepaid/{deposit}{returned}"))));
    }
    // What asks others is done for a checked session only.
    cx.session().await?;
    let returned = ask.0.returned.is_some();
    let payment = counter.up_to_date(payment, returned, &returning(&id)).await;
    let email = cx.store().customer(cx.customer()).await?.and_then(|customer| customer.value.facts.email);
    let links = Links {
        own: true,
        reload: returning(&id),
        retry: Carried::again(&payment.account, numbers(&payment), payment.asked),
        receipt: format!("{}/receipt", address(&id)),
    };
    view(&counter, payment, returned, email, links).await.map(Page::new).map(Either::First)
}

pub(crate) async fn view(
    counter: &Counter,
    payment: Payment,
    returned: bool,
    email: Option<EmailAddress>,
    links: Links,
) -> Answer<PaymentPage> {
    let slip = Slip::of(&counter.tenant, &payment, returned);
    let rows = if slip.standing.paid_at().is_some() { rows(counter, &payment).await? } else { Vec::new() };
    Ok(PaymentPage {
        credit: payment.credit,
        unfinished: payment.is_unfinished(),
        invoices: numbers(&payment),
        slip,
        rows,
        email,
        links,
    })
}

fn numbers(payment: &Payment) -> Vec<InvoiceNumber> {
    payment.named().iter().map(|named| named.number.clone()).collect()
}

/// The invoices it settled, as they stand now.
async fn rows(counter: &Counter, payment: &Payment) -> Answer<Vec<PaidRow>> {
    let named: Vec<_> = payment.standing.iter().map(|standing| standing.invoice.clone()).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let loaded = Loaded { value: payment.clone(), rev: 0 };
    let standing = counter.books.store.payment_standing(loaded, None, &named, true).await?;
    let today = counter.books.today;
    let amount =
        |row: &InvoiceRow| payment.standing.iter().find(|one| one.invoice.number == row.number).map(|one| one.amount);
    let paid = standing.rows().into_iter().filter_map(|row| Some(PaidRow::of(amount(&row)?, row, today)));
    Ok(paid.collect())
}

/// Where a payment stands.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentPage {
    /// The payment.
    pub slip: Slip,
    /// What became credit.
    pub credit: Money,
    /// Is it still being distributed?
    pub unfinished: bool,
    /// The invoices it is for.
    pub invoices: Vec<InvoiceNumber>,
    /// What it settled.
    pub rows: Vec<PaidRow>,
    /// Where the confirmation goes; nobody else's page says it.
    pub email: Option<EmailAddress>,
    /// Where one can go from here.
    pub links: Links,
}

/// An invoice that was paid, wholly or in part.
#[derive(Debug, Clone, Serialize)]
pub struct PaidRow {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// As of today.
    pub status: Status,
    /// „Bezahlt", by this payment.
    pub amount: Money,
    /// What is still to pay.
    pub open: Money,
    /// „Fälligkeit".
    pub due_on: Date,
}

/// Where one can go from a payment's page.
#[derive(Debug, Clone, Serialize)]
pub struct Links {
    /// Is it the customer's own page, behind the login?
    pub own: bool,
    /// This page, asking again.
    pub reload: String,
    /// The same payment anew.
    pub retry: String,
    /// „Quittung".
    pub receipt: String,
}

impl PaidRow {
    fn of(amount: Money, row: InvoiceRow, today: Date) -> Self {
        Self { status: row.status(today), number: row.number, amount, open: row.open, due_on: row.due_on }
    }
}

impl PaymentPage {
    /// „RE1040, RE1041".
    #[must_use]
    pub fn invoice_list(&self) -> String {
        let numbers: Vec<&str> = self.invoices.iter().map(InvoiceNumber::as_str).collect();
        numbers.join(", ")
    }

    /// What the money did, in sentences: settled, partly settled, credit, more or less than asked, taken back.
    #[must_use]
    pub fn words(&self, t: &Words) -> Vec<String> {
        let mut words: Vec<String> = self.slip.difference(t).into_iter().collect();
        let settled = self.rows.iter().filter(|row| row.open.is_zero()).count();
        if settled > 0 {
            words.push(t.settle_settled(settled));
        }
        for row in self.rows.iter().filter(|row| row.open.is_positive()) {
            words.push(t.settle_stays_open(t.money(row.open), t.date(row.due_on), &row.number));
        }
        if self.credit.is_positive() {
            words.push(t.settle_now_credit(t.money(self.credit)));
        }
        words.extend(self.slip.taken_back(t));
        if self.unfinished {
            words.push(t.settle_distributing().to_owned());
        }
        words
    }

    /// What the page says below the amount.
    #[must_use]
    pub fn sentences(&self, t: &Words) -> Vec<String> {
        match self.slip.standing.paid_at() {
            Some(_) => self.words(t),
            None => vec![self.slip.standing.sentence(t, self.slip.method)],
        }
    }

    /// Where the money of a transfer goes, in words.
    #[must_use]
    pub fn transfer_for(&self, t: &Words) -> String {
        match &self.email {
            Some(email) => t.settle_transfer_for_email(email.as_str(), self.invoice_list()),
            None => t.settle_transfer_for(self.invoice_list()),
        }
    }
}

web::page!(PaymentPage => "pages/settle/payment.html");

#[cfg(test)]
mod tests {
    use checkout::{Ended, Standing, Transfer};
    use domain::{Currency, payment::Method};
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn page(standing: Standing) -> PaymentPage {
        PaymentPage {
            slip: Slip {
                number: "2611221436000173".to_owned(),
                method: Method::Sandbox,
                asked: eur(100_000),
                received: eur(0),
                reversed: eur(0),
                created_at: "2026-11-22T13:36:00Z".parse().unwrap(),
                standing,
            },
            credit: eur(0),
            unfinished: false,
            invoices: ["RE1040", "RE1041", "RE1043"].map(|number| number.parse().unwrap()).to_vec(),
            rows: vec![],
            email: "tine@example.org".parse().ok(),
            links: Links {
                own: true,
                reload: "/payments/1?returned=1".to_owned(),
                retry: "/settle?step=method".to_owned(),
                receipt: "/payments/1/receipt".to_owned(),
            },
        }
    }

    fn row(number: &str, amount: i64, open: i64) -> PaidRow {
        let due_on = date(2026, 11, 30);
        let status = if open == 0 {
            Status::Paid { on: date(2026, 11, 22) }
        } else {
            Status::PartlyPaid { open: eur(open), due_on }
        };
        PaidRow { number: number.parse().unwrap(), status, amount: eur(amount), open: eur(open), due_on }
    }

    fn paid() -> PaymentPage {
        let rows = vec![row("RE1040", 11_900, 0), row("RE1041", 2_000, 0), row("RE1043", 86_100, 38_850)];
        let at = "2026-11-22T13:37:00Z".parse().unwrap();
        PaymentPage { rows, ..page(Standing::Paid { at }) }.with(|slip| slip.received = eur(100_000))
    }

    impl PaymentPage {
        fn with(mut self, change: impl FnOnce(&mut Slip)) -> Self {
            change(&mut self.slip);
            self
        }
    }

    fn transfer(picture: Option<&str>) -> Transfer {
        Transfer {
            account_holder: "Max von Musterhausen".to_owned(),
            iban: "DE89370400440532013000".to_owned(),
            bic: "COBADEFFXXX".to_owned(),
            bank: "Commerzbank".to_owned(),
            amount: eur(100_000),
            reference: "RF722611221436000173".to_owned(),
            deposit: "2611221436000173".to_owned(),
            giro_code: None,
            picture: picture.map(|picture| format!("data:image/svg+xml;base64,{picture}")),
        }
    }

    fn public(page: PaymentPage) -> PaymentPage {
        PaymentPage { links: Links { own: false, ..page.links }, email: None, ..page }
    }

    #[test]
    fn waiting_pages_are_sound() {
        let url = || "https://pay.example/1".to_owned();
        let waiting = |url: Option<String>| page(Standing::Waiting { asked: url.is_some(), url });
        testing::check("payment-go", &page(Standing::Go { url: url() }), |_| {});
        testing::check("payment-waiting", &waiting(Some(url())), |_| {});
        testing::check("payment-unanswered", &waiting(None), testing::extreme);
        testing::check("payment-waiting-public", &public(waiting(Some(url()))), testing::public);
    }

    #[test]
    fn the_transfer_page_is_sound() {
        let page = |picture| {
            page(Standing::Transfer { transfer: Box::new(transfer(picture)) })
                .with(|slip| slip.method = Method::BankTransfer)
        };
        testing::check("payment-transfer", &page(Some("PHN2Zy8+")), |_| {});
        testing::check("payment-transfer-sandbox", &page(None), testing::extreme);
        testing::check("payment-transfer-public", &public(page(Some("PHN2Zy8+"))), testing::public);
    }

    #[test]
    fn paid_pages_are_sound() {
        testing::check("payment-paid", &paid(), |_| {});
        let odd = PaymentPage { credit: eur(20_000), unfinished: true, ..paid() }.with(|slip| {
            (slip.number, slip.method) = (String::new(), Method::Balance);
            (slip.received, slip.reversed) = (eur(120_000), eur(5_000));
        });
        testing::check("payment-paid-long", &odd, testing::extreme);
        let nothing = PaymentPage { credit: eur(500), rows: vec![], ..paid() }.with(|slip| slip.received = eur(500));
        testing::check("payment-paid-credit", &nothing, |_| {});
        testing::check("payment-paid-public", &public(paid()), testing::public);
    }

    #[test]
    fn ended_pages_are_sound() {
        for (name, how) in [
            ("failed", Ended::Failed),
            ("cancelled", Ended::Cancelled),
            ("expired", Ended::Expired),
            ("transfer", Ended::TransferExpired),
        ] {
            testing::check(&format!("payment-{name}"), &page(Standing::Ended { how }), |_| {});
        }
        testing::check("payment-ended-public", &public(page(Standing::Ended { how: Ended::Failed })), testing::public);
    }

    #[test]
    fn what_the_money_did_is_said_in_words() {
        let t = Words::new(domain::Language::De);
        assert_eq!(
            paid().words(&t),
            [
                "2 Rechnungen sind ausgeglichen.",
                "Von Rechnung RE1043 bleiben 388,50\u{a0}€ offen, fällig am 30.11.2026.",
            ]
        );
        let more = PaymentPage { credit: eur(20_000), ..paid() }.with(|slip| slip.received = eur(120_000)).words(&t);
        assert!(more[0].contains("1.200,00\u{a0}€") && more.concat().contains("200,00\u{a0}€ sind Guthaben"));
        let less = paid().with(|slip| slip.received = eur(90_000)).words(&t);
        assert_eq!(less[0], "Angefordert waren 1.000,00\u{a0}€, angekommen sind 900,00\u{a0}€.");
    }
}
