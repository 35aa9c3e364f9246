//! `/data/email`: another login address, which counts once whoever reads mail there confirms it (M-43, B-08).

pub mod api;
pub mod confirm;

use domain::{
    Pii,
    customer::{Customer, EmailAddress},
    email_change::{EmailChange, LIFETIME, MAILS_PER_ADDRESS_AND_DAY, MAILS_PER_CUSTOMER_AND_DAY},
    id::EmailChangeId,
};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Budget, CommitError, deciding_again, secret};
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door as _, Either, Nothing, Page, Problem, SeeOther, Submitted, area,
    door::Change,
    page::{ErrorSummary, Flash},
    reply::{TOO_MANY, UNPROCESSABLE},
};

pub(crate) type Cx = CustomerContext<area::Data, Change>;

/// The page's own address.
const PATH: &str = "/data/email";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the form sends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    /// As it was typed.
    #[serde(default)]
    #[schema(value_type = String)]
    email: Pii<String>,
}

/// The form, and the wish that waits.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<EmailPage>> {
    Ok(Page::new(view(&cx, Pii::default()).await?))
}

/// Keeps a wish; its mail follows from that.
pub(crate) async fn submit(cx: Cx, form: Submitted<Form>) -> Answer<Either<Page<EmailPage>, SeeOther>> {
    let typed = form.into_inner().email;
    let flaw = match ask(&cx, typed.trim()).await? {
        Ok(_) => return Ok(Either::Second(SeeOther::to(PATH).saying(Flash::EmailChangeRequested))),
        Err(flaw) => flaw,
    };
    let message = flaw.message(&cx.arrival().words());
    let page = Page::with_errors(view(&cx, typed).await?, ErrorSummary::one("email", message));
    Ok(Either::First(page.status(flaw.status())))
}

/// Takes a wish back. Where none waits there is nothing to say: it was confirmed, or taken back before.
pub(crate) async fn withdraw(cx: Cx, _: Submitted<Nothing>) -> Answer<SeeOther> {
    let waiting = cx.store().email_change(cx.customer()).await?.filter(|seen| seen.value.confirmed_at.is_none());
    let Some(seen) = waiting else { return Ok(SeeOther::to(PATH)) };
    let because = seen.value.withdrawn(cx.way(), cx.now());
    match cx.store().withdraw_email_change(&seen, because).await {
        Ok(()) => Ok(SeeOther::to(PATH).saying(Flash::EmailChangeWithdrawn)),
        Err(CommitError::Refused("email_change")) => Ok(SeeOther::to(PATH)),
        Err(error) => Err(error.into()),
    }
}

/// The present address, what was typed, and the wish that waits.
#[derive(Debug, Clone, Serialize)]
pub struct EmailPage {
    /// The login address as it is.
    pub present: Option<EmailAddress>,
    /// What was typed before.
    pub typed: Pii<String>,
    /// What waits for its confirmation.
    pub pending: Option<Pending>,
}

/// A wish that waits.
#[derive(Debug, Clone, Serialize)]
pub struct Pending {
    /// The address it is for.
    pub to: EmailAddress,
    /// Until when the link in its mail works.
    pub until: Timestamp,
}

web::page!(EmailPage => "pages/customer/email.html");

async fn view(cx: &Cx, typed: Pii<String>) -> Answer<EmailPage> {
    let store = cx.store();
    let (person, wish) = tokio::try_join!(store.customer(cx.customer()), store.email_change(cx.customer()))?;
    let person = person.ok_or(Problem::NotFound)?.value;
    let waiting = wish.map(|found| found.value).filter(|wish| wish.is_open(&person, cx.now()));
    let pending = waiting.map(|wish| Pending { to: wish.to, until: wish.expires_at });
    Ok(EmailPage { present: person.facts.email, typed, pending })
}

/// Why a wish is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    Missing,
    Invalid,
    /// It is the login address already.
    Same,
    /// Nothing can be delivered there.
    Bounced,
    /// Too many mails went out today.
    TooMany,
}

impl Flaw {
    fn message(self, t: &Words) -> &'static str {
        match self {
            Self::Missing => t.email_missing(),
            Self::Invalid => t.login_email_invalid(),
            Self::Same => t.email_same(),
            Self::Bounced => t.email_bounced(),
            Self::TooMany => t.email_too_many(),
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::TooMany => TOO_MANY,
            Self::Missing | Self::Invalid | Self::Same | Self::Bounced => UNPROCESSABLE,
        }
    }
}

