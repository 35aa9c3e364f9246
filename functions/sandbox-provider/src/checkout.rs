//! `/checkout/{id}`: the hosted page. Every button is something that happens to real payments too.

use askama::Template as _;
use domain::Money;
use payments::sandbox::CheckoutState;
use serde::Deserialize;
use store::{Loaded, SandboxCheckout, SandboxEnding, SandboxMessage, deciding_again};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, File, Nothing, Problem, SandboxPageContext, SeeOther, Submitted, With};

use crate::{Clients, books, messages};

const STYLE: &[u8] = include_bytes!("../../../templates/assets/sandbox-provider.css");

/// What the buttons send as `action`.
pub const ACTIONS: [&str; 7] = ["pay", "pay_twice", "decline", "cancel", "later", "expire", "send"];

/// Which checkout.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CheckoutPath {
    id: String,
}

/// A pressed button.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Click {
    action: Action,
    /// How often the merchant is told.
    #[serde(default)]
    messages: Telling,
    /// Which message, to send one.
    #[serde(default)]
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    Pay,
    PayTwice,
    Decline,
    Cancel,
    /// Back to the merchant, undecided; it may be paid afterwards.
    Later,
    Expire,
    /// A message, now or once more.
    Send,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Telling {
    #[default]
    Once,
    Twice,
    /// Not now: by the message's own button, or never.
    Later,
}

impl Telling {
    const fn times(self) -> u32 {
        match self {
            Self::Once => 1,
            Self::Twice => 2,
            Self::Later => 0,
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/sandbox-provider/checkout.html", config = "../../templates/askama.toml")]
struct CheckoutPage<'a> {
    t: Words,
    merchant: &'a str,
    checkout: &'a SandboxCheckout,
    state: CheckoutState,
}

impl CheckoutPage<'_> {
    fn state(&self) -> &'static str {
        match self.state {
            CheckoutState::Open => self.t.provider_open(),
            CheckoutState::Paid => self.t.provider_paid(),
            CheckoutState::Declined => self.t.provider_declined(),
            CheckoutState::Cancelled => self.t.provider_cancelled(),
            CheckoutState::Expired => self.t.provider_expired(),
        }
    }

    /// Nothing has been paid, and it still can be.
    fn is_undecided(&self) -> bool {
        !matches!(self.state, CheckoutState::Expired | CheckoutState::Paid)
    }

    fn may_be_paid(&self) -> bool {
        self.state != CheckoutState::Expired && self.checkout.charges.len() < 2
    }

    fn money(&self, amount: &Money) -> String {
        self.t.money(*amount)
    }

    fn sent(&self, message: &SandboxMessage) -> String {
        match (message.sent, message.answer) {
            (0, _) => self.t.provider_not_sent().to_owned(),
            (times, 0) => self.t.provider_unanswered(times),
            (times, status) => self.t.provider_answered(status, times),
        }
    }
}

/// Shows the checkout, in whatever state it is.
pub(crate) async fn show(cx: SandboxPageContext, ask: Asked<CheckoutPath>) -> Answer<With<File>> {
    let checkout = cx.store().sandbox_checkout(&ask.0.id).await?.ok_or(Problem::NotFound)?.value;
    let page = CheckoutPage {
        t: Words::new(checkout.language),
        merchant: &cx.tenant().settings.name,
        state: books::state(&checkout),
        checkout: &checkout,
    };
    let html = page.render().map_err(|error| Problem::Internal(error.to_string()))?;
    With::form_to(File::plain(html.into_bytes(), "text/html; charset=utf-8"), origin(&checkout.return_url))
}

/// The page's own look.
pub(crate) async fn style(_: SandboxPageContext, _: Asked<Nothing>) -> Answer<File> {
    Ok(File::plain(STYLE.to_vec(), "text/css; charset=utf-8"))
}

