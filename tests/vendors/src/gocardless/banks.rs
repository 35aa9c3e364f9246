//! What the customer, the banks and GoCardless itself do. Each function says whether it could be done.

use serde_json::{Value, json};

use super::{
    GoCardless, Speed,
    acts::{CONFIRMED, activate, collect, end, person},
    ledger::{Ask, Cause, by},
};
use crate::server::lock;

/// The payout that everything is settled with.
const PAYOUT: &str = "PO000000000001";

impl GoCardless {
    /// The customer goes through the flow: the payment and the mandate that were asked for are made.
    pub fn fulfil(&self, request: &str, speed: Speed) -> bool {
        let mut books = lock(&self.books);
        let Some(found) = books.requests.get(request).filter(|found| found.status == "pending").cloned() else {
            return false;
        };
        let (customer, account) = person(&mut books);
        let mut links = json!({"billing_request": request, "customer": customer, "customer_bank_account": account});
        let payment = found.payment.as_ref().map(|ask| collect(&mut books, ask, &customer, &account, speed));
        let mandate = found.mandate.as_ref().map(|ask| activate(&mut books, ask, &customer, &account));
        if let Some(payment) = &payment {
            links["payment_request_payment"] = json!(payment);
        }
        if let Some(mandate) = &mandate {
            links["mandate_request_mandate"] = json!(mandate);
        }
        if let Some(found) = books.requests.get_mut(request) {
            found.status = "fulfilled";
            (found.customer, found.account) = (Some(customer), Some(account));
            if let Some(ask) = &mut found.payment {
                ask.made = payment;
            }
            if let Some(ask) = &mut found.mandate {
                ask.made = mandate;
            }
        }
        let cause = by("gocardless", "billing_request_fulfilled", "This billing request has been fulfilled.");
        books.tell("billing_requests", "fulfilled", links, cause, &found.metadata, None);
        true
    }

    /// The customer leaves the flow by its exit; the billing request stays pending and can be fulfilled later.
    pub fn turn_back(&self, request: &str) -> bool {
        self.wander(request, "flow_exited", by("payer", "billing_request_flow_exited", "The payer left the flow."))
    }

    /// The customer's bank refuses; the billing request stays pending.
    pub fn deny(&self, request: &str) -> bool {
        let cause =
            by("payer", "billing_request_bank_authorisation_denied", "The bank authorisation was denied by the payer.");
        self.wander(request, "bank_authorisation_denied", cause)
    }

    fn wander(&self, request: &str, action: &str, cause: Cause) -> bool {
        let mut books = lock(&self.books);
        let Some(found) = books.requests.get(request).filter(|found| found.status == "pending") else { return false };
        let own = found.metadata.clone();
        let flow = books.flows.values().rev().find(|flow| flow.request == request).map(|flow| flow.id.clone());
        let links = json!({"billing_request": request, "billing_request_flow": flow});
        books.tell("billing_requests", action, links, cause, &own, None);
        true
    }

    /// A mandate that exists already, for payments without a flow.
    pub fn mandate(&self, metadata: Value) -> String {
        let mut books = lock(&self.books);
        let (customer, account) = person(&mut books);
        let (currency, scheme) = ("EUR".to_owned(), "sepa_core".to_owned());
        let ask = Ask { amount: 0, currency, scheme, description: Value::Null, metadata, made: None };
        activate(&mut books, &ask, &customer, &account)
    }

    /// The payment goes to the banks: it can no longer be cancelled.
    pub fn submit(&self, payment: &str) -> bool {
        let cause = by("gocardless", "payment_submitted", "Payment submitted to the banks.");
        self.turn(payment, &["pending_submission"], Some("submitted"), "submitted", cause, &json!({}))
    }

    /// The bank is taken to have paid.
    pub fn confirm(&self, payment: &str) -> bool {
        self.turn(payment, &["pending_submission", "submitted"], Some("confirmed"), "confirmed", CONFIRMED, &json!({}))
    }

    /// The money goes out to the merchant.
    pub fn pay_out(&self, payment: &str) -> bool {
        let cause = by("gocardless", "payment_paid_out", "The payment has been paid out by GoCardless.");
        self.turn(payment, &["confirmed"], Some("paid_out"), "paid_out", cause, &json!({"payout": PAYOUT}))
    }

