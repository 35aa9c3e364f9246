//! The page table's promises, on a small table of its own: verbs, public forms, unknown hosts, wrong methods.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{change::Actor, id::TenantId, tenant::Settings};
use http::{Request, Response, StatusCode, header};
use local::{Cloud, CloudOptions, Function, Gateway, functions};
use serde::Deserialize;
use store::TenantRecord;
use utoipa::ToSchema;
use web::{Answer, Asked, Json, Nothing, PublicContext, PublicForm, Routes, Submitted};

#[derive(Debug, Deserialize, ToSchema)]
struct Declaration {
    name: String,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Path {
    number: String,
}

async fn declare(_: PublicContext, form: PublicForm<Declaration>) -> Answer<Json<String>> {
    let (declaration, decoy_filled) = form.into_parts();
    Ok(Json::new(format!("{}, {decoy_filled}", declaration.name)))
}

async fn look(_: PublicContext, _: Asked<Nothing>) -> Answer<Json<String>> {
    Ok(Json::new("looked".to_owned()))
}

async fn cancel(_: PublicContext, body: Submitted<Nothing, Path>) -> Answer<Json<String>> {
    Ok(Json::new(format!("cancelled {}", body.into_parts().0.number)))
}

struct Small {
    gateway: Gateway,
    cloud: Cloud,
}

impl Small {
    async fn start() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let environment = local::environment(&cloud, 9000, std::path::Path::new("unused"));
        let portal = functions::portal(&environment, cloud.clock()).await.unwrap();
        let (now, id) = (portal.clock().now(), TenantId::new(portal.clock().now(), [1; 10]));
        let record =
            TenantRecord::create(id, "example".parse().unwrap(), "example.localhost".into(), Actor::Platform, now);
        portal.store().create_tenant(&record, &Settings::default()).await.unwrap();
        let routes = Routes::function("customer").get("/things", look).post("/things", declare).verb(
            "/api/things/{number}",
            "cancel",
            cancel,
        );
        let function = Function { name: "customer", paths: routes.paths(), router: routes.router(portal) };
        Self { gateway: Gateway::new(vec![function]).unwrap(), cloud }
    }

    async fn send(&self, request: http::request::Builder, body: &str) -> (StatusCode, String) {
        let request = request.header(header::HOST, "example.localhost:9000");
        let answer: Response<_> = self.gateway.call(request.body(body.to_owned().into()).unwrap()).await;
        (answer.status(), String::from_utf8_lossy(answer.body()).into_owned())
    }
}

fn form(origin: &str) -> http::request::Builder {
    Request::post("/things").header("content-type", "application/x-www-form-urlencoded").header(header::ORIGIN, origin)
}

#[tokio::test]
async fn a_public_form_needs_our_own_page_and_says_whether_its_decoy_was_filled() {
    let small = Small::start().await;
    let own = "http://example.localhost:9000";
    for (body, declared) in [
        ("name=Tine&website=", "\"Tine, false\""),
        ("name=Tine", "\"Tine, false\""),
        ("name=Tine&website=spam", "\"Tine, true\""),
    ] {
        assert_eq!(small.send(form(own), body).await, (StatusCode::OK, declared.into()), "{body}");
    }
    for origin in ["http://other.localhost:9000", "null"] {
        assert_eq!(small.send(form(origin), "name=Tine").await.0, StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(small.send(form(own), "").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    small.cloud.stop().await;
}

#[tokio::test]
async fn a_verb_stands_after_the_last_colon() {
    let small = Small::start().await;
    let post = |path: &str| Request::post(path.to_owned());
    let (status, body) = small.send(post("/api/things/RE~3A1:cancel"), "").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "\"cancelled RE~3A1\""));
    for unknown in ["/api/things/RE1:pay", "/api/things/:"] {
        assert_eq!(small.send(post(unknown), "").await.0, StatusCode::NOT_FOUND, "{unknown}");
    }
    assert_eq!(small.send(post("/api/things/RE1"), "").await.0, StatusCode::METHOD_NOT_ALLOWED, "it takes verbs only");
    small.cloud.stop().await;
}

#[tokio::test]
async fn a_wrong_method_is_405_and_an_unknown_path_404() {
    let small = Small::start().await;
    assert_eq!(small.send(Request::put("/things"), "").await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(small.send(Request::get("/nothing"), "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(small.send(Request::head("/things"), "").await.0, StatusCode::OK);
    small.cloud.stop().await;
}
