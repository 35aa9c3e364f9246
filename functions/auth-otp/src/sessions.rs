//! `/sessions`: where the customer is signed in, and the button that ends all of it.

use domain::change::{Actor, Event, EventKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Session;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door, Nothing, Page, SeeOther, Submitted, area::Always, cookies::CookieName,
    page::Flash,
};

/// What the form for signing out carries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    /// `1` ends every session of the customer.
    #[serde(default)]
    everywhere: Option<String>,
}

/// Where the customer is signed in.
pub(crate) async fn show(cx: CustomerContext<Always>, _: Asked<Nothing>) -> Answer<Page<SessionsPage>> {
    let own = cx.session().await?.sid_hash.clone();
    let sessions = cx.store().sessions(cx.customer(), cx.now()).await?;
    let row = |session: Session| SessionRow {
        current: session.sid_hash == own,
        since: session.created_at,
        last_used_at: None,
    };
    let mut items: Vec<SessionRow> = sessions.into_iter().map(row).collect();
    items.sort_by_key(|row| (!row.current, std::cmp::Reverse(row.since)));
    Ok(Page::new(SessionsPage { items, next: None }))
}

/// Signs this browser out, or all.
pub(crate) async fn sign_out(cx: CustomerContext<Always>, form: Submitted<Form>) -> Answer<SeeOther> {
    let everywhere = form.into_inner().everywhere.as_deref() == Some("1");
    end(&cx, everywhere).await?;
    let config = cx.arrival().portal().config();
    let flash = if everywhere { Flash::SignedOutEverywhere } else { Flash::SignedOut };
    Ok(SeeOther::to("/login")
        .cookie(CookieName::Session.clear(config))
        .cookie(CookieName::Seen.clear(config))
        .saying(flash))
}

/// Ends one session or all of them.
pub(crate) async fn end(cx: &CustomerContext<Always>, everywhere: bool) -> Answer<()> {
    let session = cx.session().await?;
    if everywhere {
        let event = Event::new(EventKind::SignedOutEverywhere, Actor::Customer, cx.now(), session.number.as_str());
        cx.store().end_all_sessions(cx.customer(), event).await?;
    } else {
        cx.store().end_session(cx.customer(), &session.sid_hash).await?;
    }
    Ok(())
}

/// The active sessions, this one first.
#[derive(Debug, Clone, Serialize)]
pub struct SessionsPage {
    /// This session first, then the most recently used.
    pub items: Vec<SessionRow>,
    /// Cursor of older ones.
    pub next: Option<String>,
}

/// One active session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionRow {
    /// Is it the one that asks?
    pub current: bool,
    /// When it began.
    pub since: Timestamp,
    /// When it was last used, where that is known.
    pub last_used_at: Option<Timestamp>,
}

web::page!(SessionsPage => "pages/auth-otp/sessions.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_sessions_page_is_sound() {
        let row = |current| SessionRow {
            current,
            since: Timestamp::UNIX_EPOCH,
            last_used_at: (!current).then_some(Timestamp::UNIX_EPOCH),
        };
        let page = SessionsPage { items: vec![row(true), row(false), row(false)], next: None };
        testing::check("sessions", &page, |_| {});
        testing::check("sessions-empty", &SessionsPage { items: vec![row(true)], next: None }, testing::extreme);
    }
}
