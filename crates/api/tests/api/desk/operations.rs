//! Operations: decisions on many students at once.

use std::time::Duration;

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, on_every_backend, on_sqlite, wait_until};
use reqwest::{Method, blocking::Response};
use serde_json::{Value, json};

use super::{Office, journal::number, office::Person};
use crate::support::{builder, header, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        an_operation_changes_those_who_can_be_and_says_why_not_the_others,
        a_filter_holds_those_who_were_there_at_its_moment,
        many_students_are_changed_behind_the_answer,
        a_killed_operation_goes_on_and_changes_each_student_once,
    ];
    trials.extend(on_sqlite![
        a_repeated_operation_has_its_first_answer,
        who_was_changed_after_the_moment_is_left_alone,
        a_filter_of_names_is_for_those_who_may_see_them,
        a_form_that_is_sent_twice_is_one_operation,
        an_operation_has_at_most_ten_thousand_students,
    ]);
    trials
}

/// A moment after everything.
const EVERYONE: &str = "9223372036854775807.4102444800000000";

/// Waits until it is so, which must come.
pub(super) fn wait(is_so: impl FnMut() -> bool) {
    assert!(wait_until(Duration::from_secs(60), is_so));
}

pub(super) fn students(ids: &[(&str, u64)]) -> Value {
    let ids: Vec<_> =
        ids.iter().map(|(id, version)| json!({"id": id, "version": version})).collect();
    json!({"ids": ids})
}

pub(super) fn begin(person: &Person, to: &str, on: &Value) -> Response {
    let body = json!({"do": {"to": to}, "on": on});
    person.send(&Method::POST, "/api/operations", None, &body)
}

pub(super) fn done(response: Response) -> Value {
    let status = response.status();
    let operation: Value = response.json().unwrap();
    assert_eq!(status, 200, "{operation}");
    assert_eq!(operation["state"], "done");
    operation
}

pub(super) fn undo(person: &Person, operation: &Value) -> Response {
    let path = format!("/api/operations/{}/undo", operation["id"].as_str().unwrap());
    person.send(&Method::POST, &path, None, &Value::Null)
}

/// Registers applicants past the service, all at once, and returns the number of the first.
pub(super) fn fill(database: &TestDatabase, count: usize) {
    let row = |number: usize| {
        let id = format!("0199041c0f7b7001{:016x}", 0x8001_0000_0000_0000_u64 + number as u64);
        let (id, time) = match database.backend() {
            Backend::Sqlite => (format!("X'{id}'"), "2026-09-01 09:00:00.000000"),
            Backend::Mysql => (format!("UNHEX('{id}')"), "2026-09-01 09:00:00.000000"),
        };
        let email = format!("filled{number:05}@example.org");
        format!("({id}, 'Zoë', 'Brontë', '{email}', '{email}', '{time}')")
    };
    for first in (0..count).step_by(1000) {
        let rows: Vec<_> = (first..count.min(first + 1000)).map(row).collect();
        let into = "students (public_id, first_name, last_name, email, email_key, created_at)";
        database.execute(&format!("INSERT INTO {into} VALUES {}", rows.join(", ")));
    }
}

fn an_operation_changes_those_who_can_be_and_says_why_not_the_others(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let ids =
        office.register(&["a@example.org", "b@example.org", "c@example.org", "d@example.org"]);
    let [a, b, c, d] = &ids[..] else { panic!() };
    assert_eq!(admin.decide(b, 1, "withdrawn").status(), 200);
    assert_eq!(admin.decide(c, 1, "confirmed").status(), 200);
    assert_eq!(admin.decide(d, 1, "waitlisted").status(), 200);
    let on = students(&[(a, 1), (b, 2), (c, 2), (d, 1)]);

    let body = json!({"do": {"to": "confirmed"}, "on": on});
    let preview = admin.send(&Method::POST, "/api/operations/preview", None, &body);
    assert_eq!(preview.status(), 200);
    let preview: Value = preview.json().unwrap();
    let skips = json!([
        {"reason": "changed_since", "count": 1},
        {"reason": "illegal_transition", "count": 1},
        {"reason": "unchanged", "count": 1},
    ]);
    let skipped = json!([
        {"id": d, "reason": "changed_since"},
        {"id": b, "reason": "illegal_transition"},
        {"id": c, "reason": "unchanged"},
    ]);
    assert_eq!((&preview["applies"], &preview["skips"]), (&json!(1), &skips));
    assert_eq!((&preview["skipped"], &preview["missing"]), (&skipped, &json!(0)));
    assert_eq!(admin.read(&format!("/api/students/{a}"))["status"], "pending");

    let begun = begin(admin, "confirmed", &on);
    let location = header(&begun, "location").to_owned();
    let operation = done(begun);
    assert_eq!(location, format!("/api/operations/{}", operation["id"].as_str().unwrap()));
    assert_eq!(admin.read(&location), operation);
    assert_eq!(
        (&operation["kind"], &operation["to"]),
        (&json!("status_changed"), &json!("confirmed"))
    );
    assert_eq!((&operation["applied"], &operation["waiting"]), (&json!(1), &json!(0)));
    assert_eq!((&operation["skips"], &operation["skipped"]), (&skips, &skipped));
    let student = admin.read(&format!("/api/students/{a}"));
    assert_eq!((&student["status"], &student["version"]), (&json!("confirmed"), &json!(2)));
    let entry = admin.read(&format!("/api/students/{a}/history"))["items"][0].clone();
    assert_eq!(entry["detail"], json!({"from": "pending", "to": "confirmed", "version": "2"}));
    assert_eq!(entry["operation"], operation["id"]);
    assert_eq!(entry["actor"], operation["by"]);
    assert!(entry["trace_id"].is_string());

    let mut missing = json!({"do": {"to": "rejected"}, "on": students(&[(a, 2)])});
    let refused = admin.send(&Method::POST, "/api/operations", None, &missing);
    assert_eq!(problem(refused)["errors"][0]["pointer"], "/do/reason_code");
    missing["do"] = json!({"to": "rejected", "reason_code": "other", "note": "as agreed"});
    done(admin.send(&Method::POST, "/api/operations", None, &missing));
    let notes = "SELECT text AS value FROM student_notes";
    assert_eq!(database.query_column(notes), ["as agreed"]);
    // The note is kept with the student alone.
    assert_eq!(number(database, "SELECT COUNT(*) FROM operations WHERE note IS NOT NULL"), 0);
}

