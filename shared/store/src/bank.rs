//! Entries of bank statements: what became of each, for ever, and which of them wait for a person.
//!
//! access patterns: one by id · known by its place or by what it says · of an account, newest first · what nobody could be
//! matched with, with stray money and undecided payments · earlier ones by the payer's or the bank's reference · who pays from an account ·
//! keys: T#t#BANK#iban / BOOKS, date#mark, and C / BANK#id for whom it was booked; lists T#t#BANKREF#hash / date#mark; todo T#t#UNMATCHED / date#mark;
//! guards T#t#REF#bank#place, T#t#REF#bank_text#fingerprint / REF, for ever; T#t#PIBAN#iban / cid

use std::{fmt, str::FromStr};

use domain::{
    Event, Money,
    bank::{Balance, BankEntry, Format, StatementId, Unmatched, read_iban},
    change::{Actor, EventKind},
    deposit::DepositNumber,
    id::{CustomerId, Entropy, PaymentId},
    invoice::InvoiceRow,
    number::{AccountNumber, CustomerNumber, InvoiceNumber},
    payment::{Payment, Step},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, InvoiceBody, Loaded, Page, PaymentStanding, Reference, ReferenceKind, StoreError, StrayMoney,
    TenantStore,
    access::{Index, Range, batch_get, query, query_index},
    commit::Commit,
    item::{Item, KIND, Kind as _, Raw, kind, read, text},
    key::Key,
    secret,
};

/// Characters of a mark: 132 bits of a hash.
const MARK_CHARS: usize = 22;
/// Entries with one reference that are looked at; payers choose some of these references.
const MAX_LIKE: i32 = 20;
/// Customers that may be known to pay from one account.
const MAX_PAYERS: i32 = 10;

/// Names an entry: our account, the day it was booked, and a mark made of its place and of what it says. The same entry
/// has the same id, however often its statement is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BankEntryId {
    iban: String,
    day: Date,
    mark: String,
}

/// A text that is no id of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no id of a bank entry")]
pub struct NotABankEntryId;

impl BankEntryId {
    /// The id of an entry, from its two guards.
    #[must_use]
    pub fn new(iban: &str, day: Date, place: &str, fingerprint: &str) -> Self {
        let mark = secret::hash(&format!("{place}\n{fingerprint}")).chars().take(MARK_CHARS).collect();
        Self { iban: iban.to_owned(), day, mark }
    }

    /// Our account.
    #[must_use]
    pub fn iban(&self) -> &str {
        &self.iban
    }

    /// The id of the payment that is made for an entry which belongs to none: making it again makes the same.
    #[must_use]
    pub fn payment(&self) -> PaymentId {
        let at = self.day.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |midnight| midnight.timestamp());
        let hash = secret::mac(b"payment of a bank entry", self.to_string().as_bytes());
        let mut entropy = Entropy::default();
        entropy.copy_from_slice(&hash[..10]);
        PaymentId::new(at, entropy)
    }

    fn sort(&self) -> String {
        format!("{}#{}", self.day, self.mark)
    }
}

impl fmt::Display for BankEntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.iban, self.day, self.mark)
    }
}

impl FromStr for BankEntryId {
    type Err = NotABankEntryId;
    fn from_str(text: &str) -> Result<Self, NotABankEntryId> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(NotABankEntryId);
        let (iban, day, mark) = (next()?, next()?, next()?);
        let is_mark = mark.len() == MARK_CHARS
            && mark.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let day: Date = day.parse().map_err(|_| NotABankEntryId)?;
        let id = Self { iban: iban.to_owned(), day, mark: mark.to_owned() };
        let is_plain = read_iban(iban).as_deref() == Some(iban) && id.to_string() == text;
        if is_mark && is_plain { Ok(id) } else { Err(NotABankEntryId) }
    }
}

impl TryFrom<String> for BankEntryId {
    type Error = NotABankEntryId;
    fn try_from(text: String) -> Result<Self, NotABankEntryId> {
        text.parse()
    }
}

impl From<BankEntryId> for String {
    fn from(id: BankEntryId) -> Self {
        id.to_string()
    }
}

/// An entry with its two guards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankMark {
    /// Its id.
    pub id: BankEntryId,
    /// Where it stands ([`domain::bank::Statement::key`]).
    pub place: String,
    /// What it says, hashed.
    pub fingerprint: String,
}

