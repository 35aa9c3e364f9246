//! `/data/addresses/new` and `/data/addresses/{id}`: the form of a further billing address.

use domain::{
    address::{BillingAddress, MAX_ADDRESSES},
    customer::form::{Field, Typed},
    id::AddressId,
};
use serde::Serialize;
use store::{Loaded, deciding_again};
use text::Words;
use web::{
    Answer, Asked, Door as _, Either, Nothing, Page, Problem, SeeOther, Submitted,
    page::{ErrorSummary, Flash},
    reply::CONFLICT,
};

use super::{Added, AddressPath, Cx, add, fresh};
use crate::data::form::{self, Form, Outcome, flawed, overtaken};

/// An empty form.
pub(crate) async fn show_new(cx: Cx, _: Asked<Nothing>) -> Answer<Page<AddressPage>> {
    Ok(Page::new(AddressPage::fresh(fresh(&cx), Typed::default())))
}

/// Adds it.
pub(crate) async fn create(cx: Cx, form: Submitted<Form>) -> Answer<Either<Page<AddressPage>, SeeOther>> {
    let Form { id, typed, .. } = form.into_inner();
    let id = id.parse().unwrap_or_else(|_| fresh(&cx));
    let t = cx.arrival().words();
    let errors = match add_as_typed(&cx, &id, &typed).await? {
        Added::Address(_) => return Ok(Either::Second(to_the_list())),
        Added::Flawed(flaws) => flawed(&flaws, &t),
        Added::TooMany => ErrorSummary::one("submit", t.addresses_error_too_many(MAX_ADDRESSES)),
    };
    Ok(Either::First(Page::with_errors(AddressPage::fresh(id, typed), errors)))
}

/// A form that is sent twice is one address; one that was changed after going back is another.
async fn add_as_typed(cx: &Cx, id: &AddressId, typed: &Typed) -> Answer<Added> {
    let added = add(cx, id, typed).await?;
    let is_as_typed = match &added {
        Added::Address(there) => there.value.facts.edited(typed).as_ref() == Ok(&there.value.facts),
        Added::Flawed(_) | Added::TooMany => true,
    };
    if is_as_typed { Ok(added) } else { add(cx, &fresh(cx), typed).await }
}

/// Shows one in its form.
pub(crate) async fn show(cx: Cx, ask: Asked<AddressPath>) -> Answer<Page<AddressPage>> {
    let seen = cx.store().address(cx.customer(), &ask.0.id()?).await?.ok_or(Problem::NotFound)?;
    Ok(Page::new(AddressPage::of(&seen, Typed::default())))
}

/// Saves what differs.
pub(crate) async fn submit(cx: Cx, form: Submitted<Form, AddressPath>) -> Answer<Either<Page<AddressPage>, SeeOther>> {
    let (path, form) = form.into_parts();
    let t = cx.arrival().words();
    Ok(match save(&cx, &path.id()?, form.rev(), &form.typed).await? {
        Outcome::Saved(_) => Either::Second(to_the_list()),
        Outcome::Flawed(seen, flaws) => {
            Either::First(Page::with_errors(AddressPage::of(&seen, form.typed), flawed(&flaws, &t)))
        }
        Outcome::Overtaken(seen) => {
            let errors = overtaken(&form.typed, &seen.value.facts.typed(), &t);
            let page = AddressPage { overtaken: true, ..AddressPage::of(&seen, form.typed) };
            Either::First(Page::with_errors(page, errors).status(CONFLICT))
        }
    })
}

fn to_the_list() -> SeeOther {
    SeeOther::to("/data/addresses").saying(Flash::Saved)
}

