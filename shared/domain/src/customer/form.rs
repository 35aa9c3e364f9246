//! What customers type about themselves: the fields of the forms, what each may hold, and what is wrong with it.
//!
//! An integrator may load anything. So only what differs from what is there is looked at: a field that was wrong before, and
//! that nobody touched, never keeps another one from being saved.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::{Address, CountryCode, CustomerFacts, EmailAddress, Salutation};
use crate::{
    FieldErrors, Pii, phone,
    postal::{self, NotAPostalCode},
    unseen::{is_break, is_unseen},
    vat_id::{NotAVatId, VatId},
};

macro_rules! fields {
    ($($name:ident = $code:literal;)*) => {
        /// A field of the forms, in the order in which they stand there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum Field {
            $(#[serde(rename = $code)] $name,)*
        }

        impl Field {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in a form, which is the API's too.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

fields! {
    Salutation = "salutation";
    Company = "company";
    FirstName = "first_name";
    LastName = "last_name";
    Name = "name";
    Phone1 = "phone1";
    Phone2 = "phone2";
    Mobile = "mobile";
    Line1 = "line1";
    Line2 = "line2";
    Line3 = "line3";
    PostalCode = "postal_code";
    City = "city";
    State = "state";
    Country = "country";
    InvoiceEmail = "invoice_email";
    TaxNumber = "tax_number";
    VatId = "vat_id";
}

impl Field {
    /// The lines of a postal address.
    pub const POSTAL: [Self; 7] =
        [Self::Line1, Self::Line2, Self::Line3, Self::PostalCode, Self::City, Self::State, Self::Country];

    /// Those without which nothing arrives.
    const NEEDED: [Self; 4] = [Self::Line1, Self::PostalCode, Self::City, Self::Country];

    /// Does it name somebody? Names stand in mails.
    const fn is_name(self) -> bool {
        matches!(self, Self::Company | Self::FirstName | Self::LastName | Self::Name)
    }

    /// The field of a form's input.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Where it stands in a body of the API whose address has this name.
    #[must_use]
    pub fn path(self, address: &str) -> String {
        if Self::POSTAL.contains(&self) { format!("{address}.{}", self.name()) } else { self.name().to_owned() }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is needed and empty.
    Missing,
    /// It has more than [`CustomerFacts::MAX_CHARS`].
    TooLong,
    /// It has characters nobody sees.
    Invisible,
    /// It is a name and holds what programs take for a web address.
    WebAddress,
    /// It is none of those that are offered.
    Unknown,
    /// It is no postal code of the country.
    PostalCode(NotAPostalCode),
    /// It is no phone number.
    Phone,
    /// It is no e-mail address.
    Email,
    /// It is no VAT id.
    VatId(NotAVatId),
}

/// One thing wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub field: Field,
    /// What.
    pub reason: Reason,
}

impl Flaw {
    /// Stable word and sentence for programs.
    fn in_english(self) -> (&'static str, String) {
        match self.reason {
            Reason::Missing if self.field == Field::LastName => {
                ("missing", "a company or a last name is needed".into())
            }
            Reason::Missing if self.field == Field::Name => ("missing", "a company or a name is needed".into()),
            Reason::Missing => ("missing", "is needed".into()),
            Reason::TooLong => ("too_long", format!("must have at most {} characters", CustomerFacts::MAX_CHARS)),
            Reason::Invisible => ("invalid", "must not contain characters that nobody sees".into()),
            Reason::WebAddress => ("invalid", "must not contain a web address".into()),
            Reason::Unknown if self.field == Field::Country => {
                ("unknown", "must be a country code of ISO 3166-1 such as DE".into())
            }
            Reason::Unknown => ("unknown", "must be `frau` or `herr`".into()),
            Reason::PostalCode(NotAPostalCode { example: Some(example), .. }) => {
                ("invalid", format!("must be written as in the country, for example {example}"))
            }
            Reason::PostalCode(_) => ("invalid", "must have 2 to 12 characters".into()),
            Reason::Phone => ("invalid", "must be a phone number of 5 to 15 digits".into()),
            Reason::Email => ("invalid", "must be an e-mail address such as name@example.org".into()),
            Reason::VatId(NotAVatId::CheckDigit) => ("check_digit", NotAVatId::CheckDigit.to_string()),
            Reason::VatId(NotAVatId::Country) => ("country", NotAVatId::Country.to_string()),
            Reason::VatId(format) => ("invalid", format.to_string()),
        }
    }
}

/// The same for programs, with the fields' places in a body whose address has this name.
#[must_use]
pub fn errors(flaws: &[Flaw], address: &str) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for flaw in flaws {
        let (code, message) = flaw.in_english();
        errors.add(flaw.field.path(address), code, message);
    }
    errors
}

/// What was typed, or what is there: a text for each field. A field that is not named stays as it is; what is none, a browser's
/// extension added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = BTreeMap<String, String>)]
pub struct Typed(BTreeMap<Field, Pii<String>>);

impl Typed {
    /// A customer's data as its form shows them.
    #[must_use]
    pub fn of(facts: &CustomerFacts) -> Self {
        let salutation = facts.salutation.map_or("", Salutation::code).to_owned();
        let invoice_email = facts.invoice_email.as_ref().map_or("", EmailAddress::as_str).to_owned();
        let mut typed = Self::of_address(&facts.billing_address);
        typed.0.extend([
            (Field::Salutation, salutation.into()),
            (Field::Company, facts.company.clone()),
            (Field::FirstName, facts.first_name.clone()),
            (Field::LastName, facts.last_name.clone()),
            (Field::Phone1, facts.phone1.clone()),
            (Field::Phone2, facts.phone2.clone()),
            (Field::Mobile, facts.mobile.clone()),
            (Field::InvoiceEmail, invoice_email.into()),
            (Field::TaxNumber, facts.tax_number.clone()),
            (Field::VatId, facts.vat_id.clone()),
        ]);
        typed
    }

    /// A postal address as a form shows it.
    #[must_use]
    pub fn of_address(address: &Address) -> Self {
        let country = address.country.as_ref().map_or("", CountryCode::as_str).to_owned();
        Self(BTreeMap::from([
            (Field::Line1, address.line1.clone()),
            (Field::Line2, address.line2.clone()),
            (Field::Line3, address.line3.clone()),
            (Field::PostalCode, address.postal_code.clone()),
            (Field::City, address.city.clone()),
            (Field::State, address.state.clone()),
            (Field::Country, country.into()),
        ]))
    }

    /// The text of a field; empty when there is none.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", |text| text.as_str())
    }

    /// Types a text.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        self.0.insert(field, Pii(text.into()));
    }

    /// What was typed, and where nothing was, what is there.
    #[must_use]
    pub fn over(mut self, there: &Self) -> Self {
        for (field, text) in &there.0 {
            self.0.entry(*field).or_insert_with(|| text.clone());
        }
        self
    }

    /// Fields that were typed and are not what is there.
    pub fn differing<'a>(&'a self, there: &'a Self) -> impl Iterator<Item = Field> + 'a {
        self.0.keys().copied().filter(move |field| self.differs(there, *field))
    }

    /// Blanks around a text are nobody's wish.
    fn differs(&self, there: &Self, field: Field) -> bool {
        self.0.get(&field).is_some_and(|text| text.trim() != there.get(field).trim())
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KnownFields)
    }
}

