//! The frame around every page, and `page!`, which binds a view to its template so that the compiler checks both.
//!
//! A view is plain data: the same struct is the JSON answer and the page. What stands around it (brand, menu, language,
//! CSRF token) is the [`Frame`], and never part of the JSON.

use std::fmt;

use domain::{
    link::Reach,
    number::CustomerNumber,
    tenant::{ContractWord, Picture, WayBack},
    time::Zone,
};
use serde::Serialize;
use text::Words;

use crate::ReturnTo;

mod icons;
pub mod testing;

/// What `page!` needs in the crates that use it, so that they need no askama of their own.
#[doc(hidden)]
pub mod hidden {
    pub use super::icons::with_icons;
    pub use askama;
    pub use text;
}

/// Everything around the content of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Words and formats in the page's language.
    pub t: Words,
    /// The tenant's zone, in which instants are shown.
    pub zone: Zone,
    /// The tenant's name.
    pub brand: String,
    /// On light ground.
    pub logo: Option<Logo>,
    /// On dark ground, if there is another.
    pub logo_dark: Option<Logo>,
    /// Addresses of the files every page loads.
    pub assets: Assets,
    /// Path and query of this page; the language form comes back to it.
    pub path: String,
    /// Masked token for the forms of a signed-in customer; public forms have none.
    pub csrf: Option<String>,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Does it stand in a frame on somebody's page? There one reads; what changes, pays or signs in opens a window of its own.
    pub embedded: bool,
    /// Main menu in M-03's order; empty on public pages.
    pub menu: Vec<MenuItem>,
    /// Links at the foot of every page.
    pub footer_links: Vec<FooterLink>,
    /// The tenant's text below them.
    pub footer: FooterText,
    /// Does the bar „Testumgebung" stand above everything?
    pub sandbox: bool,
    /// What just happened, said once.
    pub flash: Option<Flash>,
    /// Whom to ask.
    pub support: Support,
    /// Said on error pages, so that staff find the log line.
    pub request_id: String,
    /// The operator's word for a contract.
    pub contract_word: ContractWord,
    /// What is wrong with the submitted form.
    pub errors: Option<ErrorSummary>,
}

/// A logo as it is shown.
#[derive(Debug, Clone)]
pub struct Logo {
    /// Address of the file.
    pub href: String,
    /// Width in CSS pixels.
    pub width: u16,
    /// Height in CSS pixels.
    pub height: u16,
}

impl Logo {
    /// Is it wide enough to carry the name itself? Then the name beside it is for screen readers only.
    #[must_use]
    pub const fn is_wordmark(&self) -> bool {
        self.width > self.height * 2
    }

    /// A saved picture below `/assets/`.
    #[must_use]
    pub fn of(picture: &Picture) -> Self {
        Self { href: format!("/assets/{}", picture.file), width: picture.width, height: picture.height }
    }
}

/// Addresses of stylesheet, accent sheet, script and icon, with their content hashes.
#[derive(Debug, Clone)]
pub struct Assets {
    /// `portal.css`.
    pub stylesheet: String,
    /// The tenant's accent sheet, loaded after it.
    pub theme: String,
    /// `portal.js`.
    pub script: String,
    /// Shown in the browser's tab.
    pub icon: String,
}

/// The signed-in customer.
#[derive(Debug, Clone)]
pub struct Person {
    /// „Kundennummer".
    pub number: CustomerNumber,
    /// How far the session reaches: there is no menu to what it does not.
    pub reach: Reach,
    /// Where the person came from.
    pub back: Option<WayBack>,
}

/// An entry of the main menu.
#[derive(Debug, Clone)]
pub struct MenuItem {
    /// What it says.
    pub label: String,
    /// Where it leads; ignored when there are entries below.
    pub href: String,
    /// Is this the page, or the area, one is on?
    pub here: bool,
    /// Does it lead to what stands in no frame?
    pub apart: bool,
    /// Entries below it.
    pub children: Vec<MenuItem>,
}

/// A link at the foot of the page.
#[derive(Debug, Clone)]
pub struct FooterLink {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Must it be found at once?
    pub strong: bool,
}

/// The tenant's words at the foot of the page (M-07).
#[derive(Debug, Clone)]
pub enum FooterText {
    /// The tenant's own.
    Own(SafeHtml),
    /// „Bitte bearbeiten Sie Ihren Footertext …": not set yet, in sandbox and local.
    Unset,
    /// Not set, in prod.
    Empty,
}

/// HTML that was sanitised when it was saved; it goes into the page as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Marks HTML as safe. Only what `OwnText::html` holds, or what escapes its parts itself, may come here.
    #[must_use]
    pub fn from_sanitised(html: impl Into<String>) -> Self {
        Self(html.into())
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for SafeHtml {}

/// What just happened, in the fixed words of the product; small enough for a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flash {
    /// „Sie sind erfolgreich angemeldet." (M-04)
    SignedIn,
    /// This browser is signed out.
    SignedOut,
    /// All browsers are signed out.
    SignedOutEverywhere,
    /// Another device is signed out.
    SessionEnded,
    /// A mail asks at the new login address whether it is right.
    EmailChangeRequested,
    /// The login address stays as it is.
    EmailChangeWithdrawn,
    /// The login address is another one.
    EmailChanged,
    /// The session was over; the page asked for comes after signing in.
    SessionExpired,
    /// What was changed is kept.
    Saved,
    /// A contract is cancelled no more.
    TakenBack,
    /// A contract rests.
    Paused,
    /// A contract runs again.
    Resumed,
    /// A comment was written.
    Commented,
    /// What was wanted cannot be done: it stands otherwise than the page before showed.
    StandsOtherwise,
    /// Another code is on its way.
    CodeSent,
    /// The code's time is over, so it begins with the address again.
    CodeEnded,
}

