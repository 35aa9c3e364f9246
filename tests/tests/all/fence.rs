//! The fence: who may use what, by `cargo metadata`, and what page files never contain.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use testkit::Value;

/// A crate, and who alone may depend on it. The operator's command asks the cloud itself, with the operator's own rights: no
/// function has those, and none depends on it.
const ONLY: [(&str, &[&str]); 18] = [
    ("aws-sdk-cloudwatch", &["kontor"]),
    ("aws-sdk-dynamodb", &["store", "local", "kontor"]),
    ("aws-sdk-lambda", &["kontor"]),
    ("aws-sdk-s3", &["files", "kontor"]),
    ("aws-sdk-sqs", &["kontor"]),
    ("aws-sdk-ses", &["mail", "kontor"]),
    ("aws-sdk-ssm", &["auth-otp", "vault"]),
    ("serde_dynamo", &["store"]),
    ("typst", &["documents"]),
    ("typst-pdf", &["documents"]),
    ("typst-as-lib", &["documents"]),
    ("en16931", &["einvoice"]),
    ("en16931-formats", &["documents"]),
    ("einvoice", &["documents", "backoffice"]),
    ("dynoxide-rs", &["local"]),
    ("rusqlite", &["local"]),
    ("s3s-fs", &["local"]),
    ("testkit", &["tests", "simulation", "figures"]),
];
/// Development only: the engines' own tests use their clients, and tests use the test kit.
const IN_TESTS: [(&str, &[&str]); 4] = [
    ("en16931", &["documents"]),
    ("aws-sdk-s3", &["local", "files"]),
    ("aws-sdk-ses", &["local"]),
    ("testkit", &["tests", "kontor"]),
];
/// What the rules may use: nothing that waits, asks or tells the time.
const NEVER_IN_RULES: [&str; 8] =
    ["tokio", "axum", "http", "futures-util", "aws-config", "tracing", "reqwest", "store"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn packages() -> Vec<Value> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version=1", "--no-deps", "--offline"]).current_dir(root());
    let output = command.output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[test]
fn outside_systems_are_known_to_one_crate_each() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = text(&package, "name");
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = text(dependency, "name");
            let allowed = |list: &[(&str, &[&str])]| {
                list.iter().find(|(one, _)| *one == used).map(|(_, may)| may.contains(&name))
            };
            let in_tests = text(dependency, "kind") == "dev" && allowed(&IN_TESTS) == Some(true);
            if allowed(&ONLY) == Some(false) && !in_tests {
                wrong.push(format!("{name} must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_function_uses_a_function_and_rules_use_nothing_outside() {
    let mut wrong = Vec::new();
    for package in packages() {
        let (name, path) = (text(&package, "name"), text(&package, "manifest_path"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let (used, place) = (text(dependency, "name"), text(dependency, "path"));
            if place.contains("/functions/") && path.contains("/functions/") {
                wrong.push(format!("function {name} must not use function {used}"));
            }
            let in_rules = ["domain", "text", "einvoice"].contains(&name) && text(dependency, "kind") != "dev";
            if in_rules && (NEVER_IN_RULES.contains(&used) || used.starts_with("aws-")) {
                wrong.push(format!("{name} must not use {used}"));
            }
            if ["mail", "files"].contains(&name) && used == "web" {
                wrong.push(format!("{name} must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every Rust file below a folder of the workspace.
fn rust_files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files
}

#[test]
fn page_files_contain_no_html_and_no_keys() {
    let (mut wrong, mut looked_at) = (Vec::new(), 0);
    for (path, text) in rust_files("functions") {
        // Below the workspace: where it lies says nothing.
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        if shown.contains("/tests/") || shown.starts_with("functions/documents/") {
            continue;
        }
        looked_at += 1;
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let has_html = ["\"<p", "\"<div", "\"<a ", "\"<span", "\"<h1", "\"<td", "<!doctype", "</"]
                .iter()
                .any(|tag| line.contains(tag));
            // The sanitiser and its sources know tags by name.
            if has_html && !shown.ends_with("own_text.rs") {
                wrong.push(format!("{shown}: {}", line.trim()));
            }
            if line.contains("\"T#") || line.contains("EVT#") || line.contains("SESS#") {
                wrong.push(format!("{shown}: {}", line.trim()));
            }
        }
    }
    assert!(looked_at > 30, "only {looked_at} files");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn there_is_no_scan_and_keys_are_made_in_one_file() {
    let mut wrong = Vec::new();
    for (path, text) in rust_files("shared/store/src") {
        let is_keys = path.ends_with("key.rs") || path.ends_with("scope.rs");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if line.contains(".scan()") || (!is_keys && line.contains("format!(\"T#")) {
                wrong.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_begins_with_what_it_is() {
    for folder in ["functions", "shared", "infra/local", "tests"] {
        for (path, text) in rust_files(folder) {
            assert!(text.starts_with("//!"), "{} does not say what it is", path.display());
        }
    }
}
