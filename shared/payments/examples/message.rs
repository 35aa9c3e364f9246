//! Signs and proves messages, for comparing us with the vendors' own libraries:
//! `message sign stripe|gocardless SECRET FILE UNIX` prints the header as our loopback vendor makes it;
//! `message prove stripe|gocardless SECRET FILE UNIX HEADER` fails when our adapter does not take it.

use std::process::ExitCode;

use domain::Secret;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use payments::{Client, GoCardless, Provider, Raw, Stripe, gocardless, stripe};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match carry_out(std::env::args().skip(1).collect()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            say(&wrong);
            ExitCode::from(2)
        }
    }
}

async fn carry_out(arguments: Vec<String>) -> Result<bool, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (what, vendor, secret, file, unix, header) = match arguments.as_slice() {
        ["sign", vendor, secret, file, unix] => ("sign", *vendor, *secret, *file, *unix, ""),
        ["prove", vendor, secret, file, unix, header] => ("prove", *vendor, *secret, *file, *unix, *header),
        _ => return Err("usage: message sign|prove VENDOR SECRET FILE UNIX [HEADER]".to_owned()),
    };
    let body = std::fs::read(file).map_err(|wrong| format!("{file}: {wrong}"))?;
    let unix: i64 = unix.parse().map_err(|_| format!("{unix} is no time"))?;
    if what == "sign" {
        say(&match vendor {
            "stripe" => vendors::stripe::sign(secret, unix, &body),
            _ => vendors::gocardless::sign(secret, &body),
        });
        return Ok(true);
    }
    let now = Timestamp::from_second(unix).map_err(|wrong| wrong.to_string())?;
    let own = |text: &str| Secret::new(text.to_owned());
    let nowhere = || "http://127.0.0.1:9".to_owned();
    let (name, provider): (_, Box<dyn Provider>) = match vendor {
        "stripe" => {
            let keys = stripe::Keys { secret_key: own("sk_test_x"), webhook_secrets: vec![own(secret)] };
            (stripe::SIGNATURE_HEADER, Box::new(Stripe::new(Client::default(), nowhere(), keys)))
        }
        _ => {
            let keys =
                serde_json::json!({ "access_token": "sandbox_compared", "webhook_secrets": [secret], "live": false });
            let keys: gocardless::Keys = serde_json::from_value(keys).map_err(|wrong| wrong.to_string())?;
            ("webhook-signature", Box::new(GoCardless::new(Client::default(), nowhere(), keys)))
        }
    };
    let value = HeaderValue::from_str(header).map_err(|wrong| wrong.to_string())?;
    let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]);
    Ok(provider.verify(Raw { headers: &headers, body: &body, now }).await.is_ok())
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn say(line: &str) {
    println!("{line}");
}
