//! Addresses that mail came back from, and whose customers are told so.
//!
//! access patterns: may an address be written to (consistent; for codes with the lookup of logins) · what a customer is told
//! · note and clear · keys: T#t#MAIL#addr / !BOUNCE, C / A#BOUNCE#hash of the address · commits: mark as seen, notices, events

use domain::{
    Event, EventKind, change::Actor, customer::EmailAddress, email_state::EmailState, id::CustomerId,
    number::CustomerNumber,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, LoginCandidate, StoreError, TenantStore,
    access::{Range, query},
    commit::Commit,
    item::{Item, KIND, Kind as _, Raw, kind, read, text},
    secret,
};

/// Most customers of one address that are told: each takes two writes of one transaction.
const MAX_TOLD: usize = 45;
/// Most addresses of one customer that a page asks about; it shows two.
const MAX_NOTICES: i32 = 10;

/// How long it is known of an address that no customer has: an erasure would never meet it.
const KNOWN_OF_NOBODY: SignedDuration = SignedDuration::from_hours(180 * 24);

/// What is known of an address. Older marks name no state: they are bounces.
#[derive(Debug, Serialize, Deserialize)]
struct Bounce {
    at: Timestamp,
    #[serde(default = "bounced")]
    state: EmailState,
}

const fn bounced() -> EmailState {
    EmailState::Bounced
}

/// What a row beside the logins of an address says of it.
pub(crate) fn known_state(raw: Raw) -> Result<Option<EmailState>, StoreError> {
    if text(&raw, KIND) != Some(Bounce::KIND) {
        return Ok(None);
    }
    Ok(Some(read::<Bounce>(raw)?.value.state))
}

/// Tells a customer's pages that one of its addresses bounced. It keeps a hash: pages know what they compare.
#[derive(Debug, Serialize, Deserialize)]
struct BounceNotice {
    address_hash: String,
    at: Timestamp,
}

kind! { Bounce = "bounce"; BounceNotice = "bounce_notice"; }

/// Which addresses of a customer bounced.
#[derive(Debug, Clone, Default)]
pub struct Undelivered(Vec<String>);

impl Undelivered {
    /// Is this one of them?
    #[must_use]
    pub fn has(&self, address: &EmailAddress) -> bool {
        let hash = hash(address);
        self.0.contains(&hash)
    }

    /// Takes a row of the customer's partition up, if it is a notice.
    pub(crate) fn note(&mut self, raw: Raw) -> Result<(), StoreError> {
        if text(&raw, KIND) == Some(BounceNotice::KIND) {
            self.0.push(read::<BounceNotice>(raw)?.value.address_hash);
        }
        Ok(())
    }
}

/// Hash of an address, as it is looked up.
fn hash(address: &EmailAddress) -> String {
    secret::hash(&address.folded())
}

/// A customer who has an address, and what for.
struct Owner {
    id: CustomerId,
    number: CustomerNumber,
    place: &'static str,
}