/// What the table knows of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sighting {
    /// The very same entry.
    pub record: Option<Loaded<BankRecord>>,
    /// Does an entry stand at its place?
    pub place_taken: bool,
    /// Does an entry say the same?
    pub content_taken: bool,
}

/// Why nobody is credited with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// See [`Unmatched::OtherAccount`].
    OtherAccount,
    /// See [`Unmatched::OtherCurrency`].
    OtherCurrency,
    /// See [`Unmatched::Debit`].
    Debit,
    /// See [`Unmatched::ReturnedDebit`].
    ReturnedDebit,
    /// See [`Unmatched::UnknownReturn`].
    UnknownReturn,
    /// See [`Unmatched::ReturnTooLarge`].
    ReturnTooLarge,
    /// See [`Unmatched::Ambiguous`].
    Ambiguous,
    /// See [`Unmatched::NothingNamed`].
    NothingNamed,
    /// Another entry stands at this place of this statement: the bank counts anew.
    KnownPlace,
    /// An entry of another statement says the same: the bank says it twice, or it is another one.
    KnownContent,
    /// A rule of money says no.
    Refused,
    /// Whoever it names was erased: somebody must send it back.
    Erased,
}

impl Reason {
    /// The word programs see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherAccount => "other_account",
            Self::OtherCurrency => "other_currency",
            Self::Debit => "debit",
            Self::ReturnedDebit => "returned_debit",
            Self::UnknownReturn => "unknown_return",
            Self::ReturnTooLarge => "return_too_large",
            Self::Ambiguous => "ambiguous",
            Self::NothingNamed => "nothing_named",
            Self::KnownPlace => "known_place",
            Self::KnownContent => "known_content",
            Self::Refused => "refused",
            Self::Erased => "erased",
        }
    }
}

impl From<Unmatched> for Reason {
    fn from(why: Unmatched) -> Self {
        match why {
            Unmatched::OtherAccount => Self::OtherAccount,
            Unmatched::OtherCurrency => Self::OtherCurrency,
            Unmatched::Debit => Self::Debit,
            Unmatched::ReturnedDebit => Self::ReturnedDebit,
            Unmatched::UnknownReturn => Self::UnknownReturn,
            Unmatched::ReturnTooLarge => Self::ReturnTooLarge,
            Unmatched::Ambiguous => Self::Ambiguous,
            Unmatched::NothingNamed => Self::NothingNamed,
        }
    }
}

/// What a person said an entry is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "number", rename_all = "snake_case")]
pub enum Target {
    /// The customer's credit.
    Credit,
    /// An invoice.
    Invoice(InvoiceNumber),
    /// A deposit.
    Deposit(DepositNumber),
    /// An account.
    Account(AccountNumber),
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum BankState {
    /// It waits for a person.
    Unmatched {
        /// Why.
        reason: Reason,
    },
    /// It credits somebody.
    Booked {
        /// With which payment.
        payment: PaymentId,
        /// Whose.
        customer: CustomerId,
        /// The number of that customer.
        number: CustomerNumber,
        /// Set when a person said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assigned: Option<Target>,
    },
    /// It took an earlier one back.
    Returned {
        /// Which one.
        of: BankEntryId,
        /// The payment it took from.
        payment: PaymentId,
        /// Whose.
        number: CustomerNumber,
    },
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankRecord {
    /// Its id.
    pub id: BankEntryId,
    /// Where it stands.
    pub place: String,
    /// In which statement.
    pub statement: StatementId,
    /// How that was written.
    pub format: Format,
    /// What it says. It holds personal data: staff decide by it, and a return is compared with it.
    pub entry: BankEntry,
    /// What became of it.
    pub state: BankState,
    /// What was taken back of it.
    pub returned: Money,
    /// When it was sent to us.
    pub taken_at: Timestamp,
}

impl BankRecord {
    /// What leads from a return to what it takes back: the payer's own reference, else the bank's.
    fn reference(entry: &BankEntry) -> Option<&str> {
        let own = entry.end_to_end_id.as_ref().map(|id| id.0.as_str());
        own.or(entry.servicer_reference.as_deref())
    }

    /// Whom it credits.
    const fn customer(&self) -> Option<&CustomerId> {
        match &self.state {
            BankState::Booked { customer, .. } => Some(customer),
            BankState::Unmatched { .. } | BankState::Returned { .. } => None,
        }
    }
}

/// Which format books for one of our accounts, and where its statements ended last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankBooks {
    /// [`Format::family`] of the format that came first. The others only inform.
    pub family: String,
    /// The end of the latest statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastStatement>,
}

/// Where a statement ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastStatement {
    /// Which one.
    pub statement: StatementId,
    /// What it ended with.
    pub closing: Balance,
}

