//! The `Content-Disposition` of a download (RFC 6266, RFC 5987): a file name that can say nothing but a name.

use domain::unseen::is_unseen;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest file name handed out, in characters; file systems take 255 bytes.
const MAX_CHARS: usize = 120;

/// What RFC 5987 lets stand unencoded, as far as anybody needs it.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// The header's value: plain ASCII, without quotes or control characters from outside.
pub(crate) fn disposition(file_name: &str, inline: bool) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let name = clean(file_name);
    let plain: String = name.chars().map(ascii).collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ATTR_CHAR))
}

/// Without anything a file system or a reader could take for more than a name: no separators, no control characters,
/// none that turn the direction of reading, no leading dot.
fn clean(name: &str) -> String {
    let replaced = name.chars().filter(|c| !is_unseen(*c)).map(|c| match c {
        '/' | '\\' | ':' | '"' | '*' | '?' | '<' | '>' | '|' => '-',
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    });
    let cleaned: String = replaced.take(MAX_CHARS).collect();
    let cleaned = cleaned.trim().trim_start_matches('.');
    if cleaned.is_empty() { "file".to_owned() } else { cleaned.to_owned() }
}

/// The stand-in for programs that only read the old form.
fn ascii(c: char) -> char {
    match c {
        ' ' | '.' | '-' | '_' | '(' | ')' | ',' => c,
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_umlauts_has_both_forms() {
        let value = disposition("Mahnung für RE1000.pdf", false);
        assert_eq!(
            value,
            "attachment; filename=\"Mahnung f_r RE1000.pdf\"; filename*=UTF-8''Mahnung%20f%C3%BCr%20RE1000.pdf"
        );
        assert!(disposition("a.pdf", true).starts_with("inline; "));
    }

    #[test]
    fn a_name_cannot_say_anything_but_a_name() {
        for name in
            ["a\"; filename=b.exe", "a\r\nSet-Cookie: x=y", "../../etc/passwd", "\u{202e}fdp.exe", "\u{0}", "", "..."]
        {
            let value = disposition(name, false);
            assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value}");
            assert_eq!(value.matches('"').count(), 2, "{value}");
            assert_eq!(value.matches(';').count(), 2, "{value}");
            assert!(!value.contains('/') && !value.contains("=\".") && !value.contains("''."), "{value}");
        }
    }
}
