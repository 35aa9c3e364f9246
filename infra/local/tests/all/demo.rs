//! The demo's files say what the portal understands: every line, every sum, every posting, whatever the first day.

mod reading;

use crate::Outcome;
use domain::{
    Currency, Money,
    customer::{Contact, CustomerFacts},
    document::{Content, DocumentFacts, DocumentType},
    invoice::Status,
    subscription::{Ending, Phase},
    tenant::{Areas, Branding, Company, Login, Payments, TenantSlug},
};
use jiff::civil::{Date, date};
use local::demo::{DemoBody, DemoTenant, bulk, tenants};
use reading::{body_at, documents, facts, imported, json_body, play, read, subscriptions, tenant};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const START: Date = date(2026, 11, 22);

/// The start days that bite: ends of months, leap days, turns of years.
const STARTS: [Date; 5] = [START, date(2026, 12, 31), date(2027, 2, 28), date(2028, 2, 29), date(2027, 3, 31)];

#[test]
fn every_line_is_what_the_portal_takes_whatever_the_first_day() -> Outcome {
    for start in STARTS {
        for tenant in tenants(start)? {
            let _: TenantSlug = tenant.slug.parse()?;
            let customers: BTreeMap<String, Value> = imported(&tenant.requests, "customers")?.into_iter().collect();
            let contacts: BTreeSet<&str> = tenant
                .requests
                .iter()
                .filter_map(|request| request.path.strip_prefix("/api/admin/v1/contacts/"))
                .collect();
            for (number, value) in &customers {
                let facts: CustomerFacts = read(number, value.clone())?;
                facts.check().map_err(|errors| format!("{number}: {errors}"))?;
                assert!(facts.email.is_some(), "{number} cannot sign in");
                assert!(facts.contact.is_none_or(|contact| contacts.contains(contact.slug().as_str())), "{number}");
            }
            let subscriptions = subscriptions(&tenant)?;
            let contracts: BTreeSet<(&str, &str)> =
                subscriptions.iter().map(|(customer, own)| (customer.as_str(), own.number.as_str())).collect();
            assert_eq!(contracts.len(), subscriptions.len(), "{}: a contract is there twice", tenant.slug);
            for (number, value) in imported(&tenant.requests, "invoices")? {
                let facts = facts(&tenant, &number, value)?;
                assert!(customers.contains_key(facts.customer.as_str()) && facts.issued_on <= start, "{number}");
                let contract = facts.subscription.as_ref().map(|own| (facts.customer.as_str(), own.as_str()));
                assert!(contract.is_none_or(|contract| contracts.contains(&contract)), "{number} has no contract");
            }
            for (number, facts) in documents(&tenant)? {
                let letter = &facts.letter;
                assert!(customers.contains_key(letter.customer.as_str()) && letter.issued_on <= start, "{number}");
                let contract = letter.subscription.as_ref().map(|own| (letter.customer.as_str(), own.as_str()));
                assert!(contract.is_none_or(|contract| contracts.contains(&contract)), "{number} has no contract");
            }
            let accounts = tenant.requests.iter().filter(|request| request.path.starts_with("/api/admin/v1/accounts/"));
            for account in accounts {
                let DemoBody::Json(body) = &account.body else { return Err("an account is JSON".into()) };
                assert!(customers.contains_key(body["customer"].as_str().unwrap_or_default()), "{}", account.path);
            }
            play(&tenant, start)?;
        }
    }
    Ok(())
}

