//! What the customer does on Stripe's pages, and what banks and the merchant's staff do at Stripe.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{
    Stripe,
    books::Books,
    intents,
    objects::{self, CARD, DEBIT, Means, Wish},
    people,
};

/// It cannot be done: the session is over, the payment is not on its way, there is nothing to dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed(
    /// What is in the way.
    pub String,
);

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Closed {}

/// What a saved method does at its next charge. A card succeeds and a direct debit is processed when nothing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// 200, `succeeded`.
    Succeed,
    /// 402, `card_declined`.
    Decline,
    /// 402, `authentication_required`: the customer must come back.
    AuthenticationRequired,
    /// 200, `processing`; then [`Stripe::settle`] or [`Stripe::fail_later`].
    Processing,
}

/// What a customer saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedKind {
    /// A card.
    Card {
        /// `visa`
        brand: String,
        /// `4242`
        last4: String,
        /// Month and year, `(12, 2031)`.
        exp: (i64, i64),
    },
    /// A bank account.
    SepaDebit {
        /// Of the IBAN.
        last4: String,
        /// The mandate's reference, which the bank statement shows.
        mandate: String,
    },
}

impl SavedKind {
    fn means(&self) -> Means<'_> {
        match self {
            Self::Card { brand, last4, exp } => Means::Card { brand, last4, exp: *exp },
            Self::SepaDebit { last4, .. } => Means::SepaDebit { last4 },
        }
    }
}

impl Stripe {
    /// The customer pays by card. Returns the intent.
    ///
    /// # Errors
    /// When the session is not open.
    pub fn pay(&self, session: &str) -> Result<String, Closed> {
        let mut books = self.books();
        let (intent, method) = confirm(&mut books, session, CARD)?;
        intents::succeed(&mut books, &intent, &method);
        keep(&mut books, &intent, &method);
        complete(&mut books, session, "paid");
        intents::book(&mut books, &intent);
        Ok(intent)
    }

    /// The customer pays by direct debit: the session is complete, the money comes with [`Stripe::settle`] or never
    /// ([`Stripe::fail_later`]). Returns the intent.
    ///
    /// # Errors
    /// When the session is not open.
    pub fn pay_later(&self, session: &str) -> Result<String, Closed> {
        let mut books = self.books();
        let (intent, method) = confirm(&mut books, session, DEBIT)?;
        intents::process(&mut books, &intent, &method);
        keep(&mut books, &intent, &method);
        complete(&mut books, session, "unpaid");
        Ok(intent)
    }

    /// The bank declines the customer's card; the session stays open. Returns the intent.
    ///
    /// # Errors
    /// When the session is not open.
    pub fn decline(&self, session: &str) -> Result<String, Closed> {
        let mut books = self.books();
        let (intent, method) = confirm(&mut books, session, CARD)?;
        intents::decline(&mut books, &intent, &method, "card_declined", "generic_decline");
        Ok(intent)
    }

    /// The bank wants to see the customer first; the session stays open. Returns the intent.
    ///
    /// # Errors
    /// When the session is not open.
    pub fn challenge(&self, session: &str) -> Result<String, Closed> {
        let mut books = self.books();
        let (intent, method) = confirm(&mut books, session, CARD)?;
        let action = json!({ "type": "use_stripe_sdk", "use_stripe_sdk": { "type": "three_d_secure_redirect" } });
        books.set(&intent, json!({ "status": "requires_action", "next_action": action, "payment_method": method }));
        books.tell("payment_intent.requires_action", &intent);
        Ok(intent)
    }

    /// A direct debit that was on its way arrives. `what` is a session or an intent.
    ///
    /// # Errors
    /// When nothing is on its way.
    pub fn settle(&self, what: &str) -> Result<(), Closed> {
        let mut books = self.books();
        let intent = on_its_way(&books, what)?;
        intents::arrive(&mut books, &intent);
        if let Some(session) = books.session_of(&intent) {
            books.set(&session, json!({ "payment_status": "paid" }));
            books.tell("checkout.session.async_payment_succeeded", &session);
        }
        intents::book(&mut books, &intent);
        Ok(())
    }

    /// A direct debit that was on its way does not arrive. `what` is a session or an intent.
    ///
    /// # Errors
    /// When nothing is on its way.
    pub fn fail_later(&self, what: &str) -> Result<(), Closed> {
        let mut books = self.books();
        let intent = on_its_way(&books, what)?;
        intents::bounce(&mut books, &intent);
        if let Some(session) = books.session_of(&intent) {
            books.tell("checkout.session.async_payment_failed", &session);
        }
        Ok(())
    }

    /// The time of an open session is over, whatever the clock says.
    ///
    /// # Errors
    /// When the session is not open.
    pub fn expire(&self, session: &str) -> Result<(), Closed> {
        let mut books = self.books();
        open(&books, session, &["payment", "setup"])?;
        books.expire(session);
        Ok(())
    }

    /// The customer saves a method in a session of `mode=setup`. Returns the method.
    ///
    /// # Errors
    /// When the session is not open, or not for saving.
    pub fn save(&self, session: &str, kind: &SavedKind) -> Result<String, Closed> {
        let mut books = self.books();
        open(&books, session, &["setup"])?;
        let (setup, customer) = (books.text(session, "setup_intent"), books.get(session)["customer"].clone());
        let method = objects::method(&mut books, kind.means());
        let method = books.add(method);
        books.set(&setup, json!({ "status": "succeeded", "payment_method": method }));
        if let SavedKind::SepaDebit { mandate, .. } = kind {
            let row = objects::mandate(&mut books, mandate, &method);
            let row = books.add(row);
            books.set(&setup, json!({ "mandate": row }));
        }
        // Without a customer it hangs in the air: it would have to be attached before it can be charged.
        if !customer.is_null() {
            people::attach(&mut books, &method, &customer);
        }
        books.tell("setup_intent.succeeded", &setup);
        complete(&mut books, session, "no_payment_required");
        Ok(method)
    }

