//! Wishes for another login address: one of each customer, found again by the hash of the token in its mail.
//!
//! access patterns: the customer's (consistent) · token → wish (consistent) · wish, in place of an older one (rev as seen) ·
//! a token for its mail · withdraw, confirm (rev as seen; it stays until it expires) ·
//! keys: C / EMAILCHG; T#t#EMAILTOK#hash / TOKEN; ttl 24 h

use domain::{
    Event,
    change::Change,
    customer::Customer,
    email_change::EmailChange,
    id::{CustomerId, EmailChangeId},
};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Session, StoreError, TenantStore,
    item::{Item, kind},
    session::ENDED_AT_ONCE,
};

/// Which wish a token confirms.
#[derive(Debug, Serialize, Deserialize)]
struct EmailToken {
    customer: CustomerId,
    wish: EmailChangeId,
}

kind! { EmailChange = "email_change"; EmailToken = "email_token"; }

impl TenantStore {
    /// The customer's wish, expired, confirmed or neither.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn email_change(&self, customer: &CustomerId) -> Result<Option<Loaded<EmailChange>>, StoreError> {
        self.get(self.scope.email_change(customer), true).await
    }

    /// The wish that a token confirms, or has confirmed; none once it was withdrawn, or another one took its place.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn email_change_of_token(&self, token_hash: &str) -> Result<Option<Loaded<EmailChange>>, StoreError> {
        let token: Option<Loaded<EmailToken>> = self.get(self.scope.email_token(token_hash), true).await?;
        let Some(EmailToken { customer, wish }) = token.map(|loaded| loaded.value) else { return Ok(None) };
        Ok(self.email_change(&customer).await?.filter(|found| found.value.id == wish))
    }

    /// Keeps a wish in place of the one that was seen.
    ///
    /// # Errors
    /// `Refused("email_change")` when there is another one meanwhile.
    pub async fn ask_email_change(&self, change: &Change<EmailChange>, seen: Option<u64>) -> Result<(), CommitError> {
        let wish = change.next();
        let item = Item::new(self.scope.email_change(&wish.customer), wish, seen.unwrap_or(0) + 1);
        let item = item.map(|item| item.expiring(wish.expires_at));
        self.commit().save("email_change", item, seen).events(Some(&wish.customer), change.events()).run().await
    }

    /// Gives a wish a token for its mail; each try of the mail has its own.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn add_email_token(&self, token_hash: &str, wish: &EmailChange) -> Result<(), CommitError> {
        let token = EmailToken { customer: wish.customer.clone(), wish: wish.id.clone() };
        let item = Item::new(self.scope.email_token(token_hash), &token, 1).map(|item| item.expiring(wish.expires_at));
        self.commit().create("email_token", item).run().await
    }

    /// Forgets a wish, and says so.
    ///
    /// # Errors
    /// `Refused("email_change")` when it was confirmed or replaced meanwhile.
    pub async fn withdraw_email_change(&self, seen: &Loaded<EmailChange>, because: Event) -> Result<(), CommitError> {
        let customer = &seen.value.customer;
        let commit = self.commit().remove("email_change", self.scope.email_change(customer), seen.rev);
        commit.events(Some(customer), std::slice::from_ref(&because)).run().await
    }

    /// Changes the login address as a confirmed wish says, once, and ends these sessions with it. What one transaction cannot
    /// end, and what began while it ran, is for [`Self::end_other_sessions`].
    ///
    /// # Errors
    /// `Refused("email_change")` when the wish is not as it was seen, `Refused("customer")` when somebody else changed the
    /// customer meanwhile.
    pub async fn confirm_email_change(
        &self,
        (wish, seen): (&EmailChange, u64),
        person: &Loaded<Customer>,
        change: &Change<Customer>,
        ended: &[Session],
    ) -> Result<(), CommitError> {
        let customer = &wish.customer;
        let item = Item::new(self.scope.email_change(customer), wish, seen + 1);
        let item = item.map(|item| item.expiring(wish.expires_at));
        let commit = self.updating(customer, person, change).replace("email_change", item, seen);
        let at_once = ended.get(..ENDED_AT_ONCE).unwrap_or(ended);
        self.ending(commit, customer, at_once).run().await
    }
}
