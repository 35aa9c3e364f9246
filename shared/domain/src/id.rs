//! Identifiers of things: a prefix that names the kind, and a sortable ULID.
//!
//! Architecture Invariant: ids are made in one place per kind and never shown to people; what people read and type is a
//! number (`number.rs`), which is another type.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use ulid::Ulid;

/// A string that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a valid {kind} id")]
pub struct NotAnId {
    /// What was expected, for example `invoice`.
    pub kind: &'static str,
}

/// Ten fresh random bytes, the part of an id that makes it unique.
pub type Entropy = [u8; 10];

fn ulid(at: Timestamp, entropy: Entropy) -> Ulid {
    let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or(0);
    let mut random = [0_u8; 16];
    random[6..].copy_from_slice(&entropy);
    Ulid::from_parts(milliseconds, u128::from_be_bytes(random))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $kind:literal;)*) => {
        /// Prefix and kind of every id there is, for documentation and tests.
        pub const REGISTRY: &[(&str, &str)] = &[$(($prefix, $kind)),*];
        $(
            $(#[$doc])*
            #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
            #[serde(try_from = "String", into = "String")]
            #[schema(value_type = String)]
            pub struct $name(String);

            impl $name {
                /// A new id; ids made later sort later.
                #[must_use]
                pub fn new(at: Timestamp, entropy: Entropy) -> Self {
                    Self(format!(concat!($prefix, "_{}"), ulid(at, entropy)))
                }

                /// When it was made, to the millisecond.
                #[must_use]
                pub fn made_at(&self) -> Option<Timestamp> {
                    let ulid = Ulid::from_string(self.0.get($prefix.len() + 1..)?).ok()?;
                    Timestamp::from_millisecond(i64::try_from(ulid.timestamp_ms()).ok()?).ok()
                }

                /// The id as it is stored and sent: prefix, underscore, 26 characters.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl FromStr for $name {
                type Err = NotAnId;
                fn from_str(text: &str) -> Result<Self, NotAnId> {
                    text.strip_prefix(concat!($prefix, "_"))
                        .filter(|rest| Ulid::from_string(rest).is_ok())
                        .map(|_| Self(text.to_owned()))
                        .ok_or(NotAnId { kind: $kind })
                }
            }

            impl TryFrom<String> for $name {
                type Error = NotAnId;
                fn try_from(text: String) -> Result<Self, NotAnId> {
                    text.parse()
                }
            }

            impl From<$name> for String {
                fn from(id: $name) -> String {
                    id.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }
        )*
    };
}

ids! {
    /// One tenant; its sandbox is a tenant of its own.
    TenantId = "ten", "tenant";
    /// One customer of one tenant.
    CustomerId = "cus", "customer";
    /// One fact that happened (timeline, feed, outbox).
    EventId = "evt", "event";
    /// One login of one browser or program. Only its hash is stored.
    SessionId = "ses", "session";
    /// One request for a login code.
    ChallengeId = "cha", "challenge";
    /// One API key of an integrator or the platform.
    ApiKeyId = "key", "API key";
    /// One personal link.
    LinkId = "lnk", "link";
    /// One payment: asked for, arrived or both. It is the provider's idempotency key.
    PaymentId = "pay", "payment";
    /// One way to pay that a customer keeps here: asked for, usable or gone.
    PaymentMethodId = "pm", "payment method";
    /// One billing address that a customer keeps beside the one of its data.
    AddressId = "adr", "billing address";
    /// One address of an integrator that events are sent to.
    EndpointId = "whe", "webhook endpoint";
    /// One event on its way to one endpoint. Receivers know it as `webhook-id`, the same however often it is tried.
    DeliveryId = "whd", "webhook delivery";
    /// One cancellation of a contract by its customer or by staff.
    CancellationId = "cnl", "cancellation";
    /// One declaration that was made without signing in: a cancellation or a withdrawal.
    DeclarationId = "dcl", "declaration";
    /// One comment on a document.
    CommentId = "cmt", "comment";
    /// One wish of a customer for another login address.
    EmailChangeId = "emc", "e-mail change";
    /// One piece of work that goes on after its answer.
    JobId = "job", "job";
    /// One request through the front door.
    RequestId = "req", "request";
}

impl PaymentMethodId {
    /// The one with the same number as a payment.
    #[must_use]
    pub fn same_as(payment: &PaymentId) -> Self {
        let number = payment.0.split_once('_').map_or("", |(_, number)| number);
        Self(format!("pm_{number}"))
    }
}

impl AddressId {
    /// The one with the same number as a payment.
    #[must_use]
    pub fn same_as(payment: &PaymentId) -> Self {
        let number = payment.0.split_once('_').map_or("", |(_, number)| number);
        Self(format!("adr_{number}"))
    }
}

impl CommentId {
    /// The one with the same number as a payment.
    #[must_use]
    pub fn same_as(payment: &PaymentId) -> Self {
        let number = payment.0.split_once('_').map_or("", |(_, number)| number);
        Self(format!("cmt_{number}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_later() {
        let early = CustomerId::new(Timestamp::from_second(1_000).unwrap(), [255; 10]);
        let late = CustomerId::new(Timestamp::from_second(1_001).unwrap(), [0; 10]);
        assert!(early < late);
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let tenant = TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        assert_eq!(tenant.as_str().parse::<CustomerId>(), Err(NotAnId { kind: "customer" }));
        assert_eq!(tenant.as_str().parse::<TenantId>(), Ok(tenant));
    }

    #[test]
    fn prefixes_are_unique() {
        let mut prefixes: Vec<_> = REGISTRY.iter().map(|(prefix, _)| prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), REGISTRY.len());
    }
}
