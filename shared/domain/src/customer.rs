//! A customer: who it is, where bills go, how to address it, and the contact person it was given.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    FieldErrors, Language, Pii,
    change::{Actor, Change, Event, EventKind, Way},
    id::{AddressId, PaymentMethodId},
    number::{ContactNumber, CustomerNumber},
};

mod changes;
pub mod form;

/// How a person is addressed; many people have none (M-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Salutation {
    Frau,
    Herr,
}

impl Salutation {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Frau, Self::Herr];

    /// As programs and forms name it: `frau`, `herr`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Frau => "frau",
            Self::Herr => "herr",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|salutation| salutation.code() == code)
    }
}

/// Where the customer stands for value added tax (M-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxRegion {
    /// Inland.
    #[default]
    Domestic,
    /// EU-Ausland.
    EuropeanUnion,
    /// Drittland.
    ThirdCountry,
}

impl TaxRegion {
    /// As programs name it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::EuropeanUnion => "european_union",
            Self::ThirdCountry => "third_country",
        }
    }
}

/// Every code that ISO 3166-1 has given to a country.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// ISO 3166-1 alpha-2 code, for example `DE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }

    /// Has ISO given it to a country? What an integrator loads only has the shape of one.
    #[must_use]
    pub fn is_assigned(&self) -> bool {
        ASSIGNED.split_whitespace().any(|code| code == self.as_str())
    }

    /// All that are given to a country, by their letters.
    pub fn assigned() -> impl Iterator<Item = Self> {
        ASSIGNED.split_whitespace().filter_map(|code| Self::try_from(code.to_owned()).ok())
    }
}

impl TryFrom<String> for CountryCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([*a, *b])),
            _ => Err("must be a two-letter country code of ISO 3166-1 such as DE"),
        }
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.as_str().to_owned()
    }
}

/// An e-mail address: shape checked, host in lower case; whether it exists only a mail can tell.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Longest address SMTP carries (RFC 5321 §4.5.3.1.3).
    pub const MAX_BYTES: usize = 254;

    /// The address as it was written, host in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which an address is looked up: all lower case, because no provider in use tells them apart.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// Where mail to it ends: most providers put `tine+anything@` into the mailbox of `tine@`. For limits only.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let folded = self.folded();
        let Some((local, host)) = folded.rsplit_once('@') else { return folded };
        format!("{}@{host}", local.split('+').next().unwrap_or_default())
    }

    /// Does any mail go there? SES takes no letters but ASCII before the `@`, and only hosts that are names or addresses.
    #[must_use]
    pub fn takes_mail(&self) -> bool {
        self.ascii().is_some()
    }

    /// The address in the letters SES takes: an international host as punycode, other local parts not at all.
    #[must_use]
    pub fn ascii(&self) -> Option<String> {
        let (local, host) = self.0.rsplit_once('@')?;
        let host = url::Host::parse(host).ok()?;
        local.is_ascii().then(|| format!("{local}@{host}"))
    }

    /// `t•••@example.org`: recognised by whoever knows it, of little use to anybody else.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, host) = self.0.rsplit_once('@').unwrap_or_default();
        format!("{}•••@{host}", local.chars().take(1).collect::<String>())
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be an e-mail address such as name@example.org";
        let (local, host) = text.trim().rsplit_once('@').ok_or(WRONG)?;
        // Lower case first: what is kept must pass this again, and some letters become others by it.
        let host = host.to_lowercase();
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[],;:\\\"".contains(c);
        let host_ok = host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        if local.is_empty() || local.contains('@') || local.len() > 64 || !local.chars().all(plain) || !host_ok {
            return Err(WRONG);
        }
        let address = format!("{local}@{host}");
        if address.len() > Self::MAX_BYTES { Err(WRONG) } else { Ok(Self(address)) }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[pii]")
    }
}

