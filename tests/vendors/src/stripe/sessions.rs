//! Checkout: `POST /v1/checkout/sessions` and `…/{id}/expire`.

use serde_json::{Value, json};

use super::{
    books::Books,
    door::Call,
    form::{Params, bracketed},
    objects,
    refuse::Refusal,
    rules,
};

/// What is read here.
const PLAYED: [&str; 34] = [
    "mode",
    "ui_mode",
    "success_url",
    "cancel_url",
    "client_reference_id",
    "currency",
    "customer",
    "customer_email",
    "customer_creation",
    "billing_address_collection",
    "expires_at",
    "locale",
    "submit_type",
    "expand/*",
    "metadata/*",
    "allowed_payment_method_types/*",
    "excluded_payment_method_types/*",
    "payment_method_types/*",
    "line_items/*/quantity",
    "line_items/*/price_data/currency",
    "line_items/*/price_data/unit_amount",
    "line_items/*/price_data/tax_behavior",
    "line_items/*/price_data/product_data/name",
    "line_items/*/price_data/product_data/description",
    "line_items/*/price_data/product_data/metadata/*",
    "payment_intent_data/description",
    "payment_intent_data/metadata/*",
    "payment_intent_data/receipt_email",
    "payment_intent_data/setup_future_usage",
    "payment_intent_data/statement_descriptor",
    "payment_intent_data/statement_descriptor_suffix",
    "setup_intent_data/description",
    "setup_intent_data/metadata/*",
    "integration_identifier",
];

/// What Stripe reads and this server does not play.
const KNOWN: [&str; 36] = [
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "automatic_tax",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_account",
    "customer_update",
    "discounts",
    "invoice_creation",
    "line_items",
    "managed_payments",
    "name_collection",
    "optional_items",
    "origin_context",
    "payment_intent_data",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "subscription_data",
    "tax_id_collection",
    "wallet_options",
    "payment_method_types",
    "allowed_payment_method_types",
    "excluded_payment_method_types",
];

/// Shortest and longest life of a session.
const LIFE: (i64, i64) = (30 * 60, 24 * 3600);

/// `POST /v1/checkout/sessions`
pub(super) fn create(books: &mut Books, call: &Call) -> Result<Value, Refusal> {
    let params = &call.params;
    params.only(&PLAYED, &KNOWN)?;
    let mode = params.one_of("mode", &["payment", "setup", "subscription"])?;
    let mode = mode.ok_or_else(|| Refusal::missing("mode"))?;
    if mode == "subscription" {
        return Err(Refusal::unplayed("mode=subscription"));
    }
    page(params, call)?;
    let customer = customer(books, params)?;
    let (money, lines) = if mode == "payment" { positions(params)? } else { (None, json!([])) };
    let currency = money.as_ref().map(|money| money.1.clone()).or(params.text("currency")?.map(str::to_owned));
    let types = types(params, call, mode, currency.as_deref())?;
    let total = json!(money.as_ref().map(|money| money.0));
    // Everything is read before anything is made: a refused request leaves nothing behind.
    let asked = [
        ("amount_subtotal", total.clone()),
        ("amount_total", total),
        ("billing_address_collection", json!(params.one_of("billing_address_collection", &["auto", "required"])?)),
        ("cancel_url", json!(params.text("cancel_url")?)),
        ("client_reference_id", json!(params.short("client_reference_id", 200)?)),
        ("currency", json!(currency)),
        ("customer", customer.clone()),
        ("customer_creation", json!(params.one_of("customer_creation", &["always", "if_required"])?)),
        ("customer_email", json!(params.text("customer_email")?)),
        ("expires_at", json!(expiry(params, books.now)?)),
        ("locale", json!(params.one_of("locale", &rules::LOCALES)?)),
        ("metadata", json!(params.metadata("metadata")?)),
        // What becomes the intent's when somebody tries to pay: Stripe makes the intent only then.
        ("payment_intent_data", later(params, mode)?),
        ("payment_method_types", types.clone()),
        ("submit_type", json!(params.one_of("submit_type", &["auto", "book", "donate", "pay"])?)),
        ("success_url", json!(params.text("success_url")?)),
    ];
    let saving = params.metadata("setup_intent_data/metadata")?;
    let mut row = blank(books, mode);
    for (name, value) in asked {
        row[name] = value;
    }
    if mode == "setup" {
        let setup = objects::setup(books, &customer, saving, &types);
        let setup = books.add(setup);
        books.tell("setup_intent.created", &setup);
        row["setup_intent"] = json!(setup);
    }
    let id = books.add(row);
    books.lines.insert(id.clone(), lines);
    Ok(books.get(&id).clone())
}

