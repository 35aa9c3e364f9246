//! Customers begin to pay: the intent is written down before anybody is asked.

use booking::{BookingError, Started, spend, start_saved};
use domain::{
    Currency, Language, Money,
    change::Actor,
    id::PaymentId,
    payment::{Method, NewPayment, Payment, ProviderName, Purpose, Refused, Saved},
};
use store::CommitError;
use testkit::Payer;

use crate::{
    house::eur,
    life::Life,
    random::Random,
    sandbox::{self, News},
    world::{Batch, Carried, TRIES, Truth},
};

/// Payments of a hundred that charge something kept, where there is something.
const SAVED_PERCENT: u64 = 50;

/// Who carries a payment.
enum Carrier {
    Sandbox,
    Balance,
    /// By its place in the house.
    Rail(usize),
}

impl Batch<'_> {
    /// Somebody begins to pay; what the sandbox provider will tell of it, if it is asked.
    pub(crate) async fn begin(&mut self) -> Vec<News> {
        let house = self.house;
        let payer = &house.payers[self.random.place(house.payers.len())];
        match self.carrier() {
            Carrier::Sandbox => {
                let new = self.on_a_page(payer, (Method::Sandbox, ProviderName::Sandbox));
                let Some(payment) = self.write_down(new).await else { return vec![] };
                let (carried, news) = sandbox::happenings(&payment, self.random);
                self.story.truths.push(Truth { payment, carried });
                news
            }
            Carrier::Balance => {
                self.pay_from_balance(payer).await;
                vec![]
            }
            Carrier::Rail(rail) => {
                self.pay_by_rail(payer, rail).await;
                vec![]
            }
        }
    }

    fn carrier(&mut self) -> Carrier {
        let rails = &self.house.rails;
        if let Some(only) = self.conditions.only {
            return rails.iter().position(|rail| rail.name == only).map_or(Carrier::Sandbox, Carrier::Rail);
        }
        match self.random.below(10) {
            0..=2 => Carrier::Sandbox,
            3 | 4 => Carrier::Balance,
            _ => Carrier::Rail(self.random.place(rails.len())),
        }
    }

    /// With something kept there, or on its page.
    async fn pay_by_rail(&mut self, payer: &Payer, rail: usize) {
        let name = self.house.rails[rail].name;
        let saved = if self.random.happens(SAVED_PERCENT) { self.begin_saved(rail).await } else { None };
        let payment = match saved {
            Some(payment) => Some(payment),
            None => {
                let method = name.methods()[self.random.place(name.methods().len())];
                let new = self.on_a_page(payer, (method, name));
                self.write_down(new).await
            }
        };
        let Some(payment) = payment else { return };
        self.story.lives.push(Life::draw(payment.clone(), rail, self.random));
        self.story.truths.push(Truth { payment, carried: Carried::Rail });
    }

    /// None when nothing is kept there, or another charge of the same account is under way.
    async fn begin_saved(&mut self, rail: usize) -> Option<Payment> {
        let house = self.house;
        let there: Vec<usize> = (0..self.story.kept.len()).filter(|at| self.story.kept[*at].rail == rail).collect();
        let at = *there.get(self.random.place(there.len()))?;
        let kept = &self.story.kept[at];
        let payer = &house.payers[kept.payer];
        let saved = Saved { id: kept.name.id.clone(), token: kept.token.clone() };
        let (method, name) = (kept.method, house.rails[rail].name);
        let purpose = invoices(payer, self.random);
        let amount = amount(payer, self.random);
        let new = NewPayment { saved: Some(saved), ..self.drawn(payer, (method, Some(name)), purpose, amount) };
        for _ in 0..TRIES {
            match start_saved(&house.books, &new, Money::zero(Currency::Eur), Actor::Customer).await {
                Ok(Started::Payment(payment)) => {
                    house.rails[rail].decide(&self.story.kept[at].token, self.random);
                    return Some(*payment);
                }
                Ok(Started::Running(_) | Started::OpenChanged) => return None,
                Err(_) => {}
            }
        }
        self.find("a charge could not be written down");
        None
    }

    /// When the answer is lost it is written again.
    async fn write_down(&mut self, new: NewPayment) -> Option<Payment> {
        let started = Payment::start(new, Actor::Customer, self.house.books.now).ok()?;
        for _ in 0..TRIES {
            match self.house.books.store.create_payment(&started).await {
                Ok(()) | Err(CommitError::Refused("payment")) => return Some(started.into_parts().0),
                Err(_) => continue,
            }
        }
        self.find("a payment could not be written down");
        None
    }

    async fn pay_from_balance(&mut self, payer: &Payer) {
        let purpose = invoices(payer, self.random);
        let amount = amount(payer, self.random);
        let new = self.drawn(payer, (Method::Balance, None), purpose, amount);
        let Ok(started) = Payment::start(new, Actor::Customer, self.house.books.now) else { return };
        let payment = started.into_parts().0;
        let is_spent = self.spend(&payment, payer).await;
        self.story.truths.push(Truth { payment, carried: Carried::Balance(is_spent) });
    }

    async fn spend(&mut self, payment: &Payment, payer: &Payer) -> bool {
        let nothing = Money::zero(payment.asked.currency());
        for _ in 0..TRIES {
            self.played.told += 1;
            match spend(&self.house.books, payment, &payer.prepaid, nothing).await {
                Ok(_) => return true,
                Err(BookingError::Refused(Refused::BalanceTooLow)) => return false,
                Err(_) => {}
            }
        }
        self.find(format!("{} could not be spent", payment.id));
        false
    }

    /// Three of four for invoices, the others for a prepaid account.
    fn on_a_page(&mut self, payer: &Payer, (method, provider): (Method, ProviderName)) -> NewPayment {
        let is_top_up = self.random.happens(25);
        let purpose =
            if is_top_up { Purpose::TopUp { reference_text: String::new() } } else { invoices(payer, self.random) };
        let amount = amount(payer, self.random);
        let new = self.drawn(payer, (method, Some(provider)), purpose, amount);
        if is_top_up { NewPayment { account: payer.prepaid.clone(), ..new } } else { new }
    }

    /// One with a fresh id, for what the customer owes.
    fn drawn(
        &mut self,
        payer: &Payer,
        (method, provider): (Method, Option<ProviderName>),
        purpose: Purpose,
        amount: Money,
    ) -> NewPayment {
        NewPayment {
            id: PaymentId::new(self.house.books.now, self.random.entropy()),
            customer: payer.id.clone(),
            purpose,
            method,
            provider,
            saved: None,
            account: payer.receivables.clone(),
            amount,
            deposit: None,
            language: Language::De,
        }
    }
}

fn amount(payer: &Payer, random: &mut Random) -> Money {
    eur(random.between(1, if payer.invoices.len() > 40 { 1_200_000 } else { 40_000 }))
}

fn invoices(payer: &Payer, random: &mut Random) -> Purpose {
    let many = payer.invoices.len() as u64;
    let count = if many > 40 { many } else { 1 + random.below(6) };
    let from = random.below(many - count.min(many) + 1);
    let named = payer.invoices.iter().skip(usize::try_from(from).unwrap_or(0));
    Purpose::Invoices { named: named.take(usize::try_from(count).unwrap_or(1)).cloned().collect() }
}
