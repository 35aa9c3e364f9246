//! Company data and bank account, shared by portal, mails and documents.

use serde::{Deserialize, Serialize};

use crate::{
    FieldErrors,
    customer::{CountryCode, EmailAddress, check_line},
};

/// An account for transfers. The IBAN is checked (ISO 13616); the seed's `DE123456789` is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// „Kontoinhaber", exactly as the bank knows it (Verification of Payee).
    pub holder: String,
    /// Without spaces.
    pub iban: String,
    /// ISO 9362, eight or eleven characters; optional inside the EU.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bic: String,
    /// „Kreditinstitut".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bank: String,
}

impl BankAccount {
    /// Checks IBAN, BIC and lengths; `at` is the path of the account in the body.
    pub fn check(&self, at: &str, errors: &mut FieldErrors) {
        check_line(errors, &format!("{at}.bank"), &self.bank);
        let holder = self.holder.trim();
        errors.require(
            !holder.is_empty() && holder.chars().count() <= 70,
            &format!("{at}.holder"),
            "invalid",
            "must have 1 to 70 characters",
        );
        let iban_ok = self.iban.parse::<iban::Iban>().is_ok() && !self.iban.contains(' ');
        errors.require(iban_ok, &format!("{at}.iban"), "invalid", "is no valid IBAN (ISO 13616)");
        let bic = self.bic.as_bytes();
        let bic_ok = bic.is_empty()
            || (matches!(bic.len(), 8 | 11)
                && bic[..6].iter().all(u8::is_ascii_uppercase)
                && bic[6..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        errors.require(bic_ok, &format!("{at}.bic"), "invalid", "is no valid BIC (ISO 9362)");
    }

    /// The IBAN in groups of four.
    #[must_use]
    pub fn grouped_iban(&self) -> String {
        let groups: Vec<String> =
            self.iban.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        groups.join(" ")
    }

    /// „Bankleitzahl" and „Konto-Nummer" inside a German IBAN, as older forms ask for them: eight digits, and up to ten
    /// without the zeros in front.
    #[must_use]
    pub fn german_parts(&self) -> Option<(&str, &str)> {
        let digits = self.iban.strip_prefix("DE").filter(|rest| rest.len() == 20 && rest.is_ascii())?;
        Some((&digits[2..10], digits[10..].trim_start_matches('0')))
    }
}

/// Company data, shared by portal, mails and documents (M-51).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Company {
    /// Full legal name; the portal's name where it is set.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub city: String,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    /// As people dial it.
    pub phone: String,
    /// Where questions go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Without scheme, for example `webhosting.example`.
    pub website: String,
    /// „Steuernummer".
    pub tax_number: String,
    /// „USt-IdNr.".
    pub vat_id: String,
    /// For example „Amtsgericht Musterhausen, HRB 1234".
    pub register: String,
    /// For example „Vorstand: Anna Beispiel".
    pub management: String,
    /// For transfers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankAccount>,
}

impl Company {
    /// Checks limits, IBAN and BIC.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for (field, text) in [
            ("name", &self.name),
            ("street", &self.street),
            ("postal_code", &self.postal_code),
            ("city", &self.city),
            ("phone", &self.phone),
            ("website", &self.website),
            ("tax_number", &self.tax_number),
            ("vat_id", &self.vat_id),
            ("register", &self.register),
            ("management", &self.management),
        ] {
            check_line(&mut errors, field, text);
        }
        let site = self.website.trim();
        let name = site.strip_prefix("https://").or_else(|| site.strip_prefix("http://")).unwrap_or(site);
        let harmless = name.chars().all(|c| !c.is_whitespace() && !":<>\"'\\".contains(c));
        errors.require(
            name.is_empty() && site.is_empty() || (harmless && name.contains('.')),
            "website",
            "invalid",
            "must be a web address such as webhosting.example, of http or https",
        );
        if let Some(bank) = &self.bank {
            bank.check("bank", &mut errors);
        }
        errors.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_is_one() {
        let check = |website: &str| Company { website: website.to_owned(), ..Company::default() }.check();
        for good in
            ["", "webhosting.example", "www.webhosting.example/kontakt", "https://webhosting.example", "http://a.b"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "data:text/html.x", "https://", "webhosting", "a.b c", "ftp://a.b", "//a.b\"x"]
        {
            assert_eq!(check(bad).unwrap_err().0[0].field, "website", "{bad}");
        }
    }

    #[test]
    fn the_seeds_iban_is_refused() {
        let mut account = BankAccount {
            holder: "Max von Musterhausen".into(),
            iban: "DE123456789".into(),
            bic: "MUSTERBIC".into(),
            bank: String::new(),
        };
        let mut errors = FieldErrors::default();
        account.check("bank", &mut errors);
        assert_eq!(errors.0.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["bank.iban", "bank.bic"]);
        account.iban = "DE02120300000000202051".into();
        account.bic = "BYLADEM1001".into();
        let mut errors = FieldErrors::default();
        account.check("bank", &mut errors);
        assert_eq!(errors, FieldErrors::default());
        assert_eq!(account.grouped_iban(), "DE02 1203 0000 0000 2020 51");
        assert_eq!(account.german_parts(), Some(("12030000", "202051")));
        account.iban = "AT611904300234573201".into();
        assert_eq!(account.german_parts(), None);
    }
}
