//! `kontor restore`: puts an export into an empty table and an empty bucket.
//!
//! Nothing may happen before everything is there: a payment that is due beside an invoice that is not back yet would be
//! decided on half of the truth. So files come first, then all items at rest (not due, waking nobody), then the hosts and the
//! registry of tenants, which let requests and the minute in, then the tombstones, and last what is due becomes due again. By
//! then every lease, mark and reference that keeps a thing from being done twice is back. Items become due by a change, and only
//! what is inserted wakes a reader: the stream stays quiet, and the next minute takes up what is due.
//!
//! Every step may be repeated until the next one has begun; how far it is stands beside the export.

use std::fs;

use domain::erasure::Tombstone;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{CommitError, Store, TenantScope, deciding_again};
use web::Clock;

use super::{
    backup::{self, Backup, FileLine, Manifest, TombstoneLine, lines},
    books,
    bucket::{Bucket, Content},
    items,
    options::Restore,
    place::Place,
    table::Table,
    verify,
};
use crate::{Failure, Outcome, Stop, voice::Voice};

/// How far it is, beside the export.
const PROGRESS: &str = "restore.json";
/// Files on their way at once.
const AT_ONCE: usize = 16;

/// How far a restore is; of another export or into another place it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// The table by what it is and when it was made: names may come again.
    table: String,
    bucket: String,
    manifest: String,
    /// Parts of each that are done.
    files: usize,
    items: usize,
    due: usize,
    is_directory_there: bool,
    are_tombstones_down: bool,
}

/// One run.
struct Run<'a, 'v> {
    backup: Backup,
    manifest: Manifest,
    table: Table,
    bucket: Bucket,
    store: Store,
    progress: Progress,
    stop: &'a Stop,
    voice: &'a mut Voice<'v>,
}

/// Right when it is all there and every balance is right.
pub(crate) async fn run(options: &Restore, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let (backup, place) = (Backup::at(&options.from), Place::find(&options.place).await?);
    let manifest = backup.manifest()?;
    refuse_what_does_not_fit(&manifest, &place)?;
    let tombstones = options.tombstones.as_deref().map(Backup::at);
    // What cannot be read is said before anything is written.
    let tombstones = tombstones.map(|later| read_tombstones(&later, &manifest)).transpose()?;
    if verify::check(&backup, &manifest, stop, voice)? > 0 {
        return Err(Failure::Input("the export is not what was written; nothing was restored".to_owned()));
    }
    let (table, bucket, store) = (Table::of(&place)?, Bucket::of(&place)?, place.store()?);
    let progress = resume(&backup, &table, &bucket).await?;
    let mut run = Run { backup, manifest, table, bucket, store, progress, stop, voice };
    run.keep()?;
    run.files().await?;
    run.items().await?;
    run.directory().await?;
    run.tombstones(tombstones.as_deref()).await?;
    run.due().await?;
    let outcome = Box::pin(books::check(&run.store, run.stop, &mut *run.voice)).await?;
    let (items, files) = (lines(&run.manifest.items), lines(&run.manifest.files));
    let object = json!({ "event": "done", "items": items, "files": files });
    run.voice.say(&format!("restored: {items} items, {files} files; every document is what was exported"), &object)?;
    Ok(outcome)
}

fn refuse_what_does_not_fit(manifest: &Manifest, place: &Place) -> Result<(), Failure> {
    if !manifest.is_whole {
        return Err(Failure::Input("the export holds tombstones alone; name it with --tombstones".to_owned()));
    }
    let config = place.config()?;
    let (old, new) = (&manifest.base_domain, config.base_domain);
    if *old != new {
        return Err(Failure::Input(format!("the export's tenants are below {old}, the stage's are below {new}")));
    }
    let (old, new) = (&manifest.stage, config.stage.name());
    if old != new {
        return Err(Failure::Input(format!("the export is of a stage {old}, this is a stage {new}")));
    }
    Ok(())
}

/// Those that came after an export, of all of its tenants.
fn read_tombstones(later: &Backup, export: &Manifest) -> Result<Vec<TombstoneLine>, Failure> {
    let manifest = later.manifest()?;
    let why = if manifest.base_domain != export.base_domain || manifest.stage != export.stage {
        "are of another stage"
    } else if manifest.tenant.is_some() && manifest.tenant != export.tenant {
        "are of one tenant, and not of all that the export holds"
    } else if manifest.ended_at < export.ended_at {
        "are older than the export"
    } else {
        ""
    };
    if !why.is_empty() {
        return Err(Failure::Input(format!("the tombstones {why}")));
    }
    let parts = manifest.tombstones;
    let read = parts.iter().map(|part| later.read(part)).collect::<Result<Vec<Vec<_>>, _>>()?;
    Ok(read.into_iter().flatten().collect())
}

/// Goes on, or begins where nothing is.
async fn resume(backup: &Backup, table: &Table, bucket: &Bucket) -> Result<Progress, Failure> {
    let fresh = Progress {
        table: table.identity().await?,
        bucket: bucket.name().to_owned(),
        manifest: backup.fingerprint()?,
        ..Progress::default()
    };
    let kept = fs::read(backup.beside(PROGRESS)).ok().and_then(|kept| serde_json::from_slice::<Progress>(&kept).ok());
    let is_same =
        |kept: &Progress| (&kept.table, &kept.bucket, &kept.manifest) == (&fresh.table, &fresh.bucket, &fresh.manifest);
    // Whatever was kept: where nothing is, everything is still to be done.
    if table.is_empty().await? && bucket.is_empty().await? {
        return Ok(fresh);
    }
    kept.filter(is_same).ok_or_else(|| {
        let (table, bucket) = (table.name(), bucket.name());
        Failure::Input(format!(
            "{table} and {bucket} are not empty: a restore goes into a stage without tenants and files"
        ))
    })
}

