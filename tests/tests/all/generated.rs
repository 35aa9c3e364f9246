//! Generated files are up to date: what is committed is what the page tables say.

use std::{fs, path::Path};

use local::{functions, routes};

/// The workspace.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn committed(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

#[tokio::test]
async fn the_committed_openapi_is_what_the_tables_describe() {
    let tables = functions::tables().await.unwrap();
    let described = functions::description(&tables).unwrap();
    assert!(described == committed("functions/backoffice/openapi.json"), "run `cargo portal routes --write`");
    let description: testkit::Value = serde_json::from_str(&described).unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    for (_, table) in &tables {
        for route in table.list().iter().filter(|route| route.path.starts_with("/api/")) {
            let operation = &description["paths"][&route.path][route.method.to_lowercase()];
            assert!(operation.is_object(), "{} {} is not described", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn each_operation_has_a_name_of_its_own() {
    let tables = functions::tables().await.unwrap();
    let description: testkit::Value = serde_json::from_str(&functions::description(&tables).unwrap()).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    let mut names: Vec<&str> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
    let all = names.len();
    names.sort_unstable();
    let twice: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert!(twice.is_empty(), "{twice:?} of {all}");
}

#[tokio::test]
async fn the_watch_routes_and_the_gateways_routes_are_the_tables() {
    routes::bring_up_to_date(root(), false).await.unwrap();
    let (manifest, template) = (committed("Cargo.toml"), committed("infra/template.yaml"));
    for (function, table) in functions::tables().await.unwrap() {
        for path in table.paths() {
            assert!(manifest.contains(&format!("\"{path}\" = \"{function}\"")), "Cargo.toml lacks {path}");
            let gateway = path.replace("{*", "{").to_owned();
            assert!(template.contains(&format!("\"{gateway}\":")) || path.contains("{*"), "template.yaml lacks {path}");
        }
    }
}

#[tokio::test]
async fn no_two_functions_claim_a_path_and_the_gateway_has_room_for_all() {
    let tables = functions::tables().await.unwrap();
    let mut paths: Vec<String> = tables.iter().flat_map(|(_, table)| table.paths()).collect();
    let all = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), all);
    assert!(all < 300, "{all} routes are more than a gateway takes");
}
