//! `"notify": true`: a document goes to its customer by mail, once, when the tenant's system wants it (M-70).
//!
//! It is no part of the facts: they never change, and this may come later.

use domain::{
    FieldErrors, change::Actor, document::DocumentType, id::CustomerId, release::Release, tenant::ReleaseMail,
};
use serde_json::{Map, Value};
use store::{CommitError, deciding_again};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use web::{Answer, IntegratorContext, Problem, scope};

/// Takes the wish out of a body, before its facts are read.
///
/// # Errors
/// For anything but true and false.
pub(crate) fn taken(body: &mut Map<String, Value>) -> Result<bool, Problem> {
    match body.remove("notify") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(notify)) => Ok(notify),
        Some(_) => Err(FieldErrors::one("notify", "invalid", "must be true or false").into()),
    }
}

/// The schema of a document's facts, and the wish beside them.
pub(crate) fn described(mut facts: RefOr<Schema>) -> RefOr<Schema> {
    let said = "Does it go to its customer by mail, once? Left out it does not, so that loading old ones mails nobody; sent \
                again with it, it does. What is only a PDF goes out once that is there.";
    let notify: Schema = ObjectBuilder::new().schema_type(Type::Boolean).description(Some(said)).build().into();
    match &mut facts {
        RefOr::T(Schema::Object(facts)) => {
            facts.properties.insert("notify".to_owned(), notify.into());
        }
        RefOr::T(Schema::AllOf(parts)) => {
            let part: Schema = ObjectBuilder::new().property("notify", notify).build().into();
            parts.items.push(part.into());
        }
        _ => {}
    }
    facts
}

/// Does the tenant mail documents of this kind at all?
pub(crate) fn goes_out(cx: &IntegratorContext<scope::Write>, kind: DocumentType) -> bool {
    cx.tenant().settings.mails.on_release.of(kind) != ReleaseMail::None
}

/// Releases a document, which its mail follows; once, however often that is asked for.
pub(crate) async fn release(
    cx: &IntegratorContext<scope::Write>,
    customer: &CustomerId,
    release: Release,
) -> Answer<()> {
    if !goes_out(cx, release.document) {
        return Ok(());
    }
    let release = release.now(Actor::Integrator, cx.now());
    deciding_again(|| async {
        match cx.store().release(customer, &release).await {
            Ok(()) | Err(CommitError::Refused("release")) => Ok(()),
            Err(error) => Err(error),
        }
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{document::DocumentFacts, invoice::InvoiceFacts};
    use serde_json::json;
    use utoipa::PartialSchema as _;

    use super::*;

    #[test]
    fn the_wish_is_described_beside_the_facts_of_every_kind() {
        for schema in [InvoiceFacts::schema(), DocumentFacts::schema()] {
            let written = serde_json::to_string(&described(schema)).unwrap();
            assert!(written.contains("\"notify\":{"), "{written}");
        }
    }

    #[test]
    fn only_true_and_false_are_wishes() {
        for (written, wish) in [(json!(null), false), (json!(false), false), (json!(true), true)] {
            let mut body = Map::from_iter([("notify".to_owned(), written)]);
            assert_eq!(taken(&mut body).unwrap(), wish);
            assert!(body.is_empty());
        }
        assert!(!taken(&mut Map::new()).unwrap());
        let mut wrong = Map::from_iter([("notify".to_owned(), json!("yes"))]);
        assert_eq!(taken(&mut wrong).unwrap_err().errors()[0].field, "notify");
    }
}
