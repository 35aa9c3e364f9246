//! Where a file lies: the one place in which keys of the bucket are made.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    document::DocumentType,
    id::{CancellationId, CustomerId, DeclarationId, JobId, PaymentId, TenantId},
    number::slug,
};

/// Longest slug that stands in a key as it is. S3 takes 1,024 bytes, but the local cloud makes one file name of a key.
const MAX_SLUG_BYTES: usize = 40;

/// A file of one tenant. Every key begins with a letter and the tenant's id, so no tenant's file can be named from another's
/// data. Behind `E/` lie those that end by themselves: one rule of the bucket finds them all.
///
/// `number` is the document's number as people read it; its slug is made here. `sha256` is the hash of the bytes (or,
/// for rendered files, of what they were rendered from), so that another content always has another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are explained above")]
pub enum Object<'a> {
    /// The tenant's logo; `file` is its name with content hash, as in `domain::tenant::Picture`.
    Logo { tenant: &'a TenantId, file: &'a str },
    /// The PDF the integrator uploaded.
    OriginalPdf { tenant: &'a TenantId, document: DocumentType, number: &'a str, sha256: &'a str },
    /// The PDF the portal rendered.
    RenderedPdf { tenant: &'a TenantId, document: DocumentType, number: &'a str, sha256: &'a str },
    /// The XML the portal wrote.
    RenderedXml { tenant: &'a TenantId, document: DocumentType, number: &'a str, sha256: &'a str },
    /// A paper about a payment.
    PaymentPdf { tenant: &'a TenantId, payment: &'a PaymentId, sha256: &'a str },
    /// The confirmation of a contract's cancellation.
    CancellationPdf { tenant: &'a TenantId, cancellation: &'a CancellationId, sha256: &'a str },
    /// The confirmation of the answer to an offer.
    AnswerPdf { tenant: &'a TenantId, number: &'a str, sha256: &'a str },
    /// The confirmation of a declaration.
    DeclarationPdf { tenant: &'a TenantId, declaration: &'a DeclarationId, sha256: &'a str },
    /// Files of a customer, put together by a job; it ends by itself.
    Packed { tenant: &'a TenantId, customer: &'a CustomerId, job: &'a JobId, sha256: &'a str },
}

impl Object<'_> {
    /// The key in the bucket: `T/<tenant id>/…` or `E/<tenant id>/…`, made of letters, digits, `.`, `_`, `-`, `~` and `/` only, and never
    /// with a part that is `.` or `..` (what comes from outside stands beside a `_`).
    #[must_use]
    pub fn key(&self) -> String {
        match *self {
            Self::Logo { tenant, file } => format!("T/{tenant}/logo/_{}", slug(file)),
            Self::OriginalPdf { tenant, document, number, sha256 } => {
                document_key(tenant, document, number, "original", sha256, "pdf")
            }
            Self::RenderedPdf { tenant, document, number, sha256 } => {
                document_key(tenant, document, number, "rendered", sha256, "pdf")
            }
            Self::RenderedXml { tenant, document, number, sha256 } => {
                document_key(tenant, document, number, "rendered", sha256, "xml")
            }
            Self::PaymentPdf { tenant, payment, sha256 } => {
                format!("T/{tenant}/payments/{payment}/_{}.pdf", slug(sha256))
            }
            Self::CancellationPdf { tenant, cancellation, sha256 } => {
                format!("T/{tenant}/cancellations/{cancellation}/_{}.pdf", slug(sha256))
            }
            Self::AnswerPdf { tenant, number, sha256 } => {
                format!("T/{tenant}/answers/{}_/_{}.pdf", part(number), slug(sha256))
            }
            Self::DeclarationPdf { tenant, declaration, sha256 } => {
                format!("T/{tenant}/declarations/{declaration}/_{}.pdf", slug(sha256))
            }
            Self::Packed { tenant, customer, job, sha256 } => {
                format!("{}{job}/_{}.zip", packed_of(tenant, customer), slug(sha256))
            }
        }
    }
}

/// Where everything lies that was put together for a customer.
pub(crate) fn packed_of(tenant: &TenantId, customer: &CustomerId) -> String {
    format!("E/{tenant}/{customer}/")
}

fn document_key(
    tenant: &TenantId,
    document: DocumentType,
    number: &str,
    origin: &str,
    sha256: &str,
    ending: &str,
) -> String {
    let (folder, sha256) = (document.code(), slug(sha256));
    format!("T/{tenant}/documents/{folder}/{}_/{origin}-{sha256}.{ending}", part(number))
}

/// A number's slug, or a hash where that is too long. A slug has no `~~`, so the two never meet.
fn part(number: &str) -> String {
    let slug = slug(number);
    if slug.len() <= MAX_SLUG_BYTES {
        return slug;
    }
    let hash = digest(&SHA256, slug.as_bytes());
    format!("~~{}", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn tenant(last: u8) -> TenantId {
        TenantId::new(Timestamp::UNIX_EPOCH, [0, 0, 0, 0, 0, 0, 0, 0, 0, last])
    }

    fn original(number: &str) -> String {
        Object::OriginalPdf { tenant: &tenant(1), document: DocumentType::Invoice, number, sha256: "Ab_-9" }.key()
    }

    #[test]
    fn a_key_names_tenant_type_number_and_content() {
        let tenant = &tenant(1);
        assert_eq!(original("RE 2026/11"), format!("T/{tenant}/documents/invoice/RE~202026~2F11_/original-Ab_-9.pdf"));
        let (document, number, sha256) = (DocumentType::CreditNote, "GS1", "x");
        let xml = Object::RenderedXml { tenant, document, number, sha256 }.key();
        assert_eq!(xml, format!("T/{tenant}/documents/credit-note/GS1_/rendered-x.xml"));
        let payment = &PaymentId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let receipt = Object::PaymentPdf { tenant, payment, sha256: "Ab_-9" }.key();
        assert_eq!(receipt, format!("T/{tenant}/payments/{payment}/_Ab_-9.pdf"));
        let cancellation = &CancellationId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let end = Object::CancellationPdf { tenant, cancellation, sha256: "Ab_-9" }.key();
        assert_eq!(end, format!("T/{tenant}/cancellations/{cancellation}/_Ab_-9.pdf"));
        let answer = Object::AnswerPdf { tenant, number: "AN 1/2026", sha256: "Ab_-9" }.key();
        assert_eq!(answer, format!("T/{tenant}/answers/AN~201~2F2026_/_Ab_-9.pdf"));
        let declaration = &DeclarationId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let confirmation = Object::DeclarationPdf { tenant, declaration, sha256: "Ab_-9" }.key();
        assert_eq!(confirmation, format!("T/{tenant}/declarations/{declaration}/_Ab_-9.pdf"));
        let customer = &CustomerId::new(Timestamp::UNIX_EPOCH, [2; 10]);
        let job = &JobId::new(Timestamp::UNIX_EPOCH, [3; 10]);
        let packed = Object::Packed { tenant, customer, job, sha256: "Ab_-9" }.key();
        assert_eq!(packed, format!("E/{tenant}/{customer}/{job}/_Ab_-9.zip"));
        let logo = Object::Logo { tenant, file: "logo-0a1b.png" }.key();
        assert_eq!(logo, format!("T/{tenant}/logo/_logo-0a1b.png"));
    }

    #[test]
    fn no_number_leads_out_of_its_folder() {
        for number in ["..", ".", "../../x", "/", "a/../b", "\u{0}", "%2e%2e"] {
            let key = original(number);
            assert!(key.split('/').all(|part| !part.is_empty() && part != "." && part != ".."), "{key}");
            assert_eq!(key.split('/').count(), 6, "{key}");
        }
    }

    #[test]
    fn different_numbers_have_different_keys_and_long_ones_short_keys() {
        let long = "Ü".repeat(63);
        assert_ne!(original(&format!("{long}1")), original(&format!("{long}2")));
        assert_ne!(original("RE1"), original("RE1_"));
        let emoji = "😀".repeat(domain::number::MAX_CHARS);
        assert!(original(&emoji).len() <= 156, "{}", original(&emoji));
    }

    #[test]
    fn tenants_never_share_a_key() {
        let key = |tenant: &TenantId| Object::Logo { tenant, file: "logo.png" }.key();
        assert_ne!(key(&tenant(1)), key(&tenant(2)));
    }
}
