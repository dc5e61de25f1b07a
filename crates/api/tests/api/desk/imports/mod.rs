//! Imports: students from files.

mod files;
mod flow;
mod libreoffice;
mod pages;
mod privacy;
mod runs;
mod telemetry;

use libtest_mimic::Trial;
use registration_testkit::TestDatabase;
use reqwest::{Method, blocking::Response};
use serde_json::{Value, json};

use super::{Office, journal, office::Person, operations};
use crate::support::{header, problem};

pub(crate) fn trials() -> Vec<Trial> {
    let trials = [
        flow::trials(),
        files::trials(),
        libreoffice::trials(),
        runs::trials(),
        pages::trials(),
        privacy::trials(),
        telemetry::trials(),
    ];
    trials.into_iter().flatten().collect()
}

/// The body of an upload (RFC 7578), and its media type.
pub(crate) fn multipart(
    name: &str,
    file: &[u8],
    texts: &[(&str, &str)],
) -> (&'static str, Vec<u8>) {
    let boundary = "a7f3c1";
    let mut body = Vec::new();
    for (name, text) in texts {
        let part =
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend(part.into_bytes());
        body.extend(format!("{text}\r\n").into_bytes());
    }
    let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
    let part = format!(
        "--{boundary}\r\ncontent-disposition: {disposition}\r\ncontent-type: text/csv\r\n\r\n"
    );
    body.extend(part.into_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    ("multipart/form-data; boundary=a7f3c1", body)
}

pub(crate) fn upload_with(
    person: &Person,
    name: &str,
    file: &[u8],
    texts: &[(&str, &str)],
) -> Response {
    let (media, body) = multipart(name, file, texts);
    let request = person.request(Method::POST, "/api/imports").header("content-type", media);
    crate::description::checked(&Method::POST, request.body(body).send().unwrap())
}

/// Uploads a file that can be read, and returns the import.
fn upload(person: &Person, file: &str) -> Value {
    uploaded(upload_with(person, "students.csv", file.as_bytes(), &[]))
}

fn uploaded(response: Response) -> Value {
    let status = response.status();
    let import: Value = response.json().unwrap();
    assert_eq!(status, 202, "{import}");
    import
}

fn path(import: &Value, part: &str) -> String {
    format!("/api/imports/{}{part}", import["id"].as_str().unwrap())
}

fn find(person: &Person, import: &Value) -> Value {
    person.read(&path(import, ""))
}

/// Waits until an import is in this state.
fn wait_for(person: &Person, import: &Value, state: &str) -> Value {
    operations::wait(|| find(person, import)["state"] == state);
    find(person, import)
}

fn patch(person: &Person, import: &Value, change: &Value) -> Response {
    person.send(&Method::PATCH, &path(import, ""), None, change)
}

fn run(person: &Person, import: &Value) -> Response {
    person.send(&Method::POST, &path(import, "/run"), None, &Value::Null)
}

/// Stores the rows of an import, which are few.
fn done(person: &Person, import: &Value) -> Value {
    let response = run(person, import);
    let status = response.status();
    let import: Value = response.json().unwrap();
    assert_eq!((status.as_u16(), &import["state"]), (200, &json!("done")), "{import}");
    import
}

fn rows(person: &Person, import: &Value, query: &str) -> Vec<Value> {
    person.read(&path(import, &format!("/rows?{query}")))["items"].as_array().unwrap().clone()
}

fn count(database: &TestDatabase, condition: &str) -> u64 {
    journal::number(database, &format!("SELECT COUNT(*) FROM {condition}"))
}

fn verdicts(import: &Value) -> Vec<u64> {
    let names = ["create", "update", "unchanged", "same_person", "conflict", "invalid"];
    names.map(|name| import["counts"][name].as_u64().unwrap()).into()
}
