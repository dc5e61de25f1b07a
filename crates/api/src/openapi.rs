//! The description of the API (OpenAPI 3.1), made from the route table and the types of the bodies.

mod import_schemas;
mod operations;
mod problem_schemas;
mod schemas;
mod task_schemas;

use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
    content::ContentBuilder,
    header::HeaderBuilder,
    path::{OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    schema::{ObjectBuilder, Schema, Type},
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use self::operations::{Operation, of};
use crate::{
    routes::{Audience, ROUTES, RouteSpec, Verb},
    version::VERSION,
    web::{door::Access, paths},
};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The description of every public path and of the office's API.
pub(crate) fn document() -> OpenApi {
    let license = LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build();
    let info = InfoBuilder::new()
        .title("Student registration")
        .version(VERSION)
        .description(Some(
            "Registration for applicants, and the API of the school's office. Problems are those of \
             RFC 9457; `code` is stable.",
        ))
        .license(Some(license))
        .build();
    let mut documented = PathsBuilder::new();
    for routes in described().collect::<Vec<_>>().chunk_by(|one, next| one.0.path == next.0.path) {
        let mut item = PathItem::default();
        for (route, operation) in routes {
            item.merge_operations(PathItem::new(method(route.verb), describe(route, operation)));
        }
        documented = documented.path(routes[0].0.path, item);
    }
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-desk")));
    let components = schemas::add(ComponentsBuilder::new())
        .security_scheme("token", token)
        .security_scheme("session", session);
    OpenApiBuilder::new()
        .info(info)
        .paths(documented.build())
        .components(Some(components.build()))
        .build()
}

/// The routes that answer programs, each with its operation.
fn described() -> impl Iterator<Item = (&'static RouteSpec, Operation)> {
    ROUTES.iter().filter_map(|route| Some((route, of(route.path, route.verb)?)))
}

/// Whether a route answers programs: all but pages and what belongs to them.
#[cfg(test)]
fn is_api(route: &RouteSpec) -> bool {
    let is_page = [paths::HOME, paths::ASSET, paths::BROWSER_SPANS, paths::METRICS, paths::API];
    route.audience != Audience::Demo
        && !is_page.contains(&route.path)
        && !route.path.starts_with(paths::DESK)
}

const fn method(verb: Verb) -> HttpMethod {
    match verb {
        Verb::Get => HttpMethod::Get,
        Verb::Post => HttpMethod::Post,
        Verb::Put => HttpMethod::Put,
        Verb::Patch => HttpMethod::Patch,
        Verb::Delete => HttpMethod::Delete,
    }
}

fn describe(route: &RouteSpec, operation: &Operation) -> utoipa::openapi::path::Operation {
    let mut described = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .summary(Some(operation.summary))
        .tag(if route.audience == Audience::Staff { "office" } else { "public" });
    if route.path.contains("{id}") {
        let id = ParameterBuilder::new()
            .name("id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(text(Some("uuid"))));
        described = described.parameter(id);
    }
    for (name, meaning) in operation.query {
        let parameter = ParameterBuilder::new()
            .name(*name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(*meaning))
            .schema(Some(text(None)));
        described = described.parameter(parameter);
    }
    if route.statuses.contains(&428) {
        let version = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("The version that the caller saw, as in `\"7\"`; 428 without it."))
            .schema(Some(text(None)));
        described = described.parameter(version);
    }
    let is_import = route.path.starts_with(paths::API_IMPORTS);
    if route.audience == Audience::Staff && route.verb == Verb::Post && !is_import {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "Any text of up to 255 visible ASCII characters. A repetition within 24 hours has the \
                 first answer; 422 `idempotency_key_reused` for another request.",
            ))
            .schema(Some(text(None)));
        described = described.parameter(key);
    }
    if let Some((media, schema)) = operation.request {
        let mut body = RequestBodyBuilder::new().required(Some(Required::True));
        for media in media {
            body =
                body.content(*media, ContentBuilder::new().schema(Some(reference(schema))).build());
        }
        described = described.request_body(Some(body.build()));
    }
    // 405 and 500 are answers of every path.
    for status in route.statuses.iter().copied().chain([405, 500]) {
        described = described.response(status.to_string(), answer(route, operation, status));
    }
    match route.access {
        Access::Public | Access::Door => {}
        Access::SignedIn => {
            described = described
                .security(SecurityRequirement::new("token", [""; 0]))
                .security(SecurityRequirement::new("session", [""; 0]));
        }
        Access::May(permission) | Access::Fresh(permission) => {
            described = described
                .security(SecurityRequirement::new("token", permission.scope()))
                .security(SecurityRequirement::new("session", [""; 0]));
        }
    }
    described.build()
}

fn answer(route: &RouteSpec, operation: &Operation, status: u16) -> Response {
    let reason = actix_web::http::StatusCode::from_u16(status).ok();
    let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
    let mut response = ResponseBuilder::new().description(reason);
    if status >= 400 {
        let problem = ContentBuilder::new().schema(Some(reference("Problem"))).build();
        // Readiness answers with a problem, liveness with none.
        response = response.content(PROBLEM, problem);
        if route.path == paths::REGISTER {
            // The form, as a browser posted it, with its errors.
            response = response.content("text/html", ContentBuilder::new().build());
        }
        return response.build();
    }
    let file = match route.path {
        paths::API_CSV | paths::API_IMPORT_ERRORS => Some("text/csv"),
        paths::API_XLSX => {
            Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        }
        _ => None,
    };
    if let Some(media) = file {
        response = response.content(media, ContentBuilder::new().build());
    }
    if matches!(status, 200..=202)
        && let Some(schema) = operation.response
    {
        response =
            response.content(JSON, ContentBuilder::new().schema(Some(reference(schema))).build());
    }
    let is_versioned =
        |schema: &str| ["Student", "ChangedStudent", "Task", "TaskTemplate"].contains(&schema);
    if matches!(status, 200 | 201) && operation.response.is_some_and(is_versioned) {
        let tag = HeaderBuilder::new().schema(Some(text(None))).description(Some("The version."));
        response = response.header("ETag", tag.build());
    }
    response.build()
}

fn reference(schema: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(schema))
}

fn text(format: Option<&str>) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = match format {
        Some(format) => text.format(Some(utoipa::openapi::SchemaFormat::Custom(format.to_owned()))),
        None => text,
    };
    Schema::Object(text.build())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_route_that_answers_programs_is_described() {
        for route in ROUTES.iter().filter(|route| is_api(route)) {
            assert!(of(route.path, route.verb).is_some(), "{} {}", route.verb.as_str(), route.path);
        }
    }

    #[test]
    fn every_schema_that_is_used_exists() {
        let text = document().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        for used in text.split("#/components/schemas/").skip(1) {
            let name = used.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }

    /// The committed description: `make docs` writes it.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "UPDATE_DOCS is for these tests alone")]
    fn the_api_is_documented_as_it_is() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let text = document().to_pretty_json().unwrap() + "\n";
        if std::env::var("UPDATE_DOCS").is_ok() {
            fs::write(&path, text).unwrap();
        } else {
            let written = fs::read_to_string(&path).unwrap();
            assert!(written == text, "docs/openapi.json is out of date: run make docs");
        }
    }
}
