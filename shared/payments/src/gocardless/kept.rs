//! Mandates as GoCardless keeps them, with the account that is debited and whom the money is for.

use domain::payment_method::{Shown, Token};
use serde::Deserialize;

use super::{
    GoCardless, unreadable,
    wire::{MAX_WORD, Metadata, Resource, is_word},
};
use crate::{Kept, Unknown, Unreadable};

/// A mandate may have been replaced, and the one that replaced it.
const MAX_REPLACED: usize = 5;

#[derive(Debug, Deserialize)]
pub(super) struct Mandate {
    pub(super) id: String,
    status: String,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
    pub(super) links: MandateLinks,
}

#[derive(Debug, Deserialize)]
pub(super) struct MandateLinks {
    #[serde(default)]
    pub(super) creditor: Option<String>,
    #[serde(default)]
    pub(super) customer: Option<String>,
    #[serde(default)]
    pub(super) customer_bank_account: Option<String>,
    /// Of one that was replaced.
    #[serde(default)]
    pub(super) new_mandate: Option<String>,
}

/// What a mandate's status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A second person has to sign.
    Waiting,
    /// Payments may be made. The bank may still turn it down, which is said later.
    Chargeable,
    /// It is over.
    Over,
}

impl Resource for Mandate {
    const KIND: &'static str = "mandates";
    const PAGE: usize = 100;
}

impl Mandate {
    pub(super) fn standing(&self) -> Result<Standing, Unreadable> {
        match self.status.as_str() {
            "pending_customer_approval" => Ok(Standing::Waiting),
            "pending_submission" | "submitted" | "active" => Ok(Standing::Chargeable),
            "failed" | "cancelled" | "expired" | "consumed" | "blocked" | "suspended_by_payer" => Ok(Standing::Over),
            _ => Err(Unreadable),
        }
    }

    /// What the bank statement shows.
    pub(super) fn reference(&self) -> Result<String, Unreadable> {
        Ok(self.reference.as_deref().ok_or(Unreadable)?.chars().take(MAX_WORD).collect())
    }

    pub(super) fn token(&self) -> Result<Token, Unreadable> {
        let customer = self.links.customer.clone().filter(|id| is_word(id));
        if is_word(&self.id) { Ok(Token { customer, method: self.id.clone() }) } else { Err(Unreadable) }
    }
}

/// A customer's bank account. Of an IBAN only the last two digits are shown.
#[derive(Debug, Deserialize)]
pub(super) struct BankAccount {
    account_number_ending: String,
    #[serde(default)]
    bank_name: Option<String>,
}

impl Resource for BankAccount {
    const KIND: &'static str = "customer_bank_accounts";
    const PAGE: usize = 100;
}

impl BankAccount {
    pub(super) fn ending(&self) -> Result<String, Unreadable> {
        if is_word(&self.account_number_ending) { Ok(self.account_number_ending.clone()) } else { Err(Unreadable) }
    }

    pub(super) fn bank(&self) -> String {
        self.bank_name.as_deref().unwrap_or_default().chars().take(MAX_WORD).collect()
    }
}

/// Whom the money is for.
#[derive(Debug, Deserialize)]
pub(super) struct Creditor {
    pub(super) id: String,
    #[serde(default)]
    scheme_identifiers: Vec<SchemeIdentifier>,
}

#[derive(Debug, Deserialize)]
struct SchemeIdentifier {
    #[serde(default)]
    scheme: Option<String>,
    #[serde(default)]
    reference: Option<String>,
}

impl Resource for Creditor {
    const KIND: &'static str = "creditors";
    const PAGE: usize = 25;
}

impl Creditor {
    /// „Gläubiger-Identifikationsnummer". The scheme is called `sepa` here and `sepa_core` elsewhere.
    pub(super) fn sepa_identifier(&self) -> Option<String> {
        let is_sepa = |one: &&SchemeIdentifier| matches!(one.scheme.as_deref(), Some("sepa" | "sepa_core"));
        let found = self.scheme_identifiers.iter().filter(is_sepa).find_map(|one| one.reference.as_deref());
        found.map(|reference| reference.chars().take(MAX_WORD).collect())
    }
}

impl GoCardless {
    /// What became of a mandate that a customer has given.
    pub(super) async fn kept(&self, id: &str) -> Result<Kept, Unknown> {
        let mut mandate: Mandate = self.known(id).await?;
        for _ in 0..MAX_REPLACED {
            // The bank's or GoCardless's own business: the customer has not given a new one.
            let Some(new) = mandate.links.new_mandate.take() else { break };
            mandate = self.known(&new).await?;
        }
        match mandate.standing().map_err(unreadable)? {
            Standing::Waiting => return Ok(Kept::Pending),
            Standing::Over => return Ok(Kept::Gone),
            Standing::Chargeable => {}
        }
        let account = mandate.links.customer_bank_account.as_deref().ok_or(Unknown::Unreadable)?;
        let account: BankAccount = self.known(account).await?;
        let creditor: Option<Creditor> = match mandate.links.creditor.as_deref() {
            Some(id) => self.get(id).await?,
            None => None,
        };
        let shown = Shown::Account {
            last4: account.ending().map_err(unreadable)?,
            bank: account.bank(),
            mandate: mandate.reference().map_err(unreadable)?,
            creditor: creditor.and_then(|creditor| creditor.sepa_identifier()),
        };
        Ok(Kept::Saved { token: mandate.token().map_err(unreadable)?, shown })
    }
}
