//! `/documents/{type}/{number}/decision`: the confirmation of how an offer was answered (M-99). Mails take the same paper along;
//! whichever wants it first has it rendered.

use domain::{
    document::{DocumentType, OfferAnswer},
    id::TenantId,
    number::DocumentNumber,
};
use files::Object;
use serde::Deserialize;
use store::{CommitError, Document, DocumentRef, StoreError, StoredFile, TenantStore, secret};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients,
    desk::{Desk, Sheet},
    document::find,
    issued::kept_pdf,
    render::{self, AnswerPaper},
};

/// Which offer, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DecisionPdfAsk)]
pub(crate) struct Ask {
    r#type: String,
    number: String,
}

/// `/documents/{type}/{number}/decision`: 404 for all but offers that were answered.
pub(crate) async fn pdf(cx: CustomerContext<area::Documents>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    let is_shown = ask.0.r#type == DocumentType::Offer.code() && cx.tenant().settings.shows(DocumentType::Offer);
    let number = DocumentNumber::from_slug(&ask.0.number).ok().filter(|_| is_shown).ok_or(Problem::NotFound)?;
    let store = cx.store();
    let offer = find(&store, cx.customer(), &DocumentRef::new(DocumentType::Offer, &number)).await?;
    let sheet = AnswerSheet::of(&offer).ok_or(Problem::NotFound)?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    let words = Words::new(desk.language(&desk.customer(cx.customer()).await?));
    desk.handed_out(&sheet, &words.papers_answer_file(&number), true).await
}

/// The paper of an answer, of which there is one for good.
pub(crate) struct AnswerSheet<'a> {
    offer: &'a Document,
    answer: &'a OfferAnswer,
}

impl<'a> AnswerSheet<'a> {
    /// Of an offer that was answered; none of another document.
    pub(crate) fn of(offer: &'a Document) -> Option<Self> {
        Some(Self { offer, answer: offer.answer.as_ref()? })
    }
}

impl Sheet for AnswerSheet<'_> {
    async fn noted(&self, store: &TenantStore) -> Result<Option<StoredFile>, StoreError> {
        store.answer_paper(&self.offer.body.customer, &self.offer.body.number).await
    }

    async fn rendered(&self, desk: &Desk<'_>) -> Answer<Vec<u8>> {
        // What was answered is what the customer could read: the offer's own PDF, which is kept with this at the latest.
        let sha256 = hexadecimal(&kept_pdf(desk, self.offer).await?)?;
        let customer = desk.customer(&self.offer.body.customer).await?;
        let print = |letterhead: render::Letterhead<'_>| {
            render::answer(&AnswerPaper {
                number: &self.offer.body.number,
                facts: &self.offer.body.facts,
                answer: self.answer,
                sha256: &sha256,
                customer: &customer,
                language: desk.language(&customer),
                letterhead,
            })
        };
        desk.printed(print).await
    }

    fn object<'a>(&'a self, tenant: &'a TenantId, sha256: &'a str) -> Object<'a> {
        Object::AnswerPdf { tenant, number: self.offer.body.number.as_str(), sha256 }
    }

    async fn note(&self, store: &TenantStore, file: &StoredFile) -> Result<(), CommitError> {
        store.add_answer_paper(&self.offer.body.customer, &self.offer.body.number, file).await
    }
}

/// A hash as tools on people's desks write it.
fn hexadecimal(sha256: &str) -> Answer<String> {
    let bytes = secret::decode(sha256).ok_or_else(|| Problem::Internal("a kept hash is none".into()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_as_others_write_it() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hexadecimal(&secret::digest(b"")).unwrap(), empty);
        assert!(hexadecimal("!").is_err());
    }
}
