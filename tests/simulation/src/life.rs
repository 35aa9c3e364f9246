//! What becomes of a payment at a provider, one act after the other.

use std::{collections::VecDeque, fmt};

use domain::{id::PaymentId, payment::Payment};

use crate::random::Random;

/// How often an act that cannot happen yet is tried: money may not be there before we were told of it.
const PATIENCE: u32 = 2;

/// Something that somebody does to a payment. What cannot be done at a provider, or not any more, does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// The customer pays, also after a decline and, where the provider allows it, after the end.
    Pay,
    /// The customer pays, and the money is on its way.
    PayLater,
    /// Money that was on its way arrives.
    Settle,
    /// It does not, or is lost after it had arrived.
    Bounce,
    /// The customer's bank says no.
    Decline,
    /// The customer turns back.
    TurnBack,
    /// The page's time is over.
    Expire,
    /// Staff give so many per cent back on the provider's own pages.
    Refund(i64),
    /// We give so many per cent back.
    GiveBack(i64),
    /// What was given back does not reach the customer.
    FailRefund,
    /// The customer's bank takes everything back.
    Dispute,
    /// The bank gives it again.
    Win,
    /// It stays with the customer.
    Lose,
}

impl Act {
    /// Is it about whether there is money, and not about money that was there? A charge may be paid before anything happens.
    pub(crate) const fn may_begin(self) -> bool {
        use Act::{Bounce, Decline, Expire, Pay, PayLater, Settle, TurnBack};
        matches!(self, Pay | PayLater | Settle | Bounce | Decline | TurnBack | Expire)
    }
}

/// A payment at a provider.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) payment: Payment,
    /// Place of the provider in the house.
    pub(crate) rail: usize,
    /// The provider's name of its page or charge, as far as the customer came there.
    pub(crate) session: Option<String>,
    /// Its names of what came out of it.
    pub(crate) charge: Option<String>,
    pub(crate) refund: Option<String>,
    pub(crate) dispute: Option<String>,
    /// How often we gave something back.
    pub(crate) given: u32,
    acts: VecDeque<Act>,
    refused: u32,
    begun: bool,
    /// What was tried, and whether it was done.
    past: Vec<(Act, bool)>,
}

impl Life {
    pub(crate) fn draw(payment: Payment, rail: usize, random: &mut Random) -> Self {
        let begins = if payment.saved.is_some() { charged(random) } else { on_a_page(random) };
        let acts = begins.iter().copied().chain(afterwards(random)).collect();
        let (session, charge, refund, dispute) = (None, None, None, None);
        let (refused, begun, past) = (0, false, Vec::new());
        Self { payment, rail, session, charge, refund, dispute, given: 0, acts, refused, begun, past }
    }

    pub(crate) const fn id(&self) -> &PaymentId {
        &self.payment.id
    }

    /// A share of what was asked for, and a cent at least.
    pub(crate) fn share(&self, percent: i64) -> i64 {
        (self.payment.asked.minor() * percent / 100).max(1)
    }

    /// What happens next, if the customer ever came to the provider.
    pub(crate) fn next(&self) -> Option<Act> {
        self.session.as_ref().and(self.acts.front()).copied()
    }

    pub(crate) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// The next act was tried.
    pub(crate) fn tried(&mut self, done: bool) {
        self.past.extend(self.next().map(|act| (act, done)));
        self.begun |= done;
        self.refused = if done { 0 } else { self.refused + 1 };
        if done || self.refused > PATIENCE {
            self.acts.pop_front();
            self.refused = 0;
        }
    }
}

/// Its story, for a finding.
impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.payment.saved.is_some() { "charged" } else { "on a page" };
        write!(f, "{} {kind}:", self.payment.asked.minor())?;
        for (act, done) in &self.past {
            write!(f, " {act:?}{}", if *done { "" } else { " (refused)" })?;
        }
        Ok(())
    }
}

/// What may happen on a page. Most people pay.
fn on_a_page(random: &mut Random) -> &'static [Act] {
    match random.below(20) {
        0..=8 => &[Act::Pay],
        9 | 10 => &[Act::PayLater, Act::Settle],
        11 => &[Act::PayLater, Act::Bounce],
        12 => &[Act::PayLater],
        13 => &[Act::Decline],
        14 => &[Act::Decline, Act::Pay],
        15 => &[Act::TurnBack],
        16 => &[Act::TurnBack, Act::Pay],
        17 => &[Act::Expire],
        18 => &[Act::Expire, Act::Pay],
        _ => &[],
    }
}

/// What may happen to a charge of something kept: it is paid or declined at once, or on its way.
fn charged(random: &mut Random) -> &'static [Act] {
    match random.below(10) {
        0 => &[],
        1 => &[Act::Bounce],
        _ => &[Act::Settle],
    }
}

/// What may happen to the money.
fn afterwards(random: &mut Random) -> Vec<Act> {
    let part = random.between(1, 100);
    match random.below(18) {
        0 => vec![Act::Refund(part)],
        1 => vec![Act::Refund(part), Act::Refund(part)],
        2 => vec![Act::GiveBack(part)],
        3 => vec![Act::GiveBack(part), Act::Refund(part)],
        4 => vec![Act::GiveBack(part), Act::GiveBack(part)],
        5 => vec![Act::Refund(part), Act::FailRefund],
        6 => vec![Act::Dispute],
        7 => vec![Act::Dispute, Act::Win],
        8 => vec![Act::Dispute, Act::Lose],
        9 => vec![Act::Bounce],
        _ => vec![],
    }
}
