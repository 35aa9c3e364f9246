//! Whose contract a declaration means, as far as its words say it for certain.

use serde::{Deserialize, Serialize};

use super::{Statement, form::flattened};
use crate::{
    id::CustomerId,
    number::{CustomerNumber, SubscriptionNumber},
};

/// A customer whom a declaration may mean, with the contracts that have not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub customer: CustomerId,
    /// The customer's number.
    pub number: CustomerNumber,
    /// Numbers and plans.
    pub contracts: Vec<(SubscriptionNumber, String)>,
}

/// Whose contract a declaration means, as far as that is certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Match {
    /// Staff find out.
    Open,
    /// One contract of one customer.
    Matched {
        /// Who.
        customer: CustomerId,
        /// The customer's number.
        number: CustomerNumber,
        /// The contract.
        contract: SubscriptionNumber,
    },
}

impl Match {
    /// The one contract that a statement names among its candidates; with none or several it is open.
    #[must_use]
    pub fn of(statement: &Statement, candidates: &[Candidate]) -> Self {
        let named = Named::read(&statement.contract);
        let mut found = candidates.iter().flat_map(|candidate| {
            let meant = candidate.contracts.iter().filter(|(number, plan)| named.means(number, plan));
            meant.map(move |(contract, _)| (candidate, contract))
        });
        match (found.next(), found.next()) {
            (Some((candidate, contract)), None) => Self::Matched {
                customer: candidate.customer.clone(),
                number: candidate.number.clone(),
                contract: contract.clone(),
            },
            _ => Self::Open,
        }
    }

    /// Whose timeline it stands in.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::Open => None,
            Self::Matched { customer, .. } => Some(customer),
        }
    }
}

/// What people write before a contract's number.
const BEFORE_A_NUMBER: [&str; 16] = [
    "vertrag",
    "vertrags",
    "vertragsnummer",
    "vertragsnr",
    "vertrags-nr",
    "vertrags-nummer",
    "abonnement",
    "abo",
    "contract",
    "subscription",
    "nummer",
    "number",
    "nr",
    "no",
    "id",
    "tarif",
];

/// A contract as it was written: the whole, and what follows words like „Vertrag Nr.".
struct Named {
    whole: String,
    number: String,
}

impl Named {
    fn read(text: &str) -> Self {
        let whole = text.to_lowercase();
        let words = whole.split_whitespace();
        let rest = words.skip_while(|word| {
            let word = word.trim_matches(['.', ':', ',', '#']);
            word.is_empty() || BEFORE_A_NUMBER.contains(&word)
        });
        let number = rest.collect::<Vec<_>>().join(" ");
        Self { number: number.trim_matches(['.', ':', ',', '#']).to_owned(), whole }
    }

    /// Nothing is guessed: „Vertrag vom 1. März" is not contract 1.
    fn means(&self, number: &SubscriptionNumber, plan: &str) -> bool {
        let (number, plan) = (number.as_str().to_lowercase(), flattened(plan).to_lowercase());
        number == self.number || number == self.whole || plan == self.number || plan == self.whole
    }
}
