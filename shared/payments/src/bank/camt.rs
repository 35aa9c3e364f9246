//! camt.053 (statement) and camt.054 (single bookings) of ISO 20022, versions 001.02 and 001.08, as German banks send them.
//!
//! Both versions are read by one way: where they differ, both places are looked at. What was booked counts: when the
//! details of a booking do not make its amount, the booking is one entry and a person sees to it.

use domain::{
    Currency, Money, Pii,
    bank::{Balance, BankEntry, BankFile, Direction, Format, Ordinal, Reversal, Statement, StatementId, read_iban},
};
use jiff::civil::Date;

use super::{
    BankFileError, Limits, MAX_TEXT_CHARS, join_pieces, read_amount,
    xml::{self, Element, line_of},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";
/// Banks cut „Verwendungszweck" into pieces of so many characters.
const TEXT_PIECE: usize = 140;
/// Longest reference; `EndToEndId` and `CdtrRefInf` have 35.
const MAX_REFERENCE_CHARS: usize = 105;

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<BankFile, BankFileError> {
    let text = std::str::from_utf8(bytes).map_err(|wrong| {
        let line = bytes.iter().take(wrong.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        // Bytes that are missing at the end are another thing than wrong ones.
        match wrong.error_len() {
            None => BankFileError::CutOff { line, expected: "the end of the document" },
            Some(_) => BankFileError::Expected { line, expected: "UTF-8" },
        }
    })?;
    let document = xml::read(text)?;
    let format = format_of(&document).ok_or(BankFileError::UnknownFormat)?;
    Reader { text, format, limits, entries: 0 }.file(&document.root)
}

fn format_of(document: &xml::Document<'_>) -> Option<Format> {
    let format = match document.namespace.strip_prefix(NAMESPACE)? {
        "camt.053.001.02" => Format::Camt053V2,
        "camt.053.001.08" => Format::Camt053V8,
        "camt.054.001.02" => Format::Camt054V2,
        "camt.054.001.08" => Format::Camt054V8,
        _ => return None,
    };
    (document.root.name == "Document").then_some(format)
}

struct Reader<'a> {
    text: &'a str,
    format: Format,
    limits: Limits,
    entries: usize,
}

type Node<'a> = Element<'a>;

impl Reader<'_> {
    fn expected(&self, at: &Node<'_>, expected: &'static str) -> BankFileError {
        BankFileError::Expected { line: line_of(self.text, at.at), expected }
    }

    fn need<T>(&self, found: Option<T>, at: &Node<'_>, expected: &'static str) -> Result<T, BankFileError> {
        found.ok_or_else(|| self.expected(at, expected))
    }

    fn file(mut self, root: &Node<'_>) -> Result<BankFile, BankFileError> {
        let (body, name, expected) = match self.format {
            Format::Camt054V2 | Format::Camt054V8 => ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "a notification"),
            _ => ("BkToCstmrStmt", "Stmt", "a statement"),
        };
        let body = self.need(root.child(body), root, expected)?;
        let mut statements = Vec::new();
        for node in body.all(name) {
            statements.push(self.statement(node, body)?);
        }
        if statements.is_empty() {
            return Err(self.expected(body, expected));
        }
        Ok(BankFile { format: self.format, statements })
    }

    fn statement(&mut self, node: &Node<'_>, body: &Node<'_>) -> Result<Statement, BankFileError> {
        let iban = node.text_at(&["Acct", "Id", "IBAN"]).and_then(read_iban);
        let iban = self.need(iban, node, "a valid IBAN of the account (Acct/Id/IBAN)")?;
        let range = |way: &str| ["FrToDt", "RptgPrd"].iter().find_map(|period| node.at(&[period, way]));
        let from = range("FrDtTm").map(|at| self.date(at)).transpose()?;
        let to = range("ToDtTm").map(|at| self.date(at)).transpose()?;
        let (opening, closing) = (self.balance(node, &["OPBD", "PRCD"])?, self.balance(node, &["CLBD"])?);
        let page =
            node.at(&["StmtPgntn"]).or_else(|| node.at(&["NtfctnPgntn"])).or_else(|| body.at(&["GrpHdr", "MsgPgntn"]));
        let mut statement = Statement {
            id: self.id(node, page, closing.map(|balance| balance.on).or(to))?,
            iban,
            from,
            to,
            opening,
            closing,
            entries: Vec::new(),
            skipped: 0,
        };
        for (index, entry) in node.all("Ntry").enumerate() {
            self.entry(entry, index, &mut statement)?;
        }
        if !is_one_of_many(page) && !matches!(statement.adds_up(), Ok(true)) {
            return Err(BankFileError::DoesNotAddUp { line: line_of(self.text, node.at) });
        }
        Ok(statement)
    }

    /// The number on paper, else the electronic one, else the bank's own id; pages of one statement are told apart.
    fn id(&self, node: &Node<'_>, page: Option<&Node<'_>>, day: Option<Date>) -> Result<StatementId, BankFileError> {
        // Banks that do not count write 0.
        let is_counted = |number: &&str| !number.bytes().all(|digit| digit == b'0');
        let names = ["LglSeqNb", "ElctrncSeqNb", "Id"];
        let number = names.iter().find_map(|name| node.text_at(&[name]).filter(is_counted));
        let number = number.filter(|number| number.chars().count() <= MAX_REFERENCE_CHARS);
        let number = self.need(number, node, "a number of the statement (LglSeqNb, ElctrncSeqNb or Id)")?;
        let made = node.child("CreDtTm").map(|made| self.date(made)).transpose()?;
        let day = self.need(day.or(made), node, "a day of the statement (ToDtTm or CreDtTm)")?;
        let page = page.and_then(|page| page.text_at(&["PgNb"])).filter(|page| *page != "1" && page.len() <= 5);
        Ok(StatementId::new(self.format, day.year(), number, page))
    }

    fn balance(&self, node: &Node<'_>, codes: &[&str]) -> Result<Option<Balance>, BankFileError> {
        let is_code = |balance: &&Node<'_>, code: &str| balance.text_at(&["Tp", "CdOrPrtry", "Cd"]) == Some(code);
        // An interim balance of one page carries the same code and says so beside it.
        let is_whole = |balance: &&Node<'_>| balance.at(&["Tp", "SubTp"]).is_none();
        let found =
            codes.iter().find_map(|code| node.all("Bal").filter(is_whole).find(|balance| is_code(balance, code)));
        let Some(found) = found else { return Ok(None) };
        let amount = self.amount(self.need(found.child("Amt"), found, "an amount of the balance (Amt)")?)?;
        let amount = match self.direction(found)? {
            Direction::Credit => Ok(amount),
            Direction::Debit => amount.negated(),
        };
        let amount = self.need(amount.ok(), found, "an amount of the balance (Amt)")?;
        Ok(Some(Balance { amount, on: self.day(found, "Dt")? }))
    }

    fn entry(&mut self, node: &Node<'_>, index: usize, statement: &mut Statement) -> Result<(), BankFileError> {
        let status = self.need(node.child("Sts"), node, "a status (Sts)")?;
        let is_booked = status.text_at(&["Cd"]).unwrap_or(status.text.trim()) == "BOOK";
        let amount = self.amount(self.need(node.child("Amt"), node, "an amount (Amt)")?)?;
        let entry = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let direction = self.direction(node)?;
        if !is_booked || amount.is_zero() {
            self.count(node, 1)?;
            statement.skipped += 1;
            return Ok(());
        }
        let all: Vec<_> = node.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
        let is_reversal = self.flag(node, "RvslInd")?;
        let booked_on = self.day(node, "BookgDt")?;
        let head = BankEntry {
            ordinal: Ordinal { entry, detail: 1 },
            booked_on,
            value_on: node.child("ValDt").map_or(Ok(booked_on), |_| self.day(node, "ValDt"))?,
            amount,
            direction,
            reversal: is_reversal.then(Reversal::default),
            end_to_end_id: None,
            creditor_reference: None,
            text: Pii::default(),
            payer_name: Pii::default(),
            payer_iban: None,
            servicer_reference: reference(node.text_at(&["AcctSvcrRef"])),
        };
        self.count(node, all.len().max(1))?;
        let parts = self.parts(&head, &all)?;
        if let ([_, _, ..], None) = (all.as_slice(), &parts) {
            let text = self.bounded(node, node.text_at(&["AddtlNtryInf"]).unwrap_or_default())?;
            statement.entries.push(BankEntry { text: Pii(text), ..head });
            return Ok(());
        }
        let parts = parts.unwrap_or_else(|| vec![(head.amount, head.direction)]);
        for (index, (amount, direction)) in parts.into_iter().enumerate() {
            let detail = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let part = BankEntry { ordinal: Ordinal { entry, detail }, amount, direction, ..head.clone() };
            statement.entries.push(self.detail(node, all.get(index).copied().unwrap_or(node), part)?);
        }
        Ok(())
    }

    fn count(&mut self, node: &Node<'_>, more: usize) -> Result<(), BankFileError> {
        self.entries += more;
        let most = self.limits.max_entries;
        if self.entries <= most {
            return Ok(());
        }
        Err(BankFileError::TooManyEntries { line: line_of(self.text, node.at), most })
    }

    /// Amount and direction of each transfer in a booking of many. `None` when they do not make the booking: then nobody
    /// can say what of it is whose.
    fn parts(&self, head: &BankEntry, all: &[&Node<'_>]) -> Result<Option<Vec<(Money, Direction)>>, BankFileError> {
        if all.len() < 2 {
            return Ok(None);
        }
        let mut parts = Vec::with_capacity(all.len());
        let mut sum = Ok(Money::zero(head.amount.currency()));
        for detail in all {
            let booked = detail.at(&["AmtDtls", "TxAmt", "Amt"]);
            let amounts = [booked, detail.child("Amt")].into_iter().flatten();
            let mut amount = None;
            for node in amounts.filter(|node| node.currency == Some(head.amount.currency().code())) {
                amount = amount.or(Some(self.amount(node)?));
            }
            let own = detail.child("CdtDbtInd").map(|_| self.direction(detail)).transpose()?;
            let direction = own.unwrap_or(head.direction);
            let Some(amount) = amount.filter(|amount| amount.is_positive()) else { return Ok(None) };
            let signed = if direction == head.direction { Ok(amount) } else { amount.negated() };
            sum = sum.and_then(|sum| sum.plus(signed?));
            parts.push((amount, direction));
        }
        Ok((sum == Ok(head.amount)).then_some(parts))
    }

    /// What one transfer says of itself; `node` is the booking itself when it has no details.
    fn detail(&self, entry: &Node<'_>, node: &Node<'_>, part: BankEntry) -> Result<BankEntry, BankFileError> {
        let returned = node.child("RtrInf");
        let reason = returned.and_then(|info| info.text_at(&["Rsn", "Cd"]).or_else(|| info.text_at(&["Rsn", "Prtry"])));
        let reversal = match (returned, part.reversal) {
            (None, none) => none,
            (Some(_), _) => Some(Reversal { reason: reference(reason) }),
        };
        // In a return the roles stay those of the first payment.
        let paid_us = (part.direction == Direction::Credit) != reversal.is_some();
        let (party, account) = if paid_us { ("Dbtr", "DbtrAcct") } else { ("Cdtr", "CdtrAcct") };
        let parties = node.child("RltdPties");
        let name = parties
            .and_then(|parties| parties.text_at(&[party, "Pty", "Nm"]).or_else(|| parties.text_at(&[party, "Nm"])));
        let iban = parties.and_then(|parties| parties.text_at(&[account, "Id", "IBAN"])).and_then(read_iban);
        let end_to_end_id = reference(node.text_at(&["Refs", "EndToEndId"])).filter(|id| id != "NOTPROVIDED");
        let remittance = node.child("RmtInf");
        let structured = remittance.into_iter().flat_map(|info| info.all("Strd"));
        let creditor_reference = structured.filter_map(|one| one.text_at(&["CdtrRefInf", "Ref"])).next();
        let unstructured = remittance.into_iter().flat_map(|info| info.all("Ustrd")).map(|text| text.text.trim());
        let mut text = join_pieces(unstructured, TEXT_PIECE);
        if text.is_empty() && creditor_reference.is_none() {
            let more = node.text_at(&["AddtlTxInf"]).or_else(|| entry.text_at(&["AddtlNtryInf"]));
            text = more.unwrap_or_default().to_owned();
        }
        Ok(BankEntry {
            reversal,
            end_to_end_id: end_to_end_id.map(Pii),
            creditor_reference: reference(creditor_reference).map(Pii),
            text: Pii(self.bounded(node, &text)?),
            payer_name: Pii(name.unwrap_or_default().to_owned()),
            payer_iban: iban.map(Pii),
            servicer_reference: reference(node.text_at(&["Refs", "AcctSvcrRef"])).or(part.servicer_reference),
            ..part
        })
    }

    fn bounded(&self, node: &Node<'_>, text: &str) -> Result<String, BankFileError> {
        let fits = text.chars().count() <= MAX_TEXT_CHARS;
        self.need(fits.then(|| text.to_owned()), node, "a text of at most 2000 characters")
    }

    fn amount(&self, node: &Node<'_>) -> Result<Money, BankFileError> {
        let currency = node.currency.and_then(|code| code.parse::<Currency>().ok());
        let currency = self.need(currency, node, "a currency the portal keeps accounts in (Ccy)")?;
        self.need(read_amount(node.text.trim(), currency), node, "an amount such as 15.91")
    }

    fn direction(&self, node: &Node<'_>) -> Result<Direction, BankFileError> {
        match node.text_at(&["CdtDbtInd"]) {
            Some("CRDT") => Ok(Direction::Credit),
            Some("DBIT") => Ok(Direction::Debit),
            _ => Err(self.expected(node, "CRDT or DBIT (CdtDbtInd)")),
        }
    }

    fn flag(&self, node: &Node<'_>, name: &str) -> Result<bool, BankFileError> {
        match node.text_at(&[name]) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(self.expected(node, "true or false (RvslInd)")),
        }
    }

    /// `Dt` or `DtTm` inside a child.
    fn day(&self, node: &Node<'_>, name: &str) -> Result<Date, BankFileError> {
        let day = node.at(&[name, "Dt"]).or_else(|| node.at(&[name, "DtTm"]));
        self.date(self.need(day, node, "a day (Dt or DtTm)")?)
    }

    /// The civil date as the bank wrote it, whatever its zone.
    fn date(&self, node: &Node<'_>) -> Result<Date, BankFileError> {
        let text = node.text.trim();
        let day = text.get(..10).and_then(|day| day.parse().ok());
        let goes_on = text.get(10..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-']));
        self.need(day.filter(|_| goes_on), node, "a day such as 2026-03-05")
    }
}

/// One page of several has not all the entries between its balances.
fn is_one_of_many(page: Option<&Node<'_>>) -> bool {
    page.is_some_and(|page| {
        page.text_at(&["PgNb"]).is_some_and(|number| number != "1")
            || matches!(page.text_at(&["LastPgInd"]), Some("false" | "0"))
    })
}

/// A reference on one line, bounded.
fn reference(text: Option<&str>) -> Option<String> {
    let text = text?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| text.chars().take(MAX_REFERENCE_CHARS).collect())
}
