//! Invoice rows and the transactions that change what is paid: row, account, entry, record, guard and event at once.
//!
//! access patterns: newest first, by year, by state · open and overdue · of a contract · one (after its body) ·
//! keys: C / INV#date#number; lists C#SUB#n / date#number; todo C#OPEN / account#due#number while open > 0

use domain::{
    Event, Money,
    change::{Actor, Change, EventKind},
    collection::Collection,
    id::CustomerId,
    invoice::{Cancel, InvoiceRow, Issue, PaymentRecord, PaymentReversal},
    ledger::Account,
    number::{AccountNumber, InvoiceNumber, SubscriptionNumber},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, InvoiceBody, Loaded, Page, StoreError, TenantStore,
    access::{Index, Range, query, query_index, query_index_all},
    commit::{Commit, MAX_ACTIONS},
    item::{Item, Raw, kind, read, text},
    key::instant,
};

/// Rows looked at per read while a filter leaves most of them out.
const FILTER_STEP: i32 = 100;
/// Reads one filtered page may cost.
const FILTER_READS: usize = 5;

/// Which invoices of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InvoiceFilter {
    /// Only those issued in this year.
    pub year: Option<i16>,
    /// Only fully paid ones.
    pub paid: bool,
    /// Only cancelled ones.
    pub cancelled: bool,
}

impl InvoiceFilter {
    fn keeps(self, row: &InvoiceRow) -> bool {
        (!self.paid || (row.cancelled_on.is_none() && row.open.is_zero()))
            && (!self.cancelled || row.cancelled_on.is_some())
    }

    fn filters_rows(self) -> bool {
        self.paid || self.cancelled
    }
}

/// One line of what a customer still has to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// Which invoice.
    pub number: InvoiceNumber,
    /// On which account.
    pub account: AccountNumber,
    /// When it was issued.
    pub issued_on: Date,
    /// When it was or is due.
    pub due_on: Date,
    /// How much.
    pub open: Money,
}

/// An invoice to be written.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its immutable part.
    pub body: InvoiceBody,
    /// What was decided.
    pub change: Change<Issue>,
    /// How it will be collected, where the portal does.
    pub collection: Option<Collection>,
}

/// Who pays: what was read before the decision.
#[derive(Debug, Clone)]
pub struct Booking<'a> {
    /// Whose invoice.
    pub customer: &'a CustomerId,
    /// The row as read.
    pub row: &'a Loaded<InvoiceRow>,
    /// The account as read.
    pub account: &'a Loaded<Account>,
}

/// Remembers a reference for ever.
#[derive(Debug, Serialize, Deserialize)]
struct ReferenceGuard {
    invoice: InvoiceNumber,
    part: String,
}

kind! { InvoiceRow = "invoice"; ReferenceGuard = "reference"; }