/// Whom to ask; empty lines are left out.
#[derive(Debug, Clone, Default)]
pub struct Support {
    /// As people dial it.
    pub phone: Option<String>,
    /// Where questions go.
    pub email: Option<String>,
}

/// Everything wrong with a form: above it, and in the same words beside each field.
#[derive(Debug, Clone, Default)]
pub struct ErrorSummary {
    /// In the order of the fields.
    pub items: Vec<FormError>,
}

/// One thing wrong with one field.
#[derive(Debug, Clone)]
pub struct FormError {
    /// Name and id of the input.
    pub field: String,
    /// A sentence that says what to do.
    pub message: String,
}

impl ErrorSummary {
    /// A summary of one error.
    #[must_use]
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { items: vec![FormError { field: field.into(), message: message.into() }] }
    }
}

impl Frame {
    /// Does the menu lead there? Links to areas that are switched off are left out.
    #[must_use]
    pub fn offers(&self, href: &str) -> bool {
        self.menu.iter().flat_map(|item| std::iter::once(item).chain(&item.children)).any(|item| item.href == href)
    }

    /// Where the brand leads: to where the session begins, or to the login.
    #[must_use]
    pub fn home(&self) -> String {
        self.person.as_ref().map_or_else(|| "/login".to_owned(), |person| person.reach.home())
    }

    /// Did somebody come by a link that opens a part only? More is behind the login.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.person.as_ref().is_some_and(|person| !person.reach.is_whole())
    }

    /// What a link bears that leads to what stands in no frame: there it opens a window of its own, and says so. Elsewhere it is
    /// a link like any other.
    #[must_use]
    pub fn apart(&self) -> SafeHtml {
        let attributes = || format!(r#" target="_blank" rel="noopener" title="{}""#, self.t.embed_apart());
        SafeHtml(if self.embedded { attributes() } else { String::new() })
    }

    /// This page in a window of its own; of what can only be sent, the start page.
    #[must_use]
    pub fn own_window(&self) -> ReturnTo {
        ReturnTo::or_start(Some(&self.path))
    }

    /// The frame of what an address alone opens: whoever is signed in here besides, nothing of that person stands around it.
    #[must_use]
    pub fn for_anybody(&self) -> Self {
        Self { person: None, csrf: None, menu: Vec::new(), ..self.clone() }
    }

    /// What is wrong with a field, if something is.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<&str> {
        let items = self.errors.iter().flat_map(|summary| &summary.items);
        items.filter(|error| error.field == field).map(|error| error.message.as_str()).next()
    }
}

impl Flash {
    /// Colour, drawing and sentence.
    #[must_use]
    pub fn shown(self, t: &Words) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SignedIn => ("good", "done", t.flash_signed_in()),
            Self::SignedOut => ("good", "done", t.flash_signed_out()),
            Self::SignedOutEverywhere => ("good", "done", t.flash_signed_out_everywhere()),
            Self::SessionEnded => ("good", "done", t.flash_session_ended()),
            Self::EmailChangeRequested => ("good", "done", t.flash_email_change_requested()),
            Self::EmailChangeWithdrawn => ("good", "done", t.flash_email_change_withdrawn()),
            Self::EmailChanged => ("good", "done", t.flash_email_changed()),
            Self::SessionExpired => ("info", "info", t.flash_session_expired()),
            Self::TakenBack => ("good", "done", t.flash_taken_back()),
            Self::Paused => ("good", "done", t.flash_paused()),
            Self::Resumed => ("good", "done", t.flash_resumed()),
            Self::Commented => ("good", "done", t.flash_commented()),
            Self::StandsOtherwise => ("info", "info", t.flash_stands_otherwise()),
            Self::Saved => ("good", "done", t.flash_saved()),
            Self::CodeSent => ("good", "done", t.flash_code_sent()),
            Self::CodeEnded => ("info", "info", t.flash_code_ended()),
        }
    }
}

/// The filters find words and zone of the page here.
impl askama::Values for Frame {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn std::any::Any> {
        (key == "frame").then_some(self as &dyn std::any::Any)
    }
}

/// A rendered page.
pub type Html = askama::Result<String>;

/// A view that has a page. Written by [`page!`](crate::page!).
pub trait View: Serialize {
    /// The whole page.
    ///
    /// # Errors
    /// When the template cannot be rendered, which only memory or a broken filter can cause.
    fn html(&self, frame: &Frame) -> Html;
}

/// `page!(LoginPage => "pages/auth-otp/login.html");` beside the view.
///
/// In the template the view's fields and methods stand there by name, `frame` is the [`Frame`], `t` its words, and
/// [`filters`](crate::filters) format values. A field, word or filter that does not exist stops the build at this line.
#[macro_export]
macro_rules! page {
    ($view:ty => $path:literal) => {
        const _: () = {
            #[allow(unused_imports)]
            use $crate::{self as web, filters};

            #[derive($crate::page::hidden::askama::Template)]
            #[template(path = $path, config = "../../templates/askama.toml", askama = $crate::page::hidden::askama)]
            struct Rendered<'a> {
                frame: &'a $crate::page::Frame,
                t: $crate::page::hidden::text::Words,
                view: &'a $view,
            }

            impl std::ops::Deref for Rendered<'_> {
                type Target = $view;
                fn deref(&self) -> &$view {
                    self.view
                }
            }

            impl $crate::page::View for $view {
                fn html(&self, frame: &$crate::page::Frame) -> $crate::page::hidden::askama::Result<String> {
                    let page = Rendered { frame, t: frame.t, view: self };
                    let html = $crate::page::hidden::askama::Template::render_with_values(&page, frame)?;
                    Ok($crate::page::hidden::with_icons(html))
                }
            }
        };
    };
}
