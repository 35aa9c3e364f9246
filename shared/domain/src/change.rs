//! A decided change: the new state together with the facts that say why. The store persists a `Change` and knows no rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

use crate::{Money, Pii};

/// What a transition returns: the next state and at least one event.
///
/// Architecture Invariant: there is no constructor without an event, so nothing changes without a line in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<T> {
    next: T,
    events: Vec<Event>,
}

impl<T> Change<T> {
    /// A new state and the fact that explains it.
    pub fn new(next: T, because: Event) -> Self {
        Self { next, events: vec![because] }
    }

    /// Adds a further fact.
    #[must_use]
    pub fn and(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// The state to store.
    pub const fn next(&self) -> &T {
        &self.next
    }

    /// The facts to store with it.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// State and facts, taken apart for storing.
    pub fn into_parts(self) -> (T, Vec<Event>) {
        (self.next, self.events)
    }

    /// Keeps the facts and replaces the state, for wrapping one state in another.
    pub fn map<U>(self, wrap: impl FnOnce(T) -> U) -> Change<U> {
        Change { next: wrap(self.next), events: self.events }
    }
}

/// Who caused a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The customer in the portal.
    Customer,
    /// Anybody: who it was is not proved, whatever name was given.
    Visitor,
    /// The tenant's own system over the API.
    Integrator,
    /// The operator of the whole installation.
    Platform,
    /// A payment provider or bank.
    Provider,
    /// A scheduled job.
    System,
}

/// By which way a customer did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// On a page of the portal.
    Page,
    /// By a program, with the customer's token.
    Api,
    /// By a personal link, without a code.
    Link,
}

/// What a change did to one field (M-44). Personal data: pages, the feed and webhooks tell it, logs never do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// The field as the API names it, for example `billing_address.city`.
    pub field: String,
    /// Before; empty when there was nothing.
    #[schema(value_type = String)]
    pub from: Pii<String>,
    /// After; empty when it was removed.
    #[schema(value_type = String)]
    pub to: Pii<String>,
}

/// One fact: timeline entry, line of the events feed and outbox record in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Who caused it.
    pub actor: Actor,
    /// When it was decided.
    pub at: Timestamp,
    /// The number of the thing it happened to, for example `RE1000`.
    pub subject: String,
    /// Further plain facts for programs; what is personal stands in `changes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(String, String)>,
    /// By which way a customer did it, where that can differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// What became of which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
}

impl Event {
    /// A fact without further details.
    pub fn new(kind: EventKind, actor: Actor, at: Timestamp, subject: impl Into<String>) -> Self {
        Self { kind, actor, at, subject: subject.into(), facts: Vec::new(), way: None, changes: Vec::new() }
    }

    /// Says by which way a customer did it.
    #[must_use]
    pub const fn by(mut self, way: Way) -> Self {
        self.way = Some(way);
        self
    }

    /// Adds what became of a field, unless it stayed as it was.
    #[must_use]
    pub fn changing(mut self, field: &str, from: impl Into<String>, to: impl Into<String>) -> Self {
        let (from, to) = (from.into(), to.into());
        if from != to {
            self.changes.push(FieldChange { field: field.to_owned(), from: from.into(), to: to.into() });
        }
        self
    }

    /// Adds a plain detail such as an amount or a reference.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.push((name.to_owned(), value.into()));
        self
    }

    /// Adds the amount it is about.
    #[must_use]
    pub fn with_amount(self, amount: Money) -> Self {
        self.with("amount", amount.to_string())
    }

    /// A detail by its name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The amount it is about, where it says one.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let (decimal, currency) = self.fact("amount")?.split_once(' ')?;
        Money::parse_decimal(decimal, currency.parse().ok()?).ok()
    }
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $audience:ident, $follow_up:ident;)*) => {
        /// Everything that can happen, by the name programs see.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventKind {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)*
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in the events feed, for example `invoice.issued`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What happened, in one sentence: for the description of the API.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),* }
            }

            /// Whose timeline it stands in.
            #[must_use]
            pub const fn audience(self) -> Audience {
                match self { $(Self::$name => Audience::$audience),* }
            }

            /// Does somebody follow it up? What wakes nobody costs nothing.
            #[must_use]
            pub const fn wakes(self) -> bool {
                match self { $(Self::$name => !matches!(FollowUp::$follow_up, FollowUp::Quiet)),* }
            }

            /// Does its mail carry a paper? Then `documents` follows it up, else `worker`.
            #[must_use]
            pub const fn needs_paper(self) -> bool {
                match self { $(Self::$name => matches!(FollowUp::$follow_up, FollowUp::Paper)),* }
            }
        }
    };
}

