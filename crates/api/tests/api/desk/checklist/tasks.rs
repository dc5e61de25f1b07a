//! The items of students.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::{TEMPLATES, complete, first, items, listed, template};
use crate::{
    desk::{Office, journal::number},
    support::{header, metric, problem, start},
};

pub(super) fn trials() -> Vec<Trial> {
    on_sqlite![
        an_item_is_completed_once,
        an_item_of_one_student_is_added_changed_and_deleted,
        what_is_no_item_is_refused,
        items_are_listed_page_by_page,
        an_erased_student_has_no_items,
        a_student_has_at_most_100_items_of_its_own
    ]
}

fn an_item_is_completed_once(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    template(admin, "Fee paid");
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let task = first(admin, student);
    let path = format!("/api/tasks/{task}");
    let open = admin.send(&Method::GET, &path, None, &Value::Null);
    assert_eq!(header(&open, "etag"), "\"1\"");
    let open: Value = open.json().unwrap();
    assert_eq!((&open["student_id"], &open["completed_at"]), (&json!(student), &Value::Null));
    let known = admin.request(Method::GET, &path).header("if-none-match", "\"1\"").send().unwrap();
    assert_eq!(known.status(), 304);

    let completed: Value = complete(admin, &task).json().unwrap();
    assert_eq!((&completed["state"], &completed["version"]), (&json!("done"), &json!(2)));
    assert_eq!(completed["completed_by"], admin.read("/api/me")["id"]);
    let again: Value = complete(admin, &task).json().unwrap();
    let is_operation = |value: &Value| value["operation"].is_string();
    assert!(is_operation(&completed) && !is_operation(&again));
    assert_eq!(without_operation(again), without_operation(completed.clone()), "nothing changes");
    let completed = without_operation(completed);
    let complete_path = format!("{path}/complete");
    let stale = admin.send(&Method::PUT, &complete_path, Some(1), &Value::Null);
    let stale = problem(stale);
    assert_eq!((&stale["code"], &stale["current"]), (&json!("precondition_failed"), &completed));
    let reopened = admin.send(&Method::DELETE, &complete_path, Some(2), &Value::Null);
    let reopened: Value = reopened.json().unwrap();
    assert_eq!((&reopened["state"], &reopened["completed_at"]), (&json!("open"), &Value::Null));
    let twice: Value = complete(admin, &task).json().unwrap();
    assert_eq!(twice["completed_at"], completed["completed_at"], "the first time stays");
    assert_eq!(metric(&service, "tasks_completed_total"), 1.0, "it is counted once");
    assert_eq!(metric(&service, "task_completion_duration_seconds_count"), 1.0);
    let entries = "SELECT COUNT(*) FROM journal WHERE action = 'task_marked'";
    assert_eq!(number(database, entries), 3);
    let missing = complete(admin, student);
    assert_eq!(problem(missing)["code"], "not_found");
}

fn an_item_of_one_student_is_added_changed_and_deleted(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let program = office.program(&["tasks:read", "tasks:write"]);
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{student}/tasks");
    let body = json!({"title": "Proof of address", "due_on": "2026-09-15"});
    let send = |body: &Value| {
        let request = program.request(Method::POST, &path).header("idempotency-key", "one");
        request.json(body).send().unwrap()
    };
    let added = send(&body);
    assert_eq!(added.status(), 201);
    let location = header(&added, "location").to_owned();
    let added: Value = added.json().unwrap();
    assert_eq!((&added["due_on"], &added["template"]), (&json!("2026-09-15"), &Value::Null));
    let again = send(&body);
    assert_eq!((again.status().as_u16(), header(&again, "location")), (201, &*location));
    assert_eq!(again.json::<Value>().unwrap(), added);
    assert_eq!(problem(send(&json!({"title": "x"})))["code"], "idempotency_key_reused");
    assert_eq!(number(database, "SELECT COUNT(*) FROM tasks"), 1);
    assert_eq!(metric(&service, "tasks_created_total"), 1.0);
    assert_eq!(listed(admin, "task=any"), *student, "pending, and without a template");

    let patch = json!({"due_on": null});
    let patched = program.send(&Method::PATCH, &location, Some(1), &patch);
    let patched: Value = patched.json().unwrap();
    assert_eq!((&patched["due_on"], &patched["version"]), (&Value::Null, &json!(2)));
    let whole = json!({"title": "Address", "state": "waived"});
    let replaced: Value = program.send(&Method::PUT, &location, Some(2), &whole).json().unwrap();
    assert_eq!((&replaced["title"], &replaced["state"]), (&json!("Address"), &json!("waived")));
    let same: Value = program.send(&Method::PUT, &location, Some(3), &whole).json().unwrap();
    assert_eq!(without_operation(same), without_operation(replaced), "nothing changes");
    assert_eq!(program.send(&Method::DELETE, &location, None, &Value::Null).status(), 428);
    assert_eq!(program.send(&Method::DELETE, &location, Some(2), &Value::Null).status(), 412);
    assert_eq!(program.send(&Method::DELETE, &location, Some(3), &Value::Null).status(), 204);
    assert_eq!(program.send(&Method::GET, &location, None, &Value::Null).status(), 404);
    let actions = "SELECT action AS value FROM journal WHERE action LIKE 'task%' ORDER BY id";
    let all = ["task_created", "task_edited", "task_edited", "task_deleted"];
    assert_eq!(database.query_column(actions), all);
}

