//! Every mail, rendered in every language with kind and hostile values, and sent through the local cloud's mailbox.

use std::{error::Error, time::Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ses::config::{Credentials, SharedCredentialsProvider};
use domain::{
    Language,
    customer::EmailAddress,
    otp::Code,
    tenant::{Company, Picture, Settings},
};
use jiff::{Timestamp, civil::time};
use local::{ACCESS_KEY, Cloud, CloudOptions, SECRET_KEY};
use mail::{
    Attachment, MailError, Mailer, OtpMail, Rendered, Sender, UnknownAddressMail, render_otp, render_unknown_address,
};
use mail_parser::MessageParser;

type Outcome = Result<(), Box<dyn Error>>;

const HOSTILE: &str =
    "*x* <b>y</b> {{ code }} [z](https://evil.example)\r\nBcc: victim@example.org\n\n@evil.example #000000\u{202e}";
const LONG: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

/// A tenant and a customer with names of one sort.
fn settings(name: &str) -> Result<Settings, Box<dyn Error>> {
    let company = Company {
        name: name.to_owned(),
        street: "Musterweg 1".into(),
        postal_code: "12345".into(),
        city: "Musterhausen".into(),
        email: Some("service@webhosting-ag.example".parse()?),
        ..Company::default()
    };
    let mut settings = Settings { name: name.to_owned(), company, ..Settings::default() };
    settings.branding.logo = Some(Picture { file: "logo-0a1b.png".into(), width: 120, height: 40 });
    Ok(settings)
}

fn sender(settings: &Settings, language: Language, sandbox: bool) -> Sender<'_> {
    Sender { settings, origin: "https://webhosting-ag.localhost:9000", sandbox, language }
}

fn code() -> Code {
    Code::from_random(482_193, 6)
}

fn otp(sender: Sender<'_>, greeting_name: &str) -> Result<Rendered, mail::BrokenTemplate> {
    render_otp(&OtpMail { sender, greeting_name, code: &code(), valid_until: time(14, 41, 0, 0) })
}

/// Every mail there is.
fn all(sender: Sender<'_>, greeting_name: &str) -> Result<Vec<Rendered>, mail::BrokenTemplate> {
    Ok(vec![otp(sender, greeting_name)?, render_unknown_address(&UnknownAddressMail { sender })?])
}

#[test]
fn every_mail_is_whole_in_every_language_with_every_value() -> Outcome {
    for (tenant, customer) in [("Webhosting AG", "Frau Exemplus Tine"), (LONG, LONG), (HOSTILE, HOSTILE), ("A", "")] {
        let settings = settings(tenant)?;
        for language in Language::ALL {
            for mail in all(sender(&settings, language, false), customer)? {
                assert!(!mail.subject.is_empty() && !mail.subject.contains(['\r', '\n']), "{}", mail.subject);
                assert!(mail.subject.chars().count() <= 200);
                for part in [&mail.text, &mail.html] {
                    assert!(!part.contains("{{") || tenant == HOSTILE, "{part}");
                    assert!(!part.contains("\\*") && part.contains("/imprint"), "{part}");
                }
                assert!(mail.html.contains(&format!("lang=\"{}\"", language.code())));
                assert!(!mail.html.contains("<b>") && !mail.html.contains("href=\"https://evil"), "{}", mail.html);
                assert!(!mail.text.lines().any(|line| line.trim_start().starts_with("@evil")), "{}", mail.text);
            }
        }
    }
    Ok(())
}

#[test]
fn the_code_stands_in_subject_and_text_and_its_last_line_is_bound_to_the_host() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "Frau Exemplus Tine")?;
    assert_eq!(mail.subject, "Webhosting AG: 482 193 ist Ihr Anmeldecode");
    assert_eq!(mail.text.lines().last(), Some("@webhosting-ag.localhost #482193"));
    assert!(
        mail.text.contains("Guten Tag Frau Exemplus Tine") && mail.text.contains("14:41\u{a0}Uhr"),
        "{}",
        mail.text
    );
    assert!(mail.html.contains("<pre><code>482 193"), "{}", mail.html);
    assert!(mail.html.contains("12345 Musterhausen") && mail.html.contains("logo-0a1b.png"));
    Ok(())
}

#[test]
fn a_name_full_of_signs_is_shown_as_it_is() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "*x* <b>")?;
    assert!(mail.text.contains("Guten Tag *x* <b>,"), "{}", mail.text);
    assert!(mail.html.contains("Guten Tag *x* &lt;b&gt;,"), "{}", mail.html);
    Ok(())
}

#[test]
fn a_test_environment_says_so_in_subject_and_body() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (language, notice) in [
        (Language::De, "Testumgebung – keine echten Rechnungen und Zahlungen"),
        (Language::En, "Test environment – no real invoices and payments"),
    ] {
        for mail in all(sender(&settings, language, true), "")? {
            assert!([&mail.subject, &mail.text, &mail.html].iter().all(|part| part.contains(notice)), "{mail:?}");
        }
        for mail in all(sender(&settings, language, false), "")? {
            assert!(![&mail.subject, &mail.text, &mail.html].iter().any(|part| part.contains(notice)), "{mail:?}");
        }
    }
    Ok(())
}

