//! What ways to pay are called, those that a customer keeps here too.

use domain::{payment::Method, payment_method::Shown};

use crate::Words;

impl Words {
    /// „Kreditkarte", as people say it.
    #[must_use]
    pub fn method_name(&self, method: Method) -> &'static str {
        match method {
            Method::Sandbox => self.pay_method_sandbox(),
            Method::Card => self.pay_method_card(),
            Method::Paypal => self.pay_method_paypal(),
            Method::OnlineBanking => self.pay_method_online(),
            Method::SepaDebit => self.pay_method_debit(),
            Method::BankTransfer => self.pay_method_transfer(),
            Method::Balance => self.pay_method_balance(),
        }
    }

    /// „Visa, endet auf 4242".
    #[must_use]
    pub fn kept_method(&self, method: Method, shown: &Shown) -> String {
        match shown {
            Shown::Test { label } => self.methods_test(match label.as_str() {
                "declines" => self.methods_test_declines(),
                "waits" => self.methods_test_waits(),
                _ => self.methods_test_pays(),
            }),
            Shown::Card { brand, last4, .. } => self.methods_ends_in(last4, brand_name(brand)),
            Shown::Account { last4, bank, .. } if bank.is_empty() => {
                self.methods_ends_in(last4, self.pay_method_debit())
            }
            Shown::Account { last4, bank, .. } => {
                self.methods_ends_in(last4, format!("{}, {bank}", self.pay_method_debit()))
            }
            Shown::Wallet { email } if method == Method::Paypal => self.methods_paypal_of(email.as_str()),
            Shown::Wallet { email } => email.to_string(),
        }
    }
}

/// The brand as its owner writes it; one that is not known here as the provider says it.
fn brand_name(brand: &str) -> String {
    match brand {
        "visa" => "Visa".to_owned(),
        "mastercard" => "Mastercard".to_owned(),
        "amex" | "american-express" => "American Express".to_owned(),
        "maestro" => "Maestro".to_owned(),
        "diners" => "Diners Club".to_owned(),
        "discover" => "Discover".to_owned(),
        "jcb" => "JCB".to_owned(),
        "unionpay" => "UnionPay".to_owned(),
        "cartes_bancaires" | "carte-bancaire" => "Cartes Bancaires".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}
