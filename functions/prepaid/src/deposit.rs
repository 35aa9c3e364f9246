//! `/prepaid/{deposit}`: where a top-up stands, with the „Einzahlungsaufforderung" of a transfer and, once the money is
//! there, the „Einzahlungsbestätigung" (M-24 to M-26).

use checkout::{Counter, Slip};
use domain::{
    customer::EmailAddress,
    deposit::DepositNumber,
    number::AccountNumber,
    payment::{Payment, Purpose},
};
use serde::{Deserialize, Serialize};
use store::{Reference, ReferenceKind};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Door, Page, Problem, Providers, area::Payments, door::View};

use crate::topup::returning;

type Context = CustomerContext<Payments, View>;

/// Which deposit, and did somebody come back from the provider?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    deposit: String,
    returned: Option<String>,
}

/// Shows where it stands.
pub(crate) async fn show(cx: Context, providers: Providers, ask: Asked<Ask>) -> Answer<Page<DepositPage>> {
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
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
    /// The payment; its number is the deposit's.
    pub slip: Slip,
    /// Which account.
    pub account: AccountNumber,
    /// „Referenz-Text".
    pub reference_text: String,
    /// Where the confirmation goes.
    pub email: Option<EmailAddress>,
}

impl DepositPage {
    fn of(counter: &Counter, payment: Payment, returned: bool, email: Option<EmailAddress>) -> Self {
        let slip = Slip::of(&counter.tenant, &payment, returned);
        let reference_text = match payment.purpose {
            Purpose::TopUp { reference_text } => reference_text,
            Purpose::Invoices { .. } => String::new(),
        };
        Self { slip, account: payment.account, reference_text, email }
    }

    /// This page, asking again.
    #[must_use]
    pub fn reload(&self) -> String {
        format!("/prepaid/{}?returned=1", self.slip.number)
    }

    /// The form with the same amount.
    #[must_use]
    pub fn retry(&self) -> String {
        let pairs = [
            ("account", self.account.to_string()),
            ("amount", self.slip.asked.decimal()),
            ("other", self.slip.asked.decimal()),
            ("reference_text", self.reference_text.clone()),
        ];
        format!("/prepaid?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }

    /// What the page says below the amount: more or less than asked, and what was taken back.
    #[must_use]
    pub fn sentences(&self, t: &Words) -> Vec<String> {
        if self.slip.standing.paid_at().is_none() {
            return vec![self.slip.standing.sentence(t, self.slip.method)];
        }
        let booked = std::iter::once(t.prepaid_booked(&self.account));
        booked.chain(self.slip.difference(t)).chain(self.slip.taken_back(t)).collect()
    }
}

web::page!(DepositPage => "pages/prepaid/deposit.html");

#[cfg(test)]
mod tests {
    use checkout::{Ended, Standing, Transfer};
    use domain::payment::Method;
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;
    use crate::accounts::tests::eur;

    fn page(standing: Standing) -> DepositPage {
        DepositPage {
            slip: Slip {
                number: "2611221436000173".to_owned(),
                method: Method::Sandbox,
                asked: eur(10_000),
                received: eur(0),
                reversed: eur(0),
                created_at: "2026-11-22T13:36:00Z".parse().unwrap(),
                standing,
            },
            account: "00001012".parse().unwrap(),
            reference_text: "Projekt Messestand 2027".to_owned(),
            email: "tine@example.org".parse().ok(),
        }
    }

    fn with(mut page: DepositPage, change: impl FnOnce(&mut Slip)) -> DepositPage {
        change(&mut page.slip);
        page
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
        testing::check("deposit-waiting", &page(Standing::Waiting { url: Some(url()), asked: true }), testing::extreme);
        let by_transfer = |picture| with(page(transfer(picture)), |slip| slip.method = Method::BankTransfer);
        testing::check("deposit-transfer", &by_transfer(Some("data:image/svg+xml;base64,PHN2Zy8+")), |_| {});
        testing::check("deposit-transfer-sandbox", &by_transfer(None), testing::extreme);
        let paid = page(Standing::Paid { at: Timestamp::UNIX_EPOCH });
        let paid = with(paid, |slip| slip.received = eur(10_000));
        testing::check("deposit-paid", &paid, |_| {});
        let odd = DepositPage { reference_text: String::new(), ..paid };
        let odd = with(odd, |slip| (slip.received, slip.reversed) = (eur(20_000), eur(100)));
        testing::check("deposit-paid-more", &odd, testing::extreme);
        for how in [Ended::Failed, Ended::Cancelled, Ended::Expired, Ended::TransferExpired] {
            testing::check(&format!("deposit-{how:?}").to_lowercase(), &page(Standing::Ended { how }), |_| {});
        }
    }
}
