//! The two steps of signing in by code, the same for pages and API: send a code, try a code.
//!
//! An address nobody has goes the same way as one somebody has: the same reads, the same writes, the same answer. Only
//! the mail differs.

use domain::{
    Pii,
    customer::EmailAddress,
    otp::{self, Attempts, ChallengeState, Code, Refused},
    tenant::{SharedEmail, UnknownEmail},
};
use jiff::{SignedDuration, Timestamp};
use store::{Budget, Challenge, Loaded, LoginCandidate, SentCode, TenantStore, secret};
use web::{Door, Problem, PublicContext, ReturnTo};

use crate::{Clients, mails};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A code that is on its way, or would be.
#[derive(Debug)]
pub(crate) struct Sent {
    /// Known to the browser or program that asked, and to nobody else.
    pub(crate) challenge_id: String,
    /// The challenge afterwards.
    pub(crate) challenge: Challenge,
}

/// Why no code was sent.
#[derive(Debug)]
pub(crate) enum NotSent {
    /// A budget is used up.
    TooMany,
    /// Less than a minute since the last one.
    TooSoon(Challenge),
    /// No mail can be sent to such an address, whoever has it.
    NoMailGoesThere,
    /// Nobody has the address, and the tenant wants the page to say so (M-39).
    Unknown,
    /// The challenge has ended or is another browser's.
    Ended,
    /// Something else.
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for NotSent {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

/// Where somebody goes after signing in, and where that person came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Goal {
    page: Option<ReturnTo>,
    back: Option<String>,
}

impl Goal {
    /// A page of ours; none is the start page.
    pub(crate) const fn page(page: Option<ReturnTo>) -> Self {
        Self { page, back: None }
    }

    /// What an address or a form names: a page of ours to go to, or an address of a shop that leads here, to be offered as
    /// the way back (M-52). Anything else is nothing.
    pub(crate) fn named(cx: &PublicContext, named: Option<&str>) -> Self {
        let back = named.and_then(|named| cx.tenant().settings.links.way_back(named));
        Self { page: named.and_then(|named| named.parse().ok()), back: back.map(|back| back.url) }
    }

    /// The page, or the start page.
    pub(crate) fn page_or_start(&self) -> ReturnTo {
        self.page.clone().unwrap_or_else(ReturnTo::start)
    }

