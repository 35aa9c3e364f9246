//! What „Verträge hier kündigen" and „Vertrag widerrufen" have in common: a declaration is heard, whoever sends it,
//! kept once, and confirmed. Whether there is such a contract changes nothing that can be seen from outside.
//!
//! Nobody signs in, and no cookie is needed: `PublicForm` asks that the form comes from our own page. What bounds
//! abuse, and why it never stands between somebody and a declaration, is told in `functions/README.md`.
//!
//! A declaration's page is opened by a token that only whoever declared it has. It follows from the form's number and its
//! content, so that a form sent twice leads to one page, and only its hash is kept.

use domain::{
    customer::EmailAddress,
    declaration::{
        Candidate, Declaration, DeclarationKind, Field, Flaw, MAILS_PER_ADDRESS_AND_DAY, MAILS_PER_CLIENT_AND_DAY,
        MAX_CANDIDATES, Match, NewDeclaration, PER_CLIENT_AND_HOUR, SHOWN_FOR, Statement, Typed,
    },
    id::{CustomerId, DeclarationId},
    number::CustomerNumber,
    subscription::Phase,
};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use store::{Budget, CommitError, StoreError, TenantStore, deciding_again, secret};
use text::Words;
use web::{
    Answer, Door as _, Either, Page, PublicContext, PublicForm, SeeOther, area,
    page::{ErrorSummary, FormError, View},
    reply::TOO_MANY,
};

/// Everybody, where the tenant has the two pages.
pub(crate) type Cx = PublicContext<area::Declarations>;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An empty form.
pub(crate) fn fresh(cx: &Cx) -> Typed {
    Typed::fresh(form_number(cx.now()))
}

/// Keeps what a form says and goes on to its confirmation, or shows the form again with what is wrong.
pub(crate) async fn submit<V: View>(
    cx: &Cx,
    kind: DeclarationKind,
    form: PublicForm<Typed>,
    page: fn(Typed) -> V,
) -> Answer<Either<Page<V>, SeeOther>> {
    let t = cx.arrival().words();
    let (typed, decoy_filled) = form.into_parts();
    if decoy_filled {
        let errors = ErrorSummary::one("submit", t.declarations_decoy());
        return Ok(Either::First(Page::with_errors(page(typed), errors)));
    }
    Ok(match hear(cx, kind, &typed).await? {
        Heard::Kept { token } => Either::Second(SeeOther::to(format!("{}/{token}/confirmation", kind.path()))),
        Heard::Flawed(flaws) => Either::First(Page::with_errors(page(typed), summary(&flaws, &t))),
        Heard::TooMany => {
            let errors = ErrorSummary::one("submit", t.declarations_too_many());
            Either::First(Page::with_errors(page(typed), errors).status(TOO_MANY))
        }
    })
}

/// What came of a form.
enum Heard {
    /// The token opens its page.
    Kept {
        token: String,
    },
    Flawed(Vec<Flaw>),
    TooMany,
}

async fn hear(cx: &Cx, kind: DeclarationKind, typed: &Typed) -> Answer<Heard> {
    let statement = match typed.statement(kind) {
        Ok(statement) => statement,
        Err(flaws) => return Ok(Heard::Flawed(flaws)),
    };
    let (store, now) = (cx.store(), cx.now());
    let token = page_token(kind, typed, now);
    let token_hash = secret::hash(&token);
    if store.declaration_of_page(&token_hash).await?.is_some() {
        return Ok(Heard::Kept { token });
    }
    let client = cx.arrival().client_hash();
    let by_client = Budget { what: "declare-client", subject: &client, window: Some(HOUR), max: PER_CLIENT_AND_HOUR };
    if !store.take(&by_client, now).await? {
        return Ok(Heard::TooMany);
    }
    let mailed = may_be_mailed(cx, &statement, &client);
    let (matched, mailed) = tokio::try_join!(whose(cx, &statement), mailed)?;
    let new = NewDeclaration {
        id: fresh_id(now),
        statement,
        language: cx.arrival().language(),
        zone: cx.tenant().settings.zone.clone(),
        matched,
        mailed,
    };
    keep(&store, &token_hash, new, now).await?;
    Ok(Heard::Kept { token })
}

