//! A customer's documents of a period (M-54, B-11): PDFs, the XML of those that have it, and a list for spreadsheets.

use domain::{Money, document::DocumentType, id::CustomerId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{FileKind, IssuedRow, Shelf};
use text::Words;
use web::{
    Answer,
    sheet::{Sheet, amount, guarded},
};

use super::{Contents, found, pack::Pack, rows};
use crate::desk::Desk;

/// The list in each ZIP.
const INDEX: &str = "index.csv";

/// Which documents.
pub(super) struct Period {
    /// First and last day of issue.
    pub(super) days: (Date, Date),
    /// Kinds that customers see.
    pub(super) kinds: Vec<DocumentType>,
}

/// What is read, in this order: papers that nobody asked for yet are written first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Section {
    WriteInvoices,
    WriteDocuments,
    Invoices,
    Documents,
}

impl Section {
    const fn next(self) -> Option<Self> {
        match self {
            Self::WriteInvoices => Some(Self::WriteDocuments),
            Self::WriteDocuments => Some(Self::Invoices),
            Self::Invoices => Some(Self::Documents),
            Self::Documents => None,
        }
    }

    const fn shelf(self) -> Shelf {
        match self {
            Self::WriteInvoices | Self::Invoices => Shelf::Invoices,
            Self::WriteDocuments | Self::Documents => Shelf::Documents,
        }
    }

    const fn only_writes(self) -> bool {
        matches!(self, Self::WriteInvoices | Self::WriteDocuments)
    }
}

/// Where a step begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    section: Section,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Contents for Period {
    type Place = Place;

    fn first(&self) -> Place {
        Place { section: Section::WriteInvoices, after: None }
    }

    /// Each document is met twice.
    async fn total(&self, desk: &Desk<'_>, customer: &CustomerId) -> Answer<u64> {
        Ok(2 * desk.store.count_issued(customer, Some(self.days)).await?)
    }

    async fn step(
        &self,
        desk: &Desk<'_>,
        customer: &CustomerId,
        place: Place,
        pack: &mut Pack,
    ) -> Answer<(u64, Option<Place>)> {
        let Place { section, after } = place;
        let page = rows(desk, customer, (section.shelf(), Some(self.days)), after).await?;
        for row in page.items.iter().filter(|row| self.kinds.contains(&row.kind())) {
            let Some(document) = found(desk, customer, row).await? else { continue };
            if section.only_writes() {
                document.written(desk).await?;
            } else {
                add(desk, row, &document, pack).await?;
            }
        }
        let next = match page.next {
            Some(after) => Some(Place { section, after: Some(after) }),
            None => section.next().map(|section| Place { section, after: None }),
        };
        Ok((page.items.len() as u64, next))
    }

    /// The list of what is in this ZIP.
    fn finish(&self, desk: &Desk<'_>, pack: &mut Pack) -> Answer<()> {
        let t = Words::new(desk.tenant.settings.language);
        let mut sheet = Sheet::with_header([
            t.packed_kind(),
            t.packed_number(),
            t.packed_date(),
            t.packed_amount(),
            t.invoices_csv_currency(),
            t.packed_file(),
        ])?;
        for line in pack.take_lines() {
            sheet.row(line)?;
        }
        pack.add(INDEX.to_owned(), sheet.into_bytes()?);
        Ok(())
    }
}

/// A document's files, and its line in the list; a line without a file says that there is none.
async fn add(desk: &Desk<'_>, row: &IssuedRow, document: &super::Found, pack: &mut Pack) -> Answer<()> {
    let t = Words::new(desk.tenant.settings.language);
    let mut file = String::new();
    for kind in [FileKind::Pdf, FileKind::Xml] {
        if let Some(bytes) = document.bytes(desk, kind).await? {
            let name = document.file_name(kind, &t);
            let name = pack.add(name, bytes);
            if kind == FileKind::Pdf {
                file = name;
            }
        }
    }
    pack.list(line(row, file, t));
    Ok(())
}

fn line(row: &IssuedRow, file: String, t: Words) -> [String; 6] {
    let sum: Option<Money> = match row {
        IssuedRow::Invoice(row) => Some(row.gross),
        IssuedRow::Document(row) => row.amount,
    };
    [
        t.document_kind(row.kind()).to_owned(),
        guarded(row.number()),
        t.date(row.issued_on()),
        sum.map(|sum| amount(sum, t)).unwrap_or_default(),
        sum.map(|sum| sum.currency().code().to_owned()).unwrap_or_default(),
        guarded(&file),
    ]
}