struct KnownFields;

impl<'de> Visitor<'de> for KnownFields {
    type Value = Typed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Typed, A::Error> {
        let mut typed = Typed::default();
        while let Some(name) = map.next_key::<String>()? {
            match Field::named(&name) {
                Some(field) => typed.set(field, map.next_value::<String>()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(typed)
    }
}

impl CustomerFacts {
    /// The facts with what their customer typed.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the fields.
    pub fn edited(&self, typed: &Typed) -> Result<Self, Vec<Flaw>> {
        let there = Typed::of(self);
        let mut edit = Edit::new(&there, typed);
        let facts = Self {
            salutation: edit.salutation(self.salutation),
            company: edit.line(Field::Company),
            first_name: edit.line(Field::FirstName),
            last_name: edit.line(Field::LastName),
            phone1: edit.phone(Field::Phone1),
            phone2: edit.phone(Field::Phone2),
            mobile: edit.phone(Field::Mobile),
            billing_address: edit.address(&self.billing_address),
            invoice_email: edit.email(self.invoice_email.as_ref()),
            tax_number: edit.line(Field::TaxNumber),
            vat_id: edit.vat_id(),
            ..self.clone()
        };
        edit.one_of(Field::Company, Field::LastName, Begun::WhenGiven);
        edit.complete(facts.billing_address.country, Begun::WhenGiven);
        edit.done(facts)
    }
}

/// Programs that show mails make links of such words, whoever wrote them.
fn holds_web_address(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("://") || text.contains("www.")
}

/// When is looked for what is needed?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Once somebody touched or gave a part of it.
    WhenGiven,
    /// Always.
    Always,
}

/// Reads what was typed, field by field, and collects what is wrong.
#[derive(Debug)]
pub(crate) struct Edit<'a> {
    there: &'a Typed,
    typed: &'a Typed,
    flaws: Vec<Flaw>,
}

impl<'a> Edit<'a> {
    pub(crate) const fn new(there: &'a Typed, typed: &'a Typed) -> Self {
        Self { there, typed, flaws: Vec::new() }
    }

