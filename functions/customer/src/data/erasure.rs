//! `/data/erasure`: a customer asks to be erased (B-11). Staff decide; what the law keeps is said before.

use domain::erasure::{ErasureRequest, RETENTION_YEARS};
use jiff::Timestamp;
use serde::Serialize;
use store::deciding_again;
use web::{Answer, Asked, CustomerContext, Nothing, Page, Problem, SeeOther, Submitted, area};

type Cx = CustomerContext<area::Always>;

/// The page's own address.
const PATH: &str = "/data/erasure";

/// What erasing means, and whether it was asked for.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<ErasurePage>> {
    let request = cx.store().erasure_request(cx.customer(), cx.now()).await?;
    let requested_at = request.map(|request| request.requested_at);
    Ok(Page::new(ErasurePage { requested_at, years: RETENTION_YEARS }))
}

/// Asks for it; again is the same while it is known.
pub(crate) async fn submit(cx: Cx, _: Submitted<Nothing>) -> Answer<SeeOther> {
    let (store, customer, now) = (cx.store(), cx.customer(), cx.now());
    deciding_again(|| async {
        if store.erasure_request(customer, now).await?.is_some() {
            return Ok(());
        }
        let person = store.customer(customer).await?.ok_or(Problem::NotFound)?.value;
        let change = ErasureRequest::ask(&person.number, cx.way(), now);
        Ok::<_, Problem>(store.request_erasure(customer, &change).await?)
    })
    .await?;
    Ok(SeeOther::to(PATH))
}

/// What erasing means, and whether it was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ErasurePage {
    /// When it was asked for, while that is known.
    pub requested_at: Option<Timestamp>,
    /// Full years for which invoices are kept.
    pub years: i16,
}

web::page!(ErasurePage => "pages/customer/erasure.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_page_is_sound() {
        let page = ErasurePage { requested_at: None, years: RETENTION_YEARS };
        testing::check("erasure", &page, testing::extreme);
        testing::check("erasure-asked", &ErasurePage { requested_at: Some(Timestamp::UNIX_EPOCH), ..page }, |_| {});
    }
}
