//! What SES says of senders: here everybody may send, without a limit, for nothing leaves this machine.

/// Most identities of one question, as SES has it.
const MAX_IDENTITIES: usize = 100;

/// The inside of the answer; `None` for what is no such question.
pub(super) fn answer(action: &str, identities: &[String]) -> Option<String> {
    let identities = identities.iter().take(MAX_IDENTITIES);
    let entries = |value: &str| {
        let entry = |name: &String| format!("<entry><key>{}</key><value>{value}</value></entry>", escaped(name));
        identities.map(entry).collect::<String>()
    };
    Some(match action {
        "GetIdentityVerificationAttributes" => {
            let entries = entries("<VerificationStatus>Success</VerificationStatus>");
            format!("<VerificationAttributes>{entries}</VerificationAttributes>")
        }
        "GetIdentityDkimAttributes" => {
            let entries = entries(
                "<DkimEnabled>true</DkimEnabled><DkimVerificationStatus>Success</DkimVerificationStatus><DkimTokens/>",
            );
            format!("<DkimAttributes>{entries}</DkimAttributes>")
        }
        // -1 is SES's own word for no limit.
        "GetSendQuota" => {
            "<Max24HourSend>-1.0</Max24HourSend><MaxSendRate>1000.0</MaxSendRate><SentLast24Hours>0.0</SentLast24Hours>"
                .to_owned()
        }
        "GetAccountSendingEnabled" => "<Enabled>true</Enabled>".to_owned(),
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
