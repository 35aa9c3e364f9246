//! What a top-up needs before it is paid: an account, an amount within the limits, a way to pay, a short text.

use checkout::{Choice, Own, Way, chosen, ways};
use domain::{
    Language, Money,
    id::{CustomerId, PaymentId},
    ledger::{Account, AccountKind},
    payment::{MAX_REFERENCE_TEXT, NewPayment, Purpose},
    tenant::{Settings, TopUp},
};
use jiff::civil::Date;
use store::{Overview, TenantStore};
use web::{Answer, Problem};

/// The prepaid accounts of a customer that can be topped up, and the limits.
#[derive(Debug, Clone)]
pub(crate) struct Chargeable {
    pub(crate) accounts: Vec<Account>,
    pub(crate) limits: TopUp,
    pub(crate) ways: Vec<Way>,
}

/// What is wrong with a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// No such account.
    Account,
    /// No amount, or beyond the limits.
    Amount,
    /// Not offered.
    Method,
    /// Too long, or not on one line.
    ReferenceText,
}

/// A wish that can be fulfilled.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) account: Account,
    pub(crate) amount: Money,
    pub(crate) way: Way,
    pub(crate) reference_text: String,
}

impl Chargeable {
    /// Accounts of another currency than the limits cannot be topped up here.
    pub(crate) async fn load(
        store: &TenantStore,
        customer: &CustomerId,
        settings: &Settings,
        (has_sandbox, today): (bool, Date),
    ) -> Answer<Self> {
        let overview = store.overview(customer).await?.ok_or(Problem::NotFound)?;
        let Overview { customer, accounts, methods, .. } = overview;
        let own = Own::methods_of(&customer.value, &methods, today);
        let limits = settings.payments.top_up.clone();
        let currency = limits.least.currency();
        let fits = |one: &Account| one.kind == AccountKind::Prepaid && one.balance.currency() == currency;
        Ok(Self {
            accounts: accounts.into_iter().filter(fits).collect(),
            ways: ways(settings, has_sandbox, own, currency),
            limits,
        })
    }

    /// The named account, or the only one.
    pub(crate) fn account(&self, named: Option<&str>) -> Option<&Account> {
        match (named.filter(|named| !named.is_empty()), self.accounts.as_slice()) {
            (Some(named), accounts) => accounts.iter().find(|account| account.number.as_str() == named),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// Everything that is wrong with it, or the wish.
    pub(crate) fn check(
        &self,
        account: Option<&str>,
        amount: Option<Money>,
        method: Option<&str>,
        reference_text: &str,
    ) -> Result<Wish, Vec<Wrong>> {
        let TopUp { least, most, .. } = &self.limits;
        let account = self.account(account).cloned().ok_or(Wrong::Account);
        let within = |amount: &Money| {
            amount.currency() == least.currency() && (least.minor()..=most.minor()).contains(&amount.minor())
        };
        let amount = amount.filter(within).ok_or(Wrong::Amount);
        let choice = method.and_then(|method| method.parse::<Choice>().ok());
        let way = choice.and_then(|choice| chosen(&self.ways, &choice)).cloned().ok_or(Wrong::Method);
        let text = reference_text.trim();
        let fits = text.chars().count() <= MAX_REFERENCE_TEXT && !text.chars().any(char::is_control);
        let text = if fits { Ok(text.to_owned()) } else { Err(Wrong::ReferenceText) };
        match (account, amount, way, text) {
            (Ok(account), Ok(amount), Ok(way), Ok(reference_text)) => Ok(Wish { account, amount, way, reference_text }),
            (account, amount, way, text) => {
                let wrong = [account.err(), amount.err(), way.err(), text.err()];
                Err(wrong.into_iter().flatten().collect())
            }
        }
    }
}

impl Wish {
    /// The payment it becomes.
    pub(crate) fn order(&self, id: PaymentId, customer: &CustomerId, language: Language) -> checkout::Order {
        checkout::Order {
            payment: NewPayment {
                id,
                customer: customer.clone(),
                purpose: Purpose::TopUp { reference_text: self.reference_text.clone() },
                method: self.way.choice.method,
                provider: self.way.provider,
                saved: self.way.saved.clone(),
                account: self.account.number.clone(),
                amount: self.amount,
                deposit: None,
                language,
            },
            source: None,
            settles: Money::zero(self.amount.currency()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, payment::Method};

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn chargeable(accounts: &[&str]) -> Chargeable {
        let open = |number: &&str| Account::open(number.parse().unwrap(), AccountKind::Prepaid, Currency::Eur);
        let way = Way::by(Method::Sandbox, None);
        Chargeable { accounts: accounts.iter().map(open).collect(), limits: TopUp::default(), ways: vec![way] }
    }

    #[test]
    fn the_limits_hold_at_the_last_cent() {
        let one = chargeable(&["00001008"]);
        let check = |amount| one.check(None, amount, Some("sandbox"), "").map(|wish| wish.amount);
        assert_eq!(check(Some(eur(500))), Ok(eur(500)));
        assert_eq!(check(Some(eur(500_000))), Ok(eur(500_000)));
        for wrong in [Some(eur(499)), Some(eur(500_001)), Some(Money::of_minor(1_000, Currency::Chf)), None] {
            assert_eq!(check(wrong), Err(vec![Wrong::Amount]), "{wrong:?}");
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let two = chargeable(&["1", "2"]);
        let long = "x".repeat(36);
        let wrong = two.check(None, None, Some("balance"), &long).map(|_| ()).unwrap_err();
        assert_eq!(wrong, [Wrong::Account, Wrong::Amount, Wrong::Method, Wrong::ReferenceText]);
        let right = two.check(Some("2"), Some(eur(500)), Some("sandbox"), &format!(" {} ", "ä".repeat(35)));
        assert_eq!(right.unwrap().reference_text.chars().count(), 35);
        assert!(two.check(Some("2"), Some(eur(500)), Some("sandbox"), "a\nb").is_err());
    }
}
