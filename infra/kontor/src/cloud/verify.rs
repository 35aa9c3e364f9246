//! `kontor backup verify`: reads a whole export and compares every hash, without a stage. What an item says of its document must
//! be true of the file that was exported, and each account must have the entries that it says.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Value, json};

use super::{
    backup::{Backup, FileLine, Manifest, TombstoneLine, lines},
    items::{is_of_installation, text},
};
use crate::{Failure, Outcome, Stop, voice::Voice};

/// Items of this kind say where a document's file lies, and what it hashes to.
const KIND: &str = "file";

/// Right when everything is what was exported.
pub(crate) fn run(folder: &Path, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let backup = Backup::at(folder);
    let manifest = backup.manifest()?;
    let faults = check(&backup, &manifest, stop, voice)?;
    let counts = [&manifest.items, &manifest.files, &manifest.tombstones].map(|parts| lines(parts));
    let [items, files, tombstones] = counts;
    let object = json!({ "event": "done", "items": items, "files": files, "tombstones": tombstones, "faulty": faults });
    let verdict = if faults == 0 { "all as exported" } else { "not as exported" };
    voice.say(
        &format!("{items} items, {files} files, {tombstones} tombstones of {}; {verdict}", manifest.ended_at),
        &object,
    )?;
    Ok(if faults == 0 { Outcome::Right } else { Outcome::Refused })
}

/// Names everything that is wrong, and counts it.
pub(crate) fn check(
    backup: &Backup,
    manifest: &Manifest,
    stop: &Stop,
    voice: &mut Voice<'_>,
) -> Result<usize, Failure> {
    let (mut faults, mut files, mut ledgers) = (Faults { count: 0, voice }, BTreeMap::new(), Ledgers::default());
    let mut fence = Fence { is_of_one: manifest.tenant.is_some(), tenants: BTreeSet::new() };
    for part in &manifest.files {
        for line in faults.lines::<FileLine>(backup.read(part))? {
            if stop.is_told() {
                return Err(Failure::Stopped);
            }
            if let Err(failure) = backup.file(&line) {
                faults.note(&failure.to_string())?;
            }
            if let Some(what) = fence.wrong_key(&line.key) {
                faults.note(&what)?;
            }
            files.insert(line.key, (line.sha256, line.bytes));
        }
    }
    for part in &manifest.items {
        for item in faults.lines::<Value>(backup.read(part))? {
            if let Some(what) = wrong_document(&item, &files) {
                faults.note(&what)?;
            }
            if let Some(what) = fence.wrong_item(&item) {
                faults.note(&what)?;
            }
            ledgers.read(&item);
        }
    }
    for what in ledgers.torn() {
        faults.note(&what)?;
    }
    for part in &manifest.tombstones {
        faults.lines::<TombstoneLine>(backup.read(part))?;
    }
    Ok(faults.count)
}

/// What is wrong, said as it is found.
struct Faults<'a, 'v> {
    count: usize,
    voice: &'a mut Voice<'v>,
}

impl Faults<'_, '_> {
    fn note(&mut self, what: &str) -> Result<(), Failure> {
        self.count += 1;
        self.voice.say(what, &json!({ "event": "fault", "fault": what }))
    }

    /// A part that cannot be read is one fault, and says nothing more.
    fn lines<T>(&mut self, read: Result<Vec<T>, Failure>) -> Result<Vec<T>, Failure> {
        match read {
            Ok(lines) => Ok(lines),
            Err(failure) => self.note(&failure.to_string()).map(|()| Vec::new()),
        }
    }
}

/// What an export may hold at all: files of tenants, and of one tenant nothing that is another's or the installation's. Hashes alone say
/// only that nobody changed the folder without reckoning them anew.
#[derive(Debug)]
struct Fence {
    is_of_one: bool,
    /// Whose things were seen.
    tenants: BTreeSet<String>,
}

impl Fence {
    /// Files lie on the tenants' shelves, and nowhere else.
    fn wrong_key(&mut self, key: &str) -> Option<String> {
        let parts: Vec<&str> = key.split('/').collect();
        let is_plain = parts.iter().all(|part| !matches!(*part, "" | "." | ".."));
        match parts.as_slice() {
            ["T" | "E", tenant, _, ..] if is_plain => self.another(tenant).map(|whose| format!("{key}: {whose}")),
            _ => Some(format!("{key}: no file of the portal is called so")),
        }
    }

    fn wrong_item(&mut self, item: &Value) -> Option<String> {
        let pk = text(item, "pk");
        if self.is_of_one && is_of_installation(item) {
            return Some(format!("{pk}: it is the installation's, in an export of one tenant"));
        }
        let tenant = pk.strip_prefix("T#").map(|rest| rest.split('#').next().unwrap_or_default());
        let tenant = tenant.or_else(|| (pk == "TENANTS").then(|| text(item, "sk")))?;
        self.another(tenant).map(|whose| format!("{pk}: {whose}"))
    }

    /// Is it one tenant more than there should be?
    fn another(&mut self, tenant: &str) -> Option<&'static str> {
        self.tenants.insert(tenant.to_owned());
        (self.is_of_one && self.tenants.len() > 1).then_some("it is another tenant's, in an export of one")
    }
}

