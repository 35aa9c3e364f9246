//! What the table holds about one customer: kind by kind, whether an export shows it and what an erasure does with it; and the
//! reads of an export, which show items as they are kept but for what opens doors.
//!
//! Architecture Invariant: every kind of item has its row in [`KINDS`]; a test holds the list against the sources.
//!
//! access patterns: a customer's partition, payments, links, bank entries, each page by page · entries of an account · all of a
//! document, payment or declaration · papers of cancellations and of answers · documents of a period by their rows, and how many

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    document::{DocumentRow, DocumentType},
    id::{CancellationId, CustomerId, DeclarationId, PaymentId},
    invoice::InvoiceRow,
    number::{AccountNumber, DocumentNumber},
};
use jiff::civil::Date;
use serde_json::Value;

use crate::{
    BankEntryId, DocumentRef, EventRecord, Page, StoreError, StoredFile, TenantStore,
    access::{Range, batch_in_order, count_all, query, query_all},
    bank::OwnBankEntry,
    item::{FRAME, KIND, Raw, read, text, unpack},
};

/// Items of one page.
const PAGE: i32 = 200;
/// Items read at once of one document, payment or declaration.
const OF_ONE: i32 = 500;
/// Where the papers of answers to offers begin.
const ANSWERS: &str = "ANSWER#";

/// A kind of item, and what becomes of it when its customer asks for everything, or is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRow {
    /// The kind's name.
    pub kind: &'static str,
    /// In an export.
    pub export: Export,
    /// In an erasure.
    pub erasure: Erasure,
}

/// What an export makes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// It stands in a file.
    In {
        /// Which one.
        file: &'static str,
        /// Fields that open something, or name it to a provider: left out.
        without: &'static [&'static str],
    },
    /// It says nothing about a customer, or nothing that does not stand elsewhere: why.
    No(&'static str),
}

/// What an erasure makes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// It is deleted.
    Goes,
    /// It is deleted, but with a document that must be kept only when that time is over.
    GoesWithDocument,
    /// What is personal in it is blanked; ids and amounts stay.
    Blanked,
    /// It stays, or ends by its own time: why.
    Stays(&'static str),
}

const fn shown(kind: &'static str, file: &'static str, erasure: Erasure) -> KindRow {
    KindRow { kind, export: Export::In { file, without: &[] }, erasure }
}

const fn partly(kind: &'static str, file: &'static str, without: &'static [&'static str], erasure: Erasure) -> KindRow {
    KindRow { kind, export: Export::In { file, without }, erasure }
}

const fn hidden(kind: &'static str, why: &'static str, erasure: Erasure) -> KindRow {
    KindRow { kind, export: Export::No(why), erasure }
}

/// Nothing of a customer.
const fn foreign(kind: &'static str, why: &'static str) -> KindRow {
    KindRow { kind, export: Export::No(why), erasure: Erasure::Stays(why) }
}

const TENANTS: &str = "it is the tenant's";
const IDS: &str = "it leads from one id to another";

