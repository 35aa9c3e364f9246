//! A portal that has no time just then.

use std::sync::{Arc, Mutex};

use kontor::Outcome;
use testkit::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::desk::Desk;

/// Answers one request after the other with what was prepared, and remembers their first lines.
async fn portal(answers: Vec<(&'static str, String)>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        for (head, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let first = request(&mut stream).await;
            heard.lock().unwrap().push(first);
            let length = body.len();
            let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

/// Reads a whole request; answers its first line.
async fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return head.lines().next().unwrap_or_default().to_owned();
            }
        }
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "the request breaks off: {text}");
        read.extend_from_slice(&part[..count]);
    }
}

#[tokio::test]
async fn whoever_is_asked_to_come_back_comes_back_and_sends_only_what_is_missing() {
    let later = || ("429 Too Many Requests\r\nRetry-After: 0", String::new());
    let passing = json!([{ "field": "", "code": "unavailable", "message": "later" }]);
    let first = json!({ "failed": 1, "results": [
        { "line": 1, "number": "K1", "outcome": "created" },
        { "line": 2, "number": "K2", "outcome": "failed", "errors": passing },
    ] });
    let second = json!({ "failed": 0, "results": [{ "line": 1, "number": "K2", "outcome": "unchanged" }] });
    let good = |body: &testkit::Value| ("200 OK", body.to_string());
    let (url, asked) =
        portal(vec![later(), good(&json!({ "items": [] })), later(), later(), good(&first), good(&second)]).await;
    let desk = Desk::at(&url, "shop.localhost:9000", "kk_local_x");
    desk.file("k.csv", "number,company\nK1,A\nK2,B\n");
    desk.run("import customers k.csv --parallel 1")
        .await
        .is(Outcome::Right)
        .says("2 lines: 1 taken, 1 unchanged, 0 refused");
    let asked = asked.lock().unwrap();
    let (looking, sending) = asked.split_at(2);
    assert!(looking.iter().all(|line| line.starts_with("GET /api/admin/v1/customers?limit=1 ")), "{asked:?}");
    assert!(sending.iter().all(|line| line.starts_with("POST /api/admin/v1/customers:import ")), "{asked:?}");
    assert_eq!(sending.len(), 4);
}

#[tokio::test]
async fn a_key_is_not_asked_for_twice_when_nobody_knows_whether_it_was_made() {
    let broken = || ("503 Service Unavailable\r\nRetry-After: 0", String::new());
    let (url, asked) = portal(vec![broken(), broken()]).await;
    let desk = Desk::at(&url, "shop.localhost:9000", "kk_local_x");
    let failure = desk.run("key create --label x").await.ended.unwrap_err().to_string();
    assert!(failure.contains("503"), "{failure}");
    assert_eq!(asked.lock().unwrap().len(), 1);
}