#[test]
fn settings_and_contacts_are_what_the_portal_takes() -> Outcome {
    for tenant in tenants(START)? {
        let settings = |area: &str| body_at(&tenant.requests, &format!("settings/{area}"));
        read::<Company>("company", settings("company")?)?.check()?;
        read::<Login>("login", settings("login")?)?.check()?;
        let _: Areas = read("areas", settings("areas")?)?;
        read::<Payments>("payments", settings("payments")?)?.check(&domain::tenant::Connections::default(), true)?;
        let _: Branding = read("branding", settings("branding")?)?;
        let portal: domain::tenant::Settings = read("portal", settings("portal")?)?;
        assert_eq!(portal.name, tenant.name);
        assert_eq!(portal.language.code(), tenant.language);
        let logo = tenant.requests.iter().find(|request| request.path.ends_with("/branding/logo")).ok_or("a logo")?;
        let DemoBody::Png(png) = logo.body else { return Err("a PNG".into()) };
        let logo = backoffice::logo::read(png)?;
        assert!(logo.png.len() < 8_000 && logo.picture.height == 40, "a logo comes with every first page");
        for request in tenant.requests.iter().filter(|request| request.path.contains("/contacts/")) {
            read::<Contact>(&request.path, json_body(request)?.clone())?.check()?;
        }
        if !tenant.slug.ends_with("~sandbox") {
            let texts = settings("texts")?;
            read::<backoffice::own_text::TextsInput>("texts", texts.clone())?.read()?;
            for name in ["footer", "welcome", "imprint", "privacy", "accessibility"] {
                let of = |language: &str| texts[name][language].as_str().unwrap_or_default().trim().to_owned();
                assert!(!of("de").is_empty() && !of("en").is_empty() && of("de") != of("en"), "{name}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_seeds_customers_contract_and_invoice_are_there_as_they_were() -> Outcome {
    for start in STARTS {
        let tenant = tenant("webhosting-ag", start)?;
        let customers: BTreeMap<String, Value> = imported(&tenant.requests, "customers")?.into_iter().collect();
        assert_eq!(
            customers["K5003"],
            json!({
                "salutation": "frau", "company": "Example GmbH", "first_name": "Exemplus", "last_name": "Tine",
                "email": "tine@example.org", "tax_region": "domestic", "contact": "petersen",
                "billing_address":
                    { "line1": "Exempel Gasse 1", "postal_code": "56789", "city": "Rosahausen", "country": "DE" },
            })
        );
        assert_eq!(
            customers["1000"],
            json!({
                "company": "Kunde Eins AG", "first_name": "Max", "last_name": "Musterkunde", "email": "max@example.org",
                "tax_region": "domestic",
                "billing_address": { "postal_code": "12345", "city": "Mustercity", "country": "DE" },
            })
        );
        let first = subscriptions(&tenant)?
            .into_iter()
            .find(|(customer, own)| (customer.as_str(), own.number.as_str()) == ("K5003", "1"));
        let (_, contract) = first.ok_or("contract 1")?;
        assert_eq!((contract.facts.concluded_on, contract.facts.phase), (date(2019, 3, 1), Phase::Active));
        let row = &play(&tenant, start)?["RE1000"].row;
        let nothing = Money::zero(Currency::Eur);
        assert_eq!((row.issued_on, row.due_on), (date(2019, 3, 6), date(2019, 3, 6)));
        assert_eq!((row.gross.decimal().as_str(), row.paid, row.open), ("15.91", nothing, nothing));
        assert!(row.cancelled_on.is_some() && row.dunning_level == 0);
    }
    Ok(())
}

#[test]
fn one_customer_shows_every_state_of_an_invoice_and_of_a_contract() -> Outcome {
    for start in STARTS {
        let tenant = tenant("webhosting-ag", start)?;
        let mut invoices: BTreeSet<&str> = BTreeSet::new();
        for played in play(&tenant, start)?.values().filter(|played| played.row.account.as_str().contains("K5003")) {
            invoices.insert(match played.row.status(start) {
                Status::Open { .. } => "open",
                Status::PartlyPaid { .. } => "partly paid",
                Status::Overdue { .. } => "overdue",
                Status::Paid { .. } => "paid",
                Status::NothingToPay => "nothing to pay",
                Status::Credited { .. } => "credited",
                Status::Cancelled { .. } => "cancelled",
            });
        }
        let all = BTreeSet::from(["open", "partly paid", "overdue", "paid", "nothing to pay", "cancelled"]);
        assert_eq!(invoices, all, "{start}");
        let contracts = subscriptions(&tenant)?;
        let own = contracts.iter().filter(|(customer, _)| customer.as_str() == "K5003");
        let phases: BTreeSet<&str> = own
            .map(|(_, contract)| match contract.phase_on(start) {
                Phase::Trial { .. } => "trial",
                Phase::Active => "active",
                Phase::Paused { .. } => "paused",
                Phase::Cancelled { .. } => "cancelled",
                Phase::Ended { how: Ending::Cancelled, .. } => "ended: cancelled",
                Phase::Ended { how: Ending::Expired, .. } => "ended: expired",
                Phase::Ended { how: Ending::Withdrawn, .. } => "ended: withdrawn",
            })
            .collect();
        assert_eq!(phases.len(), 7, "{phases:?}");
    }
    Ok(())
}

#[test]
fn one_customer_has_a_document_of_every_kind_and_an_open_offer() -> Outcome {
    for start in STARTS {
        let own: Vec<DocumentFacts> = documents(&tenant("webhosting-ag", start)?)?
            .into_iter()
            .map(|(_, facts)| facts)
            .filter(|facts| facts.letter.customer.as_str() == "K5003")
            .collect();
        let kinds: BTreeSet<DocumentType> = own.iter().map(|facts| facts.content.kind()).collect();
        assert_eq!(kinds, BTreeSet::from(DocumentType::BESIDE_INVOICES), "{start}");
        let mut last_days = own.iter().filter_map(|facts| match &facts.content {
            Content::Offer(offer) => Some(offer.valid_until),
            _ => None,
        });
        assert!(last_days.clone().any(|day| day > start) && last_days.any(|day| day < start), "{start}");
    }
    Ok(())
}

#[test]
fn the_bulk_customer_has_ten_thousand_different_invoices() -> Outcome {
    let tenant = tenant("webhosting-ag", START)?;
    let bulk = bulk(START)?;
    let lines = imported(&bulk, "invoices")?;
    let mut numbers = BTreeSet::new();
    let mut previous = Date::MIN;
    for (number, value) in lines {
        let facts = facts(&tenant, &number, value)?;
        assert!(previous <= facts.issued_on && facts.issued_on <= START, "{number}");
        assert!(facts.settled_before.is_none_or(|settled| settled.date < START && settled.amount == facts.gross));
        previous = facts.issued_on;
        numbers.insert(number);
    }
    assert_eq!((numbers.len(), numbers.first().map(String::as_str)), (10_000, Some("BM00001")));
    assert_eq!(bulk.len(), 10);
    assert!(bulk.iter().all(|request| request.tenant == tenant.slug));
    Ok(())
}

#[test]
fn personas_are_customers_and_both_tenants_share_numbers_and_an_address() -> Outcome {
    let (one, other) = (tenant("webhosting-ag", START)?, tenant("stadtwerke-muster", START)?);
    for tenant in [&one, &other] {
        assert!(tenant.personas.iter().all(|persona| !persona.shows.is_empty() && persona.email.contains('@')));
    }
    let numbers = |tenant: &DemoTenant| tenant.personas.iter().map(|own| own.number.clone()).collect::<BTreeSet<_>>();
    assert!(numbers(&one).intersection(&numbers(&other)).any(|number| number == "K5003"));
    let emails = |tenant: &DemoTenant| tenant.personas.iter().map(|own| own.email.clone()).collect::<BTreeSet<_>>();
    assert!(emails(&one).contains("tine@example.org") && emails(&other).contains("tine@example.org"));
    let sandbox = tenant("webhosting-ag~sandbox", START)?;
    assert_eq!(numbers(&sandbox), BTreeSet::from(["1000".to_owned(), "K5003".to_owned()]));
    Ok(())
}

#[test]
fn no_counted_date_is_left_over() -> Outcome {
    for tenant in tenants(START)? {
        for request in &tenant.requests {
            let bytes = request.body.bytes();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("\"@-") && !text.contains("\"@+"), "{}", request.path);
            assert!(request.path.is_ascii() && !request.path.contains(' '), "{}", request.path);
        }
    }
    Ok(())
}
