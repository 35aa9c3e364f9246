//! The ways a tenant offers a customer, and their words.

use domain::{
    Currency, Money,
    customer::Customer,
    id::PaymentMethodId,
    ledger::{Account, AccountKind},
    payment::{Method, Payment, ProviderName, Purpose, Saved},
    payment_method::{PaymentMethod, Shown},
    tenant::Settings,
};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;

use crate::Choice;

/// Invoices that are named one by one in a description.
const NAMED: usize = 3;

/// One way to pay, as a card to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// What the form sends.
    pub choice: Choice,
    /// Who carries it.
    #[serde(skip)]
    pub provider: Option<ProviderName>,
    /// What is there, for a prepaid account.
    pub balance: Option<Money>,
    /// What people call the prepaid account, if they do.
    pub name: String,
    /// What is charged.
    #[serde(skip)]
    pub saved: Option<Saved>,
    /// What people recognise it by.
    #[serde(skip)]
    pub shown: Option<Shown>,
}

/// What a customer brings along.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Accounts, where a balance may be spent.
    pub accounts: &'a [Account],
    /// Ways to pay that the customer keeps here.
    pub methods: &'a [PaymentMethod],
    /// The one that comes first.
    pub default: Option<&'a PaymentMethodId>,
    /// Cards expire.
    pub today: Date,
}

impl<'a> Own<'a> {
    /// Somebody of whom nothing may be used.
    #[must_use]
    pub const fn nothing(today: Date) -> Self {
        Self { accounts: &[], methods: &[], default: None, today }
    }

    /// What this customer keeps here.
    #[must_use]
    pub const fn methods_of(customer: &'a Customer, methods: &'a [PaymentMethod], today: Date) -> Self {
        Self { accounts: &[], methods, default: customer.default_method.as_ref(), today }
    }
}

/// The ways that are offered in a currency: what the customer keeps first, its default before all. A prepaid account is
/// always shown with what is there, also when that is too little.
#[must_use]
pub fn ways(settings: &Settings, has_sandbox: bool, own: Own<'_>, currency: Currency) -> Vec<Way> {
    let Own { accounts, methods, default, today } = own;
    let kept = methods.iter().filter(|method| method.is_usable(today));
    let kept = kept.filter(|method| {
        settings.payments.accepts(method.method)
            && settings.providers.has(method.provider, has_sandbox)
            && (method.method != Method::SepaDebit || currency == Currency::Eur)
    });
    let mut ways: Vec<Way> = kept.filter_map(Way::kept).collect();
    ways.sort_by_key(|way| way.choice.saved.as_ref() != default);
    for method in settings.payments.offered() {
        match method {
            Method::BankTransfer => ways.extend(settings.company.bank.is_some().then(|| Way::by(method, None))),
            Method::Balance => ways.extend(accounts.iter().filter_map(|account| from_balance(account, currency))),
            Method::SepaDebit if currency != Currency::Eur => {}
            Method::Sandbox | Method::Card | Method::Paypal | Method::OnlineBanking | Method::SepaDebit => {
                let provider = settings.payments.carrier(method, &settings.providers, has_sandbox);
                ways.extend(provider.map(|provider| Way::by(method, Some(provider))));
            }
        }
    }
    ways
}

fn from_balance(account: &Account, currency: Currency) -> Option<Way> {
    let fits = account.kind == AccountKind::Prepaid && account.balance.currency() == currency;
    let balance = account.available().ok().filter(|_| fits)?;
    let choice = Choice { source: Some(account.number.clone()), ..Choice::from(Method::Balance) };
    Some(Way { choice, balance: Some(balance), name: account.name.clone(), ..Way::by(Method::Balance, None) })
}

