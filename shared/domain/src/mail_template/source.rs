//! Reads a text: what is to be taken as it stands, and where which placeholder is. What is no placeholder and looks like
//! one is refused at its place; a backslash before a sign takes its meaning away, as in Markdown.

use std::fmt;

use super::{MailKind, Placeholder, placeholder::is_owner};

/// Longest name of a placeholder that is looked for, in bytes: a brace that is closed pages later is a forgotten one.
const MAX_NAME_BYTES: usize = 80;

/// Where something stands, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// As it was written.
    Text(&'a str),
    /// Something to fill in.
    Placeholder(Placeholder, Place),
}

/// What is wrong at a place. The sentence never repeats what was written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// There is no such placeholder.
    Unknown {
        /// The one that is most like it.
        nearest: String,
    },
    /// This mail has no value for it.
    NotHere,
    /// A brace that belongs to no placeholder.
    Brace,
    /// A character that nobody types.
    Control,
}

impl Flaw {
    /// The word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown_placeholder",
            Self::NotHere => "no_value",
            Self::Brace => "brace",
            Self::Control => "control",
        }
    }
}

/// A flaw and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where.
    pub place: Place,
    /// What.
    pub flaw: Flaw,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        match &self.flaw {
            Flaw::Unknown { nearest } => {
                write!(f, "there is no such placeholder; the nearest is {nearest}, and \\[ or \\{{ is a plain sign")
            }
            Flaw::NotHere => f.write_str("this placeholder has no value in this mail"),
            Flaw::Brace => f.write_str("a brace belongs to a placeholder; a plain one is written \\{ or \\}"),
            Flaw::Control => f.write_str("there is a control character"),
        }
    }
}

/// Reads a text for a mail.
///
/// # Errors
/// Everything that is wrong with it, in its order.
pub fn parse(text: &str, mail: MailKind) -> Result<Vec<Part<'_>>, Vec<Wrong>> {
    let place = Place { line: 1, column: 1 };
    let mut reader = Reader { text, mail, at: 0, from: 0, place, parts: Vec::new(), wrong: Vec::new() };
    while let Some(c) = reader.rest().chars().next() {
        match c {
            '\\' => reader.pass_escape(),
            '{' => reader.brace(),
            '[' => reader.bracket(),
            '}' => reader.refuse(Flaw::Brace, 1),
            c if is_control(c) => reader.refuse(Flaw::Control, c.len_utf8()),
            c => reader.pass(c.len_utf8()),
        }
    }
    reader.end_text();
    if reader.wrong.is_empty() { Ok(reader.parts) } else { Err(reader.wrong) }
}

/// A text without the backslashes that took a sign's meaning away: for what is no Markdown.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        if c == '\\' && signs.peek().is_some_and(char::is_ascii_punctuation) {
            plain.extend(signs.next());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// Nobody types these. The last two planes of Unicode are for private use; whoever renders a text may use them as marks.
