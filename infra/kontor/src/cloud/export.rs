//! `kontor export`: every item of the table and every file of the bucket into a folder.
//!
//! First the table, then the files, last the tombstones: so every file that an item names is there, and whoever was erased
//! meanwhile is known. It is no picture of one moment; README says how to get one.

use std::{collections::BTreeMap, fs, io::Write as _};

use domain::tenant::TenantSlug;
use futures_util::StreamExt as _;
use serde_json::json;
use store::Store;
use web::Clock;

use super::{
    backup::{Backup, FORMAT, FileLine, Manifest, Part, Parts, TombstoneLine, lines},
    bucket::{Bucket, Content, Listed},
    items::OneTenant,
    options::Export,
    place::Place,
    table::Table,
};
use crate::{Failure, Outcome, Stop, voice::Voice};

/// Files on their way at once.
const AT_ONCE: usize = 16;
/// Tombstones of one page.
const PAGE: u16 = 100;
/// Which files are here already, while not all are.
const FETCHED: &str = "fetched.jsonl";

/// One run.
struct Run<'a, 'v> {
    place: Place,
    backup: Backup,
    tenant: Option<OneTenant>,
    stop: &'a Stop,
    voice: &'a mut Voice<'v>,
}

/// Right when all of it is there.
pub(crate) async fn run(options: &Export, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let place = Place::find(&options.place).await?;
    let (config, store, begun_at) = (place.config()?, place.store()?, Clock::system().now());
    let tenant = match &options.tenant {
        Some(slug) => Some(find(&store, slug, config.base_host()).await?),
        None => None,
    };
    let backup = Backup::at(&options.to);
    backup.begin()?;
    let mut run = Run { place, backup, tenant, stop, voice };
    let is_whole = !options.tombstones_only;
    let (items, files) = if is_whole { (run.items().await?, run.files().await?) } else { (Vec::new(), Vec::new()) };
    let tombstones = run.tombstones(&store).await?;
    let manifest = Manifest {
        format: FORMAT,
        stage: config.stage.name().to_owned(),
        base_domain: config.base_domain.clone(),
        tenant: options.tenant.as_ref().map(ToString::to_string),
        is_whole,
        begun_at,
        ended_at: Clock::system().now(),
        items,
        files,
        tombstones,
    };
    run.backup.end(&manifest)?;
    run.done(&manifest)?;
    Ok(Outcome::Right)
}

async fn find(store: &Store, slug: &TenantSlug, base: &str) -> Result<OneTenant, Failure> {
    let found = Box::pin(store.find_tenant(slug, base)).await;
    let (record, _) = found.map_err(|error| Failure::Input(format!("{slug} at {base}: {error}")))?;
    Ok(OneTenant { id: record.value.id, hosts: record.value.hosts })
}

impl Run<'_, '_> {
    fn go_on(&self) -> Result<(), Failure> {
        if self.stop.is_told() { Err(Failure::Stopped) } else { Ok(()) }
    }

    /// Begins anew each time: what was read before may have changed.
    async fn items(&mut self) -> Result<Vec<Part>, Failure> {
        let table = Table::of(&self.place)?;
        let (mut parts, mut after, mut count) = (Parts::new(&self.backup, "items"), None, 0_usize);
        loop {
            self.go_on()?;
            let page = table.page(after).await?;
            for item in page.items.iter().filter(|item| self.tenant.as_ref().is_none_or(|tenant| tenant.holds(item))) {
                parts.push(item)?;
                count += 1;
            }
            self.voice.say(&format!("{count} items"), &json!({ "event": "progress", "items": count }))?;
            after = page.next;
            if after.is_none() {
                return parts.end();
            }
        }
    }

