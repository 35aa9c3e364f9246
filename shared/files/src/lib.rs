//! S3 and nothing else: files written once, read with a bound, and handed out by short-lived links.
//!
//! Architecture Invariant: an object's key is made by [`Object::key`] only, and only from a tenant's id; nobody else
//! joins strings to keys. Nothing is ever overwritten: what stands under a key stays what it was (§ 147 AO, GoBD), until its
//! customer is erased and no law keeps it. What a law keeps is locked in the bucket besides ([`Kept::until`]).

mod client;
mod disposition;
mod error;
mod object;

pub use client::{Files, FilesConfig, Kept, Presigned, Put};
pub use error::FilesError;
pub use object::Object;
