//! What needs the cloud itself and not only the API: table, bucket, queue, readers, mails. The rest of the command knows none
//! of it.

mod attributes;
mod backup;
mod books;
mod bucket;
mod export;
mod items;
mod letters;
mod options;
mod place;
mod replay;
mod restore;
mod table;
mod verify;

pub(crate) use options::CloudCommand;

use options::BackupCommand;

use crate::{Failure, Outcome, Stop, voice::Voice};

/// Does what was asked.
pub(crate) async fn run(command: &CloudCommand, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    match command {
        CloudCommand::Replay(options) => Box::pin(replay::run(options, stop, voice)).await,
        CloudCommand::Export(options) => Box::pin(export::run(options, stop, voice)).await,
        CloudCommand::Restore(options) => Box::pin(restore::run(options, stop, voice)).await,
        CloudCommand::Backup { command: BackupCommand::Verify { from } } => verify::run(from, stop, voice),
    }
}
