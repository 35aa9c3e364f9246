//! Mails sent by the real SES client are found by programs and shown to people.

use crate::{Outcome, any_cloud, get, send, ses};
use aws_sdk_ses::types::{Body as MailBody, Content, Destination, Message, MessageTag, RawMessage};
use axum::body::Body;
use futures_util::FutureExt;
use http::Request;
use local::{Cloud, CloudOptions, Desk, Persona, Return};
use mail_builder::MessageBuilder;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

fn mail(subject: &str) -> Result<Vec<u8>, std::io::Error> {
    MessageBuilder::new()
        .from(("Webhosting AG", "no-reply@webhosting-ag.example"))
        .to("tine@example.org")
        .subject(subject)
        .text_body("Ihr Code ist 123456.")
        .html_body("<p>Ihr Code ist <b>123456</b>.</p><script>alert(1)</script>")
        .attachment("application/pdf", "RE1000.pdf", &b"%PDF-1.7"[..])
        .write_to_vec()
}

async fn send_raw(cloud: &Cloud, mime: Vec<u8>, to: &[&str]) -> Result<String, Box<dyn std::error::Error>> {
    let raw = RawMessage::builder().data(aws_sdk_ses::primitives::Blob::new(mime)).build()?;
    let to = to.iter().map(|to| (*to).to_owned()).collect();
    let sent = ses(cloud).send_raw_email().raw_message(raw).set_destinations(Some(to)).send().await?;
    Ok(sent.message_id().to_owned())
}

