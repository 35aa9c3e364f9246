//! A mail ready to be sent: what the frames make of a filled template and of the tenant that sends it.

use std::collections::BTreeMap;

use domain::{
    Language,
    customer::EmailAddress,
    tenant::{Area, Recipients, Right, Settings},
};
use minijinja::Value;
use text::Words;

use crate::{
    BrokenTemplate, Template, Variable,
    template::{Filled, render_page, render_text},
    value::one_line,
};

const FRAME_HTML: &str = include_str!("../../../templates/mail/frame.html");
const FRAME_TEXT: &str = include_str!("../../../templates/mail/frame.txt");

/// Longest subject, in characters; more is cut. A test environment's notice comes behind it.
const MAX_SUBJECT_CHARS: usize = 200;

/// In whose name a mail is sent, and where its links lead.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The tenant's name, company data and look.
    pub settings: &'a Settings,
    /// Origin of its portal, without a slash at the end: `https://kunden.example`.
    pub origin: &'a str,
    /// Is it a test environment (M-02)? Subject and body say so, and it goes to nobody but those on its list.
    pub sandbox: bool,
    /// Language of the mail.
    pub language: Language,
}

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// As it is called on the recipient's disk.
    pub file_name: String,
    /// For example `application/pdf`.
    pub content_type: &'static str,
    /// The file itself.
    pub bytes: Vec<u8>,
}

impl Attachment {
    /// Largest sum of all files of one mail: in base64 and with two bodies it stays below what SES takes.
    pub const MAX_BYTES: usize = 7_000_000;
}

/// A mail without recipient and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Language of its words.
    pub language: Language,
    /// Name beside the sender's address.
    pub from_name: String,
    /// Where answers go: the company's address.
    pub reply_to: Option<EmailAddress>,
    /// One line.
    pub subject: String,
    /// For programs without HTML, and for people who prefer it.
    pub text: String,
    /// A whole page.
    pub html: String,
    /// The only ones it may go to; none: anybody.
    pub only_to: Option<Recipients>,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Sender<'_> {
    /// The tenant's words in the language of the mail.
    #[must_use]
    pub fn words(&self) -> Words {
        Words::of(self.settings, self.language)
    }

    /// Host of the portal, without scheme and port: what a code in a mail is bound to.
    pub(crate) fn host(&self) -> &str {
        let host = self.origin.split_once("://").map_or(self.origin, |(_, host)| host);
        host.split([':', '/']).next().unwrap_or_default()
    }

    /// The address of a page for whoever signs in; empty where its area is not open that far, so that no mail leads to what
    /// is not there.
    pub(crate) fn page(&self, area: Area, needed: Right, path: &str) -> Variable {
        let is_open = self.settings.right(area) >= needed;
        Variable::Address(if is_open { format!("{}{path}", self.origin) } else { String::new() })
    }

    /// The variables every template may use.
    pub(crate) fn variables(&self) -> Vec<(&'static str, Variable)> {
        vec![
            ("tenant_name", Variable::Text(self.settings.name.clone())),
            ("portal_url", Variable::Address(format!("{}/", self.origin))),
        ]
    }

    /// Fills a template and puts the frames around it.
    ///
    /// # Errors
    /// A placeholder that is not among the variables, or broken template syntax.
    pub fn render(
        &self,
        template: &Template,
        variables: Vec<(&'static str, Variable)>,
    ) -> Result<Rendered, BrokenTemplate> {
        let variables: Vec<_> = self.variables().into_iter().chain(variables).collect();
        self.framed(template.fill(&variables)?)
    }

    /// Puts the frames around a filled template.
    ///
    /// # Errors
    /// Broken frames.
    pub(crate) fn framed(&self, filled: Filled) -> Result<Rendered, BrokenTemplate> {
        let mut subject: String = filled.subject.chars().take(MAX_SUBJECT_CHARS).collect();
        if self.sandbox {
            subject.push_str(&format!(" ({})", self.words().frame_sandbox()));
        }
        let mut context = self.frame();
        context.insert("subject", Value::from(&subject));
        context.insert("preview", Value::from(filled.preview));
        context.insert("last_line", Value::from(filled.last_line));
        context.insert("content", Value::from(filled.text));
        let text = render_text(FRAME_TEXT, context.clone())?.trim().to_owned();
        context.insert("content", Value::from(filled.html));
        Ok(Rendered {
            language: self.language,
            from_name: one_line(&self.settings.name),
            reply_to: self.settings.company.email.clone(),
            subject,
            text,
            html: render_page(FRAME_HTML, context)?,
            only_to: self.sandbox.then(|| self.settings.mails.sandbox_recipients.clone()),
            attachments: Vec::new(),
            headers: Vec::new(),
        })
    }

    /// What the frames say about the tenant.
    fn frame(&self) -> BTreeMap<&'static str, Value> {
        let (settings, origin) = (self.settings, self.origin);
        let declares = settings.right(Area::Declarations) > Right::Off;
        let declaring = |path: &str| if declares { format!("{origin}{path}") } else { String::new() };
        let mut context = BTreeMap::from([
            ("language", Value::from(self.language.code())),
            ("tenant_name", Value::from(one_line(&settings.name))),
            ("company_line", Value::from(self.company_line())),
            ("imprint_url", Value::from(format!("{origin}/imprint"))),
            ("privacy_url", Value::from(format!("{origin}/privacy"))),
            ("cancel_url", Value::from(declaring("/cancel"))),
            ("withdraw_url", Value::from(declaring("/withdraw"))),
            ("link_colour", Value::from(settings.branding.link.to_string())),
            ("sandbox", Value::from(self.sandbox)),
        ]);
        if let Some(logo) = &settings.branding.logo {
            context.insert("logo_url", Value::from(format!("{origin}/assets/{}", logo.file)));
            context.insert("logo_width", Value::from(logo.width));
            context.insert("logo_height", Value::from(logo.height));
        }
        context
    }

    /// „Webhosting AG · Musterweg 1 · 12345 Musterhausen"; what is unknown is left out.
    fn company_line(&self) -> String {
        let company = &self.settings.company;
        let name = if company.name.is_empty() { &self.settings.name } else { &company.name };
        let town = format!("{} {}", company.postal_code, company.city);
        let parts = [one_line(name), one_line(&company.street), one_line(&town)];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}
