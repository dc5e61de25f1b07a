//! Every case of the shared corpus, on every backend, as JSON and as a form.

use libtest_mimic::Trial;
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
            for (field, value) in &case.stored {
                assert_eq!(body[field], **value, "{}", case.name);
            }
        } else {
            assert_eq!(errors(&problem(response)), case.errors, "{}", case.name);
        }
        assert_stored(database, case);
    }
    assert_rows(database, &cases);
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
        assert_stored(database, case);
    }
    assert!(cases.len() > 90, "only {} cases fit a form", cases.len());
    assert_rows(database, &cases);
}

fn assert_registered_page(service: &Service, location: &str) {
    let response = client().get(service.url(location)).header("accept", BROWSER).send().unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().unwrap().contains("You are registered"));
}

fn assert_stored(database: &TestDatabase, case: &corpus::Case) {
    for (field, value) in &case.stored {
        let newest = format!("SELECT {field} AS value FROM students ORDER BY id DESC LIMIT 1");
        assert_eq!(database.query_column(&newest), [value.as_str()], "{}", case.name);
    }
}

fn assert_rows(database: &TestDatabase, cases: &[corpus::Case]) {
    let registered = cases.iter().filter(|case| case.status == 201).count();
    assert_eq!(database.emails().len(), registered);
}
