//! Ways to pay that customers keep at a provider: agreed to, charged later, and taken away again.

use booking::{Keeping, ask_to_keep, forget, look_up_method, remove};
use domain::{
    Currency, Language,
    change::Actor,
    id::{PaymentId, PaymentMethodId},
    payment::{CHECKOUT_LIFETIME, Method},
    payment_method::{MethodName, NewMethod, PaymentMethod, Token, Wishes},
};
use payments::{Ask, Asked, What};
use store::CommitError;

use crate::{
    house::eur,
    world::{Batch, TRIES},
};

/// Ways to pay that a house begins with, before the first payment.
const AT_FIRST: usize = 8;
/// Batches of a hundred in which one is taken away.
const TAKEN_AWAY_PERCENT: u64 = 40;

/// Something that a customer keeps.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Places of the provider and the customer in the house.
    pub(crate) rail: usize,
    pub(crate) payer: usize,
    pub(crate) name: MethodName,
    pub(crate) method: Method,
    pub(crate) token: Token,
}

impl Batch<'_> {
    /// Somebody adds a way to pay; many do at first.
    pub(crate) async fn keep_another(&mut self) {
        let count = if self.story.truths.is_empty() { AT_FIRST } else { 1 };
        for at in 0..count {
            // At first each provider keeps something.
            let rail = if count > 1 { at % self.house.rails.len() } else { self.random.place(self.house.rails.len()) };
            match self.keep(rail).await {
                Some(kept) => self.story.kept.push(kept),
                None => self.find("a way to pay could not be kept"),
            }
        }
    }

    /// Written down, asked for until the provider's page comes, agreed to there, and looked up.
    async fn keep(&mut self, rail: usize) -> Option<Kept> {
        let house = self.house;
        let provider = &house.rails[rail];
        let saves = provider.name.saves();
        let (method, payer) = (saves[self.random.place(saves.len())], self.random.place(house.payers.len()));
        let id = PaymentMethodId::new(house.books.now, self.random.entropy());
        let name = MethodName { customer: house.payers[payer].id.clone(), id };
        let session = self.page_for(rail, method, &name).await?;
        if !provider.agree(&session, method) {
            return None;
        }
        for _ in 0..TRIES {
            let work = look_up_method(&house.books, &*provider.adapter, &name);
            let Some(Ok(found)) = self.perhaps_killed(work).await else { continue };
            if let Some(token) = found.token() {
                return Some(Kept { rail, payer, method, token: token.clone(), name });
            }
        }
        None
    }

    async fn page_for(&mut self, rail: usize, method: Method, name: &MethodName) -> Option<String> {
        let house = self.house;
        let (books, provider) = (&house.books, &house.rails[rail]);
        let new = NewMethod {
            name: name.clone(),
            method,
            provider: provider.name,
            wishes: Wishes::default(),
            link: None,
            language: Language::De,
            mandate: None,
        };
        let started = PaymentMethod::start(new, Actor::Customer, books.now);
        let keeping = Keeping { holder: "Exemplus Tine", email: None, currency: Currency::Eur };
        let place = provider.place("payment-methods");
        let mut is_written = false;
        for _ in 0..TRIES {
            if !is_written {
                let written = books.store.create_payment_method(&started).await;
                is_written = matches!(written, Ok(()) | Err(CommitError::Refused("payment_method")));
                continue;
            }
            let Ok(Some(loaded)) = books.store.payment_method(name).await else { continue };
            let work = ask_to_keep(books, &*provider.adapter, loaded, &keeping, &place);
            if let Some(Ok(asked)) = self.perhaps_killed(work).await {
                return asked.session;
            }
        }
        None
    }

    /// Now and then somebody takes a way to pay away: the provider forgets it, and nothing can be charged any more.
    pub(crate) async fn take_one_away(&mut self) {
        if self.story.kept.is_empty() || !self.random.happens(TAKEN_AWAY_PERCENT) {
            return;
        }
        let at = self.random.place(self.story.kept.len());
        let kept = self.story.kept.swap_remove(at);
        if !self.forgotten(&kept).await {
            self.find(format!("{} could not be taken away", kept.name.id));
        } else if self.can_be_charged(&kept).await {
            self.find(format!("{} is charged although it was taken away", kept.name.id));
        }
    }

    /// Taking away and the sweep go on until the provider has forgotten it.
    async fn forgotten(&mut self, kept: &Kept) -> bool {
        let house = self.house;
        let (books, adapter) = (&house.books, &*house.rails[kept.rail].adapter);
        for _ in 0..TRIES {
            let work = async {
                let in_use = remove(books, Some(adapter), &kept.name, None).await?;
                forget(books, adapter, &kept.name).await?;
                Ok::<_, booking::BookingError>(in_use)
            };
            if let Some(Ok(None)) = self.perhaps_killed(work).await {
                return true;
            }
        }
        false
    }

    /// What the provider says when it is charged all the same.
    async fn can_be_charged(&mut self, kept: &Kept) -> bool {
        let house = self.house;
        let rail = &house.rails[kept.rail];
        let payment = PaymentId::new(house.books.now, self.random.entropy());
        let place = rail.place("payments");
        let ask = Ask {
            payment: &payment,
            method: kept.method,
            saved: Some(&kept.token),
            amount: eur(1_591),
            description: &place.description,
            return_url: &place.return_url,
            webhook_url: &place.webhook_url,
            language: Language::De,
            until: house.books.now + CHECKOUT_LIFETIME,
        };
        for _ in 0..TRIES {
            if let Ok(asked) = rail.adapter.ask(&ask).await {
                return !matches!(asked, Asked::Refused { .. } | Asked::Charged { what: What::Failed, .. });
            }
        }
        self.find(format!("whether {} can be charged was never answered", kept.name.id));
        false
    }
}
