//! Files as other programs write them.

use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

/// A cell of a spreadsheet.
pub(crate) enum Cell {
    Text(&'static str),
    Number(f64),
    /// Days since the end of 1899.
    Day(u32),
    Nothing,
}

/// A ZIP with these files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook of one sheet, with no more in it than a reader needs.
pub(crate) fn xlsx(rows: &[Vec<Cell>]) -> Vec<u8> {
    let rows: String = rows.iter().enumerate().map(|(place, cells)| row(place + 1, cells)).collect();
    let sheet = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>\
         <sheet name=\"Rechnungen\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inner: String| format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{inner}</Relationships>");
    let of_book = relation("rId1", "worksheet", "worksheets/sheet1.xml") + &relation("rId2", "styles", "styles.xml");
    let part =
        |name: &str, kind: &str| format!("<Override PartName=\"/xl/{name}\" ContentType=\"{CONTENT}.{kind}+xml\"/>");
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>{}{}{}</Types>",
        part("workbook.xml", "sheet.main"),
        part("styles.xml", "styles"),
        part("worksheets/sheet1.xml", "worksheet"),
    );
    zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations(relation("rId1", "officeDocument", "xl/workbook.xml")).as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations(of_book).as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const CONTENT: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

fn row(number: usize, cells: &[Cell]) -> String {
    let cells: String = cells
        .iter()
        .enumerate()
        .map(|(place, cell)| (letters(place), cell))
        .map(|(letters, cell)| match cell {
            Cell::Nothing => String::new(),
            Cell::Text(text) => format!("<c r=\"{letters}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
            Cell::Number(value) => format!("<c r=\"{letters}{number}\"><v>{value}</v></c>"),
            Cell::Day(days) => format!("<c r=\"{letters}{number}\" s=\"1\"><v>{days}</v></c>"),
        })
        .collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

/// A, B, … Z, AA, AB, …
fn letters(place: usize) -> String {
    let last = char::from(b'A' + u8::try_from(place % 26).unwrap());
    if place < 26 { last.to_string() } else { letters(place / 26 - 1) + &last.to_string() }
}
