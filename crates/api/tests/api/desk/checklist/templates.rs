//! Templates.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::{TEMPLATES, expected, items, template};
use crate::{
    desk::Office,
    support::{problem, start},
};

pub(super) fn trials() -> Vec<Trial> {
    on_sqlite![templates_are_changed_by_one_person_at_a_time]
}

fn templates_are_changed_by_one_person_at_a_time(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let fee = template(admin, "Fee paid");
    template(admin, "Photograph");
    let path = format!("{TEMPLATES}/{fee}");
    let patch = |version, body: &Value| admin.send(&Method::PATCH, &path, version, body);
    assert_eq!(problem(patch(None, &json!({"position": 9})))["code"], "precondition_required");
    assert_eq!(patch(Some(1), &json!({"position": 9})).status(), 200);
    let stale = problem(patch(Some(1), &json!({"title": "Other"})));
    assert_eq!(
        (&stale["code"], &stale["current"]["version"]),
        (&json!("precondition_failed"), &json!(2))
    );
    let same: Value = patch(Some(2), &json!({"position": 9})).json().unwrap();
    assert_eq!(same["version"], 2, "nothing changes");
    let list = admin.read(TEMPLATES);
    let titles: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
    assert_eq!(titles, [&json!("Photograph"), &json!("Fee paid")], "in the order of the positions");
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let in_order = expected(&[("Photograph", "open"), ("Fee paid", "open")]);
    assert_eq!(items(admin, student), in_order);
    let known = admin.request(Method::GET, &path).header("if-none-match", "\"2\"").send().unwrap();
    assert_eq!(known.status(), 304);
    let keyed = || {
        let request = admin.request(Method::POST, TEMPLATES).header("idempotency-key", "one");
        request.json(&json!({"title": "Contract"})).send().unwrap()
    };
    assert_eq!(keyed().json::<Value>().unwrap(), keyed().json::<Value>().unwrap());
    for number in 3..50 {
        template(admin, &format!("Item {number}"));
    }
    let refused = admin.send(&Method::POST, TEMPLATES, None, &json!({"title": "One more"}));
    assert_eq!(problem(refused)["code"], "too_many_tasks");
}
