//! `.csv`, as programs of all ages write it: comma or semicolon, UTF-8 or the letters of Windows.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use super::table::{Cell, Row, Table};
use crate::{Failure, options::Encoding};

/// Reads a table; without a delimiter it is what the first line has most.
pub(crate) fn read(bytes: &[u8], encoding: Encoding, delimiter: Option<u8>) -> Result<Table, Failure> {
    let text = decoded(bytes, encoding)?;
    let delimiter = delimiter.unwrap_or_else(|| likely_delimiter(&text));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Failure::Input(format!("this is no .csv: {error}")))?;
        let begin = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        let rest = text.get(begin..).unwrap_or_default();
        // What is never closed reaches to the end, and so swallows all lines behind it.
        if reaches_to_the_end(&record, rest) && is_left_open(rest, delimiter) {
            let line = line_of(&record, &text);
            return Err(Failure::Input(format!("line {line}: a quotation mark is opened there and never closed")));
        }
        rows.push(Row { line: line_of(&record, &text), cells: record.iter().map(Cell::of_text).collect() });
    }
    Ok(Table::of(rows.into_iter()))
}

/// Only the last record can be: all of the file from its begin on is no longer than its cells, their quotes and delimiters doubled.
fn reaches_to_the_end(record: &csv::StringRecord, rest: &str) -> bool {
    rest.len() <= 2 * (record.as_slice().len() + record.len() + 2)
}

/// Reads a file's end as the reader does: is a cell still quoted when it is over?
fn is_left_open(rest: &str, delimiter: u8) -> bool {
    let (mut is_quoted, mut begins) = (false, true);
    let mut bytes = rest.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if is_quoted {
            // Two of them are one of the text.
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                is_quoted = false;
            }
        } else {
            is_quoted = begins && byte == b'"';
            begins = byte == delimiter || byte == b'\n' || byte == b'\r';
        }
    }
    is_quoted
}

fn decoded(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, Failure> {
    match encoding {
        // Hardly a text of Windows has its umlauts in just the pairs of bytes that UTF-8 has; read so, each name would be wrong.
        Encoding::Windows1252 if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() => {
            Err(Failure::Input("the file is UTF-8; leave --encoding away".to_owned()))
        }
        Encoding::Windows1252 => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0),
        Encoding::Utf8 => {
            let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            std::str::from_utf8(text).map(Cow::Borrowed).map_err(|error| {
                let good = text.get(..error.valid_up_to()).unwrap_or_default();
                let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
                Failure::Input(format!("line {line} is not UTF-8; try --encoding windows-1252"))
            })
        }
    }
}

fn likely_delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    // Of equally many the last: names of columns hold commas rather than semicolons or tabs.
    [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// The reader counts empty lines before a record to the record.
fn line_of(record: &csv::StringRecord, text: &str) -> usize {
    let Some(position) = record.position() else { return 0 };
    let (line, byte) = (usize::try_from(position.line()), usize::try_from(position.byte()));
    let rest = byte.ok().and_then(|byte| text.as_bytes().get(byte..)).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    line.unwrap_or_default() + empty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_mark_that_is_never_closed_swallows_nothing() {
        let read = |text: &str| super::read(text.as_bytes(), Encoding::Utf8, None);
        let open = read("number;text\nR10;\"Hosting\nR11;Domain\nR12;Domain\n").unwrap_err().to_string();
        assert!(open.contains("line 2") && open.contains("never closed"), "{open}");
        for closed in ["a;b\n1;\"x;\"\"y\"\"\"\n", "a;b\n1;3.5\" disk\n", "a;b\n1;\"two\nlines\"", "a;b\n1;\"\"\n"] {
            assert_eq!(read(closed).unwrap().rows.len(), 1, "{closed}");
        }
    }

    fn texts(table: &Table) -> Vec<Vec<String>> {
        table.rows.iter().map(|row| row.cells.iter().map(Cell::text).collect()).collect()
    }

    #[test]
    fn comma_semicolon_and_tab_are_told_apart_by_the_first_line() {
        for text in ["number,company\nK1,\"A, B; C\"\n", "number;company\nK1;A, B; C", "number\tcompany\r\nK1\tA, B; C"]
        {
            let table = read(text.replace("K1;A, B; C", "K1;\"A, B; C\"").as_bytes(), Encoding::Utf8, None).unwrap();
            assert_eq!(table.columns, ["number", "company"], "{text}");
            assert_eq!(texts(&table), [["K1", "A, B; C"]], "{text}");
        }
        let said = read(b"number;a,b,c\nK1;x\n", Encoding::Utf8, Some(b';')).unwrap();
        assert_eq!(said.columns, ["number", "a,b,c"]);
    }

    #[test]
    fn letters_are_those_that_were_said() {
        let marked = read("\u{feff}number\nKö\n".as_bytes(), Encoding::Utf8, None).unwrap();
        assert_eq!((marked.columns[0].as_str(), texts(&marked)), ("number", vec![vec!["Kö".to_owned()]]));
        let windows = b"number\nK\xF6\x80\n";
        assert_eq!(texts(&read(windows, Encoding::Windows1252, None).unwrap()), [["Kö€"]]);
        let refused = read(windows, Encoding::Utf8, None).unwrap_err().to_string();
        assert!(refused.contains("line 2") && refused.contains("windows-1252"), "{refused}");
        let refused = read("number\nKö\n".as_bytes(), Encoding::Windows1252, None).unwrap_err().to_string();
        assert!(refused.contains("UTF-8"), "{refused}");
        assert_eq!(texts(&read(b"number\nK1\n", Encoding::Windows1252, None).unwrap()), [["K1"]]);
    }

    #[test]
    fn a_row_knows_the_line_it_begins_in() {
        let table = read(b"number,note\n\nK1,\"two\nlines\"\n\n\nK2,x\n", Encoding::Utf8, None).unwrap();
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 7]);
    }
}
