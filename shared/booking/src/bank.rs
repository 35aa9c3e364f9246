//! Bank statements, carried out: each entry is looked up, decided by `domain::bank::match_entry` and written in one
//! transaction with its money and its guards. A good entry is never lost because a neighbour is bad, and sending the file
//! again finishes what was not.

use std::collections::BTreeSet;

use domain::{
    Currency, Language, Money,
    bank::{
        BalanceGap, BankEntry, Candidates, Claim, ClaimFor, Credited, Direction, EarlierCredit, Format, Match,
        OwnAccount, Statement, Unmatched, match_entry,
    },
    change::{Actor, Event, EventKind},
    creditor_reference::CreditorReference,
    deposit::DepositNumber,
    id::CustomerId,
    ledger::{Account, AccountKind},
    number::{AccountNumber, CustomerNumber, InvoiceNumber},
    payment::{self, Method, Named, NewPayment, Payment, Purpose, Receipt, Refused, Reversal, Step},
};
use store::{
    BankBooks, BankEntryId, BankMark, BankRecord, BankState, BankWrite, CommitError, InvoiceBody, LastStatement,
    Loaded, LostRace, PaymentStanding, Reason, Reference, ReferenceKind, Sighting, StoreError, Target, deciding_again,
};

use crate::{BookingError, Books, Outcome, money::finished};

/// What accounts for transfers are kept in.
const CURRENCY: Currency = Currency::Eur;
/// Entries looked up at once: three keys each, a hundred keys a call.
const AT_ONCE: usize = 33;
/// Failures in a row after which the table is left in peace.
const GIVE_UP: u32 = 3;
/// Entries of one statement that wait and are decided again.
const AGAIN: usize = 200;
/// Payments of a customer among which a transfer without a reference is looked for.
const LATEST_PAYMENTS: u16 = 20;

/// Where bank statements of one tenant are booked.
#[derive(Debug, Clone)]
pub struct BankDesk {
    /// The tenant's books.
    pub books: Books,
    /// The tenant's account for transfers, without spaces.
    pub own_iban: String,
    /// Language of customers who chose none.
    pub language: Language,
}

/// What became of a statement.
#[derive(Debug)]
pub struct TakenStatement {
    /// Does its format book for this account? Otherwise it only informs.
    pub books: bool,
    /// It does not begin where the one before it ended.
    pub gap: Option<BalanceGap>,
    /// What became of each entry, in their order.
    pub entries: Vec<(BankEntryId, Taken)>,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It credits somebody.
    Booked {
        /// The entry as it is kept.
        record: Box<BankRecord>,
        /// The payment it belongs to, afterwards.
        payment: Box<Payment>,
        /// What was asked; the amount is credited as it came.
        asked: Option<Money>,
    },
    /// It took an earlier one back.
    Returned {
        /// The entry as it is kept.
        record: Box<BankRecord>,
        /// The payment it took from, afterwards.
        payment: Box<Payment>,
    },
    /// It waits for a person.
    Unmatched(Reason),
    /// It was known before, and nothing changed.
    Known(Box<BankRecord>),
    /// Another format books; nothing changed.
    Informed {
        /// Does the other format know it?
        known: bool,
    },
    /// The table did not answer, or others were faster each time: it is not kept, and will be when it is sent again.
    Failed,
    /// Its turn did not come; it will when it is sent again.
    Later,
}

/// Why an entry is not assigned. Nothing was written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// There is no such entry.
    #[error("there is no such entry")]
    NoEntry,
    /// It belongs to somebody already.
    #[error("it is booked already")]
    Taken,
    /// Nobody can be credited with money that went.
    #[error("it is no money that came")]
    NoCredit,
    /// The target is not known, or another customer's.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// See [`BookingError`].
    #[error(transparent)]
    Booking(#[from] BookingError),
}

impl From<StoreError> for AssignError {
    fn from(error: StoreError) -> Self {
        Self::Booking(error.into())
    }
}

impl LostRace for AssignError {
    fn lost_race(&self) -> bool {
        matches!(self, Self::Booking(error) if error.lost_race())
    }
}

