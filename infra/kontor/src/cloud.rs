//! What needs the cloud itself and not only the API: table, bucket, queue, readers, mails. The rest of the command knows none
//! of it.

mod attributes;
mod backup;
mod books;
mod bucket;
mod certificate;
mod doctor;
mod export;
mod items;
mod letters;
mod options;
mod place;
mod replay;
mod restore;
mod table;
mod verify;
mod visitor;

pub(crate) use doctor::domain as verify_domain;
pub(crate) use options::{CloudCommand, VerifyDomain};

use options::{BackupCommand, MailCommand};
use url::Url;

use crate::{Failure, Outcome, Stop, voice::Voice};

/// Does what was asked.
///
/// `url` is where a stage on this machine listens.
pub(crate) async fn run(
    command: &CloudCommand,
    url: &Url,
    stop: &Stop,
    voice: &mut Voice<'_>,
) -> Result<Outcome, Failure> {
    match command {
        CloudCommand::Replay(options) => Box::pin(replay::run(options, stop, voice)).await,
        CloudCommand::Export(options) => Box::pin(export::run(options, stop, voice)).await,
        CloudCommand::Restore(options) => Box::pin(restore::run(options, stop, voice)).await,
        CloudCommand::Backup { command: BackupCommand::Verify { from } } => verify::run(from, stop, voice),
        CloudCommand::Doctor(options) => Box::pin(doctor::run(options, url, stop, voice)).await,
        CloudCommand::Mail { command: MailCommand::Verify(options) } => {
            Box::pin(doctor::mail(options, url, stop, voice)).await
        }
    }
}
