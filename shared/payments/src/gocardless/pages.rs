//! GoCardless's pages: a billing request asks for something, a flow is the page on which the customer does it.
//!
//! A flow cannot be made once per key, and one request may have several; whichever the customer goes through, it is
//! fulfilled once. A request has no end of its own, and a flow lasts for seven days: so a page whose time is over is closed
//! when it is looked up.

use domain::Language;
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use super::{
    Found, GoCardless,
    calls::{between, opened, refused},
    events::flows,
    unreadable,
    wire::{BillingRequest, Event, Flow, Payment, Resource, is_word},
};
use crate::{Known, Unknown, What, client::send};

/// Who is at the bank when the time is over comes back: the page is closed a little later, as Stripe does.
const PAGE_OUTLASTS: SignedDuration = SignedDuration::from_mins(35);

/// What a page needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    /// Where the customer comes back to, either way.
    pub(super) return_url: &'a str,
    pub(super) language: Language,
    /// What the customer need not write.
    pub(super) email: Option<&'a str>,
}

impl GoCardless {
    /// Opens a page. Its address, or GoCardless's word for why there is none, now or later.
    pub(super) async fn open(
        &self,
        request: &BillingRequest,
        page: &Page<'_>,
    ) -> Result<Result<String, String>, Unknown> {
        if !is_word(&request.id) {
            return Err(Unknown::Unreadable);
        }
        let mut body = json!({
            "redirect_uri": page.return_url,
            "exit_uri": page.return_url,
            "language": match page.language { Language::De => "de", Language::En => "en" },
            "links": { "billing_request": request.id },
        });
        if let Some(email) = page.email {
            body["prefilled_customer"] = json!({ "email": email });
        }
        // Without a key: GoCardless makes another one all the same.
        let (status, body) = send(self.post(Flow::KIND, &json!({ Flow::KIND: body }))?).await?;
        if !status.is_success() {
            return refused(status, &body).map(Err);
        }
        let flow: Flow = opened(&body)?;
        flow.authorisation_url.map(Ok).ok_or(Unknown::Unreadable)
    }

    /// Finds the page that was opened last, or opens one.
    pub(super) async fn open_again(
        &self,
        request: &BillingRequest,
        page: &Page<'_>,
    ) -> Result<Result<String, String>, Unknown> {
        if !is_word(&request.id) {
            return Err(Unknown::Unreadable);
        }
        let filter = format!("&billing_request={}&action=flow_created", request.id);
        let events: Vec<Event> = self.all(&filter).await?;
        if let Some(flow) = flows(&events).next() {
            // GoCardless has no other way of showing a flow: it answers the whole, with a fresh token for its own scripts.
            let path = format!("{}/{flow}/actions/initialise", Flow::KIND);
            let (status, body) = send(self.post(&path, &json!({}))?).await?;
            if status.is_success() {
                let flow: Flow = opened(&body)?;
                if let Some(url) = flow.authorisation_url.as_ref().filter(|_| flow.is_of(&request.id)) {
                    return Ok(Ok(url.clone()));
                }
            } else if status != StatusCode::NOT_FOUND {
                // It may be over; then another one is opened.
                refused(status, &body)?;
            }
        }
        self.open(request, page).await
    }

    /// What became of a payment that was asked for on a page.
    pub(super) async fn found_by_page(&self, known: Known<'_>) -> Result<Option<Found>, Unknown> {
        let is_ours = |request: &BillingRequest| request.metadata.payment().as_ref() == Some(known.payment);
        let id = match known.session {
            Some(id) => id.to_owned(),
            None => match self.search::<BillingRequest>(&between(known.since, known.until), is_ours).await? {
                Some(request) => request.id,
                None => return Ok(None),
            },
        };
        // A request that was made and is gone proves nothing: the keys may be another account's now.
        let gone = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
        let (request, at) = self.get_dated::<BillingRequest>(&id).await?.ok_or(gone)?;
        if !is_ours(&request) {
            return Err(Unknown::Unreadable);
        }
        if let Some(payment) = request.payment() {
            let payment: Payment = self.known(payment).await?;
            return Ok(Some(Found::Payment(payment)));
        }
        let is_over = at.is_some_and(|at| at > known.until + PAGE_OUTLASTS);
        let what = match request.without_payment().map_err(unreadable)? {
            What::Pending if is_over && request.is_open() => self.close(&request.id).await?,
            // Closed by us.
            What::Cancelled if is_over => What::Expired,
            what => what,
        };
        Ok(Some(Found::Nothing(what)))
    }

    /// Closes a page, so that nobody pays any more what nobody waits for.
    async fn close(&self, id: &str) -> Result<What, Unknown> {
        let path = format!("{}/{id}/actions/cancel", BillingRequest::KIND);
        let (status, body) = send(self.post(&path, &json!({}))?).await?;
        if status.is_success() {
            let request: BillingRequest = opened(&body)?;
            let is_closed = request.without_payment().map_err(unreadable)? == What::Cancelled;
            return Ok(if is_closed { What::Expired } else { What::Pending });
        }
        // The customer was faster: the next look tells.
        refused(status, &body).map(|_| What::Pending)
    }
}