/// What was found for an entry.
#[derive(Debug, Default)]
struct Found {
    candidates: Candidates,
    deposits: Vec<(DepositNumber, Loaded<Payment>)>,
    earlier: Vec<Loaded<BankRecord>>,
}

/// What an entry means, with what it is booked on.
enum Decided {
    Credit { credited: Credited, deposit: Option<Box<Loaded<Payment>>>, learns: bool },
    Return { earlier: Box<Loaded<BankRecord>>, amount: Money },
    Unmatched(Reason),
}

/// Why money goes to the list instead of an account, or what hindered.
enum Hindered {
    Refused(Refused),
    Error(BookingError),
}

impl From<BookingError> for Hindered {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Refused(refused) => Self::Refused(refused),
            error => Self::Error(error),
        }
    }
}

impl From<Refused> for Hindered {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StoreError> for Hindered {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl From<CommitError> for Hindered {
    fn from(error: CommitError) -> Self {
        Self::Error(error.into())
    }
}

/// An entry on its way into the table.
struct Way {
    /// The entry as it is kept while nobody is found for it.
    record: BankRecord,
    /// Its revision as read; none when it is new.
    rev: Option<u64>,
    /// The guards it takes: as far as nobody has them, and only when it is new.
    guards: Vec<(ReferenceKind, String)>,
}

impl Way {
    /// An entry that is sent for the first time.
    fn fresh(record: BankRecord, mark: &BankMark, seen: &Sighting) -> Self {
        let place = (!seen.place_taken).then(|| (ReferenceKind::BankEntry, mark.place.clone()));
        let content = (!seen.content_taken).then(|| (ReferenceKind::BankFingerprint, mark.fingerprint.clone()));
        Self { record, rev: None, guards: place.into_iter().chain(content).collect() }
    }

    /// An entry that is kept already.
    fn kept(Loaded { value, rev }: Loaded<BankRecord>) -> Self {
        Self { record: value, rev: Some(rev), guards: Vec::new() }
    }

    fn with(&self, state: BankState) -> BankRecord {
        BankRecord { state, ..self.record.clone() }
    }

    fn write<'a>(&'a self, record: &'a BankRecord) -> BankWrite<'a> {
        let guards = self.guards.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
        BankWrite { record, seen: self.rev, guards, payer: None, takes_back: None }
    }
}

impl BankDesk {
    /// Takes a statement: every entry of it, one transaction each. At most `most` entries are new at once; it is counted
    /// down.
    ///
    /// # Errors
    /// The table's, before anything was taken.
    pub async fn take(
        &self,
        format: Format,
        statement: &Statement,
        most: &mut usize,
    ) -> Result<TakenStatement, BookingError> {
        let fingerprints = payments::bank::fingerprints(statement);
        let marks: Vec<BankMark> = statement
            .entries
            .iter()
            .zip(fingerprints)
            .map(|(entry, fingerprint)| {
                let place = statement.key(entry);
                BankMark {
                    id: BankEntryId::new(&statement.iban, entry.booked_on, &place, &fingerprint),
                    place,
                    fingerprint,
                }
            })
            .collect();
        let before = self.bank_books(format, statement).await?;
        let books = before.as_ref().is_none_or(|books| books.value.family == format.family());
        let mut entries = Vec::with_capacity(marks.len());
        let (mut failures, mut again) = (0, AGAIN);
        for (marks, chunk) in marks.chunks(AT_ONCE).zip(statement.entries.chunks(AT_ONCE)) {
            let seen = if failures < GIVE_UP { self.books.store.bank_sightings(marks).await } else { Ok(Vec::new()) };
            let seen = seen.unwrap_or_else(|error| {
                tracing::warn!(%error, "entries of a statement could not be looked up");
                failures = GIVE_UP;
                Vec::new()
            });
            let mut seen = seen.into_iter();
            for (mark, entry) in marks.iter().zip(chunk) {
                let seen = seen.next();
                let kept = seen.as_ref().and_then(|seen| seen.record.as_ref());
                // Entries that wait must not keep new ones from their turn.
                let left = if kept.is_some() { &mut again } else { &mut *most };
                let taken = match seen {
                    Some(seen) if !books => Taken::Informed { known: seen.content_taken },
                    Some(Sighting { record: Some(record), .. }) if *left == 0 || !may_decide_again(&record.value) => {
                        Taken::Known(Box::new(record.value))
                    }
                    Some(seen) if *left > 0 && failures < GIVE_UP => {
                        *left -= 1;
                        let record = self.record(format, statement, entry, mark);
                        self.take_entry(record, mark, seen).await.unwrap_or_else(|error| {
                            tracing::warn!(entry = %mark.id, %error, "an entry of a statement was not taken");
                            failures += 1;
                            Taken::Failed
                        })
                    }
                    Some(_) if failures < GIVE_UP => Taken::Later,
                    _ => Taken::Failed,
                };
                if !matches!(taken, Taken::Failed) && failures < GIVE_UP {
                    failures = 0;
                }
                entries.push((mark.id.clone(), taken));
            }
        }
        let gap = before.as_ref().filter(|_| books).and_then(|books| gap(&books.value, statement));
        let is_whole = entries.iter().all(|(_, taken)| !matches!(taken, Taken::Failed | Taken::Later));
        if let Some(before) = before.filter(|_| books && is_whole) {
            self.note_end(&before, statement).await;
        }
        Ok(TakenStatement { books, gap, entries })
    }

