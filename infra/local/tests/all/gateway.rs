//! The front door keeps AWS's limits and shows the functions what AWS shows them.

use crate::{Outcome, send};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, OriginalUri, Path, RawQuery},
    http::{Request, Response, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
    routing::{any, get, post},
};
use lambda_http::{RequestExt, request::RequestContext};
use local::{Function, Gateway, MAX_EVENT_BYTES, SourceIp};
use serde_json::{Value, json};

async fn echo(request: axum::extract::Request) -> Json<Value> {
    let context = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            json!({ "id": context.request_id, "ip": context.http.source_ip, "route": context.route_key })
        }
        _ => Value::Null,
    };
    let (head, body) = request.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned().into()));
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let headers: serde_json::Map<String, Value> = headers.collect();
    Json(json!({ "uri": head.uri.to_string(), "headers": headers, "bytes": body.to_vec(), "context": context }))
}

fn gateway() -> Result<Gateway, String> {
    let cookies = || async { AppendHeaders([(header::SET_COOKIE, "a=1; Path=/"), (header::SET_COOKIE, "b=2")]) };
    let vary = || async { AppendHeaders([(header::VARY, "cookie"), (header::VARY, "accept")]) };
    let sized = |Path(bytes): Path<usize>| async move { vec![0xff_u8; bytes] };
    let invoices = Router::new()
        .route("/invoices/{number}", any(echo))
        .route(
            "/invoices/{number}/pdf",
            get(|| async { ([(header::CONTENT_TYPE, "application/pdf")], vec![0_u8, 159, 146, 150]) }),
        )
        .route("/large/{bytes}", get(sized))
        .route("/cookies", get(cookies))
        .route("/vary", get(vary))
        .route("/length", post(|body: Bytes| async move { body.len().to_string() }))
        .route(
            "/path/{part}",
            get(|Path(part): Path<String>, RawQuery(query): RawQuery| async move {
                format!("{part}?{}", query.unwrap_or_default())
            }),
        )
        .layer(DefaultBodyLimit::disable())
        .route("/panic", get(|| async { panic!("on purpose") as () }));
    let customer = Router::new().fallback(|OriginalUri(uri): OriginalUri| async move {
        (StatusCode::NOT_FOUND, format!("customer knows no {}", uri.path())).into_response()
    });
    let paths = [
        "/invoices/{number}",
        "/invoices/{number}/pdf",
        "/large/{bytes}",
        "/cookies",
        "/vary",
        "/length",
        "/path/{part}",
        "/panic",
    ];
    Gateway::new(vec![
        Function { name: "invoices", paths: paths.map(str::to_owned).to_vec(), router: invoices },
        Function { name: "customer", paths: vec!["/".to_owned()], router: customer },
    ])
}

fn ask(path: &str) -> http::request::Builder {
    Request::get(path).header(header::HOST, "webhosting-ag.localhost:9000")
}

async fn call(
    request: http::request::Builder,
    body: impl Into<Bytes>,
) -> Result<Response<Bytes>, Box<dyn std::error::Error>> {
    Ok(gateway()?.call(request.body(body.into())?).await)
}

async fn echoed(request: http::request::Builder, body: impl Into<Bytes>) -> Result<Value, Box<dyn std::error::Error>> {
    let response = call(request, body).await?;
    assert_eq!(response.status(), 200, "{:?}", response.body());
    Ok(serde_json::from_slice(response.body())?)
}

#[tokio::test]
async fn a_body_over_ten_megabytes_is_refused_on_the_wire() -> Outcome {
    let (address, stop) = socket().await?;
    let answer = send(Request::post(format!("{address}/length")), vec![b'x'; 11 * 1024 * 1024]).await?;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()?, json!({ "message": "Request Entity Too Large" }));
    let answer =
        send(Request::post(format!("{address}/length")).header(header::CONTENT_TYPE, "text/plain"), vec![b'x'; 1024])
            .await?;
    assert_eq!((answer.status, answer.text().as_str()), (200, "1024"));
    drop(stop);
    Ok(())
}