impl Run<'_, '_> {
    /// Keeps how far it is.
    fn keep(&self) -> Result<(), Failure> {
        let text = serde_json::to_string(&self.progress);
        let text = text.map_err(|error| Failure::Input(format!("the progress cannot be written: {error}")))?;
        backup::write(&self.backup.beside(PROGRESS), text.as_bytes())
    }

    /// Keeps how far it is, says so, and ends here when it is to.
    fn reach(&mut self, step: &str, done: usize, of: usize) -> Result<(), Failure> {
        self.keep()?;
        let object = json!({ "event": "progress", "step": step, "done": done, "of": of });
        self.voice.say(&format!("{step}: {done} of {of}"), &object)?;
        if self.stop.is_told() { Err(Failure::Stopped) } else { Ok(()) }
    }

    async fn files(&mut self) -> Result<(), Failure> {
        let parts = self.manifest.files.clone();
        for (place, part) in parts.iter().enumerate().skip(self.progress.files) {
            let files: Vec<FileLine> = self.backup.read(part)?;
            let puts = files.into_iter().map(|file| put(&self.bucket, &self.backup, file));
            let mut puts = futures_util::stream::iter(puts).buffer_unordered(AT_ONCE);
            while let Some(put) = puts.next().await {
                put?;
                if self.stop.is_told() {
                    return Err(Failure::Stopped);
                }
            }
            drop(puts);
            self.progress.files = place + 1;
            self.reach("parts of the files", place + 1, parts.len())?;
        }
        Ok(())
    }

    /// All items but the directory's, at rest.
    async fn items(&mut self) -> Result<(), Failure> {
        let parts = self.manifest.items.clone();
        for (place, part) in parts.iter().enumerate().skip(self.progress.items) {
            let items: Vec<Value> = self.backup.read(part)?;
            let resting = items.iter().filter(|item| !items::is_of_directory(item)).map(items::at_rest);
            self.table.put_all(&resting.collect::<Vec<_>>()).await?;
            self.progress.items = place + 1;
            self.reach("parts of the items", place + 1, parts.len())?;
        }
        Ok(())
    }

    /// From here on requests find their tenant, and the minute too.
    async fn directory(&mut self) -> Result<(), Failure> {
        if self.progress.is_directory_there {
            return Ok(());
        }
        let directory = self.lines_of_directory()?;
        self.table.put_all(&directory).await?;
        self.progress.is_directory_there = true;
        self.reach("tenants and their hosts", directory.len(), directory.len())
    }

    fn lines_of_directory(&self) -> Result<Vec<Value>, Failure> {
        let mut directory = Vec::new();
        for part in &self.manifest.items {
            directory.extend(self.backup.read::<Value>(part)?.into_iter().filter(items::is_of_directory));
        }
        Ok(directory)
    }

    /// Whoever was erased after the export is erased again; as often as somebody brings tombstones, which does it once.
    async fn tombstones(&mut self, later: Option<&[TombstoneLine]>) -> Result<(), Failure> {
        let Some(later) = later else {
            if self.progress.are_tombstones_down {
                return Ok(());
            }
            let since = self.manifest.ended_at;
            let words = format!("without --tombstones whoever was erased after {since} is back");
            self.voice.say(&words, &json!({ "event": "no_tombstones", "since": since }))?;
            return Ok(());
        };
        let directory = self.lines_of_directory()?;
        let mut down = 0;
        for line in later {
            // Tenants that came after the export are not here.
            let is_here = directory.iter().any(|item| items::text(item, "sk") == line.tenant.as_str());
            let scope = TenantScope::of_stream_key(&format!("T#{}", line.tenant)).filter(|_| is_here);
            let Some(scope) = scope else { continue };
            put_down(&self.store, &scope, &line.tombstone).await?;
            down += 1;
        }
        self.progress.are_tombstones_down = true;
        self.reach("tombstones", down, later.len())
    }

    /// What was due is due again; a minute's sweep finds it.
    async fn due(&mut self) -> Result<(), Failure> {
        let parts = self.manifest.items.clone();
        for (place, part) in parts.iter().enumerate().skip(self.progress.due) {
            let items: Vec<Value> = self.backup.read(part)?;
            let due: Vec<Value> = items.into_iter().filter(items::is_due).collect();
            self.table.wake_all(&due).await?;
            self.progress.due = place + 1;
            self.reach("parts of what is due", place + 1, parts.len())?;
        }
        Ok(())
    }
}

async fn put(bucket: &Bucket, backup: &Backup, file: FileLine) -> Result<(), Failure> {
    let bytes = backup.file(&file)?;
    // S3 refuses a lock that is over.
    let locked_until = file.locked_until.filter(|until| *until > Clock::system().now());
    bucket.put_once(&file.key, Content { bytes, content_type: file.content_type, locked_until }).await
}

/// It is due since the customer was erased: also where the portal's clock is behind this machine's.
async fn put_down(store: &Store, scope: &TenantScope, tombstone: &Tombstone) -> Result<(), Failure> {
    let inside = store.in_tenant(scope);
    let again = deciding_again(|| Box::pin(inside.replay_tombstone(tombstone, tombstone.erased_at))).await;
    again.map_err(|error: CommitError| Failure::Cloud(format!("a tombstone cannot be put down: {error}")))
}
