//! `kontor doctor`: looks at every part of a stage, a line each, and says what to do where one is not well.

mod hosts;
mod keys;
mod line;
mod mails;
mod storage;
mod work;

use std::sync::Arc;

use domain::tenant::TenantSlug;
use serde_json::json;
use store::{Store, Tenant, TenantRecord};
use url::Url;
use web::{Clock, Config};

use super::{
    options::{Doctor, VerifyDomain, VerifyMail},
    place::Place,
    visitor::Visitor,
};
use crate::{Failure, Outcome, Stop, voice::Voice};
use line::{Fault, Line};

/// Tenants of one page.
const PAGE: u16 = 100;

/// Whoever looks, and what was found so far.
struct Round<'a, 'v> {
    place: Place,
    config: Config,
    store: Store,
    visitor: Visitor,
    stop: &'a Stop,
    voice: &'a mut Voice<'v>,
    red: usize,
    green: usize,
}

/// One tenant and where it is.
struct Known {
    record: TenantRecord,
    tenant: Arc<Tenant>,
}

/// Right when no line is red.
pub(crate) async fn run(options: &Doctor, url: &Url, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let place = Place::find(&options.place).await?;
    let Some(mut round) = Round::begin(place, url, stop, voice)? else { return Ok(Outcome::Refused) };
    round.stage().await?;
    for known in &round.chosen(options.tenant.as_ref()).await? {
        round.one_tenant(known).await?;
    }
    round.end()
}

/// `kontor domain verify`: does a domain lead to a tenant?
pub(crate) async fn domain(
    options: &VerifyDomain,
    url: &Url,
    stop: &Stop,
    voice: &mut Voice<'_>,
) -> Result<Outcome, Failure> {
    let place = Place::find(&options.place).await?;
    let Some(mut round) = Round::begin(place, url, stop, voice)? else { return Ok(Outcome::Refused) };
    let host = options.domain.to_lowercase();
    for known in &round.chosen(Some(&options.tenant)).await? {
        round.say(Line::of("domain", &host, hosts::is_of(&known.record, &host)))?;
        round.host(&host, known).await?;
    }
    round.end()
}

/// `kontor mail verify`: may the stage send, and who is written to by whoever answers?
pub(crate) async fn mail(
    options: &VerifyMail,
    url: &Url,
    stop: &Stop,
    voice: &mut Voice<'_>,
) -> Result<Outcome, Failure> {
    let place = Place::find(&options.place).await?;
    let Some(mut round) = Round::begin(place, url, stop, voice)? else { return Ok(Outcome::Refused) };
    round.sender().await?;
    for Known { record, tenant } in &round.chosen(options.tenant.as_ref()).await? {
        round.say(Line::of("replies", record.slug.as_str(), mails::replies(&tenant.settings)))?;
    }
    round.end()
}

impl<'a, 'v> Round<'a, 'v> {
    /// Begins with the configuration, without which nothing else can be looked at.
    fn begin(place: Place, url: &Url, stop: &'a Stop, voice: &'a mut Voice<'v>) -> Result<Option<Self>, Failure> {
        let read = place.config().and_then(|config| Ok((config, place.store()?)));
        let (config, store) = match read {
            Ok(read) => read,
            Err(failure) => {
                let remedy = "set the variable as infra/template.yaml does, and deploy or start again";
                say(voice, &Line::of("configuration", "", Err(Fault::new(failure.to_string(), remedy))))?;
                return Ok(None);
            }
        };
        let visitor = Visitor::new(&config, url)?;
        let mut round = Self { place, config, store, visitor, stop, voice, red: 0, green: 0 };
        let stage = format!("stage {} below {}", round.config.stage.name(), round.config.base_domain);
        round.say(Line::of("configuration", "", line::green(stage)))?;
        Ok(Some(round))
    }

    /// The tenants to look at; a red line and none when they cannot be read.
    async fn chosen(&mut self, slug: Option<&TenantSlug>) -> Result<Vec<Known>, Failure> {
        match self.tenants(slug).await {
            Ok(tenants) => Ok(tenants),
            Err(fault) => self.say(Line::of("tenants", "", Err(fault))).map(|()| Vec::new()),
        }
    }

