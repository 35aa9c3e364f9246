//! The text part of a mail that a tenant worded: what Markdown's signs mean, without them.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

/// The text of a mail.
pub(crate) fn plain_text(events: &[Event<'_>]) -> String {
    let mut writer = Writer::default();
    for event in events {
        writer.take(event);
    }
    writer.out.trim().to_owned()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Lists that are open; of a numbered one its next number.
    lists: Vec<Option<u64>>,
    /// Links that are open: where they lead, and where their words begin.
    links: Vec<(String, usize)>,
    /// Where the words of a heading begin.
    heading: usize,
    /// An item has just begun: its first paragraph stands beside its sign.
    is_fresh: bool,
    is_code: bool,
}

impl Writer {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(end) => self.end(*end),
            Event::Text(code) if self.is_code => {
                for line in code.lines() {
                    self.out.push_str(&format!("    {line}\n"));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                self.is_fresh = false;
                self.out.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => {
                self.out.push('\n');
                self.indent(self.lists.len());
            }
            Event::Rule => {
                self.block();
                self.out.push_str("----");
            }
            _ => {}
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(),
            Tag::Heading { .. } => {
                self.block();
                self.heading = self.out.len();
            }
            Tag::CodeBlock(_) => {
                self.block();
                self.is_code = true;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(*first);
            }
            Tag::Item => self.item(),
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), self.out.len())),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Heading(level) => self.underline(level),
            TagEnd::CodeBlock => self.is_code = false,
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => self.is_fresh = false,
            TagEnd::Link => self.lead(),
            _ => {}
        }
    }

    /// A blank line before whatever comes.
    fn block(&mut self) {
        if std::mem::take(&mut self.is_fresh) || self.out.is_empty() {
            return;
        }
        self.out.truncate(self.out.trim_end_matches('\n').len());
        self.out.push_str("\n\n");
        self.indent(self.lists.len());
    }

    fn item(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.indent(self.lists.len().saturating_sub(1));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.out.push_str(&format!("{number}. "));
                *number = number.saturating_add(1);
            }
            _ => self.out.push_str("- "),
        }
        self.is_fresh = true;
    }

    fn indent(&mut self, depth: usize) {
        self.out.push_str(&"  ".repeat(depth));
    }

    fn underline(&mut self, level: HeadingLevel) {
        let words = self.out.get(self.heading..).unwrap_or_default();
        let sign = if level == HeadingLevel::H1 { "=" } else { "-" };
        let line = sign.repeat(words.lines().last().unwrap_or_default().chars().count());
        self.out.push('\n');
        self.out.push_str(&line);
    }

    /// Says where a link leads, unless its words are that.
    fn lead(&mut self) {
        let Some((address, begin)) = self.links.pop() else { return };
        let words = self.out.get(begin..).unwrap_or_default();
        let is_said = words == address || address.strip_prefix("mailto:") == Some(words);
        let leads = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| address.starts_with(scheme));
        let between = if words.is_empty() { "" } else { ": " };
        if leads && !is_said {
            self.out.push_str(between);
            self.out.push_str(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marked::events;

    fn text(markdown: &str) -> String {
        plain_text(&events(markdown).collect::<Vec<_>>())
    }

    #[test]
    fn blocks_stand_apart_and_headings_are_underlined() {
        assert_eq!(text("# Ihre *Rechnung*\nA\nB\n\nC"), "Ihre Rechnung\n=============\n\nA\nB\n\nC");
        assert_eq!(text("A\n\n## B\n\n***\nC"), "A\n\nB\n-\n\n----\n\nC");
        assert_eq!(text("A\n\n    482 193\n\nB"), "A\n\n    482 193\n\nB");
    }

    #[test]
    fn lists_keep_their_signs_and_numbers() {
        assert_eq!(text("A\n- B\n- C\n  D\n\nE"), "A\n\n- B\n- C\n  D\n\nE");
        assert_eq!(text("3. A\n4. B"), "3. A\n4. B");
        assert_eq!(text("- A\n  - B\n- C"), "- A\n  - B\n- C");
        assert_eq!(text("- A\n\n- B"), "- A\n- B");
    }

    #[test]
    fn a_link_says_where_it_leads_once() {
        assert_eq!(text("[Hier](https://example.org/a) klicken"), "Hier: https://example.org/a klicken");
        assert_eq!(text("<https://example.org/a>"), "https://example.org/a");
        assert_eq!(text("[a@example.org](mailto:a@example.org)"), "a@example.org");
        assert_eq!(text("[Hier](javascript:alert(1))"), "Hier");
    }

    #[test]
    fn signs_that_mean_nothing_are_shown() {
        assert_eq!(text("\\{a\\} 2 * 3 <b>x</b> `c`"), "{a} 2 * 3 <b>x</b> c");
    }
}
