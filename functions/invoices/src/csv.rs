//! `/invoices.csv`: what the list shows, for spreadsheets; the columns of the seed.

use domain::{Money, invoice::InvoiceRow};
use jiff::civil::Date;
use text::Words;
use web::{Answer, Asked, CustomerContext, Door, File, Problem, area};

use crate::invoices::{self, Ask};

/// Most rows of one file; a whole archive is a job of its own.
const MAX_ROWS: u16 = 1_000;

/// Hands the file out, in the language of the page.
pub(crate) async fn download(cx: CustomerContext<area::Invoices>, ask: Asked<Ask>) -> Answer<File> {
    let (rows, more) = invoices::rows_for_csv(&cx, &ask.0, MAX_ROWS).await?;
    let t = Words::new(cx.arrival().language());
    let bytes = write(&rows, more, t).map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(File::download(bytes, "text/csv; charset=utf-8", format!("{}.csv", t.invoices_csv_name())))
}

/// German spreadsheets expect semicolons and a byte order mark, and read neither commas nor plain UTF-8 right.
fn write(rows: &[InvoiceRow], more: bool, t: Words) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record([
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
        writer.write_record([
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
        writer.write_record([t.invoices_csv_more(rows.len())])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn day(day: Option<Date>, t: Words) -> String {
    day.map(|day| t.date(day)).unwrap_or_default()
}

/// A number a spreadsheet can add up: decimal comma in German, no grouping, no currency sign.
fn amount(amount: Money, t: Words) -> String {
    match t.language {
        domain::Language::De => amount.decimal().replace('.', ","),
        domain::Language::En => amount.decimal(),
    }
}

/// A cell that a spreadsheet would read as a formula is made text.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for (cell, written) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("-2", "'-2"), ("RE1000", "RE1000")] {
            assert_eq!(guarded(cell), written);
        }
    }
}
