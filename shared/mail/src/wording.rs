//! The words of mails that a tenant may word itself: the built-in ones, and what its own ones may not do.

use domain::{
    FieldErrors, Language,
    document::DocumentType,
    mail_template::{MailKind, MailText, parse},
};
use pulldown_cmark::{Event, Tag};

use crate::{
    BrokenTemplate, Template,
    mails::built_in,
    marked::{Marked, events},
    template::linked,
};

/// Deepest nesting of a text; nobody writes more, and readers of trees recurse.
const MAX_DEPTH: usize = 50;

/// The words that hold until a tenant has its own.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn built_in_text(mail: MailKind, language: Language) -> Result<MailText, BrokenTemplate> {
    let template = match mail {
        MailKind::Document(DocumentType::Invoice) => built_in!("invoice", language),
        MailKind::Document(DocumentType::CreditNote) => built_in!("credit-note", language),
        MailKind::Document(DocumentType::Dunning) | MailKind::Dunning(_) => built_in!("dunning", language),
        MailKind::Document(DocumentType::Offer) => built_in!("offer", language),
        MailKind::Document(DocumentType::DeliveryNote) => built_in!("delivery-note", language),
        MailKind::Document(DocumentType::Confirmation) => built_in!("confirmation", language),
        MailKind::Link => built_in!("link", language),
        MailKind::AddMethodLink => built_in!("add-method-link", language),
        MailKind::PayLink => built_in!("pay-link", language),
    }?;
    let (subject, body) = template.into_subject_and_body();
    Ok(MailText::typed(&subject, &body))
}

/// Checks the words of a tenant: lengths and placeholders, where links lead, no pictures.
///
/// # Errors
/// Everything that is wrong, each at its line and column.
pub fn check_text(text: &MailText, mail: MailKind) -> Result<(), FieldErrors> {
    text.check(mail)?;
    let marked = Marked::of(&parse(&text.body, mail).unwrap_or_default());
    let (mut errors, mut depth, mut is_too_deep) = (FieldErrors::default(), 0_usize, false);
    for event in events(&linked(marked.markdown())) {
        match &event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                if let Some(place) = marked.misplaced(dest_url) {
                    let message =
                        format!("{place}: only a placeholder of a link is an address, and only its beginning");
                    errors.add("body", "address", message);
                }
            }
            Event::Start(Tag::Image { .. }) => {
                errors.add("body", "picture", "must not contain pictures: they would be loaded from elsewhere");
            }
            _ => {}
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_too_deep |= depth > MAX_DEPTH;
    }
    errors.require(!is_too_deep, "body", "nested", "must not be nested more than 50 deep");
    errors.into_result()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(body: &str) -> Vec<String> {
        let mail = MailKind::Document(DocumentType::Invoice);
        let errors = check_text(&MailText::typed("Rechnung", body), mail).err().unwrap_or_default().0;
        errors.iter().map(|error| format!("{} {}", error.code, error.message)).collect()
    }

    #[test]
    fn every_built_in_text_keeps_the_rules_and_says_who_writes() {
        for mail in MailKind::all() {
            for language in Language::ALL {
                let text = built_in_text(mail, language).unwrap();
                assert_eq!(check_text(&text, mail), Ok(()), "{} {language:?}", mail.code());
                assert!(text.subject.starts_with("{CompanyName}: ") && text.body.contains("{Greeting}"), "{text:?}");
                assert!(text.body.contains(&format!("?language={}", language.code())), "{text:?}");
            }
        }
    }

    #[test]
    fn an_address_begins_with_a_link_or_has_none() {
        for good in [
            "[x]({SelfServicePortalUrl})",
            "[x]([Invoice.customerportal_url]?language=en)",
            "[x](<{PayUrl}>)",
            "[x][y]\n\n[y]: {PortalUrl}#top",
            "[{DocumentNumber}](https://example.org)",
            "https://example.org/a {DocumentNumber}",
        ] {
            assert_eq!(errors(good), Vec::<String>::new(), "{good}");
        }
        for (bad, place) in [
            ("[x]({DocumentNumber})", "line 1, column 5"),
            ("a\n\n[x](https://evil.example/?u={SelfServicePortalUrl})", "line 3, column 29"),
            ("[x](mailto:{CustomerName})", "line 1, column 12"),
            ("[x]({PayUrl}{PayUrl})", "line 1, column 13"),
            ("[x]({PayUrl}.evil.example)", "line 1, column 5"),
            ("<https://example.org/{CustomerNumber}>", "line 1, column 22"),
            ("[x][y]\n\n[y]: {Greeting}", "line 3, column 6"),
        ] {
            let errors = errors(bad);
            assert!(errors.iter().any(|error| error.starts_with(&format!("address {place}: "))), "{bad}: {errors:?}");
        }
    }

    #[test]
    fn pictures_and_towers_are_refused() {
        assert!(errors("![x](https://example.org/a.png)")[0].starts_with("picture "));
        assert!(errors(&format!("{}a", "> ".repeat(60)))[0].starts_with("nested "));
        assert_eq!(errors(&format!("{}a", "> ".repeat(40))), Vec::<String>::new());
    }
}
