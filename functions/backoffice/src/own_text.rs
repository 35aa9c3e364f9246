//! The operator's own texts („Dokumente und Texte", M-10): Markdown or HTML in, harmless HTML out.
//!
//! What a page shows is the sanitised HTML alone, made once when a text is saved; the source is kept for editing.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use domain::{
    FieldErrors, Language,
    tenant::{FrameTexts, LegalTexts, OwnText},
};
use pulldown_cmark::{Event, Options, Parser, Tag, html};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest footer or welcome text in one language, in characters: they travel with every page.
pub const MAX_FRAME_CHARS: usize = 4_000;
/// Longest Impressum, Datenschutz or Barrierefreiheit in one language, in characters.
pub const MAX_LEGAL_CHARS: usize = 30_000;
/// How many bytes of HTML one character of a source may become: marks of lists and tables are written out.
const MAX_BYTES_PER_CHAR: usize = 4;
/// Deepest nesting of a source; nobody writes more, and readers of trees recurse.
const MAX_DEPTH: usize = 50;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// CommonMark with tables; HTML in it is shown as text.
    #[default]
    Markdown,
    /// HTML, of which the harmless part is kept.
    Html,
}

/// One text as the API takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TextInput {
    /// How both languages are written.
    pub format: Format,
    /// German.
    pub de: String,
    /// English. Without it the German text stands for both, and the other way round.
    pub en: String,
}

/// `PUT /api/admin/v1/settings/texts`: all own texts as one; what is left out is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TextsInput {
    /// Footer text (M-07).
    pub footer: TextInput,
    /// Welcome text (M-09).
    pub welcome: TextInput,
    /// „Impressum" (M-08).
    pub imprint: TextInput,
    /// „Datenschutz".
    pub privacy: TextInput,
    /// „Barrierefreiheit".
    pub accessibility: TextInput,
}

impl TextsInput {
    /// Sources with their sanitised HTML.
    ///
    /// # Errors
    /// Every text that is too long, nested too deeply, or of which nothing is left.
    pub fn read(&self) -> Result<(FrameTexts, LegalTexts), FieldErrors> {
        let mut errors = FieldErrors::default();
        let frame = FrameTexts {
            footer: self.footer.read("footer", MAX_FRAME_CHARS, &mut errors),
            welcome: self.welcome.read("welcome", MAX_FRAME_CHARS, &mut errors),
        };
        let legal = LegalTexts {
            imprint: self.imprint.read("imprint", MAX_LEGAL_CHARS, &mut errors),
            privacy: self.privacy.read("privacy", MAX_LEGAL_CHARS, &mut errors),
            accessibility: self.accessibility.read("accessibility", MAX_LEGAL_CHARS, &mut errors),
        };
        errors.into_result().map(|()| (frame, legal))
    }
}

impl TextInput {
    /// Both languages, sanitised; `at` is the path of the text in the body. Empty languages are left out, so that the
    /// other one stands for them.
    pub fn read(&self, at: &str, max_chars: usize, errors: &mut FieldErrors) -> OwnText {
        let mut text = OwnText::default();
        for (language, source) in [(Language::De, &self.de), (Language::En, &self.en)] {
            let field = format!("{at}.{}", language.code());
            if source.trim().is_empty() {
                continue;
            }
            if source.chars().count() > max_chars {
                errors.add(field, "too_long", format!("must have at most {max_chars} characters"));
                continue;
            }
            if has_picture(source, self.format) {
                errors.add(field, "invalid", "must not contain pictures: they would be loaded from elsewhere");
                continue;
            }
            match to_html(source, self.format) {
                Some(html) if html.len() > max_chars * MAX_BYTES_PER_CHAR => {
                    let limit = max_chars * MAX_BYTES_PER_CHAR;
                    errors.add(field, "too_long", format!("must become at most {limit} bytes of HTML"));
                }
                Some(html) if html.trim().is_empty() => {
                    errors.add(
                        field,
                        "invalid",
                        "nothing is left of it: only text, headings, lists, links and tables are kept",
                    );
                }
                Some(html) => {
                    text.html.0.insert(language, html);
                    text.source.0.insert(language, source.clone());
                }
                None => errors.add(field, "invalid", format!("must not be nested more than {MAX_DEPTH} deep")),
            }
        }
        text
    }
}

