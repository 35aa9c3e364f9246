//! The two mails of signing in. They are the only ones sent from a request: people wait for them.

use domain::{Language, customer::EmailAddress, id::CustomerId, otp::Code};
use mail::{MailError, OtpMail, Rendered, Sender, UnknownAddressMail, Whose, render_otp, render_unknown_address};
use store::LoginCandidate;
use text::Words;
use web::{Answer, Door, Problem, PublicContext};

use crate::{Clients, flow::greeting};

/// Sends a code, in the customer's language.
pub(crate) async fn code(
    cx: &PublicContext,
    clients: &Clients,
    to: &EmailAddress,
    known: &[LoginCandidate],
    code: &Code,
) -> Answer<()> {
    let settings = &cx.tenant().settings;
    let greeted = greeting(known);
    let language = greeted.and_then(|(one, _)| one.language).unwrap_or(settings.language);
    let t = Words::of(settings, language);
    let name = greeted.map(|(one, name)| {
        let salutation = one.salutation.map(|salutation| t.salutation(salutation)).unwrap_or_default();
        format!("{salutation} {}", name.0).trim().to_owned()
    });
    let valid_until = settings.zone.local(cx.now() + domain::otp::LIFETIME).time();
    let greeting_name = name.unwrap_or_default();
    let mail = OtpMail { sender: sender(cx, language), greeting_name: &greeting_name, code, valid_until };
    // Of several who share the address any will do: when it comes back, all of them are looked up.
    let customer = known.first().map(|one| &one.customer);
    deliver(cx, clients, (render_otp(&mail), customer), to).await
}

/// Says that nobody has this address (M-39), in the language of the page.
pub(crate) async fn unknown_address(cx: &PublicContext, clients: &Clients, to: &EmailAddress) -> Answer<()> {
    let mail = UnknownAddressMail { sender: sender(cx, cx.arrival().language()) };
    deliver(cx, clients, (render_unknown_address(&mail), None), to).await
}

async fn deliver(
    cx: &PublicContext,
    clients: &Clients,
    (rendered, customer): (Result<Rendered, mail::BrokenTemplate>, Option<&CustomerId>),
    to: &EmailAddress,
) -> Answer<()> {
    let rendered = rendered.map_err(|error| Problem::Internal(error.to_string()))?;
    let whose = Whose { tenant: cx.tenant().scope().id(), customer };
    match clients.mailer.send(&rendered, whose, to, cx.now()).await {
        // It will never arrive, and whoever asked must not learn from that who has which address.
        Err(error @ (MailError::Refused(_) | MailError::NotListed)) => {
            tracing::warn!(id = %cx.arrival().request_id(), %error, "a mail was not sent");
            Ok(())
        }
        sent => sent.map_err(|error| Problem::Unavailable(error.to_string())),
    }
}

fn sender(cx: &PublicContext, language: Language) -> Sender<'_> {
    let tenant = cx.tenant();
    Sender { settings: &tenant.settings, origin: cx.arrival().origin(), sandbox: tenant.is_sandbox(), language }
}