    /// The result, unless something is wrong.
    pub(crate) fn done<T>(mut self, result: T) -> Result<T, Vec<Flaw>> {
        self.flaws.sort_by_key(|flaw| flaw.field);
        if self.flaws.is_empty() { Ok(result) } else { Err(self.flaws) }
    }

    fn is_changed(&self, field: Field) -> bool {
        self.typed.differs(self.there, field)
    }

    /// The text it has from now on.
    fn after(&self, field: Field) -> &'a str {
        if self.is_changed(field) { self.typed.get(field).trim() } else { self.there.get(field) }
    }

    fn is_empty(&self, field: Field) -> bool {
        self.after(field).trim().is_empty()
    }

    /// A field has one flaw: the first that was found.
    fn flawed(&mut self, field: Field, reason: Reason) {
        if self.flaws.iter().all(|flaw| flaw.field != field) {
            self.flaws.push(Flaw { field, reason });
        }
    }

    /// One line of text.
    pub(crate) fn line(&mut self, field: Field) -> Pii<String> {
        let text = self.after(field);
        if self.is_changed(field) {
            if text.chars().count() > CustomerFacts::MAX_CHARS {
                self.flawed(field, Reason::TooLong);
            }
            if text.chars().any(|c| is_unseen(c) || is_break(c)) {
                self.flawed(field, Reason::Invisible);
            }
            if field.is_name() && holds_web_address(text) {
                self.flawed(field, Reason::WebAddress);
            }
        }
        Pii(text.to_owned())
    }

    /// At least one of two fields is needed; what lacks stands at the second.
    pub(crate) fn one_of(&mut self, first: Field, second: Field, begun: Begun) {
        let touched = begun == Begun::Always || self.is_changed(first) || self.is_changed(second);
        if touched && self.is_empty(first) && self.is_empty(second) {
            self.flawed(second, Reason::Missing);
        }
    }

    /// A postal address; [`Self::complete`] says what it lacks.
    pub(crate) fn address(&mut self, there: &Address) -> Address {
        let country = self.country(there.country);
        Address {
            line1: self.line(Field::Line1),
            line2: self.line(Field::Line2),
            line3: self.line(Field::Line3),
            postal_code: self.postal_code(country),
            city: self.line(Field::City),
            state: self.line(Field::State),
            country,
        }
    }

    /// What an address lacks is told where it was taken away, or where the address has only begun.
    pub(crate) fn complete(&mut self, country: Option<CountryCode>, begun: Begun) {
        let was_empty = Field::POSTAL.iter().all(|field| self.there.get(*field).trim().is_empty());
        let is_given = Field::POSTAL.iter().any(|field| !self.is_empty(*field));
        if !is_given && begun == Begun::WhenGiven {
            return;
        }
        for field in Field::NEEDED {
            let has_none = field == Field::PostalCode && country.is_some_and(postal::has_none);
            if self.is_empty(field) && (was_empty || self.is_changed(field)) && !has_none {
                self.flawed(field, Reason::Missing);
            }
        }
    }

