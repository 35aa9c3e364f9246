//! A tenant and its settings: names, hosts, look, company, texts, login rules and what customers may see.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    FieldErrors, Language,
    customer::{CountryCode, EmailAddress, check_line},
    time::Zone,
};

/// The tenant's name in addresses, for example `webhosting-ag`; its sandbox is `webhosting-ag~sandbox`, a tenant of its
/// own (M-02).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct TenantSlug(String);

/// Suffix of a sandbox's slug.
const SANDBOX: &str = "~sandbox";

/// Names that must never become a tenant's host: they are the platform's, or look like it.
const RESERVED: [&str; 14] = [
    "www",
    "api",
    "admin",
    "app",
    "sandbox",
    "mail",
    "smtp",
    "static",
    "assets",
    "cdn",
    "status",
    "login",
    "backoffice",
    "portal",
];

impl TenantSlug {
    /// The slug as it stands in addresses of the platform API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it a sandbox?
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.0.ends_with(SANDBOX)
    }

    /// The sandbox beside this tenant; a sandbox has none.
    #[must_use]
    pub fn sandbox(&self) -> Option<Self> {
        (!self.is_sandbox()).then(|| Self(format!("{}{SANDBOX}", self.0)))
    }

    /// The host below a base domain: `webhosting-ag.example.com`, `webhosting-ag.sandbox.example.com` (M-01, M-02).
    #[must_use]
    pub fn host(&self, base_domain: &str) -> String {
        match self.0.strip_suffix(SANDBOX) {
            Some(name) => format!("{name}.sandbox.{base_domain}"),
            None => format!("{}.{base_domain}", self.0),
        }
    }
}

impl FromStr for TenantSlug {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_suffix(SANDBOX).unwrap_or(text);
        let label = (3..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-');
        if !label {
            return Err("must have 3 to 40 lower-case letters, digits and inner hyphens");
        }
        if RESERVED.contains(&name) { Err("is reserved") } else { Ok(Self(text.to_owned())) }
    }
}

impl TryFrom<String> for TenantSlug {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TenantSlug> for String {
    fn from(slug: TenantSlug) -> Self {
        slug.0
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct Colour(pub [u8; 3]);

impl FromStr for Colour {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a colour such as #0057b8";
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(WRONG)?;
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| WRONG);
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }
}

impl TryFrom<String> for Colour {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A picture that was re-encoded when it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// File name with content hash, below `/assets/`.
    pub file: String,
    /// Width in which it is shown, CSS pixels.
    pub width: u16,
    /// Height in which it is shown, at most 40 CSS pixels.
    pub height: u16,
}

/// Accent colour and logo (M-50, M-62). The derived sheet is computed once, when the colour is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// As the operator chose it.
    pub accent: Colour,
    /// The accent sheet derived from it, accessible in light and dark (B-07).
    pub theme_css: String,
    /// Link colour for mails on white, derived likewise.
    pub link: Colour,
    /// On light ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Picture>,
    /// On dark ground, if there is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_dark: Option<Picture>,
}

impl Branding {
    /// Accent of a tenant that chose none.
    pub const DEFAULT_ACCENT: Colour = Colour([0x00, 0x57, 0xb8]);
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            accent: Self::DEFAULT_ACCENT,
            theme_css: String::new(),
            link: Self::DEFAULT_ACCENT,
            logo: None,
            logo_dark: None,
        }
    }
}

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
        if let Some(bank) = &self.bank {
            bank.check("bank", &mut errors);
        }
        errors.into_result()
    }
}

/// One text in each language; a missing language falls back to the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct PerLanguage(pub BTreeMap<Language, String>);

impl PerLanguage {
    /// The text for a language, else the one there is.
    #[must_use]
    pub fn get(&self, language: Language) -> Option<&str> {
        let text = self.0.get(&language).or_else(|| self.0.get(&language.other()));
        text.map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// The operator's own texts („Dokumente und Texte", M-10). `source` is what was written (Markdown or HTML), `html` what is
/// shown: sanitised when it was saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnText {
    /// As the operator wrote it.
    pub source: PerLanguage,
    /// Sanitised HTML, safe to put into a page.
    pub html: PerLanguage,
}

/// The texts every page needs; they travel with the directory item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameTexts {
    /// Footer text (M-07).
    pub footer: OwnText,
    /// Welcome text (M-09).
    pub welcome: OwnText,
}