    /// Goes on where it was broken off: what lies under a key never changes.
    async fn files(&mut self) -> Result<Vec<Part>, Failure> {
        let bucket = Bucket::of(&self.place)?;
        let note = self.backup.beside(FETCHED);
        let mut fetched = fetched(&fs::read_to_string(&note).unwrap_or_default());
        fetched.retain(|_, line| self.backup.has(line));
        let mut noting = fs::OpenOptions::new().create(true).append(true).open(&note).map_err(|error| {
            let note = note.display();
            Failure::Input(format!("{note}: {error}"))
        })?;
        let mut there = Vec::new();
        for listed in self.listed(&bucket).await? {
            match fetched.remove(&listed.key) {
                Some(line) if line.bytes == listed.bytes => there.push(Found::Here(line)),
                _ => there.push(Found::ToFetch(listed)),
            }
        }
        let (mut all, total) = (Vec::with_capacity(there.len()), there.len());
        let backup = self.backup.clone();
        let fetching = there.into_iter().map(|found| fetch(&bucket, &backup, found));
        let mut fetching = futures_util::stream::iter(fetching).buffer_unordered(AT_ONCE);
        while let Some(fetched) = fetching.next().await {
            self.go_on()?;
            let Some((line, is_new)) = fetched? else { continue };
            if is_new {
                let noted = writeln!(noting, "{}", json!(line));
                noted.map_err(|error| Failure::Input(format!("{}: {error}", note.display())))?;
            }
            all.push(line);
            if all.len().is_multiple_of(1_000) || all.len() == total {
                let object = json!({ "event": "progress", "files": all.len(), "of": total });
                self.voice.say(&format!("{} of {total} files", all.len()), &object)?;
            }
        }
        all.sort();
        let mut parts = Parts::new(&self.backup, "files");
        for line in &all {
            parts.push(line)?;
        }
        let parts = parts.end()?;
        fs::remove_file(&note).map_err(|error| Failure::Input(format!("{}: {error}", note.display())))?;
        Ok(parts)
    }

    async fn listed(&self, bucket: &Bucket) -> Result<Vec<Listed>, Failure> {
        let prefixes = self.tenant.as_ref().map_or_else(|| vec![String::new()], OneTenant::prefixes);
        let mut all = Vec::new();
        for prefix in prefixes {
            let mut after = None;
            loop {
                self.go_on()?;
                let page = bucket.list(&prefix, after).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                all.extend(page);
            }
        }
        Ok(all)
    }

    async fn tombstones(&self, store: &Store) -> Result<Vec<Part>, Failure> {
        let mut parts = Parts::new(&self.backup, "tombstones");
        let unread = |error| Failure::Cloud(format!("the tombstones cannot be read: {error}"));
        for scope in Box::pin(store.scopes()).await.map_err(unread)? {
            if self.tenant.as_ref().is_some_and(|tenant| tenant.id != *scope.id()) {
                continue;
            }
            let (inside, mut after) = (store.in_tenant(&scope), None);
            loop {
                self.go_on()?;
                let page = Box::pin(inside.tombstones(PAGE, after)).await.map_err(unread)?;
                for tombstone in page.items {
                    parts.push(&TombstoneLine { tenant: scope.id().clone(), tombstone })?;
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        parts.end()
    }

    fn done(&mut self, manifest: &Manifest) -> Result<(), Failure> {
        let counts = [&manifest.items, &manifest.files, &manifest.tombstones].map(|parts| lines(parts));
        let [items, files, tombstones] = counts;
        let object = json!({ "event": "done", "items": items, "files": files, "tombstones": tombstones });
        self.voice.say(&format!("exported: {items} items, {files} files, {tombstones} tombstones"), &object)
    }
}

/// A file of the bucket.
enum Found {
    /// It was fetched by a run that was broken off.
    Here(FileLine),
    ToFetch(Listed),
}

/// Fetches it, and says whether that was needed; `None` when it went meanwhile.
async fn fetch(bucket: &Bucket, backup: &Backup, found: Found) -> Result<Option<(FileLine, bool)>, Failure> {
    let listed = match found {
        Found::Here(line) => return Ok(Some((line, false))),
        Found::ToFetch(listed) => listed,
    };
    let Some(content) = bucket.get(&listed.key).await? else { return Ok(None) };
    let (sha256, bytes) = (backup.keep(&content.bytes)?, content.bytes.len() as u64);
    let Content { content_type, locked_until, .. } = content;
    Ok(Some((FileLine { key: listed.key, bytes, sha256, content_type, locked_until }, true)))
}

/// What was noted before a run was broken off, perhaps in the middle of a line.
fn fetched(text: &str) -> BTreeMap<String, FileLine> {
    let lines = text.lines().filter_map(|line| serde_json::from_str::<FileLine>(line).ok());
    lines.map(|line| (line.key.clone(), line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_line_is_no_file_that_was_fetched() {
        let line = FileLine {
            key: "T/t/a".to_owned(),
            bytes: 1,
            sha256: "h".to_owned(),
            content_type: None,
            locked_until: None,
        };
        let text = json!(line).to_string();
        let noted = fetched(&format!("{text}\n{}", &text[..20]));
        assert_eq!(noted.into_values().collect::<Vec<_>>(), [line]);
    }
}
