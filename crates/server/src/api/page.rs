//! The API's description, for programs (`/openapi.json`) and for people (`/api`): one source, no script.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use serde_json::Value;

use crate::app::AppState;
use crate::web::assets::with_security_headers;
use crate::web::page::{Page, render};

/// How deep the fields of a body are shown.
const DEPTH_LIMIT: usize = 3;

#[derive(Template)]
#[template(path = "public/api.html")]
struct ApiPage {
    page: Page,
    operations: Arc<Vec<Operation>>,
}

/// One operation, as the page shows it.
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    scope: String,
    parameters: Vec<Field>,
    body: Vec<Field>,
    example: String,
    answers: Vec<(String, String)>,
    answer_fields: Vec<Field>,
}

/// One parameter or member.
struct Field {
    name: String,
    kind: String,
    is_required: bool,
    words: String,
}

pub(super) fn routes(openapi: utoipa::openapi::OpenApi) -> Router<AppState> {
    let json = match openapi.to_json() {
        Ok(json) => json,
        Err(error) => {
            tracing::error!(%error, "the description of the API cannot be written");
            "{}".to_owned()
        }
    };
    let operations = Arc::new(operations(&serde_json::from_str(&json).unwrap_or_default()));
    let json: Arc<str> = json.into();
    let routes = Router::new()
        .route(
            "/openapi.json",
            get(move || async move {
                // Editors and validators of other sites may read it: it is public.
                let facts = [
                    (header::CONTENT_TYPE, "application/vnd.oai.openapi+json;version=3.1"),
                    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
                ];
                (facts, json.to_string())
            }),
        )
        .route(
            "/api",
            get(move || async move {
                let page = Page::titled("api-title", "/api").described("api-lead");
                render(StatusCode::OK, &ApiPage { page, operations })
            }),
        );
    with_security_headers(routes)
}

fn operations(spec: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in spec["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            all.push(operation_of(spec, path, method, operation));
        }
    }
    // Reports first; among them the way they are used: send, read.
    all.sort_by_key(|one| (!one.path.contains("/reports"), one.method == "GET", one.path.clone()));
    all
}

fn operation_of(spec: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let content = &operation["requestBody"]["content"]["application/json"]["schema"];
    let mut body = Vec::new();
    fields(spec, content, "", 0, &mut body);
    let mut answer_fields = Vec::new();
    let mut answers = Vec::new();
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        answers.push((status.clone(), text(&answer["description"])));
        if status.starts_with('2') {
            fields(spec, &answer["content"]["application/json"]["schema"], "", 0, &mut answer_fields);
        }
    }
    let scopes = operation["security"].as_array().into_iter().flatten();
    let scope = scopes.filter_map(Value::as_object).flat_map(|one| one.iter()).map(|(name, scopes)| {
        let scopes: Vec<&str> = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if scopes.is_empty() { name.clone() } else { format!("{name}: {}", scopes.join(", ")) }
    });
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        scope: scope.collect::<Vec<_>>().join(", "),
        parameters: operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| Field {
                name: text(&one["name"]),
                kind: text(&one["in"]),
                is_required: one["required"] == true,
                words: text(&one["description"]),
            })
            .collect(),
        example: example_of(spec, content, 0)
            .and_then(|example| serde_json::to_string_pretty(&example).ok())
            .unwrap_or_default(),
        body,
        answers,
        answer_fields,
    }
}

/// The schema a reference names; a member that may be null is what else it may be.
fn resolve<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(place) = schema["$ref"].as_str().and_then(|place| place.strip_prefix('#')) {
        return spec.pointer(place).unwrap_or(schema);
    }
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    choices.filter(|one| one["type"] != "null").map(|one| resolve(spec, one)).next().unwrap_or(schema)
}

fn fields(spec: &Value, schema: &Value, prefix: &str, depth: usize, out: &mut Vec<Field>) {
    let schema = resolve(spec, schema);
    let is_required =
        |name: &str| schema["required"].as_array().is_some_and(|list| list.iter().any(|one| one == name));
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let inner = resolve(spec, member);
        let words =
            [member, inner].into_iter().find_map(|one| one["description"].as_str()).unwrap_or_default();
        let name_here = format!("{prefix}{name}");
        let kind = kind_of(inner);
        out.push(Field {
            name: name_here.clone(),
            kind,
            is_required: is_required(name),
            words: words.to_owned(),
        });
        if depth < DEPTH_LIMIT {
            fields(spec, inner, &format!("{name_here}."), depth + 1, out);
            fields(spec, resolve(spec, &inner["items"]), &format!("{name_here}[]."), depth + 1, out);
        }
    }
}

fn kind_of(schema: &Value) -> String {
    match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds: Vec<&str> =
                kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
            kinds.join(", ")
        }
        _ => String::new(),
    }
}

/// A body made of the examples of its members.
fn example_of(spec: &Value, schema: &Value, depth: usize) -> Option<Value> {
    let schema = resolve(spec, schema);
    if let Some(example) = schema.get("example") {
        return Some(example.clone());
    }
    if depth > DEPTH_LIMIT {
        return None;
    }
    if schema["type"] == "array" {
        return example_of(spec, &schema["items"], depth + 1).map(|one| Value::Array(vec![one]));
    }
    let members: serde_json::Map<String, Value> = schema["properties"]
        .as_object()?
        .iter()
        .filter_map(|(name, member)| Some((name.clone(), example_of(spec, member, depth + 1)?)))
        .collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_shown_with_its_fields_and_answers() {
        let (_, openapi) = super::super::described().split_for_parts();
        let spec: Value = serde_json::from_str(&openapi.to_json().unwrap()).unwrap();
        assert_eq!(spec["openapi"], "3.1.0");
        let operations = operations(&spec);
        assert_eq!(operations.len(), 5);
        for one in &operations {
            assert!(!one.summary.is_empty() && !one.scope.is_empty(), "{} {}", one.method, one.path);
            assert!(one.answers.iter().any(|(status, _)| status.starts_with('2')), "{}", one.path);
            for field in one.parameters.iter().chain(&one.body).chain(&one.answer_fields) {
                assert!(!field.words.is_empty(), "{} {}: {} has no words", one.method, one.path, field.name);
            }
        }
        let send = operations.iter().find(|one| one.path == "/api/v1/reports").unwrap();
        assert!(send.example.contains("0912345678"));
        assert!(send.body.iter().any(|field| field.name == "kind" && field.is_required));
    }
}
