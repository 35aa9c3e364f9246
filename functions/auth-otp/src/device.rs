//! Proof that a browser once signed in to an address: it keeps a budget of its own, so nobody is locked out by others.

use store::secret;
use web::PublicContext;

use crate::Clients;

/// How long a browser is remembered.
pub(crate) const SECONDS: i64 = 365 * 24 * 3600;

fn signature(clients: &Clients, cx: &PublicContext, address: &str, device: &str) -> String {
    clients.keyed("device", &format!("{}\u{0}{address}\u{0}{device}", cx.tenant().scope().id()))
}

/// A fresh proof for the browser that has just signed in.
pub(crate) fn proof(clients: &Clients, cx: &PublicContext, address: &str) -> String {
    let device = secret::encode(&secret::random::<16>());
    let signature = signature(clients, cx, address, &device);
    format!("{device}.{signature}")
}

/// The device's own counter, if the proof is genuine and for this address.
pub(crate) fn recognised(clients: &Clients, cx: &PublicContext, address: &str, cookie: &str) -> Option<String> {
    let (device, sent) = cookie.split_once('.')?;
    let genuine = secret::equal(sent.as_bytes(), signature(clients, cx, address, device).as_bytes());
    genuine.then(|| secret::hash(device))
}