    /// The format that books for the statement's account. The first one that has something to book books for ever: two
    /// formats say the same in other words, and would book it twice.
    async fn bank_books(
        &self,
        format: Format,
        statement: &Statement,
    ) -> Result<Option<Loaded<BankBooks>>, BookingError> {
        let store = &self.books.store;
        let known = store.bank_books(&statement.iban).await?;
        if known.is_some() || statement.entries.is_empty() {
            return Ok(known);
        }
        let books = BankBooks { family: format.family().to_owned(), last: None };
        match store.save_bank_books(&statement.iban, None, &books).await {
            Ok(()) => Ok(Some(Loaded { value: books, rev: 1 })),
            Err(CommitError::Refused(_)) => Ok(store.bank_books(&statement.iban).await?),
            Err(error) => Err(error.into()),
        }
    }

    /// Remembers where the latest statement ended. Missing it costs a warning, nothing else.
    async fn note_end(&self, before: &Loaded<BankBooks>, statement: &Statement) {
        let Some(closing) = statement.closing else { return };
        let last = LastStatement { statement: statement.id.clone(), closing };
        let is_later = before.value.last.as_ref().is_none_or(|last| closing.on >= last.closing.on);
        if !is_later || before.value.last.as_ref() == Some(&last) {
            return;
        }
        let after = BankBooks { last: Some(last), ..before.value.clone() };
        if let Err(error) = self.books.store.save_bank_books(&statement.iban, Some(before.rev), &after).await {
            tracing::warn!(%error, "the end of a statement was not noted");
        }
    }

    fn record(&self, format: Format, statement: &Statement, entry: &BankEntry, mark: &BankMark) -> BankRecord {
        BankRecord {
            id: mark.id.clone(),
            place: mark.place.clone(),
            statement: statement.id.clone(),
            format,
            entry: entry.clone(),
            state: BankState::Unmatched { reason: Reason::NothingNamed },
            returned: Money::zero(entry.amount.currency()),
            taken_at: self.books.now,
        }
    }

    async fn take_entry(&self, record: BankRecord, mark: &BankMark, seen: Sighting) -> Result<Taken, BookingError> {
        let mut first = Some(seen);
        let taken = deciding_again(|| self.take_once(&record, mark, first.take())).await?;
        if let Taken::Booked { record, .. } = &taken {
            self.take_back_what_waited(record).await;
        }
        Ok(taken)
    }

    async fn take_once(
        &self,
        record: &BankRecord,
        mark: &BankMark,
        seen: Option<Sighting>,
    ) -> Result<Taken, BookingError> {
        let seen = match seen {
            Some(seen) => seen,
            None => {
                let seen = self.books.store.bank_sightings(std::slice::from_ref(mark)).await?;
                seen.into_iter().next().unwrap_or_default()
            }
        };
        if let Some(known) = seen.record {
            if !may_decide_again(&known.value) {
                return Ok(Taken::Known(Box::new(known.value)));
            }
            return self.decide_and_book(Way::kept(known)).await;
        }
        let way = Way::fresh(record.clone(), mark, &seen);
        match (seen.place_taken, seen.content_taken) {
            (true, _) => self.keep(&way, Reason::KnownPlace).await,
            (_, true) => self.keep(&way, Reason::KnownContent).await,
            _ => self.decide_and_book(way).await,
        }
    }