/// Every kind of item there is.
pub const KINDS: &[KindRow] = &[
    shown("customer", "customer.json", Erasure::Goes),
    shown("address", "addresses.json", Erasure::Goes),
    hidden("address_removed", "it says for a week that an address is gone", Erasure::Goes),
    hidden("address_count", "it counts the addresses", Erasure::Goes),
    hidden("number", IDS, Erasure::Stays("nobody else may get the number")),
    hidden("login", "it repeats the customer's data for signing in", Erasure::Goes),
    shown("subscription", "contracts.json", Erasure::Goes),
    partly(
        "payment_method",
        "payment-methods.json",
        &["state.token", "state.to_forget", "session", "url"],
        Erasure::Goes,
    ),
    hidden("payment_method_reference", IDS, Erasure::Stays("the provider's name of what is gone leads nowhere")),
    shown("account", "accounts.json", Erasure::Blanked),
    shown("entry", "accounts.json", Erasure::Stays("the ledger carries ids and amounts only")),
    shown("invoice", "invoices.json", Erasure::GoesWithDocument),
    shown("invoice_body", "invoices.json", Erasure::GoesWithDocument),
    shown("payment_record", "invoices.json", Erasure::GoesWithDocument),
    shown("movement", "invoices.json", Erasure::GoesWithDocument),
    shown("credit_share", "invoices.json", Erasure::GoesWithDocument),
    shown("collection", "invoices.json", Erasure::Goes),
    hidden("reference", IDS, Erasure::Stays("no reference is booked twice")),
    shown("document", "documents.json", Erasure::GoesWithDocument),
    shown("document_body", "documents.json", Erasure::GoesWithDocument),
    shown("release", "documents.json", Erasure::GoesWithDocument),
    shown("comment", "documents.json", Erasure::GoesWithDocument),
    hidden("comment_count", "it counts the comments", Erasure::GoesWithDocument),
    shown("offer_answer", "documents.json", Erasure::GoesWithDocument),
    shown("file", "files.json", Erasure::GoesWithDocument),
    partly("payment", "payments.json", &["saved.token", "session", "pay_url"], Erasure::Blanked),
    hidden("payment_reference", IDS, Erasure::Stays("no payment is booked twice")),
    hidden("claim", "it says for minutes that an account is being charged", Erasure::Goes),
    foreign("ledger_fault", "it names an account, for staff"),
    foreign("stray_money", "it names a payment and an amount, for staff"),
    shown("bank_entry", "bank-entries.json", Erasure::Blanked),
    hidden("own_bank_entry", IDS, Erasure::Goes),
    foreign("bank_books", TENANTS),
    hidden("bank_reference", IDS, Erasure::Stays("no entry is booked twice")),
    hidden("payer_hint", "it leads from the account of a bank entry, which is shown, to the customer", Erasure::Goes),
    shown("event", "events.json", Erasure::Blanked),
    shown("out_mail", "mails.json", Erasure::Goes),
    hidden("bounce", "it says of an address, whoever has it, that no mail arrives there", Erasure::Goes),
    hidden("bounce_notice", "it says the same to its customer, and names the address by a hash", Erasure::Goes),
    partly("session", "sessions.json", &["sid_hash", "key"], Erasure::Goes),
    partly("link", "links.json", &["token_hash", "of"], Erasure::Goes),
    hidden("link_name", IDS, Erasure::Goes),
    partly("email_change", "customer.json", &["asked_by"], Erasure::Goes),
    hidden("email_token", IDS, Erasure::Stays("it ends within a day, and leads nowhere before")),
    hidden("challenge", "it is a code that works for ten minutes", Erasure::Stays("it ends within ten minutes")),
    shown("declaration", "declarations.json", Erasure::Goes),
    hidden("declaration_form", IDS, Erasure::Stays("it ends within thirty days, and leads nowhere before")),
    hidden("idempotency", "it repeats for a week what a program was answered", Erasure::Goes),
    hidden(
        "job",
        "it counts what was put together, for ninety days",
        Erasure::Stays("it carries ids only and ends by itself"),
    ),
    hidden("last_job", IDS, Erasure::Goes),
    shown("erasure_request", "customer.json", Erasure::Goes),
    hidden("tombstone", IDS, Erasure::Stays("it says that the customer was erased")),
    hidden("webhook_delivery", "a copy of an event, which is shown", Erasure::Stays("it ends within thirty days")),
    hidden(
        "hook_in",
        "a provider's own message, which its payment tells",
        Erasure::Stays("it ends within ninety days"),
    ),
    foreign("look_up", "it names to a provider what is to be looked up"),
    foreign("contact", TENANTS),
    foreign("api_key", TENANTS),
    foreign("webhook_endpoint", TENANTS),
    foreign("mail_template", TENANTS),
    foreign("settings", TENANTS),
    foreign("host", TENANTS),
    foreign("tenant", TENANTS),
    foreign("signing_key", "it is the installation's"),
    foreign("sandbox_checkout", "it is the sandbox provider's, which knows amounts and ids"),
    foreign("sandbox_method", "it is the sandbox provider's, which knows ids"),
    foreign("sandbox_secret", TENANTS),
];

/// An item as an export shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The file it stands in.
    pub file: &'static str,
    /// The item, with its kind.
    pub item: Value,
}

/// Where a customer's documents stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Invoices.
    Invoices,
    /// Documents beside invoices.
    Documents,
}

/// A document of a customer, as its row tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuedRow {
    /// An invoice.
    Invoice(InvoiceRow),
    /// A document beside invoices.
    Document(DocumentRow),
}

impl IssuedRow {
    /// Which kind.
    #[must_use]
    pub const fn kind(&self) -> DocumentType {
        match self {
            Self::Invoice(_) => DocumentType::Invoice,
            Self::Document(row) => row.kind,
        }
    }

