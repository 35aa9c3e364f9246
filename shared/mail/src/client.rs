//! The connection to SES: time limits, retries, and one mail to one recipient.

use std::time::Duration;

use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_ses::{
    Client,
    primitives::Blob,
    types::{MessageTag, RawMessage},
};
use domain::{
    customer::EmailAddress,
    id::{CustomerId, TenantId},
    tenant::Recipients,
};
use jiff::Timestamp;

use crate::{MailError, Rendered, error::from_sdk, message::build};

/// Longest time one mail may take with all its tries.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest time of one try of several.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_450);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_000);
/// Tries of one mail: a lost answer may mean a second copy, so there are few.
const ATTEMPTS: u32 = 2;

/// Whose a mail is. SES says it again when the mail comes back.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// In whose name it goes out.
    pub tenant: &'a TenantId,
    /// Whom it is for, where it is known.
    pub customer: Option<&'a CustomerId>,
}

impl Whose<'_> {
    /// Name of the tag with the tenant's id.
    pub const TENANT: &'static str = "tenant";
    /// Name of the tag with the customer's.
    pub const CUSTOMER: &'static str = "customer";

    fn tags(&self) -> impl Iterator<Item = MessageTag> {
        let customer = self.customer.map(|customer| (Self::CUSTOMER, customer.as_str()));
        let named = [Some((Self::TENANT, self.tenant.as_str())), customer].into_iter().flatten();
        named.filter_map(|(name, value)| MessageTag::builder().name(name).value(value).build().ok())
    }
}

/// The way out for mails, shared by everything in one process.
#[derive(Debug, Clone)]
pub struct Mailer {
    ses: Client,
    from: String,
    configuration_set: Option<String>,
    sandbox_recipients: Recipients,
}

impl Mailer {
    /// A client with the house's limits; nothing is asked yet. Every mail comes from `noreply@` this domain, which the
    /// operator of the installation has verified. Test environments may write to the installation's `sandbox_recipients`
    /// beside their own.
    #[must_use]
    pub fn connect(aws: &SdkConfig, mail_from_domain: &str, sandbox_recipients: &Recipients) -> Self {
        Self::with_attempts(aws, mail_from_domain, sandbox_recipients, ATTEMPTS)
    }

    /// The same for mails that are written down and tried again later: each try gives SES one copy at most.
    #[must_use]
    pub fn in_one_try(aws: &SdkConfig, mail_from_domain: &str, sandbox_recipients: &Recipients) -> Self {
        Self::with_attempts(aws, mail_from_domain, sandbox_recipients, 1)
    }

    fn with_attempts(aws: &SdkConfig, mail_from_domain: &str, sandbox_recipients: &Recipients, attempts: u32) -> Self {
        let attempt_timeout = if attempts == 1 { OPERATION_TIMEOUT } else { ATTEMPT_TIMEOUT };
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(OPERATION_TIMEOUT)
            .operation_attempt_timeout(attempt_timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(200));
        let sdk = aws_sdk_ses::config::Builder::from(aws).timeout_config(timeouts).retry_config(retries).build();
        let sandbox_recipients = sandbox_recipients.clone();
        let from = format!("noreply@{mail_from_domain}");
        Self { ses: Client::from_conf(sdk), from, configuration_set: None, sandbox_recipients }
    }

    /// Sends with this configuration set, which says whom SES tells of mails that come back.
    #[must_use]
    pub fn telling_by(self, configuration_set: Option<&str>) -> Self {
        Self { configuration_set: configuration_set.map(str::to_owned), ..self }
    }

    /// Sends a mail to one recipient; `now` is its date.
    ///
    /// # Errors
    /// `Refused` and `NotListed` when it will never go out like this, `Unavailable` when trying later may help.
    pub async fn send(
        &self,
        mail: &Rendered,
        whose: Whose<'_>,
        to: &EmailAddress,
        now: Timestamp,
    ) -> Result<(), MailError> {
        if mail.only_to.as_ref().is_some_and(|listed| !listed.cover(to) && !self.sandbox_recipients.cover(to)) {
            return Err(MailError::NotListed);
        }
        let to = to.ascii().ok_or_else(|| MailError::Refused("address".to_owned()))?;
        let bytes = build(mail, &self.from, &to, now)?;
        let raw = RawMessage::builder().data(Blob::new(bytes)).build();
        let raw = raw.map_err(|_| MailError::Refused("empty".to_owned()))?;
        let send = self.ses.send_raw_email().source(&self.from).destinations(to).raw_message(raw);
        let send = send.set_configuration_set_name(self.configuration_set.clone());
        let send = send.set_tags(Some(whose.tags().collect()));
        let sent = Box::pin(send.send()).await;
        sent.map(|_| ()).map_err(|error| from_sdk(&error))
    }
}
