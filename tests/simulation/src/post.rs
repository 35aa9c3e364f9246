//! Providers' messages: doubled, late, in any order, lost and changed on their way; proved and carried out as webhooks do.

use booking::{BookingError, Heard, hear, look_into};
use futures_util::StreamExt as _;
use payments::{NotVerified, Provider, Raw, Said};
use store::LookUp;
use vendors::Message;

use crate::{
    house::House,
    random::Random,
    world::{Batch, IN_PARALLEL, KILLED_PERCENT, TRIES},
};

/// Messages of a hundred that come twice.
const DOUBLED_PERCENT: u64 = 25;
/// Messages of a hundred of which a changed one comes too.
const CHANGED_PERCENT: u64 = 5;

/// Times of a hundred that a provider which gathers what it says sends it.
const SENT_PERCENT: u64 = 20;

/// What becomes of what providers have said since the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    /// It is on its way, but for what is still gathered for one message.
    Some,
    /// All of it is on its way.
    All,
    /// It never comes.
    Lost,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// Place of its provider in the house.
    rail: usize,
    message: Message,
    /// Why it must come again.
    refused: Option<String>,
}

/// What came of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Done,
    /// And what it names is left to the worker.
    Noted,
    /// It must come again, because of this.
    Again(String),
    /// Its origin is not proved.
    Forged,
    /// It is genuine and makes no sense.
    Senseless,
}

impl Batch<'_> {
    /// What providers have said since the last time is on its way now, or will never come.
    pub(crate) fn collect(&mut self, post: Post) {
        let house = self.house;
        for (rail, provider) in house.rails.iter().enumerate() {
            if post == Post::Some && provider.gathers() && !self.random.happens(SENT_PERCENT) {
                continue;
            }
            for message in provider.messages(self.random) {
                if post == Post::Lost {
                    self.played.lost += 1;
                    continue;
                }
                let letter = Letter { rail, message, refused: None };
                if self.random.happens(DOUBLED_PERCENT) {
                    self.story.letters.push(letter.clone());
                }
                self.story.letters.push(letter);
            }
        }
    }

    /// Delivers until nothing is on its way.
    pub(crate) async fn deliver_all(&mut self) {
        for _ in 0..TRIES {
            self.collect(Post::All);
            if self.story.letters.is_empty() {
                return;
            }
            self.deliver(true).await;
        }
        for letter in std::mem::take(&mut self.story.letters) {
            let name = self.house.rails[letter.rail].name;
            let body = String::from_utf8_lossy(&letter.message.body);
            self.find(format!("{name:?}'s message was never understood: {:?} {body}", letter.refused));
        }
    }

    /// Delivers what is on its way, or two thirds of it: several at once, some of them ending in the middle.
    pub(crate) async fn deliver(&mut self, all: bool) {
        let house = self.house;
        let mut letters = std::mem::take(&mut self.story.letters);
        self.random.shuffle(&mut letters);
        let late = if all { 0 } else { letters.len() / 3 };
        self.story.letters = letters.split_off(letters.len() - late);
        for letter in &letters {
            self.change_one(letter).await;
        }
        let killed = letters.len() * usize::try_from(KILLED_PERCENT).unwrap_or(0) / 100;
        for letter in letters.drain(..killed) {
            let told = self.killed(tell(house, &letter)).await;
            self.note(told.unwrap_or(Told::Again("killed".to_owned())), letter);
        }
        let telling = futures_util::stream::iter(letters)
            .map(|letter| async move { (tell(house, &letter).await, letter) })
            .buffer_unordered(IN_PARALLEL);
        for (told, letter) in telling.collect::<Vec<_>>().await {
            self.note(told, letter);
        }
    }

    /// What messages named and left to the worker is looked up, as the worker does it.
    pub(crate) async fn look_into_notes(&mut self) {
        if !std::mem::take(&mut self.story.has_notes) {
            return;
        }
        let house = self.house;
        let looks = futures_util::stream::iter(house.noted())
            .map(|noted| async move { look_until_answered(house, &noted).await })
            .buffer_unordered(IN_PARALLEL);
        for looked in looks.collect::<Vec<_>>().await {
            self.played.noted += 1;
            if let Err(error) = looked {
                self.find(format!("what a message named cannot be looked up: {error}"));
            }
        }
    }

    fn note(&mut self, told: Told, mut letter: Letter) {
        self.played.told += 1;
        let name = self.house.rails[letter.rail].name;
        match told {
            Told::Done => {}
            Told::Noted => self.story.has_notes = true,
            Told::Again(reason) => {
                letter.refused = Some(reason);
                self.story.letters.push(letter);
            }
            Told::Forged => self.find(format!("a genuine message of {name:?} is taken for forged")),
            Told::Senseless => self.find(format!("a genuine message of {name:?} makes no sense to us")),
        }
    }

    /// Sometimes somebody sends the same with something changed: it must not pass.
    async fn change_one(&mut self, letter: &Letter) {
        if !self.random.happens(CHANGED_PERCENT) {
            return;
        }
        let house = self.house;
        let rail = &house.rails[letter.rail];
        let changed =
            Letter { rail: letter.rail, message: changed(&*rail.adapter, &letter.message, self.random), refused: None };
        if proved(house, &changed).await == Told::Done {
            self.find(format!("a changed message of {:?} is taken for genuine", rail.name));
        } else {
            self.played.refused += 1;
        }
    }
}