/// Harmless HTML, ready to stand in a page; `None` when the source is nested too deeply.
fn to_html(source: &str, format: Format) -> Option<String> {
    let dirty = match format {
        Format::Markdown => from_markdown(source)?,
        Format::Html if open_tags(source) > MAX_DEPTH => return None,
        Format::Html => source.to_owned(),
    };
    let mut clean = SANITISER.clean(&dirty).to_string();
    // What ammonia writes is normalised: a tag's letters stand in no text and in no attribute.
    for (from, to) in [("h1", "h2"), ("h5", "h4"), ("h6", "h4"), ("b", "strong"), ("i", "em")] {
        clean = clean.replace(&format!("<{from}>"), &format!("<{to}>"));
        clean = clean.replace(&format!("</{from}>"), &format!("</{to}>"));
    }
    Some(clean)
}

fn has_picture(source: &str, format: Format) -> bool {
    match format {
        Format::Markdown => Parser::new_ext(source, Options::ENABLE_TABLES)
            .any(|event| matches!(event, Event::Start(Tag::Image { .. }))),
        Format::Html => source.to_ascii_lowercase().contains("<img"),
    }
}

/// A page of the portal itself, and nothing that a browser could take for another host's.
fn own_page(address: &str) -> Option<Cow<'_, str>> {
    let plain = address.bytes().all(|byte| byte > 0x20 && byte != b'\\' && byte != 0x7f);
    (plain && address.starts_with('/') && !address.starts_with("//")).then_some(Cow::Borrowed(address))
}

fn from_markdown(source: &str) -> Option<String> {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let events = Parser::new_ext(source, Options::ENABLE_TABLES).map(|event| match event {
        // Nothing an operator wrote may vanish without a word.
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        event => event,
    });
    let counted = events.inspect(|event| match event {
        Event::Start(_) => {
            depth += 1;
            deepest = deepest.max(depth);
        }
        Event::End(_) => depth = depth.saturating_sub(1),
        _ => {}
    });
    let mut dirty = String::with_capacity(source.len() * 2);
    html::push_html(&mut dirty, counted);
    (deepest <= MAX_DEPTH).then_some(dirty)
}