    fn salutation(&mut self, there: Option<Salutation>) -> Option<Salutation> {
        match self.after(Field::Salutation) {
            _ if !self.is_changed(Field::Salutation) => there,
            "" => None,
            code => {
                let salutation = Salutation::named(code);
                if salutation.is_none() {
                    self.flawed(Field::Salutation, Reason::Unknown);
                }
                salutation
            }
        }
    }

    fn country(&mut self, there: Option<CountryCode>) -> Option<CountryCode> {
        match self.after(Field::Country) {
            _ if !self.is_changed(Field::Country) => there,
            "" => None,
            code => {
                let country = CountryCode::try_from(code.to_owned()).ok().filter(CountryCode::is_assigned);
                if country.is_none() {
                    self.flawed(Field::Country, Reason::Unknown);
                }
                country
            }
        }
    }

    /// A postal code belongs to its country, so it is looked at when either changed.
    fn postal_code(&mut self, country: Option<CountryCode>) -> Pii<String> {
        let line = self.line(Field::PostalCode);
        let touched = self.is_changed(Field::PostalCode) || self.is_changed(Field::Country);
        let Some(country) = country.filter(|_| touched && !line.trim().is_empty()) else { return line };
        match postal::read(country, &line) {
            Ok(code) => Pii(code),
            Err(wrong) => {
                self.flawed(Field::PostalCode, Reason::PostalCode(wrong));
                line
            }
        }
    }

    fn phone(&mut self, field: Field) -> Pii<String> {
        let line = self.line(field);
        if self.is_changed(field) && !line.is_empty() && !phone::is_phone_number(&line) {
            self.flawed(field, Reason::Phone);
        }
        line
    }

    fn email(&mut self, there: Option<&EmailAddress>) -> Option<EmailAddress> {
        match self.after(Field::InvoiceEmail) {
            _ if !self.is_changed(Field::InvoiceEmail) => there.cloned(),
            "" => None,
            text => {
                let is_plain = |_: &EmailAddress| !text.chars().any(is_unseen);
                let address = text.parse::<EmailAddress>().ok().filter(is_plain);
                if address.is_none() {
                    self.flawed(Field::InvoiceEmail, Reason::Email);
                }
                address
            }
        }
    }