impl TenantStore {
    /// What is known of an address.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn email_state(&self, address: &EmailAddress) -> Result<EmailState, StoreError> {
        let found: Option<Loaded<Bounce>> = self.get(self.scope.bounce(address), true).await?;
        Ok(found.map_or(EmailState::Ok, |found| found.value.state))
    }

    /// Which addresses of a customer bounced; pages read it eventually.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn undelivered(&self, customer: &CustomerId) -> Result<Undelivered, StoreError> {
        let page = query(&self.store, Range::prefix(self.scope.c(customer), "A#BOUNCE#", MAX_NOTICES)).await?;
        let mut undelivered = Undelivered::default();
        page.items.into_iter().try_for_each(|raw| undelivered.note(raw))?;
        Ok(undelivered)
    }

    /// Notes what came back from an address, and tells those who sign in with it and the customer the mail was for. Again,
    /// or something less bad, changes nothing; answers whether something was noted.
    ///
    /// # Errors
    /// `Refused("bounce")` when somebody else noted or cleared something meanwhile.
    pub async fn note_bounce(
        &self,
        address: &EmailAddress,
        state: EmailState,
        written_to: Option<&CustomerId>,
        now: Timestamp,
    ) -> Result<bool, CommitError> {
        let seen: Option<Loaded<Bounce>> = self.get(self.scope.bounce(address), true).await?;
        if seen.as_ref().map_or(EmailState::Ok, |seen| seen.value.state) >= state {
            return Ok(false);
        }
        let seen = seen.map(|seen| seen.rev);
        let owners = self.owners_of(address, written_to).await?;
        let mark = Item::new(self.scope.bounce(address), &Bounce { at: now, state }, seen.unwrap_or(0) + 1);
        let mark = mark.map(|mark| if owners.is_empty() { mark.expiring(now + KNOWN_OF_NOBODY) } else { mark });
        let mut commit = self.commit().save("bounce", mark, seen);
        for owner in owners {
            if state == EmailState::Bounced {
                let notice = BounceNotice { address_hash: hash(address), at: now };
                let key = self.scope.bounce_notice(&owner.id, &notice.address_hash);
                commit = commit.overwrite("notice", Item::new(key, &notice, 1));
            }
            commit = commit.events(Some(&owner.id), &[owner.event(state.event(), Actor::System, now)]);
        }
        commit.run().await?;
        Ok(true)
    }

    /// Has what is known of an address end by itself, after its customer is gone; somebody else may still have it for invoices.
    pub(crate) async fn let_bounce_end<'a>(
        &self,
        commit: Commit<'a>,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Result<Commit<'a>, StoreError> {
        let seen: Option<Loaded<Bounce>> = self.get(self.scope.bounce(address), true).await?;
        let Some(Loaded { value, rev }) = seen else { return Ok(commit) };
        let mark = Item::new(self.scope.bounce(address), &value, rev + 1);
        Ok(commit.replace("bounce", mark.map(|mark| mark.expiring(now + KNOWN_OF_NOBODY)), rev))
    }

    /// Forgets what is known of an address of a customer; for everybody who has it. Without anything known nothing changes.
    ///
    /// # Errors
    /// `Refused("bounce")` when somebody else noted or cleared something meanwhile.
    pub async fn clear_bounce(
        &self,
        address: &EmailAddress,
        customer: &CustomerId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let key = self.scope.bounce(address);
        let Some(Loaded { rev, .. }) = self.get::<Bounce>(key.clone(), true).await? else { return Ok(()) };
        let mut commit = self.commit().remove("bounce", key, rev);
        for owner in self.owners_of(address, Some(customer)).await? {
            commit = commit.delete("notice", self.scope.bounce_notice(&owner.id, &hash(address)));
            commit = commit.events(Some(&owner.id), &[owner.event(EventKind::EmailBounceCleared, actor, now)]);
        }
        commit.run().await
    }

    /// Who signs in with an address, the newest of them, and the customer of a mail whose invoices go there.
    async fn owners_of(&self, address: &EmailAddress, named: Option<&CustomerId>) -> Result<Vec<Owner>, StoreError> {
        let logins = self.login_candidates(address).await?.into_iter().take(MAX_TOLD);
        let owner = |LoginCandidate { customer: id, number, .. }: LoginCandidate| Owner { id, number, place: "login" };
        let mut owners: Vec<Owner> = logins.map(owner).collect();
        let Some(named) = named.filter(|named| !owners.iter().any(|owner| owner.id == **named)) else {
            return Ok(owners);
        };
        if let Some(Loaded { value: customer, .. }) = self.customer(named).await?
            && customer.facts.invoice_email.as_ref().is_some_and(|own| own.folded() == address.folded())
        {
            owners.push(Owner { id: named.clone(), number: customer.number, place: "invoices" });
        }
        Ok(owners)
    }
}

impl Owner {
    fn event(&self, kind: EventKind, actor: Actor, now: Timestamp) -> Event {
        Event::new(kind, actor, now, self.number.as_str()).with("address", self.place)
    }
}
