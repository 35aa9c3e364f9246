//! Every key there is. A part never contains `#`: ids and slugs cannot, and other text is hashed or folded first.

use domain::{
    customer::EmailAddress,
    document::DocumentType,
    id::{
        AddressId, ApiKeyId, CancellationId, CommentId, CustomerId, DeclarationId, DeliveryId, EndpointId, EventId,
        JobId, LinkId, PaymentId,
    },
    mail_template::TemplateName,
    number::{AccountNumber, ContactNumber, CustomerNumber, DocumentNumber, InvoiceNumber, SubscriptionNumber},
    payment::ProviderName,
    payment_method::MethodName,
};
use jiff::{Timestamp, civil::Date};

use crate::{DocumentRef, Reader, Sought, TenantScope};

/// Where the names of links begin below their customer.
pub(crate) const LINKS: &str = "LINK#";

/// Primary key of one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// The only keys without a tenant; the directory alone names them.
pub(crate) mod global {
    use super::{ApiKeyId, Key, key};
    use domain::id::TenantId;

    pub(crate) fn host(host: &str) -> Key {
        key(format!("HOST#{host}"), "HOST")
    }
    pub(crate) fn registry_pk() -> String {
        "TENANTS".into()
    }
    pub(crate) fn registry(tenant: &TenantId) -> Key {
        key(registry_pk(), tenant.as_str())
    }
    pub(crate) fn platform_key(id: &ApiKeyId) -> Key {
        key("PLATFORM".into(), format!("KEY#{id}"))
    }
    pub(crate) fn signing_key(kid: &str) -> Key {
        key("PLATFORM".into(), format!("SIGN#{kid}"))
    }
    pub(crate) fn warm() -> Key {
        key("WARM".into(), "WARM")
    }
}

/// Digits of a sequence number, so that text sorts like numbers.
pub(crate) fn padded(seq: u64) -> String {
    format!("{seq:012}")
}

impl TenantScope {
    fn t(&self) -> String {
        format!("T#{}", self.id())
    }

    pub(crate) fn c(&self, customer: &CustomerId) -> String {
        format!("{}#C#{customer}", self.t())
    }

    pub(crate) fn setting(&self, area: &str) -> Key {
        key(self.t(), format!("SET#{area}"))
    }
    pub(crate) fn setting_version(&self, area: &str, rev: u64) -> Key {
        key(self.t(), format!("SETV#{area}#{}", padded(rev)))
    }
    pub(crate) fn templates(&self) -> String {
        self.t()
    }
    pub(crate) fn template(&self, name: TemplateName) -> Key {
        key(self.templates(), format!("TPL#{}#{}", name.mail.code(), name.language.code()))
    }
    /// Where the key of every version begins.
    pub(crate) fn template_versions(&self, name: TemplateName) -> Key {
        key(self.templates(), format!("TPLV#{}#{}#", name.mail.code(), name.language.code()))
    }
    pub(crate) fn template_version(&self, name: TemplateName, number: u64) -> Key {
        let Key { pk, sk } = self.template_versions(name);
        key(pk, format!("{sk}{}", padded(number)))
    }
    pub(crate) fn api_keys(&self) -> String {
        format!("{}#KEY", self.t())
    }
    pub(crate) fn api_key(&self, id: &ApiKeyId) -> Key {
        key(self.api_keys(), id.as_str())
    }

