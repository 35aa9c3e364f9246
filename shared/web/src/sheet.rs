//! Lists as files for spreadsheets: German ones expect semicolons and a byte order mark, and read neither commas nor
//! plain UTF-8 right.

use domain::{Language, Money};
use text::Words;

use crate::{Answer, File, Problem};

/// A sheet being written, in the language of the page.
#[derive(Debug)]
pub struct Sheet {
    writer: csv::Writer<Vec<u8>>,
}

impl Sheet {
    /// A sheet with its first row.
    ///
    /// # Errors
    /// When memory is short.
    pub fn with_header<const N: usize>(header: [&str; N]) -> Answer<Self> {
        let writer =
            csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer("\u{feff}".as_bytes().to_vec());
        let mut sheet = Self { writer };
        sheet.row(header)?;
        Ok(sheet)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When memory is short.
    pub fn row<const N: usize, C: AsRef<[u8]>>(&mut self, cells: [C; N]) -> Answer<()> {
        self.writer.write_record(cells).map_err(|error| Problem::Internal(error.to_string()))
    }

    /// Adds a sentence about the sheet, in a row of its own.
    ///
    /// # Errors
    /// When memory is short.
    pub fn note(&mut self, sentence: &str) -> Answer<()> {
        self.row([sentence])
    }

    /// The file, to be saved under a name.
    ///
    /// # Errors
    /// When memory is short.
    pub fn download(self, name: &str) -> Answer<File> {
        Ok(File::download(self.into_bytes()?, "text/csv; charset=utf-8", format!("{name}.csv")))
    }

    /// The sheet itself.
    ///
    /// # Errors
    /// When memory is short.
    pub fn into_bytes(self) -> Answer<Vec<u8>> {
        self.writer.into_inner().map_err(|error| Problem::Internal(error.to_string()))
    }
}

/// A number a spreadsheet can add up: decimal comma in German, no grouping, no currency sign.
#[must_use]
pub fn amount(amount: Money, t: Words) -> String {
    match t.language {
        Language::De => amount.decimal().replace('.', ","),
        Language::En => amount.decimal(),
    }
}

/// A cell that a spreadsheet would read as a formula is made text.
#[must_use]
pub fn guarded(cell: &str) -> String {
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