    fn vat_id(&mut self) -> Pii<String> {
        let line = self.line(Field::VatId);
        if !self.is_changed(Field::VatId) || line.is_empty() {
            return line;
        }
        match line.parse::<VatId>() {
            Ok(id) => Pii(id.as_str().to_owned()),
            Err(wrong) => {
                self.flawed(Field::VatId, Reason::VatId(wrong));
                line
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(Field, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.set(*field, *text);
        }
        typed
    }

    /// The customer of the specification.
    fn tine() -> CustomerFacts {
        let fields = [
            (Field::Salutation, "frau"),
            (Field::Company, "Example GmbH"),
            (Field::LastName, "Tine"),
            (Field::Line1, "Exempel Gasse 1"),
            (Field::PostalCode, "56789"),
            (Field::City, "Rosahausen"),
            (Field::Country, "DE"),
        ];
        CustomerFacts::default().edited(&typed(&fields)).unwrap()
    }

    fn flaws(facts: &CustomerFacts, fields: &[(Field, &str)]) -> Vec<(Field, Reason)> {
        let flaws = facts.edited(&typed(fields)).unwrap_err();
        flaws.into_iter().map(|flaw| (flaw.field, flaw.reason)).collect()
    }

    #[test]
    fn names_in_forms_are_those_of_programs() {
        for field in Field::ALL {
            assert_eq!(serde_json::to_value(field).unwrap(), field.name());
            assert_eq!(Field::named(field.name()), Some(*field));
        }
        assert_eq!(Field::City.path("billing_address"), "billing_address.city");
        assert_eq!(Field::VatId.path("billing_address"), "vat_id");
    }

    #[test]
    fn what_is_no_field_is_left_out() {
        let sent = serde_json::json!({ "city": "Neustadt", "extension": ["1", "2"], "another": "" });
        let read: Typed = serde_json::from_value(sent).unwrap();
        assert_eq!(read, typed(&[(Field::City, "Neustadt")]));
        assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::json!({ "city": "Neustadt" }));
    }

    #[test]
    fn what_is_typed_becomes_facts_in_their_usual_form() {
        let changed = tine().edited(&typed(&[
            (Field::Salutation, ""),
            (Field::Phone1, " +49 441 123456 "),
            (Field::PostalCode, "1012ab"),
            (Field::Country, "NL"),
            (Field::InvoiceEmail, "Rechnung@Example.ORG"),
            (Field::VatId, "de 123 456 788"),
        ]));
        let facts = changed.unwrap();
        assert_eq!((facts.salutation, facts.phone1.as_str()), (None, "+49 441 123456"));
        assert_eq!(facts.billing_address.postal_code.as_str(), "1012 AB");
        assert_eq!(facts.invoice_email.unwrap().as_str(), "Rechnung@example.org");
        assert_eq!((facts.vat_id.as_str(), facts.company.as_str()), ("DE123456788", "Example GmbH"));
    }

    #[test]
    fn what_is_wrong_is_told_in_the_order_of_the_fields() {
        let long = "x".repeat(CustomerFacts::MAX_CHARS + 1);
        let found = flaws(
            &tine(),
            &[
                (Field::VatId, "DE123456789"),
                (Field::InvoiceEmail, "tine@"),
                (Field::Country, "XX"),
                (Field::City, ""),
                (Field::Phone1, "Büro"),
                (Field::FirstName, "a\u{7}b"),
                (Field::Company, long.as_str()),
                (Field::Salutation, "dame"),
            ],
        );
        let wanted = [
            (Field::Salutation, Reason::Unknown),
            (Field::Company, Reason::TooLong),
            (Field::FirstName, Reason::Invisible),
            (Field::Phone1, Reason::Phone),
            (Field::City, Reason::Missing),
            (Field::Country, Reason::Unknown),
            (Field::InvoiceEmail, Reason::Email),
            (Field::VatId, Reason::VatId(NotAVatId::CheckDigit)),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn nothing_hides_in_a_line() {
        for hidden in ["Ti\u{202e}ne", "Ti\u{200b}ne", "Ti\u{ad}ne", "Ti\u{2028}ne", "Ti\nne"] {
            for field in [Field::LastName, Field::City, Field::TaxNumber] {
                assert_eq!(flaws(&tine(), &[(field, hidden)]), [(field, Reason::Invisible)], "{hidden:?}");
            }
        }
        let mailbox = "rech\u{200b}nung@example.org";
        assert_eq!(flaws(&tine(), &[(Field::InvoiceEmail, mailbox)]), [(Field::InvoiceEmail, Reason::Email)]);
        assert!(tine().edited(&typed(&[(Field::LastName, "Çelik-O’Néill\u{a0}語")])).is_ok());
    }

    #[test]
    fn a_name_is_no_link() {
        for text in ["Gewinn! https://example.net", "WWW.example.net", "ftp://x"] {
            for field in [Field::Company, Field::FirstName, Field::LastName] {
                assert_eq!(flaws(&tine(), &[(field, text)]), [(field, Reason::WebAddress)], "{text}");
            }
        }
        for text in ["Example.com GmbH", "A: // B", "Wwwagner & Söhne"] {
            assert!(tine().edited(&typed(&[(Field::Company, text)])).is_ok(), "{text}");
        }
        assert!(tine().edited(&typed(&[(Field::Line2, "www.example.net")])).is_ok());
    }

    #[test]
    fn somebody_must_be_left_to_greet() {
        let wanted = [(Field::LastName, Reason::Missing)];
        assert_eq!(flaws(&tine(), &[(Field::Company, " "), (Field::LastName, "")]), wanted);
        assert!(tine().edited(&typed(&[(Field::Company, "")])).is_ok());
    }

    #[test]
    fn an_address_is_whole_or_not_there() {
        let empty = CustomerFacts { billing_address: Address::default(), ..tine() };
        let lacking = [Field::PostalCode, Field::City, Field::Country].map(|field| (field, Reason::Missing));
        assert_eq!(flaws(&empty, &[(Field::Line1, "Am Anfang 1")]), lacking);
        assert_eq!(flaws(&tine(), &[(Field::City, "")]), [(Field::City, Reason::Missing)]);
        let gone = Field::POSTAL.map(|field| (field, ""));
        assert_eq!(tine().edited(&typed(&gone)).unwrap().billing_address, Address::default());
        // Hong Kong has no postal codes.
        let abroad = [(Field::Line1, "1 Harbour Road"), (Field::City, "Wan Chai"), (Field::Country, "HK")];
        assert!(empty.edited(&typed(&abroad)).is_ok());
    }

    #[test]
    fn another_country_asks_for_its_own_postal_code() {
        let found = flaws(&tine(), &[(Field::Country, "AT")]);
        let wrong = NotAPostalCode { example: Some("1010"), digits: Some(4) };
        assert_eq!(found, [(Field::PostalCode, Reason::PostalCode(wrong))]);
    }

    #[test]
    fn what_was_wrong_before_and_is_untouched_keeps_nothing_from_being_saved() {
        let wrong = CustomerFacts {
            phone1: "Büro".to_owned().into(),
            vat_id: "DE123456789".to_owned().into(),
            billing_address: Address { postal_code: "1".to_owned().into(), ..Address::default() },
            last_name: String::new().into(),
            company: String::new().into(),
            ..tine()
        };
        let all = typed(&[(Field::FirstName, "Anna")]).over(&Typed::of(&wrong));
        let saved = wrong.edited(&all).unwrap();
        assert_eq!(saved, CustomerFacts { first_name: "Anna".to_owned().into(), ..wrong.clone() });
        assert_eq!(flaws(&wrong, &[(Field::Phone1, "Büro 2")]), [(Field::Phone1, Reason::Phone)]);
        // Its town may be given while its street still lacks.
        assert!(wrong.edited(&typed(&[(Field::City, "Rosahausen")])).is_ok());
    }

    #[test]
    fn programs_are_told_where_and_why() {
        let flaws = [Flaw { field: Field::City, reason: Reason::Missing }];
        assert_eq!(errors(&flaws, "address"), FieldErrors::one("address.city", "missing", "is needed"));
    }

    proptest::proptest! {
        #[test]
        fn what_equals_the_present_changes_nothing(text in "[ -~äöü]{0,40}", blank in " {0,2}") {
            let facts = CustomerFacts {
                phone1: text.clone().into(),
                vat_id: text.clone().into(),
                billing_address: Address { postal_code: text.clone().into(), city: text.into(), ..Address::default() },
                ..tine()
            };
            let there = Typed::of(&facts);
            let mut again = Typed::default();
            for field in Field::ALL {
                again.set(*field, format!("{blank}{}{blank}", there.get(*field)));
            }
            assert_eq!(facts.edited(&again), Ok(facts));
        }

        #[test]
        fn what_was_saved_can_be_shown_and_saved_again(texts in proptest::collection::vec("[ -~äöü]{1,20}", FREE.len())) {
            let mut typed = Typed::default();
            for (field, text) in FREE.iter().zip(&texts) {
                typed.set(*field, text.as_str());
            }
            let is_refused = |text: &String| text.trim().is_empty() || holds_web_address(text);
            match tine().edited(&typed) {
                Ok(facts) => {
                    assert_eq!(facts.edited(&Typed::of(&facts)), Ok(facts.clone()));
                    assert!(facts.check().is_ok());
                }
                Err(flaws) => assert!(texts.iter().any(is_refused), "{flaws:?}"),
            }
        }
    }

    /// Fields in which any line may stand.
    const FREE: [Field; 9] = [
        Field::Company,
        Field::FirstName,
        Field::LastName,
        Field::Line1,
        Field::Line2,
        Field::Line3,
        Field::City,
        Field::State,
        Field::TaxNumber,
    ];
}