/// A postal address in the fields of M-13.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// Street and number („Adresse 1").
    #[serde(skip_serializing_if = "nothing")]
    pub line1: Pii<String>,
    /// „Adresse 2".
    #[serde(skip_serializing_if = "nothing")]
    pub line2: Pii<String>,
    /// „Adresse 3".
    #[serde(skip_serializing_if = "nothing")]
    pub line3: Pii<String>,
    /// „PLZ".
    #[serde(skip_serializing_if = "nothing")]
    pub postal_code: Pii<String>,
    /// „Ort".
    #[serde(skip_serializing_if = "nothing")]
    pub city: Pii<String>,
    /// „Staat": federal state or province.
    #[serde(skip_serializing_if = "nothing")]
    pub state: Pii<String>,
    /// „Land".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
}

fn nothing(text: &Pii<String>) -> bool {
    text.is_empty()
}

/// Everything the tenant's system says about a customer; empty fields stay empty (M-15).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerFacts {
    /// „Anrede".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salutation: Option<Salutation>,
    /// „Firma".
    #[serde(skip_serializing_if = "nothing")]
    pub company: Pii<String>,
    /// „Vorname".
    #[serde(skip_serializing_if = "nothing")]
    pub first_name: Pii<String>,
    /// „Nachname".
    #[serde(skip_serializing_if = "nothing")]
    pub last_name: Pii<String>,
    /// „Telefon 1".
    #[serde(skip_serializing_if = "nothing")]
    pub phone1: Pii<String>,
    /// „Telefon 2".
    #[serde(skip_serializing_if = "nothing")]
    pub phone2: Pii<String>,
    /// „Mobil".
    #[serde(skip_serializing_if = "nothing")]
    pub mobile: Pii<String>,
    /// The login address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// „Rechnungsanschrift".
    pub billing_address: Address,
    /// „E-Mail für Rechnungen"; without it invoices go to the login address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_email: Option<EmailAddress>,
    /// „Steuerregion".
    pub tax_region: TaxRegion,
    /// „Steuernummer".
    #[serde(skip_serializing_if = "nothing")]
    pub tax_number: Pii<String>,
    /// „EU-USt-IdNr.".
    #[serde(skip_serializing_if = "nothing")]
    pub vat_id: Pii<String>,
    /// „Zahlungsart" in the operator's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payment_type: String,
    /// Language of mails and documents; without it the tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The assigned contact person (M-81).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactNumber>,
}

impl CustomerFacts {
    /// Longest text of one field, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Checks the limits and that there is somebody to greet.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let address = &self.billing_address;
        for (field, text) in [
            ("company", &self.company),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("phone1", &self.phone1),
            ("phone2", &self.phone2),
            ("mobile", &self.mobile),
            ("tax_number", &self.tax_number),
            ("vat_id", &self.vat_id),
            ("billing_address.line1", &address.line1),
            ("billing_address.line2", &address.line2),
            ("billing_address.line3", &address.line3),
            ("billing_address.postal_code", &address.postal_code),
            ("billing_address.city", &address.city),
            ("billing_address.state", &address.state),
        ] {
            check_line(&mut errors, field, text);
        }
        check_line(&mut errors, "payment_type", &self.payment_type);
        if self.company.is_empty() && self.last_name.is_empty() {
            errors.missing("last_name", "a customer needs a company or a last name");
        }
        errors.into_result()
    }

    /// How the customer is greeted: „Frau Exemplus Tine", without a person the company (M-05).
    #[must_use]
    pub fn display_name(&self) -> String {
        let person = [self.first_name.as_str(), self.last_name.as_str()].join(" ");
        match person.trim() {
            "" => self.company.0.clone(),
            person => person.to_owned(),
        }
    }

    /// The name staff search by: company first, folded to lower case, never with the key separator.
    #[must_use]
    pub fn sort_name(&self) -> String {
        let name = [self.company.as_str(), self.last_name.as_str(), self.first_name.as_str()].join(" ");
        name.trim().to_lowercase().chars().filter(|c| *c != '#').take(80).collect()
    }
}

/// One line of text: bounded, without control characters.
pub fn check_line(errors: &mut FieldErrors, field: &str, text: &str) {
    if text.chars().count() > CustomerFacts::MAX_CHARS {
        errors.add(field, "too_long", format!("must have at most {} characters", CustomerFacts::MAX_CHARS));
    }
    if text.chars().any(char::is_control) {
        errors.add(field, "invalid", "must not contain control characters");
    }
}