    pub(crate) fn customer_numbers(&self) -> String {
        format!("{}#NUM#C", self.t())
    }
    pub(crate) fn customer_number(&self, number: &CustomerNumber) -> Key {
        key(self.customer_numbers(), number.slug())
    }
    pub(crate) fn account_numbers(&self) -> String {
        format!("{}#NUM#ACC", self.t())
    }
    pub(crate) fn account_number(&self, number: &AccountNumber) -> Key {
        key(self.account_numbers(), number.slug())
    }
    pub(crate) fn profile(&self, customer: &CustomerId) -> Key {
        key(self.c(customer), "A#PROFILE")
    }
    pub(crate) fn account(&self, customer: &CustomerId, number: &AccountNumber) -> Key {
        key(self.c(customer), format!("A#ACC#{}", number.slug()))
    }
    pub(crate) fn subscription(&self, customer: &CustomerId, number: &SubscriptionNumber) -> Key {
        key(self.c(customer), format!("A#SUB#{}", number.slug()))
    }
    pub(crate) fn address(&self, customer: &CustomerId, id: &AddressId) -> Key {
        key(self.c(customer), format!("A#ADDR#{id}"))
    }
    /// Says for a while that one was taken away.
    pub(crate) fn address_removed(&self, customer: &CustomerId, id: &AddressId) -> Key {
        key(self.c(customer), format!("ADDR#{id}"))
    }
    /// How many there are.
    pub(crate) fn address_count(&self, customer: &CustomerId) -> Key {
        key(self.c(customer), "ADDRS")
    }
    pub(crate) fn session(&self, customer: &CustomerId, sid_hash: &str) -> Key {
        key(self.c(customer), format!("SESS#{sid_hash}"))
    }
    pub(crate) fn contact_pk(&self) -> String {
        format!("{}#CONTACT", self.t())
    }
    pub(crate) fn contact(&self, number: &ContactNumber) -> Key {
        key(self.contact_pk(), number.slug())
    }

    pub(crate) fn mail(&self, address: &EmailAddress) -> String {
        format!("{}#MAIL#{}", self.t(), domain::number::slug(&address.folded()))
    }
    pub(crate) fn mail_lookup(&self, address: &EmailAddress, created: Timestamp, customer: &CustomerId) -> Key {
        key(self.mail(address), format!("{}#{customer}", instant(created)))
    }

    /// Sorts before every login.
    pub(crate) fn bounce(&self, address: &EmailAddress) -> Key {
        key(self.mail(address), "!BOUNCE")
    }

    /// Tells one of its owners about that.
    pub(crate) fn bounce_notice(&self, customer: &CustomerId, address_hash: &str) -> Key {
        key(self.c(customer), format!("A#BOUNCE#{address_hash}"))
    }

    /// The one wish of a customer for another login address.
    pub(crate) fn email_change(&self, customer: &CustomerId) -> Key {
        key(self.c(customer), "EMAILCHG")
    }
    /// What confirms one, by the hash of the token in its mail.
    pub(crate) fn email_token(&self, token_hash: &str) -> Key {
        key(format!("{}#EMAILTOK#{token_hash}", self.t()), "TOKEN")
    }

    pub(crate) fn challenge(&self, id_hash: &str) -> Key {
        key(format!("{}#OTP#{id_hash}", self.t()), "CH")
    }
    pub(crate) fn budget(&self, what: &str, subject_hash: &str, window: &str) -> Key {
        key(format!("{}#RATE#{what}#{subject_hash}", self.t()), window)
    }
    pub(crate) fn link(&self, token_hash: &str) -> Key {
        key(format!("{}#LINK#{token_hash}", self.t()), "LINK")
    }
    pub(crate) fn link_name(&self, customer: &CustomerId, id: &LinkId) -> Key {
        key(self.c(customer), format!("{LINKS}{id}"))
    }

    pub(crate) fn invoice_row(&self, customer: &CustomerId, issued_on: Date, number: &InvoiceNumber) -> Key {
        key(self.c(customer), format!("INV#{issued_on}#{}", number.slug()))
    }
    pub(crate) fn collection(&self, customer: &CustomerId, number: &InvoiceNumber) -> Key {
        key(self.c(customer), format!("COL#{}", number.slug()))
    }
    pub(crate) fn invoices_of_subscription(&self, customer: &CustomerId, number: &SubscriptionNumber) -> String {
        format!("{}#SUB#{}", self.c(customer), number.slug())
    }
    pub(crate) fn open_items(&self, customer: &CustomerId) -> String {
        format!("{}#OPEN", self.c(customer))
    }
    pub(crate) fn document_row(&self, customer: &CustomerId, issued_on: Date, document: &DocumentRef) -> Key {
        key(self.c(customer), format!("DOC#{issued_on}#{}#{}", document.kind.code(), document.slug))
    }
    /// Credit notes of one customer.
    pub(crate) fn credit_notes(&self, customer: &CustomerId) -> String {
        format!("{}#DOC#{}", self.c(customer), DocumentType::CreditNote.code())
    }
    pub(crate) fn document(&self, document: &DocumentRef) -> String {
        format!("{}#DOC#{}#{}", self.t(), document.kind.code(), document.slug)
    }
    pub(crate) fn document_part(&self, document: impl Into<DocumentRef>, part: &str) -> Key {
        key(self.document(&document.into()), part)
    }
    pub(crate) fn documents_of_month(&self, kind: DocumentType, issued_on: Date) -> String {
        format!("{}#LIST#DOC#{}#{:04}-{:02}", self.t(), kind.code(), issued_on.year(), issued_on.month())
    }

