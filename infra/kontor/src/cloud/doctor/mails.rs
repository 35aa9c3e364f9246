//! May the stage send mails, do receivers believe it, and where do answers go? Every mail of every tenant comes from the
//! installation's neutral domain; there are no senders of tenants' own.

use aws_sdk_ses::types::VerificationStatus;
use domain::tenant::Settings;
use web::Stage;

use super::line::{Fault, Verdict, green};
use crate::{Failure, cloud::place::refused};

const IDENTITY: &str =
    "verify MAIL_FROM_DOMAIN in SES of this region, with Easy DKIM, and put the records into its DNS";
const SENDING: &str = "ask AWS for production access to SES in this region, and look at its reputation page";
const REPLIES: &str = "set `email` of the tenant's company data: PUT /api/admin/v1/settings/company";
/// What SES lets an account send a day that it does not know yet.
const TRIAL_A_DAY: f64 = 200.0;

/// May the sending domain write, and anything go out?
pub(super) async fn sender(ses: &aws_sdk_ses::Client, domain: &str, stage: Stage) -> Verdict {
    identity(ses, domain).await?;
    let quota = sending(ses, stage).await?;
    green(format!("noreply@{domain} for every tenant: verified, signed (DKIM), {quota}"))
}

/// Is the domain verified, and does SES sign for it?
async fn identity(ses: &aws_sdk_ses::Client, domain: &str) -> Result<(), Fault> {
    let unread = |failure: Failure| Fault::new(failure.to_string(), IDENTITY);
    let asked = ses.get_identity_verification_attributes().identities(domain).send();
    let found = Box::pin(asked).await.map_err(refused("SES cannot be asked")).map_err(unread)?;
    let verified = found.verification_attributes().get(domain).map(|found| found.verification_status());
    if verified != Some(&VerificationStatus::Success) {
        return Err(Fault::new(format!("{domain} is not verified"), IDENTITY));
    }
    let asked = ses.get_identity_dkim_attributes().identities(domain).send();
    let found = Box::pin(asked).await.map_err(refused("SES cannot be asked")).map_err(unread)?;
    let dkim = found.dkim_attributes().get(domain);
    if !dkim.is_some_and(|dkim| dkim.dkim_enabled() && *dkim.dkim_verification_status() == VerificationStatus::Success)
    {
        return Err(Fault::new(format!("mails of {domain} are not signed (DKIM)"), IDENTITY));
    }
    Ok(())
}

/// May anything go out, and to anybody?
async fn sending(ses: &aws_sdk_ses::Client, stage: Stage) -> Result<String, Fault> {
    let unread = |failure: Failure| Fault::new(failure.to_string(), SENDING);
    let asked = ses.get_account_sending_enabled().send();
    let allowed = Box::pin(asked).await.map_err(refused("SES cannot be asked")).map_err(unread)?;
    if !allowed.enabled() {
        return Err(Fault::new("SES has stopped all mails of this account", SENDING));
    }
    let asked = ses.get_send_quota().send();
    let quota = Box::pin(asked).await.map_err(refused("SES cannot be asked")).map_err(unread)?;
    judge(quota.max24_hour_send(), quota.sent_last24_hours(), stage)
}

fn judge(most: f64, sent: f64, stage: Stage) -> Result<String, Fault> {
    // SES says -1 for no limit.
    if most < 0.0 {
        return Ok("without a limit".to_owned());
    }
    if most <= TRIAL_A_DAY && stage == Stage::Prod {
        return Err(Fault::new("SES is in its own sandbox: only verified addresses get mails", SENDING));
    }
    if sent >= most * 0.8 {
        return Err(Fault::new(format!("{sent:.0} of {most:.0} mails of these 24 hours are sent"), SENDING));
    }
    Ok(format!("{sent:.0} of {most:.0} mails of these 24 hours are sent"))
}

/// Where answers go.
pub(super) fn replies(settings: &Settings) -> Verdict {
    match &settings.company.email {
        Some(address) => green(format!("answers go to {}", address.as_str())),
        None => Err(Fault::new("answers to its mails go nowhere", REPLIES)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_in_trial_writes_to_nobody_and_only_prod_minds() {
        assert!(judge(200.0, 0.0, Stage::Prod).unwrap_err().said.contains("sandbox"));
        assert!(judge(200.0, 0.0, Stage::Sandbox).is_ok());
        assert!(judge(-1.0, 0.0, Stage::Prod).is_ok());
    }

    #[test]
    fn a_day_that_is_nearly_full_is_told_in_time() {
        assert!(judge(50_000.0, 39_999.0, Stage::Prod).is_ok());
        assert!(judge(50_000.0, 40_000.0, Stage::Prod).unwrap_err().said.contains("40000 of 50000"));
    }
}