fn mailer(endpoint: &str) -> Mailer {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests");
    let aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build();
    Mailer::connect(&aws, "portal.example")
}

fn address(text: &str) -> Result<EmailAddress, Box<dyn Error>> {
    Ok(text.parse()?)
}

#[tokio::test]
async fn a_sent_mail_arrives_with_both_parts_and_all_headers() -> Outcome {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let settings = settings("Webhosting „Ä“ AG")?;
    let mut mail = otp(sender(&settings, Language::De, false), "Frau Exemplus Tine")?;
    let bytes = b"%PDF".to_vec();
    mail.attachments.push(Attachment { file_name: "Übersicht.pdf".into(), content_type: "application/pdf", bytes });
    let now: Timestamp = "2026-11-22T04:05:06Z".parse()?;
    mailer(&cloud.ses_url()).send(&mail, &address("tine@example.org")?, now).await?;

    let [arrived] = &cloud.mailbox().messages_to("tine@example.org")[..] else { return Err("one mail".into()) };
    assert_eq!(arrived.from, "Webhosting „Ä“ AG <noreply@portal.example>");
    assert_eq!(arrived.subject, mail.subject);
    assert_eq!(arrived.text.as_deref().map(|text| text.replace("\r\n", "\n")), Some(mail.text.clone()));
    assert!(arrived.html.as_deref().is_some_and(|html| html.contains("482 193")));
    assert_eq!((arrived.attachments[0].name.as_str(), arrived.attachments[0].size), ("Übersicht.pdf", 4));

    let raw = String::from_utf8(arrived.raw().to_vec())?;
    let header =
        |name: &str| raw.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    assert_eq!(header("Date:"), "Sun, 22 Nov 2026 04:05:06 +0000");
    assert_eq!(header("Auto-Submitted:"), "auto-generated");
    assert_eq!(header("Content-Language:"), "de");
    assert_eq!(header("Reply-To:"), "<service@webhosting-ag.example>");
    assert!(header("Message-ID:").ends_with("@portal.example>"));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn no_value_can_begin_a_header() -> Outcome {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let settings = settings(HOSTILE)?;
    let mut mail = otp(sender(&settings, Language::De, true), HOSTILE)?;
    mail.subject = HOSTILE.to_owned();
    mail.from_name = format!("\"><noreply@evil.example>,\r\nBcc: victim@example.org\r\n\r\n{HOSTILE}");
    mail.headers.push(("X-Reference", HOSTILE.to_owned()));
    let bytes = vec![1];
    mail.attachments.push(Attachment { file_name: HOSTILE.to_owned(), content_type: "application/pdf", bytes });
    mailer(&cloud.ses_url()).send(&mail, &address("tine@example.org")?, Timestamp::UNIX_EPOCH).await?;

    let all = cloud.mailbox().all();
    assert_eq!((all.len(), all[0].to.as_str()), (1, "tine@example.org"));
    let parsed = MessageParser::default().parse(all[0].raw()).ok_or("a mail")?;
    assert!(parsed.bcc().is_none() && parsed.cc().is_none());
    let names = parsed.headers().iter().map(mail_parser::Header::name);
    let unknown: Vec<_> = names.filter(|name| name.to_lowercase().contains("bcc")).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let from = parsed.from().and_then(|from| from.first()).and_then(|from| from.address());
    assert_eq!(from, Some("noreply@portal.example"));
    assert_eq!(parsed.attachments().count(), 1);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_international_host_is_written_in_plain_letters() -> Outcome {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "")?;
    let mailer = mailer(&cloud.ses_url());
    mailer.send(&mail, &address("info@müller.example")?, Timestamp::UNIX_EPOCH).await?;
    assert_eq!(cloud.mailbox().all()[0].to, "info@xn--mller-kva.example");
    let refused = mailer.send(&mail, &address("jörg@example.org")?, Timestamp::UNIX_EPOCH).await;
    assert_eq!(refused, Err(MailError::Refused("address".into())));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_mailbox_that_is_down_or_hangs_is_given_up_in_time() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "")?;
    let to = address("tine@example.org")?;
    let down = mailer("http://127.0.0.1:9").send(&mail, &to, Timestamp::UNIX_EPOCH).await;
    assert!(matches!(down, Err(MailError::Unavailable(_))));
    // Takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let before = Instant::now();
    let hanging = mailer(&format!("http://{}", listener.local_addr()?)).send(&mail, &to, Timestamp::UNIX_EPOCH).await;
    assert_eq!(hanging, Err(MailError::Unavailable("timeout".into())));
    assert!(before.elapsed().as_millis() < 3_300, "{:?}", before.elapsed());
    Ok(())
}