fn is_control(c: char) -> bool {
    let breaks_a_line = matches!(c, '\u{2028}' | '\u{2029}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || breaks_a_line || c >= '\u{f0000}'
}

struct Reader<'a> {
    text: &'a str,
    mail: MailKind,
    /// How far it is read, in bytes.
    at: usize,
    /// Where the text begins that belongs to no part yet.
    from: usize,
    place: Place,
    parts: Vec<Part<'a>>,
    wrong: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes the next bytes as they stand.
    fn pass(&mut self, bytes: usize) {
        for c in self.rest().get(..bytes).unwrap_or_default().chars() {
            match c {
                '\n' => self.place = Place { line: self.place.line + 1, column: 1 },
                _ => self.place.column += 1,
            }
        }
        self.at += bytes;
    }

    fn pass_escape(&mut self) {
        let escaped = self.rest().chars().nth(1).filter(char::is_ascii_punctuation);
        self.pass(1 + escaped.map_or(0, char::len_utf8));
    }

    fn refuse(&mut self, flaw: Flaw, bytes: usize) {
        self.wrong.push(Wrong { place: self.place, flaw });
        self.pass(bytes);
    }

    /// What was passed becomes a part.
    fn end_text(&mut self) {
        if let Some(text) = self.text.get(self.from..self.at).filter(|text| !text.is_empty()) {
            self.parts.push(Part::Text(text));
        }
    }

    fn brace(&mut self) {
        let Some(name) = enclosed(self.rest(), '}') else { return self.refuse(Flaw::Brace, 1) };
        let whole = name.len() + 2;
        match Placeholder::of_brace(name) {
            Some(placeholder) => self.found(placeholder, placeholder.is_known_to(self.mail), whole),
            None => self.unknown(whole),
        }
    }

    /// `[words](address)` is Markdown and none of ours, also where the words have a dot.
    fn bracket(&mut self) {
        let Some((owner, field)) = enclosed(self.rest(), ']').and_then(named) else { return self.pass(1) };
        let whole = owner.len() + field.len() + 3;
        if let Some((placeholder, document)) = Placeholder::of_bracket(owner, field) {
            let is_its_own = document.is_none() || document == self.mail.document();
            return self.found(placeholder, is_its_own && placeholder.is_known_to(self.mail), whole);
        }
        let is_link = self.rest().get(whole..).is_some_and(|after| after.starts_with(['(', '[', ':']));
        if is_link && !is_owner(owner) { self.pass(1) } else { self.unknown(whole) }
    }

    fn unknown(&mut self, bytes: usize) {
        let nearest = Placeholder::nearest(self.rest().get(..bytes).unwrap_or_default(), self.mail);
        self.refuse(Flaw::Unknown { nearest }, bytes);
    }

    fn found(&mut self, placeholder: Placeholder, has_value: bool, bytes: usize) {
        if !has_value {
            return self.refuse(Flaw::NotHere, bytes);
        }
        self.end_text();
        self.parts.push(Part::Placeholder(placeholder, self.place));
        self.pass(bytes);
        self.from = self.at;
    }
}

/// What stands between the sign at the beginning and its end; none where that is too far, in another line, or nothing.
fn enclosed(text: &str, end: char) -> Option<&str> {
    let inner = text.get(1..)?;
    let stop = inner.find(|c: char| matches!(c, '{' | '}' | '[' | ']' | '\\') || is_control(c) || c == '\n')?;
    let name = inner.get(..stop)?;
    let is_whole = inner.get(stop..)?.starts_with(end) && (1..=MAX_NAME_BYTES).contains(&name.len());
    is_whole.then_some(name)
}

