//! The checklist: its templates, and the items of students.

use libtest_mimic::Trial;
use reqwest::{Method, blocking::Response};
use serde_json::{Value, json};

use super::office::Person;
use crate::support::header;

mod bulk;
mod pages;
mod places;
mod tasks;
mod templates;

pub(crate) fn trials() -> Vec<Trial> {
    let parts =
        [places::trials(), bulk::trials(), tasks::trials(), templates::trials(), pages::trials()];
    parts.into_iter().flatten().collect()
}

const TEMPLATES: &str = "/api/task-templates";

/// Makes a template, and returns its id.
pub(super) fn template(person: &Person, title: &str) -> String {
    let made = person.send(&Method::POST, TEMPLATES, None, &json!({"title": title}));
    assert_eq!((made.status().as_u16(), header(&made, "etag")), (201, "\"1\""));
    let location = header(&made, "location").to_owned();
    let id = made.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(location, format!("{TEMPLATES}/{id}"));
    id
}

/// The items of a student: title and state.
pub(super) fn items(person: &Person, student: &str) -> Vec<(String, String)> {
    let list = person.read(&format!("/api/students/{student}/tasks"));
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| (text(item, "title"), text(item, "state"))).collect()
}

pub(super) fn expected(items: &[(&str, &str)]) -> Vec<(String, String)> {
    items.iter().map(|(title, state)| ((*title).to_owned(), (*state).to_owned())).collect()
}

/// The id of a student's first item.
pub(super) fn first(person: &Person, student: &str) -> String {
    let list = person.read(&format!("/api/students/{student}/tasks"));
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

pub(super) fn complete(person: &Person, task: &str) -> Response {
    person.send(&Method::PUT, &format!("/api/tasks/{task}/complete"), None, &Value::Null)
}

pub(super) fn version(person: &Person, student: &str) -> u64 {
    person.read(&format!("/api/students/{student}"))["version"].as_u64().unwrap()
}

/// The only student that the list has with this query; empty for none.
pub(super) fn listed(person: &Person, query: &str) -> String {
    let list = person.read(&format!("/api/students?{query}"));
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    list["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>().join(" and ")
}