    /// What all tenants share.
    async fn stage(&mut self) -> Result<(), Failure> {
        let stage = self.config.stage;
        let found = storage::table(&self.place, stage).await;
        self.say(Line::of("table", "", found))?;
        let found = storage::bucket(&self.place, stage).await;
        self.say(Line::of("bucket", "", found))?;
        let found = keys::signing(&self.place, &self.config, &self.store).await;
        self.say(Line::of("signing key", "", found))?;
        let base = self.config.base_host().to_owned();
        let seen = self.visitor.get(&base, "/healthz").await;
        self.say(Line::of("platform", &base, hosts::platform(&seen)))?;
        self.say(Line::of("clock", "", hosts::clock(&seen)))?;
        self.way_to(&base).await?;
        self.sender().await?;
        let found = work::dead_letters(&self.place).await;
        self.say(Line::of("dead letters", "", found))?;
        let found = work::alarms(&self.place).await;
        self.say(Line::of("alarms", "", found))?;
        let found = work::streams(&self.place).await;
        self.say(Line::of("stream", "", found))
    }

    async fn one_tenant(&mut self, known: &Known) -> Result<(), Failure> {
        for host in &known.record.hosts {
            self.host(host, known).await?;
        }
        let slug = known.record.slug.as_str();
        self.say(Line::of("replies", slug, mails::replies(&known.tenant.settings)))?;
        let found = keys::providers(&self.place, &self.config, &known.tenant).await;
        self.say(Line::of("provider keys", slug, found))
    }

    /// Does a host lead to its tenant?
    async fn host(&mut self, host: &str, known: &Known) -> Result<(), Failure> {
        self.way_to(host).await?;
        let seen = self.visitor.get(host, "/login").await;
        let found = hosts::login(&seen, &known.tenant.settings, self.config.stage);
        self.say(Line::of("portal", host, found))
    }

    async fn way_to(&mut self, host: &str) -> Result<(), Failure> {
        let found = hosts::dns(&self.config, host).await;
        self.say(Line::of("DNS", host, found))?;
        let found = hosts::certificate(&self.visitor, host).await;
        self.say(Line::of("certificate", host, found))
    }

    async fn sender(&mut self) -> Result<(), Failure> {
        let domain = self.config.mail_from_domain.clone();
        let found = mails::sender(&self.place.ses(), &domain, self.config.stage).await;
        self.say(Line::of("sender", &domain, found))
    }

    /// All of them, or the one that was asked for.
    async fn tenants(&self, wanted: Option<&TenantSlug>) -> Result<Vec<Known>, Fault> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = Box::pin(self.store.tenants(PAGE, after)).await;
            let page = page.map_err(|error| Fault::new(error.to_string(), "look at the line of the table first"))?;
            for record in page.items {
                if wanted.is_none_or(|slug| *slug == record.slug) {
                    all.push(self.known(record).await?);
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        match wanted {
            Some(slug) if all.is_empty() => {
                Err(Fault::new(format!("there is no {slug}"), "`kontor tenant list` says who is there"))
            }
            _ => Ok(all),
        }
    }

    async fn known(&self, record: TenantRecord) -> Result<Known, Fault> {
        let neutral = record.hosts.first().cloned().unwrap_or_default();
        let found = Box::pin(self.store.tenant_of_host(&neutral, Clock::system().now())).await;
        let tenant = found.map_err(|error| {
            let remedy = "its registry line and its host do not agree: restore the table to a moment when they did";
            Fault::new(format!("{} at {neutral}: {error}", record.slug), remedy)
        })?;
        Ok(Known { record, tenant })
    }

    fn say(&mut self, line: Line) -> Result<(), Failure> {
        if self.stop.is_told() {
            return Err(Failure::Stopped);
        }
        if line.is_red() {
            self.red += 1;
        } else {
            self.green += 1;
        }
        say(self.voice, &line)
    }

    fn end(self) -> Result<Outcome, Failure> {
        let (green, red) = (self.green, self.red);
        let object = json!({ "event": "done", "green": green, "red": red });
        let words = if red == 0 { "all is well".to_owned() } else { format!("{red} of {} are red", green + red) };
        self.voice.say(&words, &object)?;
        Ok(if red == 0 { Outcome::Right } else { Outcome::Refused })
    }
}

fn say(voice: &mut Voice<'_>, line: &Line) -> Result<(), Failure> {
    voice.say(&line.words(), &line.object())
}
