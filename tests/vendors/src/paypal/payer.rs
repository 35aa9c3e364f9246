//! What the payer, their bank and PayPal itself do. Each function says whether it could be done.

use serde_json::json;

use super::{
    PayPal,
    ledger::{Dispute, Ledger, Luck},
    money, vault, views,
};
use crate::server::lock;

/// Where a dispute is fought out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The payer asks PayPal: the merchant keeps the money until it is decided.
    PayPal,
    /// The payer asks their bank: PayPal takes the money back at once.
    Bank,
}

impl PayPal {
    /// The payer approves an order, or chooses another way to pay after a decline.
    pub fn approve(&self, order: &str) -> bool {
        let mut books = lock(&self.books);
        books.sweep();
        let now = books.now();
        let Some(found) = books.orders.get_mut(order) else { return false };
        let again = found.status == "APPROVED" && found.luck == Luck::Declined;
        if !again && !matches!(found.status, "CREATED" | "PAYER_ACTION_REQUIRED") {
            return false;
        }
        (found.status, found.approved, found.updated) = ("APPROVED", Some(now), now);
        if again {
            found.luck = Luck::Fine;
        }
        let Some(found) = books.orders.get(order) else { return false };
        let resource = views::order(&books, found, true);
        let text = "An order has been approved by buyer";
        books.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", "2.0", text, resource);
        true
    }

    /// Where the payer comes back to after approving; nothing when the order names no place.
    #[must_use]
    pub fn return_url(&self, order: &str) -> Option<String> {
        let books = lock(&self.books);
        let url = books.orders.get(order)?.return_url.as_ref()?;
        Some(with(url, &format!("token={order}&PayerID={}", views::PAYER)))
    }

    /// The payer turns back: nothing changes and nothing is told, they only come to this place.
    #[must_use]
    pub fn turn_back(&self, order: &str) -> Option<String> {
        let books = lock(&self.books);
        let url = books.orders.get(order)?.cancel_url.as_ref()?;
        Some(with(url, &format!("token={order}")))
    }

    /// Captures of this order are declined until the payer approves it again.
    pub fn decline(&self, order: &str) -> bool {
        self.fate(order, Luck::Declined)
    }

    /// The next capture of this order waits for a review.
    pub fn hold(&self, order: &str) -> bool {
        self.fate(order, Luck::Pending)
    }

    fn fate(&self, order: &str, luck: Luck) -> bool {
        let mut books = lock(&self.books);
        let found = books.orders.get_mut(order).filter(|order| order.status != "COMPLETED");
        found.map(|order| order.luck = luck).is_some()
    }

    /// The order's time is over; an approval that nobody used is taken back.
    pub fn expire(&self, order: &str) -> bool {
        let mut books = lock(&self.books);
        let open = books.orders.get(order).is_some_and(|order| order.status != "COMPLETED");
        if open {
            books.lapse(order);
        }
        open
    }

    /// A capture that waited is done.
    pub fn complete(&self, capture: &str) -> bool {
        self.settle(capture, "COMPLETED", "PAYMENT.CAPTURE.COMPLETED")
    }

    /// A capture that waited is not done.
    pub fn deny(&self, capture: &str) -> bool {
        let event = lock(&self.books).setup.denial;
        self.settle(capture, "DECLINED", event)
    }

    fn settle(&self, capture: &str, status: &'static str, event: &str) -> bool {
        let mut books = lock(&self.books);
        let now = books.now();
        let Some(found) = books.captures.get_mut(capture).filter(|found| found.status == "PENDING") else {
            return false;
        };
        (found.status, found.updated) = (status, now);
        books.tell_capture(capture, event);
        true
    }

    /// The merchant gives money back on PayPal's own pages: this many minor units, or all that is left.
    pub fn refund(&self, capture: &str, amount: Option<i64>) -> Option<String> {
        let mut books = lock(&self.books);
        let left = left(&books, capture)?;
        let amount = amount.unwrap_or(left);
        if amount <= 0 || amount > left {
            return None;
        }
        let id = money::give(&mut books, capture, amount, "COMPLETED", false);
        books.tell_refund(&id);
        Some(id)
    }

    /// The next refund over the API waits.
    pub fn slow_refund(&self) {
        lock(&self.books).next_refund = "PENDING";
    }

