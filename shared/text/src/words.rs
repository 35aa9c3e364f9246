//! The generated methods and the two kinds of arguments that choose between texts.

use domain::{Language, tenant::ContractWord};

/// All texts and formats in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub language: Language,
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language }
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
