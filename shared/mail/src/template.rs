//! Templates as operators write them: front matter, then Markdown, both with placeholders (`templates/mail/README.md`).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::Builder;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use pulldown_cmark::{Event, Options, Parser, html};

use crate::{BrokenTemplate, Variable};

/// Longest template, in bytes.
const MAX_BYTES: usize = 64_000;

/// A template taken apart; placeholders are filled when it is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    subject: String,
    preview: String,
    last_line: String,
    body: String,
}

/// A template with its placeholders filled, before a frame stands around it.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) subject: String,
    pub(crate) preview: String,
    pub(crate) last_line: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Template {
    /// Reads `---`, lines of `name: "value"`, `---`, Markdown.
    ///
    /// # Errors
    /// No front matter, no subject, an unknown name, or more than 64 kB.
    pub fn parse(source: &str) -> Result<Self, BrokenTemplate> {
        let broken = |reason: &str| BrokenTemplate(reason.to_owned());
        if source.len() > MAX_BYTES {
            return Err(broken("it has more than 64 kB"));
        }
        let source = source.replace("\r\n", "\n");
        let rest = source.strip_prefix("---\n").ok_or_else(|| broken("it must begin with ---"))?;
        let (front, body) = rest.split_once("\n---\n").ok_or_else(|| broken("its front matter must end with ---"))?;
        let mut template =
            Self { subject: String::new(), preview: String::new(), last_line: String::new(), body: body.to_owned() };
        for line in front.lines().filter(|line| !line.trim().is_empty()) {
            let (name, value) =
                line.split_once(':').ok_or_else(|| broken("front matter is lines of name: \"value\""))?;
            let value = value.trim();
            let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            *match name.trim() {
                "subject" => &mut template.subject,
                "preview" => &mut template.preview,
                "last_line" => &mut template.last_line,
                _ => return Err(broken("front matter knows subject, preview and last_line")),
            } = unquoted.to_owned();
        }
        if template.subject.is_empty() { Err(broken("it needs a subject")) } else { Ok(template) }
    }

    /// Subject and body as they are written.
    pub(crate) fn into_subject_and_body(self) -> (String, String) {
        (self.subject, self.body)
    }

    /// Fills the placeholders. Text and HTML are two renderings of one source: in the second, values are escaped before
    /// the Markdown is read.
    pub(crate) fn fill(&self, variables: &[(&'static str, Variable)]) -> Result<Filled, BrokenTemplate> {
        let plain = context(variables, Variable::plain);
        let line = |source: &str| render_text(source, &plain).map(|line| crate::value::one_line(&line));
        let markdown = PLAIN.render_str(&linked(&self.body), context(variables, Variable::markdown))?;
        Ok(Filled {
            subject: line(&self.subject)?,
            preview: line(&self.preview)?,
            last_line: line(&self.last_line)?,
            text: render_text(&self.body, &plain)?.trim().to_owned(),
            html: to_html(&markdown),
        })
    }
}

fn context(
    variables: &[(&'static str, Variable)],
    form: impl Fn(&Variable) -> String,
) -> BTreeMap<&'static str, String> {
    variables.iter().map(|(name, value)| (*name, form(value))).collect()
}

/// Fills placeholders without any escaping: for text.
pub(crate) fn render_text(source: &str, context: impl Into<Value>) -> Result<String, BrokenTemplate> {
    Ok(PLAIN.render_str(source, context)?)
}

/// Fills placeholders of an HTML page; values are escaped.
pub(crate) fn render_page(source: &str, context: impl Into<Value>) -> Result<String, BrokenTemplate> {
    Ok(PAGE.render_str(source, context)?)
}

static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(|| environment(AutoEscape::None));
static PAGE: LazyLock<Environment<'static>> = LazyLock::new(|| environment(AutoEscape::Html));

/// Strict: a misspelt variable is an error and not a hole in a mail.
fn environment(escape: AutoEscape) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.set_formatter(|out, state, value| {
        let is_literal = value.is_safe() || *state.auto_escape() == AutoEscape::None;
        let text = if is_literal { value.to_string() } else { escape_html(&value.to_string()) };
        out.write_str(&text).map_err(|_| minijinja::Error::from(minijinja::ErrorKind::WriteFailure))
    });
    environment
}

/// Without minijinja's `&#x2f;` for slashes, which would make addresses unreadable in the source.
fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Bare addresses of the template itself become links. Those of values do not: they are not there yet.
pub(crate) fn linked(body: &str) -> String {
    let mut linked = String::with_capacity(body.len());
    for word in body.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end().trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        let is_address = bare.starts_with("https://") || bare.starts_with("http://");
        if is_address && !bare.contains(['{', '<', '>', '(', '[']) {
            linked.push_str(&format!("<{bare}>{}", &word[bare.len()..]));
        } else {
            linked.push_str(word);
        }
    }
    linked
}

/// Markdown to the HTML that `frame.html` knows how to show.
fn to_html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::empty()).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        event => event,
    });
    sanitised(events)
}