    /// What the next charge of a saved method does.
    pub fn next(&self, method: &str, next: Next) {
        self.books().next.insert(method.to_owned(), next);
    }

    /// Somebody at Stripe, or in the dashboard, detaches a method.
    ///
    /// # Errors
    /// When it is not attached.
    pub fn detach(&self, method: &str) -> Result<(), Closed> {
        let mut books = self.books();
        if books.text(method, "customer").is_empty() {
            return Err(Closed(format!("{method} is not attached")));
        }
        people::let_go(&mut books, method);
        Ok(())
    }

    /// The bank ends the mandate of a saved bank account; the method stays attached. Returns the mandate.
    ///
    /// # Errors
    /// When the method has none.
    pub fn end_mandate(&self, method: &str) -> Result<String, Closed> {
        let mut books = self.books();
        let mandate = books.all("mandate").find(|row| row["payment_method"] == method && row["status"] == "active");
        let Some(id) = mandate.and_then(|row| row["id"].as_str()).map(str::to_owned) else {
            return Err(Closed(format!("{method} has no mandate")));
        };
        books.set(&id, json!({ "status": "inactive" }));
        books.tell_with("mandate.updated", &id, Some(json!({ "status": "active" })));
        Ok(id)
    }

    /// A payment in the same account that is none of ours: no metadata. Returns the intent.
    pub fn stranger(&self, amount: i64, currency: &str) -> String {
        let mut books = self.books();
        let wish = Wish {
            amount,
            currency: currency.to_owned(),
            customer: Value::Null,
            description: json!("Kasse"),
            metadata: Map::new(),
            types: json!(["card"]),
            later: Value::Null,
        };
        let intent = objects::intent(&mut books, wish);
        let intent = books.add(intent);
        let method = objects::method(&mut books, CARD);
        let method = books.add(method);
        books.tell("payment_intent.created", &intent);
        intents::succeed(&mut books, &intent, &method);
        intents::book(&mut books, &intent);
        intent
    }
}

fn open(books: &Books, session: &str, modes: &[&str]) -> Result<(), Closed> {
    let (status, mode) = (books.text(session, "status"), books.text(session, "mode"));
    if status == "open" && modes.contains(&mode.as_str()) {
        return Ok(());
    }
    Err(Closed(format!("session {session} is '{status}' for '{mode}'")))
}

/// The customer pressed the button: now the intent is made, if it is the first time.
fn confirm(books: &mut Books, session: &str, means: Means<'_>) -> Result<(String, String), Closed> {
    open(books, session, &["payment"])?;
    let row = books.get(session).clone();
    let kind = if matches!(means, Means::Card { .. }) { "card" } else { "sepa_debit" };
    if !row["payment_method_types"].as_array().is_some_and(|types| types.iter().any(|own| own == kind)) {
        return Err(Closed(format!("session {session} does not offer {kind}")));
    }
    let method = objects::method(books, means);
    let method = books.add(method);
    let known = books.text(session, "payment_intent");
    if !known.is_empty() {
        return Ok((known, method));
    }
    let data = &row["payment_intent_data"];
    let wish = Wish {
        amount: row["amount_total"].as_i64().unwrap_or(0),
        currency: row["currency"].as_str().unwrap_or_default().to_owned(),
        customer: row["customer"].clone(),
        description: data["description"].clone(),
        metadata: data["metadata"].as_object().cloned().unwrap_or_default(),
        types: row["payment_method_types"].clone(),
        later: data["setup_future_usage"].clone(),
    };
    let intent = objects::intent(books, wish);
    let intent = books.add(intent);
    books.set(session, json!({ "payment_intent": intent }));
    books.tell("payment_intent.created", &intent);
    Ok((intent, method))
}

/// A method that was used for a payment stays when the session asked for it.
fn keep(books: &mut Books, intent: &str, method: &str) {
    let customer = books.get(intent)["customer"].clone();
    if !customer.is_null() && !books.get(intent)["setup_future_usage"].is_null() {
        people::attach(books, method, &customer);
    }
}

fn complete(books: &mut Books, session: &str, payment: &str) {
    let email = books.get(session)["customer_email"].as_str().unwrap_or("kim@example.com").to_owned();
    let details = json!({
        "address": { "city": null, "country": "DE", "line1": null, "line2": null, "postal_code": null, "state": null },
        "business_name": null, "email": email, "individual_name": null, "name": "Kim Beispiel", "phone": null,
        "tax_exempt": "none", "tax_ids": [],
    });
    books.set(
        session,
        json!({ "status": "complete", "payment_status": payment, "url": null, "customer_details": details }),
    );
    books.tell("checkout.session.completed", session);
}

fn on_its_way(books: &Books, what: &str) -> Result<String, Closed> {
    let intent = if books.is("checkout.session", what) { books.text(what, "payment_intent") } else { what.to_owned() };
    if books.text(&intent, "status") == "processing" {
        return Ok(intent);
    }
    Err(Closed(format!("nothing is on its way for {what}")))
}