/// The long texts, each read by its own page only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegalTexts {
    /// „Impressum" (M-08).
    pub imprint: OwnText,
    /// „Datenschutz".
    pub privacy: OwnText,
    /// „Barrierefreiheit".
    pub accessibility: OwnText,
}

/// What is answered to an address no customer has (M-39).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownEmail {
    /// The page stays neutral; the error message goes to that address.
    #[default]
    ByEmail,
    /// The page says so.
    OnPage,
}

/// Who is logged in when customers share an address (M-40).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharedEmail {
    /// A chooser after the code, newest first.
    #[default]
    Choose,
    /// The most recently created one.
    Newest,
}

/// Rules of the login.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// See [`UnknownEmail`].
    pub unknown_email: UnknownEmail,
    /// See [`SharedEmail`].
    pub shared_email: SharedEmail,
    /// Where new customers go (M-33): an https address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signup_url: Option<String>,
    /// May new customers use the portal (M-93)? On unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_for_new_customers: Option<bool>,
}

impl Login {
    /// Checks the address.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if let Some(url) = &self.signup_url {
            let host = url.strip_prefix("https://").unwrap_or_default();
            let fits = url.len() <= 500
                && host.contains('.')
                && !url.chars().any(|c| c.is_whitespace() || c.is_control() || "\"'<>".contains(c));
            errors.require(fits, "signup_url", "invalid", "must be an https address of at most 500 characters");
        }
        errors.into_result()
    }

    /// May customers that are loaded from now on use the portal?
    #[must_use]
    pub fn new_customers_have_access(&self) -> bool {
        self.access_for_new_customers.unwrap_or(true)
    }
}

/// A part of the portal that can be switched off or made read-only (M-73, M-83).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// „Kundendaten".
    Data,
    /// „Ansprechpartner anzeigen".
    Contact,
    /// „Abonnements einsehen".
    Contracts,
    /// „Rechnungen anzeigen".
    Invoices,
}

impl Area {
    /// All areas, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Data, Self::Contact, Self::Contracts, Self::Invoices];
}

/// How far an area is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Not at all: no menu entry, 404.
    Off,
    /// May be looked at.
    View,
    /// May be changed.
    Change,
}

/// The switches of all areas; what is not set has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Areas(pub BTreeMap<Area, Right>);

impl Areas {
    /// How far an area is open. Everything is on view unless switched (product.md C; changing begins with the pages that
    /// can).
    #[must_use]
    pub fn right(&self, area: Area) -> Right {
        self.0.get(&area).copied().unwrap_or(Right::View)
    }
}

/// The operator's word for a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractWord {
    /// „Vertrag".
    #[default]
    Contract,
    /// „Abonnement".
    Subscription,
}

/// Everything about a tenant that every page needs. It travels as one directory item per host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Name in header, mails and titles.
    pub name: String,
    /// Language of people who ask for none.
    pub language: Language,
    /// Where days begin and end.
    pub zone: Zone,
    /// Word for a contract.
    pub contract_word: ContractWord,
    /// Look.
    pub branding: Branding,
    /// Company data.
    pub company: Company,
    /// Short texts.
    pub texts: FrameTexts,
    /// Login rules.
    pub login: Login,
    /// Switches.
    pub areas: Areas,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_a_tenant_of_its_own() {
        let slug: TenantSlug = "webhosting-ag".parse().unwrap();
        let sandbox = slug.sandbox().unwrap();
        assert_eq!(slug.host("localhost"), "webhosting-ag.localhost");
        assert_eq!(sandbox.host("localhost"), "webhosting-ag.sandbox.localhost");
        assert_eq!(sandbox.sandbox(), None);
        for wrong in
            ["", "ab", "Webhosting", "-abc", "abc-", "api", "sandbox", "a.b.c", "api~sandbox", "x~sandbox~sandbox"]
        {
            assert!(wrong.parse::<TenantSlug>().is_err(), "{wrong}");
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
    }
}
