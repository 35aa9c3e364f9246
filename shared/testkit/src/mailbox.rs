//! The mailbox as a reader of mails sees it.

use local::{Mailbox, Message};

/// All mails the portal sent.
#[derive(Debug, Clone)]
pub struct Inbox(Mailbox);

impl Inbox {
    pub(crate) const fn new(mailbox: Mailbox) -> Self {
        Self(mailbox)
    }

    /// The newest mail to an address.
    #[must_use]
    #[track_caller]
    pub fn last_to(&self, address: &str) -> Message {
        self.all_to(address).into_iter().next().unwrap_or_else(|| panic!("no mail to {address}"))
    }

    /// All mails to an address, newest first.
    #[must_use]
    pub fn all_to(&self, address: &str) -> Vec<Message> {
        self.0.messages_to(address)
    }

    /// The code in the newest mail to an address.
    #[must_use]
    #[track_caller]
    pub fn code_to(&self, address: &str) -> String {
        let mail = self.last_to(address);
        code_in(&mail).unwrap_or_else(|| panic!("the mail to {address} has no code: {:?}", mail.text))
    }

    /// How many mails there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.all().len()
    }
}

/// The code in a mail: a line of six or ten digits, as people read it.
#[must_use]
pub fn code_in(mail: &Message) -> Option<String> {
    let text = mail.text.as_deref().unwrap_or_default();
    let digits = |line: &str| line.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_code = |line: &&str| {
        let line = line.trim();
        line.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()) && matches!(digits(line).len(), 6 | 10)
    };
    text.lines().find(is_code).map(digits)
}