/// Leads from a guard to the entry that took it.
#[derive(Debug, Serialize, Deserialize)]
struct BankGuard {
    entry: BankEntryId,
}

/// A customer who has paid from an account before.
#[derive(Debug, Serialize, Deserialize)]
struct PayerHint {
    customer: CustomerId,
}

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// An entry nobody could be matched with.
    Entry(Box<BankRecord>),
    /// Money of a provider that no rule can book.
    Stray(StrayMoney),
    /// A payment of which nobody can find out whether it was charged.
    Payment(Box<Payment>),
}

/// An entry to be written, with what is written beside it.
#[derive(Debug, Clone)]
pub struct BankWrite<'a> {
    /// The entry afterwards.
    pub record: &'a BankRecord,
    /// Its revision as read; none when it is new.
    pub seen: Option<u64>,
    /// Guards it takes, when it is new.
    pub guards: Vec<(ReferenceKind, &'a str)>,
    /// The customer who is known to pay from the entry's account from now on.
    pub payer: Option<&'a CustomerId>,
    /// The earlier entry as read that it takes back, and what has been taken back of it then.
    pub takes_back: Option<(&'a Loaded<BankRecord>, Money)>,
}

/// Leads from a customer to an entry that was booked for it, or took such a one back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OwnBankEntry {
    pub(crate) entry: BankEntryId,
}

kind! {
    BankRecord = "bank_entry";
    BankBooks = "bank_books";
    BankGuard = "bank_reference";
    PayerHint = "payer_hint";
    OwnBankEntry = "own_bank_entry";
}