    async fn decide_and_book(&self, way: Way) -> Result<Taken, BookingError> {
        let done = match self.decide(&way.record).await? {
            Decided::Credit { credited, deposit, learns } => self.credit(&way, &credited, deposit, learns).await,
            Decided::Return { earlier, amount } => self.take_back(&way, &earlier, amount).await,
            Decided::Unmatched(reason) => return self.keep(&way, reason).await,
        };
        match done {
            Ok(taken) => Ok(taken),
            Err(Hindered::Error(BookingError::NoCustomer)) => self.keep(&way, Reason::Erased).await,
            Err(Hindered::Error(error)) => Err(error),
            Err(Hindered::Refused(Refused::OtherCurrency)) => self.keep(&way, Reason::OtherCurrency).await,
            Err(Hindered::Refused(Refused::MoreThanArrived)) => self.keep(&way, Reason::ReturnTooLarge).await,
            Err(Hindered::Refused(refused)) => {
                tracing::error!(entry = %way.record.id, %refused, "money for staff");
                self.keep(&way, Reason::Refused).await
            }
        }
    }

    /// Keeps an entry for staff; one that waits already goes on waiting.
    async fn keep(&self, way: &Way, reason: Reason) -> Result<Taken, BookingError> {
        let record = way.with(BankState::Unmatched { reason });
        if way.rev.is_some() {
            return Ok(Taken::Known(Box::new(record)));
        }
        self.books.store.keep_bank_entry(&way.write(&record)).await?;
        Ok(Taken::Unmatched(reason))
    }

    /// A return may be sent before the entry it takes back: it is taken up when that one comes. Should it fail here,
    /// sending its file again does it.
    async fn take_back_what_waited(&self, credit: &BankRecord) {
        let waiting = match self.books.store.bank_entries_like(&credit.entry).await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::warn!(entry = %credit.id, %error, "returns that wait were not looked up");
                return;
            }
        };
        let is_return = |one: &BankRecord| {
            matches!(one.state, BankState::Unmatched { reason: Reason::UnknownReturn | Reason::ReturnTooLarge })
        };
        for id in waiting.into_iter().filter(|one| is_return(&one.value)).map(|one| one.value.id) {
            let taken = deciding_again(|| async {
                match self.books.store.bank_entry(&id).await? {
                    Some(kept) if is_return(&kept.value) => self.decide_and_book(Way::kept(kept)).await.map(Some),
                    _ => Ok::<_, BookingError>(None),
                }
            });
            if let Err(error) = taken.await {
                tracing::warn!(entry = %id, %error, "a return goes on waiting");
            }
        }
    }

    /// Looks up what the entry names, as far as it can matter, and decides.
    async fn decide(&self, record: &BankRecord) -> Result<Decided, BookingError> {
        let (iban, entry) = (record.id.iban(), &record.entry);
        let own = OwnAccount { iban: &self.own_iban, currency: CURRENCY };
        let mut found = Found::default();
        if iban == own.iban && entry.amount.currency() == own.currency {
            match (entry.direction, entry.is_reversal()) {
                (Direction::Credit, false) => self.find_claims(entry, &mut found).await?,
                (Direction::Debit, true) => self.find_earlier(entry, &mut found).await?,
                _ => {}
            }
        }
        let mut decided = match_entry(entry, iban, own, &found.candidates);
        if let (Match::Unmatched(Unmatched::NothingNamed), Some(payer)) = (&decided, &entry.payer_iban) {
            self.find_payers_claims(payer, &mut found).await?;
            decided = match_entry(entry, iban, own, &found.candidates);
        }
        let deposit = |credited: &Credited| match credited.claims.as_slice() {
            [ClaimFor::Deposit(number)] => {
                found.deposits.iter().find(|(known, _)| known == number).map(|(_, payment)| Box::new(payment.clone()))
            }
            _ => None,
        };
        Ok(match decided {
            Match::ByReference(credited) | Match::ByText(credited) => {
                Decided::Credit { deposit: deposit(&credited), credited, learns: true }
            }
            Match::ByPayer(credited) => Decided::Credit { deposit: deposit(&credited), credited, learns: false },
            Match::Return { of, amount } => {
                let earlier = found.earlier.into_iter().find(|earlier| earlier.value.id.to_string() == of);
                earlier.map_or(Decided::Unmatched(Reason::UnknownReturn), |earlier| Decided::Return {
                    earlier: Box::new(earlier),
                    amount,
                })
            }
            Match::Unmatched(why) => Decided::Unmatched(why.into()),
        })
    }