fn a_filter_holds_those_who_were_there_at_its_moment(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [early, other] = &office.register(&["early@example.org", "other@example.org"])[..] else {
        panic!()
    };
    let filter = json!({"q": "early", "status": ["pending"]});
    let body = json!({"do": {"to": "confirmed"}, "on": {"filter": filter}});
    let preview = admin.send(&Method::POST, "/api/operations/preview", None, &body);
    let preview: Value = preview.json().unwrap();
    assert_eq!(preview["applies"], 1);
    let [late] = &office.register(&["earlybutlate@example.org"])[..] else { panic!() };
    let on = json!({"filter": filter, "as_of": preview["as_of"]});
    assert_eq!(done(begin(admin, "confirmed", &on))["applied"], 1);
    for (id, status) in [(early, "confirmed"), (other, "pending"), (late, "pending")] {
        assert_eq!(admin.read(&format!("/api/students/{id}"))["status"], status);
    }
    // The same without a search, by an index of the table.
    let on = json!({"filter": {"status": ["pending"]}, "as_of": preview["as_of"]});
    assert_eq!(done(begin(admin, "waitlisted", &on))["applied"], 1);
    assert_eq!(admin.read(&format!("/api/students/{late}"))["status"], "pending");
}

fn many_students_are_changed_behind_the_answer(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 600);
    let on = json!({"filter": {}, "as_of": EVERYONE});
    let begun = begin(&office.admin, "confirmed", &on);
    assert_eq!((begun.status().as_u16(), header(&begun, "retry-after")), (202, "1"));
    let location = header(&begun, "location").to_owned();
    wait(|| office.admin.read(&location)["state"] == "done");
    let operation = office.admin.read(&location);
    assert_eq!((&operation["applied"], &operation["waiting"]), (&json!(600), &json!(0)));
    let undone = undo(&office.admin, &operation);
    assert_eq!(undone.status(), 202);
    let location = header(&undone, "location").to_owned();
    wait(|| office.admin.read(&location)["state"] == "done");
    assert_eq!(number(database, "SELECT COUNT(*) FROM students WHERE status = 1"), 600);
    assert_eq!(
        number(database, "SELECT COUNT(*) FROM journal WHERE action = 'status_changed'"),
        1200
    );
}

fn a_killed_operation_goes_on_and_changes_each_student_once(database: &TestDatabase) {
    let mut service = start(database);
    let office = Office::open(&service, database);
    let admin = office.admin.clone();
    fill(database, 3000);
    let on = json!({"filter": {}, "as_of": EVERYONE});
    assert_eq!(begin(&admin, "confirmed", &on).status(), 202);
    let left = || number(database, "SELECT COUNT(*) FROM operation_items WHERE outcome IS NULL");
    let mut kills = 0;
    while left() > 0 {
        let before = left();
        wait(|| left() < before || left() == 0);
        service.kill();
        kills += 1;
        service = builder(database).env("NO_MIGRATE", "true").start();
    }
    assert!(kills > 1);
    wait(|| number(database, "SELECT COUNT(*) FROM operations WHERE finished_at IS NULL") == 0);
    assert_eq!(number(database, "SELECT COUNT(*) FROM students WHERE status = 3"), 3000);
    assert_eq!(number(database, "SELECT COUNT(*) FROM students WHERE version = 2"), 3000);
    let entries = "SELECT COUNT(*) FROM journal WHERE action = 'status_changed'";
    assert_eq!(number(database, entries), 3000);
    let of = "SELECT COUNT(DISTINCT subject) FROM journal WHERE action = 'status_changed'";
    assert_eq!(number(database, of), 3000);
}

