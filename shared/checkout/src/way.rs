//! The ways a tenant offers a customer, and their words.

use domain::{
    Currency, Money,
    ledger::{Account, AccountKind},
    payment::{Method, Payment, ProviderName, Purpose},
    tenant::Settings,
};
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
}

/// The ways that are offered in a currency. `accounts` are the customer's where a balance may be spent, else none. A
/// prepaid account is always shown with what is there, also when that is too little.
#[must_use]
pub fn ways(settings: &Settings, has_sandbox: bool, accounts: &[Account], currency: Currency) -> Vec<Way> {
    let mut ways = Vec::new();
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
    let choice = Choice { method: Method::Balance, source: Some(account.number.clone()) };
    Some(Way { choice, provider: None, balance: Some(balance), name: account.name.clone() })
}

/// The offered way that was chosen; `balance` alone is enough where there is one prepaid account.
#[must_use]
pub fn chosen<'a>(ways: &'a [Way], choice: &Choice) -> Option<&'a Way> {
    let mut fitting = ways.iter().filter(|way| match &choice.source {
        Some(_) => way.choice == *choice,
        None => way.choice.method == choice.method,
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

impl Way {
    /// A way that is the same for all customers.
    #[must_use]
    pub fn by(method: Method, provider: Option<ProviderName>) -> Self {
        Self { choice: Choice::from(method), provider, balance: None, name: String::new() }
    }

    /// „Banküberweisung", „Prepaid-Konto 00001008".
    #[must_use]
    pub fn label(&self, t: &Words) -> String {
        match &self.choice.source {
            Some(source) => t.pay_method_balance_of(source),
            None if self.choice.method == Method::OnlineBanking => t.pay_method_online_label().to_owned(),
            None => method_name(self.choice.method, t).to_owned(),
        }
    }

    /// What to expect; empty where nothing needs to be said.
    #[must_use]
    pub fn hint(&self, t: &Words) -> String {
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
            None => t.pay_now_with(amount, method_name(self.choice.method, t)),
        }
    }

    /// What happens after the last button.
    #[must_use]
    pub fn then(&self, t: &Words) -> String {
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
    match method {
        Method::Sandbox => t.pay_method_sandbox(),
        Method::Card => t.pay_method_card(),
        Method::Paypal => t.pay_method_paypal(),
        Method::OnlineBanking => t.pay_method_online(),
        Method::SepaDebit => t.pay_method_debit(),
        Method::BankTransfer => t.pay_method_transfer(),
        Method::Balance => t.pay_method_balance(),
    }
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

    fn offered(ways: &[Way]) -> Vec<String> {
        ways.iter().map(|way| way.choice.to_string()).collect()
    }

    #[test]
    fn only_what_is_offered_and_possible_is_shown() {
        let accounts = [prepaid("1", 500, Currency::Eur), prepaid("2", 500, Currency::Chf)];
        let all = settings(Some(Method::ALL.to_vec()));
        let ways_there = ways(&all, true, &accounts, Currency::Eur);
        assert_eq!(offered(&ways_there), ["sandbox", "bank_transfer", "balance:1"]);
        assert_eq!(offered(&ways(&all, false, &[], Currency::Eur)), ["bank_transfer"], "no provider, no account");
        assert_eq!(offered(&ways(&settings(None), true, &[], Currency::Eur)), ["bank_transfer"]);
        let mut without_bank = settings(None);
        without_bank.company.bank = None;
        assert!(ways(&without_bank, true, &[], Currency::Eur).is_empty(), "nowhere to transfer to");
    }

    #[test]
    fn a_balance_must_be_named_where_there_are_two() {
        let accounts = [prepaid("1", 500, Currency::Eur), prepaid("2", 0, Currency::Eur)];
        let there = ways(&settings(None), false, &accounts, Currency::Eur);
        let choice = |text: &str| text.parse::<Choice>().unwrap();
        assert!(chosen(&there, &choice("balance")).is_none());
        assert!(chosen(&there, &choice("balance:2")).is_some());
        assert!(chosen(&there, &choice("balance:3")).is_none());
        assert!(chosen(&there, &choice("sandbox")).is_none());
        let one = ways(&settings(None), false, &accounts[..1], Currency::Eur);
        assert!(chosen(&one, &choice("balance")).is_some());
    }
}
