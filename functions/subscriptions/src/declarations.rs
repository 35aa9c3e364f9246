//! What „Verträge hier kündigen" and „Vertrag widerrufen" have in common: a declaration is heard, whoever sends it,
//! kept once, and confirmed. Whether there is such a contract changes nothing that can be seen from outside.
//!
//! Nobody signs in, and no cookie is needed: `PublicForm` asks that the form comes from our own page. What bounds
//! abuse, and why it never stands between somebody and a declaration, is told in `functions/README.md`.

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
    Answer, Door as _, Either, Page, Problem, PublicContext, SeeOther, area,
    page::{ErrorSummary, FormError, View},
    reply::TOO_MANY,
};

/// Everybody, where the tenant has the two pages.
pub(crate) type Cx = PublicContext<area::Declarations>;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An empty form.
pub(crate) fn fresh(cx: &Cx) -> Typed {
    Typed::fresh(fresh_id(cx.now()).to_string())
}

/// Keeps what a form says and goes on to its confirmation, or shows the form again with what is wrong.
pub(crate) async fn submit<V: View>(
    cx: &Cx,
    kind: DeclarationKind,
    typed: Typed,
    page: fn(Typed) -> V,
) -> Answer<Either<Page<V>, SeeOther>> {
    let t = Words::new(cx.arrival().language());
    Ok(match hear(cx, kind, &typed).await? {
        Heard::Kept(id) => Either::Second(SeeOther::to(format!("{}/{id}/confirmation", kind.path()))),
        Heard::Flawed(flaws) => Either::First(Page::with_errors(page(typed), summary(&flaws, &t))),
        Heard::TooMany => {
            let errors = ErrorSummary::one("submit", t.declarations_too_many());
            Either::First(Page::with_errors(page(typed), errors).status(TOO_MANY))
        }
    })
}

/// What came of a form.
enum Heard {
    Kept(DeclarationId),
    Flawed(Vec<Flaw>),
    TooMany,
}

async fn hear(cx: &Cx, kind: DeclarationKind, typed: &Typed) -> Answer<Heard> {
    let statement = match typed.statement(kind) {
        Ok(statement) => statement,
        Err(flaws) => return Ok(Heard::Flawed(flaws)),
    };
    let (store, now) = (cx.store(), cx.now());
    let form = form_hash(kind, typed, now);
    if let Some(known) = store.declaration_of_form(&form).await? {
        return Ok(Heard::Kept(known));
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
    keep(&store, &form, new, now).await.map(Heard::Kept)
}

/// Only so many confirmations go to an address in a day, and fewer for one client: nobody alone can use up somebody's.
async fn may_be_mailed(cx: &Cx, statement: &Statement, client: &str) -> Answer<bool> {
    let (store, now) = (cx.store(), cx.now());
    let mailbox = mailbox(&statement.receipt_to);
    let (pair, address) = (secret::hash(&format!("{mailbox} {client}")), secret::hash(&mailbox));
    let budget = |what, subject, max| Budget { what, subject, window: Some(DAY), max };
    let by_client = budget("declare-mail-client", pair.as_str(), MAILS_PER_CLIENT_AND_DAY);
    let to_address = budget("declare-mail", address.as_str(), MAILS_PER_ADDRESS_AND_DAY);
    Ok(store.take(&by_client, now).await? && store.take(&to_address, now).await?)
}

/// Where mail to an address ends: most providers put `tine+anything@` into the mailbox of `tine@`.
fn mailbox(address: &EmailAddress) -> String {
    let folded = address.folded();
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    format!("{}@{domain}", local.split('+').next().unwrap_or_default())
}

/// Whoever of two that send the same form comes first keeps it; both get that one.
async fn keep(store: &TenantStore, form: &str, new: NewDeclaration, now: Timestamp) -> Answer<DeclarationId> {
    let change = Declaration::receive(new, now);
    let kept = deciding_again(|| async {
        match store.receive_declaration(form, &change).await {
            Ok(()) => Ok(Some(change.next().id.clone())),
            Err(CommitError::Refused("form")) => Ok(store.declaration_of_form(form).await?),
            Err(error) => Err(error),
        }
    });
    kept.await?.ok_or_else(|| Problem::Internal("a declaration's form is gone".into()))
}

fn fresh_id(now: Timestamp) -> DeclarationId {
    DeclarationId::new(now, secret::entropy())
}

/// The same form with the same content. Somebody who goes back and corrects something declares something else; so does
/// whoever sends a form that is older than the memory of it.
fn form_hash(kind: DeclarationKind, typed: &Typed, now: Timestamp) -> String {
    let is_young = |id: &DeclarationId| id.made_at().is_some_and(|made_at| now.duration_since(made_at) < SHOWN_FOR);
    let form = typed.form.parse().ok().filter(is_young).unwrap_or_else(|| fresh_id(now));
    let Typed { form: _, termination, reason, name, identity, contract, ends_on, email } = typed;
    let parts: [&str; 9] = [kind.code(), form.as_str(), termination, reason, name, identity, contract, ends_on, email];
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
        let form = |made_at| DeclarationId::new(made_at, [1; 10]).to_string();
        let typed = Typed { name: "Tine".to_owned().into(), ..Typed::fresh(form(now - HOUR)) };
        let hash = |typed: &Typed| form_hash(DeclarationKind::Cancel, typed, now);
        assert_eq!(hash(&typed), hash(&typed));
        assert_ne!(hash(&typed), form_hash(DeclarationKind::Withdraw, &typed, now));
        let corrected = Typed { name: "Tina".to_owned().into(), ..typed.clone() };
        assert_ne!(hash(&typed), hash(&corrected));
        for unknown in [form(now - SHOWN_FOR), String::new(), "cus_1".to_owned()] {
            let unknown = Typed { form: unknown, ..typed.clone() };
            assert_ne!(hash(&unknown), hash(&unknown), "{}", unknown.form);
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