    /// What stands in fields made for references decides alone; only without it the text is looked at.
    async fn find_claims(&self, entry: &BankEntry, found: &mut Found) -> Result<(), BookingError> {
        let named = entry.references();
        let bodies = |references: &[CreditorReference]| -> Vec<String> {
            references.iter().map(|reference| reference.body().to_owned()).collect()
        };
        self.find_deposits(&named.structured.deposits, found).await?;
        self.find_invoices(bodies(&named.structured.creditor), found).await?;
        if !found.candidates.named.is_empty() {
            return Ok(());
        }
        self.find_deposits(&named.text.deposits, found).await?;
        let mut words = bodies(&named.text.creditor);
        words.extend(named.words.into_iter().map(|word| word.0));
        self.find_invoices(words, found).await
    }

    async fn find_deposits(&self, numbers: &[DepositNumber], found: &mut Found) -> Result<(), BookingError> {
        for number in numbers {
            let reference = Reference { kind: ReferenceKind::Deposit, value: number.to_string() };
            let Some(id) = self.books.store.payment_of(&reference).await? else { continue };
            if let Some(payment) = self.books.store.payment(&id).await? {
                found.candidates.named.push(claim_of(number, &payment.value).map_err(Refused::from)?);
                found.deposits.push((number.clone(), payment));
            }
        }
        Ok(())
    }

    /// Also settled and cancelled ones: whoever pays one is credited all the same.
    async fn find_invoices(&self, words: Vec<String>, found: &mut Found) -> Result<(), BookingError> {
        let numbers: BTreeSet<InvoiceNumber> = words.iter().filter_map(|word| word.parse().ok()).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let numbers: Vec<_> = numbers.into_iter().collect();
        let mut rows = self.rows(&numbers).await?;
        rows.sort_by(|(_, left), (_, right)| {
            (left.value.due_on, &left.value.number).cmp(&(right.value.due_on, &right.value.number))
        });
        found.candidates.named.extend(rows.into_iter().map(|(body, row)| Claim {
            customer: body.customer,
            reference: CreditorReference::of(body.number.as_str()).ok(),
            what: ClaimFor::Invoice(body.number),
            amount: row.value.open,
        }));
        Ok(())
    }

    async fn rows(
        &self,
        numbers: &[InvoiceNumber],
    ) -> Result<Vec<(InvoiceBody, Loaded<domain::invoice::InvoiceRow>)>, BookingError> {
        let bodies = self.books.store.invoice_bodies(numbers).await?;
        Ok(self.books.store.rows_of_bodies(bodies).await?)
    }

    /// Everything open of everybody who is known to pay from there. An invoice for which a transfer is awaited is meant
    /// by that transfer, not twice.
    async fn find_payers_claims(&self, payer: &str, found: &mut Found) -> Result<(), BookingError> {
        let store = &self.books.store;
        for customer in store.payers(payer).await? {
            let payments = store.payments(&customer, LATEST_PAYMENTS, None).await?.items;
            let awaited = payments.into_iter().filter(|one| one.is_waiting() && one.method == Method::BankTransfer);
            let mut in_transfers = BTreeSet::new();
            for payment in awaited {
                let number = payment.deposit.as_ref().and_then(|number| number.parse::<DepositNumber>().ok());
                let Some(number) = number else { continue };
                in_transfers.extend(payment.named().iter().map(|named| named.number.clone()));
                found.candidates.of_payer.push(claim_of(&number, &payment).map_err(Refused::from)?);
                if let Some(current) = store.payment(&payment.id).await? {
                    found.deposits.push((number, current));
                }
            }
            let open = store.open_items(&customer).await?.into_iter();
            found.candidates.of_payer.extend(open.filter(|item| !in_transfers.contains(&item.number)).map(|item| {
                Claim {
                    customer: customer.clone(),
                    what: ClaimFor::Invoice(item.number),
                    amount: item.open,
                    reference: None,
                }
            }));
        }
        Ok(())
    }