/// Only so many confirmations go to an address in a day, and fewer for one client: nobody alone can use up somebody's.
async fn may_be_mailed(cx: &Cx, statement: &Statement, client: &str) -> Answer<bool> {
    let (store, now) = (cx.store(), cx.now());
    let mailbox = statement.receipt_to.mailbox();
    let (pair, address) = (secret::hash(&format!("{mailbox} {client}")), secret::hash(&mailbox));
    let budget = |what, subject, max| Budget { what, subject, window: Some(DAY), max };
    let by_client = budget("declare-mail-client", pair.as_str(), MAILS_PER_CLIENT_AND_DAY);
    let to_address = budget("declare-mail", address.as_str(), MAILS_PER_ADDRESS_AND_DAY);
    Ok(store.take(&by_client, now).await? && store.take(&to_address, now).await?)
}

/// Whoever of two that send the same form comes first keeps it, for both.
async fn keep(store: &TenantStore, token_hash: &str, new: NewDeclaration, now: Timestamp) -> Answer<()> {
    let change = Declaration::receive(new, now);
    let kept = deciding_again(|| async {
        match store.receive_declaration(token_hash, &change).await {
            Err(CommitError::Refused("form")) => Ok(()),
            kept => kept,
        }
    });
    Ok(kept.await?)
}

fn fresh_id(now: Timestamp) -> DeclarationId {
    DeclarationId::new(now, secret::entropy())
}

/// Bytes of chance in a form's number.
const CHANCE: usize = 32;

/// The number of a fresh form: when it was opened, and 256 bits that nobody else knows.
fn form_number(now: Timestamp) -> String {
    format!("{}.{}", fresh_id(now), secret::encode(&secret::random::<CHANCE>()))
}

/// Is this the number of a form of ours that is not older than the memory of it?
fn is_ours(form: &str, now: Timestamp) -> bool {
    let Some((id, chance)) = form.split_once('.') else { return false };
    let made_at = id.parse::<DeclarationId>().ok().and_then(|id| id.made_at());
    made_at.is_some_and(|made_at| now.duration_since(made_at) < SHOWN_FOR)
        && secret::decode(chance).is_some_and(|bytes| bytes.len() == CHANCE)
}

/// What opens the page of a declaration: the same for the same form with the same content. Somebody who goes back and
/// corrects something declares something else; so does whoever sends a form that is none of ours, or too old.
fn page_token(kind: DeclarationKind, typed: &Typed, now: Timestamp) -> String {
    let Typed { form, termination, reason, name, identity, contract, ends_on, email } = typed;
    let form = if is_ours(form, now) { form.clone() } else { form_number(now) };
    let parts: [&str; 9] = [kind.code(), &form, termination, reason, name, identity, contract, ends_on, email];
    secret::hash(&parts.join("\u{0}"))
}

/// Whose contract a statement names. Nobody, one customer and several cost the same: as many are looked for each time, so
/// how long the answer takes hardly says anything.
async fn whose(cx: &Cx, statement: &Statement) -> Answer<Match> {
    let (store, today) = (cx.store(), cx.today());
    let mut people = known_by(&store, statement.identified_by()).await?;
    if people.len() > MAX_CANDIDATES {
        people.clear();
    }
    let strangers = std::iter::repeat_with(|| CustomerId::new(cx.now(), secret::entropy()));
    let known = people.iter().map(|(customer, _)| customer.clone());
    let asked: Vec<CustomerId> = known.chain(strangers).take(MAX_CANDIDATES).collect();
    let found = try_join_all(asked.iter().map(|customer| store.subscriptions_of(customer))).await?;
    let candidates: Vec<Candidate> = people
        .into_iter()
        .zip(found)
        .map(|((customer, number), contracts)| {
            let contracts = contracts.into_iter().map(|loaded| loaded.value);
            let running = contracts.filter(|one| !matches!(one.phase_on(today), Phase::Ended { .. }));
            Candidate { customer, number, contracts: running.map(|one| (one.number, one.facts.plan)).collect() }
        })
        .collect();
    Ok(Match::of(statement, &candidates))
}

