//! `/data/edit`: customers change their data (M-43, M-54, M-101). What decides about money and tax stays the tenant's.

use domain::{
    customer::{
        Customer, EmailAddress, Salutation, TaxRegion,
        form::{Field, Typed},
    },
    number::CustomerNumber,
};
use serde::Serialize;
use store::{Loaded, deciding_again};
use text::Words;
use web::{
    Answer, Asked, CustomerContext, Door as _, Either, Nothing, Page, Problem, SeeOther, Submitted, area, door::Change,
    page::Flash, reply::CONFLICT,
};

use super::form::{self, Form, Outcome, flawed, overtaken};

type Cx = CustomerContext<area::Data, Change>;

/// Shows the form.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<EditPage>> {
    let seen = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?;
    Ok(Page::new(EditPage::of(&seen, Typed::default())))
}

/// Saves what differs.
pub(crate) async fn submit(cx: Cx, form: Submitted<Form>) -> Answer<Either<Page<EditPage>, SeeOther>> {
    let form = form.into_inner();
    let t = cx.arrival().words();
    Ok(match save(&cx, form.rev(), &form.typed).await? {
        Outcome::Saved(_) => Either::Second(SeeOther::to("/data").saying(Flash::Saved)),
        Outcome::Flawed(seen, flaws) => {
            Either::First(Page::with_errors(EditPage::of(&seen, form.typed), flawed(&flaws, &t)))
        }
        Outcome::Overtaken(seen) => {
            let errors = overtaken(&form.typed, &Typed::of(&seen.value.facts), &t);
            let page = EditPage { overtaken: true, ..EditPage::of(&seen, form.typed) };
            Either::First(Page::with_errors(page, errors).status(CONFLICT))
        }
    })
}

/// Saves what was typed over the revision it was typed for. What is there already is saved, whoever did it.
pub(crate) async fn save(cx: &Cx, rev: u64, typed: &Typed) -> Answer<Outcome<Customer>> {
    let store = cx.store();
    deciding_again(|| async {
        let seen = store.customer(cx.customer()).await?.ok_or(Problem::NotFound)?;
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
        let rev = store.update_customer(cx.customer(), &seen, &change).await?;
        Ok::<_, Problem>(Outcome::Saved(Loaded { value: change.into_parts().0, rev }))
    })
    .await
}

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct EditPage {
    /// „Kundennummer": the tenant's.
    pub number: CustomerNumber,
    /// The revision it shows.
    pub rev: u64,
    /// What stands in the fields.
    pub typed: Typed,
    /// The login address; it has a page of its own.
    pub email: Option<EmailAddress>,
    /// The tenant's: it decides about tax.
    pub tax_region: TaxRegion,
    /// The tenant's.
    pub payment_type: String,
    /// Did somebody else save something meanwhile?
    pub overtaken: bool,
}

impl EditPage {
    fn of(seen: &Loaded<Customer>, typed: Typed) -> Self {
        let Customer { number, facts, .. } = &seen.value;
        Self {
            number: number.clone(),
            rev: seen.rev,
            typed: typed.over(&Typed::of(facts)),
            email: facts.email.clone(),
            tax_region: facts.tax_region,
            payment_type: facts.payment_type.clone(),
            overtaken: false,
        }
    }

    /// What stands in a field.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        Field::named(field).map_or("", |field| self.typed.get(field))
    }

    /// What can be chosen as salutation: code, word, and whether it is chosen.
    #[must_use]
    pub fn salutations(&self, t: &Words) -> [(&'static str, &'static str, bool); 2] {
        let chosen = self.typed.get(Field::Salutation);
        Salutation::ALL.map(|one| (one.code(), t.salutation(one), one.code() == chosen))
    }

    /// Every country, the chosen one marked.
    #[must_use]
    pub fn countries(&self, t: &Words) -> Vec<(String, String, bool)> {
        form::countries(&self.typed, t)
    }
}

web::page!(EditPage => "pages/customer/data-edit.html");

#[cfg(test)]
mod tests {
    use domain::{
        Language,
        customer::form::{Flaw, Reason},
    };
    use web::page::{View as _, testing};

    use super::*;

    fn page() -> EditPage {
        let mut typed = Typed::default();
        for field in own_fields() {
            typed.set(field, format!("<{}>", field.name()));
        }
        typed.set(Field::Salutation, Salutation::Frau.code());
        typed.set(Field::Country, "AT");
        EditPage {
            number: "K5003".parse().unwrap(),
            rev: 7,
            typed,
            email: "tine@example.org".parse().ok(),
            tax_region: TaxRegion::Domestic,
            payment_type: "Überweisung".to_owned(),
            overtaken: false,
        }
    }

    #[test]
    fn the_form_is_sound() {
        testing::check("data-edit", &page(), |_| {});
        let empty = EditPage { typed: Typed::default(), email: None, payment_type: String::new(), ..page() };
        testing::check("data-edit-empty", &empty, testing::extreme);
        testing::check("data-edit-error", &page(), |frame| {
            testing::extreme(frame);
            let flaw = |field: &Field| Flaw { field: *field, reason: Reason::TooLong };
            let flaws: Vec<Flaw> = own_fields().map(|field| flaw(&field)).collect();
            frame.errors = Some(flawed(&flaws, &frame.t));
        });
        testing::check("data-edit-overtaken", &EditPage { overtaken: true, ..page() }, |frame| {
            frame.errors = Some(overtaken(&page().typed, &Typed::default(), &frame.t));
        });
    }

    /// Addresses alone have a name of one piece.
    fn own_fields() -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(|field| *field != Field::Name)
    }

    #[test]
    fn every_field_stands_there_with_what_was_typed_as_text() {
        let html = page().html(&testing::frame(Language::De)).unwrap();
        for field in own_fields() {
            let name = field.name();
            assert!(html.contains(&format!("name=\"{name}\"")), "{name}");
            let is_chosen = matches!(field, Field::Salutation | Field::Country);
            assert!(is_chosen || html.contains(&format!("value=\"&#60;{name}&#62;\"")), "{name}");
        }
        assert!(html.contains("<option value=\"frau\" selected>") && html.contains("<option value=\"AT\" selected>"));
    }
}