impl TenantStore {
    /// An entry, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn bank_entry(&self, id: &BankEntryId) -> Result<Option<Loaded<BankRecord>>, StoreError> {
        self.get(self.entry_key(id), true).await
    }

    /// What is known of each of these entries, in their order; none of them twice.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn bank_sightings(&self, marks: &[BankMark]) -> Result<Vec<Sighting>, StoreError> {
        let keys = |mark: &BankMark| {
            [
                self.entry_key(&mark.id),
                self.guard_key(ReferenceKind::BankEntry, &mark.place),
                self.guard_key(ReferenceKind::BankFingerprint, &mark.fingerprint),
            ]
        };
        let mut found = batch_get(&self.store, marks.iter().flat_map(keys).collect(), true).await?;
        let mut sightings = Vec::with_capacity(marks.len());
        for mark in marks {
            let [entry, place, content] = keys(mark);
            sightings.push(Sighting {
                record: found.remove(&entry).map(read).transpose()?,
                place_taken: found.contains_key(&place),
                content_taken: found.contains_key(&content),
            });
        }
        Ok(sightings)
    }

    /// Which format books for an account of ours; none before the first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn bank_books(&self, iban: &str) -> Result<Option<Loaded<BankBooks>>, StoreError> {
        self.get(self.scope.bank_books(iban), true).await
    }

    /// Remembers which format books, and where it ended last.
    ///
    /// # Errors
    /// `Refused("bank_books")` when somebody else was faster.
    pub async fn save_bank_books(&self, iban: &str, seen: Option<u64>, books: &BankBooks) -> Result<(), CommitError> {
        let item = Item::new(self.scope.bank_books(iban), books, seen.unwrap_or(0) + 1);
        self.commit().save("bank_books", item, seen).run().await
    }

    /// Keeps an entry that moves no money. What staff must see is told.
    ///
    /// # Errors
    /// `Refused("reference")` or `Refused("bank_entry")` when it is known already.
    pub async fn keep_bank_entry(&self, write: &BankWrite<'_>) -> Result<(), CommitError> {
        let commit = self.put_bank_entry(self.commit(), write);
        let BankRecord { id, entry, state, taken_at, .. } = write.record;
        match state {
            // What we paid ourselves is no news.
            BankState::Unmatched { reason } if *reason != Reason::Debit => {
                let event = Event::new(EventKind::PaymentUnmatched, Actor::Provider, *taken_at, id.to_string())
                    .with_amount(entry.amount)
                    .with("reason", reason.code());
                commit.events(None, &[event]).run().await
            }
            _ => commit.run().await,
        }
    }

    /// Books an entry: its money, its guards and itself at once.
    ///
    /// # Errors
    /// `Refused("reference")` or `Refused("bank_entry")` when it is known already, `Refused` of another item when
    /// somebody else was faster.
    pub async fn book_bank_entry(
        &self,
        write: &BankWrite<'_>,
        seen: &PaymentStanding,
        step: &Step,
    ) -> Result<(), CommitError> {
        self.put_bank_entry(self.step_commit(seen, step), write).run().await
    }

    /// Stores an entry whose money did not change.
    ///
    /// # Errors
    /// `Refused("bank_entry")` when somebody else was faster.
    pub(crate) async fn note_bank_entry(
        &self,
        seen: &Loaded<BankRecord>,
        next: &BankRecord,
    ) -> Result<(), CommitError> {
        self.commit().replace("bank_entry", self.bank_item(next, seen.rev + 1), seen.rev).run().await
    }

    fn put_bank_entry<'a>(&self, commit: Commit<'a>, write: &BankWrite<'_>) -> Commit<'a> {
        let record = write.record;
        let mut commit = commit;
        for (kind, value) in &write.guards {
            let guard = BankGuard { entry: record.id.clone() };
            commit = commit.create("reference", Item::new(self.guard_key(*kind, value), &guard, 1));
        }
        commit = commit.save("bank_entry", self.bank_item(record, write.seen.unwrap_or(0) + 1), write.seen);
        if let Some((earlier, returned)) = &write.takes_back {
            let after = BankRecord { returned: *returned, ..earlier.value.clone() };
            commit = commit.replace("earlier", self.bank_item(&after, earlier.rev + 1), earlier.rev);
        }
        if let (Some(customer), Some(iban)) = (write.payer, &record.entry.payer_iban) {
            let hint = PayerHint { customer: customer.clone() };
            commit = commit.overwrite("payer", Item::new(self.scope.payer(iban, customer), &hint, 1));
        }
        let earlier = write.takes_back.as_ref().map(|(earlier, _)| &earlier.value);
        if let Some(customer) = record.customer().or_else(|| earlier.and_then(BankRecord::customer)) {
            let own = OwnBankEntry { entry: record.id.clone() };
            let key = self.scope.own_bank_entry(customer, &record.id.to_string());
            commit = commit.overwrite("own_bank_entry", Item::new(key, &own, 1));
        }
        commit
    }

    fn bank_item(&self, record: &BankRecord, rev: u64) -> Result<Item, StoreError> {
        let mut item = Item::new(self.entry_key(&record.id), record, rev)?;
        if let Some(reference) = BankRecord::reference(&record.entry) {
            item = item.listed(self.scope.bank_references(&secret::hash(reference)), record.id.sort());
        }
        if matches!(record.state, BankState::Unmatched { .. }) {
            item = item.todo(self.scope.unmatched(), record.id.sort());
        }
        Ok(item)
    }

    /// Entries of an account of ours, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn bank_entries(
        &self,
        iban: &str,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<BankRecord>, StoreError> {
        let all = Range::prefix(self.scope.bank(iban), "", i32::from(limit)).newest_first().after(after);
        // Entries begin with their day, everything else of the account with a letter.
        let page = query(&self.store, Range { from: "0".into(), to: ":".into(), ..all }).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// What waits for a person, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn unmatched(&self, limit: u16, after: Option<String>) -> Result<Page<Waiting>, StoreError> {
        let range = Range::prefix(self.scope.unmatched(), "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Todo, range).await?;
        let place = |raw: &Raw| Some(Key { pk: text(raw, "pk")?.to_owned(), sk: text(raw, "sk")?.to_owned() });
        let keys: Vec<Key> = page.items.iter().filter_map(place).collect();
        let mut found = batch_get(&self.store, keys.clone(), true).await?;
        let mut items = Vec::with_capacity(keys.len());
        for raw in keys.iter().filter_map(|key| found.remove(key)) {
            items.extend(waiting(raw)?);
        }
        Ok(Page { items, next: page.next })
    }

    /// Entries with the same reference, newest first: what a return takes back, and returns of it.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn bank_entries_like(&self, entry: &BankEntry) -> Result<Vec<Loaded<BankRecord>>, StoreError> {
        let Some(reference) = BankRecord::reference(entry) else { return Ok(Vec::new()) };
        let pk = self.scope.bank_references(&secret::hash(reference));
        let range = Range::prefix(pk, "", MAX_LIKE).newest_first();
        let page = query_index(&self.store, Index::Lists, range).await?;
        self.get_rows(&page.items).await
    }

    /// Customers who have paid from this account before.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payers(&self, iban: &str) -> Result<Vec<CustomerId>, StoreError> {
        let page = query(&self.store, Range::prefix(self.scope.payers(iban), "", MAX_PAYERS)).await?;
        page.items.into_iter().map(|raw| read::<PayerHint>(raw).map(|hint| hint.value.customer)).collect()
    }

    /// The states of invoices, read consistently, each with its body.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn rows_of_bodies(
        &self,
        bodies: Vec<InvoiceBody>,
    ) -> Result<Vec<(InvoiceBody, Loaded<InvoiceRow>)>, StoreError> {
        let key = |body: &InvoiceBody| self.scope.invoice_row(&body.customer, body.facts.issued_on, &body.number);
        let mut found = batch_get(&self.store, bodies.iter().map(key).collect(), true).await?;
        let mut rows = Vec::with_capacity(bodies.len());
        for body in bodies {
            if let Some(raw) = found.remove(&key(&body)) {
                rows.push((body, read(raw)?));
            }
        }
        Ok(rows)
    }

    pub(crate) fn entry_key(&self, id: &BankEntryId) -> Key {
        self.scope.bank_entry(&id.iban, &id.sort())
    }

    fn guard_key(&self, kind: ReferenceKind, value: &str) -> Key {
        self.reference_key(&Reference { kind, value: value.to_owned() })
    }
}

