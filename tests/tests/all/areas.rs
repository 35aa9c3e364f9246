//! What an operator switches off is gone, and nothing else is: every area × every right × every route, page and API, and
//! what leads there.

use std::collections::{BTreeMap, BTreeSet};

use domain::tenant::{Area, Right};
use testkit::{Answer, Api, Browser, Portal, json, samples, seconds};
use web::{Guard, Route};

use crate::isolation::{House, PAPERS_OF_SOME, is_api, routes};

const RIGHTS: [Right; 3] = [Right::Off, Right::View, Right::Change];

/// Pages that need a further area beside the one their door asks for.
const ALSO: [(&str, Area, Right); 5] = [
    ("/contracts/{number}/payment-method", Area::Contracts, Right::View),
    ("/contracts/{number}/cancel", Area::Contracts, Right::View),
    ("/contracts/{number}/take-back", Area::Contracts, Right::View),
    ("/contracts/{number}/pause", Area::Contracts, Right::View),
    ("/api/v1/subscriptions/{number}/cancel-preview", Area::Contracts, Right::View),
];

/// Public pages that belong to an area.
const PUBLIC: [(&str, Area, Right); 3] = [
    ("/cancel", Area::Declarations, Right::View),
    ("/withdraw", Area::Declarations, Right::View),
    ("/data/email/confirm/{token}", Area::Data, Right::Change),
];

/// Links around every page of a signed-in customer, and from which right on they are there.
const LINKS: [(&str, Area, Right); 12] = [
    ("/data", Area::Data, Right::View),
    ("/data/addresses", Area::BillingAddresses, Right::View),
    ("/payment-methods", Area::PaymentMethods, Right::View),
    ("/contact", Area::Contact, Right::View),
    ("/contracts", Area::Contracts, Right::View),
    ("/invoices", Area::Invoices, Right::View),
    ("/documents", Area::Documents, Right::View),
    ("/accounts", Area::Accounts, Right::View),
    ("/prepaid", Area::Payments, Right::Change),
    ("/settle", Area::Payments, Right::Change),
    ("/cancel", Area::Declarations, Right::View),
    ("/withdraw", Area::Declarations, Right::View),
];

/// Links on the page of a contract, of which V2 is cancelled; they need the right to change.
const ACTS: [(&str, &str, Area); 3] = [
    ("/contracts/V1", "/contracts/V1/cancel", Area::Cancel),
    ("/contracts/V1", "/contracts/V1/pause", Area::Pause),
    ("/contracts/V2", "/contracts/V2/take-back", Area::TakeBack),
];

/// Everything is open, but one area so far only.
#[derive(Debug, Clone, Copy)]
struct Switched {
    area: Area,
    right: Right,
}

impl Switched {
    fn opens(self, area: Area, needed: Right) -> bool {
        area != self.area || self.right >= needed
    }

    fn opens_route(self, route: &Route) -> bool {
        let Guard::Customer { area, right, .. } = route.guard else { return false };
        let own = area.is_none_or(|area| self.opens(area, right));
        // Their handler asks for it, so what is sent without its token has not come that far.
        let mut also = ALSO.iter().filter(|(path, ..)| route.method == "GET" && *path == route.path);
        own && also.all(|(_, area, right)| self.opens(*area, *right))
    }

    /// Sets it, and waits until every process knows.
    async fn set(self, portal: &Portal, house: &House) {
        let open = |area: &Area| (*area, if *area == self.area { self.right } else { Right::Change });
        let areas: BTreeMap<Area, Right> = Area::ALL.iter().map(open).collect();
        house.tenant.put("/settings/areas", &serde_json::to_value(&areas).unwrap()).await;
        portal.clock.advance(seconds(61));
    }
}