    /// The next refund over the API is made and has failed.
    pub fn failed_refund(&self) {
        lock(&self.books).next_refund = "FAILED";
    }

    /// Whether the account has no money for refunds.
    pub fn poor(&self, poor: bool) {
        lock(&self.books).poor = poor;
    }

    /// A refund that waited is done.
    pub fn complete_refund(&self, refund: &str) -> bool {
        self.turn(refund, &["PENDING"], "COMPLETED")
    }

    /// A refund comes back. No event of it is documented, see [`super::Setup::refund_events`]: asking for it shows it.
    pub fn fail_refund(&self, refund: &str) -> bool {
        self.turn(refund, &["PENDING", "COMPLETED"], "FAILED")
    }

    /// A refund that waited is called off; no event tells it.
    pub fn cancel_refund(&self, refund: &str) -> bool {
        self.turn(refund, &["PENDING"], "CANCELLED")
    }

    fn turn(&self, refund: &str, from: &[&str], status: &'static str) -> bool {
        let mut books = lock(&self.books);
        let now = books.now();
        let found = books.refunds.get_mut(refund).filter(|found| !found.reversal && from.contains(&found.status));
        let Some(found) = found else { return false };
        (found.status, found.updated) = (status, now);
        books.tell_refund(refund);
        true
    }

    /// PayPal takes a capture's money back without a dispute: this many minor units, or all that is left.
    pub fn reverse(&self, capture: &str, amount: Option<i64>) -> Option<String> {
        let mut books = lock(&self.books);
        let left = left(&books, capture)?;
        let amount = amount.unwrap_or(left);
        if amount <= 0 || amount > left {
            return None;
        }
        let id = money::give(&mut books, capture, amount, "COMPLETED", true);
        books.tell_refund(&id);
        Some(id)
    }

    /// The payer disputes a capture: this many minor units, or all of it. A capture has one dispute at most.
    /// Unconfirmed: when the money of one or the other channel moves, and in which order it is told.
    pub fn dispute(&self, capture: &str, amount: Option<i64>, channel: Channel) -> Option<String> {
        let mut books = lock(&self.books);
        let found = books.captures.get(capture).filter(|found| found.status == "COMPLETED")?;
        let (whole, currency) = (found.amount, found.currency.clone());
        let amount = amount.unwrap_or(whole);
        if amount <= 0 || amount > whole || books.disputes.values().any(|dispute| dispute.capture == capture) {
            return None;
        }
        let bank = channel == Channel::Bank;
        let now = books.now();
        let id = format!("PP-D-{}", 27_800 + books.number());
        let dispute = Dispute {
            id: id.clone(),
            capture: capture.to_owned(),
            amount,
            currency,
            stage: if bank { "CHARGEBACK" } else { "INQUIRY" },
            channel: if bank { "EXTERNAL" } else { "INTERNAL" },
            outcome: None,
            reversal: None,
            movements: Vec::new(),
            created: now,
            updated: now,
        };
        books.disputes.insert(id.clone(), dispute);
        if bank {
            seize(&mut books, &id);
        }
        tell(&mut books, &id, "CUSTOMER.DISPUTE.CREATED", &format!("A new dispute opened with Case # {id}"));
        Some(id)
    }

    /// The merchant wins: money that was taken comes back. Unconfirmed: that no event but the dispute's own tells that.
    pub fn win(&self, dispute: &str) -> bool {
        self.resolve(dispute, "RESOLVED_SELLER_FAVOUR")
    }

    /// The payer gives up: for the merchant that is a win.
    pub fn withdraw(&self, dispute: &str) -> bool {
        self.resolve(dispute, "CANCELED_BY_BUYER")
    }

    /// The merchant loses: the money is taken, if it was not yet.
    pub fn lose(&self, dispute: &str) -> bool {
        self.resolve(dispute, "RESOLVED_BUYER_FAVOUR")
    }

    fn resolve(&self, dispute: &str, outcome: &'static str) -> bool {
        let mut books = lock(&self.books);
        let now = books.now();
        let Some(found) = books.disputes.get_mut(dispute).filter(|found| found.outcome.is_none()) else {
            return false;
        };
        (found.outcome, found.updated) = (Some(outcome), now);
        if outcome == "RESOLVED_BUYER_FAVOUR" {
            if found.reversal.is_none() {
                seize(&mut books, dispute);
            }
        } else if let Some(reversal) = found.reversal.clone() {
            let back = views::movement(found, "CREDIT", now);
            found.movements.push(back);
            if let Some(refund) = books.refunds.get_mut(&reversal) {
                (refund.status, refund.updated) = ("CANCELLED", now);
            }
        }
        let text = format!("A dispute was resolved with case # {dispute}");
        tell(&mut books, dispute, "CUSTOMER.DISPUTE.RESOLVED", &text);
        true
    }