// The derived schema would not see the codes: they come out of a macro.
impl utoipa::PartialSchema for EventKind {
    fn schema() -> RefOr<Schema> {
        let codes =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Self::ALL.iter().map(|kind| kind.code())));
        let schema: Schema =
            codes.description(Some("Everything that can happen, by the name programs see.")).build().into();
        schema.into()
    }
}

impl utoipa::ToSchema for EventKind {}

enum FollowUp {
    Quiet,
    Wakes,
    Paper,
}

/// Whose timeline a fact belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A customer's.
    Customer,
    /// The tenant's own.
    Tenant,
}

kinds! {
    /// A tenant was set up.
    TenantCreated = "tenant.created", Tenant, Quiet;
    /// A settings area was replaced.
    SettingsChanged = "settings.changed", Tenant, Quiet;
    /// A mail was worded anew, or has its built-in words again.
    TemplateChanged = "template.changed", Tenant, Quiet;
    /// An API key was made.
    ApiKeyCreated = "api_key.created", Tenant, Quiet;
    /// An API key was revoked.
    ApiKeyRevoked = "api_key.revoked", Tenant, Quiet;
    /// Work was asked for that goes on after its answer.
    JobCreated = "job.created", Tenant, Quiet;
    /// Such work is done.
    JobDone = "job.done", Tenant, Quiet;
    /// Such work was given up; what was done stays done.
    JobFailed = "job.failed", Tenant, Quiet;
    /// A contact person was created or changed.
    ContactChanged = "contact.changed", Tenant, Quiet;
    /// A customer was loaded for the first time.
    CustomerCreated = "customer.created", Customer, Quiet;
    /// A customer's data changed.
    CustomerUpdated = "customer.updated", Customer, Quiet;
    /// A customer added a billing address.
    AddressCreated = "address.created", Customer, Quiet;
    /// A customer changed a billing address.
    AddressUpdated = "address.updated", Customer, Quiet;
    /// A customer took a billing address away.
    AddressRemoved = "address.removed", Customer, Quiet;
    /// Another billing address is used for future contracts and invoices from now on.
    AddressDefault = "address.default_changed", Customer, Quiet;
    /// A customer may or may no longer use the portal.
    CustomerAccessChanged = "customer.access_changed", Customer, Wakes;
    /// A customer logged in.
    SignedIn = "customer.signed_in", Customer, Quiet;
    /// A customer ended all sessions.
    SignedOutEverywhere = "customer.signed_out_everywhere", Customer, Quiet;
    /// A customer ended one session, of another device for instance.
    SessionEnded = "customer.session_ended", Customer, Quiet;
    /// A customer wants another login address: whoever reads mail there is asked to confirm it.
    EmailChangeRequested = "customer.email_change_requested", Customer, Wakes;
    /// A customer no longer wants another login address.
    EmailChangeWithdrawn = "customer.email_change_withdrawn", Customer, Quiet;
    /// The login address changed, confirmed by a mail to the new one; the one before is told, earlier sessions and links end.
    EmailChanged = "customer.email_changed", Customer, Wakes;
    /// Mail to an address of a customer came back for good: nothing goes there any more, and the customer is told on pages.
    EmailBounced = "customer.email_bounced", Customer, Quiet;
    /// A mail to an address of a customer was called unwanted: only what is asked for there still goes out.
    EmailComplained = "customer.email_complained", Customer, Quiet;
    /// Staff let mails go to an address of a customer again.
    EmailBounceCleared = "customer.email_bounce_cleared", Customer, Quiet;
    /// A customer asked for files: everything that is kept about it, or its documents of a period.
    ExportRequested = "export.requested", Customer, Quiet;
    /// Such files are ready to be fetched.
    ExportReady = "export.ready", Customer, Quiet;
    /// Such files could not be made.
    ExportFailed = "export.failed", Customer, Quiet;
    /// A customer wants to be erased: staff decide, and are told by mail.
    ErasureRequested = "customer.erasure_requested", Customer, Wakes;
    /// Staff had a customer erased: what must be kept stays until its time is over, everything else goes.
    ErasureStarted = "customer.erasure_started", Tenant, Quiet;
    /// A personal link was made.
    LinkCreated = "link.created", Customer, Wakes;
    /// A personal link was revoked.
    LinkRevoked = "link.revoked", Customer, Quiet;
    /// A contract was loaded for the first time.
    SubscriptionCreated = "subscription.created", Customer, Quiet;
    /// A contract's facts changed.
    SubscriptionUpdated = "subscription.updated", Customer, Quiet;
    /// A contract rests.
    SubscriptionPaused = "subscription.paused", Customer, Wakes;
    /// A contract that rested runs again.
    SubscriptionResumed = "subscription.resumed", Customer, Wakes;
    /// A contract was cancelled: it ends on a day, and the customer gets a confirmation.
    SubscriptionCancelled = "subscription.cancelled", Customer, Paper;
    /// A cancellation was taken back before its contract had ended.
    SubscriptionCancellationTakenBack = "subscription.cancellation_taken_back", Customer, Wakes;
    /// The last day of a contract is past.
    SubscriptionEnded = "subscription.ended", Customer, Quiet;
    /// A fixed term is past and the contract goes on.
    SubscriptionRenewed = "subscription.renewed", Customer, Quiet;
    /// A contract was cancelled or withdrawn from on a public page: whoever did gets a confirmation, staff decide.
    DeclarationReceived = "declaration.received", Customer, Paper;
    /// Staff answered such a declaration.
    DeclarationAnswered = "declaration.answered", Customer, Quiet;
    /// An invoice was issued.
    InvoiceIssued = "invoice.issued", Customer, Quiet;
    /// Money arrived on an invoice.
    InvoicePaid = "invoice.payment_booked", Customer, Wakes;
    /// A booked payment was taken back.
    InvoicePaymentReversed = "invoice.payment_reversed", Customer, Wakes;
    /// An invoice was cancelled.
    InvoiceCancelled = "invoice.cancelled", Customer, Wakes;
    /// A credit note took from what an invoice asks for.
    InvoiceCredited = "invoice.credited", Customer, Wakes;
    /// The dunning level of an invoice changed.
    InvoiceDunned = "invoice.dunning_level_changed", Customer, Wakes;
    /// A document beside invoices was issued.
    DocumentIssued = "document.issued", Customer, Quiet;
    /// The integrator's original file of a document arrived.
    DocumentFileStored = "document.file_stored", Customer, Quiet;
    /// A document that is only a PDF goes to its customer by mail once that is there.
    DocumentReleaseWaits = "document.release_waits", Customer, Quiet;
    /// A document goes to its customer by mail.
    DocumentReleased = "document.released", Customer, Paper;
    /// A customer accepted an offer: both sides get a confirmation.
    OfferAccepted = "offer.accepted", Customer, Paper;
    /// A customer declined an offer: likewise.
    OfferDeclined = "offer.declined", Customer, Paper;
    /// The last day of an offer that nobody answered is past.
    OfferExpired = "offer.expired", Customer, Quiet;
    /// A customer or staff wrote a comment on a document: the other side is told.
    DocumentCommented = "document.commented", Customer, Wakes;
    /// An account was opened.
    AccountOpened = "account.opened", Customer, Quiet;
    /// An account's name was changed.
    AccountUpdated = "account.updated", Customer, Quiet;
    /// A customer wants to pay; nothing has been asked of anybody yet.
    PaymentStarted = "payment.started", Customer, Quiet;
    /// The provider was asked, or a transfer is awaited.
    PaymentPending = "payment.pending", Customer, Quiet;
    /// A deposit by transfer was asked for: the customer gets the „Einzahlungsaufforderung".
    DepositRequested = "payment.deposit_requested", Customer, Paper;
    /// Money arrived and everything it settles is settled.
    PaymentSucceeded = "payment.succeeded", Customer, Paper;
    /// A payment was declined.
    PaymentFailed = "payment.failed", Customer, Wakes;
    /// The customer turned back, or the time was over.
    PaymentEnded = "payment.ended", Customer, Quiet;
    /// Money that had arrived was taken back, wholly or in part.
    PaymentReversed = "payment.reversed", Customer, Wakes;
    /// An invoice will be debited: the customer is told before.
    CollectionAnnounced = "collection.announced", Customer, Wakes;
    /// An invoice that is due is charged with what its customer keeps here.
    CollectionStarted = "collection.started", Customer, Quiet;
    /// That was declined; it is charged once more.
    CollectionFailed = "collection.failed", Customer, Wakes;
    /// It is not charged any more: the customer is asked to pay.
    CollectionGivenUp = "collection.given_up", Customer, Wakes;
    /// A customer wants to keep a way to pay; nothing has been asked of anybody yet.
    PaymentMethodStarted = "payment_method.started", Customer, Quiet;
    /// A way to pay can be used from now on.
    PaymentMethodAdded = "payment_method.added", Customer, Wakes;
    /// Keeping a way to pay was declined, given up or took too long.
    PaymentMethodFailed = "payment_method.failed", Customer, Quiet;
    /// The time of a card is over soon: its owner is told.
    PaymentMethodExpiring = "payment_method.expiring", Customer, Wakes;
    /// A way to pay is used for future contracts and invoices from now on, or none is.
    PaymentMethodDefault = "payment_method.default_changed", Customer, Quiet;
    /// A contract uses another way to pay from now on.
    PaymentMethodChosen = "payment_method.chosen", Customer, Quiet;
    /// A customer took a way to pay away.
    PaymentMethodRemoved = "payment_method.removed", Customer, Quiet;
    /// The provider or the bank ended a way to pay.
    PaymentMethodEnded = "payment_method.ended", Customer, Quiet;
    /// Money or a message arrived that nobody could be matched with; staff decide.
    PaymentUnmatched = "payment.unmatched", Tenant, Wakes;
    /// Money that nobody could book needs nobody any more: what was taken back came back.
    PaymentMatched = "payment.matched", Tenant, Quiet;
    /// At night an account did not fit its entries or its open invoices: staff find out why. It is told again each night
    /// until it is mended.
    LedgerFault = "ledger.fault", Tenant, Quiet;
    /// An address for webhooks was set up.
    EndpointCreated = "webhook_endpoint.created", Tenant, Quiet;
    /// An address for webhooks signs with another secret too; the one before is good for another day.
    EndpointRotated = "webhook_endpoint.secret_rotated", Tenant, Quiet;
    /// Nothing could be delivered to an address for webhooks for days, so nothing is tried any more.
    EndpointDisabled = "webhook_endpoint.disabled", Tenant, Wakes;
    /// An address for webhooks that was disabled is tried again.
    EndpointEnabled = "webhook_endpoint.enabled", Tenant, Quiet;
    /// An address for webhooks was taken away.
    EndpointDeleted = "webhook_endpoint.deleted", Tenant, Quiet;
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema as _;

    use super::*;

    #[test]
    fn the_schema_names_every_kind_as_programs_see_it() {
        let schema = serde_json::to_value(EventKind::schema()).unwrap();
        let written = serde_json::to_value(EventKind::ALL).unwrap();
        assert_eq!((&schema["type"], &schema["enum"]), (&serde_json::json!("string"), &written));
        assert_eq!(schema["enum"][0], "tenant.created");
    }
}