/// Keeps a wish in place of an older one. Who else has the address makes no difference.
pub(crate) async fn ask(cx: &Cx, typed: &str) -> Answer<Result<EmailChange, Flaw>> {
    let to = match typed.parse::<EmailAddress>() {
        Ok(to) if to.takes_mail() => to,
        _ if typed.is_empty() => return Ok(Err(Flaw::Missing)),
        _ => return Ok(Err(Flaw::Invalid)),
    };
    let store = cx.store();
    let (person, state) = tokio::try_join!(store.customer(cx.customer()), store.email_state(&to))?;
    let person = person.ok_or(Problem::NotFound)?.value;
    if person.facts.email.as_ref().is_some_and(|present| present.folded() == to.folded()) {
        return Ok(Err(Flaw::Same));
    }
    if let Some(known) = repeated(cx, &person, &to).await? {
        return Ok(Ok(known));
    }
    if !may_be_mailed(cx, &to).await? {
        return Ok(Err(Flaw::TooMany));
    }
    // Only now: whether mail to strangers bounces is told no more often than mails go out.
    if !state.takes_asked() {
        return Ok(Err(Flaw::Bounced));
    }
    deciding_again(|| keep(cx, &person, &to)).await.map(Ok)
}

/// The wish that a button pressed twice has made already.
async fn repeated(cx: &Cx, person: &Customer, to: &EmailAddress) -> Answer<Option<EmailChange>> {
    let known = cx.store().email_change(cx.customer()).await?.map(|found| found.value);
    Ok(known.filter(|known| known.is_open(person, cx.now()) && known.is_repeated_by(to, cx.now())))
}

/// Only so many mails go out for a customer in a day, and to a mailbox: nobody can be flooded through a portal.
async fn may_be_mailed(cx: &Cx, to: &EmailAddress) -> Answer<bool> {
    let (store, now) = (cx.store(), cx.now());
    let mailbox = secret::hash(&to.mailbox());
    let budget = |what, subject, max| Budget { what, subject, window: Some(DAY), max };
    let of_customer = budget("email-change", cx.customer().as_str(), MAILS_PER_CUSTOMER_AND_DAY);
    let to_mailbox = budget("email-change-to", mailbox.as_str(), MAILS_PER_ADDRESS_AND_DAY);
    Ok(store.take(&of_customer, now).await? && store.take(&to_mailbox, now).await?)
}

async fn keep(cx: &Cx, person: &Customer, to: &EmailAddress) -> Answer<EmailChange> {
    let (store, now) = (cx.store(), cx.now());
    let seen = store.email_change(cx.customer()).await?;
    if let Some(known) = seen.as_ref().map(|seen| &seen.value).filter(|known| known.is_repeated_by(to, now)) {
        return Ok(known.clone());
    }
    let wish = EmailChange {
        id: EmailChangeId::new(now, secret::entropy()),
        customer: cx.customer().clone(),
        number: person.number.clone(),
        from: person.facts.email.clone(),
        to: to.clone(),
        asked_at: now,
        expires_at: now + LIFETIME,
        asked_by: cx.session().await?.sid_hash.clone(),
        confirmed_at: None,
    };
    let change = EmailChange::ask(wish, cx.way());
    store.ask_email_change(&change, seen.map(|seen| seen.rev)).await?;
    Ok(change.into_parts().0)
}

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    fn page(typed: &str) -> EmailPage {
        EmailPage { present: "tine@example.org".parse().ok(), typed: typed.to_owned().into(), pending: None }
    }

    #[test]
    fn the_page_is_sound() {
        testing::check("email", &page(""), |_| {});
        testing::check("email-error", &page("tine@example"), |frame| {
            testing::extreme(frame);
            frame.errors = Some(ErrorSummary::one("email", frame.t.login_email_invalid()));
        });
        let to = "vorstandsassistenz@veranstaltungstechnik-norddeutschland.example".parse().unwrap();
        let pending = Some(Pending { to, until: Timestamp::UNIX_EPOCH });
        testing::check("email-pending", &EmailPage { present: None, pending, ..page("") }, |_| {});
    }

    #[test]
    fn every_flaw_has_its_sentence() {
        for language in domain::Language::ALL {
            let t = Words::new(language);
            let flaws = [Flaw::Missing, Flaw::Invalid, Flaw::Same, Flaw::Bounced, Flaw::TooMany];
            let mut messages = flaws.map(|flaw| flaw.message(&t)).to_vec();
            assert!(messages.iter().all(|message| message.ends_with('.')), "{messages:?}");
            messages.sort_unstable();
            messages.dedup();
            assert_eq!(messages.len(), flaws.len(), "{messages:?}");
        }
    }
}
