//! `cargo portal routes`: what `cargo lambda watch` and the gateway must know, made from the functions' own lists.

use crate::functions;
use std::{fs, path::Path};
use toml_edit::{DocumentMut, Item, Table, value};

const MANIFEST: &str = "Cargo.toml";
const TEMPLATE: &str = "infra/template.yaml";
const DESCRIPTION: &str = "functions/backoffice/openapi.json";
/// As deep as the template's `paths` stand.
const INDENT: &str = "          ";

type Paths = Vec<(&'static str, Vec<String>)>;

/// Compares the generated routes below `root` with the functions' and writes them if told so.
///
/// # Errors
/// When a file cannot be read or written, or is out of date and may not be written.
pub async fn bring_up_to_date(root: &Path, write: bool) -> Result<(), String> {
    let tables = functions::tables().await?;
    let paths: Paths = tables.iter().map(|(name, routes)| (*name, routes.paths())).collect();
    let description = functions::description(&tables)?;
    let read = |file: &str| fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"));
    let (manifest, template) = (read(MANIFEST)?, read(TEMPLATE)?);
    for (file, old, new) in [
        (MANIFEST, manifest.clone(), watch_routes(&manifest, &paths)?),
        (TEMPLATE, template.clone(), gateway_routes(&template, &paths)?),
        (DESCRIPTION, read(DESCRIPTION)?, description),
    ] {
        if new == old {
            continue;
        }
        if !write {
            return Err(format!("{file} differs from the functions; run `cargo portal routes --write`"));
        }
        fs::write(root.join(file), new).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(())
}

/// The manifest with `[workspace.metadata.lambda.watch.router]` made anew.
///
/// # Errors
/// When the manifest is no TOML.
pub fn watch_routes(manifest: &str, functions: &Paths) -> Result<String, String> {
    let mut document: DocumentMut = manifest.parse().map_err(|error| format!("{MANIFEST}: {error}"))?;
    let mut router = Table::new();
    for (function, paths) in functions {
        for path in paths {
            router.insert(path, value(*function));
        }
    }
    let mut table = document.as_table_mut();
    for name in ["workspace", "metadata", "lambda", "watch"] {
        let mut implicit = Table::new();
        implicit.set_implicit(true);
        table = table
            .entry(name)
            .or_insert(Item::Table(implicit))
            .as_table_mut()
            .ok_or_else(|| format!("{MANIFEST}: {name} is no table"))?;
    }
    if router.is_empty() {
        table.remove("router");
        return Ok(if document.to_string().trim_end() == manifest.trim_end() {
            manifest.to_owned()
        } else {
            document.to_string()
        });
    }
    table.insert("router", Item::Table(router));
    Ok(document.to_string())
}

/// The template with the lines between each function's two markers made anew.
///
/// # Errors
/// When a function has no markers, so that none is forgotten.
pub fn gateway_routes(template: &str, functions: &Paths) -> Result<String, String> {
    let mut template = template.to_owned();
    for (function, paths) in functions {
        let [begin, end] = ["begin", "end"].map(|which| format!("{INDENT}# routes of {function}: {which}\n"));
        let missing = || format!("{TEMPLATE} has no markers for the routes of {function}");
        let from = template.find(&begin).ok_or_else(missing)? + begin.len();
        let to = from + template.get(from..).and_then(|rest| rest.find(&end)).ok_or_else(missing)?;
        let lines: String = paths.iter().map(|path| gateway_route(function, path)).collect();
        template.replace_range(from..to, &lines);
    }
    Ok(template)
}

fn gateway_route(function: &str, path: &str) -> String {
    // A rest of a path is `{*rest}` in axum and `{rest+}` in the gateway.
    let path = match path.split_once("{*") {
        Some((before, rest)) => format!("{before}{{{}+}}", rest.trim_end_matches('}')),
        None => path.to_owned(),
    };
    let integration = format!("#/components/x-amazon-apigateway-integrations/{function}");
    format!(
        "{INDENT}{path:?}: {{ x-amazon-apigateway-any-method: {{ x-amazon-apigateway-integration: {{ $ref: {integration:?} }} }} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> Paths {
        vec![("invoices", vec!["/invoices/{number}".to_owned(), "/files/{*rest}".to_owned()])]
    }

    #[test]
    fn watch_routes_are_written_beside_the_rest_and_twice_is_the_same() -> Result<(), String> {
        let manifest = "# keep me\n[workspace]\nmembers = []\n\n[profile.dev]\ndebug = 1\n";
        let once = watch_routes(manifest, &paths())?;
        assert!(once.starts_with("# keep me\n[workspace]\nmembers = []\n"), "{once}");
        assert!(
            once.contains("[workspace.metadata.lambda.watch.router]\n\"/invoices/{number}\" = \"invoices\"\n"),
            "{once}"
        );
        assert_eq!(watch_routes(&once, &paths())?, once);
        Ok(())
    }

    #[test]
    fn nothing_to_route_leaves_the_manifest_as_it_is() -> Result<(), String> {
        let manifest = "[workspace]\nmembers = []\n";
        assert_eq!(watch_routes(manifest, &Vec::new())?, manifest);
        Ok(())
    }

    #[test]
    fn gateway_routes_stand_between_the_markers_only() -> Result<(), String> {
        let template = format!("a\n{INDENT}# routes of invoices: begin\nold\n{INDENT}# routes of invoices: end\nb\n");
        let made = gateway_routes(&template, &paths())?;
        assert!(made.contains("\"/files/{rest+}\": {"), "{made}");
        assert!(!made.contains("old") && made.starts_with("a\n") && made.ends_with("end\nb\n"), "{made}");
        assert_eq!(gateway_routes(&made, &paths())?, made);
        assert!(gateway_routes("nothing", &paths()).is_err());
        Ok(())
    }
}
