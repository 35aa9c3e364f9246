//! `/api/admin/v1/declarations`: cancellations and withdrawals that were made without a login, what waits for staff,
//! and staff's word. An answer here changes no contract; the tenant's own system does that.

use domain::{
    FieldErrors, Language, Pii,
    declaration::{Declaration, Match, Outcome, State, Statement},
    id::DeclarationId,
    number::{CustomerNumber, SubscriptionNumber},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Loaded, TenantStore, deciding_again};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Submitted, scope};

use crate::list::{Flag, limit};

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeclarationsAsk {
    /// Only what staff have not answered, oldest first; else all, newest first.
    #[serde(default)]
    #[schema(value_type = bool)]
    open: Flag,
    /// Items of one page: 1 to 100, 100 unless said.
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A declaration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Declaration)]
pub(crate) struct DeclarationShown {
    id: DeclarationId,
    received_at: Timestamp,
    /// What was declared, in the words of whoever declared it.
    statement: Statement,
    /// Of the page on which it was made.
    language: Language,
    /// Whose contract it names, where that is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerNumber>,
    /// That contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<SubscriptionNumber>,
    /// Did the confirmation go out by mail, too? Its page has shown it in any case.
    mailed: bool,
    state: State,
}

/// A page of declarations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Declarations {
    items: Vec<DeclarationShown>,
    next: Option<String>,
}

/// Which declaration.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeclarationPath {
    id: String,
}

impl DeclarationPath {
    fn id(&self) -> Answer<DeclarationId> {
        self.id.parse().map_err(|_| Problem::NotFound)
    }
}

/// What staff made of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerInput {
    outcome: Outcome,
    /// For the file, at most 2,000 characters.
    #[serde(default)]
    note: Pii<String>,
}

/// `GET /api/admin/v1/declarations`
pub(crate) async fn list(
    cx: IntegratorContext<scope::Read>,
    ask: Asked<DeclarationsAsk>,
) -> Answer<Json<Declarations>> {
    let DeclarationsAsk { open, limit: asked, after } = ask.0;
    let (store, limit) = (cx.store(), limit(asked));
    let cursors = cx.cursors(if open.0 { "declarations open" } else { "declarations" });
    let after = cursors.read(after.as_deref())?;
    let page =
        if open.0 { store.open_declarations(limit, after).await? } else { store.declarations(limit, after).await? };
    let items = page.items.into_iter().map(shown).collect();
    Ok(Json::new(Declarations { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `GET /api/admin/v1/declarations/{id}`
pub(crate) async fn get(
    cx: IntegratorContext<scope::Read>,
    ask: Asked<DeclarationPath>,
) -> Answer<Json<DeclarationShown>> {
    let found = find(&cx.store(), &ask.0.id()?).await?;
    Ok(Json::new(shown(found.value)))
}

/// `POST /api/admin/v1/declarations/{id}:answer`: the same again is the same, anything else is 409.
pub(crate) async fn answer(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<AnswerInput, DeclarationPath>,
) -> Answer<Json<DeclarationShown>> {
    let (path, AnswerInput { outcome, note }) = body.into_parts();
    let (id, store, note) = (path.id()?, cx.store(), note.trim());
    if note.chars().count() > Declaration::MAX_NOTE_CHARS {
        return Err(FieldErrors::one("note", "too_long", "must have at most 2,000 characters").into());
    }
    let answered = deciding_again(|| async {
        let seen = find(&store, &id).await?;
        let change = seen
            .value
            .answer(outcome, note, cx.now())
            .map_err(|otherwise| Problem::Conflict(FieldErrors::one("outcome", "immutable", otherwise.to_string())))?;
        let Some(change) = change else { return Ok(seen.value) };
        store.answer_declaration(&seen, &change).await?;
        Ok::<_, Problem>(change.into_parts().0)
    });
    Ok(Json::new(shown(answered.await?)))
}

async fn find(store: &TenantStore, id: &DeclarationId) -> Answer<Loaded<Declaration>> {
    store.declaration(id).await?.ok_or(Problem::NotFound)
}

fn shown(declaration: Declaration) -> DeclarationShown {
    let Declaration { id, statement, language, received_at, matched, mailed, state, .. } = declaration;
    let (customer, subscription) = match matched {
        Match::Open => (None, None),
        Match::Matched { number, contract, .. } => (Some(number), Some(contract)),
    };
    DeclarationShown { id, received_at, statement, language, customer, subscription, mailed, state }
}
