//! PayPal's vault: wallets that it keeps. The payer approves a setup token, which then becomes a payment token.
//!
//! The vault finds payment tokens by PayPal's name of the customer, and says of none which setup token it came from. So
//! every wallet is kept under a customer of its own, whose name is part of the session: there is one token, or none.

use domain::{
    payment::Method,
    payment_method::{MethodName, Shown, Token},
};
use http::{Method as Verb, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Paypal, locale, refused,
    wire::{self, Link, is_word},
};
use crate::{Kept, KnownMethod, Save, Saving, Unknown, Unreadable};

/// Longest description that PayPal shows.
const MAX_DESCRIPTION: usize = 128;
/// Longest address of a wallet that is kept, as RFC 5321 has it.
const MAX_EMAIL: usize = 254;

#[derive(Debug, Deserialize)]
struct Setup {
    id: String,
    customer: Customer,
    status: String,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Customer {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Tokens {
    #[serde(default)]
    payment_tokens: Vec<Vaulted>,
}

#[derive(Debug, Deserialize)]
struct Vaulted {
    id: String,
    #[serde(default)]
    customer: Option<Customer>,
    payment_source: Source,
}

#[derive(Debug, Deserialize)]
struct Source {
    paypal: Wallet,
}

#[derive(Debug, Deserialize)]
struct Wallet {
    #[serde(default)]
    email_address: String,
}

impl Vaulted {
    fn kept(self, customer: &str) -> Result<Kept, Unknown> {
        let is_theirs = self.customer.is_none_or(|found| found.id == customer);
        let email = self.payment_source.paypal.email_address;
        if !is_theirs || !is_word(&self.id) || email.len() > MAX_EMAIL {
            return Err(Unknown::Unreadable);
        }
        let token = Token { customer: Some(customer.to_owned()), method: self.id };
        Ok(Kept::Saved { token, shown: Shown::Wallet { email: email.into() } })
    }
}

impl Paypal {
    pub(super) async fn pledge(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        if save.method != Method::Paypal {
            return Ok(Saving::Refused { code: "method".to_owned() });
        }
        let mut wallet = json!({
            "usage_type": "MERCHANT",
            // „Pay after use, non-recurring post-paid, variable amount, irregular frequency": invoices.
            "usage_pattern": "DEFERRED",
            // Two of our customers may have one wallet, and what one of them removes stays with the other.
            "permit_multiple_payment_tokens": true,
            "experience_context": {
                "return_url": save.return_url,
                "cancel_url": save.return_url,
                "locale": locale(save.language),
                "shipping_preference": "NO_SHIPPING",
            },
        });
        let description = plain(save.description);
        if !description.is_empty() {
            wallet["description"] = Value::String(description);
        }
        let body = json!({ "payment_source": { "paypal": wallet } });
        let key = save.name.to_string();
        let (status, bytes) = self.call(Verb::POST, "/v3/vault/setup-tokens", Some(&key), Some(&body)).await?;
        if !status.is_success() {
            return refused(status, &bytes).map(|code| Saving::Refused { code });
        }
        let setup: Setup = parse(&bytes)?;
        let Setup { id, customer: Customer { id: customer }, status, links } = setup;
        if !is_word(&id) || !is_word(&customer) {
            return Err(Unknown::Unreadable);
        }
        let url = match status.as_str() {
            "CREATED" | "PAYER_ACTION_REQUIRED" => wire::page(&links, &["approve"]).ok_or(Unknown::Unreadable)?,
            // Asked again after the payer agreed: there is nothing more to do at PayPal.
            _ => save.return_url.to_owned(),
        };
        Ok(Saving::Page { session: format!("{id}.{customer}.{}", self.keys.mark()), url })
    }

    pub(super) async fn pledged(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        // The answer was lost, and PayPal does not find setup tokens by anything of ours. Nobody has the address at which
        // this one could be approved, so nothing can come of it unless it is asked for again.
        let Some(session) = known.session else { return Ok(Kept::Unknown) };
        let mut parts = session.split('.');
        let (Some(id), Some(customer), Some(mark), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Unknown::Unreadable);
        };
        if !is_word(id) || !is_word(customer) {
            return Err(Unknown::Unreadable);
        }
        let Some(setup) = self.get::<Setup>(&format!("/v3/vault/setup-tokens/{id}")).await? else {
            // Setup tokens last three days, payment tokens for years. What neither is there was ended, or never approved in
            // time: PayPal does not tell the two apart any more. Of other keys' tokens it proves nothing.
            return match self.vaulted(customer).await? {
                Some(kept) => Ok(kept),
                None if mark == self.keys.mark() => Ok(Kept::Gone),
                None => Err(Unknown::Refused(StatusCode::NOT_FOUND.as_u16())),
            };
        };
        if setup.id != id || setup.customer.id != customer {
            return Err(Unknown::Unreadable);
        }
        match setup.status.as_str() {
            "CREATED" | "PAYER_ACTION_REQUIRED" => Ok(Kept::Pending),
            "APPROVED" => self.keep(known.name, id, customer).await,
            // The documents say both.
            "VAULTED" | "TOKENIZED" => Ok(self.vaulted(customer).await?.unwrap_or(Kept::Gone)),
            _ => Err(Unknown::Unreadable),
        }
    }

    /// Makes a payment token of an approved setup token. PayPal makes one at most.
    async fn keep(&self, name: &MethodName, setup: &str, customer: &str) -> Result<Kept, Unknown> {
        let body = json!({ "payment_source": { "token": { "id": setup, "type": "SETUP_TOKEN" } } });
        let key = format!("{name}.token");
        let (status, bytes) = self.call(Verb::POST, "/v3/vault/payment-tokens", Some(&key), Some(&body)).await?;
        if status.is_success() {
            return parse::<Vaulted>(&bytes)?.kept(customer);
        }
        match refused(status, &bytes)?.as_str() {
            // Somebody else looked it up at the same time, or an answer was lost.
            "SETUP_TOKEN_ALREADY_TOKENIZED" => self.vaulted(customer).await?.ok_or(Unknown::Unreadable),
            code if wire::is_decline(code) => Ok(Kept::Failed),
            _ => Err(Unknown::Refused(status.as_u16())),
        }
    }

    /// The only wallet of a customer of PayPal's.
    async fn vaulted(&self, customer: &str) -> Result<Option<Kept>, Unknown> {
        let path = format!("/v3/vault/payment-tokens?customer_id={customer}");
        let Some(Tokens { payment_tokens }) = self.get(&path).await? else { return Ok(None) };
        let mut tokens = payment_tokens.into_iter();
        match (tokens.next(), tokens.next()) {
            (None, _) => Ok(None),
            (Some(token), None) => token.kept(customer).map(Some),
            (Some(_), Some(_)) => Err(Unknown::Unreadable),
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unknown> {
    serde_json::from_slice::<Value>(bytes)
        .map_err(|_| Unreadable)
        .and_then(wire::read)
        .map_err(|Unreadable| Unknown::Unreadable)
}

/// Where a wallet is saved, PayPal takes ASCII letters, digits and some marks only: `^[a-zA-Z0-9_'\-., :;\!?"]*$`.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'Ä' => plain.push_str("Ae"),
            'Ö' => plain.push_str("Oe"),
            'Ü' => plain.push_str("Ue"),
            'ß' => plain.push_str("ss"),
            '–' | '—' => plain.push('-'),
            _ if letter.is_ascii_alphanumeric() || "_'-., :;!?\"".contains(letter) => plain.push(letter),
            _ if letter.is_whitespace() => plain.push(' '),
            _ => {}
        }
    }
    plain.truncate(MAX_DESCRIPTION);
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_payer_reads_has_no_letters_that_the_vault_refuses() {
        assert_eq!(plain("Müller GmbH <b>, Größe – „Söhne“"), "Mueller GmbH b, Groesse - Soehne");
        assert_eq!(plain("東京"), "");
        assert_eq!(plain(&"ä".repeat(100)).len(), MAX_DESCRIPTION);
    }
}
