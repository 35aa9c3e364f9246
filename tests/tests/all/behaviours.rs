//! The list of behaviours is true: every test it names exists, and every group has as many tests as it should.

use std::{collections::BTreeMap, fs, path::Path};

fn here(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Name of the group → names of its tests. A group is a module of this binary, and so a prefix for nextest.
fn groups() -> BTreeMap<String, Vec<String>> {
    let mut groups = BTreeMap::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name != "main" {
            groups.insert(name, tests_in(&fs::read_to_string(&path).unwrap()));
        }
    }
    groups
}

fn tests_in(source: &str) -> Vec<String> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in source.lines() {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ").filter(|_| is_test) {
            tests.push(rest.split('(').next().unwrap_or_default().to_owned());
            is_test = false;
        }
    }
    tests
}

#[test]
fn every_group_has_at_least_the_tests_it_should_have() {
    let counts: toml::Table = here("counts.toml").parse().unwrap();
    let wanted = counts["modules"].as_table().unwrap();
    let groups = groups();
    for (name, tests) in &groups {
        let least =
            wanted.get(name).and_then(toml::Value::as_integer).unwrap_or_else(|| panic!("counts.toml lacks {name}"));
        assert!(tests.len() >= usize::try_from(least).unwrap(), "{name} has {} tests, {least} are wanted", tests.len());
        assert!(here("tests/all/main.rs").contains(&format!("mod {name};")), "{name} is not run");
    }
    for name in wanted.keys() {
        assert!(groups.contains_key(name), "there is no group {name}");
    }
}

#[test]
fn every_behaviour_names_a_test_that_exists() {
    let groups = groups();
    let mut seen = Vec::new();
    for line in here("behaviours.md")
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id") && !line.starts_with("|--"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, sentence, tests] = cells[..] else { panic!("{line} has not three cells") };
        assert!(id.starts_with("M-") || id.starts_with("B-") || id.starts_with("D-") || id.starts_with("Q-"), "{line}");
        assert!(!sentence.is_empty(), "{line}");
        for test in tests.split(", ").map(|test| test.trim_matches('`')) {
            if let Some(file) = test.strip_prefix("browser/") {
                assert!(
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(file).exists(),
                    "{id}: {test} does not exist"
                );
                continue;
            }
            if let Some(krate) = test.strip_prefix("crate ") {
                assert!(
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(krate).exists()
                        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions").join(krate).exists()
                        || krate == "local",
                    "{id}: {test}"
                );
                continue;
            }
            if let Some(group) = test.strip_prefix("group ") {
                assert!(here("lib/groups.sh").contains(&format!("\ngroup_{group}() {{")), "{id}: {test}");
                continue;
            }
            let (group, name) = test.split_once("::").unwrap_or_else(|| panic!("{id}: {test}"));
            let exists = groups.get(group).is_some_and(|tests| tests.iter().any(|one| one == name));
            assert!(exists, "{id}: {test} does not exist");
        }
        seen.push(id.to_owned());
    }
    for id in [
        "M-01", "M-02", "M-03", "M-04", "M-05", "M-06", "M-07", "M-08", "M-09", "M-11", "M-12", "M-13", "M-14", "M-15",
        "M-16", "M-17", "M-18", "M-19", "M-36", "M-37", "M-38", "M-39", "M-40", "M-41", "M-42", "M-43", "M-44", "M-48",
        "M-49", "M-73", "M-75", "M-78", "M-101", "B-05", "B-08", "B-12",
    ] {
        assert!(seen.iter().any(|one| one == id), "{id} has no test");
    }
}
