//! `POST /api/admin/v1/bank-statements`: a bank's file as it came, and a result per entry. Sending it again finishes what
//! was not done, and changes nothing else.

use std::collections::BTreeMap;

use booking::{BankDesk, BookingError, Books, Taken, TakenStatement};
use domain::{
    FieldErrors, Money,
    bank::{BankEntry, BankFile, Direction, Format, Statement, StatementId},
    id::PaymentId,
    number::{CustomerNumber, InvoiceNumber},
    payment::Payment,
};
use jiff::civil::Date;
use payments::bank::{self, BankFileError, Limits};
use serde::Serialize;
use store::{BankEntryId, BankState};
use utoipa::ToSchema;
use web::{Answer, IntegratorContext, Json, Problem, Upload, scope};

/// Most new entries of one request: each is a transaction of its own, and a gateway waits for half a minute.
const MOST: usize = 500;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntryOutcome {
    /// It credits a customer.
    Booked,
    /// It took an earlier entry back.
    Returned,
    /// It waits for a person; see `reason`.
    Unmatched,
    /// It was sent before; nothing changed.
    Known,
    /// Another format books for this account; nothing changed.
    Informed,
    /// It is not kept, for the table did not answer: send the file again.
    Failed,
    /// Its turn did not come: send the file again.
    Later,
}

/// What stands on an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettledInvoice {
    invoice: InvoiceNumber,
    amount: Money,
}

/// One entry's result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankEntryResult {
    /// For `bank-entries/{id}`.
    id: String,
    /// In which statement it stands.
    statement: StatementId,
    /// Where: number of the booking and of the transfer inside it.
    position: String,
    booked_on: Date,
    amount: Money,
    direction: Direction,
    outcome: EntryOutcome,
    /// Why it is unmatched.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The payment it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentId>,
    /// Whose that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerNumber>,
    /// What was asked, when another amount came; it is credited as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<Money>,
    /// What stands of the whole payment on invoices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<SettledInvoice>,
    /// What of the whole payment is the customer's credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<Money>,
    /// The entry that was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
}

/// A statement's result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankStatementResult {
    id: StatementId,
    iban: String,
    /// Does this format book for this account?
    books: bool,
    /// Entries left out because they are not booked yet, or move nothing.
    skipped: u32,
}

/// Something to look at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankWarning {
    statement: StatementId,
    /// `gap`, `informs_only` or `other_account`.
    code: &'static str,
    message: String,
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankFileResult {
    format: Format,
    /// How many entries had which outcome; `skipped` beside them.
    counts: BTreeMap<&'static str, usize>,
    warnings: Vec<BankWarning>,
    statements: Vec<BankStatementResult>,
    entries: Vec<BankEntryResult>,
}

/// The desk at which a tenant's statements are booked.
pub(crate) fn desk(cx: &IntegratorContext<scope::Write>) -> Answer<BankDesk> {
    let settings = &cx.tenant().settings;
    let bank = settings.company.bank.as_ref();
    let own = bank.ok_or_else(|| {
        FieldErrors::one("company.bank", "missing", "the tenant's own account must be set first (settings/company)")
    })?;
    let books = Books { store: cx.store(), now: cx.now(), today: cx.today() };
    Ok(BankDesk { books, own_iban: own.iban.clone(), language: settings.language })
}

/// Takes a file.
pub(crate) async fn post(cx: IntegratorContext<scope::Write>, upload: Upload) -> Answer<Json<BankFileResult>> {
    let desk = desk(&cx)?;
    let file = bank::read(&upload.bytes, Limits::default()).map_err(refused)?;
    let mut most = MOST;
    let mut taken = Vec::with_capacity(file.statements.len());
    for statement in &file.statements {
        let done = desk.take(file.format, statement, &mut most).await;
        taken.push(done.map_err(problem)?);
    }
    Ok(Json::new(result(&desk.own_iban, &file, taken)))
}

/// What hindered booking, as an answer.
pub(crate) fn problem(error: BookingError) -> Problem {
    match error {
        BookingError::Refused(refused) => FieldErrors::one("", "invalid", refused.to_string()).into(),
        BookingError::Commit(error) => error.into(),
        error => Problem::Internal(error.to_string()),
    }
}