    async fn find_earlier(&self, entry: &BankEntry, found: &mut Found) -> Result<(), BookingError> {
        for earlier in self.books.store.bank_entries_like(entry).await? {
            let record = &earlier.value;
            let left = record.entry.amount.minus(record.returned).map_err(Refused::from)?;
            if !matches!(record.state, BankState::Booked { .. }) || !left.is_positive() {
                continue;
            }
            found.candidates.earlier.push(EarlierCredit {
                key: record.id.to_string(),
                amount: left,
                end_to_end_id: record.entry.end_to_end_id.clone(),
                servicer_reference: record.entry.servicer_reference.clone(),
                payer_iban: record.entry.payer_iban.clone(),
            });
            found.earlier.push(earlier);
        }
        Ok(())
    }

    /// Books money that came: on the deposit it names, else with a payment of its own.
    async fn credit(
        &self,
        way: &Way,
        credited: &Credited,
        deposit: Option<Box<Loaded<Payment>>>,
        learns: bool,
    ) -> Result<Taken, Hindered> {
        let (number, language) = self.customer(&credited.customer).await?;
        let standing = match deposit {
            Some(payment) => self.of_payment(*payment).await?,
            None => {
                let numbers: Vec<InvoiceNumber> = credited.claims.iter().filter_map(invoice_of).collect();
                let named = self.named(&credited.customer, &numbers).await?;
                let purpose = Purpose::Invoices { named };
                let account = self.receivables(&number, credited.amount.currency())?;
                self.fresh(&way.record.id, &credited.customer, account, purpose, credited.amount, language).await?
            }
        };
        let step = self.receive(&standing, &way.record, Actor::Provider)?;
        let state = BankState::Booked {
            payment: step.payment.id.clone(),
            customer: credited.customer.clone(),
            number,
            assigned: None,
        };
        let record = way.with(state);
        let write = BankWrite { payer: learns.then_some(&credited.customer), ..way.write(&record) };
        self.books.store.book_bank_entry(&write, &standing, &step).await?;
        let payment = self.after(step).await?;
        Ok(Taken::Booked { record: Box::new(record), payment, asked: Some(credited.asked) })
    }

    /// Takes an earlier credit back, wholly or in part.
    async fn take_back(&self, way: &Way, earlier: &Loaded<BankRecord>, amount: Money) -> Result<Taken, Hindered> {
        let BankState::Booked { payment, number, .. } = &earlier.value.state else {
            return Err(BookingError::NoPayment.into());
        };
        let loaded = self.books.store.payment(payment).await?.ok_or(BookingError::NoPayment)?;
        let rows = loaded.value.rows_to_reverse();
        let standing = self.books.store.payment_standing(loaded, None, &rows, true).await?;
        let reversal = Reversal {
            reference: way.record.place.clone(),
            amount,
            on: way.record.entry.booked_on,
            actor: Actor::Provider,
            provider: None,
        };
        let (before, account) = (&standing.payment.value, &standing.account.value);
        let step = payment::reverse(before, account, &standing.rows(), &reversal, self.books.now)?;
        let state =
            BankState::Returned { of: earlier.value.id.clone(), payment: payment.clone(), number: number.clone() };
        let record = way.with(state);
        let returned = earlier.value.returned.plus(amount).map_err(Refused::from)?;
        let write = BankWrite { takes_back: Some((earlier, returned)), ..way.write(&record) };
        self.books.store.book_bank_entry(&write, &standing, &step).await?;
        let payment = self.after(step).await?;
        Ok(Taken::Returned { record: Box::new(record), payment })
    }

