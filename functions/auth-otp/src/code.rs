//! `/login/code`: takes the sign-in code (M-36, M-38). The page is the same for known and unknown addresses.

use domain::{
    Pii,
    otp::{self, ChallengeState, Code},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Challenge, secret};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door, Either, Nothing, Page, PublicContext, SeeOther, Submitted,
    cookies::CookieName,
    page::{ErrorSummary, Flash},
    reply::{TOO_MANY, UNPROCESSABLE},
};

use crate::{
    Clients,
    flow::{self, NotRight, NotSent, Right, Sent},
    sign_in::{self, Guest},
};

/// What the form carries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    #[serde(default)]
    code: String,
}

/// The form, for the browser that asked for a code; without one it goes back to the address.
pub(crate) async fn show(cx: PublicContext, _: Asked<Nothing>) -> Answer<Either<Page<CodePage>, SeeOther>> {
    Ok(match open_challenge(&cx).await? {
        Some(challenge) => Either::First(Page::new(view(&cx, &challenge, String::new()))),
        None => Either::Second(SeeOther::to("/login")),
    })
}

/// Tries the code.
pub(crate) async fn submit(
    cx: PublicContext,
    clients: Clients,
    form: Submitted<Form>,
) -> Answer<Either<Page<CodePage>, SeeOther>> {
    let t = cx.arrival().words();
    let entered = form.into_inner().code;
    let Some(id) = cx.arrival().cookie(CookieName::Challenge) else { return Ok(Either::Second(to_address())) };
    let Some(challenge) = open_challenge(&cx).await? else {
        let sent_twice = sent_twice(&cx, &clients, id, &entered).await?;
        return Ok(Either::Second(sent_twice.unwrap_or_else(to_address)));
    };
    let page = view(&cx, &challenge, entered.clone());
    let again = |status, message: String| {
        Ok(Either::First(Page::with_errors(page.clone(), ErrorSummary::one("code", message)).status(status)))
    };
    let Some(code) = Code::typed(&entered) else {
        let message =
            if entered.trim().is_empty() { t.login_code_missing().to_owned() } else { t.login_code_shape(page.digits) };
        return again(UNPROCESSABLE, message);
    };
    let device = cx.arrival().cookie(CookieName::Device);
    match flow::try_code(&cx, &clients, id, &code, device).await {
        Ok(Right::One { candidate, return_to, back, email }) => {
            let guest = Guest::proved(&candidate, back);
            sign_in::browser(&cx, &clients, guest, Some(&email), &return_to).await.map(Either::Second)
        }
        Ok(Right::Several) => Ok(Either::Second(SeeOther::to("/login/choose"))),
        Err(NotRight::Wrong(0) | NotRight::Ended) => match sent_twice(&cx, &clients, id, &entered).await? {
            Some(reply) => Ok(Either::Second(reply)),
            None => again(UNPROCESSABLE, t.login_code_ended().to_owned()),
        },
        Err(NotRight::Wrong(left)) => again(UNPROCESSABLE, t.login_code_wrong(left)),
        Err(NotRight::TooMany) => again(TOO_MANY, t.login_too_many().to_owned()),
        Err(NotRight::Problem(problem)) => Err(problem),
    }
}

/// The second of two clicks goes where the first one has led.
async fn sent_twice(cx: &PublicContext, clients: &Clients, id: &str, entered: &str) -> Answer<Option<SeeOther>> {
    let Some(code) = Code::typed(entered) else { return Ok(None) };
    Ok(flow::led_to(cx, clients, id, &code).await?.map(SeeOther::to))
}