    /// The bank refuses, even late, after it had been confirmed or paid out.
    pub fn fail(&self, payment: &str) -> bool {
        let cause = by("bank", "insufficient_funds", "The account had insufficient funds.");
        let from = ["pending_submission", "submitted", "confirmed", "paid_out"];
        self.turn(payment, &from, Some("failed"), "failed", cause, &json!({}))
    }

    /// The same, and GoCardless says that it will try again by itself (`Event.cs`, `will_attempt_retry`).
    pub fn fail_for_now(&self, payment: &str) -> bool {
        lock(&self.books).retries_next = true;
        let failed = self.fail(payment);
        lock(&self.books).retries_next = false;
        failed
    }

    /// GoCardless tries a failed payment again by itself.
    pub fn retry_itself(&self, payment: &str) -> bool {
        let cause =
            by("gocardless", "payment_autoretried", "The payment was scheduled for resubmission automatically.");
        self.turn(payment, &["failed"], Some("pending_submission"), "resubmission_requested", cause, &json!({}))
    }

    /// A late failure is settled against a payout. It follows `failed`, so it takes nothing a second time.
    pub fn settle_late_failure(&self, payment: &str) -> bool {
        let cause = by("gocardless", "late_failure_settled", "This late failure has been settled against a payout.");
        let collected = lock(&self.books).payments.get(payment).is_some_and(|payment| payment.collected);
        collected && self.turn(payment, &["failed"], None, "late_failure_settled", cause, &json!({"payout": PAYOUT}))
    }

    /// GoCardless or the customer cancels a payment that was not sent yet.
    pub fn cancel(&self, payment: &str) -> bool {
        let cause = by("gocardless", "payment_cancelled", "The payment was cancelled.");
        self.turn(payment, &["pending_submission"], Some("cancelled"), "cancelled", cause, &json!({}))
    }

    /// The customer takes the money back through the bank: always all of it.
    pub fn charge_back(&self, payment: &str) -> bool {
        let cause = by("bank", "refund_requested", "The customer asked the bank for the money back.");
        self.turn(payment, &["confirmed", "paid_out"], Some("charged_back"), "charged_back", cause, &json!({}))
    }

    /// The chargeback is undone: the payment is again what it was.
    pub fn cancel_chargeback(&self, payment: &str) -> bool {
        let before = lock(&self.books).payments.get(payment).map(|payment| payment.before);
        let cause = by("bank", "payment_confirmed", "The chargeback was cancelled.");
        self.turn(payment, &["charged_back"], before, "chargeback_cancelled", cause, &json!({}))
    }

    /// The chargeback is settled against a payout. It takes nothing a second time.
    pub fn settle_chargeback(&self, payment: &str) -> bool {
        let cause = by("gocardless", "chargeback_settled", "This charge back has been settled against a payout.");
        self.turn(payment, &["charged_back"], None, "chargeback_settled", cause, &json!({"payout": PAYOUT}))
    }

    fn turn(
        &self,
        id: &str,
        from: &[&str],
        to: Option<&'static str>,
        action: &str,
        cause: Cause,
        more: &Value,
    ) -> bool {
        let mut books = lock(&self.books);
        let may = books.payments.get(id).is_some_and(|payment| from.contains(&payment.status));
        if may {
            books.payment(id, to, action, cause, more);
        }
        may
    }

    /// The refund has been paid.
    pub fn pay_refund(&self, refund: &str) -> bool {
        let cause = by("gocardless", "refund_paid", "The refund has been paid to your customer.");
        self.turn_refund(refund, "paid", "paid", cause)
    }

    /// The refund was taken out of a payout, which says nothing about whether it reaches the customer.
    pub fn settle_refund(&self, refund: &str) -> bool {
        let mut books = lock(&self.books);
        let Some(own) = books.refunds.get(refund).map(|refund| refund.metadata.clone()) else { return false };
        let cause = by("gocardless", "refund_settled", "The refund has been deducted from a payout.");
        books.tell("refunds", "refund_settled", json!({"refund": refund, "payout": PAYOUT}), cause, &own, None);
        true
    }

