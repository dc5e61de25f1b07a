//! Every answer against the description of the API: a member that it does not name fails, and every code
//! of a problem occurs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex},
};

use jsonschema::Validator;
use reqwest::{Method, ResponseBuilderExt as _, blocking::Response};
use serde_json::{Value, json};

/// The committed description; a test of the library holds it to the program.
static DESCRIPTION: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap());

static VALIDATORS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let schemas = DESCRIPTION["components"]["schemas"].as_object().unwrap();
    let validator = |name: &String| {
        let schema = json!({
            "$ref": format!("#/components/schemas/{name}"),
            "components": DESCRIPTION["components"],
        });
        (name.clone(), jsonschema::validator_for(&schema).unwrap())
    };
    schemas.keys().map(validator).collect()
});

/// The codes of problems that were answered.
static CODES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What no trial sees here.
const NEVER: [&str; 11] = [
    // A million students: a unit test of the worksheet has it.
    "too_many_rows",
    "bad_request",     // an error of the framework that no request provokes
    "email_taken",     // shown as a page, whatever the client accepts
    "forbidden",       // the same
    "last_admin",      // the same
    "link_expired",    // the same
    "wrong_password",  // the same
    "head_too_large",  // read as bytes of a connection, in `problems` and `wire`
    "request_timeout", // the same
    "uri_too_long",    // the same
    "too_busy",        // needs more requests at once than threads, which no trial can time
];

/// Checks an answer to a request with this method, and returns it whole.
pub(crate) fn checked(method: &Method, response: Response) -> Response {
    let media = response.headers().get("content-type").map(|media| media.to_str().unwrap());
    let is_json = media.is_some_and(|media| media.ends_with("json"));
    if !is_json || method == Method::HEAD {
        return response;
    }
    let (status, url) = (response.status(), response.url().clone());
    let (version, headers) = (response.version(), response.headers().clone());
    let body = response.bytes().unwrap();
    let value: Value = serde_json::from_slice(&body).unwrap();
    let name = if status.as_u16() >= 400 {
        Some("Problem".to_owned())
    } else {
        schema(method, url.path(), status.as_u16())
    };
    if let Some(name) = name {
        let errors: Vec<_> = VALIDATORS[&name].iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{method} {url} {status}: {errors:?}\n{value}");
    }
    if let Some(code) = value["code"].as_str() {
        CODES.lock().unwrap().insert(code.to_owned());
    }
    let mut again = http::Response::builder().status(status).version(version).url(url);
    again.headers_mut().unwrap().extend(headers);
    Response::from(again.body(body).unwrap())
}

/// The schema of an answer; `None` for a path that is not described.
fn schema(method: &Method, path: &str, status: u16) -> Option<String> {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(one, other)| one == other || one == "{id}")
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    let item = paths.iter().find(|(template, _)| fits(template))?.1;
    let operation = item.get(method.as_str().to_lowercase())?;
    let answer = &operation["responses"][status.to_string()];
    assert!(answer.is_object(), "{method} {path}: {status} is not described");
    let reference = answer["content"]["application/json"]["schema"]["$ref"].as_str()?;
    Some(reference.trim_start_matches("#/components/schemas/").to_owned())
}

/// After a whole run: the codes that the description lists and no trial has seen.
pub(crate) fn unseen_codes() -> Vec<String> {
    let seen = CODES.lock().unwrap();
    let listed = DESCRIPTION["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap();
    let listed = listed.iter().map(|code| code.as_str().unwrap());
    listed
        .filter(|code| !seen.contains(*code) && !NEVER.contains(code))
        .map(str::to_owned)
        .collect()
}
