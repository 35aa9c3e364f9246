//! `/invoices.csv`: what the list shows, for spreadsheets; the columns of the seed.

use domain::invoice::InvoiceRow;
use jiff::civil::Date;
use text::Words;
use web::{
    Answer, Asked, CustomerContext, Door, File, area,
    sheet::{Sheet, amount, guarded},
};

use crate::invoices::{self, Ask};

/// Most rows of one file; a whole archive is a job of its own.
const MAX_ROWS: u16 = 1_000;

/// Hands the file out, in the language of the page.
pub(crate) async fn download(cx: CustomerContext<area::Invoices>, ask: Asked<Ask>) -> Answer<File> {
    let (rows, more) = invoices::rows_for_csv(&cx, &ask.0, MAX_ROWS).await?;
    let t = cx.arrival().words();
    write(&rows, more, t)?.download(t.invoices_csv_name())
}

fn write(rows: &[InvoiceRow], more: bool, t: Words) -> Answer<Sheet> {
    let mut sheet = Sheet::with_header([
        t.invoices_number(),
        t.invoices_issued_on(),
        t.invoices_gross(),
        t.invoices_paid(),
        t.invoices_paid_on(),
        t.invoices_due_on(),
        t.invoices_cancelled(),
        t.invoices_dunning_level(),
        t.invoices_csv_open(),
        t.invoices_csv_currency(),
        t.invoices_handle(),
    ])?;
    for row in rows {
        sheet.row([
            guarded(row.number.as_str()),
            t.date(row.issued_on),
            amount(row.gross, t),
            amount(row.paid, t),
            day(row.paid_on, t),
            t.date(row.due_on),
            if row.cancelled_on.is_some() { t.frame_yes().to_owned() } else { t.frame_no().to_owned() },
            if row.dunning_level == 0 { String::new() } else { row.dunning_level.to_string() },
            amount(row.open, t),
            row.gross.currency().code().to_owned(),
            guarded(&row.handle),
        ])?;
    }
    if more {
        sheet.note(&t.invoices_csv_more(rows.len()))?;
    }
    Ok(sheet)
}

fn day(day: Option<Date>, t: Words) -> String {
    day.map(|day| t.date(day)).unwrap_or_default()
}