    /// The payer agrees that their wallet is saved.
    pub fn approve_setup(&self, setup_token: &str) -> bool {
        let mut books = lock(&self.books);
        books.sweep();
        let found = books.pledges.get_mut(setup_token).filter(|found| found.status == "PAYER_ACTION_REQUIRED");
        found.map(|found| found.status = "APPROVED").is_some()
    }

    /// Where the payer comes back to after agreeing, or after not agreeing. Unconfirmed: the names of the parameters.
    #[must_use]
    pub fn setup_urls(&self, setup_token: &str) -> Option<(String, String)> {
        let books = lock(&self.books);
        let found = books.pledges.get(setup_token)?;
        let more = format!("approval_token_id={setup_token}&approval_session_id={setup_token}");
        Some((with(&found.return_url, &more), with(&found.cancel_url, &more)))
    }

    /// A wallet that is saved already, for charges without a flow.
    pub fn wallet(&self) -> String {
        let mut books = lock(&self.books);
        let pledge = super::ledger::Pledge {
            id: String::new(),
            status: "TOKENIZED",
            customer: format!("customer_{:010}", 4_029_000_000 + books.number()),
            merchant_customer: None,
            wallet: json!({"usage_type": "MERCHANT", "customer_type": "CONSUMER",
                "permit_multiple_payment_tokens": false}),
            return_url: String::new(),
            cancel_url: String::new(),
            created: books.now(),
        };
        vault::save(&mut books, pledge, None).made
    }

    /// The payer ends the agreement on PayPal's own pages.
    pub fn remove_wallet(&self, token: &str) -> bool {
        let mut books = lock(&self.books);
        let Some(found) = books.tokens.get_mut(token).filter(|found| !found.ended) else { return false };
        found.ended = true;
        let text = "A payment token has been deleted.";
        books.tell("VAULT.PAYMENT-TOKEN.DELETED", "payment_token", "3.0", text, json!({"id": token}));
        true
    }

    /// The next charge on this wallet is declined.
    pub fn decline_wallet(&self, token: &str) -> bool {
        self.chance(token, Luck::Declined)
    }

    /// The next charge on this wallet waits for a review.
    pub fn hold_wallet(&self, token: &str) -> bool {
        self.chance(token, Luck::Pending)
    }

    fn chance(&self, token: &str, luck: Luck) -> bool {
        let mut books = lock(&self.books);
        let found = books.tokens.get_mut(token).filter(|found| !found.ended);
        found.map(|found| found.luck = luck).is_some()
    }
}

/// The address with more parameters.
fn with(url: &str, more: &str) -> String {
    format!("{url}{}{more}", if url.contains('?') { '&' } else { '?' })
}

/// What the merchant still has of a capture.
fn left(books: &Ledger, capture: &str) -> Option<i64> {
    let found = books.captures.get(capture).filter(|found| found.status == "COMPLETED")?;
    let (given, taken) = books.back(capture);
    Some(found.amount - given - taken)
}

/// PayPal takes what a dispute is about.
fn seize(books: &mut Ledger, dispute: &str) {
    let Some(found) = books.disputes.get(dispute).cloned() else { return };
    let amount = found.amount.min(left(books, &found.capture).unwrap_or_default());
    if amount <= 0 {
        return;
    }
    let id = money::give(books, &found.capture, amount, "COMPLETED", true);
    let movement = views::movement(&Dispute { amount, ..found }, "DEBIT", books.now());
    if let Some(found) = books.disputes.get_mut(dispute) {
        found.reversal = Some(id.clone());
        found.movements.push(movement);
    }
    books.tell_refund(&id);
}

fn tell(books: &mut Ledger, dispute: &str, event: &str, text: &str) {
    let Some(found) = books.disputes.get(dispute) else { return };
    let resource = views::dispute(books, found);
    books.tell(event, "dispute", "", text, resource);
}
