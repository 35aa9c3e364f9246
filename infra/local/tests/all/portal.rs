//! `cargo portal` as a whole: it starts, shows its mailbox and ends when told.

use crate::{Outcome, get};
use local::Options;
use std::{net::TcpListener, path::Path, time::Duration};

/// Five free ports in a row; another process could take them meanwhile, which no test here does.
fn free_ports() -> Result<u16, Box<dyn std::error::Error>> {
    for first in (20_000..30_000).step_by(7) {
        let offset = first + u16::try_from(std::process::id() % 1_000)?;
        if (0..5).all(|place| TcpListener::bind(("127.0.0.1", offset + place)).is_ok()) {
            return Ok(offset);
        }
    }
    Err("no five free ports in a row".into())
}

fn options(port: u16, data: &Path) -> Options {
    Options { port, data: data.to_owned(), fresh: true, no_demo: true, now: None, aws_only: false, command: None }
}

#[tokio::test]
async fn the_portal_starts_with_its_mailbox_and_ends_when_told() -> Outcome {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("table.sqlite-wal"), "of an earlier run")?;
    std::fs::write(folder.path().join("mine.txt"), "not the portal's")?;
    let options = options(free_ports()?, folder.path());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let port = options.port;
    let running = tokio::spawn(async move {
        local::run(&options, async {
            // A dropped sender means the same.
            let _ = stopped.await;
        })
        .await
    });
    let mut mailbox = get(&format!("http://127.0.0.1:{}/", port + 1)).await;
    for _ in 0..100 {
        if mailbox.as_ref().is_ok_and(|page| page.text().contains("tine@example.org")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        mailbox = get(&format!("http://127.0.0.1:{}/", port + 1)).await;
    }
    assert!(mailbox?.text().contains(&format!("http://webhosting-ag.localhost:{port}/login")));
    let portal = get(&format!("http://127.0.0.1:{port}/")).await?;
    assert!(portal.headers.contains_key("apigw-requestid"));
    let environment = std::fs::read_to_string(folder.path().join("environment"))?;
    assert!(environment.contains(&format!("BASE_DOMAIN=localhost:{port}\n")), "{environment}");
    drop(stop);
    tokio::time::timeout(Duration::from_secs(10), running).await???;
    assert!(folder.path().join("mine.txt").exists() && folder.path().join("table.sqlite").exists());
    Ok(())
}
