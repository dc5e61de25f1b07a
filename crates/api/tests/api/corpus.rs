//! Every case of the shared corpus, on every backend, as JSON and as a form.

use libtest_mimic::Trial;
use registration_domain::Field;
use registration_testkit::{Service, TestDatabase, corpus, on_every_backend};
use serde_json::Value;

use crate::support::{BROWSER, client, errors, header, post, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![the_corpus_as_json, the_corpus_as_a_form]
}

fn the_corpus_as_json(database: &TestDatabase) {
    let service = start(database);
    let cases = corpus::cases();
    for case in &cases {
        let response = post(&service, &case.body);
        assert_eq!(response.status(), case.status, "{}", case.name);
        if case.status == 201 {
            let location = header(&response, "location").to_owned();
            let body: Value = response.json().unwrap();
            assert_eq!(location, format!("/students/{}", body["id"].as_str().unwrap()));
            for field in Field::ALL.map(Field::as_str) {
                assert_eq!(body[field], expected(case, field), "{}", case.name);
            }
        } else {
            assert_eq!(errors(&problem(response)), case.errors, "{}", case.name);
        }
    }
    assert_stored(database, &cases);
}

fn the_corpus_as_a_form(database: &TestDatabase) {
    let service = start(database);
    let cases: Vec<_> = corpus::cases().into_iter().filter(|case| case.form().is_some()).collect();
    for case in &cases {
        let form = case.form().unwrap();
        let response = client()
            .post(service.url("/register"))
            .header("accept", BROWSER)
            .form(&form)
            .send()
            .unwrap();
        if case.status == 201 {
            assert_eq!(response.status(), 303, "{}", case.name);
            assert_registered_page(&service, header(&response, "location"));
        } else {
            assert_eq!(response.status(), case.status, "{}", case.name);
            let page = response.text().unwrap();
            assert!(page.contains("<title>Error: "), "{}", case.name);
            let invalid = page.matches("aria-invalid=\"true\"").count();
            assert_eq!(invalid, case.errors.len(), "{}", case.name);
        }
    }
    assert!(cases.len() > 120, "only {} cases fit a form", cases.len());
    assert_stored(database, &cases);
}

fn assert_registered_page(service: &Service, location: &str) {
    let response = client().get(service.url(location)).header("accept", BROWSER).send().unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().unwrap().contains("You are registered"));
}

/// What is stored and answered in a field: what was sent, unless the case says otherwise.
fn expected<'a>(case: &'a corpus::Case, field: &str) -> &'a str {
    let stored = case.stored.iter().find(|(name, _)| name == field);
    stored.map_or_else(|| case.body[field].as_str().unwrap(), |(_, value)| value)
}

/// One row for each case that registers, with every field.
fn assert_stored(database: &TestDatabase, cases: &[corpus::Case]) {
    for field in Field::ALL.map(Field::as_str) {
        let column = format!("SELECT {field} AS value FROM students ORDER BY id");
        let registered = cases.iter().filter(|case| case.status == 201);
        let expected: Vec<_> = registered.map(|case| expected(case, field)).collect();
        assert_eq!(database.query_column(&column), expected);
    }
}
