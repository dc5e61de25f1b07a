//! `Idempotency-Key` on the office's API: a repeated request has the first answer.

use std::{thread, time::Duration};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, wait_until};
use reqwest::{Method, blocking::Response};
use serde_json::{Value, json};

use super::{Office, office::Person};
use crate::{
    description::checked,
    support::{builder, header, problem, start},
};

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_repeated_request_has_the_first_answer,
        the_same_request_at_once_creates_one_student,
        a_key_is_one_senders_and_is_forgotten,
    ]
}

fn create(person: &Person, key: &str, email: &str) -> Response {
    let body = json!({"first_name": "Zoe", "last_name": "Bronte", "email": email});
    let request = person.request(Method::POST, "/api/students").header("idempotency-key", key);
    checked(&Method::POST, request.json(&body).send().unwrap())
}

fn decide(person: &Person, id: &str, version: u64, to: &str) -> Response {
    let path = format!("/api/students/{id}/transitions");
    let request = person.request(Method::POST, &path).header("idempotency-key", "decide-1");
    let request = request.header("if-match", format!("\"{version}\""));
    checked(&Method::POST, request.json(&json!({ "to": to })).send().unwrap())
}

/// Status, `Location`, `ETag` and body.
fn whole(answer: Response) -> (u16, Option<String>, String, Value) {
    let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    let tag = header(&answer, "etag").to_owned();
    (answer.status().as_u16(), location, tag, answer.json().unwrap())
}

fn a_repeated_request_has_the_first_answer(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let first = whole(create(&office.admin, KEY, "zoe@example.org"));
    assert_eq!(first.0, 201);
    let id = first.3["id"].as_str().unwrap();
    let decided = whole(decide(&office.admin, id, 1, "confirmed"));
    assert_eq!((decided.0, &*decided.2), (200, "\"2\""));
    let path = format!("/api/students/{id}");
    let edited = office.admin.send(&Method::PATCH, &path, Some(2), &json!({"last_name": "Alcott"}));
    assert_eq!(edited.status(), 200);
    // Neither the taken address nor the version of before is looked at again.
    assert_eq!(whole(create(&office.admin, &format!("\"{KEY}\""), "zoe@example.org")), first);
    assert_eq!(whole(decide(&office.admin, id, 1, "confirmed")), decided);
    let actions = office.admin.read(&format!("{path}/history"));
    assert_eq!(actions["items"].as_array().unwrap().len(), 3, "{actions}");
    for other in [
        create(&office.admin, KEY, "other@example.org"),
        decide(&office.admin, id, 3, "confirmed"),
        decide(&office.admin, id, 1, "withdrawn"),
    ] {
        assert_eq!(other.status(), 422);
        assert_eq!(problem(other)["code"], "idempotency_key_reused");
    }
    for malformed in ["", "two words", "a\"b"] {
        let answer = create(&office.admin, malformed, "other@example.org");
        assert_eq!(answer.status(), 400, "{malformed}");
        assert_eq!(problem(answer)["code"], "malformed");
    }
    // A refused request leaves its key free.
    assert_eq!(create(&office.admin, "again", "zoe@example.org").status(), 409);
    assert_eq!(create(&office.admin, "again", "ada@example.org").status(), 201);
    // What was kept of a student is erased with it.
    assert_eq!(office.admin.send(&Method::DELETE, &path, Some(3), &Value::Null).status(), 204);
    assert_eq!(decide(&office.admin, id, 1, "confirmed").status(), 410);
    assert_eq!(whole(create(&office.admin, KEY, "zoe@example.org")).0, 201);
}

fn the_same_request_at_once_creates_one_student(database: &TestDatabase) {
    let services = [start(database), builder(database).env("NO_MIGRATE", "true").start()];
    let office = Office::open(&services[0], database);
    for round in 0..10 {
        let email = format!("n{round}@example.org");
        let (key, email) = (format!("round-{round}"), email.as_str());
        let answers = thread::scope(|scope| {
            let send = |number: usize| {
                let (person, key) = (office.admin.at(&services[number % 2]), key.as_str());
                scope.spawn(move || whole(create(&person, key, email)))
            };
            let all: Vec<_> = (0..4).map(send).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(answers[0].0, 201);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    assert_eq!(database.emails().len(), 10);
}

fn a_key_is_one_senders_and_is_forgotten(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let program = office.program(&["students:read", "students:write"]);
    assert_eq!(create(&office.admin, KEY, "zoe@example.org").status(), 201);
    assert_eq!(create(&program, KEY, "ada@example.org").status(), 201);
    assert_eq!(create(&program, KEY, "max@example.org").status(), 422);
    database.execute("UPDATE api_requests SET created_at = '2020-01-01 00:00:00'");
    assert_eq!(create(&program, KEY, "max@example.org").status(), 201);
    // At the start, and then at intervals.
    drop(service);
    let _service = start(database);
    let old = "SELECT 'old' AS value FROM api_requests WHERE created_at < '2021-01-01'";
    assert!(wait_until(Duration::from_secs(10), || database.query_column(old).is_empty()));
}
