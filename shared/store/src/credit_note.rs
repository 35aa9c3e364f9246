//! Credit notes: documents that move money, so body, row, entries and the invoice they correct are written at once.
//!
//! access patterns: issue · shares in an invoice (with its document) ·
//! keys: as `document`, `account` and `invoice`; T#t#DOC#invoice#number / CREDIT#credit note

use domain::{
    Event, EventKind,
    change::{Actor, Change},
    document::CreditIssue,
    invoice::CreditShare,
};
use jiff::Timestamp;

use crate::{CommitError, DocumentBody, TenantStore, item::Item};

/// What a credit note was decided from.
#[derive(Debug, Clone, Copy)]
pub struct CreditSeen {
    /// Revision of the account; none while it is to be opened.
    pub account: Option<u64>,
    /// Revision of the invoice's row, where it corrects one.
    pub invoice: Option<u64>,
}

impl TenantStore {
    /// Issues a credit note.
    ///
    /// # Errors
    /// `Refused("body")` when the number is taken, `Refused("account")` or `Refused("row")` when somebody else posted
    /// meanwhile.
    pub async fn issue_credit_note(
        &self,
        body: &DocumentBody,
        seen: CreditSeen,
        change: &Change<CreditIssue>,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let (customer, CreditIssue { row, credited }) = (&body.customer, change.next());
        let account = &credited.account;
        let commit = self.put_document(self.commit(), body, row);
        let mut commit = self.put_account(commit, customer, account, seen.account);
        if seen.account.is_none() {
            let opened = Event::new(EventKind::AccountOpened, Actor::System, now, account.number.as_str());
            commit = commit.events(Some(customer), &[opened]);
        }
        for entry in &credited.entries {
            commit = self.put_entry(commit, &account.number, entry);
        }
        if let (Some((row, share)), Some(rev)) = (&credited.invoice, seen.invoice) {
            let key = self.scope.document_part(&row.number, &share_part(share));
            commit = commit
                .replace("row", self.row_item(customer, row, rev + 1), rev)
                .create("share", Item::new(key, share, 1));
        }
        commit.events(Some(customer), change.events()).run().await
    }
}

fn share_part(share: &CreditShare) -> String {
    format!("CREDIT#{}", share.credit_note.slug())
}
