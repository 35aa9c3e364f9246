//! `POST /api/admin/v1/customers/{number}:erase`: has a customer erased (Art. 17 GDPR) once nothing stands in the way, and tells
//! how far that is.

use domain::{
    FieldErrors,
    erasure::{Before, Hindrance, Tombstone, hindrances},
    id::CustomerId,
    number::CustomerNumber,
    payment::Payment,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{Overview, TenantStore, deciding_again};
use utoipa::ToSchema;
use web::{Accepted, Answer, Asked, IntegratorContext, Json, Problem, Submitted, scope};

use crate::customers::CustomerPath;

/// Payments read at once.
const PAYMENTS: u16 = 100;
/// Unanswered declarations read at once.
const DECLARATIONS: u16 = 100;

/// The number once more: what is erased does not come back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EraseInput {
    confirm: String,
}

/// How far an erasure is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
pub(crate) struct ErasureShown {
    number: CustomerNumber,
    /// When the customer asked for it, in the last 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_at: Option<Timestamp>,
    /// What stands in the way, while it was not begun.
    in_the_way: Vec<&'static str>,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<Timestamp>,
    /// When everything was gone but what must be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<Timestamp>,
    /// The next day after which something goes that had to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_until: Option<Date>,
}

/// `POST /api/admin/v1/customers/{number}:erase`; once more is the same.
pub(crate) async fn erase(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<EraseInput, CustomerPath>,
) -> Answer<Accepted<ErasureShown>> {
    let (path, EraseInput { confirm }) = body.into_parts();
    let number = path.number()?;
    if confirm != number.as_str() {
        return Err(FieldErrors::one("confirm", "invalid", "must be the customer's number").into());
    }
    let (store, now, today) = (cx.store(), cx.now(), cx.today());
    let id = store.customer_id(&number).await?.ok_or(Problem::NotFound)?;
    let tombstone = deciding_again(|| async {
        if let Some(begun) = store.tombstone(&id).await? {
            return Ok(begun.value);
        }
        let seen = store.customer(&id).await?.ok_or(Problem::NotFound)?;
        let mut errors = FieldErrors::default();
        for hindrance in in_the_way(&store, &id, today).await? {
            let (field, message) = hindrance.told();
            errors.add(field, "in_the_way", message);
        }
        errors.into_result()?;
        let change = Tombstone::put_down(id.clone(), number.clone(), now);
        store.put_tombstone_down(&seen, &change).await?;
        Ok::<_, Problem>(change.into_parts().0)
    })
    .await?;
    Ok(Accepted::new(ErasureShown::begun(tombstone)))
}

/// `GET /api/admin/v1/customers/{number}/erasure`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<CustomerPath>) -> Answer<Json<ErasureShown>> {
    let (store, number) = (cx.store(), ask.0.number()?);
    let id = store.customer_id(&number).await?.ok_or(Problem::NotFound)?;
    if let Some(begun) = store.tombstone(&id).await? {
        return Ok(Json::new(ErasureShown::begun(begun.value)));
    }
    let request = store.erasure_request(&id, cx.now()).await?;
    let hindrances = in_the_way(&store, &id, cx.today()).await?;
    Ok(Json::new(ErasureShown {
        number,
        requested_at: request.map(|request| request.requested_at),
        in_the_way: hindrances.into_iter().map(|hindrance| hindrance.told().0).collect(),
        erased_at: None,
        done_at: None,
        kept_until: None,
    }))
}

impl ErasureShown {
    fn begun(tombstone: Tombstone) -> Self {
        let Tombstone { number, erased_at, done_at, kept_until, .. } = tombstone;
        // In the middle of a round it is not known yet.
        let kept_until = kept_until.filter(|_| done_at.is_some());
        Self { number, requested_at: None, in_the_way: Vec::new(), erased_at: Some(erased_at), done_at, kept_until }
    }
}

async fn in_the_way(store: &TenantStore, id: &CustomerId, today: Date) -> Answer<Vec<Hindrance>> {
    let Overview { accounts, subscriptions, .. } = store.overview_now(id).await?.ok_or(Problem::NotFound)?;
    let owes = !store.open_items(id).await?.is_empty();
    let mut payments: Vec<Payment> = Vec::new();
    let mut after = None;
    loop {
        let page = store.payments(id, PAYMENTS, after).await?;
        payments.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let waits_for_answer = waits_for_answer(store, id).await?;
    let before = Before { contracts: &subscriptions, accounts: &accounts, payments: &payments, owes, waits_for_answer };
    Ok(hindrances(before, today))
}

/// Has nobody answered yet what this customer declared?
async fn waits_for_answer(store: &TenantStore, id: &CustomerId) -> Answer<bool> {
    let mut after = None;
    loop {
        let page = store.open_declarations(DECLARATIONS, after).await?;
        if page.items.iter().any(|declaration| declaration.matched.customer() == Some(id)) {
            return Ok(true);
        }
        after = page.next;
        if after.is_none() {
            return Ok(false);
        }
    }
}
