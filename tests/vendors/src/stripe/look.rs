//! Reading: one object, lists with cursors, expanded fields.

use serde_json::{Value, json};

use super::{
    books::{Books, word},
    door::Call,
    form::Params,
    refuse::Refusal,
};

/// Which fields hold an id that can be expanded, by the object they stand in.
const EXPANDABLE: [(&str, &[&str]); 8] = [
    ("checkout.session", &["customer", "payment_intent", "setup_intent", "line_items"]),
    ("payment_intent", &["customer", "latest_charge", "payment_method"]),
    ("setup_intent", &["customer", "mandate", "payment_method"]),
    ("charge", &["balance_transaction", "customer", "payment_intent", "refunds"]),
    ("refund", &["balance_transaction", "charge", "payment_intent", "failure_balance_transaction"]),
    ("dispute", &["charge", "payment_intent"]),
    ("payment_method", &["customer"]),
    ("mandate", &["payment_method"]),
];

/// Deepest path that is expanded.
const DEPTH: usize = 4;

/// `GET /v1/…/{id}`
pub(super) fn one(books: &Books, call: &Call, kind: &str, id: &str) -> Result<Value, Refusal> {
    call.params.only(&["expand/*"], &[])?;
    if !books.is(kind, id) {
        let param = match kind {
            "checkout.session" => "session",
            "payment_intent" | "setup_intent" => "intent",
            "payment_method" => "payment_method",
            other => other,
        };
        return Err(Refusal::no_such(kind, id, param, true));
    }
    Ok(books.get(id).clone())
}

/// `GET /v1/…`: newest first. `filters` are the fields of this kind that can be asked for.
pub(super) fn list(books: &Books, call: &Call, kind: &str, filters: &[&str]) -> Result<Value, Refusal> {
    list_of(books, call, kind, filters, None)
}

/// The same below a customer's path.
pub(super) fn list_of(
    books: &Books,
    call: &Call,
    kind: &str,
    filters: &[&str],
    owner: Option<&str>,
) -> Result<Value, Refusal> {
    let params = &call.params;
    let mut played = vec![
        "limit",
        "starting_after",
        "expand/*",
        "created",
        "created/gt",
        "created/gte",
        "created/lt",
        "created/lte",
    ];
    played.extend_from_slice(filters);
    if kind == "event" {
        played.push("types/*");
    }
    params.only(&played, &["ending_before", "customer_details", "payment_link", "subscription", "delivery_success"])?;
    let limit = params.whole("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        let message = "This value must be between 1 and 100.";
        return Err(Refusal::parameter(Some("parameter_invalid_integer"), "limit", message));
    }
    let mut rows: Vec<&Value> = Vec::new();
    let after = params.text("starting_after")?;
    if let Some(after) = after.filter(|after| !books.is(kind, after)) {
        return Err(Refusal::no_such(kind, after, "starting_after", false));
    }
    let types = params.list("types");
    let mut begun = after.is_none();
    for row in books.all(kind).rev() {
        if !begun {
            begun = after.is_some_and(|after| row["id"] == after);
            continue;
        }
        if owner.is_some_and(|owner| row["customer"] != owner) {
            continue;
        }
        let mut fits = within(params, row["created"].as_i64().unwrap_or(0))?;
        for filter in filters {
            fits &= params.text(filter)?.is_none_or(|asked| row[*filter] == asked);
        }
        if fits && (types.is_empty() || types.iter().any(|own| row["type"] == own.as_str())) {
            rows.push(row);
        }
    }
    let limit = usize::try_from(limit).unwrap_or(10);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(json!({ "object": "list", "url": call.path, "has_more": more, "data": rows }))
}

fn within(params: &Params, at: i64) -> Result<bool, Refusal> {
    Ok(params.whole("created")?.is_none_or(|asked| at == asked)
        && params.whole("created/gt")?.is_none_or(|asked| at > asked)
        && params.whole("created/gte")?.is_none_or(|asked| at >= asked)
        && params.whole("created/lt")?.is_none_or(|asked| at < asked)
        && params.whole("created/lte")?.is_none_or(|asked| at <= asked))
}

/// Replaces ids by objects, as `expand[]` asks, and hides what only this server keeps in an object.
pub(super) fn expanded(books: &Books, call: &Call, mut answer: Value) -> Result<Value, Refusal> {
    for path in call.params.list("expand") {
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > DEPTH {
            let message = "You cannot expand more than 4 levels of a property";
            return Err(Refusal::parameter(None, "expand", message));
        }
        if answer["object"] == "list" {
            let (Some((&"data", rest)), Value::Array(rows)) = (parts.split_first(), &mut answer["data"]) else {
                return Err(cannot(&path));
            };
            for row in rows {
                expand(books, row, rest).map_err(|()| cannot(&path))?;
            }
        } else {
            expand(books, &mut answer, &parts).map_err(|()| cannot(&path))?;
        }
    }
    Ok(shown(answer))
}

fn cannot(path: &str) -> Refusal {
    let message = format!(
        "This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' or check the API \
         reference."
    );
    Refusal::parameter(None, "expand", &message)
}

fn expand(books: &Books, row: &mut Value, parts: &[&str]) -> Result<(), ()> {
    let Some((field, rest)) = parts.split_first() else { return Ok(()) };
    let kind = word(row, "object").to_owned();
    let known = EXPANDABLE.iter().find(|entry| entry.0 == kind).is_some_and(|entry| entry.1.contains(field));
    if !known {
        return Err(());
    }
    let id = word(row, "id").to_owned();
    if *field == "line_items" || *field == "refunds" {
        let data = if *field == "refunds" {
            json!(books.all("refund").rev().filter(|refund| refund["charge"] == id.as_str()).collect::<Vec<_>>())
        } else {
            books.lines.get(&id).cloned().unwrap_or_default()
        };
        row[*field] = json!({ "object": "list", "data": data, "has_more": false });
        return Ok(());
    }
    if let Some(held) = row[*field].as_str() {
        row[*field] = books.get(held).clone();
    }
    if row[*field].is_null() { Ok(()) } else { expand(books, &mut row[*field], rest) }
}

/// What only this server keeps in an object is not shown.
pub(super) fn shown(mut row: Value) -> Value {
    hide(&mut row);
    row
}

fn hide(row: &mut Value) {
    match row {
        Value::Object(fields) => {
            if fields.get("object").is_some_and(|kind| kind == "checkout.session") {
                fields.remove("payment_intent_data");
            }
            fields.values_mut().for_each(hide);
        }
        Value::Array(rows) => rows.iter_mut().for_each(hide),
        _ => {}
    }
}
