//! `/sessions`: where the customer is signed in, and the buttons that end one of these sessions or all of them.

use domain::{
    change::{Actor, Event, EventKind},
    device::Device,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Session;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door, Nothing, Page, Problem, SeeOther, Submitted,
    area::Always,
    cookies::CookieName,
    door::{Any, ReachMark, View},
    page::Flash,
};

/// What the form for signing out carries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    /// `1` ends every session of the customer.
    #[serde(default)]
    everywhere: Option<String>,
}

/// Which session.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SessionPath {
    /// As the list names it.
    pub(crate) id: String,
}

/// Where the customer is signed in.
pub(crate) async fn show(cx: CustomerContext<Always>, _: Asked<Nothing>) -> Answer<Page<SessionsPage>> {
    Ok(Page::new(load(&cx).await?))
}

/// Ends one of them, pressed twice too.
pub(crate) async fn end_one(cx: CustomerContext<Always>, form: Submitted<Nothing, SessionPath>) -> Answer<SeeOther> {
    let (path, _) = form.into_parts();
    end_named(&cx, &path.id).await?;
    Ok(SeeOther::to("/sessions").saying(Flash::SessionEnded))
}

/// Signs this browser out, or all. Whoever came by a link to one contract, or sits in a frame, ends that session and nobody
/// else's.
pub(crate) async fn sign_out(cx: CustomerContext<Always, View, Any>, form: Submitted<Form>) -> Answer<SeeOther> {
    let everywhere = form.into_inner().everywhere.as_deref() == Some("1");
    if everywhere && !cx.reach().is_whole() {
        return Err(Problem::NotFound);
    }
    let is_framed = cx.arrival().is_framed();
    if everywhere && is_framed {
        return Err(Problem::OwnWindow);
    }
    end(&cx, everywhere).await?;
    let jar = cx.arrival().jar();
    let flash = if everywhere { Flash::SignedOutEverywhere } else { Flash::SignedOut };
    Ok(SeeOther::to(if is_framed { "/embed" } else { "/login" })
        .cookie(CookieName::Session.clear(jar))
        .cookie(CookieName::Seen.clear(jar))
        .saying(flash))
}

/// Ends one session or all of them.
pub(crate) async fn end<S: ReachMark>(cx: &CustomerContext<Always, View, S>, everywhere: bool) -> Answer<()> {
    let session = cx.session().await?;
    if everywhere {
        let event = Event::new(EventKind::SignedOutEverywhere, Actor::Customer, cx.now(), session.number.as_str());
        cx.store().end_all_sessions(cx.customer(), event).await?;
    } else {
        cx.store().end_session(cx.customer(), &session.sid_hash).await?;
    }
    Ok(())
}

/// Ends the session of this name. One that has ended already is as it should be; a stranger's is none.
pub(crate) async fn end_named(cx: &CustomerContext<Always>, name: &str) -> Answer<()> {
    let customer = cx.customer();
    if !Session::is_name_of(customer, name) {
        return Err(Problem::NotFound);
    }
    let sessions = cx.store().sessions(customer, cx.now()).await?;
    let Some(session) = sessions.into_iter().find(|session| session.name(customer) == name) else { return Ok(()) };
    let event = Event::new(EventKind::SessionEnded, Actor::Customer, cx.now(), session.number.as_str())
        .by(cx.way())
        .with("session", name);
    Ok(cx.store().end_named_session(customer, &session, event).await?)
}

/// The active sessions, the one that asks first.
pub(crate) async fn load(cx: &CustomerContext<Always>) -> Answer<SessionsPage> {
    let own = cx.session().await?.sid_hash.clone();
    let sessions = cx.store().sessions(cx.customer(), cx.now()).await?;
    let row = |session: Session| SessionRow {
        id: session.name(cx.customer()),
        current: session.sid_hash == own,
        since: session.created_at,
        device: session.device,
    };
    let mut items: Vec<SessionRow> = sessions.into_iter().map(row).collect();
    items.sort_by_key(|row| (!row.current, std::cmp::Reverse(row.since)));
    Ok(SessionsPage { items })
}

/// The active sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionsPage {
    /// The one that asks first, then the newest.
    pub items: Vec<SessionRow>,
}

/// One active session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionRow {
    /// Ends it; it opens nothing.
    pub id: String,
    /// Is it the one that asks?
    pub current: bool,
    /// When it began.
    pub since: Timestamp,
    /// With what, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
}

impl SessionRow {
    /// „Firefox auf Android"; nothing where that is not known.
    #[must_use]
    pub fn device_name(&self, t: &Words) -> String {
        let named = |device: Device| t.login_sessions_device(device.browser.name(), device.system.name());
        self.device.map(named).unwrap_or_default()
    }
}

web::page!(SessionsPage => "pages/auth-otp/sessions.html");

#[cfg(test)]
mod tests {
    use domain::device::{Browser, System};
    use web::page::testing;

    use super::*;

    fn row(current: bool, device: Option<Device>) -> SessionRow {
        SessionRow { id: "nameOfASession".to_owned(), current, since: Timestamp::UNIX_EPOCH, device }
    }

    #[test]
    fn the_sessions_page_is_sound() {
        let device = Some(Device { browser: Browser::SamsungInternet, system: System::Android });
        let page = SessionsPage { items: vec![row(true, device), row(false, device), row(false, None)] };
        testing::check("sessions", &page, |_| {});
        testing::check("sessions-only", &SessionsPage { items: vec![row(true, None)] }, testing::extreme);
    }

    #[test]
    fn a_device_is_told_in_two_words_or_not_at_all() {
        let device = Some(Device { browser: Browser::Firefox, system: System::Android });
        let (german, english) = (Words::new(domain::Language::De), Words::new(domain::Language::En));
        assert_eq!(row(true, device).device_name(&german), "Firefox auf Android");
        assert_eq!(row(true, device).device_name(&english), "Firefox on Android");
        assert_eq!(row(true, None).device_name(&german), "");
    }
}