/// The HTML of what Markdown made of a text, as far as it is harmless.
pub(crate) fn sanitised<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut dirty = String::new();
    html::push_html(&mut dirty, events);
    SANITISER.clean(&dirty).to_string()
}

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = ["h1", "h2", "p", "ul", "ol", "li", "a", "strong", "em", "pre", "code", "hr", "br"];
    let mut sanitiser = Builder::empty();
    sanitiser
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    sanitiser
});

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(body: &str, name: &str) -> Filled {
        let template = Template::parse(&format!("---\nsubject: \"{{{{ name }}}}\"\n---\n{body}\n")).unwrap();
        let address = Variable::Address("https://portal.example/".into());
        template.fill(&[("name", Variable::Text(name.into())), ("portal_url", address)]).unwrap()
    }

    #[test]
    fn a_value_stays_literal_in_both_parts() {
        for name in [
            "*x* <b>",
            "# x",
            "- x",
            "1. x",
            "    x",
            "[x](https://evil.example)",
            "<https://evil.example>",
            "`x`",
            "&amp; \\",
        ] {
            for body in ["{{ name }}", "Guten Tag {{ name }}, und\n{{ name }}", "- {{ name }}", "**{{ name }}**"] {
                let filled = fill(body, name);
                let escaped = name.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                assert!(filled.html.contains(&escaped), "{body} {name}: {}", filled.html);
                assert!(filled.text.contains(name.trim()), "{body} {name}: {}", filled.text);
                assert!(!filled.html.contains("href") && !filled.html.contains("<pre"), "{}", filled.html);
                assert_eq!(filled.subject, name.trim());
            }
        }
    }

    #[test]
    fn a_value_that_looks_like_an_address_is_no_link() {
        for name in ["https://evil.example", "www.evil.example", "a@evil.example"] {
            assert!(!fill("Guten Tag {{ name }}", name).html.contains("href"), "{name}");
        }
    }

    #[test]
    fn addresses_of_the_template_and_of_the_portal_are_links() {
        let link = |href: &str, words: &str| format!("<a href=\"{href}\" rel=\"noopener noreferrer\">{words}</a>");
        let portal = "https://portal.example/";
        assert!(fill("{{ portal_url }}", "x").html.contains(&link(portal, portal)));
        assert!(fill("[Zum Portal]({{ portal_url }})", "x").html.contains(&link(portal, "Zum Portal")));
        let bare = fill("Siehe https://example.org/a_b_c. Danke", "x");
        assert!(bare.html.contains(&link("https://example.org/a_b_c", "https://example.org/a_b_c")), "{}", bare.html);
        assert!(bare.text.contains("https://example.org/a_b_c. Danke"));
    }

    #[test]
    fn html_in_a_template_is_shown_and_not_obeyed() {
        let html = fill("<script>alert(1)</script>\n\nA <img src=x> [x](javascript:alert(1))", "x").html;
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href"), "{html}");
    }

    #[test]
    fn a_wrong_template_is_refused_with_its_reason() {
        for wrong in
            ["", "Hallo", "---\nsubject: x\n", "---\nname: x\n---\n", "---\npreview: x\n---\n", "---\nsubject\n---\n"]
        {
            assert!(Template::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Template::parse(&format!("---\nsubject: x\n---\n{}", "x".repeat(MAX_BYTES))).is_err());
        let misspelt = Template::parse("---\nsubject: x\n---\nHallo {{ nam }}").unwrap();
        let error = misspelt.fill(&[("name", Variable::Text("geheim".into()))]).unwrap_err();
        assert_eq!(error.to_string(), "the template cannot be used: undefined value in line 1");
    }
}
