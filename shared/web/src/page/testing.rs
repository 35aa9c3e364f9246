//! For the render tests of all pages: an example frame, and what every page must keep. No running portal calls this.

use std::{fs, path::Path};

use domain::{
    Language,
    link::Reach,
    tenant::{ContractWord, WayBack},
    time::Zone,
};
use text::Words;

use super::{Assets, FooterLink, FooterText, Frame, Logo, MenuItem, Person, SafeHtml, Support, View};

mod markup;

/// Renders a page in both languages, checks it, and leaves it in `target/pages/` to be looked at.
///
/// # Panics
/// When a page breaks a rule that all pages share.
pub fn check<V: View>(name: &str, view: &V, adjust: impl Fn(&mut Frame)) {
    for language in Language::ALL {
        let mut frame = frame(language);
        adjust(&mut frame);
        let rendered = view.html(&frame);
        assert!(rendered.is_ok(), "{name} does not render: {rendered:?}");
        let html = rendered.unwrap_or_default();
        let name = format!("{name}-{}", language.code());
        let problems = markup::problems(&html, &frame.brand);
        save(&name, &html);
        assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
    }
}

/// Tests run in their crate's folder, two below the root.
fn save(name: &str, html: &str) {
    let folder = Path::new("../../target/pages");
    let saved = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(format!("{name}.html")), html));
    assert!(saved.is_ok(), "{name}: {saved:?}");
}

/// The frame of a signed-in customer of the demo tenant. Files are named so that a page opens from `target/pages/`.
#[must_use]
pub fn frame(language: Language) -> Frame {
    let t = Words::new(language);
    Frame {
        t,
        zone: Zone::default(),
        brand: "Webhosting AG".to_owned(),
        logo: Some(Logo { href: "../../templates/assets/icon.svg".to_owned(), width: 32, height: 32 }),
        logo_dark: None,
        assets: Assets {
            stylesheet: "../../templates/assets/portal.css".to_owned(),
            theme: "theme.css".to_owned(),
            script: "../../templates/assets/portal.js".to_owned(),
            icon: "../../templates/assets/icon.svg".to_owned(),
        },
        path: "/invoices?filter=open&year=2026".to_owned(),
        csrf: Some("dG9rZW4".to_owned()),
        person: "K5003".parse().ok().map(|number| Person { number, reach: Reach::Portal, back: None }),
        embedded: false,
        menu: menu(t),
        footer_links: footer_links(t),
        footer: FooterText::Own(SafeHtml::from_sanitised(
            "<p>Webhosting AG · Musterweg 1 · 12345 Musterhausen · Telefon 0441 123456</p>",
        )),
        sandbox: false,
        flash: None,
        support: Support { phone: Some("0441 123456".to_owned()), email: Some("hilfe@webhosting.example".to_owned()) },
        request_id: "req_01JD2Z8M3V".to_owned(),
        contract_word: ContractWord::Contract,
        errors: None,
    }
}

/// Makes the frame that of a public page: nobody is signed in.
pub fn public(frame: &mut Frame) {
    (frame.person, frame.csrf, frame.menu) = (None, None, vec![]);
    frame.path = "/login".to_owned();
}

/// Makes the frame that of somebody who came by a link to one contract.
pub fn part(frame: &mut Frame) {
    let (person, subscription) = (frame.person.as_mut(), "1".parse().ok());
    if let (Some(person), Some(subscription)) = (person, subscription) {
        person.reach = Reach::Contract { subscription };
    }
    frame.menu = vec![];
    frame.path = "/contracts/1".to_owned();
}

/// Puts the page into a frame on somebody's page.
pub fn embedded(frame: &mut Frame) {
    frame.embedded = true;
}

/// Makes the frame that of somebody who came from a shop.
pub fn from_shop(frame: &mut Frame) {
    if let Some(person) = &mut frame.person {
        let (url, host) = ("https://shop.example/cart".to_owned(), "shop.example".to_owned());
        person.back = Some(WayBack { url, host });
    }
}

/// Makes everything as long and rare as it may be: long name, sandbox, other word, no logo, footer not set.
pub fn extreme(frame: &mut Frame) {
    frame.brand = "Gesellschaft für angewandte Veranstaltungstechnik Norddeutschland mbH & Co. KG".to_owned();
    frame.sandbox = true;
    frame.logo = None;
    frame.footer = FooterText::Unset;
    frame.contract_word = ContractWord::Subscription;
    frame.support = Support::default();
}

fn menu(t: Words) -> Vec<MenuItem> {
    let item = |label: &str, href: &str| MenuItem {
        label: label.to_owned(),
        href: href.to_owned(),
        here: false,
        apart: matches!(href, "/prepaid" | "/settle"),
        children: vec![],
    };
    let mut data = item(t.menu_data(), "/data");
    data.children = vec![item(t.menu_data_customer(), "/data"), item(t.menu_data_contact(), "/contact")];
    let mut invoices = item(t.menu_invoices(), "/invoices");
    invoices.children = vec![
        MenuItem { here: true, ..item(t.menu_invoices_all(), "/invoices") },
        item(t.menu_documents(), "/documents"),
    ];
    vec![
        item(t.menu_start(), "/"),
        data,
        item(&t.menu_contracts(ContractWord::Contract), "/contracts"),
        invoices,
        item(t.menu_accounts(), "/accounts"),
        item(t.menu_prepaid(), "/prepaid"),
        item(t.menu_settle(), "/settle"),
    ]
}

fn footer_links(t: Words) -> Vec<FooterLink> {
    [
        (t.menu_imprint(), "/imprint"),
        (t.menu_privacy(), "/privacy"),
        (t.menu_accessibility(), "/accessibility"),
        (t.menu_cancel(), "/cancel"),
        (t.menu_withdraw(), "/withdraw"),
    ]
    .map(|(label, href)| FooterLink {
        label: label.to_owned(),
        href: href.to_owned(),
        strong: matches!(href, "/cancel" | "/withdraw"),
    })
    .to_vec()
}