    /// Says whose money an entry is, once. The same again is the same.
    ///
    /// # Errors
    /// See [`AssignError`].
    pub async fn assign(
        &self,
        id: &BankEntryId,
        customer: &CustomerNumber,
        target: &Target,
    ) -> Result<BankRecord, AssignError> {
        deciding_again(|| async {
            let seen = self.books.store.bank_entry(id).await?.ok_or(AssignError::NoEntry)?;
            match &seen.value.state {
                BankState::Unmatched { .. } => self.assign_once(seen, customer, target).await,
                BankState::Booked { number, assigned: Some(to), .. } if number == customer && to == target => {
                    Ok(seen.value)
                }
                _ => Err(AssignError::Taken),
            }
        })
        .await
    }

    async fn assign_once(
        &self,
        seen: Loaded<BankRecord>,
        number: &CustomerNumber,
        target: &Target,
    ) -> Result<BankRecord, AssignError> {
        let way = Way::kept(seen);
        if way.record.entry.direction != Direction::Credit {
            return Err(AssignError::NoCredit);
        }
        let customer = self.books.store.customer_id(number).await?.ok_or(AssignError::Unknown("customer"))?;
        let standing = self.for_target(&way.record, &customer, number, target).await?;
        let step = self.receive(&standing, &way.record, Actor::Integrator).map_err(BookingError::from)?;
        let state = BankState::Booked {
            payment: step.payment.id.clone(),
            customer: customer.clone(),
            number: number.clone(),
            assigned: Some(target.clone()),
        };
        let record = way.with(state);
        let write = BankWrite { payer: Some(&customer), ..way.write(&record) };
        self.books.store.book_bank_entry(&write, &standing, &step).await.map_err(BookingError::from)?;
        self.after(step).await?;
        self.take_back_what_waited(&record).await;
        Ok(record)
    }

    async fn for_target(
        &self,
        record: &BankRecord,
        customer: &CustomerId,
        number: &CustomerNumber,
        target: &Target,
    ) -> Result<PaymentStanding, AssignError> {
        let amount = record.entry.amount;
        let (_, language) = self.customer(customer).await?;
        let (account, purpose) = match target {
            Target::Deposit(deposit) => {
                let reference = Reference { kind: ReferenceKind::Deposit, value: deposit.to_string() };
                let found = match self.books.store.payment_of(&reference).await? {
                    Some(id) => self.books.store.payment(&id).await?,
                    None => None,
                };
                let payment = found.filter(|payment| payment.value.customer == *customer);
                return Ok(self.of_payment(payment.ok_or(AssignError::Unknown("deposit"))?).await?);
            }
            Target::Invoice(invoice) => {
                let named = self.named(customer, std::slice::from_ref(invoice)).await?;
                if named.is_empty() {
                    return Err(AssignError::Unknown("invoice"));
                }
                (self.receivables(number, amount.currency())?, Purpose::Invoices { named })
            }
            Target::Account(account) => {
                let found = self.books.store.account(customer, account).await?;
                match found.ok_or(AssignError::Unknown("account"))?.value.kind {
                    AccountKind::Prepaid => (account.clone(), Purpose::TopUp { reference_text: String::new() }),
                    AccountKind::Receivables => (account.clone(), Purpose::Invoices { named: Vec::new() }),
                }
            }
            Target::Credit => (self.receivables(number, amount.currency())?, Purpose::Invoices { named: Vec::new() }),
        };
        Ok(self.fresh(&record.id, customer, account, purpose, amount, language).await?)
    }

    async fn customer(&self, id: &CustomerId) -> Result<(CustomerNumber, Language), BookingError> {
        let customer = self.books.store.customer(id).await?.ok_or(BookingError::NoCustomer)?.value;
        Ok((customer.number, customer.facts.language.unwrap_or(self.language)))
    }

    /// The invoices of a customer among these numbers, in the order in which they are due.
    async fn named(&self, customer: &CustomerId, numbers: &[InvoiceNumber]) -> Result<Vec<Named>, BookingError> {
        let mut rows = self.rows(numbers).await?;
        rows.retain(|(body, _)| body.customer == *customer);
        rows.sort_by(|(_, left), (_, right)| {
            (left.value.due_on, &left.value.number).cmp(&(right.value.due_on, &right.value.number))
        });
        Ok(rows.iter().map(|(_, row)| Named::from(&row.value)).collect())
    }

