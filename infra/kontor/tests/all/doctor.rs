//! The doctor finds a well stage well, and in a broken one exactly what is broken.

use domain::payment::ProviderName;
use kontor::Outcome;
use testkit::{Portal, Rails, Tenant, Value, faults::Fault, samples};

use crate::desk::{Desk, Said};

/// A stage in which everything is as it should be.
struct House {
    portal: Portal,
    tenant: Tenant,
    desk: Desk,
}

impl House {
    async fn well() -> Self {
        let portal = Portal::behind_faults(1).await;
        let tenant = portal.tenant("webhosting-ag").await;
        tenant.sandbox().await.settings("company", &samples::company("webhosting-ag")).await;
        tenant.put("/settings/providers/stripe", &Rails::keys(ProviderName::Stripe)).await;
        portal.worker.drain().await;
        let desk = Desk::of_cloud(&portal);
        Self { portal, tenant, desk }
    }

    async fn examined(&self) -> Said {
        self.desk.run_at_cloud("--json doctor").await
    }

    /// The environment with one variable set anew.
    fn told(&self, name: &str, value: &str) {
        let told = self.desk.read("environment");
        let others = told.lines().filter(|line| !line.starts_with(&format!("{name}=")));
        let mut told: String = others.map(|line| format!("{line}\n")).collect();
        told += &format!("{name}={value}\n");
        self.desk.file("environment", told);
    }

    /// Exactly these lines are red now, and each says what to do.
    #[track_caller]
    fn only(said: &Said, lines: &[(&str, &str)]) {
        let objects = said.is(if lines.is_empty() { Outcome::Right } else { Outcome::Refused }).objects();
        let red: Vec<&Value> = objects.iter().filter(|object| object["state"] == "red").collect();
        let named: Vec<&str> = red.iter().map(|line| line["line"].as_str().unwrap()).collect();
        assert_eq!(named, lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), "{}", said.text);
        for (line, (_, remedy)) in red.iter().zip(lines) {
            let says = line["remedy"].as_str().unwrap();
            assert!(says.contains(remedy), "„{remedy}“ is not in „{says}“");
        }
    }
}

#[tokio::test]
async fn a_stage_that_is_well_is_green() {
    let house = House::well().await;
    let said = house.examined().await;
    House::only(&said, &[]);
    let objects = said.objects();
    let state = |line: &str, of: &str| {
        let found = objects.iter().find(|object| object["line"] == line && object["of"] == of);
        found.map(|object| object["state"].as_str().unwrap().to_owned())
    };
    for line in ["configuration", "table", "bucket", "signing key", "clock", "dead letters", "stream"] {
        assert_eq!(state(line, "").as_deref(), Some("green"), "{line}: {}", said.text);
    }
    for (line, of) in [
        ("platform", "localhost"),
        ("sender", "portal.example"),
        ("portal", "webhosting-ag.localhost"),
        ("portal", "webhosting-ag.sandbox.localhost"),
        ("replies", "webhosting-ag"),
        ("provider keys", "webhosting-ag"),
    ] {
        assert_eq!(state(line, of).as_deref(), Some("green"), "{line}: {}", said.text);
    }
    for (line, of) in [("alarms", ""), ("DNS", "localhost"), ("certificate", "webhosting-ag.localhost")] {
        assert_eq!(state(line, of).as_deref(), Some("not_here"), "{line}: {}", said.text);
    }
    house.desk.run_at_cloud("doctor --tenant webhosting-ag").await.is(Outcome::Right).says("all is well");
    house.desk.run_at_cloud("doctor --tenant nobody-ag").await.is(Outcome::Refused).says("tenant list");
}

