//! Erasing a customer: the wish, the tombstone, and the steps that leave ids and amounts only, and what must be kept.
//!
//! access patterns: the wish (consistent) · note a wish, with its event · tombstone of a customer (consistent) · put it down, in
//! the transaction that takes profile and login away · after a portion (rev) · all tombstones · what is due (outbox.rs) ·
//! keys: C / ERASURE, ttl 30 days; T#t#GONE / cid; DUE while something is left
//!
//! Each step may be repeated: what is gone is gone, and what is blank is blank.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    bank::BankEntry,
    change::Change,
    customer::{Customer, EmailAddress},
    document::DocumentRow,
    erasure::{ErasureRequest, Tombstone},
    id::{CancellationId, CustomerId, DeclarationId, PaymentId},
    invoice::InvoiceRow,
    number::{AccountNumber, DocumentNumber},
    payment::Payment,
    payment_method::PaymentMethod,
};
use jiff::Timestamp;

use crate::{
    BankEntryId, CommitError, DocumentRef, IssuedRow, Loaded, Page, StoreError, StoredFile, TenantScope, TenantStore,
    access::{Range, Update, delete, query, query_all, update},
    bank::{BankRecord, OwnBankEntry},
    commit::Commit,
    event::key_of,
    item::{Item, KIND, Raw, kind, read, text},
    key::Key,
    link::LinkName,
    personal::{Erasure, KINDS, answered_offer},
};

/// Items of one step.
const PAGE: i32 = 25;
/// Items of one document, payment or declaration.
const OF_ONE: i32 = 500;

kind! { ErasureRequest = "erasure_request"; Tombstone = "tombstone"; }

/// An item below a customer, and what is to be done before it can go.
#[derive(Debug, Clone)]
pub struct OwnItem {
    key: Key,
    /// What it is.
    pub what: Own,
}

/// What lies below a customer.
#[derive(Debug, Clone)]
pub enum Own {
    /// The profile, which is here only after a restore.
    Profile(Box<Customer>),
    /// The row of a document, which may have to be kept with everything of it.
    Issued(Box<IssuedRow>),
    /// A way to pay, which its provider may still have to forget.
    Method(Box<Loaded<PaymentMethod>>),
    /// The paper of a cancellation.
    Paper(CancellationId, StoredFile),
    /// The paper of the answer to an offer.
    AnswerPaper(DocumentNumber, StoredFile),
    /// An entry of a bank statement that was booked for it.
    BankEntry(BankEntryId),
    /// Where a link stands.
    Link(LinkName),
    /// A fact; of one that tells of a declaration, which.
    Event(Option<DeclarationId>),
    /// An account: the ledger needs it.
    Account(AccountNumber),
    /// Nothing more is to be done.
    Plain,
}

impl TenantStore {
    /// The customer's wish to be erased, while it is known.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn erasure_request(
        &self,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<Option<ErasureRequest>, StoreError> {
        let found: Option<Loaded<ErasureRequest>> = self.get(self.scope.erasure_request(customer), true).await?;
        Ok(found.map(|found| found.value).filter(|request| now < request.known_until()))
    }

    /// Notes the wish and tells it, whatever older one was there.
    ///
    /// # Errors
    /// `Refused("customer")` when the customer is gone.
    pub async fn request_erasure(
        &self,
        customer: &CustomerId,
        change: &Change<ErasureRequest>,
    ) -> Result<(), CommitError> {
        let request = change.next();
        let item = Item::new(self.scope.erasure_request(customer), request, 1);
        self.commit()
            .overwrite("erasure_request", item.map(|item| item.expiring(request.known_until())))
            .of_living(customer)
            .events(Some(customer), change.events())
            .run()
            .await
    }