    /// As people read it.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::Invoice(row) => row.number.as_str(),
            Self::Document(row) => row.number.as_str(),
        }
    }

    /// Its day of issue.
    #[must_use]
    pub const fn issued_on(&self) -> Date {
        match self {
            Self::Invoice(row) => row.issued_on,
            Self::Document(row) => row.issued_on,
        }
    }

    /// What its partition is named by.
    #[must_use]
    pub fn name(&self) -> DocumentRef {
        match self {
            Self::Invoice(row) => DocumentRef::from(&row.number),
            Self::Document(row) => DocumentRef::new(row.kind, &row.number),
        }
    }
}

impl Shelf {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invoices => "INV#",
            Self::Documents => "DOC#",
        }
    }
}

impl TenantStore {
    /// A page of what lies below a customer itself.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_own(&self, customer: &CustomerId, after: Option<String>) -> Result<Page<Shown>, StoreError> {
        let page =
            query(&self.store, Range::prefix(self.scope.c(customer), "", PAGE).consistent().after(after)).await?;
        Ok(Page { items: all_shown(page.items)?, next: page.next })
    }

    /// A page of a customer's links.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_links(&self, customer: &CustomerId, after: Option<String>) -> Result<Page<Shown>, StoreError> {
        let page = self.link_keys(customer, PAGE, after).await?;
        Ok(Page { items: all_shown(batch_in_order(&self.store, page.items, true).await?)?, next: page.next })
    }

    /// A page of the entries of an account, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_entries(
        &self,
        account: &AccountNumber,
        after: Option<String>,
    ) -> Result<Page<Shown>, StoreError> {
        let range = Range::prefix(self.scope.entries(account), "E#", PAGE).consistent().after(after);
        let page = query(&self.store, range).await?;
        Ok(Page { items: all_shown(page.items)?, next: page.next })
    }

    /// A page of the bank entries that were booked for a customer.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_bank_entries(
        &self,
        customer: &CustomerId,
        after: Option<String>,
    ) -> Result<Page<Shown>, StoreError> {
        let page = self.own_bank_entries(customer, after).await?;
        let keys = page.items.iter().map(|id| self.entry_key(id)).collect();
        Ok(Page { items: all_shown(batch_in_order(&self.store, keys, true).await?)?, next: page.next })
    }

    /// Names of these bank entries.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn own_bank_entries(
        &self,
        customer: &CustomerId,
        after: Option<String>,
    ) -> Result<Page<BankEntryId>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "BANK#", PAGE).consistent().after(after);
        let page = query(&self.store, range).await?;
        let ids = page.items.into_iter().map(|raw| read::<OwnBankEntry>(raw).map(|own| own.value.entry));
        Ok(Page { items: ids.collect::<Result<_, _>>()?, next: page.next })
    }

    /// Everything in the partition of a document.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_document(&self, name: &DocumentRef) -> Result<Vec<Shown>, StoreError> {
        self.shown_at(self.scope.document(name)).await
    }

    /// A payment with its papers.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_payment(&self, id: &PaymentId) -> Result<Vec<Shown>, StoreError> {
        self.shown_at(self.scope.payment(id).pk).await
    }

    /// A declaration with its paper and its mail.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn shown_declaration(&self, id: &DeclarationId) -> Result<Vec<Shown>, StoreError> {
        let own = crate::access::get_raw(&self.store, self.scope.declaration(id), true).await?;
        let mut items = all_shown(own.into_iter().collect())?;
        items.extend(self.shown_at(self.scope.declaration_part(id, "").pk).await?);
        Ok(items)
    }

    async fn shown_at(&self, pk: String) -> Result<Vec<Shown>, StoreError> {
        all_shown(query_all(&self.store, Range::prefix(pk, "", OF_ONE).consistent()).await?)
    }

    /// The papers of a payment.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn papers_of_payment(&self, id: &PaymentId) -> Result<Vec<StoredFile>, StoreError> {
        let range = Range::prefix(self.scope.payment(id).pk, "FILE#", OF_ONE).consistent();
        let raw = query_all(&self.store, range).await?;
        raw.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect()
    }

    /// The papers of a customer's cancellations.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn papers_of_cancellations(
        &self,
        customer: &CustomerId,
    ) -> Result<Vec<(CancellationId, StoredFile)>, StoreError> {
        let raw = query_all(&self.store, Range::prefix(self.scope.c(customer), "CNL#", OF_ONE).consistent()).await?;
        let paper = |raw: Raw| {
            let id = text(&raw, "sk").and_then(|sk| sk.split('#').nth(1)).and_then(|id| id.parse().ok());
            let id = id.ok_or(StoreError::Corrupt { kind: "file", reason: "it names no cancellation".into() })?;
            Ok((id, read::<StoredFile>(raw)?.value))
        };
        raw.into_iter().map(paper).collect()
    }

    /// The papers of a customer's answers to offers.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn papers_of_answers(
        &self,
        customer: &CustomerId,
    ) -> Result<Vec<(DocumentNumber, StoredFile)>, StoreError> {
        let raw = query_all(&self.store, Range::prefix(self.scope.c(customer), ANSWERS, OF_ONE).consistent()).await?;
        let paper = |raw: Raw| {
            let offer = text(&raw, "sk").and_then(answered_offer);
            let offer = offer.ok_or(StoreError::Corrupt { kind: "file", reason: "it names no offer".into() })?;
            Ok((offer, read::<StoredFile>(raw)?.value))
        };
        raw.into_iter().map(paper).collect()
    }

    /// A page of a customer's timeline, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn events_of(
        &self,
        customer: &CustomerId,
        after: Option<String>,
    ) -> Result<Page<EventRecord>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "EVT#", PAGE).consistent().after(after);
        let page = query(&self.store, range).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// A page of a customer's documents that were issued on these days, oldest first; without days all of them.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn issued_rows(
        &self,
        customer: &CustomerId,
        shelf: Shelf,
        days: Option<(Date, Date)>,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<IssuedRow>, StoreError> {
        let range = self.issued_range(customer, shelf, days, i32::from(limit)).after(after);
        let page = query(&self.store, range).await?;
        let row = |raw: Raw| match shelf {
            Shelf::Invoices => read(raw).map(|loaded| IssuedRow::Invoice(loaded.value)),
            Shelf::Documents => read(raw).map(|loaded| IssuedRow::Document(loaded.value)),
        };
        Ok(Page { items: page.items.into_iter().map(row).collect::<Result<_, _>>()?, next: page.next })
    }

    /// How many of them there are.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn count_issued(&self, customer: &CustomerId, days: Option<(Date, Date)>) -> Result<u64, StoreError> {
        let count = |shelf| count_all(&self.store, self.issued_range(customer, shelf, days, OF_ONE));
        let (invoices, documents) =
            futures_util::future::try_join(count(Shelf::Invoices), count(Shelf::Documents)).await?;
        Ok(invoices + documents)
    }

    fn issued_range(&self, customer: &CustomerId, shelf: Shelf, days: Option<(Date, Date)>, limit: i32) -> Range {
        let prefix = shelf.prefix();
        let all = Range::prefix(self.scope.c(customer), prefix, limit).consistent();
        match days {
            Some((from, to)) => Range { from: format!("{prefix}{from}"), to: format!("{prefix}{to}\u{ffff}"), ..all },
            None => all,
        }
    }
}