/// Where Checkout is shown, and where it leads.
fn page(params: &Params, call: &Call) -> Result<(), Refusal> {
    let hosted = if call.version.as_str() >= rules::DAHLIA { "hosted_page" } else { "hosted" };
    match params.text("ui_mode")? {
        None => {}
        Some(mode) if mode == hosted => {}
        Some("hosted" | "embedded" | "custom") if call.version.as_str() >= rules::DAHLIA => {
            let message = "Invalid ui_mode: must be one of elements, embedded_page, form, or hosted_page";
            return Err(Refusal::parameter(None, "ui_mode", message));
        }
        Some(_) => return Err(Refusal::unplayed("ui_mode")),
    }
    params.need("success_url")?;
    for name in ["success_url", "cancel_url"] {
        let address = params.text(name)?;
        if address.is_some_and(|address| !address.starts_with("https://") && !address.starts_with("http://")) {
            return Err(Refusal::parameter(Some("url_invalid"), name, "Not a valid URL"));
        }
    }
    Ok(())
}

fn expiry(params: &Params, now: i64) -> Result<i64, Refusal> {
    let Some(at) = params.whole("expires_at")? else { return Ok(now + LIFE.1) };
    let refuse = |message| Err(Refusal::parameter(None, "expires_at", message));
    if at < now + LIFE.0 {
        return refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.");
    }
    if at > now + LIFE.1 {
        return refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.");
    }
    Ok(at)
}

fn customer(books: &Books, params: &Params) -> Result<Value, Refusal> {
    let Some(id) = params.text("customer")? else { return Ok(Value::Null) };
    if params.has("customer_email") {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(Refusal::parameter(Some("parameters_exclusive"), "customer", message));
    }
    if !books.is("customer", id) {
        return Err(Refusal::no_such("customer", id, "customer", false));
    }
    Ok(json!(id))
}

/// Total and currency, and what the page lists.
fn positions(params: &Params) -> Result<(Option<(i64, String)>, Value), Refusal> {
    let names = params.below("line_items");
    if names.is_empty() {
        return Err(Refusal::missing("line_items"));
    }
    if names.len() > 100 {
        return Err(Refusal::parameter(None, "line_items", "You can have up to 100 line items"));
    }
    let (mut total, mut currency, mut lines) = (0, String::new(), Vec::new());
    for name in names {
        let at = |field: &str| format!("line_items/{name}/{field}");
        let needed = |path: &str, value: Option<i64>| value.ok_or_else(|| Refusal::missing(&bracketed(path)));
        let own = params.need(&at("price_data/currency"))?;
        rules::currency(&bracketed(&at("price_data/currency")), own)?;
        if !currency.is_empty() && currency != own {
            let message = "All line items must have the same currency.";
            return Err(Refusal::parameter(None, &bracketed(&at("price_data/currency")), message));
        }
        own.clone_into(&mut currency);
        let product = params.need(&at("price_data/product_data/name"))?;
        params.metadata(&at("price_data/product_data/metadata"))?;
        let unit = needed(&at("price_data/unit_amount"), params.whole(&at("price_data/unit_amount"))?)?;
        let quantity = needed(&at("quantity"), params.whole(&at("quantity"))?)?;
        for (field, value, least) in [("price_data/unit_amount", unit, 0), ("quantity", quantity, 1)] {
            if value < least {
                let message = format!("This value must be greater than or equal to {least}.");
                let param = bracketed(&at(field));
                return Err(Refusal::parameter(Some("parameter_invalid_integer"), &param, &message));
            }
        }
        let amount = unit.saturating_mul(quantity);
        total = amount.saturating_add(total);
        lines.push(json!({ "object": "item", "amount_subtotal": amount, "amount_total": amount, "currency": own,
            "description": product, "quantity": quantity }));
    }
    rules::chargeable("line_items", total, &currency, "The Checkout Session's total amount due")?;
    Ok((Some((total, currency)), json!(lines)))
}

