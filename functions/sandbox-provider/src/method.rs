//! `/method/{id}`: the hosted page on which a customer lets a way to pay be kept. Whoever plays decides what it will do.

use askama::Template as _;
use payments::sandbox::Behaviour;
use serde::Deserialize;
use store::{Loaded, SandboxMethod, SandboxMethodState, deciding_again};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, File, Problem, SandboxPageContext, SeeOther, Submitted, With};

use crate::{Clients, checkout::origin, messages};

/// What the buttons send as `action`.
pub const ACTIONS: [&str; 4] = ["keep", "decline", "later", "end"];

/// Which one.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct MethodPath {
    id: String,
}

/// A pressed button.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Click {
    action: Action,
    /// What it does when it is charged.
    #[serde(default)]
    behaviour: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    Keep,
    /// Declined, or the customer turned back.
    Decline,
    /// Back to the merchant, undecided.
    Later,
    /// The provider or the bank ends what was kept.
    End,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/sandbox-provider/method.html", config = "../../templates/askama.toml")]
struct MethodPage<'a> {
    t: Words,
    merchant: &'a str,
    method: &'a SandboxMethod,
}

impl MethodPage<'_> {
    fn state(&self) -> &'static str {
        match &self.method.state {
            SandboxMethodState::Open => self.t.provider_open(),
            SandboxMethodState::Kept { .. } => self.t.provider_kept(),
            SandboxMethodState::Declined => self.t.provider_declined(),
            SandboxMethodState::Ended => self.t.provider_ended(),
        }
    }

    fn is_undecided(&self) -> bool {
        matches!(self.method.state, SandboxMethodState::Open | SandboxMethodState::Declined)
    }

    fn is_kept(&self) -> bool {
        matches!(self.method.state, SandboxMethodState::Kept { .. })
    }

    /// What it may do when it is charged, and whether it does.
    fn behaviours(&self) -> Vec<(&'static str, &'static str, bool)> {
        let words = |one: Behaviour| match one {
            Behaviour::Pays => self.t.methods_test_pays(),
            Behaviour::Declines => self.t.methods_test_declines(),
            Behaviour::Waits => self.t.methods_test_waits(),
        };
        let now = match &self.method.state {
            SandboxMethodState::Kept { behaviour } => behaviour,
            _ => Behaviour::Pays.code(),
        };
        Behaviour::ALL.into_iter().map(|one| (one.code(), words(one), one.code() == now)).collect()
    }
}

/// Shows it, in whatever state it is.
pub(crate) async fn show(cx: SandboxPageContext, ask: Asked<MethodPath>) -> Answer<With<File>> {
    let method = cx.store().sandbox_method(&ask.0.id).await?.ok_or(Problem::NotFound)?.value;
    let page = MethodPage { t: Words::new(method.language), merchant: &cx.tenant().settings.name, method: &method };
    let html = page.render().map_err(|error| Problem::Internal(error.to_string()))?;
    With::form_to(File::plain(html.into_bytes(), "text/html; charset=utf-8"), origin(&method.return_url))
}

/// Carries a button out, tells the merchant, and goes where a customer would be sent.
pub(crate) async fn click(
    cx: SandboxPageContext,
    clients: Clients,
    body: Submitted<Click, MethodPath>,
) -> Answer<SeeOther> {
    let (MethodPath { id }, Click { action, behaviour }) = body.into_parts();
    let store = cx.store();
    let (method, told) = deciding_again(|| async {
        let Loaded { value, rev } = store.sandbox_method(&id).await?.ok_or(Problem::NotFound)?;
        let Some((state, told)) = decide(&value.state, action, &behaviour) else { return Ok((value, None)) };
        let next = SandboxMethod { state, ..value };
        store.save_sandbox_method(&next, Some(rev)).await?;
        Ok::<_, Problem>((next, Some(told)))
    })
    .await?;
    if let Some(kind) = told {
        messages::tell(&clients, &store, &method, kind, cx.now()).await?;
    }
    match action {
        Action::End => Ok(SeeOther::to(id)),
        Action::Keep | Action::Decline | Action::Later => Ok(SeeOther::to(method.return_url)),
    }
}