#[tokio::test]
async fn what_is_told_wrongly_is_named() {
    let house = House::well().await;
    let well = house.desk.read("environment");
    for (name, value, line, remedy) in [
        ("STAGE", "moon", "configuration", "set the variable"),
        ("BUCKET_NAME", "nothing", "bucket", "BUCKET_NAME"),
        ("SIGNING_KEY", "/nowhere/key.pem", "signing key", "Ed25519"),
        ("BASE_DOMAIN", "wrong.example:9000", "platform", "BASE_DOMAIN"),
        ("AWS_ENDPOINT_URL_SES", "http://127.0.0.1:1", "sender", "MAIL_FROM_DOMAIN"),
        ("PROVIDER_SECRETS", "/nowhere/secrets.json", "provider keys", "settings/providers"),
        ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1", "dead letters", "kontor replay"),
        ("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1", "stream", "log of the reader"),
    ] {
        house.told(name, value);
        House::only(&house.examined().await, &[(line, remedy)]);
        house.desk.file("environment", &well);
    }
    House::only(&house.examined().await, &[]);
}

#[tokio::test]
async fn a_key_that_nobody_published_is_named() {
    let house = House::well().await;
    let other = house.desk.file("other.pem", auth_otp::fresh_signing_key().expose());
    house.told("SIGNING_KEY", &other.to_string_lossy());
    House::only(&house.examined().await, &[("signing key", "publishes the public half")]);
}

#[tokio::test]
async fn a_table_without_its_stream_is_named() {
    let house = House::well().await;
    house.portal.end_stream();
    let said = house.examined().await;
    House::only(&said, &[("table", "deploying the stack")]);
    said.says("lacks its stream");
}

#[tokio::test]
async fn what_was_given_up_is_named() {
    let house = House::well().await;
    house.portal.dynamodb().always(Fault::FailBefore);
    house.portal.worker.minute().await;
    house.portal.dynamodb().stop();
    let said = house.examined().await;
    House::only(&said, &[("dead letters", "kontor replay --yes")]);
    said.says("2 wait");
    house.desk.run_at_cloud("replay --yes").await.is(Outcome::Right);
    House::only(&house.examined().await, &[]);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_on_is_named() {
    let house = House::well().await;
    house.tenant.customer("K1", |_| {}).await;
    House::only(&house.examined().await, &[("stream", "log of the reader")]);
    house.portal.worker.drain().await;
    House::only(&house.examined().await, &[]);
}

#[tokio::test]
async fn a_host_that_leads_nowhere_and_mails_without_an_answer_are_named() {
    let house = House::well().await;
    let (host, more) =
        (r#"{"S":"webhosting-ag.localhost"}"#, r#"{"S":"webhosting-ag.localhost"},{"S":"gone.example"}"#);
    assert_eq!(house.portal.spoil("tenant", host, more), 1);
    house.portal.worker.drain().await;
    let said = house.examined().await;
    House::only(&said, &[("portal", "kontor domain add")]);
    said.says("gone.example");
    house.portal.bare_tenant("bare-ag").await;
    let mails = house.desk.run_at_cloud("--json mail verify --tenant bare-ag").await;
    House::only(&mails, &[("replies", "settings/company")]);
    mails.says("noreply@portal.example for every tenant");
}

#[tokio::test]
async fn a_domain_leads_to_its_tenant_or_it_is_named() {
    let house = House::well().await;
    house.portal.tenant("shop-ag").await;
    let platform = Desk::of_platform(&house.portal);
    platform.run("domain add webhosting-ag kunden.example").await.is(Outcome::Right);
    let verify =
        async |host: &str| house.desk.run_at_cloud(&format!("--json domain verify webhosting-ag {host}")).await;
    for own in ["webhosting-ag.localhost", "kunden.example"] {
        House::only(&verify(own).await, &[]);
    }
    House::only(&verify("nobody.example").await, &[("domain", "domain add"), ("portal", "domain add")]);
    let foreign = verify("shop-ag.localhost").await;
    House::only(&foreign, &[("domain", "domain add"), ("portal", "domain add")]);
    foreign.says("somebody answers who is not");
}