    /// A customer's tombstone.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn tombstone(&self, customer: &CustomerId) -> Result<Option<Loaded<Tombstone>>, StoreError> {
        self.get(self.scope.tombstone(customer), true).await
    }

    /// All tombstones. After a restore those of the table before are put down again ([`TenantStore::replay_tombstone`]).
    ///
    /// # Errors
    /// The table's errors.
    pub async fn tombstones(&self, limit: u16, after: Option<String>) -> Result<Page<Tombstone>, StoreError> {
        let range = Range::prefix(self.scope.tombstones(), "", i32::from(limit)).consistent().after(after);
        let page = query(&self.store, range).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Puts the tombstone down and takes profile and login away: from then on nobody signs in, and nothing new is kept.
    ///
    /// # Errors
    /// `Refused("customer")` when somebody changed the customer meanwhile, `Refused("tombstone")` when it was done before.
    pub async fn put_tombstone_down(
        &self,
        seen: &Loaded<Customer>,
        change: &Change<Tombstone>,
    ) -> Result<(), CommitError> {
        let tombstone = change.next();
        let customer = &tombstone.customer;
        let mut commit = self.commit().create("tombstone", self.tombstone_item(tombstone, 1));
        commit = commit.remove("customer", self.scope.profile(customer), seen.rev);
        commit = self.put_login_away(commit, customer, &seen.value, tombstone.erased_at).await?;
        commit.events(Some(customer), change.events()).run().await
    }

    /// Lets the login of a customer go who came back with a restore.
    ///
    /// # Errors
    /// `Refused("bounce")` when somebody else noted something of its address at this moment; doing it again is safe.
    pub async fn erase_login(
        &self,
        customer: &CustomerId,
        person: &Customer,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        self.put_login_away(self.commit(), customer, person, now).await?.run().await
    }

    /// The way to sign in goes. What is known of the addresses, unless somebody else signs in with them, ends by itself.
    async fn put_login_away<'a>(
        &self,
        mut commit: Commit<'a>,
        customer: &CustomerId,
        person: &Customer,
        now: Timestamp,
    ) -> Result<Commit<'a>, StoreError> {
        let login = person.facts.email.as_ref();
        if let Some(address) = login {
            commit = commit.delete("login", self.scope.mail_lookup(address, person.created_at, customer));
        }
        let addresses = [login, person.facts.invoice_email.as_ref()];
        let folded: BTreeMap<String, &EmailAddress> =
            addresses.into_iter().flatten().map(|address| (address.folded(), address)).collect();
        for address in folded.into_values() {
            if self.login_candidates(address).await?.iter().all(|candidate| candidate.customer == *customer) {
                commit = self.let_bounce_end(commit, address, now).await?;
            }
        }
        Ok(commit)
    }

    /// Puts a tombstone down once more, due at once: after a restore, with the tombstones of the table before. What came back of
    /// its customer goes again, profile and login first.
    ///
    /// # Errors
    /// `Refused("tombstone")` when somebody else did at this moment; doing it again is safe.
    pub async fn replay_tombstone(&self, tombstone: &Tombstone, now: Timestamp) -> Result<(), CommitError> {
        let again = Tombstone { cursor: None, due_at: Some(now), ..tombstone.clone() };
        let seen = self.tombstone(&again.customer).await?.map(|seen| seen.rev);
        let item = self.tombstone_item(&again, seen.unwrap_or(0) + 1);
        self.commit().save("tombstone", item, seen).run().await
    }

    /// Keeps how far an erasure is.
    ///
    /// # Errors
    /// `Refused("tombstone")` when somebody else was faster.
    pub async fn save_tombstone(&self, seen: &Loaded<Tombstone>, next: &Tombstone) -> Result<u64, CommitError> {
        let item = self.tombstone_item(next, seen.rev + 1);
        self.commit().replace("tombstone", item, seen.rev).run().await?;
        Ok(seen.rev + 1)
    }

    /// A page of what still lies below a customer.
    ///
    /// # Errors
    /// The table's errors, and a kind of item that says nothing of erasures.
    pub async fn own_items(&self, customer: &CustomerId, after: Option<String>) -> Result<Page<OwnItem>, StoreError> {
        let page =
            query(&self.store, Range::prefix(self.scope.c(customer), "", PAGE).consistent().after(after)).await?;
        let items = page.items.into_iter().filter_map(|raw| Some((key_of(&raw)?, raw)));
        let items = items.map(|(key, raw)| Ok(OwnItem { what: own(&key, raw)?, key }));
        Ok(Page { items: items.collect::<Result<Vec<_>, StoreError>>()?, next: page.next })
    }

    /// Lets an item go, or blanks it where it must stay. What it names elsewhere must be gone by then.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn erase_own(&self, item: &OwnItem) -> Result<(), StoreError> {
        match item.what {
            Own::Event(_) => {
                self.blank(item.key.clone(), "REMOVE #a, #b, t_pk, t_sk, wake", &["facts", "changes"]).await
            }
            Own::Link(ref name) => {
                delete(&self.store, self.scope.link(&name.token_hash)).await?;
                delete(&self.store, item.key.clone()).await
            }
            Own::Account(_) => self.blank(item.key.clone(), "REMOVE #a", &["name"]).await,
            _ => delete(&self.store, item.key.clone()).await,
        }
    }

    async fn blank(&self, key: Key, expression: &'static str, fields: &[&'static str]) -> Result<(), StoreError> {
        let names = ["#a", "#b"].into_iter().zip(fields.iter().copied()).collect();
        let condition = Some("attribute_exists(pk)");
        update(&self.store, Update { key, expression, condition, names, values: vec![] }).await.map(|_| ())
    }

    /// Files of a document that lie in the bucket.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn files_of(&self, name: &DocumentRef) -> Result<Vec<StoredFile>, StoreError> {
        let range = Range::prefix(self.scope.document(name), "FILE#", OF_ONE).consistent();
        let raw = query_all(&self.store, range).await?;
        raw.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect()
    }

    /// Lets everything of a document go but its row.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn erase_document(&self, name: &DocumentRef) -> Result<(), StoreError> {
        self.erase_partition(self.scope.document(name), "").await
    }

    /// Lets a declaration go, with its paper's note and its mail.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn erase_declaration(&self, id: &DeclarationId) -> Result<(), StoreError> {
        self.erase_partition(self.scope.declaration_part(id, "").pk, "").await?;
        delete(&self.store, self.scope.declaration(id)).await
    }

    /// Lets go what programs of the customer were answered.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn erase_key_uses(&self, customer: &CustomerId) -> Result<(), StoreError> {
        self.erase_partition(self.scope.key_uses(customer), "").await
    }

    /// Blanks a payment, and lets the notes of its papers go.
    ///
    /// # Errors
    /// `Refused("payment")` when somebody changed it meanwhile.
    pub async fn erase_payment(&self, id: &PaymentId) -> Result<(), CommitError> {
        self.erase_partition(self.scope.payment(id).pk, "FILE#").await?;
        let Some(seen) = self.payment(id).await? else { return Ok(()) };
        let next: Payment = seen.value.without_person();
        if next == seen.value { Ok(()) } else { self.note_payment(&seen, &next).await }
    }

    /// Blanks who paid in an entry of a bank statement, and forgets that the customer pays from that account.
    ///
    /// # Errors
    /// `Refused("bank_entry")` when somebody changed it meanwhile.
    pub async fn erase_bank_entry(&self, customer: &CustomerId, id: &BankEntryId) -> Result<(), CommitError> {
        let Some(seen) = self.bank_entry(id).await? else { return Ok(()) };
        if let Some(iban) = &seen.value.entry.payer_iban {
            delete(&self.store, self.scope.payer(iban, customer)).await?;
        }
        let entry: BankEntry = seen.value.entry.without_person();
        if entry == seen.value.entry {
            return Ok(());
        }
        self.note_bank_entry(&seen, &BankRecord { entry, ..seen.value.clone() }).await
    }

    async fn erase_partition(&self, pk: String, prefix: &str) -> Result<(), StoreError> {
        let raw = query_all(&self.store, Range::prefix(pk, prefix, OF_ONE).consistent()).await?;
        for key in raw.iter().filter_map(key_of) {
            delete(&self.store, key).await?;
        }
        Ok(())
    }

    fn tombstone_item(&self, tombstone: &Tombstone, rev: u64) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.tombstone(&tombstone.customer), tombstone, rev)?;
        let Some(due_at) = tombstone.due_at else { return Ok(item) };
        let due = TenantScope::due_at(due_at, &item.key);
        Ok(item.todo(self.scope.due(), due).waking(crate::Reader::Worker))
    }
}

