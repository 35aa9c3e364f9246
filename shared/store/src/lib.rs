//! DynamoDB and nothing else: one table, every key built from a tenant's scope, one file per entity.
//!
//! Architecture Invariant: a key string is made in `key.rs` only, and only from a [`TenantScope`]; a scope is born in
//! the directory (from a host, or from the id that a mail of ours names) and in the job loop (from the registry). There is no `Scan` anywhere.

mod access;
mod client;
mod commit;
mod error;
mod item;
mod key;
mod meter;
mod scope;

pub mod secret;

mod account;
mod address;
mod answer;
mod api_key;
mod bank;
mod body;
mod bounce;
mod budget;
mod challenge;
mod collection;
mod comment;
mod contact;
mod credit_note;
mod customer;
mod declaration;
mod directory;
mod document;
mod email_change;
mod erasure;
mod event;
mod file;
mod hook_in;
mod hook_out;
mod idempotency;
mod invoice;
mod invoice_body;
mod job;
mod link;
mod look_up;
mod mail_template;
mod outbox;
mod outmail;
mod paper;
mod payment;
mod payment_method;
mod personal;
mod release;
mod sandbox;
mod session;
mod settings;
mod subscription;
mod waiting;

pub use access::Page;
pub use account::AccountCheck;
pub use address::AddressCount;
pub use api_key::{ApiKey, ApiKeyScope};
pub use bank::{
    BankBooks, BankEntryId, BankMark, BankRecord, BankState, BankWrite, LastStatement, NotABankEntryId, Reason,
    Sighting, Target, Waiting,
};
pub use bounce::Undelivered;
pub use budget::Budget;
pub use challenge::{Challenge, SentCode};
pub use client::{Store, StoreConfig};
pub use comment::KeptComment;
pub use commit::{CommitError, LostRace, MAX_ATTEMPTS, deciding_again};
pub use credit_note::CreditSeen;
pub use customer::{LoginCandidate, Overview};
pub use directory::{Directory, DirectoryError, SigningKey, Tenant, TenantRecord};
pub use document::{Document, DocumentBody};
pub use erasure::{Own, OwnItem};
pub use error::StoreError;
pub use event::{EventRecord, FeedPage};
pub use file::{DocumentRef, FileKind, StoredFile};
pub use hook_in::HookIn;
pub use hook_out::{DeliveryFilter, delivery_id};
pub use idempotency::KeyUse;
pub use invoice::{Booking, InvoiceFilter, Issued, OpenItem};
pub use invoice_body::{InvoiceBody, InvoiceDocument};
pub use item::Loaded;
pub use look_up::{LookUp, Sought};
pub use meter::{Meter, Metered, metered};
pub use outbox::{Due, DueItem, Outbox, Reader};
pub use outmail::{About, OutMail, OutMailEnd};
pub use payment::{Claim, Led, PaymentStanding, Reference, ReferenceKind, StrayMoney};
pub use payment_method::{MAX_SUBSCRIPTIONS_AT_ONCE, Uses};
pub use personal::{Erasure, Export, IssuedRow, KINDS, KindRow, Shelf, Shown};
pub use sandbox::{SandboxCheckout, SandboxEnding, SandboxMessage, SandboxMethod, SandboxMethodState, SandboxMove};
pub use scope::{TenantScope, TenantStore};
pub use session::Session;
pub use settings::SettingsArea;
