//! The MIME message: headers that values cannot break out of, text and HTML side by side, files behind them.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use domain::customer::EmailAddress;
use jiff::Timestamp;
use mail_builder::{
    MessageBuilder,
    headers::{address::Address, date::Date, raw::Raw, text::Text},
};

use crate::{Attachment, MailError, Rendered, value::one_line};

/// Largest message SES takes.
const MAX_BYTES: usize = 10_000_000;
/// Longest name of a sender, in characters.
const MAX_NAME_CHARS: usize = 70;

/// The bytes for SES.
///
/// # Errors
/// `Refused` for files of more than [`Attachment::MAX_BYTES`] together, or a message of more than 10 MB.
pub(crate) fn build(mail: &Rendered, from: &str, to: &str, now: Timestamp) -> Result<Vec<u8>, MailError> {
    if mail.attachments.iter().map(|file| file.bytes.len()).sum::<usize>() > Attachment::MAX_BYTES {
        return Err(MailError::Refused("more than 7 MB of files".to_owned()));
    }
    let name: String = one_line(&mail.from_name).chars().take(MAX_NAME_CHARS).collect();
    let mut message = MessageBuilder::new()
        .from(Address::new_address(Some(name), from))
        .to(Address::new_address(None::<&str>, to))
        .subject(one_line(&mail.subject))
        .date(Date::new(now.as_second()))
        .message_id(message_id(from, to, now))
        // Nobody's out-of-office note answers a machine (RFC 3834 §5; the second is Exchange's own).
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .header("Content-Language", Raw::new(mail.language.code()))
        .text_body(mail.text.as_str())
        .html_body(mail.html.as_str());
    if let Some(reply_to) = mail.reply_to.as_ref().and_then(EmailAddress::ascii) {
        message = message.reply_to(Address::new_address(None::<&str>, reply_to));
    }
    for (header, value) in &mail.headers {
        message = message.header(*header, Text::new(one_line(value)));
    }
    for file in &mail.attachments {
        message = message.attachment(file.content_type, one_line(&file.file_name), file.bytes.as_slice());
    }
    let mut bytes = Vec::new();
    message.serialize(&mut bytes);
    if bytes.len() > MAX_BYTES { Err(MailError::Refused("more than 10 MB".to_owned())) } else { Ok(bytes) }
}

/// Does any mail go to this address? SES takes no letters but ASCII before the `@`.
#[must_use]
pub fn goes_to(address: &EmailAddress) -> bool {
    address.takes_mail()
}

/// Unique and without anything of the content. SES puts its own in its place; other ways keep this one.
fn message_id(from: &str, to: &str, now: Timestamp) -> String {
    static SENT: AtomicU64 = AtomicU64::new(0);
    let count = SENT.fetch_add(1, Ordering::Relaxed);
    let hash = digest(&SHA256, format!("{to} {} {count}", now.as_nanosecond()).as_bytes());
    let left = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
    let domain = from.rsplit_once('@').map_or(from, |(_, domain)| domain);
    format!("{left}@{domain}")
}
