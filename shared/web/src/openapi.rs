//! OpenAPI 3.1 from the page tables: what is not in a table is not in the description.

use utoipa::openapi::{
    ComponentsBuilder, Content, ContentBuilder, Info, OpenApi, OpenApiBuilder, PathsBuilder, RefOr, Required,
    ResponseBuilder, Schema,
    extensions::ExtensionsBuilder,
    path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
};

use crate::{Guard, input::Described, reply::Outgoing};

type NamedSchemas = Vec<(String, RefOr<Schema>)>;

/// One described operation.
#[derive(Debug, Clone)]
pub struct Operation {
    path: String,
    method: &'static str,
    operation: utoipa::openapi::path::Operation,
    schemas: NamedSchemas,
}

/// What an operation is described from.
#[derive(Debug)]
pub(crate) struct OperationParts {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) function: &'static str,
    pub(crate) handler: &'static str,
    pub(crate) guard: Guard,
    pub(crate) input: Described,
    pub(crate) output: Outgoing,
}

impl Operation {
    pub(crate) fn of(parts: OperationParts) -> Self {
        let OperationParts { method, path, function, handler, guard, input, output } = parts;
        let mut schemas = input.schemas;
        let guard = serde_json::to_value(guard).unwrap_or_default();
        let mut operation = OperationBuilder::new()
            .tag(function)
            .operation_id(Some(operation_id(handler, method, function, &path)))
            .extensions(Some(ExtensionsBuilder::new().add("x-guard", guard).build()))
            .response(
                "default",
                ResponseBuilder::new()
                    .description("Problem (RFC 9457)")
                    .content("application/problem+json", Content::default())
                    .build(),
            );
        for (name, schema) in input.values.iter().flat_map(properties) {
            let in_path = path.contains(&format!("{{{name}}}"));
            let place = if in_path { ParameterIn::Path } else { ParameterIn::Query };
            let required = if in_path { Required::True } else { Required::False };
            operation = operation.parameter(
                ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(schema)).build(),
            );
        }
        if let Some((content_type, schema)) = input.body {
            let content = ContentBuilder::new().schema(Some(schema)).build();
            operation = operation.request_body(Some(
                RequestBodyBuilder::new().content(content_type, content).required(Some(Required::True)).build(),
            ));
        }
        for status in output.statuses {
            let mut response = ResponseBuilder::new().description("Done");
            if let Some(schema) = &output.json {
                let content = ContentBuilder::new().schema(Some(schema.clone())).build();
                response = response.content("application/json", content);
            }
            operation = operation.response(status.to_string(), response.build());
        }
        schemas.extend(output.schemas);
        Self { path, method, operation: operation.build(), schemas }
    }
}

/// `backoffice::customers::put` → `backoffice.customers.put`. A handler with clients is a closure of `with` and has no name
/// of its own; it is called after its path.
fn operation_id(handler: &str, method: &str, function: &str, path: &str) -> String {
    let inner =
        handler.split([',', '<', '>']).map(str::trim).rfind(|part| part.contains("::") && !part.contains("web::"));
    let name = inner.unwrap_or_default().replace("::{{closure}}", "");
    if !name.is_empty() {
        return name.replace("::", ".");
    }
    let plain = |part: &&str| !part.is_empty() && !part.starts_with('{') && !matches!(*part, "api" | "admin" | "v1");
    let parts: Vec<&str> = path.split(['/', ':']).filter(plain).collect();
    format!("{function}.{}.{}", parts.join("."), method.to_lowercase())
}

fn properties(schema: &RefOr<Schema>) -> Vec<(String, RefOr<Schema>)> {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.properties.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The whole description, from all functions' operations.
///
/// # Errors
/// When two different schemas have one name: one of them would silently stand for both.
pub fn describe<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> Result<OpenApi, String> {
    let mut paths = PathsBuilder::new();
    let mut schemas: std::collections::BTreeMap<String, RefOr<Schema>> = std::collections::BTreeMap::new();
    for operation in operations {
        let method = match operation.method {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        let item = utoipa::openapi::PathItem::new(method, operation.operation.clone());
        paths = paths.path(&operation.path, item);
        for (name, schema) in &operation.schemas {
            let other = schemas.insert(name.clone(), schema.clone());
            if other.is_some_and(|other| other != *schema) {
                return Err(format!("two different schemas are called {name}"));
            }
        }
    }
    let description = OpenApiBuilder::new()
        .info(Info::new("Customer portal", "1"))
        .paths(paths.build())
        .components(Some(ComponentsBuilder::new().schemas_from_iter(schemas).build()))
        .build();
    Ok(description)
}
