//! What a person reads of a page: its text without tags, with single spaces.

/// Tags within a sentence; all others end a word.
const INLINE: [&str; 13] = ["a", "abbr", "b", "bdi", "em", "i", "small", "span", "strong", "svg", "time", "use", "wbr"];

/// The text of a page.
#[must_use]
pub fn visible(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let tag = &rest[start + 1..];
        let Some(end) = tag.find('>') else { break };
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric()).collect::<String>();
        if !INLINE.contains(&name.as_str()) {
            text.push(' ');
        }
        rest = &tag[end + 1..];
    }
    text.push_str(rest);
    let text = unescaped(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_its_sentences() {
        let html = "<h1>Guten Tag,  <b>Tine</b>!</h1><dl><dt>Betrag</dt><dd>15,91\u{a0}€</dd></dl>A &amp; B";
        assert_eq!(visible(html), "Guten Tag, Tine! Betrag 15,91 € A & B");
    }
}