async fn house() -> (Portal, House, Api) {
    let portal = Portal::start().await;
    let house = House::built(&portal, "webhosting-ag", "K-OWN").await;
    let mut cancelled = samples::subscription();
    cancelled["phase"] =
        json!({ "name": "cancelled", "declared_on": "2026-11-20", "ends_on": "2026-12-31", "by": "customer" });
    house.tenant.put("/customers/K-OWN/subscriptions/V2", &cancelled).await;
    let program = house.tenant.token("k-own@example.org").await;
    (portal, house, program)
}

async fn customers_routes() -> Vec<Route> {
    routes().await.into_iter().filter(|route| matches!(route.guard, Guard::Customer { .. })).collect()
}

/// Asks without the form's token, so that whoever passes the door changes nothing.
async fn knock(browser: &Browser, route: &Route, path: &str) -> Answer {
    match route.method {
        "GET" => browser.get(path).await,
        method => browser.send(browser.request(method, path)).await,
    }
}

/// Did the answer come from behind the door? It is 404 where the door is shut, and nowhere else.
#[track_caller]
fn is_behind(answer: &Answer, route: &Route) -> bool {
    match (route.method, answer.code()) {
        (_, 404) => false,
        ("GET", 200 | 303) => true,
        ("POST" | "PUT" | "PATCH" | "DELETE", 400 | 403) => true,
        (_, code) => panic!("{}: {code} {}", answer.what(), answer.html()),
    }
}

/// Links of a page to customers' pages that are shut.
fn dead_links(html: &str, routes: &[Route], switched: Switched) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '?', '#']).next());
    let is_shut = |link: &&str| {
        let fitting = routes.iter().filter(|route| route.method == "GET" && fits(&route.path, link));
        // `/payment-methods/add` is no `/payment-methods/{id}`.
        let meant = fitting.min_by_key(|route| route.path.matches('{').count());
        meant.is_some_and(|route| !switched.opens_route(route))
    };
    links.filter(is_shut).map(str::to_owned).collect()
}

fn fits(route: &str, path: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    let alike = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
    wanted.len() == given.len() && wanted.iter().zip(&given).all(alike)
}

#[tokio::test]
async fn every_route_is_there_exactly_as_far_as_its_area_is_open() {
    let (portal, house, program) = house().await;
    let routes = customers_routes().await;
    let mut walked = 0;
    for area in Area::ALL {
        for right in RIGHTS {
            let switched = Switched { area, right };
            switched.set(&portal, &house).await;
            house.owner.get("/").await.status(200);
            for route in routes.iter().filter(|route| !PAPERS_OF_SOME.contains(&route.path.as_str())) {
                let (path, is_open) = (house.path(&route.path), switched.opens_route(route));
                let answer = knock(&house.owner, route, &path).await;
                assert_eq!(is_behind(&answer, route), is_open, "{switched:?}: {} {}", answer.what(), answer.code());
                if right == Right::Off && route.method == "GET" {
                    let dead = dead_links(&answer.html(), &routes, switched);
                    assert!(dead.is_empty(), "{switched:?}: {} leads to {dead:?}", answer.what());
                }
                if is_api(&route.path) && route.method == "GET" {
                    let answer = program.get(&path).await;
                    assert_eq!(is_behind(&answer, route), is_open, "{switched:?}: {} {}", answer.what(), answer.code());
                }
                walked += 1;
            }
        }
    }
    let every = Area::ALL.len() * RIGHTS.len() * (routes.len() - PAPERS_OF_SOME.len());
    assert_eq!(walked, every, "some pair was left out");
}

#[tokio::test]
async fn every_area_has_routes_that_need_it() {
    let routes = customers_routes().await;
    for area in Area::ALL {
        let guarded =
            routes.iter().filter(|route| matches!(route.guard, Guard::Customer { area: Some(own), .. } if own == area));
        let public = PUBLIC.iter().filter(|(_, own, _)| *own == area);
        assert!(guarded.count() + public.count() > 0, "nothing belongs to {area:?}");
        let is_led_to = LINKS.iter().any(|(_, own, _)| *own == area) || ACTS.iter().any(|(_, _, own)| *own == area);
        assert!(is_led_to, "nothing leads to {area:?}");
    }
}

