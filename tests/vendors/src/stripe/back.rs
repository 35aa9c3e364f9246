//! What takes money back: refunds made elsewhere, refunds that fail, disputes.

use serde_json::{Map, json};

use super::{Stripe, books::Books, intents, money, play::Closed};

impl Stripe {
    /// Somebody gives money back in Stripe's dashboard, so nothing of ours is in its metadata. Returns the refund.
    ///
    /// # Errors
    /// When there is not so much to give back.
    pub fn refund(&self, intent: &str, amount: i64) -> Result<String, Closed> {
        let mut books = self.books();
        let charge = books.text(intent, "latest_charge");
        let reason = json!("requested_by_customer");
        intents::give_back(&mut books, &charge, Some(amount), Map::new(), reason)
            .map_err(|refusal| Closed(refusal.body().to_string()))
    }

    /// From now on new refunds wait (`pending`), or succeed at once as usual.
    pub fn slow_refunds(&self, slow: bool) {
        self.books().slow_refunds = slow;
    }

    /// A refund gets through: one that waited succeeds, one that succeeded gets the bank's reference.
    ///
    /// # Errors
    /// When it failed.
    pub fn settle_refund(&self, refund: &str) -> Result<(), Closed> {
        let mut books = self.books();
        let status = books.text(refund, "status");
        match status.as_str() {
            "pending" => {
                books.set(refund, json!({ "status": "succeeded", "pending_reason": null }));
                let before = json!({ "status": "pending", "pending_reason": "processing" });
                books.tell_with("refund.updated", refund, Some(before));
            }
            "succeeded" => {
                let mut details = books.get(refund)["destination_details"].clone();
                let before = json!({ "destination_details": details });
                details["card"]["reference"] = json!("123456789012");
                details["card"]["reference_status"] = json!("available");
                books.set(refund, json!({ "destination_details": details }));
                books.tell_with("refund.updated", refund, Some(before));
            }
            _ => return Err(Closed(format!("{refund} is '{status}'"))),
        }
        Ok(())
    }

    /// A refund fails, perhaps long after it succeeded: the money is the merchant's again.
    ///
    /// # Errors
    /// When it failed before.
    pub fn fail_refund(&self, refund: &str) -> Result<(), Closed> {
        let mut books = self.books();
        let status = books.text(refund, "status");
        if !["pending", "succeeded"].contains(&status.as_str()) {
            return Err(Closed(format!("{refund} is '{status}'")));
        }
        let (charge, amount) = (books.text(refund, "charge"), books.number(refund, "amount"));
        let back = books.balance(amount, refund, "refund_failure");
        books.set(
            refund,
            json!({ "status": "failed", "failure_reason": "expired_or_canceled_card", "pending_reason": null,
                "failure_balance_transaction": back }),
        );
        let left = books.number(&charge, "amount_refunded") - amount;
        books.set(&charge, json!({ "amount_refunded": left, "refunded": false }));
        books.tell_with("refund.updated", refund, Some(json!({ "status": status })));
        books.tell("refund.failed", refund);
        Ok(())
    }

    /// The customer disputes a payment with the bank, and the bank takes what was not given back. Returns the dispute.
    ///
    /// # Errors
    /// When nothing was taken, or it is disputed already.
    pub fn dispute(&self, intent: &str) -> Result<String, Closed> {
        self.dispute_of(intent, None)
    }

    /// The same for an amount: a bank may take a part, or the whole again after a refund.
    ///
    /// # Errors
    /// When nothing was taken, or it is disputed already.
    pub fn dispute_of(&self, intent: &str, amount: Option<i64>) -> Result<String, Closed> {
        let mut books = self.books();
        let dispute = begin(&mut books, intent, amount, "needs_response")?;
        withdraw(&mut books, &dispute);
        Ok(dispute)
    }

    /// The bank only asks: a dispute object, but no money moves. Returns the dispute.
    ///
    /// # Errors
    /// When nothing was taken, or it is disputed already.
    pub fn inquire(&self, intent: &str) -> Result<String, Closed> {
        begin(&mut self.books(), intent, None, "warning_needs_response")
    }

    /// An inquiry becomes a dispute with money.
    ///
    /// # Errors
    /// When it is no inquiry.
    pub fn escalate(&self, dispute: &str) -> Result<(), Closed> {
        let mut books = self.books();
        waits(&books, dispute, "warning_needs_response")?;
        books.set(dispute, json!({ "status": "needs_response", "is_charge_refundable": false }));
        withdraw(&mut books, dispute);
        Ok(())
    }

    /// The merchant wins: the money comes back.
    ///
    /// # Errors
    /// When the dispute is over.
    pub fn win(&self, dispute: &str) -> Result<(), Closed> {
        let mut books = self.books();
        waits(&books, dispute, "needs_response")?;
        let amount = books.number(dispute, "amount");
        note(&mut books, dispute, amount, "dispute_reversal");
        books.set(dispute, json!({ "status": "won" }));
        books.tell("charge.dispute.funds_reinstated", dispute);
        books.tell("charge.dispute.closed", dispute);
        Ok(())
    }

    /// The merchant loses: what was withdrawn stays so. A direct debit's dispute is lost at once.
    ///
    /// # Errors
    /// When the dispute is over.
    pub fn lose(&self, dispute: &str) -> Result<(), Closed> {
        let mut books = self.books();
        waits(&books, dispute, "needs_response")?;
        books.set(dispute, json!({ "status": "lost" }));
        books.tell("charge.dispute.closed", dispute);
        Ok(())
    }
}

fn waits(books: &Books, dispute: &str, status: &str) -> Result<(), Closed> {
    let own = books.text(dispute, "status");
    if own == status { Ok(()) } else { Err(Closed(format!("{dispute} is '{own}'"))) }
}

fn begin(books: &mut Books, intent: &str, amount: Option<i64>, status: &str) -> Result<String, Closed> {
    let charge = books.text(intent, "latest_charge");
    if books.text(&charge, "status") != "succeeded" || books.get(&charge)["disputed"] == true {
        return Err(Closed(format!("{intent} cannot be disputed")));
    }
    let left = books.number(&charge, "amount") - books.number(&charge, "amount_refunded");
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        return Err(Closed(format!("all of {intent} was given back")));
    }
    let dispute = money::dispute(books, &charge, amount, status);
    let dispute = books.add(dispute);
    books.set(&charge, json!({ "disputed": true }));
    books.tell("charge.dispute.created", &dispute);
    Ok(dispute)
}

fn withdraw(books: &mut Books, dispute: &str) {
    let amount = books.number(dispute, "amount");
    note(books, dispute, -amount, "dispute");
    books.tell("charge.dispute.funds_withdrawn", dispute);
}

fn note(books: &mut Books, dispute: &str, amount: i64, kind: &str) {
    let transaction = books.balance(amount, dispute, kind);
    let transaction = books.get(&transaction).clone();
    let mut all = books.get(dispute)["balance_transactions"].as_array().cloned().unwrap_or_default();
    all.push(transaction);
    books.set(dispute, json!({ "balance_transactions": all }));
}