fn what_is_no_item_is_refused(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let fee = template(admin, "Fee paid");
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{student}/tasks");
    let long = "x".repeat(121);
    for (body, pointer, code) in [
        (json!({}), "/title", "required"),
        (json!({"title": null}), "/title", "required"),
        (json!({"title": " \n"}), "/title", "required"),
        (json!({"title": long}), "/title", "too_long"),
        (json!({"title": 7}), "/title", "type"),
        (json!({"title": "x", "due_on": "2026-02-30"}), "/due_on", "unknown"),
        (json!({"title": "x", "due_on": "+12026-02-01"}), "/due_on", "unknown"),
        (json!({"title": "x", "due_on": 5}), "/due_on", "type"),
        (json!({"title": "x", "state": "done"}), "/state", "unknown_field"),
    ] {
        let refused = problem(admin.send(&Method::POST, &path, None, &body));
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let item = format!("/api/tasks/{}", first(admin, student));
    let body = json!({"title": "Another"});
    let refused = problem(admin.send(&Method::PATCH, &item, Some(1), &body));
    assert_eq!(refused["errors"][0]["code"], "not_allowed", "the title is the template's");
    for state in [json!("lost"), Value::Null] {
        let refused = admin.send(&Method::PATCH, &item, Some(1), &json!({"state": state}));
        assert_eq!(problem(refused)["errors"][0]["pointer"], "/state");
    }
    let refused = admin.send(&Method::DELETE, &item, Some(1), &Value::Null);
    assert_eq!(problem(refused)["code"], "task_of_template");
    let body = json!({"title": "Fee paid", "state": "done"});
    assert_eq!(admin.send(&Method::PUT, &item, Some(1), &body).status(), 200);
    for (body, pointer) in [
        (json!({"position": -1}), "/position"),
        (json!({"position": 1.5}), "/position"),
        (json!({"position": 32768}), "/position"),
        (json!({"active": "yes"}), "/active"),
        (json!({"title": ""}), "/title"),
    ] {
        let template = format!("{TEMPLATES}/{fee}");
        let refused = problem(admin.send(&Method::PATCH, &template, Some(1), &body));
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
    for query in ["state=lost", "template=x", "student=x", "due_before=soon", "limit=0", "q=x"] {
        let refused = admin.request(Method::GET, &format!("/api/tasks?{query}")).send().unwrap();
        assert_eq!(problem(refused)["code"], "invalid_filter", "{query}");
    }
    let refused = admin.request(Method::GET, "/api/tasks?cursor=-1").send().unwrap();
    assert_eq!(problem(refused)["code"], "invalid_cursor");
    let none = "0199041c-0f7b-7001-8001-000000000000";
    for path in [format!("/api/students/{none}/tasks"), format!("{TEMPLATES}/{none}")] {
        assert_eq!(admin.request(Method::GET, &path).send().unwrap().status(), 404, "{path}");
    }
    let unknown = format!("/api/students/{none}/tasks");
    let refused = admin.send(&Method::POST, &unknown, None, &json!({"title": "x"}));
    assert_eq!(refused.status(), 404);
}

fn items_are_listed_page_by_page(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let fee = template(admin, "Fee paid");
    let ids = office.register(&["a@example.org", "b@example.org", "c@example.org"]);
    for id in &ids {
        assert_eq!(admin.decide(id, 1, "confirmed").status(), 200);
        let body = json!({"title": "Own", "due_on": "2026-09-15"});
        let path = format!("/api/students/{id}/tasks");
        assert_eq!(admin.send(&Method::POST, &path, None, &body).status(), 201);
    }
    let all = admin.read("/api/tasks?limit=200");
    assert_eq!((all["items"].as_array().unwrap().len(), &all["next"]), (6, &Value::Null));
    let mut pages = Vec::new();
    let mut query = "limit=4".to_owned();
    loop {
        let page = admin.read(&format!("/api/tasks?{query}"));
        pages.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("limit=4&cursor={next}");
    }
    assert_eq!(&pages, all["items"].as_array().unwrap());
    assert_eq!(complete(admin, &first(admin, &ids[0])).status(), 200);
    for (query, count) in [
        (format!("template={fee}"), 3),
        (format!("template={fee}&state=open"), 2),
        ("state=done".to_owned(), 1),
        (format!("student={}", ids[1]), 2),
        ("due_before=2026-09-16".to_owned(), 3),
        ("due_before=2026-09-15".to_owned(), 0),
    ] {
        let list = admin.read(&format!("/api/tasks?{query}"));
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
    }
}

fn an_erased_student_has_no_items(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{student}/tasks");
    let request = admin.request(Method::POST, &path).header("idempotency-key", "one");
    let added = request.json(&json!({"title": "Call Zoë’s mother"})).send().unwrap();
    assert_eq!(added.status(), 201);
    let id = format!("/api/students/{student}");
    assert_eq!(admin.send(&Method::DELETE, &id, Some(1), &Value::Null).status(), 204);
    for table in ["tasks", "api_requests"] {
        assert_eq!(number(database, &format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
    let gone = admin.request(Method::GET, &path).send().unwrap();
    assert_eq!(problem(gone)["code"], "erased");
    let gone = admin.send(&Method::POST, &path, None, &json!({"title": "x"}));
    assert_eq!(problem(gone)["code"], "erased");
}

/// The item of an answer, without the operation that undoes the change.
fn without_operation(mut task: Value) -> Value {
    task.as_object_mut().unwrap().remove("operation");
    task
}

fn a_student_has_at_most_100_items_of_its_own(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let add = || {
        let path = format!("/api/students/{student}/tasks");
        admin.send(&Method::POST, &path, None, &json!({"title": "Own"}))
    };
    for _ in 0..100 {
        assert_eq!(add().status(), 201);
    }
    assert_eq!(problem(add())["code"], "too_many_tasks");
    assert_eq!(items(admin, student).len(), 100);
}