#[tokio::test]
async fn public_pages_and_the_menu_go_and_come_with_their_area() {
    let (portal, house, _) = house().await;
    for area in Area::ALL {
        for right in RIGHTS {
            let switched = Switched { area, right };
            switched.set(&portal, &house).await;
            for (route, area, needed) in PUBLIC {
                let answer = house.tenant.browser().get(&house.path(route)).await;
                let wanted = if switched.opens(area, needed) { 200 } else { 404 };
                assert_eq!(answer.code(), wanted, "{switched:?}: {}", answer.what());
            }
            let around = house.owner.get("/imprint").await.status(200).html();
            let start = house.owner.get("/").await.status(200).html();
            for (href, area, needed) in LINKS {
                let is_open = switched.opens(area, needed);
                assert_eq!(around.contains(&format!("href=\"{href}\"")), is_open, "{switched:?}: {href}");
                // What lies below may be an area of its own, or a right that no area takes away.
                let below = LINKS.iter().map(|(other, ..)| *other).chain(["/data/export"]);
                let below = below.filter(|other| other.starts_with(&format!("{href}/")));
                let start = below.fold(start.clone(), |start, other| start.replace(&format!("href=\"{other}"), ""));
                let leads = ["\"", "/", "?"].iter().any(|end| start.contains(&format!("href=\"{href}{end}")));
                assert!(is_open || !leads, "{switched:?}: the start page leads to {href}");
            }
        }
    }
}

#[tokio::test]
async fn what_can_be_done_with_a_contract_goes_and_comes_with_its_area() {
    let (portal, house, _) = house().await;
    for area in [Area::Cancel, Area::Pause, Area::TakeBack] {
        for right in RIGHTS {
            let switched = Switched { area, right };
            switched.set(&portal, &house).await;
            for (page, href, area) in ACTS {
                let html = house.owner.get(page).await.status(200).html();
                let is_open = switched.opens(area, Right::Change);
                assert_eq!(html.contains(&format!("href=\"{href}\"")), is_open, "{switched:?}: {href}");
            }
        }
    }
}

#[tokio::test]
async fn a_program_is_told_no_more_than_a_page() {
    let (portal, house, program) = house().await;
    Switched { area: Area::Invoices, right: Right::Off }.set(&portal, &house).await;
    let shut = program.get("/api/v1/invoices/RE1").await.status(404).problem("not_found").json();
    let absent = program.get("/api/v1/invoices/RE404").await.status(404).problem("not_found").json();
    assert_eq!((&shut["title"], &shut["errors"]), (&absent["title"], &absent["errors"]));
    assert!(program.get("/api/v1/accounts").await.status(200).json()["items"].is_array());
    let body = json!({ "invoices": ["RE1"], "method": "sandbox" });
    Switched { area: Area::Payments, right: Right::View }.set(&portal, &house).await;
    for path in ["/api/v1/settlements", "/api/v1/settlements/preview", "/api/v1/topups"] {
        program.post(path, &body).await.status(404).problem("not_found");
    }
    program.get("/api/v1/payments").await.status(200);
}

#[tokio::test]
async fn settings_say_every_area_and_can_be_put_back() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let path = "/settings/areas";
    let answered = tenant.api.put(path, &json!({ "data": "view" })).await.status(200).json();
    let read = tenant.api.get(path).await.status(200).json();
    assert_eq!(answered, read);
    let rights: BTreeMap<Area, Right> = serde_json::from_value(read.clone()).unwrap();
    assert_eq!(rights.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(Area::ALL));
    let some = [Area::Data, Area::BillingAddresses, Area::Contracts, Area::Pause].map(|area| rights[&area]);
    assert_eq!(some, [Right::View, Right::Change, Right::View, Right::Off], "one was set, the others are as ever");
    let mut changed = read;
    changed["pause"] = json!("change");
    assert_eq!(tenant.api.put(path, &changed).await.status(200).json(), changed);
    assert_eq!(tenant.api.get(path).await.status(200).json(), changed);
}
