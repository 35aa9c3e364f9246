//! `.xlsx`: a sheet whose first row names the columns.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{Data, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use jiff::civil::Date;
use zip::ZipArchive;

use super::table::{Cell, Row, Table};
use crate::Failure;

/// Digits that a spreadsheet itself shows of a number; what comes behind is the noise of binary sums.
const DIGITS: usize = 15;
/// Most columns. A stray cell far to the right would else cost a row of cells as wide.
const MAX_COLUMNS: usize = 1_000;
/// Most bytes of all parts of the file once unpacked: a small file may claim anything.
const MAX_UNPACKED_BYTES: u64 = 1024 * 1024 * 1024;

/// Reads a sheet by its name, or the first.
pub(crate) fn read(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Table, Failure> {
    let unreadable = |error: XlsxError| Failure::Input(format!("this is no .xlsx: {error}"));
    refuse_bombs(&bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let names = book.sheet_names();
    let name = match sheet {
        None => names.first().cloned(),
        Some(wanted) => names.iter().find(|name| *name == wanted).cloned(),
    };
    let Some(name) = name else {
        return Err(Failure::Input(format!("there is no such sheet, only: {}", names.join(", "))));
    };
    // Cell by cell, as they are there: the extent that a sheet claims may be a million rows of nothing.
    let (mut cells, mut rows) =
        (book.worksheet_cells_reader(&name).map_err(unreadable)?, BTreeMap::<_, Vec<Cell>>::new());
    while let Some(found) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = found.get_position();
        let (line, column) = (row as usize + 1, column as usize);
        if column >= MAX_COLUMNS {
            let wide = format!("line {line} has a cell in column {}; {MAX_COLUMNS} are read at most", column + 1);
            return Err(Failure::Input(wide));
        }
        let filled = rows.entry(line).or_default();
        filled.resize_with((column + 1).max(filled.len()), || Cell::Empty);
        if let Some(place) = filled.get_mut(column) {
            *place = cell(&Data::from(found.get_value().clone()));
        }
    }
    Ok(Table::of(rows.into_iter().map(|(line, cells)| Row { line, cells })))
}

fn refuse_bombs(bytes: &[u8]) -> Result<(), Failure> {
    let unreadable = |error: zip::result::ZipError| Failure::Input(format!("this is no .xlsx: {error}"));
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut unpacked = 0_u64;
    for place in 0..parts.len() {
        unpacked = unpacked.saturating_add(parts.by_index_raw(place).map_err(unreadable)?.size());
    }
    if unpacked > MAX_UNPACKED_BYTES {
        return Err(Failure::Input("unpacked it is larger than 1 GiB".to_owned()));
    }
    Ok(())
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::of_text(text),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::Float(number) => Cell::Number(plain(*number)),
        Data::Bool(flag) => Cell::Flag(*flag),
        Data::DateTime(moment) => day(moment),
        // `2026-11-20T00:00:00`
        Data::DateTimeIso(text) => match text.get(..10).unwrap_or(text).parse::<Date>() {
            Ok(day) => Cell::Day(day),
            Err(_) => Cell::of_text(text),
        },
        Data::Error(error) => Cell::Broken(error.to_string()),
        other => Cell::of_text(&other.to_string()),
    }
}

/// The day of a moment; what is only a time or a length of time stays a number.
fn day(moment: &ExcelDateTime) -> Cell {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let is_day = moment.is_datetime() && moment.as_f64() >= 1.0;
    let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
    match parts {
        (Ok(year), Ok(month), Ok(day)) if is_day => {
            Date::new(year, month, day).map_or_else(|_| Cell::Number(plain(moment.as_f64())), Cell::Day)
        }
        _ => Cell::Number(plain(moment.as_f64())),
    }
}

/// A number in plain digits: `15.91` and not `15.910000000000002`, `4711` and not `4711.0`.
fn plain(number: f64) -> String {
    let precision = DIGITS - 1;
    let rounded: f64 = format!("{number:.precision$e}").parse().unwrap_or(number);
    // Adding 0 turns the negative zero into the other one.
    (rounded + 0.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_the_spreadsheet_shows() {
        for (number, shown) in [
            (15.91, "15.91"),
            (0.1 + 0.2, "0.3"),
            (4711.0, "4711"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (19.0, "19"),
        ] {
            assert_eq!(plain(number), shown);
        }
    }

    #[test]
    fn cells_keep_what_the_spreadsheet_knows_of_them() {
        let day = calamine::ExcelDateTime::new(46_346.0, calamine::ExcelDateTimeType::DateTime, false);
        assert_eq!(cell(&Data::DateTime(day)), Cell::Day("2026-11-20".parse().unwrap()));
        assert_eq!(
            cell(&Data::DateTimeIso("2026-11-20T00:00:00".to_owned())),
            Cell::Day("2026-11-20".parse().unwrap())
        );
        assert_eq!(cell(&Data::String("  ".to_owned())), Cell::Empty);
        assert_eq!(cell(&Data::Bool(true)), Cell::Flag(true));
        assert!(matches!(cell(&Data::Error(calamine::CellErrorType::Ref)), Cell::Broken(_)));
    }

    #[test]
    fn what_is_no_spreadsheet_is_said_to_be_none() {
        assert!(read(b"number,company\n".to_vec(), None).is_err());
    }
}
