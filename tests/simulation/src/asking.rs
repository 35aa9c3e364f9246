//! Payments at providers: they are asked for, given back, and looked up, as pages, staff and the sweep do it.

use booking::{BookingError, apply_in_order, ask, finish, look_up, may_ask_again};
use domain::payment::Payment;
use futures_util::StreamExt as _;
use payments::{Known, Unknown};

use crate::{
    house::{House, eur},
    life::{Act, Life},
    post::Post,
    world::{Batch, IN_PARALLEL, TRIES},
};

/// Most times that a customer loads a page which does not come.
const LOADED: u64 = 6;
/// Times of a hundred that the messages about the beginning of a life never come: the sweep must find it.
const LOST_PERCENT: u64 = 15;

impl Batch<'_> {
    /// Asks for everything that was written down. Some customers give up before a page comes.
    pub(crate) async fn ask_for_all(&mut self) {
        for at in 0..self.story.lives.len() {
            if self.story.lives[at].payment.created_at == self.house.books.now {
                // Of a charge that is made at once, its answer tells as much as its message.
                let post = self.perhaps_lost(true);
                self.story.lives[at].session = self.ask_for(at).await;
                self.collect(post);
            }
        }
    }

    /// The provider's name of its page or charge, when somebody came to know it.
    async fn ask_for(&mut self, at: usize) -> Option<String> {
        let house = self.house;
        let (id, rail) = (self.story.lives[at].id().clone(), &house.rails[self.story.lives[at].rail]);
        let place = rail.place(&format!("payments/{id}"));
        for _ in 0..=self.random.below(LOADED) {
            let Ok(Some(payment)) = house.books.store.payment(&id).await else { continue };
            let work = ask(&house.books, &*rail.adapter, payment, &place);
            if let Some(Ok(payment)) = self.perhaps_killed(work).await {
                return payment.session;
            }
        }
        None
    }

    /// The next thing happens to a payment.
    pub(crate) async fn act(&mut self, at: usize) {
        let house = self.house;
        let life = &self.story.lives[at];
        let Some(act) = life.next() else { return };
        // Later, it may have ended for us, and then nobody asks any more: providers tell for days, and that must do.
        let begins = act.may_begin() && !life.has_begun();
        let may_be_lost = begins && life.payment.created_at == house.books.now;
        let post = self.perhaps_lost(may_be_lost);
        let life = &mut self.story.lives[at];
        let is_done = match act {
            Act::GiveBack(percent) => self.give_back(at, percent).await,
            act => house.rails[life.rail].play(act, life),
        };
        self.story.lives[at].tried(is_done);
        self.collect(post);
    }

    /// Draws whether what is told next never comes; nothing else is lost with it.
    fn perhaps_lost(&mut self, may_be: bool) -> Post {
        if may_be && self.random.happens(LOST_PERCENT) {
            self.collect(Post::All);
            return Post::Lost;
        }
        Post::Some
    }

    /// Asks the provider to give money back until its answer is known, and books that; what cannot be booked yet is told.
    async fn give_back(&mut self, at: usize, percent: i64) -> bool {
        let house = self.house;
        let life = &mut self.story.lives[at];
        let (id, rail, amount) = (life.id().clone(), &house.rails[life.rail], eur(life.share(percent)));
        life.given += 1;
        let key = format!("{id}.{}", life.given);
        for _ in 0..TRIES {
            let Ok(Some(payment)) = house.books.store.payment(&id).await else { continue };
            let work = async {
                let fact = rail.adapter.refund(Known::from(&payment.value), amount, &key).await?;
                apply_in_order(&house.books, &*rail.adapter, &fact).await
            };
            match self.perhaps_killed(work).await {
                Some(Ok(_)) => return true,
                Some(Err(BookingError::Provider(Unknown::Refused(404 | 409 | 422)))) => return false,
                Some(Err(_)) | None => {}
            }
        }
        self.find(format!("{id} could not be given back"));
        false
    }

    /// The sweep: what still waits is looked at until that is answered, and forgotten when it is over.
    pub(crate) async fn sweep(&mut self) {
        let house = self.house;
        let lives = std::mem::take(&mut self.story.lives);
        let looks = futures_util::stream::iter(lives)
            .map(|life| async move { (look_at_until_answered(house, &life).await, life) })
            .buffer_unordered(IN_PARALLEL);
        let mut lives = Vec::new();
        for (looked, life) in looks.collect::<Vec<_>>().await {
            match looked {
                Ok(payment) if payment.due_at.is_some() || life.next().is_some() => lives.push(life),
                Ok(_) => self.story.over.push(life),
                Err(error) => self.find(format!("{} cannot be looked up: {error}", life.id())),
            }
        }
        // However fast each look was, the next batch finds them in the same order.
        lives.sort_by(|one, other| one.id().cmp(other.id()));
        self.story.lives = lives;
    }
}

async fn look_at_until_answered(house: &House, life: &Life) -> Result<Payment, BookingError> {
    let mut looked = look_at(house, life).await;
    for _ in 1..TRIES {
        if looked.is_ok() {
            break;
        }
        looked = look_at(house, life).await;
    }
    looked
}

/// As the worker does it.
async fn look_at(house: &House, life: &Life) -> Result<Payment, BookingError> {
    let (books, rail) = (&house.books, &house.rails[life.rail]);
    let loaded = books.store.payment(life.id()).await?.ok_or(BookingError::NoPayment)?;
    let payment = &loaded.value;
    if payment.due_at.is_none() {
        return Ok(loaded.value);
    }
    if payment.is_unfinished() {
        return finish(books, life.id()).await;
    }
    let again = payment.saved.is_some() && payment.is_waiting() && !payment.was_asked();
    if again && may_ask_again(&*rail.adapter, payment.created_at, books.now) {
        return ask(books, &*rail.adapter, loaded, &rail.place(&format!("payments/{}", life.id()))).await;
    }
    look_up(books, &*rail.adapter, life.id()).await
}
