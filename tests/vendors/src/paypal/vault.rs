//! Saved wallets: a setup token that the payer approves becomes a payment token.

use serde_json::{Value, json};

use super::{
    checks,
    doors::{Answer, Done},
    ledger::{Ledger, Luck, Pledge, Token},
    problem::Problem,
    views,
};
use crate::tools::tag;

/// Tokens of one page, unless asked otherwise.
const PAGE: usize = 5;

/// `POST /v3/vault/setup-tokens`. Unconfirmed: that `usage_type` is needed, and what is said to a customer's id that
/// PayPal did not give.
pub(super) fn pledge(books: &mut Ledger, body: &Value) -> Answer {
    checks::known(body, "", "customer payment_source")?;
    let (customer, merchant_customer) = customer(body)?;
    let source = checks::object(body, "", "payment_source")?;
    checks::known(source, "/payment_source", "paypal")?;
    let at = "/payment_source/paypal";
    let wallet = checks::object(source, "/payment_source", "paypal")?;
    let fields = "description usage_pattern permit_multiple_payment_tokens usage_type customer_type experience_context";
    checks::known(wallet, at, fields)?;
    checks::plain(wallet, at, "description", 128)?;
    checks::pattern(wallet, at)?;
    checks::needed(wallet, at, "usage_type", 255)?;
    checks::choice(wallet, at, "usage_type", &["MERCHANT", "PLATFORM"])?;
    checks::choice(wallet, at, "customer_type", &["CONSUMER", "BUSINESS"])?;
    if wallet.get("permit_multiple_payment_tokens").is_some_and(|flag| !flag.is_boolean()) {
        let pointer = format!("{at}/permit_multiple_payment_tokens");
        return Err(Problem::invalid("INVALID_PARAMETER_SYNTAX", &pointer));
    }
    let (return_url, cancel_url) = checks::experience(wallet, at)?;
    let return_url = return_url.ok_or_else(|| Problem::refused("RETURN_URL_REQUIRED"))?;
    let cancel_url = cancel_url.ok_or_else(|| Problem::refused("CANCEL_URL_REQUIRED"))?;
    let mut wallet = wallet.clone();
    if let Some(fields) = wallet.as_object_mut() {
        fields.remove("experience_context");
        fields.entry("permit_multiple_payment_tokens").or_insert(json!(false));
        fields.entry("customer_type").or_insert(json!("CONSUMER"));
    }
    let pledge = Pledge {
        id: books.id("4G49766"),
        status: "PAYER_ACTION_REQUIRED",
        customer: customer.unwrap_or_else(|| format!("customer_{:010}", 4_029_000_000 + books.number())),
        merchant_customer,
        wallet,
        return_url,
        cancel_url,
        created: books.now(),
    };
    let done = Done::made(&pledge.id, views::pledge(books, &pledge));
    books.pledges.insert(pledge.id.clone(), pledge);
    Ok(done)
}

/// `customer`, with PayPal's id and the merchant's own. Unconfirmed: their lengths.
fn customer(body: &Value) -> Result<(Option<String>, Option<String>), Problem> {
    let Some(customer) = checks::optional(body, "", "customer")? else { return Ok((None, None)) };
    checks::known(customer, "/customer", "id merchant_customer_id")?;
    Ok((
        checks::tag(customer, "/customer", "id", 22)?,
        checks::text(customer, "/customer", "merchant_customer_id", 64)?,
    ))
}

/// `POST /v3/vault/payment-tokens`.
pub(super) fn token(books: &mut Ledger, body: &Value) -> Answer {
    checks::known(body, "", "customer payment_source")?;
    let (_, merchant_customer) = customer(body)?;
    let source = checks::object(body, "", "payment_source")?;
    checks::known(source, "/payment_source", "token")?;
    let at = "/payment_source/token";
    let asked = checks::object(source, "/payment_source", "token")?;
    checks::known(asked, at, "id type")?;
    let id = checks::needed(asked, at, "id", 255)?;
    checks::needed(asked, at, "type", 255)?;
    checks::choice(asked, at, "type", &["SETUP_TOKEN"])?;
    let pledge = books.pledges.get_mut(&id).ok_or_else(Problem::missing)?;
    match pledge.status {
        "APPROVED" => pledge.status = "TOKENIZED",
        "TOKENIZED" => return Err(Problem::refused("SETUP_TOKEN_ALREADY_TOKENIZED")),
        _ => return Err(Problem::refused("PAYER_ACTION_REQUIRED")),
    }
    let pledge = pledge.clone();
    Ok(save(books, pledge, merchant_customer))
}