/// A customer as the portal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Customer {
    /// „Kundennummer".
    pub number: CustomerNumber,
    /// May this customer use the portal (M-94)?
    pub access: bool,
    /// When it was first loaded; decides who is „the newest" behind a shared address (M-40).
    pub created_at: Timestamp,
    /// The way to pay that future contracts and invoices use (M-79, M-89).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_method: Option<PaymentMethodId>,
    /// The billing address that future contracts and invoices use (M-78); without one it is that of the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_address: Option<AddressId>,
    /// Everything else.
    #[serde(flatten)]
    pub facts: CustomerFacts,
}

impl Customer {
    /// A customer that appears for the first time.
    #[must_use]
    pub fn create(
        number: CustomerNumber,
        facts: CustomerFacts,
        access: bool,
        actor: Actor,
        now: Timestamp,
    ) -> Change<Self> {
        let event = Event::new(EventKind::CustomerCreated, actor, now, number.as_str());
        let next = Self { number, access, created_at: now, default_method: None, default_address: None, facts };
        Change::new(next, event)
    }

    /// New facts. `None` when nothing differs, so that a retry writes nothing.
    #[must_use]
    pub fn update(&self, facts: CustomerFacts, actor: Actor, now: Timestamp) -> Option<Change<Self>> {
        self.with_facts(facts, Event::new(EventKind::CustomerUpdated, actor, now, self.number.as_str()))
    }

    /// What the customer made of them in the portal. `None` when nothing differs.
    #[must_use]
    pub fn edit(&self, facts: CustomerFacts, way: Way, now: Timestamp) -> Option<Change<Self>> {
        self.with_facts(
            facts,
            Event::new(EventKind::CustomerUpdated, Actor::Customer, now, self.number.as_str()).by(way),
        )
    }

    fn with_facts(&self, facts: CustomerFacts, event: Event) -> Option<Change<Self>> {
        if facts == self.facts {
            return None;
        }
        let event = self.facts.tell(&facts, event);
        Some(Change::new(Self { facts, ..self.clone() }, event))
    }

    /// Chooses the billing address of future contracts and invoices; none is that of the facts. `None` when nothing differs.
    #[must_use]
    pub fn set_default_address(&self, address: Option<&AddressId>, way: Way, now: Timestamp) -> Option<Change<Self>> {
        if address == self.default_address.as_ref() {
            return None;
        }
        let name = |address: Option<&AddressId>| address.map_or("", AddressId::as_str).to_owned();
        let event = Event::new(EventKind::AddressDefault, Actor::Customer, now, self.number.as_str()).by(way).changing(
            "default_address",
            name(self.default_address.as_ref()),
            name(address),
        );
        Some(Change::new(Self { default_address: address.cloned(), ..self.clone() }, event))
    }

    /// Grants or takes access to the portal (M-94). `None` when nothing differs.
    #[must_use]
    pub fn set_access(&self, access: bool, actor: Actor, now: Timestamp) -> Option<Change<Self>> {
        if access == self.access {
            return None;
        }
        let event = Event::new(EventKind::CustomerAccessChanged, actor, now, self.number.as_str())
            .with("access", if access { "granted" } else { "revoked" });
        Some(Change::new(Self { access, ..self.clone() }, event))
    }

    /// Sets the way to pay that is used where nothing else was chosen, or none. `None` when nothing differs.
    #[must_use]
    pub fn set_default_method(
        &self,
        method: Option<&PaymentMethodId>,
        actor: Actor,
        now: Timestamp,
    ) -> Option<Change<Self>> {
        if method == self.default_method.as_ref() {
            return None;
        }
        let to = method.map_or("none", PaymentMethodId::as_str);
        let from = self.default_method.as_ref().map_or("none", PaymentMethodId::as_str);
        let event = Event::new(EventKind::PaymentMethodDefault, actor, now, to).with("from", from);
        Some(Change::new(Self { default_method: method.cloned(), ..self.clone() }, event))
    }

