//! What customers, banks and staff do at each provider. Every function says whether it could be done.

use domain::{
    payment::{Method, ProviderName},
    payment_method::Token,
};
use vendors::{
    gocardless::{GoCardless, Speed},
    mollie::{Mollie, Outcome},
    paypal::{Channel, PayPal},
    stripe::{Next, SavedKind, Stripe},
};

use crate::{
    life::{Act, Life},
    rail::Rail,
    random::Random,
};

impl Rail {
    /// Something happens to a payment.
    pub(crate) fn play(&self, act: Act, life: &mut Life) -> bool {
        let Some(session) = life.session.clone() else { return false };
        match self.name {
            ProviderName::Sandbox => false,
            ProviderName::Stripe => at_stripe(&self.vendors.stripe, act, &session, life),
            ProviderName::Paypal => at_paypal(&self.vendors.paypal, act, &session, life),
            ProviderName::Mollie => at_mollie(&self.vendors.mollie, act, &session, life),
            ProviderName::Gocardless => at_gocardless(&self.vendors.gocardless, act, &session, life),
        }
    }

    /// The customer agrees that something is kept.
    pub(crate) fn agree(&self, session: &str, method: Method) -> bool {
        match self.name {
            ProviderName::Sandbox => false,
            ProviderName::Stripe => {
                let kind = if method == Method::Card {
                    SavedKind::Card { brand: "visa".to_owned(), last4: "4242".to_owned(), exp: (12, 2031) }
                } else {
                    SavedKind::SepaDebit { last4: "3000".to_owned(), mandate: "MANDATE-1".to_owned() }
                };
                self.vendors.stripe.save(session, &kind).is_ok()
            }
            ProviderName::Paypal => {
                let token = session.split('.').next().unwrap_or_default();
                self.vendors.paypal.approve_setup(token)
            }
            ProviderName::Mollie => self.vendors.mollie.pay(session),
            ProviderName::Gocardless => self.vendors.gocardless.fulfil(session, Speed::AtOnce),
        }
    }

    /// Draws what the next charge of something kept comes to: mostly money, where the provider decides at once.
    pub(crate) fn decide(&self, token: &Token, random: &mut Random) {
        match (self.name, random.below(10)) {
            (ProviderName::Stripe, 0) => self.vendors.stripe.next(&token.method, Next::Decline),
            (ProviderName::Stripe, 1) => self.vendors.stripe.next(&token.method, Next::AuthenticationRequired),
            (ProviderName::Stripe, 2) => self.vendors.stripe.next(&token.method, Next::Processing),
            (ProviderName::Paypal, 0) => {
                self.vendors.paypal.decline_wallet(&token.method);
            }
            (ProviderName::Paypal, 1) => {
                self.vendors.paypal.hold_wallet(&token.method);
            }
            (ProviderName::Mollie, 0) => self.vendors.mollie.next_recurring(Outcome::Failed),
            (ProviderName::Mollie, 1) => self.vendors.mollie.next_recurring(Outcome::Pending),
            _ => {}
        }
    }
}

/// Keeps the name of what came out of an act.
fn named(made: Option<String>, place: &mut Option<String>) -> bool {
    let is_made = made.is_some();
    *place = made.or_else(|| place.take());
    is_made
}

fn at_stripe(stripe: &Stripe, act: Act, session: &str, life: &mut Life) -> bool {
    // A charge without a page is its own intent; a page has one as soon as somebody tries to pay.
    let intent = || {
        let of_page = stripe.object(session)["payment_intent"].as_str().map(str::to_owned);
        of_page.unwrap_or_else(|| session.to_owned())
    };
    let of = |place: &Option<String>| place.clone().unwrap_or_default();
    match act {
        Act::Pay => {
            stripe.pay(session).is_ok() || (stripe.pay_later(session).is_ok() && stripe.settle(session).is_ok())
        }
        Act::PayLater => stripe.pay_later(session).is_ok(),
        Act::Settle => stripe.settle(session).is_ok(),
        Act::Bounce => stripe.fail_later(session).is_ok(),
        Act::Decline => stripe.decline(session).is_ok(),
        // Nobody is told, and the page stays open.
        Act::TurnBack => true,
        Act::Expire => stripe.expire(session).is_ok(),
        Act::Refund(percent) => named(stripe.refund(&intent(), life.share(percent)).ok(), &mut life.refund),
        Act::FailRefund => stripe.fail_refund(&of(&life.refund)).is_ok(),
        Act::Dispute => named(stripe.dispute(&intent()).ok(), &mut life.dispute),
        Act::Win => stripe.win(&of(&life.dispute)).is_ok(),
        Act::Lose => stripe.lose(&of(&life.dispute)).is_ok(),
        Act::GiveBack(_) => false,
    }
}

