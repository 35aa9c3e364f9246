//! `/login`: asks for the e-mail address that gets the sign-in code (M-36).

use domain::{Pii, customer::EmailAddress};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door, Either, Page, PublicContext, SeeOther, Submitted,
    cookies::CookieName,
    page::{ErrorSummary, SafeHtml},
    reply::{TOO_MANY, UNPROCESSABLE},
};

use crate::{
    Clients, code,
    flow::{self, Goal, NotSent},
};

/// What the address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    /// Page that was asked for, or an address of a shop that leads here.
    return_to: Option<String>,
}

/// What the form carries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    #[serde(default)]
    email: String,
    return_to: Option<String>,
}

/// The form; whoever is signed in goes on at once.
pub(crate) async fn show(cx: PublicContext, ask: Asked<Ask>) -> Answer<Either<Page<LoginPage>, SeeOther>> {
    let goal = Goal::named(&cx, ask.0.return_to.as_deref());
    if cx.customer().await?.is_some() {
        return Ok(Either::Second(SeeOther::to(goal.page_or_start().as_str())));
    }
    let email = remembered_address(&cx).await?;
    Ok(Either::First(Page::new(view(&cx, email, &goal))))
}

/// Sends the code and goes on to its page.
pub(crate) async fn submit(
    cx: PublicContext,
    clients: Clients,
    form: Submitted<Form>,
) -> Answer<Either<Page<LoginPage>, SeeOther>> {
    let form = form.into_inner();
    let goal = Goal::named(&cx, form.return_to.as_deref());
    let t = cx.arrival().words();
    let again = |cx: &PublicContext, status, message: String| {
        let page = view(cx, form.email.clone().into(), &goal);
        Ok(Either::First(Page::with_errors(page, ErrorSummary::one("email", message)).status(status)))
    };
    let address: EmailAddress = match form.email.trim().parse() {
        Ok(address) => address,
        Err(_) if form.email.trim().is_empty() => return again(&cx, UNPROCESSABLE, t.login_email_missing().into()),
        Err(_) => return again(&cx, UNPROCESSABLE, t.login_email_invalid().into()),
    };
    let device = cx.arrival().cookie(CookieName::Device);
    match flow::begin(&cx, &clients, address, goal.clone(), device).await {
        Ok(sent) => Ok(Either::Second(code::after_sending(&cx, &sent))),
        Err(NotSent::NoMailGoesThere) => again(&cx, UNPROCESSABLE, t.login_email_invalid().into()),
        Err(NotSent::Unknown) => again(&cx, UNPROCESSABLE, t.login_email_unknown().into()),
        Err(NotSent::TooMany | NotSent::TooSoon(_) | NotSent::Ended) => again(&cx, TOO_MANY, t.login_too_many().into()),
        Err(NotSent::Problem(problem)) => Err(problem),
    }
}

fn view(cx: &PublicContext, email: Pii<String>, goal: &Goal) -> LoginPage {
    let settings = &cx.tenant().settings;
    LoginPage {
        email,
        return_to: goal.kept(),
        welcome: settings.texts.welcome.html.get(cx.arrival().language()).map(SafeHtml::from_sanitised),
        signup_url: settings.login.signup_url.clone(),
    }
}

/// After a session has expired its address is filled in again: the token proves whose browser this is, nothing more.
async fn remembered_address(cx: &PublicContext) -> Answer<Pii<String>> {
    let Some(customer) = cx.remembered_customer() else { return Ok(Pii::default()) };
    let found = cx.store().customer(customer).await?;
    let email = found.and_then(|customer| customer.value.facts.email);
    Ok(email.map(|email| email.as_str().to_owned().into()).unwrap_or_default())
}

/// One field, and the tenant's welcome text beside it (M-09).
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginPage {
    /// What was typed before, or the address of the session that ended.
    pub email: Pii<String>,
    /// Page that was asked for, or the shop somebody came from; kept in the form (M-42, M-52).
    pub return_to: Option<String>,
    /// The tenant's news.
    pub welcome: Option<SafeHtml>,
    /// Where new customers go (M-33).
    pub signup_url: Option<String>,
}

web::page!(LoginPage => "pages/auth-otp/login.html");

#[cfg(test)]
mod tests {
    use web::page::{ErrorSummary, Flash, testing};

    use super::*;

    const WELCOME: &str = "<h2>Willkommen im Kundencenter der Webhosting AG</h2><p>Hier sehen Sie Ihre Verträge und \
        Rechnungen, wann es Ihnen passt.</p><h3>Wartung am 28. November</h3><p>Am Samstag erneuern wir zwischen 2 und 4 \
        Uhr die Datenbankserver.</p>";

    #[test]
    fn the_login_page_is_sound() {
        let welcome = Some(SafeHtml::from_sanitised(WELCOME));
        let page = LoginPage { welcome, ..LoginPage::default() };
        testing::check("login", &page, testing::public);
        testing::check("login-empty", &LoginPage::default(), |frame| {
            testing::public(frame);
            frame.flash = Some(Flash::SignedOut);
        });
        let page = LoginPage { email: "tine@example".to_owned().into(), ..page };
        testing::check("login-error", &page, |frame| {
            testing::public(frame);
            frame.errors = Some(ErrorSummary::one("email", frame.t.login_email_invalid()));
        });
        let signup_url = Some("https://webhosting.example/bestellen".to_owned());
        testing::check(
            "login-long",
            &LoginPage { signup_url, return_to: Some("/invoices".to_owned()), ..page },
            |frame| {
                testing::extreme(frame);
                testing::public(frame);
                frame.flash = Some(Flash::SessionExpired);
            },
        );
    }
}