/// The line that is wrong, and never what stands there.
fn refused(error: BankFileError) -> Problem {
    let code = match error {
        BankFileError::TooLarge { .. } => return Problem::TooLarge,
        BankFileError::TooManyEntries { .. } => "too_many",
        BankFileError::UnknownFormat => "unknown_format",
        BankFileError::Expected { .. } => "invalid",
        BankFileError::CutOff { .. } => "cut_off",
        BankFileError::DoesNotAddUp { .. } => "does_not_add_up",
    };
    FieldErrors::one("body", code, error.to_string()).into()
}

fn result(own_iban: &str, file: &BankFile, taken: Vec<TakenStatement>) -> BankFileResult {
    let (mut statements, mut entries, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for (statement, taken) in file.statements.iter().zip(taken) {
        warnings.extend(warnings_of(own_iban, statement, &taken));
        statements.push(BankStatementResult {
            id: statement.id.clone(),
            iban: statement.iban.clone(),
            books: taken.books,
            skipped: statement.skipped,
        });
        let results = statement.entries.iter().zip(taken.entries);
        entries.extend(results.map(|(entry, (id, taken))| entry_result(statement, entry, &id, taken)));
    }
    let mut counts = BTreeMap::new();
    for entry in &entries {
        *counts.entry(entry.outcome.name()).or_default() += 1;
    }
    counts.insert("skipped", file.statements.iter().map(|statement| statement.skipped as usize).sum());
    BankFileResult { format: file.format, counts, warnings, statements, entries }
}

impl EntryOutcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Returned => "returned",
            Self::Unmatched => "unmatched",
            Self::Known => "known",
            Self::Informed => "informed",
            Self::Failed => "failed",
            Self::Later => "later",
        }
    }
}

fn warnings_of(own_iban: &str, statement: &Statement, taken: &TakenStatement) -> Vec<BankWarning> {
    let warn = |code, message| BankWarning { statement: statement.id.clone(), code, message };
    let mut warnings = Vec::new();
    if statement.iban != own_iban {
        warnings.push(warn("other_account", "the account is not the tenant's own, so nothing is credited".to_owned()));
    }
    if !taken.books {
        warnings.push(warn("informs_only", "statements of another format book for this account".to_owned()));
    }
    if let Some(gap) = &taken.gap {
        let (expected, found) = (gap.expected.amount, gap.found.amount);
        let message = format!(
            "the statement before it ended with {expected}, this one begins with {found}: one is missing, or came twice"
        );
        warnings.push(warn("gap", message));
    }
    warnings
}

fn entry_result(statement: &Statement, entry: &BankEntry, id: &BankEntryId, taken: Taken) -> BankEntryResult {
    let mut result = BankEntryResult {
        id: id.to_string(),
        statement: statement.id.clone(),
        position: format!("{}.{}", entry.ordinal.entry, entry.ordinal.detail),
        booked_on: entry.booked_on,
        amount: entry.amount,
        direction: entry.direction,
        outcome: EntryOutcome::Later,
        reason: None,
        payment: None,
        customer: None,
        asked: None,
        settled: Vec::new(),
        credit: None,
        of: None,
    };
    result.outcome = match taken {
        Taken::Booked { record, payment, asked } => {
            result.tell(&record.state);
            result.tell_payment(&payment);
            result.asked = asked.filter(|asked| *asked != entry.amount);
            EntryOutcome::Booked
        }
        Taken::Returned { record, payment } => {
            result.tell(&record.state);
            result.tell_payment(&payment);
            EntryOutcome::Returned
        }
        Taken::Unmatched(reason) => {
            result.reason = Some(reason.code());
            EntryOutcome::Unmatched
        }
        Taken::Known(record) => {
            result.tell(&record.state);
            EntryOutcome::Known
        }
        Taken::Informed { .. } => EntryOutcome::Informed,
        Taken::Failed => EntryOutcome::Failed,
        Taken::Later => EntryOutcome::Later,
    };
    result
}

impl BankEntryResult {
    fn tell(&mut self, state: &BankState) {
        match state {
            BankState::Unmatched { reason } => self.reason = Some(reason.code()),
            BankState::Booked { payment, number, .. } => {
                (self.payment, self.customer) = (Some(payment.clone()), Some(number.clone()));
            }
            BankState::Returned { of, payment, number } => {
                (self.payment, self.customer) = (Some(payment.clone()), Some(number.clone()));
                self.of = Some(of.to_string());
            }
        }
    }

    fn tell_payment(&mut self, payment: &Payment) {
        let standing = payment.standing.iter();
        self.settled = standing
            .map(|standing| SettledInvoice { invoice: standing.invoice.number.clone(), amount: standing.amount })
            .collect();
        self.credit = Some(payment.credit).filter(|credit| credit.is_positive());
    }
}
