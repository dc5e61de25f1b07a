//! How these tests talk to a service.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use registration_testkit::{
    Applicant, Backend, Service, ServiceBuilder, TestDatabase, telemetry::emitted,
};
use reqwest::{
    Method,
    blocking::{Client, Response},
};
use serde_json::Value;

use crate::description::checked;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_student-registration");

/// What a browser sends when a person opens a page.
pub(crate) const BROWSER: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

pub(crate) fn builder(database: &TestDatabase) -> ServiceBuilder {
    Service::builder(BINARY, database.url())
}

pub(crate) fn start(database: &TestDatabase) -> Service {
    builder(database).start()
}

/// A service on an empty SQLite file, for what is the same on every backend.
pub(crate) fn sqlite() -> (TestDatabase, Service) {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = start(&database);
    (database, service)
}

/// The same, configured.
pub(crate) fn sqlite_with(settings: &[(&str, &str)]) -> (TestDatabase, Service) {
    let database = TestDatabase::new(Backend::Sqlite);
    let service =
        settings.iter().fold(builder(&database), |service, (name, value)| service.env(name, value));
    let service = service.start();
    (database, service)
}

/// The token of a new form.
pub(crate) fn form_token(service: &Service) -> String {
    let page = get(&service.url("/"), BROWSER).text().unwrap();
    token_in(&page)
}

/// The form token in a page.
pub(crate) fn token_in(page: &str) -> String {
    let (_, key) = page.split_once("name=\"idempotency_key\" value=\"").unwrap();
    key.split('"').next().unwrap().to_owned()
}

/// The text of the element with this id.
pub(crate) fn text_of<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, element) = page.split_once(&format!("id=\"{id}\"")).unwrap();
    element.split(['>', '<']).nth(1).unwrap()
}

/// The value of a series of the service's metrics.
pub(crate) fn metric(service: &Service, series: &str) -> f64 {
    let metrics = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
    // Gauges that are zero again when the service stops.
    emitted().record_scrape(&metrics);
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).parse().unwrap()
}

/// A client that follows no redirects and waits 30 seconds at most.
pub(crate) fn client() -> Client {
    let redirect = reqwest::redirect::Policy::none();
    Client::builder().redirect(redirect).timeout(Duration::from_secs(30)).build().unwrap()
}

pub(crate) fn registration(email: &str) -> Value {
    Applicant::new(email).json()
}

pub(crate) fn post(service: &Service, body: &Value) -> Response {
    let response = client().post(service.url("/register")).json(body).send().unwrap();
    checked(&Method::POST, response)
}

pub(crate) fn get(url: &str, accept: &str) -> Response {
    checked(&Method::GET, client().get(url).header("accept", accept).send().unwrap())
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// The body of a problem, after checking that it is one, whole.
pub(crate) fn problem(response: Response) -> Value {
    let response = checked(&Method::GET, response);
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    let (status, path) = (response.status().as_u16(), response.url().path().to_owned());
    let problem: Value = response.json().unwrap();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["instance"], path);
    for member in ["type", "title", "detail", "code"] {
        assert!(problem[member].is_string(), "{member}: {problem}");
    }
    problem
}

/// A problem's errors, as `field: code`.
pub(crate) fn errors(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            let (field, code) = (error["field"].as_str().unwrap(), error["code"].as_str().unwrap());
            assert_eq!(error["pointer"], format!("/{field}"));
            assert!(!error["message"].as_str().unwrap().is_empty());
            format!("{field}: {code}")
        })
        .collect()
}

/// Sends bytes as they are and returns everything that comes back until the server closes.
pub(crate) fn raw(service: &Service, request: &[u8]) -> String {
    let mut connection = TcpStream::connect(service.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    connection.write_all(request).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
