//! Every word people read, in German and English, and how amounts, dates and periods are written in them.
//!
//! The texts stand in `templates/text/<language>/<area>.ftl`; `build/` turns each message into one typed method of
//! [`Words`], so a missing text or argument stops the build. Arguments are sorted by name. A tenant may say single messages in
//! its own words; each method looks there first.

mod countries;
mod customer_form;
mod declarations;
mod documents;
mod formats;
mod mails;
mod methods;
mod own;
mod papers;
#[path = "../build/parts.rs"]
mod parts;
mod typed;
mod words;

pub mod wording;

pub use typed::typed_amount;
pub use words::{Count, Word, Words};

#[cfg(test)]
mod tests;
