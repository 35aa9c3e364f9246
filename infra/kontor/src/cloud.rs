//! What needs the cloud itself and not only the API: table, bucket, queue, readers, mails. The rest of the command knows none
//! of it.

mod letters;
mod options;
mod place;
mod replay;

pub(crate) use options::CloudCommand;

use crate::{Failure, Outcome, Stop, voice::Voice};

/// Does what was asked.
pub(crate) async fn run(command: &CloudCommand, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    match command {
        CloudCommand::Replay(options) => Box::pin(replay::run(options, stop, voice)).await,
    }
}