/// What an item below a customer is.
fn own(key: &Key, raw: Raw) -> Result<Own, StoreError> {
    let kind = text(&raw, KIND).unwrap_or_default().to_owned();
    let row = KINDS.iter().find(|row| row.kind == kind);
    let unknown = || StoreError::Corrupt { kind: "own item", reason: "nothing is said of its erasure".into() };
    if matches!(row.ok_or_else(unknown)?.erasure, Erasure::Stays(_)) {
        return Err(unknown());
    }
    Ok(match kind.as_str() {
        "customer" => Own::Profile(Box::new(read::<Customer>(raw)?.value)),
        "invoice" => Own::Issued(Box::new(IssuedRow::Invoice(read::<InvoiceRow>(raw)?.value))),
        "document" => Own::Issued(Box::new(IssuedRow::Document(read::<DocumentRow>(raw)?.value))),
        "payment_method" => Own::Method(Box::new(read(raw)?)),
        "own_bank_entry" => Own::BankEntry(read::<OwnBankEntry>(raw)?.value.entry),
        "account" => Own::Account(read::<domain::ledger::Account>(raw)?.value.number),
        "link_name" => Own::Link(read::<LinkName>(raw)?.value),
        "event" => Own::Event(declaration(&raw)),
        "file" => {
            if let Some(offer) = answered_offer(&key.sk) {
                return Ok(Own::AnswerPaper(offer, read(raw)?.value));
            }
            let id = key.sk.split('#').nth(1).and_then(|id| id.parse().ok()).ok_or_else(unknown)?;
            Own::Paper(id, read(raw)?.value)
        }
        _ => Own::Plain,
    })
}

