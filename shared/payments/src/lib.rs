//! Payment providers and bank formats: one outside format or system per file.
//!
//! Architecture Invariant: what comes from outside becomes a value of `domain` or an error, never half of either. Nothing
//! here decides whose money it is; that is `domain`'s.

pub mod bank;