fn at_paypal(paypal: &PayPal, act: Act, session: &str, life: &mut Life) -> bool {
    let order = session.split('.').next().unwrap_or_default();
    let capture = || paypal.capture_of(order).unwrap_or_default();
    let of = |place: &Option<String>| place.clone().unwrap_or_default();
    match act {
        Act::Pay => paypal.approve(order),
        Act::PayLater => paypal.hold(order) && paypal.approve(order),
        Act::Settle => paypal.complete(&capture()),
        Act::Bounce => paypal.deny(&capture()),
        Act::Decline => paypal.decline(order) && paypal.approve(order),
        Act::TurnBack => paypal.turn_back(order).is_some(),
        Act::Expire => paypal.expire(order),
        Act::Refund(percent) => named(paypal.refund(&capture(), Some(life.share(percent))), &mut life.refund),
        Act::Dispute => named(paypal.dispute(&capture(), None, Channel::Bank), &mut life.dispute),
        Act::Win => paypal.win(&of(&life.dispute)),
        Act::Lose => paypal.lose(&of(&life.dispute)),
        // PayPal tells nobody when a refund comes back.
        Act::FailRefund | Act::GiveBack(_) => false,
    }
}

fn at_mollie(mollie: &Mollie, act: Act, payment: &str, life: &mut Life) -> bool {
    let of = |place: &Option<String>| place.clone().unwrap_or_default();
    match act {
        Act::Pay => mollie.pay(payment) || mollie.pay_late(payment),
        Act::PayLater => mollie.wait(payment),
        Act::Settle => mollie.pay(payment),
        Act::Bounce | Act::Decline => mollie.decline(payment),
        Act::TurnBack => mollie.turn_back(payment),
        Act::Expire => mollie.expire(payment),
        Act::Refund(percent) => named(mollie.refund(payment, life.share(percent)), &mut life.refund),
        Act::FailRefund => mollie.fail_refund(&of(&life.refund)),
        Act::Dispute => named(mollie.charge_back(payment, None), &mut life.dispute),
        Act::Win => mollie.reverse_chargeback(&of(&life.dispute)),
        // A chargeback that nobody reverses.
        Act::Lose => true,
        Act::GiveBack(_) => false,
    }
}

fn at_gocardless(gocardless: &GoCardless, act: Act, session: &str, life: &mut Life) -> bool {
    // A charge without a page is the payment itself; a page makes it at its end.
    let payment = life.charge.clone().unwrap_or_else(|| session.to_owned());
    let of = |place: &Option<String>| place.clone().unwrap_or_default();
    let fulfil = |speed: Speed, charge: &mut Option<String>| {
        let is_done = gocardless.fulfil(session, speed);
        if is_done {
            *charge = gocardless.payments().pop().map(|(id, _)| id);
        }
        is_done
    };
    match act {
        Act::Pay => fulfil(Speed::AtOnce, &mut life.charge),
        Act::PayLater => fulfil(Speed::Later, &mut life.charge),
        Act::Settle => gocardless.confirm(&payment),
        Act::Bounce => gocardless.fail(&payment),
        Act::Decline => gocardless.deny(session),
        Act::TurnBack => gocardless.turn_back(session),
        // A page ends when we close it.
        Act::Expire => false,
        Act::Refund(percent) => named(gocardless.refund(&payment, life.share(percent)), &mut life.refund),
        Act::FailRefund => gocardless.fail_refund(&of(&life.refund)),
        Act::Dispute => gocardless.charge_back(&payment),
        Act::Win => gocardless.cancel_chargeback(&payment),
        Act::Lose => gocardless.settle_chargeback(&payment),
        Act::GiveBack(_) => false,
    }
}