/// How many elements of a source may be open at once, at most. Closing tags are believed and elements that need none
/// are not counted, which is exact enough for a bound.
fn open_tags(source: &str) -> usize {
    const WITHOUT_END: [&str; 10] = ["br", "hr", "img", "p", "li", "tr", "td", "th", "input", "meta"];
    let (mut open, mut deepest) = (0_usize, 0_usize);
    for tag in source.split('<').skip(1) {
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if !name.is_empty() && !WITHOUT_END.contains(&name.to_ascii_lowercase().as_str()) {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

/// What operators' HTML may hold: no id, class, style or form, and links that lead to an own page, the web, a
/// mail or a phone.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "strong", "b", "em", "i", "br", "table",
        "thead", "tbody", "tr", "th", "td",
    ];
    let mut sanitiser = Builder::empty();
    sanitiser
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style", "title", "textarea", "template"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Custom(Box::new(own_page)))
        .link_rel(Some("noopener noreferrer"));
    sanitiser
});

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        to_html(source, Format::Html).unwrap()
    }

    fn markdown(source: &str) -> String {
        to_html(source, Format::Markdown).unwrap()
    }

    #[test]
    fn markdown_becomes_plain_markup() {
        let text = markdown("# Impressum\n\nDemo **AG**, *Berlin*\\\n[Mail](mailto:a@example.org)\n\n- eins\n- zwei\n");
        assert_eq!(
            text,
            "<h2>Impressum</h2>\n<p>Demo <strong>AG</strong>, <em>Berlin</em><br>\n\
             <a href=\"mailto:a@example.org\" rel=\"noopener noreferrer\">Mail</a></p>\n\
             <ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>\n"
        );
        let table = markdown("| a | b |\n|---|---|\n| 1 | 2 |\n");
        assert!(table.starts_with("<table><thead><tr><th>a</th>") && table.contains("<tbody>"), "{table}");
    }

    #[test]
    fn html_in_markdown_is_shown_and_not_obeyed() {
        let text = markdown("Hallo <b>Welt</b>\n\n<script>alert(1)</script>\n");
        assert!(text.contains("&lt;b&gt;Welt") && text.contains("&lt;script&gt;"), "{text}");
    }

    #[test]
    fn only_harmless_html_is_left() {
        for (dirty, clean) in [
            ("<h1 id=x class=y style='color:red'>A</h1>", "<h2>A</h2>"),
            ("<h6>A</h6><b>c</b><i>d</i>", "<h4>A</h4><strong>c</strong><em>d</em>"),
            ("<p onclick=x()>A<script>alert(1)</script></p>", "<p>A</p>"),
            ("<style>p{}</style>A", "A"),
            ("<form action=/x><input name=a><button>Los</button></form>", "Los"),
            ("<img src=x onerror=alert(1)>A", "A"),
            ("<iframe src=https://x></iframe>A", "A"),
            ("<svg><a href='https://x.de'>A</a></svg>", ""),
            ("&lt;h1&gt; bleibt Text", "&lt;h1&gt; bleibt Text"),
        ] {
            let got = html(dirty);
            assert!(got == clean || clean.is_empty() && !got.contains("svg"), "{dirty}: {got}");
        }
    }

    #[test]
    fn links_lead_to_the_web_a_mail_or_a_phone() {
        for good in ["https://example.org", "http://example.org", "mailto:a@example.org", "tel:+491234"] {
            let got = html(&format!("<a href='{good}' target=_blank>x</a>"));
            assert_eq!(got, format!("<a href=\"{good}\" rel=\"noopener noreferrer\">x</a>"));
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "JaVaScRiPt&colon;alert(1)",
            "//example.org",
            "/\\example.org",
            "/\t/example.org",
            "invoices",
            " javascript:x",
        ] {
            assert!(!html(&format!("<a href='{bad}'>x</a>")).contains("href"), "{bad}");
        }
        assert!(!markdown("[x](javascript:alert(1))").contains("href"));
        assert_eq!(
            markdown("[x](/invoices?filter=open)"),
            "<p><a href=\"/invoices?filter=open\" rel=\"noopener noreferrer\">x</a></p>\n"
        );
    }

    #[test]
    fn pictures_are_refused_with_a_word() {
        for (format, de) in
            [(Format::Markdown, "Text ![Bild](https://example.org/a.png)"), (Format::Html, "<p>Text<IMG src=x></p>")]
        {
            let input = TextInput { format, de: de.to_owned(), ..TextInput::default() };
            let mut errors = FieldErrors::default();
            assert_eq!(input.read("footer", 100, &mut errors), OwnText::default());
            let error = errors.of("footer.de").unwrap();
            assert!(error.message.contains("pictures"), "{error:?}");
        }
    }

    #[test]
    fn a_text_has_its_limit_and_the_other_language_stands_in_for_an_empty_one() {
        let text = |chars: usize| TextInput { de: "ä".repeat(chars), ..TextInput::default() };
        let at_limit =
            TextsInput { footer: text(MAX_FRAME_CHARS), imprint: text(MAX_LEGAL_CHARS), ..TextsInput::default() };
        let (frame, legal) = at_limit.read().unwrap();
        assert!(frame.footer.html.get(Language::En).is_some_and(|html| html.starts_with("<p>ää")));
        assert!(legal.imprint.source.get(Language::De).is_some() && legal.privacy == OwnText::default());
        let above = TextsInput {
            welcome: text(MAX_FRAME_CHARS + 1),
            privacy: text(MAX_LEGAL_CHARS + 1),
            ..TextsInput::default()
        };
        let errors = above.read().unwrap_err();
        let found: Vec<_> = errors.0.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(found, [("welcome.de", "too_long"), ("privacy.de", "too_long")]);
    }

    #[test]
    fn a_text_of_which_nothing_is_left_is_refused() {
        let input = TextInput { format: Format::Html, en: "<script>x</script>".into(), ..TextInput::default() };
        let mut errors = FieldErrors::default();
        assert_eq!(input.read("footer", 100, &mut errors), OwnText::default());
        assert_eq!(errors.of("footer.en").map(|error| error.code), Some("invalid"));
    }

    #[test]
    fn the_deepest_and_longest_sources_come_to_an_end() {
        for part in [">", "- ", "*a ", "[", "`", "|", "1. ", "![", "**", "_a_", "<a "] {
            let _ = to_html(&part.repeat(MAX_LEGAL_CHARS / part.len()), Format::Markdown);
        }
        for part in ["<b>", "<a href=x>", "<table>", "<p>", "<li>", "<td>", "</b>", "<", "<ul><li>", "<svg>", "<b></i>"]
        {
            let _ = to_html(&part.repeat(MAX_LEGAL_CHARS / part.len()), Format::Html);
        }
        assert!(to_html(&"<ul><li>".repeat(51), Format::Html).is_none());
        assert!(to_html(&"> ".repeat(51), Format::Markdown).is_none());
    }
}
