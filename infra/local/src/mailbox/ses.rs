//! The query protocol of SES v1, as far as it sends mail and says who may: a form with `Action` in, XML out.

use super::{Mailbox, identities, parse};
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use mail_builder::{MessageBuilder, headers::address::Address};

/// SES refuses more.
const MAX_RECIPIENTS: usize = 50;
/// And takes no more tags of one mail.
const MAX_TAGS: usize = 50;

type Fields = Vec<(String, String)>;

/// `POST /` of the SES endpoint.
pub(super) async fn call(State(mailbox): State<Mailbox>, Form(fields): Form<Fields>) -> Response {
    let action = field(&fields, "Action").unwrap_or_default();
    if let Some(result) = identities::answer(action, &members(&fields, "Identities.member.")) {
        return xml(StatusCode::OK, &answered(action, &result, "local"));
    }
    let sent = match action {
        "SendRawEmail" => raw_mail(&fields).and_then(|mail| deliver(&mailbox, mail)),
        "SendEmail" => simple_mail(&fields).and_then(|mail| deliver(&mailbox, mail)),
        _ => Err(Refusal("InvalidAction", format!("the local mailbox does not know {action:?}"))),
    };
    match sent {
        Ok(id) => xml(StatusCode::OK, &accepted(action, &id)),
        Err(Refusal(code, message)) => xml(StatusCode::BAD_REQUEST, &refused(code, &message)),
    }
}

struct Mail {
    recipients: Vec<String>,
    /// As `name=value`.
    tags: Vec<String>,
    mime: Vec<u8>,
}

/// SES's error code and what it says.
struct Refusal(&'static str, String);

fn deliver(mailbox: &Mailbox, mail: Mail) -> Result<String, Refusal> {
    let count = mail.recipients.len();
    if !(1..=MAX_RECIPIENTS).contains(&count) {
        return Err(Refusal(
            "InvalidParameterValue",
            format!("{count} recipients; 1 to {MAX_RECIPIENTS} are possible"),
        ));
    }
    mailbox
        .deliver(&mail.recipients, &mail.tags, &mail.mime)
        .map_err(|error| Refusal("InternalFailure", error.to_string()))
}

fn raw_mail(fields: &Fields) -> Result<Mail, Refusal> {
    let data = field(fields, "RawMessage.Data").unwrap_or_default();
    let invalid = || Refusal("InvalidParameterValue", "RawMessage.Data is not a mail in base64".to_owned());
    let mime = STANDARD.decode(data).ok().filter(|mime| !mime.is_empty()).ok_or_else(invalid)?;
    let mut recipients = members(fields, "Destinations.member.");
    if recipients.is_empty() {
        recipients = parse::header_recipients(&mime);
    }
    Ok(Mail { recipients, tags: tags(fields), mime })
}

fn simple_mail(fields: &Fields) -> Result<Mail, Refusal> {
    let source = field(fields, "Source").ok_or_else(|| Refusal("ValidationError", "Source is missing".to_owned()))?;
    let list = |kind: &str| members(fields, &format!("Destination.{kind}.member."));
    let [to, cc, bcc] = ["ToAddresses", "CcAddresses", "BccAddresses"].map(list);
    let mut mail = MessageBuilder::new().from(named(source)).to(to.clone());
    if !cc.is_empty() {
        mail = mail.cc(cc.clone());
    }
    mail = mail.subject(field(fields, "Message.Subject.Data").unwrap_or_default());
    if let Some(text) = field(fields, "Message.Body.Text.Data") {
        mail = mail.text_body(text);
    }
    if let Some(html) = field(fields, "Message.Body.Html.Data") {
        mail = mail.html_body(html);
    }
    let mime = mail.write_to_vec().map_err(|error| Refusal("MessageRejected", error.to_string()))?;
    Ok(Mail { recipients: [to, cc, bcc].concat(), tags: tags(fields), mime })
}

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// `Tags.member.1.Name` and `Tags.member.1.Value`, and so on.
fn tags(fields: &Fields) -> Vec<String> {
    let numbered = (1..=MAX_TAGS).map_while(|number| {
        let part = |part: &str| field(fields, &format!("Tags.member.{number}.{part}"));
        Some(format!("{}={}", part("Name")?, part("Value")?))
    });
    numbered.collect()
}

/// `Tine <tine@example.org>` in its two parts, or the address alone.
fn named(address: &str) -> Address<'_> {
    match address.split_once('<') {
        Some((name, rest)) => Address::from((name.trim().trim_matches('"'), rest.trim_end_matches('>'))),
        None => Address::from(address.trim()),
    }
}

/// The bare addresses of a list.
fn members(fields: &Fields, prefix: &str) -> Vec<String> {
    let values = fields.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(_, value)| value.as_str());
    values
        .map(|value| value.rsplit_once('<').map_or(value, |(_, rest)| rest.trim_end_matches('>')).trim().to_owned())
        .collect()
}

fn xml(status: StatusCode, body: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], body.to_owned()).into_response()
}

fn accepted(action: &str, id: &str) -> String {
    answered(action, &format!("<MessageId>{id}</MessageId>"), id)
}

fn answered(action: &str, result: &str, id: &str) -> String {
    format!(
        r#"<{action}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><{action}Result>{result}</{action}Result><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"#
    )
}

fn refused(code: &str, message: &str) -> String {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        r#"<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>local</RequestId></ErrorResponse>"#
    )
}
