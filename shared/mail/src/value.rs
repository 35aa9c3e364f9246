//! Values on their way into a mail: literal whatever stands around them, and one line unless somebody is quoted.

use domain::unseen::{is_break, is_unseen};

/// What a placeholder becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// Any words, for example a customer's name: shown as they are.
    Text(String),
    /// Somebody's words of several lines, for a line of their own. In the text part each stands behind `> `, so that none of
    /// them can pass for a line of the mail.
    Quote(String),
    /// An address of the portal: a link in the HTML part. Made by us, never typed by a customer.
    Address(String),
}

impl Variable {
    /// For subject and text part.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Text(text) => one_line(text),
            Self::Quote(text) => quoted(text).map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
            Self::Address(address) => clean_address(address),
        }
    }

    /// For Markdown that becomes HTML: an address in angle brackets is a link by itself and as `[words](…)`.
    pub(crate) fn markdown(&self) -> String {
        match self {
            Self::Text(text) => escape_markdown(&one_line(text)),
            // A backslash at the end of a line breaks it and begins nothing.
            Self::Quote(text) => quoted(text).map(|line| escape_markdown(&line)).collect::<Vec<_>>().join("\\\n"),
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

/// The lines of somebody's words.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.trim().lines().map(|line| one_line(&unlinked(line)))
}

/// The same to read, and no address of a page to a mail program.
pub(crate) fn unlinked(text: &str) -> String {
    text.replace("://", ": //").replace("www.", "www .")
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

    #[test]
    fn a_quote_keeps_its_lines_and_none_of_them_begins_anything() {
        let quote = Variable::Quote(" a\n\n# b\r\nhttps://evil.example\n@evil.example #000000\n".into());
        assert_eq!(quote.plain(), "> a\n> \n> # b\n> https: //evil.example\n> @evil.example #000000");
        let markdown = quote.markdown();
        assert!(markdown.starts_with("a\\\n\\\n\\# b\\\nhttps\\: \\/\\/evil\\.example\\\n\\@"), "{markdown}");
        assert_eq!(Variable::Quote(String::new()).plain(), "");
    }
}
