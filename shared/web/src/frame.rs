//! Builds the frame around a page: brand, menu, footer, language, what just happened.

use domain::tenant::{Area, Right};
use store::{Session, Tenant};
use text::Words;

use crate::{
    Arrival, Stage, assets,
    cookies::CookieName,
    csrf,
    page::{Assets, Flash, FooterLink, FooterText, Frame, Logo, MenuItem, Person, SafeHtml, Support},
};

/// The frame of a request; without a session it has no menu and no customer number.
pub(crate) fn frame(arrival: &Arrival, tenant: &Tenant, session: Option<&Session>) -> Frame {
    let settings = &tenant.settings;
    let t = Words::of(settings, arrival.language());
    let branding = &settings.branding;
    Frame {
        t,
        zone: settings.zone.clone(),
        brand: settings.name.clone(),
        logo: branding.logo.as_ref().map(Logo::of),
        logo_dark: branding.logo_dark.as_ref().map(Logo::of),
        assets: Assets {
            stylesheet: assets::href(&assets::STYLESHEET),
            theme: assets::theme_href(&branding.theme_css),
            script: assets::href(&assets::SCRIPT),
            icon: branding
                .logo
                .as_ref()
                .map_or_else(|| assets::href(&assets::ICON), |logo| format!("/assets/{}", logo.file)),
        },
        path: arrival.path().to_owned(),
        csrf: session.map(csrf::masked),
        person: session.map(|session| person(tenant, session)),
        embedded: arrival.is_framed(),
        menu: session
            .filter(|session| session.reach.is_whole())
            .map(|_| menu(tenant, t, arrival.path()))
            .unwrap_or_default(),
        footer_links: footer_links(tenant, t),
        footer: footer(arrival, tenant),
        sandbox: tenant.is_sandbox(),
        flash: flash(arrival),
        support: Support {
            phone: Some(settings.company.phone.clone()).filter(|phone| !phone.is_empty()),
            email: settings.company.email.as_ref().map(|email| email.as_str().to_owned()),
        },
        request_id: arrival.request_id().to_string(),
        contract_word: settings.contract_word,
        errors: None,
    }
}

/// Back leads only to where the operator still leads people.
fn person(tenant: &Tenant, session: &Session) -> Person {
    Person {
        number: session.number.clone(),
        reach: session.reach.clone(),
        back: session.back.as_deref().and_then(|address| tenant.settings.links.way_back(address)),
    }
}

/// The menu in M-03's order: only areas that are switched on, a group of one entry becomes that entry.
fn menu(tenant: &Tenant, t: Words, path: &str) -> Vec<MenuItem> {
    let path = path.split('?').next().unwrap_or_default();
    let on = |area| tenant.settings.right(area) > Right::Off;
    let here = |href: &str| path == href || (href != "/" && path.starts_with(&format!("{href}/")));
    let entry = |label: &str, href: &str| MenuItem {
        label: label.to_owned(),
        href: href.to_owned(),
        here: here(href),
        apart: false,
        children: Vec::new(),
    };
    let apart = |label: &str, href: &str| MenuItem { apart: true, ..entry(label, href) };
    let contracts = t.menu_contracts(tenant.settings.contract_word);
    let data = vec![
        on(Area::Data).then(|| MenuItem {
            here: here("/data") && !here("/data/addresses"),
            ..entry(t.menu_data_customer(), "/data")
        }),
        on(Area::BillingAddresses).then(|| entry(t.menu_addresses(), "/data/addresses")),
        on(Area::PaymentMethods).then(|| apart(t.menu_payment_methods(), "/payment-methods")),
        on(Area::Contact).then(|| entry(t.menu_data_contact(), "/contact")),
    ];
    let mut items = vec![entry(t.menu_start(), "/")];
    items.extend(group(t.menu_data(), data.into_iter().flatten().collect()));
    items.extend(on(Area::Contracts).then(|| entry(&contracts, "/contracts")));
    items.extend(match (on(Area::Invoices), on(Area::Documents)) {
        (true, true) => {
            let both = vec![entry(t.menu_invoices_all(), "/invoices"), entry(t.menu_documents(), "/documents")];
            group(t.menu_invoices(), both)
        }
        // A group of one would be called invoices also where there are none.
        (invoices, documents) => invoices
            .then(|| entry(t.menu_invoices(), "/invoices"))
            .or_else(|| documents.then(|| entry(t.menu_documents(), "/documents"))),
    });
    items.extend(on(Area::Accounts).then(|| entry(t.menu_accounts(), "/accounts")));
    // Who may only look at payments has nothing to do there.
    if tenant.settings.right(Area::Payments) == Right::Change {
        items.push(apart(t.menu_prepaid(), "/prepaid"));
        items.push(MenuItem { here: here("/settle") || here("/payments"), ..apart(t.menu_settle(), "/settle") });
    }
    items
}

fn group(label: &str, mut children: Vec<MenuItem>) -> Option<MenuItem> {
    if children.len() == 1 {
        return children.pop().map(|only| MenuItem { label: label.to_owned(), ..only });
    }
    let here = children.iter().any(|child| child.here);
    (!children.is_empty()).then(|| MenuItem {
        label: label.to_owned(),
        href: String::new(),
        here,
        apart: false,
        children,
    })
}

/// What must be found on every page, in or out, without opening anything.
fn footer_links(tenant: &Tenant, t: Words) -> Vec<FooterLink> {
    let link = |label: &str, href: &str| FooterLink { label: label.to_owned(), href: href.to_owned(), strong: false };
    let mut links = vec![
        link(t.menu_imprint(), "/imprint"),
        link(t.menu_privacy(), "/privacy"),
        link(t.menu_accessibility(), "/accessibility"),
    ];
    if tenant.settings.right(Area::Declarations) > Right::Off {
        let right = |label: &str, href: &str| FooterLink { strong: true, ..link(label, href) };
        links.extend([right(t.menu_cancel(), "/cancel"), right(t.menu_withdraw(), "/withdraw")]);
    }
    links
}

/// M-07: the tenant's text; while unset a reminder, which customers in `prod` do not see.
fn footer(arrival: &Arrival, tenant: &Tenant) -> FooterText {
    match tenant.settings.texts.footer.html.get(arrival.language()) {
        Some(html) => FooterText::Own(SafeHtml::from_sanitised(html)),
        None if arrival.portal().config().stage == Stage::Prod => FooterText::Empty,
        None => FooterText::Unset,
    }
}

fn flash(arrival: &Arrival) -> Option<Flash> {
    let name = arrival.cookie(CookieName::Flash)?;
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}