impl TenantStore {
    /// The state of one invoice, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoice_row(&self, body: &InvoiceBody) -> Result<Option<Loaded<InvoiceRow>>, StoreError> {
        self.get(self.scope.invoice_row(&body.customer, body.facts.issued_on, &body.number), true).await
    }

    /// The last invoices of a customer, newest first. A list of ten thousand costs what one of ten does.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoice_rows(
        &self,
        customer: &CustomerId,
        filter: InvoiceFilter,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<InvoiceRow>, StoreError> {
        let prefix = filter.year.map_or_else(|| "INV#".to_owned(), |year| format!("INV#{year:04}-"));
        let limit = usize::from(limit);
        // One row more than is shown: only that tells whether older ones follow.
        let step = if filter.filters_rows() { FILTER_STEP } else { i32::try_from(limit + 1).unwrap_or(FILTER_STEP) };
        let (mut found, mut position) = (Vec::with_capacity(limit + 1), after);
        for _ in 0..FILTER_READS {
            let range = Range::prefix(self.scope.c(customer), &prefix, step).newest_first().after(position);
            let page = query(&self.store, range).await?;
            position = page.next;
            for raw in page.items {
                let place = text(&raw, "sk").map(str::to_owned);
                let row: InvoiceRow = read(raw)?.value;
                if filter.keeps(&row) {
                    found.push((place, row));
                }
            }
            if position.is_none() || found.len() > limit {
                break;
            }
        }
        if found.len() > limit {
            found.truncate(limit);
            position = found.last().and_then(|(place, _)| place.clone());
        }
        Ok(Page { items: found.into_iter().map(|(_, row)| row).collect(), next: position })
    }

    /// The year of a customer's first invoice.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn first_invoice_year(&self, customer: &CustomerId) -> Result<Option<i16>, StoreError> {
        let page = query(&self.store, Range::prefix(self.scope.c(customer), "INV#", 1)).await?;
        let first = page.items.into_iter().next().map(read::<InvoiceRow>).transpose()?;
        Ok(first.map(|loaded| loaded.value.issued_on.year()))
    }

    /// Rows of what is still to pay, latest due first on each account, as far as `keep` wants them.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn rows_of_open_items(
        &self,
        customer: &CustomerId,
        keep: impl Fn(&OpenItem) -> bool,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<InvoiceRow>, StoreError> {
        let mut raw = self.open_raw(customer).await?;
        raw.reverse();
        let sort = |raw: &Raw| text(raw, "t_sk").unwrap_or_default().to_owned();
        let wanted = raw.into_iter().filter(|raw| open_item(raw).is_some_and(|item| keep(&item)));
        let mut wanted = wanted.filter(|raw| after.as_ref().is_none_or(|after| sort(raw) < *after));
        let page: Vec<Raw> = wanted.by_ref().take(usize::from(limit)).collect();
        let next = wanted.next().and_then(|_| page.last().map(sort));
        let items = self.get_rows::<InvoiceRow>(&page).await?.into_iter().map(|loaded| loaded.value).collect();
        Ok(Page { items, next })
    }

    /// What a customer still has to pay, earliest due first on each account.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn open_items(&self, customer: &CustomerId) -> Result<Vec<OpenItem>, StoreError> {
        Ok(self.open_raw(customer).await?.iter().filter_map(open_item).collect())
    }

    async fn open_raw(&self, customer: &CustomerId) -> Result<Vec<Raw>, StoreError> {
        query_index_all(&self.store, Index::Todo, Range::prefix(self.scope.open_items(customer), "", 1_000)).await
    }

    /// Invoices of one contract, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoices_of_subscription(
        &self,
        customer: &CustomerId,
        subscription: &SubscriptionNumber,
        limit: u16,
    ) -> Result<Vec<InvoiceRow>, StoreError> {
        let pk = self.scope.invoices_of_subscription(customer, subscription);
        let page =
            query_index(&self.store, Index::Lists, Range::prefix(pk, "", i32::from(limit)).newest_first()).await?;
        Ok(self.get_rows::<InvoiceRow>(&page.items).await?.into_iter().map(|loaded| loaded.value).collect())
    }

    /// How many invoices fit into one transaction with their account, given the most entries one of them has.
    #[must_use]
    pub const fn issue_batch() -> usize {
        // Per invoice: body, row, up to two entries, collection, event. Once: account, its number, its event, the customer.
        (MAX_ACTIONS - 4) / 6
    }

    /// Issues invoices of one customer and currency at once.
    ///
    /// # Errors
    /// `Refused("body")` when a number is taken, `Refused("account")` when somebody else posted meanwhile,
    /// `Refused("customer")` without its customer.
    pub async fn issue(
        &self,
        customer: &CustomerId,
        seen: Option<u64>,
        issued: &[Issued],
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let Some(last) = issued.last() else { return Ok(()) };
        let account = &last.change.next().account;
        let mut commit = self.put_account(self.commit().of_living(customer), customer, account, seen);
        if seen.is_none() {
            let opened = Event::new(EventKind::AccountOpened, Actor::System, now, account.number.as_str());
            commit = commit.events(Some(customer), &[opened]);
        }
        for one in issued {
            let Issue { row, entries, .. } = one.change.next();
            commit = commit.create("body", self.body_item(&one.body)).create("row", self.row_item(customer, row, 1));
            for entry in entries {
                commit = self.put_entry(commit, &account.number, entry);
            }
            if let Some(collection) = &one.collection {
                commit = commit.create("collection", self.collection_item(collection, 1));
            }
            commit = commit.events(Some(customer), one.change.events());
        }
        debug_assert!(commit.len() <= MAX_ACTIONS, "issue_batch bounds the batch");
        commit.run().await
    }

    /// A payment by its external reference, wherever it was booked.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_by_reference(&self, reference: &str) -> Result<Option<Loaded<PaymentRecord>>, StoreError> {
        let guard: Option<Loaded<ReferenceGuard>> = self.get(self.scope.reference("posting", reference), true).await?;
        match guard {
            Some(guard) => self.payment_record(&guard.value.invoice, &guard.value.part).await,
            None => Ok(None),
        }
    }

    /// Books a payment.
    ///
    /// # Errors
    /// `Refused("reference")` when the reference was booked already, `Refused("row")` or `Refused("account")` when
    /// somebody else was faster.
    pub async fn book_payment(
        &self,
        booking: &Booking<'_>,
        change: &Change<PaymentReversal>,
    ) -> Result<(), CommitError> {
        let record = &change.next().record;
        let part = record_part(record);
        let guard = ReferenceGuard { invoice: record.invoice.clone(), part: part.clone() };
        let key = self.scope.reference("posting", &record.payment.reference);
        self.booked(booking, change)
            .create("reference", Item::new(key, &guard, 1))
            .create("record", Item::new(self.scope.document_part(&record.invoice, &part), record, 1))
            .run()
            .await
    }

    /// Takes a booked payment back.
    ///
    /// # Errors
    /// `Refused("record")` when that was done already, otherwise as [`TenantStore::book_payment`].
    pub async fn reverse_payment(
        &self,
        booking: &Booking<'_>,
        seen: &Loaded<PaymentRecord>,
        change: &Change<PaymentReversal>,
    ) -> Result<(), CommitError> {
        let record = &change.next().record;
        let key = self.scope.document_part(&record.invoice, &record_part(record));
        self.booked(booking, change).replace("record", Item::new(key, record, seen.rev + 1), seen.rev).run().await
    }

    fn booked(&self, booking: &Booking<'_>, change: &Change<PaymentReversal>) -> Commit<'_> {
        let PaymentReversal { row, account, entry, .. } = change.next();
        let commit = self.put_row(self.commit(), booking, row);
        let commit = self.put_account(commit, booking.customer, account, Some(booking.account.rev));
        self.put_entry(commit, &account.number, entry).events(Some(booking.customer), change.events())
    }

    /// Cancels an invoice.
    ///
    /// # Errors
    /// `Refused("row")` or `Refused("account")` when somebody else was faster.
    pub async fn cancel_invoice(&self, booking: &Booking<'_>, change: &Change<Cancel>) -> Result<(), CommitError> {
        let Cancel { row, account, entry } = change.next();
        let commit = self.put_row(self.commit(), booking, row);
        let commit = self.put_account(commit, booking.customer, account, Some(booking.account.rev));
        self.put_entry(commit, &account.number, entry).events(Some(booking.customer), change.events()).run().await
    }

    /// Stores a row whose amounts did not change (dunning level).
    ///
    /// # Errors
    /// `Refused("row")` when somebody else was faster.
    pub async fn save_invoice_row(
        &self,
        customer: &CustomerId,
        seen: &Loaded<InvoiceRow>,
        change: &Change<InvoiceRow>,
    ) -> Result<(), CommitError> {
        let item = self.row_item(customer, change.next(), seen.rev + 1);
        self.commit().replace("row", item, seen.rev).events(Some(customer), change.events()).run().await
    }

    fn put_row<'a>(&self, commit: Commit<'a>, booking: &Booking<'_>, row: &InvoiceRow) -> Commit<'a> {
        commit.replace("row", self.row_item(booking.customer, row, booking.row.rev + 1), booking.row.rev)
    }

    pub(crate) fn row_item(&self, customer: &CustomerId, row: &InvoiceRow, rev: u64) -> Result<Item, StoreError> {
        let number = row.number.slug();
        let mut item = Item::new(self.scope.invoice_row(customer, row.issued_on, &row.number), row, rev)?;
        if let Some(subscription) = &row.subscription {
            let sort = format!("{}#{number}", row.issued_on);
            item = item.listed(self.scope.invoices_of_subscription(customer, subscription), sort);
        }
        if row.open.is_positive() {
            let sort = format!("{}#{}#{number}", row.account.slug(), row.due_on);
            item = item.todo(self.scope.open_items(customer), sort);
        }
        Ok(item)
    }
}

fn record_part(record: &PaymentRecord) -> String {
    format!("PAY#{}#{}", instant(record.booked_at), domain::number::slug(&record.payment.reference))
}

/// Reads an open item from the projection of the index.
fn open_item(raw: &Raw) -> Option<OpenItem> {
    let issued_on = text(raw, "sk")?.split('#').nth(1)?.parse().ok()?;
    let mut parts = text(raw, "t_sk")?.splitn(3, '#');
    let (account, due, number) = (parts.next()?, parts.next()?, parts.next()?);
    let open = serde_dynamo::aws_sdk_dynamodb_1::from_attribute_value(raw.get("open")?.clone()).ok()?;
    Some(OpenItem {
        number: InvoiceNumber::from_slug(number).ok()?,
        account: AccountNumber::from_slug(account).ok()?,
        issued_on,
        due_on: due.parse().ok()?,
        open,
    })
}