/// The wallet is in the vault.
pub(super) fn save(books: &mut Ledger, pledge: Pledge, merchant_customer: Option<String>) -> Done {
    let token = Token {
        id: format!("jw{}", tag(books.number()).to_lowercase()),
        customer: pledge.customer,
        merchant_customer: merchant_customer.or(pledge.merchant_customer),
        wallet: pledge.wallet,
        luck: Luck::Fine,
        ended: false,
    };
    let view = views::token(books, &token);
    let mut resource = view.clone();
    resource["time_created"] = json!(views::time(books.now()));
    let done = Done::made(&token.id, view);
    books.tokens.insert(token.id.clone(), token);
    let text = "A payment token has been created.";
    books.tell("VAULT.PAYMENT-TOKEN.CREATED", "payment_token", "3.0", text, resource);
    done
}

/// `GET /v3/vault/setup-tokens/{id}`.
pub(super) fn show_pledge(books: &Ledger, id: &str) -> Result<Value, Problem> {
    let pledge = books.pledges.get(id).ok_or_else(Problem::missing)?;
    Ok(views::pledge(books, pledge))
}

/// `GET /v3/vault/payment-tokens/{id}`.
pub(super) fn show_token(books: &Ledger, id: &str) -> Result<Value, Problem> {
    let token = books.tokens.get(id).filter(|token| !token.ended).ok_or_else(Problem::missing)?;
    Ok(views::token(books, token))
}

/// `GET /v3/vault/payment-tokens?customer_id=`.
pub(super) fn list(books: &Ledger, query: &[(String, String)]) -> Result<Value, Problem> {
    let names = ["customer_id", "page_size", "page", "total_required"];
    if let Some((name, _)) = query.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        return Err(Problem::query("NOT_SUPPORTED", name));
    }
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let count = |name: &'static str, usual: usize| {
        let number = given(name).map_or(Ok(usual), str::parse).ok().filter(|number| *number > 0);
        number.ok_or_else(|| Problem::query("INVALID_PARAMETER_VALUE", name))
    };
    let customer = given("customer_id").ok_or_else(|| Problem::query("MISSING_REQUIRED_PARAMETER", "customer_id"))?;
    let (size, page) = (count("page_size", PAGE)?, count("page", 1)?);
    let found = books.tokens.values().filter(|token| token.customer == customer && !token.ended);
    let found: Vec<Value> = found.map(|token| views::token(books, token)).collect();
    let shown: Vec<&Value> = found.iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    let pages = found.len().div_ceil(size).max(1);
    let all = given("total_required") == Some("true");
    let href = |page: usize| {
        format!(
            "{}/v3/vault/payment-tokens?customer_id={customer}&page={page}&page_size={size}&total_required={all}",
            books.base
        )
    };
    let link = |rel: &str, page: usize| json!({"rel": rel, "href": href(page), "method": "GET", "encType": "application/json"});
    let mut links = vec![link("self", page), link("first", 1), link("last", pages)];
    if page < pages {
        links.push(link("next", page + 1));
    }
    let mut view = json!({"customer": {"id": customer}, "payment_tokens": shown, "links": links});
    if all {
        view["total_items"] = json!(found.len());
        view["total_pages"] = json!(pages);
    }
    Ok(view)
}

/// `DELETE /v3/vault/payment-tokens/{id}`. A token that is not there is no error: 404 is not among the documented
/// answers.
pub(super) fn delete(books: &mut Ledger, id: &str) {
    if books.tokens.remove(id).is_some_and(|token| !token.ended) {
        for (event, text) in [
            ("VAULT.PAYMENT-TOKEN.DELETION-INITIATED", "A request to delete a payment token has been submitted."),
            ("VAULT.PAYMENT-TOKEN.DELETED", "A payment token has been deleted."),
        ] {
            books.tell(event, "payment_token", "3.0", text, json!({"id": id}));
        }
    }
}