/// The offered way that was chosen; `balance` alone is enough where there is one prepaid account.
#[must_use]
pub fn chosen<'a>(ways: &'a [Way], choice: &Choice) -> Option<&'a Way> {
    let is_exact = choice.source.is_some() || choice.method != Method::Balance;
    let mut fitting = ways.iter().filter(|way| match is_exact {
        true => way.choice == *choice,
        false => way.choice.method == choice.method,
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

impl Way {
    /// A way that is the same for all customers.
    #[must_use]
    pub fn by(method: Method, provider: Option<ProviderName>) -> Self {
        let choice = Choice::from(method);
        Self { choice, provider, balance: None, name: String::new(), saved: None, shown: None }
    }

    /// Something that the customer keeps here, if it can be charged.
    #[must_use]
    pub fn kept(kept: &PaymentMethod) -> Option<Self> {
        let (token, shown) = (kept.token()?.clone(), kept.shown()?.clone());
        let choice = Choice { saved: Some(kept.name.id.clone()), ..Choice::from(kept.method) };
        let saved = Some(Saved { id: kept.name.id.clone(), token });
        Some(Self { choice, saved, shown: Some(shown), ..Self::by(kept.method, Some(kept.provider)) })
    }

    /// „Banküberweisung", „Prepaid-Konto 00001008".
    #[must_use]
    pub fn label(&self, t: &Words) -> String {
        if let Some(shown) = &self.shown {
            return t.kept_method(self.choice.method, shown);
        }
        match &self.choice.source {
            Some(source) => t.pay_method_balance_of(source),
            None if self.choice.method == Method::OnlineBanking => t.pay_method_online_label().to_owned(),
            None => method_name(self.choice.method, t).to_owned(),
        }
    }

    /// What to expect; empty where nothing needs to be said.
    #[must_use]
    pub fn hint(&self, t: &Words) -> String {
        if self.saved.is_some() {
            return t.pay_hint_kept().to_owned();
        }
        match (self.choice.method, self.balance) {
            (Method::Sandbox, _) => t.pay_hint_sandbox().to_owned(),
            (Method::BankTransfer, _) => t.pay_hint_transfer().to_owned(),
            (Method::Balance, Some(balance)) if self.name.is_empty() => t.pay_hint_balance(t.money(balance)),
            (Method::Balance, Some(balance)) => format!("{} · {}", self.name, t.pay_hint_balance(t.money(balance))),
            (Method::SepaDebit, _) => t.pay_hint_debit().to_owned(),
            (Method::Card | Method::Paypal | Method::OnlineBanking | Method::Balance, _) => String::new(),
        }
    }

    /// How long it takes. „Sofort" only where the money is there at once.
    #[must_use]
    pub fn duration(&self, t: &Words) -> &'static str {
        match self.choice.method {
            Method::Sandbox | Method::Card | Method::Paypal | Method::Balance => t.pay_at_once(),
            Method::OnlineBanking => t.pay_in_minutes(),
            Method::SepaDebit => t.pay_after_days(),
            Method::BankTransfer => t.pay_in_days(),
        }
    }

    /// „Sie zahlen jetzt 119,00 € mit …" as one sentence.
    #[must_use]
    pub fn paying_now(&self, t: &Words, amount: &Money) -> String {
        let amount = t.money(*amount);
        match &self.choice.source {
            Some(source) => t.pay_now_from_balance(source, amount),
            None if self.choice.method == Method::BankTransfer => t.pay_now_by_transfer(amount),
            None => match &self.shown {
                Some(shown) => t.pay_now_with(amount, t.kept_method(self.choice.method, shown)),
                None => t.pay_now_with(amount, method_name(self.choice.method, t)),
            },
        }
    }

    /// What happens after the last button.
    #[must_use]
    pub fn then(&self, t: &Words) -> String {
        if self.saved.is_some() {
            return t.pay_then_kept().to_owned();
        }
        match self.choice.method {
            Method::Sandbox => t.pay_then_provider(method_name(self.choice.method, t)),
            Method::Card | Method::Paypal | Method::OnlineBanking | Method::SepaDebit => t.pay_then_page().to_owned(),
            Method::BankTransfer => t.pay_then_transfer().to_owned(),
            Method::Balance => t.pay_then_balance().to_owned(),
        }
    }
}

/// The name of a method.
#[must_use]
pub fn method_name(method: Method, t: &Words) -> &'static str {
    t.method_name(method)
}

/// What the customer reads on a provider's page.
#[must_use]
pub fn description(payment: &Payment) -> String {
    let t = Words::new(payment.language);
    let named = payment.named();
    let numbers: Vec<&str> = named.iter().take(NAMED).map(|named| named.number.as_str()).collect();
    match &payment.purpose {
        Purpose::TopUp { .. } => t.pay_for_top_up(&payment.account),
        Purpose::Invoices { .. } if named.len() > NAMED => t.pay_for_many(named.len()),
        Purpose::Invoices { .. } => t.pay_for_invoices(named.len(), numbers.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use domain::tenant::{BankAccount, Payments};

    use super::*;

    fn settings(methods: Option<Vec<Method>>) -> Settings {
        let mut settings = Settings { payments: Payments { methods, ..Payments::default() }, ..Settings::default() };
        settings.company.bank = Some(BankAccount {
            holder: "Webhosting AG".into(),
            iban: "DE02120300000000202051".into(),
            bic: String::new(),
            bank: String::new(),
        });
        settings
    }

    fn prepaid(number: &str, minor: i64, currency: Currency) -> Account {
        let account = Account::open(number.parse().unwrap(), AccountKind::Prepaid, currency);
        Account { balance: Money::of_minor(-minor, currency), ..account }
    }

    fn own(accounts: &[Account]) -> Own<'_> {
        Own { accounts, ..Own::nothing(jiff::civil::date(2026, 11, 28)) }
    }

    fn offered(ways: &[Way]) -> Vec<String> {
        ways.iter().map(|way| way.choice.to_string()).collect()
    }

    #[test]
    fn only_what_is_offered_and_possible_is_shown() {
        let accounts = [prepaid("1", 500, Currency::Eur), prepaid("2", 500, Currency::Chf)];
        let all = settings(Some(Method::ALL.to_vec()));
        let ways_there = ways(&all, true, own(&accounts), Currency::Eur);
        assert_eq!(offered(&ways_there), ["sandbox", "bank_transfer", "balance:1"]);
        assert_eq!(offered(&ways(&all, false, own(&[]), Currency::Eur)), ["bank_transfer"], "no provider, no account");
        assert_eq!(offered(&ways(&settings(None), true, own(&[]), Currency::Eur)), ["bank_transfer"]);
        let mut without_bank = settings(None);
        without_bank.company.bank = None;
        assert!(ways(&without_bank, true, own(&[]), Currency::Eur).is_empty(), "nowhere to transfer to");
    }

    #[test]
    fn a_balance_must_be_named_where_there_are_two() {
        let accounts = [prepaid("1", 500, Currency::Eur), prepaid("2", 0, Currency::Eur)];
        let there = ways(&settings(None), false, own(&accounts), Currency::Eur);
        let choice = |text: &str| text.parse::<Choice>().unwrap();
        assert!(chosen(&there, &choice("balance")).is_none());
        assert!(chosen(&there, &choice("balance:2")).is_some());
        assert!(chosen(&there, &choice("balance:3")).is_none());
        assert!(chosen(&there, &choice("sandbox")).is_none());
        let one = ways(&settings(None), false, own(&accounts[..1]), Currency::Eur);
        assert!(chosen(&one, &choice("balance")).is_some());
    }
}
