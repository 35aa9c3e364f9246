//! What a bank says about our account: statements, their entries, the guards against booking one twice, and whose money
//! an entry is.
//!
//! Parsers (in `payments`) make these values, the store keeps them. Matching is a decision on values: the caller looks up
//! what [`BankEntry::references`] names, [`match_entry`] decides. What is ambiguous is never matched.

mod matching;
mod references;
mod statement;

pub use matching::{Candidates, Claim, ClaimFor, Credited, EarlierCredit, Match, OwnAccount, Unmatched, match_entry};
pub use references::{Named, References};
pub use statement::{
    Balance, BalanceGap, BankEntry, BankFile, Direction, Format, Ordinal, Reversal, Statement, StatementId, read_iban,
};
