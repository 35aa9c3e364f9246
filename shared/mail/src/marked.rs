//! A text on its way through Markdown. Each placeholder is a mark there, a character that nobody can type, and becomes its
//! value in what Markdown made of it: so no value is ever read as Markdown, whatever it looks like.

use domain::mail_template::{Part, Place, Placeholder};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};

use crate::Variable;

/// The first mark; the others follow it. The parser of texts refuses all characters from here on.
const FIRST_MARK: u32 = 0xF0000;

/// A body with marks in it.
#[derive(Debug)]
pub(crate) struct Marked {
    markdown: String,
    marks: Vec<(Placeholder, Place)>,
}

impl Marked {
    pub(crate) fn of(parts: &[Part<'_>]) -> Self {
        let mut marked = Self { markdown: String::new(), marks: Vec::new() };
        for part in parts {
            match part {
                Part::Text(text) => marked.markdown.push_str(text),
                Part::Placeholder(placeholder, place) => {
                    marked.markdown.push(mark(marked.marks.len()));
                    marked.marks.push((*placeholder, *place));
                }
            }
        }
        marked
    }

    pub(crate) fn markdown(&self) -> &str {
        &self.markdown
    }

    pub(crate) fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.marks.iter().map(|(placeholder, _)| *placeholder)
    }

    /// The body without paragraphs and items of lists in which something has no value: what cannot be said is not half said,
    /// and no link leads nowhere.
    pub(crate) fn without_empty(&self, values: &[Variable]) -> String {
        let is_empty = |c: char| value_of(c, values).is_some_and(|value| value.plain().is_empty());
        units(&self.markdown).into_iter().filter(|unit| !unit.contains(is_empty)).collect()
    }

    /// The place of a placeholder that may not stand in this address. Only a link's may, and only as its beginning: a
    /// personal link in an address of somebody else would be told to them.
    pub(crate) fn misplaced(&self, address: &str) -> Option<Place> {
        let mut marks = address.char_indices().filter_map(|(at, c)| Some((at, c, self.marks.get(index(c)?)?)));
        let (at, c, (placeholder, place)) = marks.next()?;
        if let Some((_, _, (_, second))) = marks.next() {
            return Some(*second);
        }
        let after = address.get(at + c.len_utf8()..).unwrap_or_default();
        let begins = at == 0 && (after.is_empty() || after.starts_with(['?', '#']));
        (!begins || !placeholder.is_address()).then_some(*place)
    }
}

fn mark(index: usize) -> char {
    let code = u32::try_from(index).ok().and_then(|index| FIRST_MARK.checked_add(index));
    code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn index(c: char) -> Option<usize> {
    u32::from(c).checked_sub(FIRST_MARK).and_then(|index| usize::try_from(index).ok())
}

fn value_of(c: char, values: &[Variable]) -> Option<&Variable> {
    values.get(index(c)?)
}

/// Paragraphs and items of lists, each with its line breaks.
fn units(markdown: &str) -> Vec<String> {
    let (mut units, mut is_new): (Vec<String>, bool) = (Vec::new(), true);
    for line in markdown.split_inclusive('\n') {
        let is_blank = line.trim().is_empty();
        match units.last_mut() {
            Some(unit) if !is_new && !is_blank && !begins_item(line) => unit.push_str(line),
            _ => units.push(line.to_owned()),
        }
        is_new = is_blank;
    }
    units
}

fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = after_number.len() < line.len() && after_number.starts_with([')', '.']);
    let after_sign = if is_numbered { after_number.get(1..) } else { line.strip_prefix(['-', '*', '+']) };
    after_sign.is_some_and(|after| after.starts_with([' ', '\t']))
}

/// What Markdown makes of a text. HTML in it is shown and not obeyed.
pub(crate) fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    TextMergeStream::new(Parser::new_ext(markdown, Options::empty()).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        event => event,
    }))
}

/// Puts values where the marks are. An address is a link by itself, unless it stands in the words of one, or in code.
pub(crate) fn filled<'a>(events: impl Iterator<Item = Event<'a>>, values: &[Variable]) -> Vec<Event<'a>> {
    let (mut filled, mut is_literal) = (Vec::new(), false);
    for event in events {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                is_literal = true;
                let dest_url = address(&dest_url, values).into();
                filled.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                is_literal = true;
                filled.push(Event::Start(Tag::CodeBlock(kind)));
            }
            Event::End(end @ (TagEnd::Link | TagEnd::CodeBlock)) => {
                is_literal = false;
                filled.push(Event::End(end));
            }
            Event::Text(text) if is_literal => filled.push(Event::Text(plain(&text, values).into())),
            Event::Text(text) => spell_out(&mut filled, &text, values),
            Event::Code(code) => filled.push(Event::Code(plain(&code, values).into())),
            event => filled.push(event),
        }
    }
    filled
}