/// Customers with this e-mail address or this number, which people write in small letters, too.
async fn known_by(store: &TenantStore, identity: &str) -> Result<Vec<(CustomerId, CustomerNumber)>, StoreError> {
    if let Ok(address) = identity.parse::<EmailAddress>() {
        let candidates = store.login_candidates(&address).await?;
        return Ok(candidates.into_iter().map(|one| (one.customer, one.number)).collect());
    }
    let Ok(typed) = identity.parse::<CustomerNumber>() else { return Ok(Vec::new()) };
    let capital = identity.to_uppercase().parse().unwrap_or_else(|_| typed.clone());
    let (by_typed, by_capital) = tokio::try_join!(store.customer_id(&typed), store.customer_id(&capital))?;
    let found = by_typed.map(|customer| (customer, typed)).or_else(|| Some((by_capital?, capital)));
    Ok(found.into_iter().collect())
}

fn summary(flaws: &[Flaw], t: &Words) -> ErrorSummary {
    let error = |flaw: &Flaw| FormError { field: flaw.field().name().to_owned(), message: message(*flaw, t) };
    ErrorSummary { items: flaws.iter().map(error).collect() }
}

fn message(flaw: Flaw, t: &Words) -> String {
    let words = match flaw {
        Flaw::TooLong(field) => return t.declarations_too_long(label(field, t), field.max_chars()),
        Flaw::Invalid(Field::EndsOn) => t.declarations_ends_on_invalid(),
        Flaw::Invalid(_) => t.declarations_email_invalid(),
        Flaw::Missing(field) => match field {
            Field::Termination => t.declarations_termination_missing(),
            Field::Reason => t.declarations_reason_missing(),
            Field::Name => t.declarations_name_missing(),
            Field::Identity => t.declarations_identity_missing(),
            Field::Contract => t.declarations_contract_missing(),
            Field::EndsOn => t.declarations_ends_on_invalid(),
            Field::Email => t.declarations_email_missing(),
        },
    };
    words.to_owned()
}

fn label(field: Field, t: &Words) -> &'static str {
    match field {
        Field::Termination => t.declarations_termination(),
        Field::Reason => t.declarations_reason(),
        Field::Name => t.declarations_name(),
        Field::Identity => t.declarations_identity(),
        Field::Contract => t.declarations_contract(),
        Field::EndsOn => t.declarations_ends_on(),
        Field::Email => t.declarations_email(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_is_the_same_and_a_corrected_or_an_old_one_is_another() {
        let now = Timestamp::UNIX_EPOCH + SHOWN_FOR;
        let typed = Typed { name: "Tine".to_owned().into(), ..Typed::fresh(form_number(now - HOUR)) };
        let token = |typed: &Typed| page_token(DeclarationKind::Cancel, typed, now);
        assert_eq!(token(&typed), token(&typed));
        assert_ne!(token(&typed), page_token(DeclarationKind::Withdraw, &typed, now));
        let corrected = Typed { name: "Tina".to_owned().into(), ..typed.clone() };
        assert_ne!(token(&typed), token(&corrected));
        let guessable = format!("{}.AAAA", fresh_id(now));
        for unknown in [form_number(now - SHOWN_FOR), fresh_id(now).to_string(), guessable, String::new()] {
            let unknown = Typed { form: unknown, ..typed.clone() };
            assert_ne!(token(&unknown), token(&unknown), "{}", unknown.form);
        }
    }

    #[test]
    fn every_flaw_has_its_sentence() {
        for language in domain::Language::ALL {
            let t = Words::new(language);
            let empty = Typed { termination: "extraordinary".to_owned(), ends_on: "x".to_owned(), ..Typed::default() };
            let flaws = empty.statement(DeclarationKind::Cancel).unwrap_err();
            let mut messages: Vec<String> = flaws.iter().map(|flaw| message(*flaw, &t)).collect();
            messages.push(message(Flaw::Missing(Field::Termination), &t));
            messages.push(message(Flaw::TooLong(Field::Name), &t));
            assert!(messages.iter().all(|message| message.ends_with('.')), "{messages:?}");
            messages.sort();
            messages.dedup();
            assert_eq!(messages.len(), flaws.len() + 2, "{messages:?}");
        }
    }
}
