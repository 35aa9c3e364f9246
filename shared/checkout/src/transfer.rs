//! What a transfer must say so that the money finds its way: holder, IBAN, amount, reference and GiroCode (B-03).

use domain::{
    Money,
    deposit::DepositNumber,
    girocode::{self, Remittance},
    payment::Payment,
};
use serde::{Deserialize, Serialize};
use store::{Tenant, secret};

/// A transfer to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Transfer {
    /// „Kontoinhaber", exactly as the bank knows it (Verification of Payee).
    pub account_holder: String,
    /// Without spaces.
    pub iban: String,
    /// May be empty.
    pub bic: String,
    /// „Kreditinstitut", may be empty.
    pub bank: String,
    /// How much.
    pub amount: Money,
    /// „Verwendungszweck": the reference of ISO 11649 (`RF…`).
    pub reference: String,
    /// The digits inside the reference, which are enough.
    pub deposit: String,
    /// Payload of the GiroCode; none in a sandbox (scanned it would move real money) and in other currencies than EUR.
    pub giro_code: Option<String>,
    /// The GiroCode as a picture for `<img>`.
    #[serde(skip)]
    pub picture: Option<String>,
}

impl Transfer {
    /// What the payer of this payment enters; none without a bank account or deposit number.
    #[must_use]
    pub fn of(tenant: &Tenant, payment: &Payment) -> Option<Self> {
        let account = tenant.settings.company.bank.as_ref()?;
        let number: DepositNumber = payment.deposit.as_deref()?.parse().ok()?;
        let reference = number.creditor_reference();
        let payable = (!tenant.is_sandbox()).then_some(Remittance::Structured(reference.as_str()));
        let giro_code = payable.and_then(|reference| girocode::payload(account, payment.asked, reference).ok());
        let picture = payable.and_then(|reference| girocode::svg(account, payment.asked, reference));
        Some(Self {
            account_holder: account.holder.clone(),
            iban: account.iban.clone(),
            bic: account.bic.clone(),
            bank: account.bank.clone(),
            amount: payment.asked,
            reference: reference.as_str().to_owned(),
            deposit: number.as_str().to_owned(),
            giro_code,
            picture: picture
                .map(|svg| format!("data:image/svg+xml;base64,{}", secret::encode_standard(svg.as_bytes()))),
        })
    }

    /// The IBAN in groups of four.
    #[must_use]
    pub fn iban_in_groups(&self) -> String {
        in_groups(&self.iban)
    }

    /// The reference in groups of four.
    #[must_use]
    pub fn reference_in_groups(&self) -> String {
        in_groups(&self.reference)
    }
}

/// Long numbers are read and typed in groups of four.
#[must_use]
pub fn in_groups(number: &str) -> String {
    let signs: Vec<char> = number.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