/// How many entries accounts say that they have, and how many there are, by the entries' partition. An export of a table that is
/// written to may have an account from before a posting and its entry from after it. Nothing could be booked there ever again, for the
/// next entry would meet one that lies there.
#[derive(Debug, Default)]
struct Ledgers {
    said: BTreeMap<String, u64>,
    there: BTreeMap<String, u64>,
}

impl Ledgers {
    fn read(&mut self, item: &Value) {
        match text(item, "item_kind") {
            "account" => {
                let tenant = text(item, "pk").split("#C#").next().unwrap_or_default();
                let number = text(item, "sk").trim_start_matches("A#ACC#");
                self.said.insert(format!("{tenant}#L#{number}"), number_of(item, "seq").unwrap_or_default());
            }
            "entry" => *self.there.entry(text(item, "pk").to_owned()).or_default() += 1,
            _ => {}
        }
    }

    fn torn(&self) -> Vec<String> {
        let places = self.said.keys().chain(self.there.keys()).collect::<BTreeSet<_>>();
        let of = |counts: &BTreeMap<String, u64>, place: &str| counts.get(place).copied().unwrap_or_default();
        let torn = places.into_iter().filter_map(|place| {
            let (said, there) = (of(&self.said, place), of(&self.there, place));
            let account = place.split_once("#L#").map_or(place.as_str(), |(_, number)| number);
            let why = "the table was written to meanwhile; export one of a single moment";
            (said != there).then(|| format!("account {account} says {said} entries, {there} were exported: {why}"))
        });
        torn.collect()
    }
}

/// A number of an item.
fn number_of(item: &Value, name: &str) -> Option<u64> {
    item.get(name)?.get("N")?.as_str()?.parse().ok()
}

/// What is wrong with the file that an item names, when it names one.
fn wrong_document(item: &Value, files: &BTreeMap<String, (String, u64)>) -> Option<String> {
    if text(item, "item_kind") != KIND {
        return None;
    }
    let key = text(item, "object");
    match files.get(key) {
        None => Some(format!("{key}: an item names it, and it was not exported")),
        Some((sha256, bytes)) if sha256 != text(item, "sha256") || Some(*bytes) != number_of(item, "size") => {
            Some(format!("{key}: it is not the document that its item names"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_holds_files_of_tenants_and_of_one_nothing_of_others() {
        let mut all = Fence { is_of_one: false, tenants: BTreeSet::new() };
        for key in ["T/ten_1/logo/_a.png", "E/ten_2/cus_1/job_1/_a.zip"] {
            assert_eq!(all.wrong_key(key), None);
        }
        for key in ["../x", "T/../../x", "T/ten_1/../../x", "T//x/y", "x", "/T/ten_1/x", "P/ten_1/x"] {
            assert!(all.wrong_key(key).is_some(), "{key}");
        }
        let item = |pk: &str| json!({ "pk": { "S": pk }, "sk": { "S": "ten_1" } });
        assert_eq!(all.wrong_item(&item("PLATFORM")), None);
        let mut one = Fence { is_of_one: true, tenants: BTreeSet::new() };
        for pk in ["T#ten_1", "T#ten_1#C#2", "TENANTS", "HOST#a.example"] {
            assert_eq!(one.wrong_item(&item(pk)), None, "{pk}");
        }
        assert!(one.wrong_item(&item("PLATFORM")).unwrap().contains("installation"));
        assert!(one.wrong_item(&item("T#ten_2#C#2")).unwrap().contains("another tenant"));
    }

    #[test]
    fn an_account_has_the_entries_that_it_says() {
        let account = |number: &str, seq: &str| {
            let (pk, sk) = (json!({ "S": "T#t#C#c" }), json!({ "S": format!("A#ACC#{number}") }));
            json!({ "item_kind": { "S": "account" }, "pk": pk, "sk": sk, "seq": { "N": seq } })
        };
        let entry = |number: &str| json!({ "item_kind": { "S": "entry" }, "pk": { "S": format!("T#t#L#{number}") } });
        let mut ledgers = Ledgers::default();
        for item in [account("K1-EUR", "2"), entry("K1-EUR"), entry("K1-EUR"), account("K2-EUR", "0")] {
            ledgers.read(&item);
        }
        assert_eq!(ledgers.torn(), Vec::<String>::new());
        ledgers.read(&entry("K2-EUR"));
        ledgers.read(&entry("K3-EUR"));
        let torn = ledgers.torn();
        assert_eq!(torn.len(), 2, "{torn:?}");
        assert!(torn[0].starts_with("account K2-EUR says 0 entries, 1 were exported"), "{torn:?}");
    }

    #[test]
    fn a_document_is_the_file_that_its_item_names() {
        let item = |sha256: &str, size: &str| {
            json!({
                "item_kind": { "S": "file" },
                "object": { "S": "T/t/a.pdf" },
                "sha256": { "S": sha256 },
                "size": { "N": size },
            })
        };
        let files: BTreeMap<_, _> = [("T/t/a.pdf".to_owned(), ("h".to_owned(), 7))].into();
        assert_eq!(wrong_document(&item("h", "7"), &files), None);
        for other in [item("H", "7"), item("h", "8")] {
            assert!(wrong_document(&other, &files).unwrap().contains("not the document"));
        }
        assert!(wrong_document(&item("h", "7"), &BTreeMap::new()).unwrap().contains("not exported"));
        assert_eq!(wrong_document(&json!({ "item_kind": { "S": "event" } }), &BTreeMap::new()), None);
    }
}
