//! The table's one definition, read from the template of the data, so that AWS, `cargo portal` and tests cannot differ.

use dynoxide::actions::{create_table::CreateTableRequest, update_time_to_live::UpdateTimeToLiveRequest};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

const TEMPLATE: &str = include_str!("../../data.yaml");

/// The resource in the template that this module reads.
const RESOURCE: &str = "Table";

#[derive(Debug)]
pub(crate) struct TableDefinition {
    pub(crate) create: CreateTableRequest,
    pub(crate) time_to_live: UpdateTimeToLiveRequest,
}

/// What the template says about the table, under another name.
pub(crate) fn definition(table_name: &str) -> Result<TableDefinition, String> {
    let mut properties = properties()?;
    let time_to_live = json!({
        "TableName": table_name,
        "TimeToLiveSpecification": properties.remove("TimeToLiveSpecification"),
    });
    properties.insert("TableName".to_owned(), table_name.into());
    // Backups and encryption are the cloud's; the local engine has none.
    for only_aws in ["PointInTimeRecoverySpecification", "SSESpecification", "DeletionProtectionEnabled", "Tags"] {
        properties.remove(only_aws);
    }
    if let Some(Value::Object(stream)) = properties.get_mut("StreamSpecification") {
        // CloudFormation implies what the API wants to be told.
        stream.insert("StreamEnabled".to_owned(), true.into());
    }
    let wrong = |error: serde_json::Error| format!("{RESOURCE} in data.yaml: {error}");
    Ok(TableDefinition {
        create: serde_json::from_value(Value::Object(properties)).map_err(wrong)?,
        time_to_live: serde_json::from_value(time_to_live).map_err(wrong)?,
    })
}

fn properties() -> Result<Map<String, Value>, String> {
    let documents = Yaml::load_from_str(TEMPLATE).map_err(|error| format!("data.yaml: {error}"))?;
    let template = documents.first().map(plain).ok_or("data.yaml is empty")?;
    match template.pointer(&format!("/Resources/{RESOURCE}/Properties")) {
        Some(Value::Object(properties)) => Ok(properties.clone()),
        _ => Err(format!("data.yaml has no resource {RESOURCE} with properties")),
    }
}

/// JSON of a node; CloudFormation's tags (`!Ref`, `!Sub`) are left out and their text stays.
fn plain(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Boolean(flag)) => (*flag).into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Value(Scalar::FloatingPoint(number)) => number.into_inner().into(),
        Yaml::Representation(text, ..) => text.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Mapping(entries) => entries.iter().filter_map(|(key, value)| Some((text(key)?, plain(value)))).collect(),
        Yaml::Tagged(_, inner) => plain(inner),
        Yaml::Value(Scalar::Null) | Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn text(node: &Yaml<'_>) -> Option<String> {
    match plain(node) {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_holds_the_two_indexes_the_stream_and_the_time_to_live() -> Result<(), String> {
        let table = definition("kundenkontor")?;
        assert_eq!(table.create.table_name, "kundenkontor");
        let indexes = table.create.global_secondary_indexes.unwrap_or_default();
        assert_eq!(indexes.iter().map(|index| index.index_name.as_str()).collect::<Vec<_>>(), ["lists", "todo"]);
        let stream = table.create.stream_specification.ok_or("no stream")?;
        assert_eq!((stream.stream_enabled, stream.stream_view_type.as_deref()), (true, Some("NEW_IMAGE")));
        let time_to_live = table.time_to_live.time_to_live_specification;
        assert_eq!((time_to_live.attribute_name.as_str(), time_to_live.enabled), ("ttl", true));
        Ok(())
    }
}