#[tokio::test]
async fn a_raw_mail_is_found_by_its_recipient_newest_first() -> Outcome {
    let cloud = any_cloud().await?;
    send_raw(&cloud, mail("Grüße eins")?, &[]).await?;
    let id = send_raw(&cloud, mail("zwei")?, &["Tine <TINE@example.org>"]).await?;
    send_raw(&cloud, mail("fremd")?, &["max@example.org"]).await?;
    let url = format!("{}/api/messages?to=tine@example.org", cloud.ses_url());
    let found = get(&url).await?.json()?;
    let subjects: Vec<_> = found.as_array().into_iter().flatten().map(|mail| &mail["subject"]).collect();
    assert_eq!(subjects, ["zwei", "Grüße eins"]);
    assert_eq!(found[0]["id"], id.as_str());
    assert_eq!(found[1]["to"], "tine@example.org");
    assert_eq!(found[0]["from"], "Webhosting AG <no-reply@webhosting-ag.example>");
    assert_eq!(found[0]["text"], "Ihr Code ist 123456.");
    assert!(found[0]["html"].as_str().is_some_and(|html| html.contains("<b>123456</b>")));
    assert_eq!(cloud.mailbox().messages_to("tine@example.org").len(), 2);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_attachment_is_downloaded_by_its_url() -> Outcome {
    let cloud = any_cloud().await?;
    send_raw(&cloud, mail("mit Datei")?, &[]).await?;
    let found = get(&format!("{}/api/messages", cloud.ses_url())).await?.json()?;
    let file = &found[0]["attachments"][0];
    assert_eq!(
        (&file["name"], &file["content_type"], &file["size"]),
        (&json!("RE1000.pdf"), &json!("application/pdf"), &json!(8))
    );
    let downloaded = get(file["url"].as_str().unwrap_or_default()).await?;
    assert_eq!((downloaded.status, downloaded.text().as_str()), (200, "%PDF-1.7"));
    let raw = get(&format!("{}/messages/{}/raw", cloud.ses_url(), found[0]["id"].as_str().unwrap_or_default())).await?;
    assert!(raw.text().contains("Subject: mit Datei"), "{}", raw.text());
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_simple_mail_reaches_everybody_it_names() -> Outcome {
    let cloud = any_cloud().await?;
    let text = |text: &str| Content::builder().data(text).build();
    let message =
        Message::builder().subject(text("Hallo")?).body(MailBody::builder().text(text("nur Text")?).build()).build();
    let to = Destination::builder().to_addresses("tine@example.org").bcc_addresses("max@example.org").build();
    ses(&cloud).send_email().source("Portal <portal@example.org>").destination(to).message(message).send().await?;
    let [mail] = &cloud.mailbox().messages_to("max@example.org")[..] else { return Err("one mail".into()) };
    assert_eq!((mail.subject.as_str(), mail.text.as_deref(), mail.html.as_deref()), ("Hallo", Some("nur Text"), None));
    assert_eq!(mail.from, "Portal <portal@example.org>");
    assert_eq!(cloud.mailbox().messages_to("tine@example.org").len(), 1);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_mail_to_nobody_and_an_unknown_action_are_refused() -> Outcome {
    let cloud = any_cloud().await?;
    assert!(send_raw(&cloud, b"Subject: nobody\r\n\r\ntext".to_vec(), &[]).await.is_err());
    let unknown = ses(&cloud).list_templates().send().await;
    assert!(unknown.is_err());
    assert!(cloud.mailbox().all().is_empty());
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn deleted_mails_are_gone_for_programs_and_for_a_restart() -> Outcome {
    let folder = tempfile::tempdir()?;
    let start = || Cloud::start(CloudOptions { data: Some(folder.path().to_owned()), ..CloudOptions::default() });
    let cloud = start().await?;
    send_raw(&cloud, mail("bleibt")?, &[]).await?;
    let before = cloud.mailbox().all();
    cloud.stop().await;

    let cloud = start().await?;
    let after = cloud.mailbox().all();
    assert_eq!((after[0].id.as_str(), after[0].date.as_str()), (before[0].id.as_str(), before[0].date.as_str()));
    assert_eq!((after[0].subject.as_str(), after[0].to.as_str()), ("bleibt", "tine@example.org"));
    let deleted = send(Request::delete(format!("{}/api/messages", cloud.ses_url())), Body::empty()).await?;
    assert_eq!(deleted.status, 204);
    cloud.stop().await;

    let cloud = start().await?;
    assert!(cloud.mailbox().all().is_empty());
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn only_the_last_thousand_mails_are_kept() -> Outcome {
    let cloud = any_cloud().await?;
    let client = ses(&cloud);
    for count in 0..1_003 {
        let mime = format!("To: tine@example.org\r\nSubject: {count}\r\n\r\n");
        let raw = RawMessage::builder().data(aws_sdk_ses::primitives::Blob::new(mime)).build()?;
        client.send_raw_email().raw_message(raw).send().await?;
    }
    let all = cloud.mailbox().all();
    assert_eq!((all.len(), all[0].subject.as_str(), all[999].subject.as_str()), (1_000, "1002", "3"));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn people_see_the_list_and_a_mail_without_its_scripts() -> Outcome {
    let cloud = any_cloud().await?;
    let id = send_raw(&cloud, mail("<b>Rechnung</b>")?, &[]).await?;
    let list = get(&cloud.ses_url()).await?.text();
    assert!(list.contains("&#60;b&#62;Rechnung") && !list.contains("<b>Rechnung"), "{list}");
    let page = get(&format!("{}/messages/{id}", cloud.ses_url())).await?.text();
    assert!(page.contains("sandbox=") && page.contains("srcdoc=") && !page.contains("<script"), "{page}");
    assert_eq!(get(&format!("{}/messages/1", cloud.ses_url())).await?.status, 404);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_clock_is_set_advanced_and_stamps_mails() -> Outcome {
    let cloud = any_cloud().await?;
    let url = format!("{}/api/clock", cloud.ses_url());
    let post = |body: serde_json::Value| {
        send(Request::post(&url).header("content-type", "application/json"), body.to_string())
    };
    let now = post(json!({ "now": "2030-12-31" })).await?.json()?;
    assert!(now["now"].as_str().is_some_and(|now| now.starts_with("2030-12-31T00:00:0")), "{now}");
    let now = post(json!({ "advance_seconds": 86_400 })).await?.json()?;
    assert!(now["now"].as_str().is_some_and(|now| now.starts_with("2031-01-01T00:00:0")), "{now}");
    assert_eq!(post(json!({ "now": "soon" })).await?.status, 400);
    let now = get(&url).await?.json()?;
    assert!(now["now"].as_str().is_some_and(|now| now.starts_with("2031-01-01T")), "{now}");
    send_raw(&cloud, mail("später")?, &[]).await?;
    assert!(cloud.mailbox().all()[0].date.starts_with("2031-01-01T"));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_mail_that_comes_back_says_the_tags_it_went_out_with() -> Outcome {
    let cloud = any_cloud().await?;
    let raw = RawMessage::builder().data(aws_sdk_ses::primitives::Blob::new(mail("Hallo")?)).build()?;
    let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build();
    let send = ses(&cloud).send_raw_email().raw_message(raw).tags(tag("tenant", "ten_1")?);
    send.tags(tag("customer", "cus_2")?).send().await?;
    for (how, kind) in [(Return::Bounce, "Bounce"), (Return::SoftBounce, "Bounce"), (Return::Complaint, "Complaint")] {
        let event = cloud.mailbox().returned("tine@example.org", how).ok_or("a mail")?;
        let told = event["Records"][0]["Sns"]["Message"].as_str().unwrap_or_default();
        let told: serde_json::Value = serde_json::from_str(told)?;
        assert_eq!(told["eventType"], kind);
        assert_eq!(told["mail"]["tags"], json!({ "tenant": ["ten_1"], "customer": ["cus_2"] }));
    }
    assert_eq!(cloud.mailbox().returned("max@example.org", Return::Bounce), None);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_desk_offers_logins_sends_codes_and_shows_what_was_given_up() -> Outcome {
    let cloud = any_cloud().await?;
    let (sent, moved) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (sent_by_desk, moved_by_desk) = (sent.clone(), moved.clone());
    let told = Arc::new(AtomicUsize::new(0));
    let told_by_desk = told.clone();
    let tine =
        Persona { name: "Tine".into(), email: "tine@example.org".into(), host: "webhosting-ag.localhost:9000".into() };
    cloud.mailbox().furnish(Desk {
        personas: vec![tine],
        send_code: Arc::new(move |_| {
            sent_by_desk.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }.boxed()
        }),
        outbox: Arc::new(|| async { vec!["invoice mail due 10:00".to_owned()] }.boxed()),
        dead_letters: Arc::new(|| async { vec!["worker: no luck".to_owned()] }.boxed()),
        clock_moved: Arc::new(move || {
            moved_by_desk.fetch_add(1, Ordering::Relaxed);
        }),
        mail_returned: Arc::new(move |event| {
            told_by_desk.fetch_add(usize::from(event["Records"][0]["EventSource"] == "aws:sns"), Ordering::Relaxed);
            async {}.boxed()
        }),
    });
    let page = get(&cloud.ses_url()).await?.text();
    for shown in ["http://webhosting-ag.localhost:9000/login", "send code", "invoice mail due 10:00", "worker: no luck"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let form = |body: &'static str| {
        let request = Request::post(format!("{}/send-code", cloud.ses_url()));
        send(request.header("content-type", "application/x-www-form-urlencoded"), body)
    };
    assert_eq!(form("email=tine%40example.org&host=webhosting-ag.localhost%3A9000").await?.status, 303);
    assert_eq!(form("email=nobody%40example.org&host=webhosting-ag.localhost%3A9000").await?.status, 404);
    assert_eq!(sent.load(Ordering::Relaxed), 1);
    let clock = Request::post(format!("{}/api/clock", cloud.ses_url())).header("content-type", "application/json");
    send(clock, r#"{"advance_seconds":1}"#).await?;
    assert_eq!(moved.load(Ordering::Relaxed), 1);
    let bounce = |body: &'static str| {
        let request = Request::post(format!("{}/api/bounces", cloud.ses_url()));
        send(request.header("content-type", "application/json"), body)
    };
    let of_tine = r#"{"to":"tine@example.org","kind":"bounce"}"#;
    assert_eq!(bounce(of_tine).await?.status, 404, "no mail went there");
    send_raw(&cloud, mail("kommt zurück")?, &[]).await?;
    assert_eq!(bounce(of_tine).await?.status, 204);
    assert_eq!(bounce(r#"{"to":"tine@example.org","kind":"lost"}"#).await?.status, 422);
    assert_eq!(told.load(Ordering::Relaxed), 1);
    cloud.stop().await;
    Ok(())
}
