//! Values on their way into a mail: one line, and literal whatever stands around them.

use domain::unseen::{is_break, is_unseen};

/// What a placeholder becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// Any words, for example a customer's name: shown as they are.
    Text(String),
    /// An address of the portal: a link in the HTML part. Made by us, never typed by a customer.
    Address(String),
}

impl Variable {
    /// For subject and text part.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Text(text) => one_line(text),
            Self::Address(address) => clean_address(address),
        }
    }

    /// For Markdown that becomes HTML: an address in angle brackets is a link by itself and as `[words](…)`.
    pub(crate) fn markdown(&self) -> String {
        match self {
            Self::Text(text) => escape_markdown(&one_line(text)),
            // Nothing is no link: templates ask whether there is one.
            Self::Address(address) if address.is_empty() => String::new(),
            Self::Address(address) => format!("<{}>", clean_address(address)),
        }
    }
}

/// Without line breaks, control characters and signs that turn the direction of reading; those could begin a header,
/// forge a line such as the one browsers read codes from, or show another name than is meant.
pub(crate) fn one_line(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_unseen(*c));
    let flat: String = seen.map(|c| if is_break(c) { ' ' } else { c }).collect();
    flat.trim().to_owned()
}

/// Every sign that could mean something in Markdown (CommonMark 0.31 §2.4 lets all of them be escaped).
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn clean_address(address: &str) -> String {
    address.chars().filter(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line() {
        assert_eq!(one_line(" a\r\nBcc: x\u{2028}y\u{202e}z\u{0} "), "a  Bcc: x yz");
        assert_eq!(one_line("Ä\u{a0}ß — „x“"), "Ä\u{a0}ß — „x“");
    }

    #[test]
    fn every_sign_of_markdown_is_escaped() {
        assert_eq!(Variable::Text("*x* <b> 1.".into()).markdown(), "\\*x\\* \\<b\\> 1\\.");
        assert_eq!(Variable::Address("https://a.example/x y>".into()).markdown(), "<https://a.example/xy>");
        assert_eq!(Variable::Address(String::new()).markdown(), "");
    }
}
