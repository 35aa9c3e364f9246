//! What an operator decides about login, areas and words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::FieldErrors;

/// What is answered to an address no customer has (M-39).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownEmail {
    /// The page stays neutral; the error message goes to that address.
    #[default]
    ByEmail,
    /// The page says so.
    OnPage,
}

/// Who is logged in when customers share an address (M-40).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharedEmail {
    /// A chooser after the code, newest first.
    #[default]
    Choose,
    /// The most recently created one.
    Newest,
}

/// Rules of the login.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// See [`UnknownEmail`].
    pub unknown_email: UnknownEmail,
    /// See [`SharedEmail`].
    pub shared_email: SharedEmail,
    /// Where new customers go (M-33): an https address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signup_url: Option<String>,
    /// May new customers use the portal (M-93)? On unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_for_new_customers: Option<bool>,
}

impl Login {
    /// Checks the address.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if let Some(url) = &self.signup_url {
            let host = url.strip_prefix("https://").unwrap_or_default();
            let fits = url.len() <= 500
                && host.contains('.')
                && !url.chars().any(|c| c.is_whitespace() || c.is_control() || "\"'<>".contains(c));
            errors.require(fits, "signup_url", "invalid", "must be an https address of at most 500 characters");
        }
        errors.into_result()
    }

    /// May customers that are loaded from now on use the portal?
    #[must_use]
    pub fn new_customers_have_access(&self) -> bool {
        self.access_for_new_customers.unwrap_or(true)
    }
}

/// A part of the portal that can be switched off or made read-only (M-73, M-83).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// „Kundendaten".
    Data,
    /// „Rechnungsadresse verwalten": further billing addresses, and which of them is the default (M-78).
    BillingAddresses,
    /// „Ansprechpartner anzeigen".
    Contact,
    /// „Abonnements einsehen".
    Contracts,
    /// „Rechnungen anzeigen".
    Invoices,
    /// „Dokumente": credit notes, dunning letters, offers, delivery notes, confirmations.
    Documents,
    /// „Konten".
    Accounts,
    /// „Zahlungsmethoden".
    PaymentMethods,
    /// „Prepaid-Konto aufladen" and „Rechnungen ausgleichen": on or off.
    Payments,
    /// „Abonnements kündigen", by whoever is signed in: on or off.
    Cancel,
    /// „Kündigung zurücknehmen": on or off.
    TakeBack,
    /// Pausing and resuming: on or off.
    Pause,
    /// „Verträge hier kündigen" and „Vertrag widerrufen", for everybody: on or off. Only tenants without consumers may
    /// do without them (§§ 312k, 356a BGB).
    Declarations,
}

impl Area {
    /// All areas, in the order of the menu.
    pub const ALL: [Self; 13] = [
        Self::Data,
        Self::BillingAddresses,
        Self::Contact,
        Self::Contracts,
        Self::Cancel,
        Self::TakeBack,
        Self::Pause,
        Self::Invoices,
        Self::Documents,
        Self::Accounts,
        Self::PaymentMethods,
        Self::Payments,
        Self::Declarations,
    ];
}

/// How far an area is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Not at all: no menu entry, 404.
    Off,
    /// May be looked at.
    View,
    /// May be changed.
    Change,
}

/// The switches of all areas; what is not set has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Areas(pub BTreeMap<Area, Right>);

impl Areas {
    /// How far an area is open. Unless switched customers change their data, addresses and payment methods, pay, cancel and
    /// declare; pausing is off, and everything else is on view.
    #[must_use]
    pub fn right(&self, area: Area) -> Right {
        let unset = match area {
            Area::Data
            | Area::BillingAddresses
            | Area::Cancel
            | Area::TakeBack
            | Area::Payments
            | Area::PaymentMethods
            | Area::Declarations => Right::Change,
            Area::Contact | Area::Contracts | Area::Invoices | Area::Documents | Area::Accounts => Right::View,
            Area::Pause => Right::Off,
        };
        self.0.get(&area).copied().unwrap_or(unset)
    }

    /// Every area with the right that holds, whether it was set or not.
    #[must_use]
    pub fn all(&self) -> Self {
        Self(Area::ALL.iter().map(|area| (*area, self.right(*area))).collect())
    }
}

/// When a contract ends that a customer cancels in its trial (M-84).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialRule {
    /// „Abonnement zum Zeitpunkt der Kündigung beenden".
    AtOnce,
    /// „Abonnement zum Ende der Testphase beenden": the cancellation is noted.
    #[default]
    EndOfTrial,
}

/// Rules of contracts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ContractRules)]
pub struct Contracts {
    /// „Verhalten bei Kündigung während Testphase"; for cancellations by customers (M-85).
    pub cancel_in_trial: TrialRule,
}

/// The operator's word for a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractWord {
    /// „Vertrag".
    #[default]
    Contract,
    /// „Abonnement".
    Subscription,
}