/// Carries a button out, tells the merchant as often as wanted, and goes where a customer would be sent.
pub(crate) async fn click(
    cx: SandboxPageContext,
    clients: Clients,
    body: Submitted<Click, CheckoutPath>,
) -> Answer<SeeOther> {
    let (CheckoutPath { id }, Click { action, messages, message }) = body.into_parts();
    let store = cx.store();
    let (checkout, fresh) = deciding_again(|| async {
        let Loaded { value, rev } = store.sandbox_checkout(&id).await?.ok_or(Problem::NotFound)?;
        let Some(next) = decide(&value, action) else { return Ok((value, Vec::new())) };
        store.save_sandbox_checkout(&next, Some(rev)).await?;
        let fresh = books::fresh(&value, &next);
        Ok::<_, Problem>((next, fresh))
    })
    .await?;
    let (told, times) = match action {
        Action::Send => (checkout.messages.iter().filter(|one| one.id == message).cloned().collect(), 1),
        _ => (fresh, messages.times()),
    };
    messages::send(&clients, &store, &checkout, &told, times, cx.now()).await?;
    let is_over = books::state(&checkout) == CheckoutState::Expired;
    match action {
        Action::Expire | Action::Send => Ok(SeeOther::to(id)),
        Action::Pay | Action::PayTwice if is_over => Ok(SeeOther::to(id)),
        _ => Ok(SeeOther::to(checkout.return_url)),
    }
}

fn decide(checkout: &SandboxCheckout, action: Action) -> Option<SandboxCheckout> {
    match action {
        Action::Pay => books::pay(checkout, 1),
        Action::PayTwice => books::pay(checkout, 2),
        Action::Decline => books::end(checkout, SandboxEnding::Declined),
        Action::Cancel => books::end(checkout, SandboxEnding::Cancelled),
        Action::Expire => books::end(checkout, SandboxEnding::Expired),
        Action::Later | Action::Send => None,
    }
}

/// `https://host:port` of an address.
pub(crate) fn origin(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use domain::{Currency, Language, id::PaymentId};
    use jiff::Timestamp;

    use super::*;

    fn checkout(language: Language) -> SandboxCheckout {
        let amount = Money::of_minor(4_773, Currency::Eur);
        SandboxCheckout {
            id: "co_x".into(),
            reference: PaymentId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            amount,
            description: "RE1000, RE1001 <b>".into(),
            return_url: "http://webhosting-ag.localhost:9000/payments/x".into(),
            webhook_url: "http://webhosting-ag.localhost:9000/webhooks/sandbox".into(),
            language,
            created_at: Timestamp::UNIX_EPOCH,
            ended: None,
            charges: vec![],
            refunds: vec![],
            messages: vec![],
        }
    }

    fn page(checkout: &SandboxCheckout) -> String {
        let (t, state) = (Words::new(checkout.language), books::state(checkout));
        CheckoutPage { t, merchant: "Webhosting AG", checkout, state }.render().unwrap()
    }

    fn has(html: &str, action: &str) -> bool {
        html.contains(&format!("name=\"action\" value=\"{action}\""))
    }

    #[test]
    fn the_page_says_everything_in_both_languages_and_needs_no_script_or_inline_style() {
        for (language, words, sum) in [
            (Language::De, ["Bezahlen", "gesendet: 1-mal, letzte Antwort: 204"], "47,73"),
            (Language::En, ["Pay", "times sent: 1, last answer: 204"], "47.73"),
        ] {
            let mut checkout = books::end(&checkout(language), SandboxEnding::Declined).unwrap();
            for message in &mut checkout.messages {
                (message.sent, message.answer) = (1, 204);
            }
            let html = page(&checkout);
            for part in [words[0], words[1], sum, "Webhosting AG", "RE1000, RE1001 &#60;b&#62;", "<h1"] {
                assert!(html.contains(part), "{part}: {html}");
            }
            assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("<style"), "{html}");
            for action in ACTIONS {
                assert!(has(&html, action), "{action}");
            }
        }
    }

    #[test]
    fn what_can_no_longer_happen_has_no_button() {
        let paid = books::pay(&checkout(Language::De), 1).unwrap();
        let html = page(&paid);
        assert!(has(&html, "pay_twice") && has(&html, "send") && html.contains("ch_x_1"), "{html}");
        assert!(["pay", "decline", "cancel", "later", "expire"].iter().all(|action| !has(&html, action)), "{html}");
        let twice = page(&books::pay(&paid, 2).unwrap());
        assert!(!has(&twice, "pay_twice") && twice.contains("ch_x_2"));
        let expired = page(&books::end(&checkout(Language::De), SandboxEnding::Expired).unwrap());
        assert!(["pay", "pay_twice", "decline", "later"].iter().all(|action| !has(&expired, action)));
    }

    #[test]
    fn the_form_may_lead_back_to_the_merchant() {
        assert_eq!(origin("http://a.localhost:9000/payments/x"), "http://a.localhost:9000");
    }
}