    /// The partition of a document whose number stands in an event.
    pub(crate) fn document_of(&self, document: DocumentType, number: &str) -> String {
        format!("{}#DOC#{}#{}", self.t(), document.code(), domain::number::slug(number))
    }
    /// Says that a document went to its customer by mail.
    pub(crate) fn released(&self, document: DocumentType, number: &str) -> Key {
        key(self.document_of(document, number), "RELEASED")
    }
    pub(crate) fn comment(&self, document: DocumentType, number: &str, id: &CommentId) -> Key {
        key(self.document_of(document, number), format!("CM#{id}"))
    }
    /// How many there are.
    pub(crate) fn comment_count(&self, document: DocumentType, number: &str) -> Key {
        key(self.document_of(document, number), "COMMENTS")
    }

    pub(crate) fn entries(&self, account: &AccountNumber) -> String {
        format!("{}#L#{}", self.t(), account.slug())
    }
    pub(crate) fn entry(&self, account: &AccountNumber, seq: u64) -> Key {
        key(self.entries(account), format!("E#{}", padded(seq)))
    }
    pub(crate) fn reference(&self, kind: &str, value: &str) -> Key {
        key(format!("{}#REF#{kind}#{}", self.t(), domain::number::slug(value)), "REF")
    }

    pub(crate) fn claim(&self, customer: &CustomerId, account: &AccountNumber) -> Key {
        key(self.c(customer), format!("CLAIM#{}", account.slug()))
    }
    /// One that pages show, or that is waited for: it is read with everything below `A#`.
    pub(crate) fn payment_method(&self, name: &MethodName) -> Key {
        key(self.c(&name.customer), format!("A#PM#{}", name.id))
    }
    /// One that came to nothing, or that the customer took away: no page needs it.
    pub(crate) fn payment_method_over(&self, name: &MethodName) -> Key {
        key(self.c(&name.customer), format!("PM#{}", name.id))
    }
    pub(crate) fn method_reference(&self, provider: ProviderName, token: &str) -> Key {
        self.reference("method", &format!("{}:{token}", provider.code()))
    }

    pub(crate) fn payment(&self, id: &PaymentId) -> Key {
        key(format!("{}#P#{id}", self.t()), "INTENT")
    }
    /// Which payment lies at a key, if one does.
    pub(crate) fn payment_at(&self, key: &Key) -> Option<PaymentId> {
        let id = key.pk.strip_prefix(&format!("{}#P#", self.t()))?.parse().ok()?;
        (self.payment(&id) == *key).then_some(id)
    }
    pub(crate) fn payment_file(&self, id: &PaymentId, paper: &str, version: &str) -> Key {
        key(self.payment(id).pk, format!("FILE#{paper}#{version}"))
    }
    /// Money for staff, in the order in which it came.
    pub(crate) fn stray(&self, at: Timestamp, kind: &str, value: &str) -> Key {
        key(format!("{}#STRAY", self.t()), format!("{}#{kind}#{}", instant(at), domain::number::slug(value)))
    }
    pub(crate) fn unmatched(&self) -> String {
        format!("{}#UNMATCHED", self.t())
    }
    /// Entries of bank statements on an account of ours.
    pub(crate) fn bank(&self, iban: &str) -> String {
        format!("{}#BANK#{}", self.t(), domain::number::slug(iban))
    }
    pub(crate) fn bank_entry(&self, iban: &str, place: &str) -> Key {
        key(self.bank(iban), place)
    }
    pub(crate) fn bank_books(&self, iban: &str) -> Key {
        key(self.bank(iban), "BOOKS")
    }
    pub(crate) fn bank_references(&self, hash: &str) -> String {
        format!("{}#BANKREF#{hash}", self.t())
    }
    pub(crate) fn payers(&self, iban: &str) -> String {
        format!("{}#PIBAN#{}", self.t(), domain::number::slug(iban))
    }
    pub(crate) fn payer(&self, iban: &str, customer: &CustomerId) -> Key {
        key(self.payers(iban), customer.as_str())
    }
    /// Says that an entry of a bank statement was booked for a customer.
    pub(crate) fn own_bank_entry(&self, customer: &CustomerId, entry: &str) -> Key {
        key(self.c(customer), format!("BANK#{}", domain::number::slug(entry)))
    }
    pub(crate) fn payments_of(&self, customer: &CustomerId) -> String {
        format!("{}#PAY", self.c(customer))
    }

