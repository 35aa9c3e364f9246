//! `/prepaid/{deposit}`: where a top-up stands, with the „Einzahlungsaufforderung" of a transfer and, once the money is
//! there, the „Einzahlungsbestätigung" (M-24 to M-26).

use checkout::{Counter, Standing, in_groups, method_name};
use domain::{
    Money,
    customer::EmailAddress,
    deposit::DepositNumber,
    number::AccountNumber,
    payment::{Method, Payment, Purpose},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Reference, ReferenceKind};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Door, Page, Problem, area::Payments, door::View};

use crate::{Clients, topup::returning};

type Context = CustomerContext<Payments, View>;

/// Which deposit, and did somebody come back from the provider?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    deposit: String,
    returned: Option<String>,
}

/// Shows where it stands.
pub(crate) async fn show(cx: Context, clients: Clients, ask: Asked<Ask>) -> Answer<Page<DepositPage>> {
    let counter = clients.counter(cx.arrival(), cx.tenant());
    let payment = find(&cx, &counter, &ask.0.deposit).await?;
    // What asks others is done for a checked session only.
    cx.session().await?;
    let returned = ask.0.returned.is_some();
    let back = returning(&payment.id);
    let payment = counter.up_to_date(payment, returned, &back).await;
    let email = cx.store().customer(cx.customer()).await?.and_then(|customer| customer.value.facts.email);
    Ok(Page::new(DepositPage::of(&counter, payment, returned, email)))
}

/// One's own top-up; another customer's, and a payment of invoices, is the same 404 as none.
async fn find(cx: &Context, counter: &Counter, number: &str) -> Answer<Payment> {
    let number: DepositNumber = number.parse().map_err(|_| Problem::NotFound)?;
    let reference = Reference { kind: ReferenceKind::Deposit, value: number.as_str().to_owned() };
    let id = cx.store().payment_of(&reference).await?.ok_or(Problem::NotFound)?;
    let payment = counter.known(&id, cx.customer()).await?;
    let top_up = payment.filter(|payment| matches!(payment.purpose, Purpose::TopUp { .. }));
    top_up.ok_or(Problem::NotFound)
}

/// Where a top-up stands.
#[derive(Debug, Clone, Serialize)]
pub struct DepositPage {
    /// „Einzahlung".
    pub number: String,
    /// Which account.
    pub account: AccountNumber,
    /// How it is paid.
    pub method: Method,
    /// What was asked for.
    pub asked: Money,
    /// What arrived.
    pub received: Money,
    /// What was taken back.
    pub reversed: Money,
    /// „Referenz-Text".
    pub reference_text: String,
    /// „Begonnen".
    pub created_at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// Where the confirmation goes.
    pub email: Option<EmailAddress>,
}

impl DepositPage {
    fn of(counter: &Counter, payment: Payment, returned: bool, email: Option<EmailAddress>) -> Self {
        let standing = Standing::of(&counter.tenant, &payment, returned);
        let reference_text = match payment.purpose {
            Purpose::TopUp { reference_text } => reference_text,
            Purpose::Invoices { .. } => String::new(),
        };
        Self {
            number: payment.deposit.unwrap_or_default(),
            account: payment.account,
            method: payment.method,
            asked: payment.asked,
            received: payment.received,
            reversed: payment.reversed,
            reference_text,
            created_at: payment.created_at,
            standing,
            email,
        }
    }

    /// „2611 2214 3600 0173".
    #[must_use]
    pub fn number_in_groups(&self) -> String {
        in_groups(&self.number)
    }

    /// The method's name.
    #[must_use]
    pub fn method_name(&self, t: &Words) -> &'static str {
        method_name(self.method, t)
    }

    /// This page, asking again.
    #[must_use]
    pub fn reload(&self) -> String {
        format!("/prepaid/{}?returned=1", self.number)
    }

    /// The form with the same amount.
    #[must_use]
    pub fn retry(&self) -> String {
        let pairs = [
            ("account", self.account.to_string()),
            ("amount", self.asked.decimal()),
            ("other", self.asked.decimal()),
            ("reference_text", self.reference_text.clone()),
        ];
        format!("/prepaid?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }

    /// What the page says below the amount: more or less than asked, and what was taken back.
    #[must_use]
    pub fn sentences(&self, t: &Words) -> Vec<String> {
        if self.standing.paid_at().is_none() {
            return vec![self.standing.sentence(t, self.method)];
        }
        let mut words = vec![t.prepaid_booked(&self.account)];
        let (asked, received) = (t.money(self.asked), t.money(self.received));
        match self.received.minor().cmp(&self.asked.minor()) {
            std::cmp::Ordering::Less => words.push(t.pay_paid_less(asked, received)),
            std::cmp::Ordering::Greater => words.push(t.pay_paid_more(asked, received)),
            std::cmp::Ordering::Equal => {}
        }
        if self.reversed.is_positive() {
            words.push(t.pay_paid_reversed(t.money(self.reversed)));
        }
        words
    }
}

web::page!(DepositPage => "pages/prepaid/deposit.html");

#[cfg(test)]
mod tests {
    use checkout::{Ended, Transfer};
    use web::page::testing;

    use super::*;
    use crate::accounts::tests::eur;

    fn page(standing: Standing) -> DepositPage {
        DepositPage {
            number: "2611221436000173".to_owned(),
            account: "00001012".parse().unwrap(),
            method: Method::Sandbox,
            asked: eur(10_000),
            received: eur(0),
            reversed: eur(0),
            reference_text: "Projekt Messestand 2027".to_owned(),
            created_at: "2026-11-22T13:36:00Z".parse().unwrap(),
            standing,
            email: "tine@example.org".parse().ok(),
        }
    }

    fn transfer(picture: Option<&str>) -> Standing {
        let transfer = Transfer {
            account_holder: "Max von Musterhausen".to_owned(),
            iban: "DE89370400440532013000".to_owned(),
            bic: String::new(),
            bank: String::new(),
            amount: eur(10_000),
            reference: "RF722611221436000173".to_owned(),
            deposit: "2611221436000173".to_owned(),
            giro_code: None,
            picture: picture.map(str::to_owned),
        };
        Standing::Transfer { transfer: Box::new(transfer) }
    }

    #[test]
    fn the_deposit_page_is_sound_in_every_state() {
        let url = || "https://pay.example/1".to_owned();
        testing::check("deposit-go", &page(Standing::Go { url: url() }), |_| {});
        testing::check("deposit-waiting", &page(Standing::Waiting { url: Some(url()) }), testing::extreme);
        let by_transfer = |picture| DepositPage { method: Method::BankTransfer, ..page(transfer(picture)) };
        testing::check("deposit-transfer", &by_transfer(Some("data:image/svg+xml;base64,PHN2Zy8+")), |_| {});
        testing::check("deposit-transfer-sandbox", &by_transfer(None), testing::extreme);
        let paid = DepositPage { received: eur(10_000), ..page(Standing::Paid { at: Timestamp::UNIX_EPOCH }) };
        testing::check("deposit-paid", &paid, |_| {});
        let odd = DepositPage { received: eur(20_000), reversed: eur(100), reference_text: String::new(), ..paid };
        testing::check("deposit-paid-more", &odd, testing::extreme);
        for how in [Ended::Failed, Ended::Cancelled, Ended::Expired, Ended::TransferExpired] {
            testing::check(&format!("deposit-{how:?}").to_lowercase(), &page(Standing::Ended { how }), |_| {});
        }
    }
}