/// The first words of a mail, for the inbox: what stands in its first paragraph, but for links.
pub(crate) fn preview(events: &[Event<'_>]) -> String {
    let (mut words, mut is_paragraph, mut is_link) = (String::new(), false, false);
    for event in events {
        match event {
            Event::Start(Tag::Paragraph) => is_paragraph = true,
            Event::End(TagEnd::Paragraph) => break,
            Event::Start(Tag::Link { .. }) => is_link = true,
            Event::End(TagEnd::Link) => is_link = false,
            Event::Text(text) | Event::Code(text) if is_paragraph && !is_link => words.push_str(text),
            Event::SoftBreak | Event::HardBreak if is_paragraph => words.push(' '),
            _ => {}
        }
    }
    crate::value::one_line(&words).chars().take(MAX_PREVIEW_CHARS).collect()
}

/// Longest line that an inbox shows.
const MAX_PREVIEW_CHARS: usize = 140;

fn plain(text: &str, values: &[Variable]) -> String {
    text.chars().map(|c| value_of(c, values).map_or_else(|| String::from(c), Variable::plain)).collect()
}

/// Values that are no addresses were refused here when the text was saved, and say nothing.
fn address(written: &str, values: &[Variable]) -> String {
    let part = |c| match value_of(c, values) {
        None => String::from(c),
        Some(Variable::Text(_) | Variable::Quote(_)) => String::new(),
        Some(value @ Variable::Address(_)) => value.plain(),
    };
    written.chars().map(part).collect()
}

fn spell_out<'a>(filled: &mut Vec<Event<'a>>, text: &str, values: &[Variable]) {
    let mut rest = text;
    while let Some((before, value, after)) = first_mark(rest, values) {
        push_text(filled, before);
        rest = after;
        match value {
            Variable::Text(_) | Variable::Quote(_) => push_text(filled, &value.plain()),
            Variable::Address(_) => {
                let query = query_of(after);
                push_link(filled, &format!("{}{query}", value.plain()));
                rest = after.get(query.len()..).unwrap_or_default();
            }
        }
    }
    push_text(filled, rest);
}

fn first_mark<'t, 'v>(text: &'t str, values: &'v [Variable]) -> Option<(&'t str, &'v Variable, &'t str)> {
    text.char_indices().find_map(|(at, c)| {
        let value = value_of(c, values)?;
        Some((text.get(..at)?, value, text.get(at + c.len_utf8()..)?))
    })
}

/// A query that a text puts behind an address, such as `?language=en`. A question mark alone ends a sentence.
fn query_of(text: &str) -> &str {
    let Some(query) = text.strip_prefix('?') else { return "" };
    let end = query.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '=' | '&' | '_' | '-')));
    match end.unwrap_or(query.len()) {
        0 => "",
        length => text.get(..=length).unwrap_or_default(),
    }
}

fn push_text<'a>(filled: &mut Vec<Event<'a>>, text: &str) {
    if !text.is_empty() {
        filled.push(Event::Text(text.to_owned().into()));
    }
}

fn push_link<'a>(filled: &mut Vec<Event<'a>>, address: &str) {
    let link = Tag::Link {
        link_type: LinkType::Autolink,
        dest_url: address.to_owned().into(),
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    };
    filled.push(Event::Start(link));
    push_text(filled, address);
    filled.push(Event::End(TagEnd::Link));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_items_are_left_out_whole() {
        let texts = |markdown: &str| units(markdown).join("|");
        assert_eq!(texts("a\nb\n\nc"), "a\nb\n|\n|c");
        assert_eq!(texts("a\n- b\n  c\n- d\n1. e\n2) f"), "a\n|- b\n  c\n|- d\n|1. e\n|2) f");
        assert_eq!(texts("Titel\n-----\n\n---\n-x\n1.x\n"), "Titel\n-----\n|\n|---\n-x\n1.x\n");
    }

    #[test]
    fn a_query_belongs_to_an_address_and_a_question_mark_to_a_sentence() {
        for (text, query) in [
            ("?language=en", "?language=en"),
            ("?language=en.", "?language=en"),
            ("?language=en)", "?language=en"),
            ("?", ""),
            ("? Ja", ""),
            ("", ""),
            (".", ""),
            ("?ä", ""),
        ] {
            assert_eq!(query_of(text), query, "{text}");
        }
    }

    #[test]
    fn marks_are_told_from_letters() {
        for number in [0, 1, 20_000] {
            assert_eq!(index(mark(number)), Some(number));
        }
        for letter in ['a', 'ß', '語', '🎪', '\u{e000}'] {
            assert_eq!(index(letter), None);
        }
    }
}