/// The offer whose answer something below a customer belongs to, by its sort key.
pub(crate) fn answered_offer(sk: &str) -> Option<DocumentNumber> {
    let (slug, _) = sk.strip_prefix(ANSWERS)?.split_once('#')?;
    DocumentNumber::from_slug(slug).ok()
}

fn all_shown(raw: Vec<Raw>) -> Result<Vec<Shown>, StoreError> {
    raw.into_iter().filter_map(|raw| as_shown(raw).transpose()).collect()
}

/// An item as an export shows it; none where it shows none.
fn as_shown(mut raw: Raw) -> Result<Option<Shown>, StoreError> {
    let kind = text(&raw, KIND).unwrap_or_default().to_owned();
    let row = KINDS.iter().find(|row| row.kind == kind);
    let Some(&KindRow { kind, export: Export::In { file, without }, .. }) = row else { return Ok(None) };
    for name in FRAME {
        raw.remove(name);
    }
    // Long bodies are packed.
    let facts = match raw.remove("facts") {
        Some(AttributeValue::B(packed)) => Some(unpack::<Value>(kind, packed.as_ref())?),
        Some(other) => {
            raw.insert("facts".to_owned(), other);
            None
        }
        None => None,
    };
    let corrupt = |reason: String| StoreError::Corrupt { kind, reason };
    let mut item: Value =
        serde_dynamo::aws_sdk_dynamodb_1::from_item(raw).map_err(|error| corrupt(error.to_string()))?;
    for path in without {
        leave_out(&mut item, path);
    }
    if let Value::Object(fields) = &mut item {
        fields.extend(facts.map(|facts| ("facts".to_owned(), facts)));
        fields.insert("item".to_owned(), Value::String(kind.to_owned()));
    }
    Ok(Some(Shown { file, item }))
}

