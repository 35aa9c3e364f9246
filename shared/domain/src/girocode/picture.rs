//! A GiroCode as an SVG path: sharp at every size, a few kilobytes at most. Pages and papers draw the same one.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder, Version};

use super::{Remittance, payload};
use crate::{Money, tenant::BankAccount};

/// The code for a transfer; `None` where EPC069-12 has no form for it, for example in francs.
#[must_use]
pub fn svg(account: &BankAccount, amount: Money, remittance: Remittance<'_>) -> Option<String> {
    let payload = payload(account, amount, remittance).ok()?;
    let code = QRBuilder::new(payload).ecl(ECL::M).build().ok()?;
    // EPC069-12 allows versions up to 13; the payload's limit of 331 bytes keeps it there.
    if code.size > 17 + 4 * 13 || code.version.is_some_and(|version| version as usize > Version::V13 as usize) {
        return None;
    }
    let mut path = String::with_capacity(8 * code.size * code.size);
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let run = (x..code.size).take_while(|column| code[y][*column].value()).count();
            if run > 0 {
                // One subpath per dark run: all in one path, so that no renderer shows seams between rows.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    let size = code.size;
    Some(format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>"#))
}
