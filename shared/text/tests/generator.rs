//! The generator refuses texts that a language lacks and names the key, the argument and the language.

#[path = "../build/code.rs"]
mod code;
#[path = "../build/messages.rs"]
mod messages;
#[path = "../build/parts.rs"]
mod parts;

use messages::Catalogue;

fn catalogue(german: &str, english: &str) -> Catalogue {
    let mut catalogue = Catalogue::default();
    catalogue.read("de", "area", german);
    catalogue.read("en", "area", english);
    catalogue
}

#[test]
fn complete_texts_become_methods() {
    let plural = "items = { $count ->\n    [one] Eine Buchung bis { $date }\n   *[other] { $count } Buchungen bis { $date }\n}\n";
    let catalogue = catalogue(&format!("title = Titel\n{plural}"), &format!("title = Title\n{plural}"));
    assert!(catalogue.problems().is_empty());
    let code = code::words(&catalogue);
    assert!(code.contains("pub fn area_title(&self) -> &'static str"), "{code}");
    assert!(
        code.contains("pub fn area_items(&self, count: impl Count, date: impl std::fmt::Display) -> String"),
        "{code}"
    );
    assert!(code.contains("self.own_text(\"area-title\")"), "a tenant's own text comes first: {code}");
    let values = "self.own_saying(\"area-items\", &[(\"count\", Value::Count(count)), (\"date\", Value::Text(date))])";
    assert!(code.contains(values), "{code}");
    let arguments = "arguments: &[(\"count\", Kind::Count), (\"date\", Kind::Text)]";
    assert!(code.contains(arguments) && code.contains("texts: [\"Titel\", \"Title\"]"), "{code}");
}

#[test]
fn what_a_language_lacks_is_named() {
    for (german, english, problem) in [
        ("a = x\n", "", "area.a: missing in en"),
        ("", "a = x\n", "area.a: missing in de"),
        ("a = x { $name }\n", "a = x\n", "area.a: en does not use $name"),
        ("a = { $contract ->\n    [plan] x\n   *[contract] y\n}\n", "a = x\n", "only [subscription]"),
        ("a = x\na = y\n", "a = x\n", "a stands there twice"),
        ("a = x\n    .title = y\n", "a = x\n", "attributes are not supported"),
    ] {
        let problems = catalogue(german, english).problems();
        assert!(problems.iter().any(|found| found.contains(problem)), "{problem}: {problems:?}");
    }
}