async fn socket() -> Result<(String, tokio::sync::oneshot::Sender<()>), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let until = async move {
        // An error is a dropped sender, which means the same.
        let _ = stopped.await;
    };
    tokio::spawn(local::serve(listener, gateway()?, until));
    Ok((address, stop))
}

#[tokio::test]
async fn a_binary_body_counts_in_base64_against_the_event() -> Outcome {
    let post = || Request::post("/length").header(header::CONTENT_TYPE, "application/octet-stream");
    let fits = MAX_EVENT_BYTES / 4 * 3 - 4096;
    assert_eq!(call(post(), vec![1_u8; fits]).await?.status(), 200);
    assert_eq!(call(post(), vec![1_u8; MAX_EVENT_BYTES / 4 * 3]).await?.status(), 413);
    let text = || Request::post("/length").header(header::CONTENT_TYPE, "application/json");
    assert_eq!(call(text(), vec![b'1'; 6_000_000]).await?.status(), 200);
    assert_eq!(call(text(), vec![b'1'; MAX_EVENT_BYTES]).await?.status(), 413);
    Ok(())
}

#[tokio::test]
async fn an_answer_over_six_megabytes_is_an_error_of_the_gateway() -> Outcome {
    assert_eq!(call(ask("/large/4000000"), "").await?.body().len(), 4_000_000);
    let refused = call(ask("/large/5000000"), "").await?;
    assert_eq!(
        (refused.status().as_u16(), refused.body().as_ref()),
        (500, &br#"{"message":"Internal Server Error"}"#[..])
    );
    Ok(())
}

#[tokio::test]
async fn a_long_request_line_or_long_headers_are_refused() -> Outcome {
    let long = "x".repeat(10_240);
    assert_eq!(call(ask(&format!("/?{long}")), "").await?.status(), 413);
    assert_eq!(call(ask("/cookies").header("x-long", &long), "").await?.status(), 413);
    assert_eq!(call(ask("/cookies").header("x-long", &long[..10_000]), "").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn the_path_is_decoded_once_and_the_query_not_at_all() -> Outcome {
    let text = |response: Response<Bytes>| String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(text(call(ask("/path/a%20b%C3%A4?q=a%20b%2Fc"), "").await?), "a bä?q=a%20b%2Fc");
    assert_eq!(text(call(ask("/path/~C3~A4"), "").await?), "~C3~A4?");
    // An encoded slash is a slash before the routes are looked at, and an encoded question mark ends the path.
    assert_eq!(call(ask("/path/a%2Fb"), "").await?.status(), 404);
    assert_eq!(text(call(ask("/path/a%3Fb"), "").await?), "a?b");
    assert_eq!(call(ask("/path/%FF"), "").await?.status(), 400);
    Ok(())
}

#[tokio::test]
async fn each_cookie_of_an_answer_is_a_header_of_its_own() -> Outcome {
    let response = call(ask("/cookies"), "").await?;
    let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2"]);
    Ok(())
}

#[tokio::test]
async fn of_other_headers_only_one_value_survives() -> Outcome {
    let response = call(ask("/vary"), "").await?;
    assert_eq!(response.headers().get_all(header::VARY).iter().count(), 1);
    Ok(())
}

#[tokio::test]
async fn cookies_and_repeated_headers_arrive_as_the_payload_has_them() -> Outcome {
    let request = ask("/invoices/RE1").header(header::COOKIE, "a=1; b=2").header(header::COOKIE, "c=3");
    let seen = echoed(request.header("x-many", "one").header("x-many", "two"), "").await?;
    assert_eq!(seen["headers"]["cookie"], "a=1; b=2; c=3");
    assert_eq!(seen["headers"]["x-many"], "one,two");
    Ok(())
}

#[tokio::test]
async fn binary_bodies_arrive_and_leave_byte_by_byte() -> Outcome {
    let bytes = vec![0_u8, 255, 13, 10, 128];
    for content_type in ["application/pdf", "multipart/form-data; boundary=x", "text/plain", "application/json"] {
        let request = ask("/invoices/RE1").method("POST").header(header::CONTENT_TYPE, content_type);
        assert_eq!(echoed(request, bytes.clone()).await?["bytes"], json!(bytes), "{content_type}");
    }
    assert_eq!(echoed(ask("/invoices/RE1").method("POST"), bytes.clone()).await?["bytes"], json!(bytes));
    let pdf = call(ask("/invoices/RE1/pdf"), "").await?;
    assert_eq!(pdf.body().as_ref(), [0, 159, 146, 150]);
    assert_eq!(pdf.headers()[header::CONTENT_TYPE], "application/pdf");
    Ok(())
}

#[tokio::test]
async fn forms_and_json_arrive_as_they_were_sent() -> Outcome {
    for (content_type, body) in
        [("application/x-www-form-urlencoded", "a=%C3%A4&b=1"), ("application/json", "{\"ä\":1}")]
    {
        let request = ask("/invoices/RE1").method("POST").header(header::CONTENT_TYPE, content_type);
        assert_eq!(echoed(request, body).await?["bytes"], json!(body.as_bytes()), "{content_type}");
    }
    Ok(())
}

#[tokio::test]
async fn the_context_names_request_client_and_route() -> Outcome {
    let mut request = ask("/invoices/RE1")
        .header("x-forwarded-for", "9.9.9.9")
        .header("x-forwarded-proto", "ftp")
        .body(Bytes::new())?;
    request.extensions_mut().insert(SourceIp([203, 0, 113, 7].into()));
    let response = gateway()?.call(request).await;
    let seen: Value = serde_json::from_slice(response.body())?;
    assert_eq!(seen["context"]["ip"], "203.0.113.7");
    assert_eq!(seen["context"]["route"], "ANY /invoices/{number}");
    assert_eq!(seen["headers"]["x-forwarded-for"], "9.9.9.9, 203.0.113.7");
    assert_eq!(seen["uri"], "https://webhosting-ag.localhost:9000/invoices/RE1");
    let id = response.headers().get("apigw-requestid").and_then(|id| id.to_str().ok());
    assert_eq!(seen["context"]["id"].as_str(), id);
    let other = call(ask("/invoices/RE1"), "").await?;
    assert_ne!(other.headers().get("apigw-requestid").and_then(|id| id.to_str().ok()), id);
    Ok(())
}

#[tokio::test]
async fn every_unknown_path_goes_to_customer() -> Outcome {
    let response = call(ask("/nothing/here"), "").await?;
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (404, &b"customer knows no /nothing/here"[..]));
    Ok(())
}

#[tokio::test]
async fn a_panicking_function_is_an_error_of_the_gateway() -> Outcome {
    assert_eq!(call(ask("/panic"), "").await?.status(), 500);
    Ok(())
}

#[tokio::test]
async fn a_host_that_is_no_host_is_a_bad_request() -> Outcome {
    for host in ["a b", "[::1", "a:99999", "%zz", "", "a/b", "a?b", "a@b"] {
        let request = Request::get("/cookies").header(header::HOST, host);
        assert_eq!(call(request, "").await?.status(), 400, "{host:?}");
    }
    Ok(())
}

#[tokio::test]
async fn two_functions_cannot_have_the_same_path() {
    let function = |name| Function { name, paths: vec!["/x/{id}".to_owned()], router: Router::new() };
    let clash = Gateway::new(vec![function("one"), function("two")]);
    assert!(clash.is_err_and(|error| error.contains("two") && error.contains("/x/{id}")));
}

#[tokio::test]
async fn the_socket_passes_host_and_answers_several_requests() -> Outcome {
    let (address, stop) = socket().await?;
    let request = Request::post(format!("{address}/invoices/RE1")).header(header::HOST, "webhosting-ag.localhost:9000");
    let answer = send(request, Body::from("hello")).await?;
    let seen = answer.json()?;
    assert_eq!(seen["headers"]["host"], "webhosting-ag.localhost:9000");
    assert_eq!(seen["context"]["ip"], "127.0.0.1");
    let answer = send(Request::get(format!("{address}/cookies")), Body::empty()).await?;
    assert_eq!(answer.headers.get_all(header::SET_COOKIE).iter().count(), 2);
    drop(stop);
    Ok(())
}