    fn receivables(&self, customer: &CustomerNumber, currency: Currency) -> Result<AccountNumber, BookingError> {
        Account::receivables_number(customer, currency).map_err(|_| BookingError::NoPayment)
    }

    async fn of_payment(&self, payment: Loaded<Payment>) -> Result<PaymentStanding, BookingError> {
        let rows = payment.value.rows_to_receive().to_vec();
        Ok(self.books.store.payment_standing(payment, None, &rows, true).await?)
    }

    /// A payment that was never asked for. Its id follows from the entry, so that booking it again makes no second one;
    /// the receivables account is opened with it where there is none.
    async fn fresh(
        &self,
        entry: &BankEntryId,
        customer: &CustomerId,
        account: AccountNumber,
        purpose: Purpose,
        amount: Money,
        language: Language,
    ) -> Result<PaymentStanding, BookingError> {
        let new = NewPayment {
            id: entry.payment(),
            customer: customer.clone(),
            purpose,
            method: Method::BankTransfer,
            provider: None,
            saved: None,
            account: account.clone(),
            amount,
            deposit: None,
            language,
        };
        let (value, _) = Payment::start(new, Actor::Provider, self.books.now)?.into_parts();
        let payment = Loaded { value, rev: 0 };
        if self.books.store.account(customer, &account).await?.is_some() {
            return self.of_payment(payment).await;
        }
        let value = Account::open(account, AccountKind::Receivables, amount.currency());
        Ok(PaymentStanding { payment, account: Loaded { value, rev: 0 }, source: None, rows: Vec::new() })
    }

    fn receive(&self, standing: &PaymentStanding, record: &BankRecord, actor: Actor) -> Result<Step, Refused> {
        let (amount, on) = (record.entry.amount, record.entry.booked_on);
        let receipt = Receipt { reference: record.place.clone(), amount, on, actor, provider: None };
        let (payment, account) = (&standing.payment.value, &standing.account.value);
        let mut step = payment::receive(payment, account, &standing.rows(), &receipt, self.books.now)?;
        if standing.account.rev == 0 {
            let opened = Event::new(EventKind::AccountOpened, Actor::System, self.books.now, account.number.as_str());
            step.events.push(opened);
        }
        Ok(step)
    }

    async fn after(&self, step: Step) -> Result<Box<Payment>, BookingError> {
        match finished(&self.books, Some(step.payment)).await? {
            Outcome::Booked(payment) => Ok(payment),
            Outcome::Already => Err(BookingError::NoPayment),
        }
    }
}

/// What waits may have found its owner meanwhile, or the tenant has set its account right. What is there twice, or no
/// money for an account of ours, stays with a person.
const fn may_decide_again(record: &BankRecord) -> bool {
    let BankState::Unmatched { reason } = record.state else { return false };
    matches!(
        reason,
        Reason::OtherAccount
            | Reason::UnknownReturn
            | Reason::ReturnTooLarge
            | Reason::Ambiguous
            | Reason::NothingNamed
            | Reason::Refused
    )
}

/// A claim for what is still asked of a deposit.
fn claim_of(number: &DepositNumber, payment: &Payment) -> Result<Claim, domain::money::MoneyError> {
    let left = payment.asked.minus(payment.kept()?)?;
    let amount = if left.is_negative() { Money::zero(left.currency()) } else { left };
    Ok(Claim { customer: payment.customer.clone(), what: ClaimFor::Deposit(number.clone()), amount, reference: None })
}

fn invoice_of(claim: &ClaimFor) -> Option<InvoiceNumber> {
    match claim {
        ClaimFor::Invoice(number) => Some(number.clone()),
        ClaimFor::Deposit(_) => None,
    }
}

/// Only a later statement can show a gap: the same one again, or one that comes late, says nothing.
fn gap(books: &BankBooks, statement: &Statement) -> Option<BalanceGap> {
    let last = books.last.as_ref().filter(|last| last.statement != statement.id)?;
    let is_later = statement.closing.is_some_and(|closing| closing.on >= last.closing.on);
    statement.continues(is_later.then_some(&last.closing))
}