/// Saves what was typed over the revision it was typed for. What is there already is saved, whoever did it.
pub(crate) async fn save(cx: &Cx, id: &AddressId, rev: u64, typed: &Typed) -> Answer<Outcome<BillingAddress>> {
    let store = cx.store();
    deciding_again(|| async {
        let seen = store.address(cx.customer(), id).await?.ok_or(Problem::NotFound)?;
        let edited = seen.value.facts.edited(typed);
        if edited.as_ref() == Ok(&seen.value.facts) {
            return Ok(Outcome::Saved(seen));
        }
        if seen.rev != rev {
            return Ok(Outcome::Overtaken(seen));
        }
        let facts = match edited {
            Ok(facts) => facts,
            Err(flaws) => return Ok(Outcome::Flawed(seen, flaws)),
        };
        let Some(change) = seen.value.edit(facts, cx.way(), cx.now()) else { return Ok(Outcome::Saved(seen)) };
        let rev = store.update_address(cx.customer(), &seen, &change).await?;
        Ok::<_, Problem>(Outcome::Saved(Loaded { value: change.into_parts().0, rev }))
    })
    .await
}

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct AddressPage {
    /// Its id; a new one gets it.
    pub id: AddressId,
    /// The revision it shows; a new one has none.
    pub rev: Option<u64>,
    /// What stands in the fields.
    pub typed: Typed,
    /// Did somebody else save something meanwhile?
    pub overtaken: bool,
}

impl AddressPage {
    fn fresh(id: AddressId, typed: Typed) -> Self {
        Self { id, rev: None, typed, overtaken: false }
    }

    fn of(seen: &Loaded<BillingAddress>, typed: Typed) -> Self {
        let typed = typed.over(&seen.value.facts.typed());
        Self { id: seen.value.id.clone(), rev: Some(seen.rev), typed, overtaken: false }
    }

    /// The page's heading.
    #[must_use]
    pub fn title(&self, t: &Words) -> &'static str {
        match self.rev {
            None => t.addresses_add_title(),
            Some(_) => t.addresses_edit_title(),
        }
    }

    /// Where it is sent.
    #[must_use]
    pub fn action(&self) -> String {
        match self.rev {
            None => "/data/addresses/new".to_owned(),
            Some(_) => format!("/data/addresses/{}", self.id),
        }
    }

    /// What stands in a field.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        Field::named(field).map_or("", |field| self.typed.get(field))
    }

    /// Every country, the chosen one marked.
    #[must_use]
    pub fn countries(&self, t: &Words) -> Vec<(String, String, bool)> {
        form::countries(&self.typed, t)
    }
}

web::page!(AddressPage => "pages/customer/address-edit.html");

#[cfg(test)]
mod tests {
    use domain::{Language, address::AddressFacts};
    use web::page::{View as _, testing};

    use super::{super::tests::branch, *};

    fn page() -> AddressPage {
        let row = branch();
        AddressPage { id: row.id.clone().unwrap(), rev: Some(3), typed: row.facts.typed(), overtaken: false }
    }

    #[test]
    fn the_form_is_sound() {
        testing::check("address-edit", &page(), |_| {});
        let empty = AddressPage { typed: Typed::default(), rev: None, ..page() };
        testing::check("address-new", &empty, |_| {});
        testing::check("address-new-error", &empty, |frame| {
            testing::extreme(frame);
            let flaws = AddressFacts::default().edited(&Typed::default()).unwrap_err();
            frame.errors = Some(flawed(&flaws, &frame.t));
        });
        testing::check("address-edit-overtaken", &AddressPage { overtaken: true, ..page() }, |frame| {
            frame.errors = Some(overtaken(&page().typed, &Typed::default(), &frame.t));
        });
    }

    #[test]
    fn every_field_stands_there_with_what_was_typed_as_text() {
        let html = page().html(&testing::frame(Language::De)).unwrap();
        for field in [Field::Company, Field::Name].into_iter().chain(Field::POSTAL) {
            assert!(html.contains(&format!("name=\"{}\"", field.name())), "{}", field.name());
        }
        assert!(html.contains("value=\"Example GmbH, Filiale &#60;Wien&#62;\""));
        assert!(html.contains("<option value=\"AT\" selected>") && html.contains("name=\"rev\" value=\"3\""));
    }
}
