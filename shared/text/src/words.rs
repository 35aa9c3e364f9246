//! The generated methods and the two kinds of arguments that choose between texts.

use domain::{
    Language,
    tenant::{ContractWord, Settings},
    wording::Wording,
};

use crate::{
    own::{self, Value},
    parts::Kind,
    wording::Message,
};

/// All texts and formats in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub language: Language,
    /// What a tenant says in its own words.
    own: Option<&'static Wording>,
}

impl Words {
    /// The product's words in a language.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language, own: None }
    }

    /// The words of a tenant: its own where it has some, else the product's.
    #[must_use]
    pub fn of(settings: &Settings, language: Language) -> Self {
        Self { language, own: settings.wordings.of(language) }
    }

    fn own_text(&self, key: &str) -> Option<&'static str> {
        own::text(self.own?, key)
    }

    fn own_saying(&self, key: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        own::said(self.own?, key, values)
    }
}

/// A number that chooses a plural. Templates hand every argument over as a reference, so references count too.
pub trait Count {
    /// The number.
    fn count(&self) -> i64;
}

impl<T: Count + ?Sized> Count for &T {
    fn count(&self) -> i64 {
        (**self).count()
    }
}

macro_rules! counts {
    ($($number:ty)*) => {$(
        impl Count for $number {
            fn count(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}
counts!(i64 i32 u64 u32 u16 u8 usize);

/// The operator's word for a contract, which chooses between „Vertrag" and „Abonnement".
pub trait Word {
    /// The word.
    fn word(&self) -> ContractWord;
}

impl Word for ContractWord {
    fn word(&self) -> ContractWord {
        *self
    }
}

impl<T: Word + ?Sized> Word for &T {
    fn word(&self) -> ContractWord {
        (**self).word()
    }
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));