fn a_repeated_operation_has_its_first_answer(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let send = |path: &str, key: &str, body: &Value| {
        let request = office.admin.request(Method::POST, path).header("idempotency-key", key);
        request.json(body).send().unwrap()
    };
    let body = json!({"do": {"to": "confirmed"}, "on": students(&[(id, 1)])});
    let first: Value = send("/api/operations", "one", &body).json().unwrap();
    let second: Value = send("/api/operations", "one", &body).json().unwrap();
    assert_eq!((&first, &first["applied"]), (&second, &json!(1)));
    let other = json!({"do": {"to": "waitlisted"}, "on": students(&[(id, 1)])});
    assert_eq!(problem(send("/api/operations", "one", &other))["code"], "idempotency_key_reused");
    let path = format!("/api/operations/{}/undo", first["id"].as_str().unwrap());
    let undone: Value = send(&path, "two", &json!({})).json().unwrap();
    let again: Value = send(&path, "two", &json!({})).json().unwrap();
    assert_eq!((&undone, &undone["applied"]), (&again, &json!(1)));
    // What is refused keeps no key.
    for _ in 0..2 {
        assert_eq!(problem(send(&path, "three", &json!({})))["code"], "changed_since");
    }
    assert_eq!(number(database, "SELECT COUNT(*) FROM operations"), 2);
}

fn an_operation_has_at_most_ten_thousand_students(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 10_001);
    let body = json!({"do": {"to": "confirmed"}, "on": {"filter": {}}});
    for path in ["/api/operations/preview", "/api/operations"] {
        let mut body = body.clone();
        if path.ends_with("operations") {
            body["on"]["as_of"] = json!(EVERYONE);
        }
        let refused = office.admin.send(&Method::POST, path, None, &body);
        assert_eq!(
            (refused.status().as_u16(), problem(refused)["code"].clone()),
            (422, json!("too_many_students"))
        );
    }
    // As many begin with the word as a search reads: it does not say whether there are more.
    let filter = json!({"q": "filled", "status": ["confirmed"]});
    let body = json!({"do": {"to": "pending"}, "on": {"filter": filter}});
    let refused = office.admin.send(&Method::POST, "/api/operations/preview", None, &body);
    assert_eq!(problem(refused)["code"], "too_many_students");
    assert_eq!(number(database, "SELECT COUNT(*) FROM operations"), 0);
}

fn preview(person: &Person, to: &str, filter: &Value) -> Response {
    let body = json!({"do": {"to": to}, "on": {"filter": filter}});
    person.send(&Method::POST, "/api/operations/preview", None, &body)
}

fn who_was_changed_after_the_moment_is_left_alone(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [a, b] = &office.register(&["a@example.org", "b@example.org"])[..] else { panic!() };
    let moment: Value = preview(admin, "withdrawn", &json!({})).json().unwrap();
    assert_eq!(moment["applies"], 2);
    assert_eq!(admin.decide(a, 1, "confirmed").status(), 200);
    let on = json!({"filter": {}, "as_of": moment["as_of"]});
    let operation = done(begin(admin, "withdrawn", &on));
    assert_eq!(operation["skipped"], json!([{"id": a, "reason": "changed_since"}]));
    for (id, status) in [(a, "confirmed"), (b, "withdrawn")] {
        assert_eq!(admin.read(&format!("/api/students/{id}"))["status"], status);
    }
    let took = r#"desk_operation_duration_seconds_sum{kind="decision",outcome="applied"}"#;
    assert!(crate::support::metric(&service, took) > 0.0);
}

fn a_filter_of_names_is_for_those_who_may_see_them(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let program = office.program(&["students:decide"]);
    let refused = preview(&program, "confirmed", &json!({"q": "zoe"}));
    assert_eq!(problem(refused)["code"], "insufficient_scope");
    let on = json!({"filter": {}, "as_of": EVERYONE});
    assert_eq!(begin(&program, "confirmed", &on).status(), 403);
    done(begin(&program, "confirmed", &students(&[(id, 1)])));
    let whole = office.program(&["students:decide", "students:read"]);
    assert_eq!(preview(&whole, "confirmed", &json!({"q": "zoe"})).status(), 200);
}

fn a_form_that_is_sent_twice_is_one_operation(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let student = format!("{id}.1");
    let form = [("student", &*student), ("to", "confirmed"), ("key", "one")];
    let sent = || {
        let answer = office.admin.submit("/desk/operations", &form);
        assert_eq!(answer.status(), 303);
        header(&answer, "location").to_owned()
    };
    let first = sent();
    assert_eq!(sent(), first);
    let page = office
        .admin
        .submit("/desk/operations/new", &[("student", &*format!("{id}.2")), ("to", "pending")]);
    assert!(page.text().unwrap().contains("name=\"key\""));
    let page = office.admin.submit("/desk/operations", &[("scope", "list"), ("to", "pending")]);
    assert_eq!(page.status(), 422, "without its moment");
}
