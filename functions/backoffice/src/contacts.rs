//! `/api/admin/v1/contacts`: contact persons that customers are given (M-81).

use domain::{change::Actor, customer::Contact, number::ContactNumber};
use serde::{Deserialize, Serialize};
use store::deciding_again;
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Saved, Submitted, scope};

use crate::list::{self, ListAsk};

/// Which contact, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ContactPath {
    number: String,
}

impl ContactPath {
    fn number(&self) -> Answer<ContactNumber> {
        ContactNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)
    }
}

/// A contact with its number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactShown {
    number: ContactNumber,
    #[serde(flatten)]
    contact: Contact,
}

/// Contacts by number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contacts {
    items: Vec<ContactShown>,
    next: Option<String>,
}

/// `PUT /api/admin/v1/contacts/{number}`
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<Contact, ContactPath>,
) -> Answer<Saved<Contact>> {
    let (path, contact) = body.into_parts();
    let number = list::to_write(ContactNumber::from_slug(&path.number), "number")?;
    contact.check()?;
    let if_match = cx.if_match()?;
    let is_new = deciding_again(|| async {
        let seen = cx.store().contact(&number).await?;
        let current = seen.as_ref().map(|seen| seen.rev);
        if if_match.is_some_and(|rev| Some(rev) != current) {
            return Err(Problem::Stale);
        }
        if seen.is_none_or(|seen| seen.value != contact) {
            cx.store().save_contact(&number, &contact, current, Actor::Integrator, cx.now()).await?;
        }
        Ok(current.is_none())
    })
    .await?;
    Ok(Saved::new(contact, is_new))
}

/// `GET /api/admin/v1/contacts/{number}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<ContactPath>) -> Answer<Json<Contact>> {
    let found = cx.store().contact(&ask.0.number()?).await?.ok_or(Problem::NotFound)?;
    Ok(Json::new(found.value).etag(found.rev))
}

/// `GET /api/admin/v1/contacts`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<Contacts>> {
    let cursors = cx.cursors("contacts");
    let (limit, after) = ask.0.read(&cursors)?;
    let page = cx.store().contacts(limit, after).await?;
    let items = page.items.into_iter().map(|(number, contact)| ContactShown { number, contact }).collect();
    Ok(Json::new(Contacts { items, next: page.next.map(|next| cursors.sign(&next)) }))
}