/// The next state, and what is told of it; none when nothing changes. What was kept is not declined any more, but may do
/// something else at its next charge.
fn decide(state: &SandboxMethodState, action: Action, behaviour: &str) -> Option<(SandboxMethodState, &'static str)> {
    let known = Behaviour::ALL.into_iter().find(|one| one.code() == behaviour).unwrap_or(Behaviour::Pays);
    let kept = SandboxMethodState::Kept { behaviour: known.code().to_owned() };
    match (state, action) {
        (SandboxMethodState::Open | SandboxMethodState::Declined, Action::Keep) => Some((kept, "kept")),
        (SandboxMethodState::Kept { .. }, Action::Keep) if *state != kept => Some((kept, "changed")),
        (SandboxMethodState::Open, Action::Decline) => Some((SandboxMethodState::Declined, "declined")),
        (SandboxMethodState::Kept { .. }, Action::End) => Some((SandboxMethodState::Ended, "ended")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Language,
        id::{CustomerId, PaymentMethodId},
        payment_method::MethodName,
    };
    use jiff::Timestamp;

    use super::*;

    fn method(state: SandboxMethodState) -> SandboxMethod {
        let at = Timestamp::UNIX_EPOCH;
        let reference = MethodName { customer: CustomerId::new(at, [1; 10]), id: PaymentMethodId::new(at, [2; 10]) };
        SandboxMethod {
            id: "sm_x".into(),
            reference,
            description: "Webhosting AG <b>".into(),
            return_url: "http://webhosting-ag.localhost:9000/payment-methods/x".into(),
            webhook_url: "http://webhosting-ag.localhost:9000/webhooks/sandbox".into(),
            language: Language::De,
            created_at: at,
            state,
        }
    }

    fn page(method: &SandboxMethod) -> String {
        MethodPage { t: Words::new(method.language), merchant: "Webhosting AG", method }.render().unwrap()
    }

    #[test]
    fn what_was_kept_ends_and_what_was_declined_may_still_be_kept() {
        let kept = SandboxMethodState::Kept { behaviour: "declines".into() };
        assert_eq!(decide(&SandboxMethodState::Open, Action::Keep, "declines"), Some((kept.clone(), "kept")));
        assert_eq!(decide(&SandboxMethodState::Declined, Action::Keep, "declines"), Some((kept.clone(), "kept")));
        assert_eq!(decide(&kept, Action::Decline, ""), None);
        assert_eq!(decide(&kept, Action::Keep, "declines"), None);
        let pays = SandboxMethodState::Kept { behaviour: "pays".into() };
        assert_eq!(decide(&kept, Action::Keep, "pays"), Some((pays, "changed")));
        assert_eq!(decide(&kept, Action::End, ""), Some((SandboxMethodState::Ended, "ended")));
        assert_eq!(decide(&SandboxMethodState::Ended, Action::Keep, ""), None);
    }

    #[test]
    fn the_page_has_a_button_for_what_can_happen_and_no_other() {
        let open = page(&method(SandboxMethodState::Open));
        for action in ["keep", "decline", "later"] {
            assert!(open.contains(&format!("value=\"{action}\"")), "{action}: {open}");
        }
        assert!(open.contains("Webhosting AG &#60;b&#62;") && !open.contains("value=\"end\"") && open.contains("<h1"));
        let kept = page(&method(SandboxMethodState::Kept { behaviour: "pays".into() }));
        assert!(kept.contains("value=\"end\"") && !kept.contains("value=\"decline\""));
        let ended = page(&method(SandboxMethodState::Ended));
        assert!(ACTIONS.iter().all(|action| !ended.contains(&format!("value=\"{action}\""))), "{ended}");
        assert!(!open.contains("<script") && !open.contains("style="));
    }
}