    /// The refund did not reach the customer, even after it was paid and settled. Unconfirmed: that the status is `bounced` then.
    pub fn fail_refund(&self, refund: &str) -> bool {
        let cause = by("gocardless", "refund_failed", "The refund did not reach your customer.");
        self.turn_refund(refund, "bounced", "failed", cause)
    }

    /// The money of a failed refund is back with the merchant.
    pub fn return_refund(&self, refund: &str) -> bool {
        let cause = by("gocardless", "refund_funds_returned", "The funds of the refund came back.");
        self.turn_refund(refund, "funds_returned", "funds_returned", cause)
    }

    /// Somebody refunds in the dashboard; nothing when the payment does not hold that much.
    pub fn refund(&self, payment: &str, amount: i64) -> Option<String> {
        let mut books = lock(&self.books);
        let found = books.payments.get(payment).filter(|found| found.held())?;
        let currency = found.currency.clone();
        if books.refunded(payment) + amount > found.amount {
            return None;
        }
        let (id, created, metadata) = (books.id("RF"), books.now(), json!({}));
        let refund = super::ledger::Refund {
            id: id.clone(),
            payment: payment.to_owned(),
            amount,
            currency,
            status: "created",
            reference: Value::Null,
            metadata: metadata.clone(),
            created,
        };
        books.refunds.insert(id.clone(), refund);
        let cause = by("api", "payment_refunded", "The refund has been created.");
        books.tell("refunds", "created", json!({"refund": id}), cause, &metadata, None);
        Some(id)
    }

    fn turn_refund(&self, id: &str, status: &'static str, action: &str, cause: Cause) -> bool {
        let mut books = lock(&self.books);
        let Some(refund) = books.refunds.get_mut(id).filter(|refund| refund.status != status) else { return false };
        refund.status = status;
        let own = refund.metadata.clone();
        books.tell("refunds", action, json!({"refund": id}), cause, &own, None);
        true
    }

    /// The customer ends the mandate at the bank; payments that were not sent yet go with it.
    pub fn mandate_cancelled(&self, mandate: &str) -> bool {
        let cause = by("bank", "bank_account_disabled", "Customer's bank account closed");
        self.end_mandate(mandate, "cancelled", "cancelled", cause)
    }

    /// The bank did not take the mandate.
    pub fn mandate_failed(&self, mandate: &str) -> bool {
        let cause = by("bank", "invalid_bank_details", "The specified bank account does not exist.");
        self.end_mandate(mandate, "failed", "failed", cause)
    }

    /// The mandate was not used for too long.
    pub fn mandate_expired(&self, mandate: &str) -> bool {
        self.end_mandate(mandate, "expired", "expired", by("gocardless", "mandate_expired", "The mandate has expired."))
    }

    /// The merchant has blocked the customer.
    pub fn mandate_blocked(&self, mandate: &str) -> bool {
        self.end_mandate(mandate, "blocked", "blocked", by("gocardless", "mandate_blocked", "The mandate was blocked."))
    }

    fn end_mandate(&self, mandate: &str, status: &'static str, action: &str, cause: Cause) -> bool {
        end(&mut lock(&self.books), mandate, status, action, cause, None, json!({"mandate": mandate}))
    }

    /// The mandate gives way to a new one, whose id comes back. Unconfirmed: that the old one is `cancelled` then.
    pub fn mandate_replaced(&self, mandate: &str) -> Option<String> {
        let mut books = lock(&self.books);
        let old = books.mandates.get(mandate).filter(|old| old.usable())?.clone();
        let (currency, scheme) = ("EUR".to_owned(), old.scheme);
        let ask = Ask { amount: 0, currency, scheme, description: Value::Null, metadata: old.metadata, made: None };
        let new = activate(&mut books, &ask, &old.customer, &old.account);
        if let Some(old) = books.mandates.get_mut(mandate) {
            // `Mandate.cs`: „ID of the new mandate if this mandate has been replaced".
            old.new = Some(new.clone());
        }
        let links = json!({"mandate": mandate, "new_mandate": new});
        let cause = by("gocardless", "scheme_identifier_changed", "The mandate was replaced.");
        end(&mut books, mandate, "cancelled", "replaced", cause, None, links).then_some(new)
    }
}
