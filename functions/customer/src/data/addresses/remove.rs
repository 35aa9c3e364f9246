//! `/data/addresses/{id}/remove`: takes a billing address away, unless it is the default.

use domain::id::AddressId;
use serde::Serialize;
use store::deciding_again;
use web::{
    Answer, Asked, Door as _, Either, Nothing, Page, Problem, SeeOther, Submitted,
    page::{ErrorSummary, Flash},
};

use super::{AddressPath, AddressRow, Cx};

/// Says what goes.
pub(crate) async fn show(cx: Cx, ask: Asked<AddressPath>) -> Answer<Page<RemovePage>> {
    Ok(Page::new(load(&cx, &ask.0.id()?).await?))
}

/// Takes it away.
pub(crate) async fn submit(
    cx: Cx,
    form: Submitted<Nothing, AddressPath>,
) -> Answer<Either<Page<RemovePage>, SeeOther>> {
    let id = form.into_parts().0.id()?;
    match remove(&cx, &id).await? {
        Removal::Gone => Ok(Either::Second(SeeOther::to("/data/addresses").saying(Flash::Saved))),
        Removal::IsDefault => {
            let t = cx.arrival().words();
            let error = ErrorSummary::one("submit", t.addresses_error_default());
            Ok(Either::First(Page::with_errors(load(&cx, &id).await?, error)))
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It is gone, also when it was before.
    Gone,
    /// Nothing happened: it is the default.
    IsDefault,
}

/// Takes one away.
pub(crate) async fn remove(cx: &Cx, id: &AddressId) -> Answer<Removal> {
    let (store, customer, now) = (cx.store(), cx.customer(), cx.now());
    deciding_again(|| async {
        let Some(seen) = store.address(customer, id).await? else {
            let was_removed = store.address_was_removed(customer, id, now).await?;
            return if was_removed { Ok(Removal::Gone) } else { Err(Problem::NotFound) };
        };
        let profile = store.customer(customer).await?.ok_or(Problem::NotFound)?;
        if profile.value.default_address.as_ref() == Some(id) {
            return Ok(Removal::IsDefault);
        }
        let change = seen.value.remove(cx.way(), now);
        store.remove_address((customer, profile.rev), &seen, &change, now).await?;
        Ok(Removal::Gone)
    })
    .await
}

async fn load(cx: &Cx, id: &AddressId) -> Answer<RemovePage> {
    let store = cx.store();
    let (customer, address) = tokio::try_join!(store.customer(cx.customer()), store.address(cx.customer(), id))?;
    let (customer, address) = (customer.ok_or(Problem::NotFound)?, address.ok_or(Problem::NotFound)?);
    Ok(RemovePage { row: AddressRow::of(address.value, &customer.value) })
}

/// What goes.
#[derive(Debug, Clone, Serialize)]
pub struct RemovePage {
    /// The address.
    pub row: AddressRow,
}

web::page!(RemovePage => "pages/customer/address-remove.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::{super::tests::branch, *};

    #[test]
    fn the_question_is_sound() {
        let page = RemovePage { row: AddressRow { is_default: false, ..branch() } };
        testing::check("address-remove", &page, testing::extreme);
        testing::check("address-remove-default", &RemovePage { row: branch() }, |frame| {
            frame.errors = Some(ErrorSummary::one("submit", frame.t.addresses_error_default()));
        });
    }
}