    /// What programs of a customer were answered.
    pub(crate) fn key_uses(&self, principal: &CustomerId) -> String {
        format!("{}#IDEM#{principal}", self.t())
    }
    pub(crate) fn idempotency(&self, principal: &CustomerId, key_sent: &str) -> Key {
        key(self.key_uses(principal), domain::number::slug(key_sent))
    }

    /// Messages of a provider, in the order in which they came.
    pub(crate) fn hook_in(&self, provider: &str, place: &str) -> Key {
        key(format!("{}#HOOKIN#{provider}", self.t()), place)
    }
    pub(crate) fn hooks_to_replay(&self) -> String {
        format!("{}#HOOKINQ", self.t())
    }
    /// What a provider named that is to be looked up.
    pub(crate) fn look_up(&self, provider: ProviderName, sought: &Sought) -> Key {
        key(format!("{}#LOOKUP#{}", self.t(), provider.code()), sought.place())
    }
    pub(crate) fn endpoints(&self) -> String {
        format!("{}#HOOK", self.t())
    }
    pub(crate) fn endpoint(&self, id: &EndpointId) -> Key {
        key(self.endpoints(), id.as_str())
    }
    pub(crate) fn deliveries(&self, endpoint: &EndpointId) -> String {
        format!("{}#{endpoint}", self.endpoints())
    }
    pub(crate) fn delivery(&self, endpoint: &EndpointId, id: &DeliveryId) -> Key {
        key(self.deliveries(endpoint), id.as_str())
    }
    /// Deliveries of one endpoint that are to be tried, by their time.
    pub(crate) fn deliveries_due(&self, endpoint: &EndpointId) -> String {
        format!("{}#DUE", self.deliveries(endpoint))
    }

    /// Declarations in the order in which they came.
    pub(crate) fn declarations(&self) -> String {
        format!("{}#DECL", self.t())
    }
    pub(crate) fn declaration(&self, id: &DeclarationId) -> Key {
        key(self.declarations(), id.as_str())
    }
    /// Those that staff have not answered.
    pub(crate) fn declarations_open(&self) -> String {
        format!("{}#DECLQ", self.t())
    }
    /// A form that was sent, by the hash of the token that its number and content make.
    pub(crate) fn declaration_form(&self, hash: &str) -> Key {
        key(format!("{}#DECLF#{hash}", self.t()), "FORM")
    }
    /// What belongs to one cancellation of a contract: its paper.
    pub(crate) fn cancellation_part(&self, customer: &CustomerId, id: &CancellationId, part: &str) -> Key {
        key(self.c(customer), format!("CNL#{id}#{part}"))
    }
    /// What belongs to the answer to an offer: its paper. It lies apart from the offer's own files.
    pub(crate) fn answer_part(&self, customer: &CustomerId, offer: &DocumentNumber, part: &str) -> Key {
        key(self.c(customer), format!("ANSWER#{}#{part}", offer.slug()))
    }
    /// What belongs to one declaration: its paper, its mail.
    pub(crate) fn declaration_part(&self, id: &DeclarationId, part: &str) -> Key {
        key(format!("{}#{id}", self.declarations()), part)
    }

