//! Faults of the product itself, which a run must find: in what the table is asked to write, and in an adapter.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Money, payment_method::Token};
use payments::{
    Ask, Asked, Capabilities, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider, Raw, Said,
    Save, Saving, Unknown, Unreadable, Verified, What,
};
use testkit::faults;

/// One fault of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Between the product and its table.
    Table(faults::Mutant),
    /// Of every adapter.
    Adapter(Slip),
}

/// What is wrong with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// A look-up calls a charge otherwise than its message does.
    TwoNames,
    /// A look-up leaves out what was taken back.
    UnseenReturns,
}

impl Mutant {
    /// The mutant with a name.
    ///
    /// # Errors
    /// The names that there are.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "two-names" => Ok(Self::Adapter(Slip::TwoNames)),
            "unseen-returns" => Ok(Self::Adapter(Slip::UnseenReturns)),
            name => faults::Mutant::named(name).map(Self::Table).ok_or_else(|| {
                "must be dropped-condition, dropped-guard, swapped-sign, two-names or unseen-returns".to_owned()
            }),
        }
    }

    pub(crate) const fn of_table(self) -> Option<faults::Mutant> {
        match self {
            Self::Table(mutant) => Some(mutant),
            Self::Adapter(_) => None,
        }
    }

    pub(crate) const fn of_adapters(self) -> Option<Slip> {
        match self {
            Self::Table(_) => None,
            Self::Adapter(slip) => Some(slip),
        }
    }
}

/// An adapter with something wrong.
#[derive(Debug)]
pub(crate) struct Slipping {
    pub(crate) adapter: Arc<dyn Provider>,
    pub(crate) slip: Slip,
}

#[async_trait]
impl Provider for Slipping {
    async fn look_up(&self, known: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        let mut facts = self.adapter.look_up(known).await?;
        match self.slip {
            Slip::TwoNames => {
                for fact in &mut facts {
                    if let What::Arrived { reference, .. } = &mut fact.what {
                        reference.push_str(".again");
                    }
                }
            }
            Slip::UnseenReturns => facts.retain(|fact| !matches!(fact.what, What::TakenBack { .. })),
        }
        Ok(facts)
    }

    fn capabilities(&self) -> Capabilities {
        self.adapter.capabilities()
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        self.adapter.introduce().await
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        self.adapter.ask(ask).await
    }

    async fn owner(&self, charge: &str) -> Result<Option<Owner>, Unknown> {
        self.adapter.owner(charge).await
    }

    async fn session_of(&self, known: Known<'_>, charge: &str) -> Result<Option<String>, Unknown> {
        self.adapter.session_of(known, charge).await
    }

    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        self.adapter.refund(known, amount, key).await
    }

    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        self.adapter.save(save).await
    }

    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        self.adapter.look_up_method(known).await
    }

    async fn forget(&self, token: &Token) -> Result<(), Unknown> {
        self.adapter.forget(token).await
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        self.adapter.proving_headers()
    }

    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        self.adapter.verify(raw).await
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable> {
        self.adapter.facts(verified)
    }
}
