//! A table as it was read, whatever the file: named columns, and rows that know the line they stand in.

use jiff::civil::Date;

use super::record::Refused;

/// What stands in a cell. A spreadsheet says more than a text: what it calls a number or a day needs no guessing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    /// In plain digits with a decimal point.
    Number(String),
    Day(Date),
    Flag(bool),
    /// `#REF!` and its kind.
    Broken(String),
}

impl Cell {
    /// White space around a text says nothing.
    pub(crate) fn of_text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }

    /// As people would type it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Number(text) | Self::Broken(text) => text.clone(),
            Self::Day(day) => day.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Number of its line in the file, from 1; in a spreadsheet of its row.
    pub(crate) line: usize,
    pub(crate) cells: Vec<Cell>,
}

/// All of it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Rows that do not fit below the columns.
    pub(crate) refused: Vec<Refused>,
}

impl Table {
    /// The first row names the columns. Rows without anything are no rows.
    pub(crate) fn of(rows: impl Iterator<Item = Row>) -> Self {
        let mut table = Self::default();
        for row in rows.filter(|row| row.cells.iter().any(|cell| *cell != Cell::Empty)) {
            if table.columns.is_empty() {
                table.columns = row.cells.iter().map(Cell::text).collect();
                continue;
            }
            if row.cells.iter().skip(table.columns.len()).any(|cell| *cell != Cell::Empty) {
                table.refused.push(Refused::line(row.line, "has more cells than there are columns"));
            } else {
                table.rows.push(row);
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: usize, cells: &[&str]) -> Row {
        Row { line, cells: cells.iter().map(|cell| Cell::of_text(cell)).collect() }
    }

    #[test]
    fn the_first_row_names_the_columns_and_empty_rows_are_none() {
        let rows = [row(1, &["", ""]), row(2, &["number", " company "]), row(4, &["", " "]), row(5, &["K1"])];
        let table = Table::of(rows.into_iter());
        assert_eq!(table.columns, ["number", "company"]);
        assert_eq!(table.rows, [row(5, &["K1"])]);
    }

    #[test]
    fn a_row_with_a_cell_too_many_is_refused_and_not_cut_off() {
        let rows = [row(1, &["number"]), row(2, &["K1", ""]), row(3, &["K2", "x"])];
        let table = Table::of(rows.into_iter());
        assert_eq!((table.rows.len(), table.refused.len()), (1, 1));
        assert_eq!(table.refused[0].lines, [3]);
    }
}
