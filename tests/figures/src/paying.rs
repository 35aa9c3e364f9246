//! What it costs from the provider's message until an invoice is paid.

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::portal::{Cost, Portal};

/// An open invoice of the customer who has ten.
const CHECK: &str = "/settle?step=check&how=invoices&invoice=RE1106&method=sandbox";

/// Pays an invoice at the sandbox provider and reads what its message cost.
///
/// # Errors
/// When it is not paid.
pub(crate) async fn webhook(portal: &Portal, host: &str, cookie: &str) -> Result<Cost, String> {
    let asked = portal.send(Method::GET, host, CHECK, cookie, "").await?;
    let path = asked.location()?.to_owned();
    let page = portal.send(Method::GET, host, &path, cookie, "").await?;
    let (action, fields) = form(&page.text()?)?;
    let sent = portal.send(Method::POST, host, &action, cookie, &fields).await?;
    let own_page = portal.send(Method::GET, host, sent.location()?, cookie, "").await?.text()?;
    let provider = portal.provider_url();
    let checkout =
        own_page.split('"').find(|part| part.starts_with(&provider)).ok_or("nothing leads to the provider")?;
    let paid = portal.pay(checkout).await?;
    if paid.status != StatusCode::SEE_OTHER {
        return Err(format!("the provider answered {}", paid.status));
    }
    let cost = portal.cost("/webhooks/{provider}").await.ok_or("the provider told nothing")?;
    let invoice = portal.send(Method::GET, host, "/invoices?filter=paid", cookie, "").await?;
    if invoice.text()?.contains("RE1106") { Ok(cost) } else { Err("RE1106 is not paid".into()) }
}

/// Address and encoded hidden fields of the page's own form.
fn form(html: &str) -> Result<(String, String), String> {
    let own = html.split("<main").nth(1).unwrap_or_default();
    let form = own.split("<form").find(|form| form.contains("method=\"post\"")).ok_or("there is nothing to send")?;
    let form = form.split("</form>").next().unwrap_or_default();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&#38;", "&").replace("&amp;", "&"))
    };
    let action = attribute(form, "action").ok_or("the form leads nowhere")?;
    let hidden = form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
    let mut fields = Vec::new();
    for input in hidden {
        let (name, value) = attribute(input, "name").zip(attribute(input, "value")).ok_or("a field without a name")?;
        fields.push(format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC)));
    }
    Ok((action, fields.join("&")))
}