/// The declaration that an event tells of. One that was blanked before tells it still.
fn declaration(raw: &Raw) -> Option<DeclarationId> {
    let code = domain::EventKind::DeclarationReceived.code();
    let tells = matches!(raw.get("kind"), Some(AttributeValue::S(kind)) if kind == code);
    text(raw, "subject").filter(|_| tells)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use domain::{Event, EventKind, change::Actor, id::EventId};

    use super::*;
    use crate::{EventRecord, FileKind};

    #[test]
    fn a_paper_below_a_customer_is_that_of_a_cancellation_or_of_an_answer() {
        let scope = TenantScope::for_key_tests();
        let (now, customer) = (Timestamp::UNIX_EPOCH, CustomerId::new(Timestamp::UNIX_EPOCH, [1; 10]));
        let (cancellation, offer) = (CancellationId::new(now, [2; 10]), "AN 1".parse::<DocumentNumber>().unwrap());
        let file = StoredFile {
            kind: FileKind::Pdf,
            object: "T/t/answers/AN1_/_abc.pdf".to_owned(),
            sha256: "abc".to_owned(),
            size: 1,
            original: false,
            format: String::new(),
            stored_at: now,
        };
        let own_of = |key: Key| {
            let raw = Item::new(key.clone(), &file, 1).unwrap().raw;
            own(&key, raw).unwrap()
        };
        let own = own_of(scope.cancellation_part(&customer, &cancellation, "FILE#pdf"));
        assert!(matches!(&own, Own::Paper(id, _) if *id == cancellation), "{own:?}");
        let own = own_of(scope.answer_part(&customer, &offer, "FILE#pdf"));
        assert!(matches!(&own, Own::AnswerPaper(number, _) if *number == offer), "{own:?}");
    }

    #[test]
    fn a_blanked_event_is_still_an_event() {
        let scope = TenantScope::for_key_tests();
        let (now, customer) = (Timestamp::UNIX_EPOCH, CustomerId::new(Timestamp::UNIX_EPOCH, [1; 10]));
        let declaration_id = DeclarationId::new(now, [2; 10]);
        let event = Event::new(EventKind::DeclarationReceived, Actor::Visitor, now, declaration_id.as_str());
        let event = event.with("kind", "cancel").changing("name", "Tine", "Tina");
        let record = EventRecord { id: EventId::new(now, [3; 10]), event, tries: 0 };
        let key = scope.customer_event(&customer, &record.id);
        let mut raw = Item::new(key, &record, 1).unwrap().raw;
        for field in ["facts", "changes"] {
            assert!(raw.remove(field).is_some(), "{field}");
        }
        assert_eq!(declaration(&raw), Some(declaration_id.clone()));
        let blank: EventRecord = read(raw).unwrap().value;
        assert_eq!(
            (blank.event.kind, blank.event.subject.as_str()),
            (EventKind::DeclarationReceived, declaration_id.as_str())
        );
        assert!(blank.event.facts.is_empty() && blank.event.changes.is_empty());
    }
}