    /// Where mails about contracts go: to whoever signs in, who has proved the address; without one where invoices go.
    #[must_use]
    pub fn contract_address(&self) -> Option<&EmailAddress> {
        self.facts.email.as_ref().or(self.facts.invoice_email.as_ref())
    }

    /// Where invoices go: their own address, else the login address (M-13).
    #[must_use]
    pub fn invoice_address(&self) -> Option<&EmailAddress> {
        self.facts.invoice_email.as_ref().or(self.facts.email.as_ref())
    }
}

/// „Persönlicher Ansprechpartner" (M-81).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Full name.
    pub name: String,
    /// What the person does, for example „Kundenbetreuung Geschäftskunden".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// As people dial it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Where the customer may write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
}

impl Contact {
    /// Checks the limits.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.name.trim().is_empty() {
            errors.missing("name", "a contact person needs a name");
        }
        for (field, text) in [("name", &self.name), ("role", &self.role), ("phone", &self.phone)] {
            check_line(&mut errors, field, text);
        }
        errors.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_folded() {
        let address: EmailAddress = " Tine@Example.ORG ".parse().unwrap();
        assert_eq!(address.as_str(), "Tine@example.org");
        assert_eq!(address.folded(), "tine@example.org");
        for wrong in ["", "tine", "@example.org", "a@b", "a b@example.org", "a@-x.de", "a@b@c.de", "a\n@example.org"] {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_says_where_its_mail_goes_and_hides_whose_it_is() {
        let address = |text: &str| text.parse::<EmailAddress>().unwrap();
        assert_eq!(address("Tine+shop@Example.org").mailbox(), "tine@example.org");
        assert_eq!(address("tine@example.org").mailbox(), "tine@example.org");
        assert_eq!(address("tine@example.org").masked(), "t•••@example.org");
        assert_eq!(address("örtlich@example.org").masked(), "ö•••@example.org");
        for (text, takes_mail) in [("a@example.org", true), ("a@grün.example", true), ("jörg@example.org", false)] {
            assert_eq!(address(text).takes_mail(), takes_mail, "{text}");
        }
    }

    #[test]
    fn an_address_that_is_kept_can_be_read_again() {
        let long = format!("{}@x.org", "İ".repeat(32));
        for text in ["a@İx.org", "a@ẞx.de", "İ@x.org", long.as_str(), "Tine@Example.ORG"] {
            let Ok(address) = text.parse::<EmailAddress>() else { continue };
            let written = serde_json::to_string(&address).unwrap();
            assert_eq!(serde_json::from_str::<EmailAddress>(&written).unwrap(), address, "{text}");
        }
    }

    #[test]
    fn a_company_without_a_person_is_greeted_by_its_name() {
        let company = CustomerFacts { company: "Example GmbH".to_owned().into(), ..Default::default() };
        assert_eq!(company.display_name(), "Example GmbH");
        let person =
            CustomerFacts { first_name: "Exemplus".to_owned().into(), last_name: "Tine".to_owned().into(), ..company };
        assert_eq!(person.display_name(), "Exemplus Tine");
    }

    #[test]
    fn a_country_is_one_that_iso_knows() {
        let code = |text: &str| CountryCode::try_from(text.to_owned()).unwrap();
        assert!(code("DE").is_assigned() && code("ZW").is_assigned() && !code("XX").is_assigned());
        assert_eq!(CountryCode::assigned().count(), 249);
    }

    #[test]
    fn codes_are_what_programs_send() {
        for salutation in Salutation::ALL {
            assert_eq!(serde_json::to_value(salutation).unwrap(), salutation.code());
            assert_eq!(Salutation::named(salutation.code()), Some(salutation));
        }
        for region in [TaxRegion::Domestic, TaxRegion::EuropeanUnion, TaxRegion::ThirdCountry] {
            assert_eq!(serde_json::to_value(region).unwrap(), region.code());
        }
    }

    #[test]
    fn personal_data_is_not_printed() {
        let facts = CustomerFacts {
            last_name: "Tine".to_owned().into(),
            email: Some("tine@example.org".parse().unwrap()),
            ..Default::default()
        };
        let printed = format!("{facts:?}");
        assert!(!printed.contains("Tine") && !printed.contains("tine@"), "{printed}");
    }
}
