//! Mails: from a template and plain values to a MIME message, and through SES to one recipient.
//!
//! Architecture Invariant: a value goes into a mail as data. It is flattened to one line, or quoted line by line; its Markdown
//! signs are escaped before Markdown is read, and no value can begin a header, a line, a link or a tag.

mod client;
mod collection;
mod contract;
mod declaration;
mod document;
mod email_change;
mod error;
mod link;
mod mails;
mod marked;
mod message;
mod method;
mod payment;
mod plain;
mod released;
mod rendered;
mod sample;
mod template;
mod value;
mod wording;

pub use client::{Mailer, Whose};
pub use collection::{Debit, render_collection};
pub use contract::{ContractMail, render_cancelled, render_contract};
pub use declaration::{DeclarationNotice, render_declaration};
pub use document::{
    DocumentMail, DocumentTold, render_answer, render_answer_told, render_comment, render_comment_told,
};
pub use email_change::{EmailChangeNotice, EmailChangedNotice, render_email_change, render_email_changed};
pub use error::{BrokenTemplate, MailError};
pub use link::LinkValues;
pub use mails::{
    EndpointNotice, ErasureNotice, OtpMail, UnknownAddressMail, render_endpoint_disabled, render_erasure_requested,
    render_otp, render_unknown_address,
};
pub use message::goes_to;
pub use method::{MethodEnds, render_method_ends};
pub use payment::{PaymentNotice, render_payment};
pub use released::{DocumentValues, ReleasedMail, Values, render_released};
pub use rendered::{Attachment, Rendered, Sender};
pub use template::Template;
pub use value::Variable;
pub use wording::{built_in_text, check_text};
