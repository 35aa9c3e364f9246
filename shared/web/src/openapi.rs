//! OpenAPI 3.1 from the page tables: what is not in a table is not in the description.

use utoipa::openapi::{
    ComponentsBuilder, Content, ContentBuilder, Info, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder,
    RefOr, Required, ResponseBuilder, Schema,
    extensions::ExtensionsBuilder,
    path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    schema::Type,
};

use crate::{Guard, input::Described, reply::Outgoing};

type NamedSchemas = Vec<(String, RefOr<Schema>)>;

/// A message that goes out by itself.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// What programs know it by.
    pub name: &'static str,
    /// When it is sent.
    pub meaning: &'static str,
    /// Its headers, each with what it says.
    pub headers: &'static [(&'static str, &'static str)],
    /// Its body.
    pub body: RefOr<Schema>,
    /// Schemas that the body refers to.
    pub schemas: NamedSchemas,
}

impl Webhook {
    fn item(&self) -> PathItem {
        let content = ContentBuilder::new().schema(Some(self.body.clone())).build();
        let body =
            RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build();
        let mut operation = OperationBuilder::new()
            .tag("webhooks")
            .operation_id(Some(format!("webhooks.{}", self.name)))
            .description(Some(self.meaning))
            .request_body(Some(body))
            .response(
                "2XX",
                ResponseBuilder::new().description("Taken; anything else is tried again for a day").build(),
            );
        for (name, meaning) in self.headers {
            let text: Schema = ObjectBuilder::new().schema_type(Type::String).build().into();
            let header = ParameterBuilder::new().name(*name).parameter_in(ParameterIn::Header).required(Required::True);
            operation = operation.parameter(header.description(Some(*meaning)).schema(Some(text)).build());
        }
        PathItem::new(HttpMethod::Post, operation.build())
    }
}

/// One operation. It is described only when somebody asks: functions never do, and start without it.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) function: &'static str,
    pub(crate) handler: &'static str,
    pub(crate) guard: Guard,
    pub(crate) input: fn() -> Described,
    pub(crate) output: fn() -> Outgoing,
}

impl Operation {
    fn describe(&self) -> (utoipa::openapi::path::Operation, NamedSchemas) {
        let Self { method, path, function, handler, guard, .. } = self;
        let (input, output) = ((self.input)(), (self.output)());
        let mut schemas = input.schemas;
        let guard = serde_json::to_value(guard).unwrap_or_default();
        let mut operation = OperationBuilder::new()
            .tag(*function)
            .operation_id(Some(operation_id(handler, method, function, path)))
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
        (operation.build(), schemas)
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

/// The whole description, from all functions' operations and from what goes out by itself.
///
/// # Errors
/// When two different schemas have one name: one of them would silently stand for both.
pub fn describe<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
    webhooks: &[Webhook],
) -> Result<OpenApi, String> {
    let (mut paths, mut schemas) = (PathsBuilder::new(), Named::default());
    for operation in operations {
        let method = match operation.method {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        let (described, named) = operation.describe();
        paths = paths.path(&operation.path, PathItem::new(method, described));
        schemas.add(&named)?;
    }
    let mut messages = PathsBuilder::new();
    for webhook in webhooks {
        messages = messages.path(webhook.name, webhook.item());
        schemas.add(&webhook.schemas)?;
    }
    let description = OpenApiBuilder::new()
        .info(Info::new("Customer portal", "1"))
        .paths(paths.build())
        .webhooks(Some(messages.build()))
        .components(Some(ComponentsBuilder::new().schemas_from_iter(schemas.0).build()))
        .build();
    Ok(description)
}

/// Schemas by their names.
#[derive(Debug, Default)]
struct Named(std::collections::BTreeMap<String, RefOr<Schema>>);

impl Named {
    fn add(&mut self, schemas: &[(String, RefOr<Schema>)]) -> Result<(), String> {
        for (name, schema) in schemas {
            let other = self.0.insert(name.clone(), schema.clone());
            if other.is_some_and(|other| other != *schema) {
                return Err(format!("two different schemas are called {name}"));
            }
        }
        Ok(())
    }
}