    /// As a form keeps it.
    pub(crate) fn kept(&self) -> Option<String> {
        self.page.as_ref().map(ToString::to_string).or_else(|| self.back.clone())
    }
}

/// Begins signing in with an address.
pub(crate) async fn begin(
    cx: &PublicContext,
    clients: &Clients,
    email: EmailAddress,
    goal: Goal,
    device: Option<&str>,
) -> Result<Sent, NotSent> {
    if !mail::goes_to(&email) {
        return Err(NotSent::NoMailGoesThere);
    }
    let challenge_id = secret::token().expose().clone();
    let fresh = Challenge {
        email,
        codes: Vec::new(),
        digits: 0,
        tries: 0,
        state: ChallengeState::Open,
        resend_at: Timestamp::UNIX_EPOCH,
        return_to: goal.page_or_start().as_str().to_owned(),
        back: goal.back,
    };
    send(cx, clients, challenge_id, fresh, None, device).await
}

/// Sends another code for a challenge; the older ones stay good (M-38).
pub(crate) async fn resend(
    cx: &PublicContext,
    clients: &Clients,
    challenge_id: String,
    device: Option<&str>,
) -> Result<Sent, NotSent> {
    let now = cx.now();
    let found = cx.store().challenge(&secret::hash(&challenge_id)).await?.ok_or(NotSent::Ended)?;
    let challenge = found.value;
    if challenge.state != ChallengeState::Open || challenge.expires_at() <= now {
        return Err(NotSent::Ended);
    }
    if now < challenge.resend_at {
        return Err(NotSent::TooSoon(challenge));
    }
    if challenge.codes.len() >= Challenge::MAX_CODES {
        return Err(NotSent::TooMany);
    }
    send(cx, clients, challenge_id, challenge, Some(found.rev), device).await
}

async fn send(
    cx: &PublicContext,
    clients: &Clients,
    challenge_id: String,
    challenge: Challenge,
    seen: Option<u64>,
    device: Option<&str>,
) -> Result<Sent, NotSent> {
    let (store, now) = (cx.store(), cx.now());
    let address = clients.keyed("address", &challenge.email.folded());
    let strangers = strangers(&address);
    let (may_send, failures, (candidates, state)) = tokio::try_join!(
        send_budgets(cx, clients, &address, device),
        store.taken(&strangers, now),
        store.login_lookup(&challenge.email),
    )?;
    if !may_send {
        return Err(NotSent::TooMany);
    }
    let known: Vec<LoginCandidate> = candidates.into_iter().filter(|candidate| candidate.access).collect();
    if known.is_empty() && cx.tenant().settings.login.unknown_email == UnknownEmail::OnPage {
        return Err(NotSent::Unknown);
    }
    let code = Code::from_random(u64::from_be_bytes(secret::random()), Code::digits(failures));
    let challenge = with_code(clients, challenge, &challenge_id, &code, now);
    let may_write = mail_budgets(&store, &address, known.is_empty(), now);
    let id_hash = secret::hash(&challenge_id);
    let saved = async { store.save_challenge(&id_hash, &challenge, seen).await.map_err(NotSent::from) };
    let may_write = async { may_write.await.map_err(NotSent::from) };
    let ((), may_write) = tokio::try_join!(saved, may_write)?;
    match known.as_slice() {
        [] if may_write && state.takes_unasked() => mails::unknown_address(cx, clients, &challenge.email).await?,
        [] => {}
        known if state.takes_asked() => mails::code(cx, clients, &challenge.email, known, &code).await?,
        // The page says the same as for everybody: what it knows of an address is no stranger's business.
        _ => tracing::warn!(id = %cx.arrival().request_id(), "no code is sent to an address that bounced"),
    }
    Ok(Sent { challenge_id, challenge })
}

/// May a code be sent? A browser that once signed in to the address has a budget of its own, so nobody is locked out by
/// others. For everybody else what the client has used up takes nothing from the address, and what the address has used up
/// nothing from the tenant.
async fn send_budgets(
    cx: &PublicContext,
    clients: &Clients,
    address: &str,
    device: Option<&str>,
) -> Result<bool, store::StoreError> {
    let (store, now) = (cx.store(), cx.now());
    let of = |what, subject, max| Budget { what, subject, window: Some(HOUR), max };
    if let Some(device) = device.and_then(|cookie| crate::device::recognised(clients, cx, address, cookie)) {
        return store.take(&of("otp-send-device", &device, otp::SENDS_PER_KNOWN_DEVICE_AND_HOUR), now).await;
    }
    let client = clients.keyed("client", &cx.arrival().client_hash());
    for budget in [
        of("otp-send-client", client.as_str(), otp::SENDS_PER_CLIENT_AND_HOUR),
        of("otp-send", address, otp::SENDS_PER_ADDRESS_AND_HOUR),
        of("otp-send-tenant", "all", otp::SENDS_PER_TENANT_AND_HOUR),
    ] {
        if !store.take(&budget, now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn with_code(clients: &Clients, challenge: Challenge, challenge_id: &str, code: &Code, now: Timestamp) -> Challenge {
    let sent = SentCode {
        mac: code_mac(clients, challenge_id, code),
        expires_at: now + otp::LIFETIME,
        tries_before: challenge.tries,
    };
    let digits = u32::try_from(code.as_str().len()).unwrap_or_default();
    let mut next = Challenge { resend_at: now + otp::RESEND_AFTER, digits, ..challenge };
    next.codes.push(sent);
    next
}

fn code_mac(clients: &Clients, challenge_id: &str, code: &Code) -> String {
    clients.keyed("code", &format!("{challenge_id}\u{0}{}", code.as_str()))
}

/// Mails to unknown addresses are few; known ones count on counters of their own, so that both cost the same. What the
/// address itself has used up takes nothing from the others.
async fn mail_budgets(
    store: &TenantStore,
    address: &str,
    unknown: bool,
    now: Timestamp,
) -> Result<bool, store::StoreError> {
    let (what, max) =
        if unknown { ("mail-unknown", otp::UNKNOWN_MAILS_PER_ADDRESS_AND_DAY) } else { ("mail-known", u32::MAX) };
    let own = store.take(&Budget { what, subject: address, window: Some(DAY), max }, now).await?;
    let (what, max) = if unknown && own {
        ("mail-unknown-all", otp::UNKNOWN_MAILS_PER_TENANT_AND_DAY)
    } else {
        ("mail-unlimited-all", u32::MAX)
    };
    let all = store.take(&Budget { what, subject: "all", window: Some(DAY), max }, now).await?;
    Ok(own && all)
}

const fn strangers(address: &str) -> Budget<'_> {
    Budget { what: "otp-fail", subject: address, window: None, max: u32::MAX }
}

const fn device_failures(device: &str) -> Budget<'_> {
    Budget { what: "otp-fail-device", subject: device, window: None, max: u32::MAX }
}

/// A code that was right.
#[derive(Debug)]
pub(crate) enum Right {
    /// Signs this customer in.
    One {
        /// Whom.
        candidate: Box<LoginCandidate>,
        /// Where to go then.
        return_to: String,
        /// Where the person came from.
        back: Option<String>,
        /// The address, for the device cookie.
        email: EmailAddress,
    },
    /// Several share the address; one must be chosen.
    Several,
}

/// A code that was not right, or not compared.
#[derive(Debug)]
pub(crate) enum NotRight {
    /// Wrong; so many tries are left.
    Wrong(u32),
    /// Used, expired, tried out, unknown.
    Ended,
    /// A budget is used up.
    TooMany,
    /// Something else.
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for NotRight {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

/// Tries a code. The try is counted before the code is compared, so that guessing in parallel gains nothing.
pub(crate) async fn try_code(
    cx: &PublicContext,
    clients: &Clients,
    challenge_id: &str,
    code: &Code,
    device: Option<&str>,
) -> Result<Right, NotRight> {
    let (store, now) = (cx.store(), cx.now());
    let id_hash = secret::hash(challenge_id);
    let client = clients.keyed("client", &cx.arrival().client_hash());
    let tries =
        Budget { what: "otp-try-client", subject: &client, window: Some(HOUR), max: otp::TRIES_PER_CLIENT_AND_HOUR };
    let (found, client_ok) = tokio::try_join!(store.challenge(&id_hash), store.take(&tries, now))?;
    let challenge = found.ok_or(NotRight::Ended)?.value;
    let max = newest_limit(&challenge);
    otp::may_compare(
        challenge.state,
        challenge.tries.saturating_sub(max - otp::TRIES_PER_CODE),
        challenge.expires_at(),
        now,
    )
    .map_err(|_| NotRight::Ended)?;
    let address = clients.keyed("address", &challenge.email.folded());
    let device = device.and_then(|cookie| crate::device::recognised(clients, cx, &address, cookie));
    let (strangers, device_budget) = (strangers(&address), device.as_deref().map(device_failures));
    let own = async {
        match &device_budget {
            Some(budget) => store.taken(budget, now).await.map(Some),
            None => Ok(None),
        }
    };
    let (by_strangers, by_device) = tokio::try_join!(store.taken(&strangers, now), own)?;
    let allowed = otp::may_try(Attempts { strangers: by_strangers, known_device: by_device });
    if !client_ok || allowed == Err(Refused::TooMany) {
        return Err(NotRight::TooMany);
    }
    let tried = store.take_try(&id_hash, max).await?.ok_or(NotRight::Ended)?;
    if !is_right(clients, &tried.value, challenge_id, code, now) {
        store.take(device_budget.as_ref().unwrap_or(&strangers), now).await?;
        return Err(NotRight::Wrong(max - tried.value.tries));
    }
    let known = store.login_candidates(&challenge.email).await?;
    let known: Vec<LoginCandidate> = known.into_iter().filter(|candidate| candidate.access).collect();
    if known.is_empty() {
        return Err(NotRight::Wrong(max - tried.value.tries));
    }
    let reset_device = async {
        match &device_budget {
            Some(budget) => store.reset(budget, now).await,
            None => Ok(()),
        }
    };
    tokio::try_join!(store.reset(&strangers, now), reset_device)?;
    proceed(cx, &id_hash, tried, known).await
}

/// Tries the challenge may have had when its newest code is used up.
fn newest_limit(challenge: &Challenge) -> u32 {
    challenge.codes.last().map_or(0, |code| code.tries_before) + otp::TRIES_PER_CODE
}

/// Where the code has led already, if it is the one that was right for this browser: a form that was sent twice shows no
/// error. Nobody is signed in by it.
pub(crate) async fn led_to(
    cx: &PublicContext,
    clients: &Clients,
    challenge_id: &str,
    code: &Code,
) -> Result<Option<String>, Problem> {
    let found = cx.store().challenge(&secret::hash(challenge_id)).await?;
    let mac = code_mac(clients, challenge_id, code);
    let right = |challenge: &Challenge| {
        challenge.codes.iter().fold(false, |right, sent| right | secret::equal(sent.mac.as_bytes(), mac.as_bytes()))
    };
    let found =
        found.map(|loaded| loaded.value).filter(|challenge| cx.now() < challenge.expires_at() && right(challenge));
    Ok(found.and_then(|challenge| match challenge.state {
        ChallengeState::Open => None,
        ChallengeState::Choosing => Some("/login/choose".to_owned()),
        ChallengeState::Used => Some(challenge.return_to),
    }))
}

fn is_right(clients: &Clients, tried: &Challenge, challenge_id: &str, code: &Code, now: Timestamp) -> bool {
    let mac = code_mac(clients, challenge_id, code);
    // All codes are compared, whichever fits, so that the time says nothing.
    tried.codes.iter().fold(false, |right, sent| {
        let live = now < sent.expires_at && tried.tries - sent.tries_before <= otp::TRIES_PER_CODE;
        let equal = secret::equal(sent.mac.as_bytes(), mac.as_bytes());
        right | (live & equal)
    })
}

/// The code was right: use the challenge up, or keep it for the choice.
async fn proceed(
    cx: &PublicContext,
    id_hash: &str,
    tried: Loaded<Challenge>,
    known: Vec<LoginCandidate>,
) -> Result<Right, NotRight> {
    let must_choose = known.len() > 1 && cx.tenant().settings.login.shared_email == SharedEmail::Choose;
    let state = if must_choose { ChallengeState::Choosing } else { ChallengeState::Used };
    let next = Challenge { state, ..tried.value };
    use_up(&cx.store(), id_hash, &next, tried.rev).await?;
    match known.into_iter().next() {
        Some(newest) if !must_choose => Ok(one(newest, next)),
        _ => Ok(Right::Several),
    }
}

fn one(candidate: LoginCandidate, used: Challenge) -> Right {
    let Challenge { return_to, back, email, .. } = used;
    Right::One { candidate: Box::new(candidate), return_to, back, email }
}

async fn use_up(store: &TenantStore, id_hash: &str, next: &Challenge, seen: u64) -> Result<(), NotRight> {
    match store.save_challenge(id_hash, next, Some(seen)).await {
        // Somebody used it in the same moment: a code works once.
        Err(error) if error.may_decide_again() => Err(NotRight::Ended),
        result => Ok(result?),
    }
}

/// The customers to choose from, newest first, while the choice is open.
pub(crate) async fn choices(
    cx: &PublicContext,
    challenge_id: &str,
) -> Result<(Loaded<Challenge>, Vec<LoginCandidate>), NotRight> {
    let (store, now) = (cx.store(), cx.now());
    let found = store.challenge(&secret::hash(challenge_id)).await?.ok_or(NotRight::Ended)?;
    if found.value.state != ChallengeState::Choosing || found.value.expires_at() <= now {
        return Err(NotRight::Ended);
    }
    let known = store.login_candidates(&found.value.email).await?;
    Ok((found, known.into_iter().filter(|candidate| candidate.access).collect()))
}

/// Chooses one of them; again is refused.
pub(crate) async fn choose(cx: &PublicContext, challenge_id: &str, number: &str) -> Result<Right, NotRight> {
    let (found, known) = choices(cx, challenge_id).await?;
    let chosen = known.into_iter().find(|candidate| candidate.number.as_str() == number);
    let candidate = chosen.ok_or(NotRight::Wrong(0))?;
    let next = Challenge { state: ChallengeState::Used, ..found.value };
    use_up(&cx.store(), &secret::hash(challenge_id), &next, found.rev).await?;
    Ok(one(candidate, next))
}

/// Name for the greeting: only where the address belongs to one customer.
pub(crate) fn greeting(known: &[LoginCandidate]) -> Option<(&LoginCandidate, &Pii<String>)> {
    match known {
        [one] => Some((one, &one.name)),
        _ => None,
    }
}