/// Takes a field away, by its path.
fn leave_out(item: &mut Value, path: &str) {
    let (parent, field) = path.rsplit_once('.').map_or(("", path), |(parent, field)| (parent, field));
    let place = if parent.is_empty() { Some(item) } else { item.get_mut(parent) };
    if let Some(Value::Object(fields)) = place {
        fields.remove(field);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::item::pack;

    /// Every name that the sources of this crate give to a kind.
    fn kinds_in_sources() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
            let path = entry.unwrap().path();
            let source = if path.is_dir() { String::new() } else { fs::read_to_string(&path).unwrap() };
            let source = source.split("#[cfg(test)]").next().unwrap();
            // `kind! { Type = "name"; … }`, and what is written out.
            for list in source.split("\nkind! {").skip(1) {
                let list = list.split('}').next().unwrap();
                names.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
            }
            let written = source.split("const KIND: &'static str = \"").skip(1);
            names.extend(written.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
        names
    }

    #[test]
    fn every_kind_of_item_says_what_export_and_erasure_make_of_it() {
        let listed: BTreeSet<String> = KINDS.iter().map(|row| row.kind.to_owned()).collect();
        assert_eq!(listed.len(), KINDS.len(), "a kind stands there twice");
        let (found, none) = (kinds_in_sources(), BTreeSet::<&String>::new());
        assert!(found.len() > 40, "{found:?}");
        assert_eq!(found.difference(&listed).collect::<BTreeSet<_>>(), none, "these have no row");
        assert_eq!(listed.difference(&found).collect::<BTreeSet<_>>(), none, "these are no kinds");
    }

    #[test]
    fn whatever_is_shown_goes_or_is_blanked_or_has_a_reason_to_stay() {
        for row in KINDS {
            if let (Export::In { .. }, Erasure::Stays(why)) = (row.export, row.erasure) {
                assert_eq!((row.kind, why), ("entry", "the ledger carries ids and amounts only"));
            }
        }
    }

    fn raw(kind: &str, fields: &[(&str, AttributeValue)]) -> Raw {
        let own =
            [("pk", "T#t"), ("sk", "X"), (KIND, kind)].map(|(name, value)| (name, AttributeValue::S(value.into())));
        own.into_iter().chain(fields.iter().cloned()).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn what_opens_a_door_is_never_shown() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let session = raw("session", &[("sid_hash", text("hash")), ("key", text("key")), ("number", text("K1"))]);
        let shown = as_shown(session).unwrap().unwrap();
        assert_eq!(
            (shown.file, shown.item),
            ("sessions.json", serde_json::json!({ "item": "session", "number": "K1" }))
        );
        let state = AttributeValue::M([("token".to_owned(), text("tok")), ("name".to_owned(), text("usable"))].into());
        let method = as_shown(raw("payment_method", &[("state", state), ("url", text("https://"))])).unwrap().unwrap();
        assert_eq!(method.item, serde_json::json!({ "item": "payment_method", "state": { "name": "usable" } }));
        assert_eq!(as_shown(raw("login", &[("name", text("Tine"))])), Ok(None));
    }

    #[test]
    fn the_paper_of_an_answer_names_its_offer() {
        let scope = crate::TenantScope::for_key_tests();
        let customer = CustomerId::new(jiff::Timestamp::UNIX_EPOCH, [1; 10]);
        let offer: DocumentNumber = "AN 2026/7".parse().unwrap();
        assert_eq!(answered_offer(&scope.answer_part(&customer, &offer, "FILE#pdf").sk), Some(offer));
        assert_eq!(answered_offer("CNL#cnl_1#FILE#pdf"), None);
    }

    #[test]
    fn a_packed_body_is_shown_whole() {
        let facts = serde_json::json!({ "note": "Danke", "lines": [1, 2] });
        let packed = AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(pack("invoice_body", &facts).unwrap()));
        let shown = as_shown(raw("invoice_body", &[("facts", packed)])).unwrap().unwrap();
        assert_eq!(shown.item, serde_json::json!({ "item": "invoice_body", "facts": facts }));
    }
}
