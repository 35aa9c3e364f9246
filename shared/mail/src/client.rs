//! The connection to SES: time limits, retries, and one mail to one recipient.

use std::time::Duration;

use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_ses::{Client, primitives::Blob, types::RawMessage};
use domain::{customer::EmailAddress, tenant::Recipients};
use jiff::Timestamp;

use crate::{
    MailError, Rendered,
    error::from_sdk,
    message::{ascii_address, build},
};

/// Longest time one mail may take with all its tries.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest time of one try of several.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_450);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_000);
/// Tries of one mail: a lost answer may mean a second copy, so there are few.
const ATTEMPTS: u32 = 2;

/// The way out for mails, shared by everything in one process.
#[derive(Debug, Clone)]
pub struct Mailer {
    ses: Client,
    from: String,
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
        Self { ses: Client::from_conf(sdk), from: format!("noreply@{mail_from_domain}"), sandbox_recipients }
    }

    /// Sends a mail to one recipient; `now` is its date.
    ///
    /// # Errors
    /// `Refused` and `NotListed` when it will never go out like this, `Unavailable` when trying later may help.
    pub async fn send(&self, mail: &Rendered, to: &EmailAddress, now: Timestamp) -> Result<(), MailError> {
        if mail.only_to.as_ref().is_some_and(|listed| !listed.cover(to) && !self.sandbox_recipients.cover(to)) {
            return Err(MailError::NotListed);
        }
        let to = ascii_address(to).ok_or_else(|| MailError::Refused("address".to_owned()))?;
        let bytes = build(mail, &self.from, &to, now)?;
        let raw = RawMessage::builder().data(Blob::new(bytes)).build();
        let raw = raw.map_err(|_| MailError::Refused("empty".to_owned()))?;
        let send = self.ses.send_raw_email().source(&self.from).destinations(to).raw_message(raw).send();
        send.await.map(|_| ()).map_err(|error| from_sdk(&error))
    }
}