/// Sends another code to the same address.
pub(crate) async fn resend(
    cx: PublicContext,
    clients: Clients,
    _: Submitted<Nothing>,
) -> Answer<Either<Page<CodePage>, SeeOther>> {
    let t = cx.arrival().words();
    let Some(id) = cx.arrival().cookie(CookieName::Challenge).map(str::to_owned) else {
        return Ok(Either::Second(to_address()));
    };
    let again = |challenge: &Challenge, message: String| {
        let page = view(&cx, challenge, String::new());
        Ok(Either::First(Page::with_errors(page, ErrorSummary::one("code", message)).status(TOO_MANY)))
    };
    match flow::resend(&cx, &clients, id, cx.arrival().cookie(CookieName::Device)).await {
        Ok(sent) => Ok(Either::Second(after_sending(&cx, &sent).saying(Flash::CodeSent))),
        Err(NotSent::TooSoon(challenge)) => {
            let local = cx.tenant().settings.zone.local(challenge.resend_at).time();
            again(&challenge, t.login_code_too_soon(t.time_with_seconds(local)))
        }
        Err(NotSent::TooMany) => match open_challenge(&cx).await? {
            Some(challenge) => again(&challenge, t.login_too_many().to_owned()),
            None => Ok(Either::Second(to_address())),
        },
        Err(NotSent::Unknown | NotSent::NoMailGoesThere | NotSent::Ended) => Ok(Either::Second(to_address())),
        Err(NotSent::Problem(problem)) => Err(problem),
    }
}

/// Back to the address, saying why.
fn to_address() -> SeeOther {
    SeeOther::to("/login").saying(Flash::CodeEnded)
}

/// To the code's page, with the challenge bound to this browser.
pub(crate) fn after_sending(cx: &PublicContext, sent: &Sent) -> SeeOther {
    let seconds = sent.challenge.expires_at().duration_since(cx.now()).as_secs();
    let cookie = CookieName::Challenge.set(&sent.challenge_id, Some(seconds), cx.arrival().jar());
    SeeOther::to("/login/code").cookie(cookie)
}

/// The challenge this browser asked for, unless it has ended.
async fn open_challenge(cx: &PublicContext) -> Answer<Option<Challenge>> {
    let Some(id) = cx.arrival().cookie(CookieName::Challenge) else { return Ok(None) };
    let found = cx.store().challenge(&secret::hash(id)).await?;
    let live = |challenge: &Challenge| challenge.state == ChallengeState::Open && cx.now() < challenge.expires_at();
    Ok(found.map(|loaded| loaded.value).filter(live))
}

fn view(cx: &PublicContext, challenge: &Challenge, entered: String) -> CodePage {
    let wait = challenge.resend_at.duration_since(cx.now()).as_secs();
    CodePage {
        email: challenge.email.as_str().to_owned().into(),
        digits: challenge.digits,
        minutes: u32::try_from(otp::LIFETIME.as_mins()).unwrap_or_default(),
        entered,
        resend_at: challenge.resend_at,
        resend_after_seconds: u32::try_from(wait).unwrap_or_default(),
    }
}

/// One field for the code, and the way to another code or address.
#[derive(Debug, Clone, Serialize)]
pub struct CodePage {
    /// Where the code went, as it was typed.
    pub email: Pii<String>,
    /// Digits of the code: six, after many failures ten.
    pub digits: u32,
    /// How long the code works.
    pub minutes: u32,
    /// What was typed before; shown again beside an error.
    #[serde(skip)]
    pub entered: String,
    /// From then on another code can be asked for.
    pub resend_at: Timestamp,
    /// Seconds until then, counted when the page is made: the browser's clock may be wrong.
    pub resend_after_seconds: u32,
}

web::page!(CodePage => "pages/auth-otp/code.html");

#[cfg(test)]
mod tests {
    use web::page::{ErrorSummary, Flash, testing};

    use super::*;

    fn page() -> CodePage {
        CodePage {
            email: "tine@example.org".to_owned().into(),
            digits: 6,
            minutes: 10,
            entered: String::new(),
            resend_at: Timestamp::UNIX_EPOCH,
            resend_after_seconds: 60,
        }
    }

    #[test]
    fn the_code_page_is_sound() {
        testing::check("code", &page(), testing::public);
        testing::check("code-error", &CodePage { entered: "482 194".to_owned(), ..page() }, |frame| {
            testing::public(frame);
            frame.errors = Some(ErrorSummary::one("code", frame.t.login_code_wrong(4)));
        });
        let email = "vorstandsassistenz@veranstaltungstechnik-norddeutschland.example".to_owned().into();
        testing::check("code-long", &CodePage { email, digits: 10, ..page() }, |frame| {
            testing::extreme(frame);
            testing::public(frame);
            frame.flash = Some(Flash::CodeSent);
        });
    }
}
