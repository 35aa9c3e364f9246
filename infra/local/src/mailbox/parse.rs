//! From the bytes of a mail to what people see of it; the envelope travels in three headers of our own.

use super::{Attachment, Message};
use jiff::Timestamp;
use mail_parser::{Message as Mime, MessageParser, MessagePart, MimeHeaders, PartType};

const ARRIVED: &str = "X-Arrived-At";
const RECIPIENTS: &str = "X-Envelope-To";
const TAGS: &str = "X-Message-Tags";

/// Puts time, recipients and tags on top, so that a kept file tells all.
pub(super) fn stamp(arrived: Timestamp, recipients: &[String], tags: &[String], mime: &[u8]) -> Vec<u8> {
    // A line break in an address would begin a header of the sender's choice.
    let one_line = |parts: &[String]| parts.join(", ").replace(['\r', '\n'], " ");
    let (recipients, tags) = (one_line(recipients), one_line(tags));
    let stamp = format!("{ARRIVED}: {arrived:.3}\r\n{RECIPIENTS}: {recipients}\r\n{TAGS}: {tags}\r\n");
    let mut stamped = stamp.into_bytes();
    stamped.extend_from_slice(mime);
    stamped
}

/// The addresses in the headers To, Cc and Bcc: SES sends there when it is not told otherwise.
pub(super) fn header_recipients(mime: &[u8]) -> Vec<String> {
    let Some(mail) = MessageParser::default().parse(mime) else {
        return Vec::new();
    };
    let lists = [mail.to(), mail.cc(), mail.bcc()];
    let addresses = lists.into_iter().flatten().flat_map(mail_parser::Address::iter);
    addresses.filter_map(|address| address.address().map(str::to_owned)).collect()
}

/// What cannot be read stays empty: the mailbox shows every mail, however broken.
pub(super) fn message(id: String, raw: std::sync::Arc<[u8]>, base_url: &str) -> Message {
    let mail = MessageParser::default().parse(&raw[..]).unwrap_or_default();
    let own = |name: &'static str| mail.header_raw(name).unwrap_or_default().trim().to_owned();
    let attachments = mail.attachments().enumerate();
    Message {
        date: own(ARRIVED),
        from: sender(&mail),
        to: own(RECIPIENTS),
        subject: mail.subject().unwrap_or_default().to_owned(),
        text: body(mail.text_bodies(), |part| matches!(part.body, PartType::Text(_))),
        html: body(mail.html_bodies(), |part| matches!(part.body, PartType::Html(_))),
        attachments: attachments
            .map(|(place, part)| attachment(part, format!("{base_url}/messages/{id}/attachments/{place}")))
            .collect(),
        tags: own(TAGS).split(", ").filter_map(|tag| tag.split_once('=')).map(owned).collect(),
        id,
        raw: raw.clone(),
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn sender(mail: &Mime<'_>) -> String {
    let Some(from) = mail.from().and_then(|from| from.first()) else {
        return String::new();
    };
    let address = from.address().unwrap_or_default();
    from.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
}

/// The parser offers each body in both kinds; only what the mail really holds counts.
fn body<'x>(
    mut parts: impl Iterator<Item = &'x MessagePart<'x>>,
    is_wanted: impl Fn(&MessagePart<'_>) -> bool,
) -> Option<String> {
    parts.find(|part| is_wanted(part)).and_then(|part| part.text_contents()).map(|text| text.replace("\r\n", "\n"))
}

fn attachment(part: &MessagePart<'_>, url: String) -> Attachment {
    let content_type = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    Attachment {
        name: part.attachment_name().unwrap_or("unnamed").to_owned(),
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        size: part.contents().len(),
        url,
        content: part.contents().to_vec(),
    }
}