/// What the customer may choose from.
fn types(params: &Params, call: &Call, mode: &str, currency: Option<&str>) -> Result<Value, Refusal> {
    let version = call.version.as_str();
    if version >= rules::ENDIVE && params.has("payment_method_types") {
        let message = "payment_method_types is no longer supported; use allowed_payment_method_types or dynamic \
                       payment methods";
        let code = Some("payment_method_types_no_longer_supported");
        return Err(Refusal::parameter(code, "payment_method_types", message));
    }
    if version < rules::ENDIVE && params.has("allowed_payment_method_types") {
        let name = "allowed_payment_method_types";
        return Err(Refusal::parameter(
            Some("parameter_unknown"),
            name,
            &format!("Received unknown parameter: {name}"),
        ));
    }
    if mode == "setup" {
        if params.has("line_items") || params.has("payment_intent_data") {
            let message = "You can not pass `line_items` or `payment_intent_data` in `setup` mode.";
            return Err(Refusal::request(message));
        }
        if currency.is_none() && !params.has("payment_method_types") && !params.has("allowed_payment_method_types") {
            return Err(Refusal::missing("currency"));
        }
    } else if params.has("setup_intent_data") {
        return Err(Refusal::request("You can not pass `setup_intent_data` in `payment` mode."));
    }
    if let Some(currency) = params.text("currency")? {
        rules::currency("currency", currency)?;
    }
    let mut asked = Vec::new();
    for list in ["payment_method_types", "allowed_payment_method_types", "excluded_payment_method_types"] {
        let own = params.list(list);
        if let Some(other) = own.iter().find(|own| !rules::METHODS.contains(&own.as_str())) {
            let message = format!("Invalid {list}[0]: {other} is not one of Stripe's payment method types");
            return Err(Refusal::parameter(None, list, &message));
        }
        asked.push(own);
    }
    // The account's own choice in its dashboard: cards everywhere, direct debit for euro.
    let offered = ["card", "link", "sepa_debit"].into_iter();
    let shown: Vec<&str> = offered
        .filter(|own| *own != "sepa_debit" || currency.is_none_or(|currency| currency == "eur"))
        .filter(|own| asked[0].is_empty() || asked[0].iter().any(|asked| asked == own))
        .filter(|own| asked[1].is_empty() || asked[1].iter().any(|asked| asked == own))
        .filter(|own| !asked[2].iter().any(|asked| asked == own))
        .collect();
    if shown.is_empty() {
        let message = "No valid payment method types for this Checkout Session. Please ensure that you have activated \
                       payment methods compatible with your chosen currency in your dashboard.";
        return Err(Refusal::request(message));
    }
    Ok(json!(shown))
}

/// What the intent gets when it is made.
fn later(params: &Params, mode: &str) -> Result<Value, Refusal> {
    if mode != "payment" {
        return Ok(Value::Null);
    }
    let usage = params.one_of("payment_intent_data/setup_future_usage", &["off_session", "on_session"])?;
    params.short("payment_intent_data/statement_descriptor", 22)?;
    params.short("payment_intent_data/statement_descriptor_suffix", 22)?;
    Ok(json!({
        "description": params.short("payment_intent_data/description", 1000)?,
        "metadata": params.metadata("payment_intent_data/metadata")?,
        "setup_future_usage": usage,
    }))
}

/// A session with everything that was not asked for.
fn blank(books: &mut Books, mode: &str) -> Value {
    let id = books.id(if books.live { "cs_live_a1" } else { "cs_test_a1" });
    let rest = json!({
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": if mode == "payment" { json!({ "enabled": false }) } else { Value::Null },
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "created": books.now,
        "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null },
        "discounts": if mode == "payment" { json!([]) } else { Value::Null },
        "livemode": books.live,
        "managed_payments": { "enabled": false },
        "mode": mode,
        "payment_method_collection": if mode == "payment" { "if_required" } else { "always" },
        "payment_method_options": {},
        "payment_status": if mode == "payment" { "unpaid" } else { "no_payment_required" },
        "phone_number_collection": { "enabled": false },
        "shipping_options": [],
        "status": "open",
        "total_details": if mode == "payment" {
            json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 })
        } else {
            Value::Null
        },
        "ui_mode": "hosted_page",
        // The part after # belongs to the address: without it the page does not open.
        "url": format!("https://checkout.stripe.com/c/pay/{id}#fidkdWxOYHwnPyd1blpxYHZxWjA0"),
    });
    objects::with_nulls(&NULLS, rest)
}

const NULLS: [&str; 37] = [
    "after_expiration",
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "amount_subtotal",
    "amount_total",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_creation",
    "customer_details",
    "customer_email",
    "excluded_payment_method_types",
    "integration_identifier",
    "invoice",
    "invoice_creation",
    "locale",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "subscription",
];

/// `POST /v1/checkout/sessions/{id}/expire`
pub(super) fn expire(books: &mut Books, call: &Call, id: &str) -> Result<Value, Refusal> {
    call.params.only(&["expand/*"], &[])?;
    if !books.is("checkout.session", id) {
        return Err(Refusal::no_such("checkout.session", id, "session", true));
    }
    let status = books.text(id, "status");
    if status != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of \
             `{status}`."
        );
        return Err(Refusal::state(None, &message));
    }
    books.expire(id);
    Ok(books.get(id).clone())
}