/// One bit of a signed message. One that is not signed proves nothing and only asks to be looked up: there, a form that
/// the provider does not use.
fn changed(adapter: &dyn Provider, message: &Message, random: &mut Random) -> Message {
    let mut body = message.body.clone();
    if adapter.proving_headers().iter().any(|name| message.headers.contains_key(*name)) {
        let at = random.place(body.len());
        body[at] ^= 1 << random.below(7);
    } else {
        body.push(b' ');
    }
    Message { headers: message.headers.clone(), body }
}

async fn proved(house: &House, letter: &Letter) -> Told {
    let raw = Raw { headers: &letter.message.headers, body: &letter.message.body, now: house.books.now };
    match house.rails[letter.rail].adapter.verify(raw).await {
        Ok(_) => Told::Done,
        Err(NotVerified::Unknown(error)) => Told::Again(error.to_string()),
        Err(NotVerified::Forged) => Told::Forged,
    }
}

/// Proves a message and carries it out, as the webhook does.
async fn tell(house: &House, letter: &Letter) -> Told {
    let adapter = &*house.rails[letter.rail].adapter;
    let raw = Raw { headers: &letter.message.headers, body: &letter.message.body, now: house.books.now };
    let message = match adapter.verify(raw).await {
        Ok(message) => message,
        Err(NotVerified::Unknown(error)) => return Told::Again(error.to_string()),
        Err(NotVerified::Forged) => return Told::Forged,
    };
    let named = adapter.facts(message).unwrap_or_default();
    let sought = named.iter().filter(|said| !matches!(said, Said::Payment(_))).count();
    match hear(&house.books, adapter, message).await {
        // Some of it, if anything failed.
        Ok(Heard::Done) if sought > 1 => Told::Noted,
        Ok(Heard::Done) => Told::Done,
        Ok(Heard::ForStaff) => Told::Senseless,
        Err(error) => Told::Again(error.to_string()),
    }
}

async fn look_until_answered(house: &House, noted: &LookUp) -> Result<(), BookingError> {
    let Some(rail) = house.rails.iter().find(|rail| rail.name == noted.provider) else { return Ok(()) };
    let mut looked = look_into(&house.books, &*rail.adapter, &noted.sought).await;
    for _ in 1..TRIES {
        if looked.is_ok() {
            break;
        }
        looked = look_into(&house.books, &*rail.adapter, &noted.sought).await;
    }
    looked.map(|_| ())
}