/// What waits for a person; none for what was decided meanwhile: the index may lag behind.
fn waiting(raw: Raw) -> Result<Option<Waiting>, StoreError> {
    let kind = text(&raw, KIND).unwrap_or_default();
    if kind == StrayMoney::KIND {
        let stray: StrayMoney = read(raw)?.value;
        return Ok(stray.settled_at.is_none().then_some(Waiting::Stray(stray)));
    }
    if kind == Payment::KIND {
        let payment: Payment = read(raw)?.value;
        return Ok(payment.undecided_since.is_some().then(|| Waiting::Payment(Box::new(payment))));
    }
    let record: BankRecord = read(raw)?.value;
    let waits = matches!(record.state, BankState::Unmatched { .. });
    Ok(waits.then(|| Waiting::Entry(Box::new(record))))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn id() -> BankEntryId {
        BankEntryId::new("DE02120300000000202051", date(2026, 3, 5), "DE02120300000000202051/053-2026-45/3.2", "abc")
    }

    #[test]
    fn an_id_stands_in_an_address_and_is_read_back() {
        assert_eq!(id().to_string().parse(), Ok(id()));
        assert!(domain::number::slug(&id().to_string()) == id().to_string());
        for wrong in ["", "a.b.c", "DE02120300000000202051.2026-3-5.aaaaaaaaaaaaaaaaaaaaaa", "DE02120300000000202051"] {
            assert_eq!(wrong.parse::<BankEntryId>(), Err(NotABankEntryId), "{wrong}");
        }
        let lower = id().to_string().replacen("DE", "de", 1);
        assert_eq!(lower.parse::<BankEntryId>(), Err(NotABankEntryId), "one entry has one address");
    }

    #[test]
    fn its_payment_is_always_the_same_and_sorts_by_day() {
        assert_eq!(id().payment(), id().payment());
        let other = BankEntryId::new("DE02120300000000202051", date(2026, 3, 5), "elsewhere", "abc");
        assert_ne!(id().payment(), other.payment());
        let next_day = BankEntryId { day: date(2026, 3, 6), ..id() };
        assert!(id().payment() < next_day.payment());
    }
}
