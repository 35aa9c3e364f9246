//! `POST /api/admin/v1/invoices/{number}:payment`, `:payment-reverse`, `:cancel`, `PATCH`: the only ways in which what is
//! paid and open changes. Each may be sent again.

use domain::{
    FieldErrors,
    change::{Actor, Change},
    invoice::{InvoiceRow, MAX_DUNNING_LEVEL, Payment, PaymentRefused, cancel, pay, reverse, set_dunning_level},
    ledger::Account,
    number::{InvoiceNumber, MAX_REFERENCE_SLUG_BYTES, slug},
    time::check_day,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{Booking, InvoiceBody, Loaded, TenantStore, deciding_again};
use utoipa::ToSchema;
use web::{Answer, IntegratorContext, Json, Problem, Submitted, scope};

use crate::invoices::{InvoicePath, InvoiceShown, shown};

type Cx = IntegratorContext<scope::Write>;

/// Longest external reference.
const MAX_REFERENCE: usize = 120;

/// Which payment is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReverseInput {
    reference: String,
}

/// On which day the invoice was cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelInput {
    date: Date,
}

/// What may be changed on an issued invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchInput {
    /// 0 to 9.
    dunning_level: u8,
}

/// What a decision is made from.
struct Standing {
    body: InvoiceBody,
    row: Loaded<InvoiceRow>,
    account: Loaded<Account>,
}

impl Standing {
    async fn load(store: &TenantStore, number: &InvoiceNumber) -> Answer<Self> {
        let body = store.invoice_bodies(std::slice::from_ref(number)).await?.pop().ok_or(Problem::NotFound)?;
        let row = store.invoice_row(&body).await?.ok_or(Problem::NotFound)?;
        let account = store.account(&body.customer, &row.value.account).await?;
        let account = account.ok_or_else(|| Problem::Internal("an invoice without its account".into()))?;
        Ok(Self { body, row, account })
    }

    const fn booking(&self) -> Booking<'_> {
        Booking { customer: &self.body.customer, row: &self.row, account: &self.account }
    }
}

/// `:payment`: the same reference again is the same payment.
pub(crate) async fn payment(cx: Cx, body: Submitted<Payment, InvoicePath>) -> Answer<Json<InvoiceShown>> {
    let (path, payment) = body.into_parts();
    let number = path.number()?;
    check_reference(&payment.reference)?;
    check_date(payment.date)?;
    deciding_again(|| async {
        let store = cx.store();
        if let Some(booked) = store.payment_by_reference(&payment.reference).await? {
            let same = booked.value.invoice == number && booked.value.payment == payment;
            return if same { Ok(()) } else { Err(reference_taken()) };
        }
        let standing = Standing::load(&store, &number).await?;
        let change = pay(&standing.row.value, &standing.account.value, &payment, Actor::Integrator, cx.now())
            .map_err(refused)?;
        Ok(store.book_payment(&standing.booking(), &change).await?)
    })
    .await?;
    shown(&cx, &number).await.map(Json::new)
}

/// `:payment-reverse`: again is the same.
pub(crate) async fn payment_reverse(cx: Cx, body: Submitted<ReverseInput, InvoicePath>) -> Answer<Json<InvoiceShown>> {
    let (path, input) = body.into_parts();
    let number = path.number()?;
    check_reference(&input.reference)?;
    deciding_again(|| async {
        let store = cx.store();
        let record =
            store.payment_by_reference(&input.reference).await?.filter(|record| record.value.invoice == number);
        let record =
            record.ok_or_else(|| FieldErrors::one("reference", "unknown", "no payment of this invoice has it"))?;
        if record.value.reversed_at.is_some() {
            return Ok::<_, Problem>(());
        }
        let standing = Standing::load(&store, &number).await?;
        let (row, account) = (&standing.row.value, &standing.account.value);
        let change = reverse(row, account, &record.value, Actor::Integrator, cx.now(), cx.today()).map_err(refused)?;
        Ok(store.reverse_payment(&standing.booking(), &record, &change).await?)
    })
    .await?;
    shown(&cx, &number).await.map(Json::new)
}

/// `:cancel`: again with the same day is the same.
pub(crate) async fn cancel_invoice(cx: Cx, body: Submitted<CancelInput, InvoicePath>) -> Answer<Json<InvoiceShown>> {
    let (path, CancelInput { date }) = body.into_parts();
    let number = path.number()?;
    check_date(date)?;
    deciding_again(|| async {
        let store = cx.store();
        let standing = Standing::load(&store, &number).await?;
        match standing.row.value.cancelled_on {
            Some(on) if on == date => return Ok(()),
            Some(_) => {
                return Err(Problem::Conflict(FieldErrors::one(
                    "date",
                    "immutable",
                    "the invoice was cancelled on another day",
                )));
            }
            None => {}
        }
        if date < standing.row.value.issued_on {
            return Err(FieldErrors::one("date", "invalid", "must not lie before the day of issue").into());
        }
        let change: Change<_> =
            cancel(&standing.row.value, &standing.account.value, date, Actor::Integrator, cx.now()).map_err(refused)?;
        Ok(store.cancel_invoice(&standing.booking(), &change).await?)
    })
    .await?;
    shown(&cx, &number).await.map(Json::new)
}

/// `PATCH`: the level of dunning.
pub(crate) async fn patch(cx: Cx, body: Submitted<PatchInput, InvoicePath>) -> Answer<Json<InvoiceShown>> {
    let (path, PatchInput { dunning_level }) = body.into_parts();
    let number = path.number()?;
    if dunning_level > MAX_DUNNING_LEVEL {
        return Err(FieldErrors::one("dunning_level", "invalid", "must be 0 to 9").into());
    }
    deciding_again(|| async {
        let store = cx.store();
        let standing = Standing::load(&store, &number).await?;
        match set_dunning_level(&standing.row.value, dunning_level, Actor::Integrator, cx.now()) {
            Some(change) => {
                Ok::<_, Problem>(store.save_invoice_row(&standing.body.customer, &standing.row, &change).await?)
            }
            None => Ok(()),
        }
    })
    .await?;
    shown(&cx, &number).await.map(Json::new)
}

pub(crate) fn check_reference(reference: &str) -> Answer<()> {
    let fits = !reference.trim().is_empty()
        && reference.chars().count() <= MAX_REFERENCE
        && !reference.chars().any(char::is_control)
        && slug(reference).len() <= MAX_REFERENCE_SLUG_BYTES;
    let message = "must have 1 to 120 characters, fewer of scripts other than Latin";
    if fits { Ok(()) } else { Err(FieldErrors::one("reference", "invalid", message).into()) }
}

fn check_date(date: Date) -> Answer<()> {
    let mut errors = FieldErrors::default();
    check_day(&mut errors, "date", date);
    Ok(errors.into_result()?)
}

fn reference_taken() -> Problem {
    Problem::Conflict(FieldErrors::one("reference", "taken", "another payment has it"))
}

fn refused(refused: PaymentRefused) -> Problem {
    let field = match refused {
        PaymentRefused::NotPositive | PaymentRefused::OtherCurrency | PaymentRefused::Arithmetic(_) => "amount",
        PaymentRefused::AlreadyReversed => "reference",
        PaymentRefused::AlreadyCancelled => "date",
    };
    FieldErrors::one(field, "invalid", refused.to_string()).into()
}
