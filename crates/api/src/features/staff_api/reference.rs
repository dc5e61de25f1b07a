//! The description of the API: as JSON for programs, and as a page.

use actix_web::{HttpResponse, http::header::CONTENT_TYPE, web::Data};
use askama::Template;
use utoipa::openapi::{OpenApi, path::ParameterIn};

use super::StaffApi;
use crate::web::{
    locale::RequestLocale,
    pages::{self, Layout},
    paths,
    problem::Problem,
};

/// The description, written once.
pub(crate) struct Reference {
    json: String,
    operations: Vec<OperationEntry>,
}

/// An operation on the page.
#[derive(Clone)]
struct OperationEntry {
    method: String,
    path: String,
    summary: String,
    /// The scope of a token, where it needs one.
    scope: Option<String>,
    parameters: Vec<(String, String)>,
    statuses: String,
}

impl Reference {
    /// Writes the description.
    ///
    /// # Errors
    ///
    /// It cannot be written as JSON.
    pub(crate) fn new(document: &OpenApi) -> Result<Self, serde_json::Error> {
        let value = serde_json::to_value(document)?;
        Ok(Self { json: serde_json::to_string(document)?, operations: operations(&value) })
    }
}

/// The operations of a description, in its order.
fn operations(document: &serde_json::Value) -> Vec<OperationEntry> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut entries = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = serde_json::to_value(ParameterIn::Query).unwrap_or_default();
            let parameters = parameters.filter(|parameter| parameter["in"] == query);
            let scopes = operation["security"].as_array().into_iter().flatten();
            let scope = scopes.filter_map(|one| one["token"].as_array()?.first()).map(text).next();
            let statuses = operation["responses"].as_object().into_iter().flatten();
            let statuses: Vec<_> = statuses.map(|(status, _)| status.as_str()).collect();
            entries.push(OperationEntry {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: text(&operation["summary"]),
                scope: scope.filter(|scope| !scope.is_empty()),
                parameters: parameters
                    .map(|p| (text(&p["name"]), text(&p["description"])))
                    .collect(),
                statuses: statuses.join(", "),
            });
        }
    }
    entries
}

/// `GET /api/openapi.json`.
pub(crate) async fn json(feature: Data<StaffApi>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(feature.reference.json.clone())
}

/// The page.
#[derive(Template)]
#[template(path = "public/reference.html")]
struct ReferencePage {
    layout: Layout,
    document: String,
    operations: Vec<OperationEntry>,
}

/// `GET /api`: the same as a page. It is in English, as the API is.
pub(crate) async fn page(
    feature: Data<StaffApi>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let page = ReferencePage {
        layout: Layout::new(locale, paths::API),
        document: locale.path(paths::OPENAPI),
        operations: feature.reference.operations.clone(),
    };
    pages::html(locale, &page)
}