    pub(crate) fn job(&self, id: &JobId) -> Key {
        key(format!("{}#JOB#{id}", self.t()), "JOB")
    }
    /// Says that a check of the ledger told staff of an account.
    pub(crate) fn ledger_fault(&self, check: &JobId, account: &AccountNumber) -> Key {
        key(self.job(check).pk, format!("FAULT#{}", account.slug()))
    }
    /// Which job of a kind was asked for last.
    pub(crate) fn last_job(&self, kind: &str) -> Key {
        key(format!("{}#RUN#{kind}", self.t()), "LAST")
    }
    /// The same of a kind that each customer has for itself.
    pub(crate) fn last_job_of(&self, customer: &CustomerId, kind: &str) -> Key {
        key(self.c(customer), format!("JOB#{kind}"))
    }

    /// A customer's wish to be erased.
    pub(crate) fn erasure_request(&self, customer: &CustomerId) -> Key {
        key(self.c(customer), "ERASURE")
    }
    /// Customers that were erased.
    pub(crate) fn tombstones(&self) -> String {
        format!("{}#GONE", self.t())
    }
    pub(crate) fn tombstone(&self, customer: &CustomerId) -> Key {
        key(self.tombstones(), customer.as_str())
    }

    pub(crate) fn sandbox_secret(&self) -> Key {
        key(format!("{}#SBX", self.t()), "SECRET")
    }
    pub(crate) fn sandbox_checkout(&self, id: &str) -> Key {
        key(format!("{}#SBX#{}", self.t(), domain::number::slug(id)), "CHECKOUT")
    }

    pub(crate) fn sandbox_method(&self, id: &str) -> Key {
        key(format!("{}#SBX#{}", self.t(), domain::number::slug(id)), "METHOD")
    }

    pub(crate) fn customer_event(&self, customer: &CustomerId, id: &EventId) -> Key {
        key(self.c(customer), format!("EVT#{id}"))
    }
    pub(crate) fn tenant_event(&self, id: &EventId) -> Key {
        key(format!("{}#SYS", self.t()), format!("EVT#{id}"))
    }
    pub(crate) fn out_mail(&self, customer: &CustomerId, event: &EventId, mail: &str) -> Key {
        key(self.c(customer), format!("OUT#{event}#{mail}"))
    }
    pub(crate) fn events_of_day(&self, day: Date, shard: u8) -> String {
        format!("{}#EVT#{day}#{shard}", self.t())
    }
    pub(crate) fn due(&self) -> String {
        self.due_of(Reader::Worker)
    }
    /// What one reader of the stream has to do.
    pub(crate) fn due_of(&self, reader: Reader) -> String {
        match reader {
            Reader::Worker => format!("{}#DUE", self.t()),
            Reader::Documents => format!("{}#DUE#documents", self.t()),
            Reader::Hooks => format!("{}#DUE#hooks", self.t()),
        }
    }
    /// Sort key in DUE: when, and whose turn it is.
    pub(crate) fn due_at(at: Timestamp, key: &Key) -> String {
        format!("{}#{}#{}", instant(at), key.pk, key.sk)
    }

    pub(crate) fn all(&self, what: &str) -> String {
        format!("{}#LIST#{what}", self.t())
    }
}

/// An instant that sorts as text: UTC, whole seconds and milliseconds, always the same length.
pub(crate) fn instant(at: Timestamp) -> String {
    let local = at.to_zoned(jiff::tz::TimeZone::UTC);
    local.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_sort_as_text() {
        let at = |text: &str| instant(text.parse().unwrap());
        assert_eq!(at("2026-11-05T06:12:00Z"), "2026-11-05T06:12:00.000Z");
        assert!(at("2026-11-05T06:12:00.5Z") > at("2026-11-05T06:12:00Z"));
    }

    #[test]
    fn a_separator_in_a_number_cannot_leave_its_part() {
        let number: InvoiceNumber = "RE#1/2".parse().unwrap();
        let scope = TenantScope::for_key_tests();
        assert_eq!(scope.document(&(&number).into()).matches('#').count(), "T#t#DOC#invoice#n".matches('#').count());
    }
}