/// `Invoice.number` in its two parts.
fn named(text: &str) -> Option<(&str, &str)> {
    let (owner, field) = text.split_once('.')?;
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (is_name(owner) && is_name(field)).then_some((owner, field))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mail(code: &str) -> MailKind {
        MailKind::from_code(code).unwrap()
    }

    /// The parts of an invoice's text, placeholders by their name.
    fn parts(text: &str) -> Vec<String> {
        let parts = parse(text, mail("invoice")).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        let said = |part: &Part<'_>| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Placeholder(placeholder, place) => format!("{placeholder:?} {}:{}", place.line, place.column),
        };
        parts.iter().map(said).collect()
    }

    fn flaws(text: &str) -> Vec<(usize, usize, &'static str)> {
        let wrong = parse(text, mail("invoice")).unwrap_err();
        wrong.iter().map(|wrong| (wrong.place.line, wrong.place.column, wrong.flaw.code())).collect()
    }

    #[test]
    fn both_spellings_are_found_at_their_places() {
        assert_eq!(parts("{Greeting},"), ["Greeting 1:1", ","]);
        assert_eq!(parts("Äh {Greeting}\n[Invoice.number]"), ["Äh ", "Greeting 1:4", "\n", "DocumentNumber 2:1"]);
        assert_eq!(parts("{PayUrl}{PayUrl}"), ["PayUrl 1:1", "PayUrl 1:9"]);
    }

    #[test]
    fn links_of_markdown_stay_links_with_placeholders_or_without() {
        assert_eq!(parts("[Rechnung]({SelfServicePortalUrl})"), ["[Rechnung](", "SelfServicePortalUrl 1:12", ")"]);
        assert_eq!(parts("[hier]([Invoice.pay_url])"), ["[hier](", "PayUrl 1:8", ")"]);
        assert_eq!(parts("{SelfServicePortalUrl}?language=en"), ["SelfServicePortalUrl 1:1", "?language=en"]);
        for plain in [
            "[example.org](https://example.org)",
            "[example.org][1]",
            "[example.org]: https://example.org",
            "[a](b) [c] [1.2] [a.b c] [.a] [a.]",
            "[]",
            "[",
            "]",
        ] {
            assert_eq!(parts(plain), [plain]);
        }
    }

    #[test]
    fn a_backslash_takes_the_meaning_away() {
        for plain in ["\\{Greeting\\}", "\\[Invoice.number]", "\\\\", "\\", "a\\b", "\\\n"] {
            assert_eq!(parts(plain), [plain]);
        }
        assert_eq!(parts("\\\\{Greeting}"), ["\\\\", "Greeting 1:3"]);
        assert_eq!(unescaped("\\{a\\} \\\\ \\b \\[x\\] \\"), "{a} \\ \\b [x] \\");
    }

    #[test]
    fn what_is_no_placeholder_is_refused_at_its_place() {
        assert_eq!(flaws("{Gross}"), [(1, 1, "unknown_placeholder")]);
        assert_eq!(flaws("a\nb [Invoice.x] {y}"), [(2, 3, "unknown_placeholder"), (2, 15, "unknown_placeholder")]);
        assert_eq!(flaws("[Invoice.x](https://example.org)"), [(1, 1, "unknown_placeholder")]);
        assert_eq!(flaws("[foo.bar]"), [(1, 1, "unknown_placeholder")]);
        assert_eq!(flaws("{DunningLevel}"), [(1, 1, "no_value")]);
        assert_eq!(flaws("[Offer.number]"), [(1, 1, "no_value")]);
        assert_eq!(flaws("{"), [(1, 1, "brace")]);
        assert_eq!(flaws("{}"), [(1, 1, "brace"), (1, 2, "brace")]);
        assert_eq!(flaws("a\u{0}\u{f0000}"), [(1, 2, "control"), (1, 3, "control")]);
        assert_eq!(flaws("a\u{2028}"), [(1, 2, "control")]);
    }

    #[test]
    fn the_engine_of_built_in_mails_is_out_of_reach() {
        for code in ["{{ tenant_name }}", "{% if greeting_name %}", "{# x #}", "{{Greeting}}"] {
            assert!(parse(code, mail("invoice")).is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_text_without_placeholders_comes_out_as_it_is(text in "[^\\[\\]{}\\\\\\pC\u{2028}\u{2029}]{1,200}") {
            prop_assert_eq!(parse(&text, mail("invoice")), Ok(vec![Part::Text(text.as_str())]));
        }

        #[test]
        fn every_unknown_one_is_refused_at_its_place(
            before in "([a-zäß]{0,9}\n){0,3}[a-zäß]{0,9}",
            name in "[a-z]{1,20}",
            brackets in any::<bool>(),
        ) {
            let written = if brackets { format!("[{name}.{name}]") } else { format!("{{{name}}}") };
            let text = format!("{before}{written} und weiter");
            let wrong = parse(&text, mail("dunning-4")).unwrap_err();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            prop_assert_eq!(wrong.len(), 1);
            prop_assert_eq!(wrong[0].place, Place { line, column });
            let is_unknown = matches!(wrong[0].flaw, Flaw::Unknown { .. });
            prop_assert!(is_unknown);
        }

        #[test]
        fn what_is_read_stands_in_the_text_in_this_order(text in "[\\[\\]{}\\\\.a-cA-C\n ]{0,60}") {
            let mut rest = text.as_str();
            for part in parse(&text, mail("invoice")).unwrap_or_default() {
                if let Part::Text(read) = part {
                    let found = rest.split_once(read);
                    prop_assert!(found.is_some(), "{read:?} is not in {rest:?}");
                    rest = found.map_or("", |(_, after)| after);
                }
            }
        }
    }
}
