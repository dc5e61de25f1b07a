//! The checklist: its templates, and the items of students.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::{Method, blocking::Response};
use serde_json::{Value, json};

use super::{
    Office,
    journal::number,
    office::Person,
    operations::{done, students, undo, wait},
};
use crate::support::{header, metric, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        items_come_with_a_place_and_go_with_it,
        a_new_item_is_given_to_those_who_have_a_place,
        many_items_are_ticked_and_unticked_together,
    ];
    trials.extend(on_sqlite![
        an_item_is_completed_once,
        an_item_of_one_student_is_added_changed_and_deleted,
        what_is_no_item_is_refused,
        who_lacks_an_item_is_enrolled_by_an_administrator_alone,
        templates_are_changed_by_one_person_at_a_time,
        items_are_listed_page_by_page,
        an_erased_student_has_no_items,
        items_are_ticked_on_the_pages,
    ]);
    trials
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
fn items(person: &Person, student: &str) -> Vec<(String, String)> {
    let list = person.read(&format!("/api/students/{student}/tasks"));
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| (text(item, "title"), text(item, "state"))).collect()
}

fn expected(items: &[(&str, &str)]) -> Vec<(String, String)> {
    items.iter().map(|(title, state)| ((*title).to_owned(), (*state).to_owned())).collect()
}

/// The id of a student's first item.
fn first(person: &Person, student: &str) -> String {
    let list = person.read(&format!("/api/students/{student}/tasks"));
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

fn complete(person: &Person, task: &str) -> Response {
    person.send(&Method::PUT, &format!("/api/tasks/{task}/complete"), None, &Value::Null)
}

fn version(person: &Person, student: &str) -> u64 {
    person.read(&format!("/api/students/{student}"))["version"].as_u64().unwrap()
}

/// The only student that the list has with this query; empty for none.
fn listed(person: &Person, query: &str) -> String {
    let list = person.read(&format!("/api/students?{query}"));
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    list["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>().join(" and ")
}

fn items_come_with_a_place_and_go_with_it(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let certificate = template(admin, "  Birth\n certificate ");
    template(admin, "Fee paid");
    let ids = office.register(&["a@example.org", "b@example.org"]);
    let [a, b] = &ids[..] else { panic!() };
    assert_eq!(items(admin, a), [], "no place yet");
    assert_eq!(admin.decide(a, 1, "confirmed").status(), 200);
    assert_eq!(admin.decide(b, 1, "waitlisted").status(), 200);
    let both = expected(&[("Birth certificate", "open"), ("Fee paid", "open")]);
    assert_eq!((items(admin, a), items(admin, b)), (both.clone(), vec![]));
    let before = admin.read(&format!("/api/students/{a}/tasks"));
    let list = admin.read("/api/students");
    let counts: Vec<_> = list["items"].as_array().unwrap().iter().map(|s| &s["tasks"]).collect();
    assert_eq!(counts, [&json!({"open": 0, "done": 0}), &json!({"open": 2, "done": 0})]);
    assert_eq!(metric(&service, "tasks_created_total"), 2.0);

    let paid = before["items"][1]["id"].as_str().unwrap();
    assert_eq!(complete(admin, paid).status(), 200);
    for query in ["task=any", &format!("task={certificate}"), "task=any&sort=name&status=confirmed"]
    {
        assert_eq!(listed(admin, query), *a, "{query}");
    }
    let searched = format!("task={certificate}&q=a@example.org");
    assert_eq!(listed(admin, &searched), *a);
    assert_eq!(listed(admin, "task=any&q=b@example.org"), "");
    assert_eq!(listed(admin, "task=any&status=pending"), "");

    // What was ticked is a fact, and stays.
    let withdrawn: Value = admin.decide(a, 2, "withdrawn").json().unwrap();
    assert_eq!(items(admin, a), expected(&[("Fee paid", "done")]));
    done(undo(admin, &json!({"id": withdrawn["operation"]})));
    assert_eq!(items(admin, a).len(), 2);
    let after = admin.read(&format!("/api/students/{a}/tasks"));
    let ids = |list: &Value| {
        let items = list["items"].as_array().unwrap().iter();
        let mut ids: Vec<_> = items.map(|item| item["id"].clone().to_string()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&after), ids(&before), "they have their ids again");
    assert_eq!(admin.decide(a, 4, "enrolled").status(), 409);
    assert_eq!(complete(admin, &first(admin, a)).status(), 200);
    for id in after["items"].as_array().unwrap() {
        assert_eq!(complete(admin, id["id"].as_str().unwrap()).status(), 200);
    }
    assert_eq!(admin.decide(a, 4, "enrolled").status(), 200);
    assert_eq!(items(admin, a).len(), 2, "an enrolled student has a place");
}

fn a_new_item_is_given_to_those_who_have_a_place(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let emails: Vec<_> = (0..6).map(|number| format!("n{number}@example.org")).collect();
    let emails: Vec<_> = emails.iter().map(String::as_str).collect();
    let ids = office.register(&emails);
    for (id, to) in ids.iter().zip(["confirmed", "confirmed", "waitlisted", "withdrawn"]) {
        assert_eq!(admin.decide(id, 1, to).status(), 200);
    }
    assert_eq!(admin.decide(&ids[1], 2, "enrolled").status(), 200);
    let fee = template(admin, "Fee paid");
    let has_it = |id: &String| items(admin, id) == expected(&[("Fee paid", "open")]);
    wait(|| has_it(&ids[0]) && has_it(&ids[1]));
    assert_eq!(number(database, "SELECT COUNT(*) FROM tasks"), 2, "the others have no place");
    assert_eq!(admin.decide(&ids[4], 1, "confirmed").status(), 200);
    assert!(has_it(&ids[4]));
    assert_eq!(metric(&service, "tasks_created_total"), 3.0);

    let path = format!("{TEMPLATES}/{fee}");
    let changed = admin.send(&Method::PATCH, &path, Some(1), &json!({"active": false}));
    assert_eq!(changed.status(), 200);
    assert_eq!(admin.decide(&ids[5], 1, "confirmed").status(), 200);
    assert_eq!(items(admin, &ids[5]), [], "it is not given any more");
    assert!(has_it(&ids[4]), "and stays where it is");
    let renamed = admin.send(&Method::PATCH, &path, Some(2), &json!({"title": "Quota"}));
    assert_eq!(renamed.status(), 200);
    assert_eq!(items(admin, &ids[4]), expected(&[("Quota", "open")]));
}

/// The items as stored, but for the numbers of rows, times of adding, and versions.
fn stored(database: &TestDatabase) -> Vec<String> {
    let columns =
        ["public_id", "student_id", "template_id", "state", "completed_at", "completed_by"];
    let read = |column: &str| {
        let sql =
            format!("SELECT COALESCE(HEX({column}), '-') AS value FROM tasks ORDER BY public_id");
        database.query_column(&sql)
    };
    columns.into_iter().flat_map(read).collect()
}

fn many_items_are_ticked_and_unticked_together(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let fee = template(admin, "Fee paid");
    let ids =
        office.register(&["a@example.org", "b@example.org", "c@example.org", "d@example.org"]);
    let [a, b, c, d] = &ids[..] else { panic!() };
    for id in [a, b, c] {
        assert_eq!(admin.decide(id, 1, "confirmed").status(), 200);
    }
    assert_eq!(complete(admin, &first(admin, c)).status(), 200);
    let before = stored(database);
    let on = students(&[(a, 1), (b, 2), (c, 2), (d, 1)]);
    let body = json!({"do": {"complete_task": fee}, "on": on});
    let preview = admin.send(&Method::POST, "/api/operations/preview", None, &body);
    let preview: Value = preview.json().unwrap();
    let skips = json!([{"reason": "no_task", "count": 1}, {"reason": "unchanged", "count": 1}]);
    assert_eq!((&preview["applies"], &preview["skips"]), (&json!(2), &skips));
    assert_eq!(stored(database), before, "a preview changes nothing");
    let ticked = done(admin.send(&Method::POST, "/api/operations", None, &body));
    assert_eq!((&ticked["applied"], &ticked["skips"]), (&json!(2), &skips));
    assert_eq!((&ticked["kind"], &ticked["task"]), (&json!("task_marked"), &json!("Fee paid")));
    assert_eq!(version(admin, a), 2, "the student is as it was");
    assert_eq!(metric(&service, "tasks_completed_total"), 3.0);
    let duration = "task_completion_duration_seconds_count";
    assert_eq!(metric(&service, duration), 3.0);
    let operations = "desk_operations_total{kind=\"checklist\",outcome=\"applied\"}";
    assert_eq!(metric(&service, operations), 1.0);
    let after = stored(database);

    let undone = done(undo(admin, &ticked));
    assert_eq!((&undone["applied"], stored(database)), (&json!(2), before.clone()));
    let redone = done(undo(admin, &undone));
    assert_eq!((&redone["applied"], stored(database)), (&json!(2), after));
    let entry = admin.read(&format!("/api/students/{a}/history"))["items"][0].clone();
    assert_eq!((&entry["action"], &entry["detail"]["to"]), (&json!("task_marked"), &json!("done")));
    assert!(!entry.to_string().contains("Fee"), "{entry}");
    // Who has changed since stays as it is.
    let item = format!("/api/tasks/{}", first(admin, a));
    let current = admin.read(&item)["version"].as_u64();
    let waived = admin.send(&Method::PATCH, &item, current, &json!({"state": "waived"}));
    assert_eq!(waived.status(), 200);
    let undone = done(undo(admin, &redone));
    let skips = json!([{"reason": "changed_since", "count": 1}]);
    assert_eq!((&undone["applied"], &undone["skips"]), (&json!(1), &skips));

    let deciding = office.program(&["students:decide"]);
    let refused = deciding.send(&Method::POST, "/api/operations", None, &body);
    assert!(header(&refused, "www-authenticate").contains("tasks:write"));
    assert_eq!(refused.status(), 403);
    for wrong in [json!(a), json!("x"), json!(7)] {
        let body = json!({"do": {"complete_task": wrong}, "on": on});
        let refused = admin.send(&Method::POST, "/api/operations", None, &body);
        assert_eq!(problem(refused)["errors"][0]["pointer"], "/do/complete_task", "{wrong}");
    }
    let both = json!({"do": {"complete_task": fee, "to": "confirmed"}, "on": on});
    let refused = admin.send(&Method::POST, "/api/operations", None, &both);
    assert_eq!(problem(refused)["code"], "unknown_field");
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
    assert_eq!(again, completed, "nothing changes");
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
    assert_eq!(same, replaced, "nothing changes");
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
    let refused = admin.send(&Method::PATCH, &item, Some(1), &json!({"state": "lost"}));
    assert_eq!(problem(refused)["errors"][0]["pointer"], "/state");
    let body = json!({"title": "Fee paid", "state": "done"});
    assert_eq!(admin.send(&Method::PUT, &item, Some(1), &body).status(), 200);
    for (body, pointer) in [
        (json!({"position": -1}), "/position"),
        (json!({"position": 1.5}), "/position"),
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
    let nobody = format!("/api/students/{none}/tasks");
    let refused = admin.send(&Method::POST, &nobody, None, &json!({"title": "x"}));
    assert_eq!(refused.status(), 404);
}

fn who_lacks_an_item_is_enrolled_by_an_administrator_alone(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let registrar = office.person("registrar");
    let program = office.program(&["students:decide", "students:read"]);
    template(admin, "Fee paid");
    let ids = office.register(&["a@example.org", "b@example.org"]);
    let [a, b] = &ids[..] else { panic!() };
    for id in [a, b] {
        assert_eq!(admin.decide(id, 1, "confirmed").status(), 200);
    }
    let refused = problem(registrar.decide(a, 2, "enrolled"));
    assert_eq!((&refused["code"], &refused["open"]), (&json!("tasks_open"), &json!(1)));
    let path = format!("/api/students/{a}/transitions");
    let forced = json!({"to": "enrolled", "override": true});
    let by_registrar = registrar.send(&Method::POST, &path, Some(2), &forced);
    assert_eq!(problem(by_registrar)["code"], "forbidden");
    let by_program = program.send(&Method::POST, &path, Some(2), &forced);
    assert_eq!(problem(by_program)["code"], "insufficient_scope");
    let wrong = json!({"to": "enrolled", "override": "yes"});
    let refused = problem(admin.send(&Method::POST, &path, Some(2), &wrong));
    assert_eq!(refused["errors"][0]["pointer"], "/override");
    assert_eq!(admin.send(&Method::POST, &path, Some(2), &forced).status(), 200);
    let entry = admin.read(&format!("/api/students/{a}/history"))["items"][0].clone();
    assert_eq!(entry["detail"]["overrides"], "tasks_open");

    let on = students(&[(b, 2)]);
    let body = json!({"do": {"to": "enrolled"}, "on": on});
    let operation = done(admin.send(&Method::POST, "/api/operations", None, &body));
    assert_eq!(operation["skips"], json!([{"reason": "tasks_open", "count": 1}]));
    let page = registrar
        .submit(&format!("/desk/students/{b}/status"), &[("to", "enrolled"), ("version", "2")]);
    assert_eq!(page.status(), 409);
    let page = page.text().unwrap();
    assert!(
        page.contains("One item of the checklist is missing") && !page.contains("Enrol anyway")
    );
    let form = [("override", "yes"), ("version", "2")];
    let path = format!("/desk/students/{b}/status");
    assert_eq!(registrar.submit(&path, &form).status(), 403);
    let page = admin.submit(&path, &[("to", "enrolled"), ("version", "2")]).text().unwrap();
    assert!(page.contains("Enrol anyway"));
    assert_eq!(admin.submit(&path, &form).status(), 303);
    assert_eq!(admin.read(&format!("/api/students/{b}"))["status"], "enrolled");
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
    assert_eq!(problem(refused)["code"], "too_many_templates");
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

fn items_are_ticked_on_the_pages(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let page = admin.open("/desk/tasks").text().unwrap();
    assert!(page.contains("The checklist is empty"));
    let made = admin.submit("/desk/task-templates", &[("title", "Fee paid")]);
    assert_eq!(
        (made.status().as_u16(), header(&made, "location")),
        (303, "/desk/tasks?done=checklist")
    );
    let refused = admin.submit("/desk/task-templates", &[("title", " ")]);
    assert_eq!(refused.status(), 422);
    assert!(refused.text().unwrap().contains("Enter what is needed"));
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let own = format!("/desk/students/{student}");
    let add = format!("{own}/tasks");
    let next = format!("{own}?back=%2Fdesk%2Fstudents");
    let added =
        admin.submit(&add, &[("title", "Proof"), ("due_on", "2026-09-15"), ("next", &next)]);
    assert_eq!(
        (added.status().as_u16(), header(&added, "location")),
        (303, &*format!("{next}&done=checklist"))
    );
    let refused = admin
        .submit(&add, &[("title", "Proof"), ("due_on", "soon"), ("next", "https://evil.example")]);
    assert_eq!(refused.status(), 422);
    let refused = refused.text().unwrap();
    assert!(refused.contains("Enter a day") && refused.contains("value=\"soon\""));

    let list = admin.read(&format!("/api/students/{student}/tasks"));
    let task = |number: usize| list["items"][number]["id"].as_str().unwrap().to_owned();
    let mark = |task: &str, state, version| {
        admin.submit(&format!("/desk/tasks/{task}"), &[("state", state), ("version", version)])
    };
    assert_eq!(header(&mark(&task(0), "done", "1"), "location"), format!("{own}?done=checklist"));
    assert_eq!(mark(&task(0), "done", "1").status(), 303, "a colleague has done the same");
    let stale = mark(&task(0), "waived", "1");
    assert_eq!(stale.status(), 412);
    assert!(stale.text().unwrap().contains("A colleague changed this item"));
    assert_eq!(mark(&task(0), "lost", "2").status(), 422);
    assert_eq!(mark(&task(1), "deleted", "1").status(), 303);
    assert_eq!(items(admin, student), expected(&[("Fee paid", "done")]));
    let page = admin.open(&own).text().unwrap();
    assert!(page.contains("1 of 1") && page.contains("ticked by Ada Lovelace"));
    assert!(page.contains("Ticked “Fee paid” on the checklist"));

    let fee = admin.read(TEMPLATES)["items"][0]["id"].as_str().unwrap().to_owned();
    let change = |version, position| {
        let form =
            [("title", "Quota"), ("position", position), ("active", "yes"), ("version", version)];
        admin.submit(&format!("/desk/task-templates/{fee}"), &form)
    };
    assert_eq!(change("1", "4").status(), 303);
    assert_eq!(change("1", "5").status(), 412);
    assert_eq!(change("2", "40000").status(), 422);
    // Several at once, as the list sends it.
    assert_eq!(mark(&task(0), "open", "2").status(), 303);
    let chosen = format!("{student}.2");
    let tick = format!("tick.{fee}");
    let form = [("to", &*tick), ("scope", "ticked"), ("student", &*chosen)];
    let preview = admin.submit("/desk/operations/new", &form);
    assert_eq!(preview.status(), 200);
    let preview = preview.text().unwrap();
    assert!(
        preview.contains("One student gets a tick at “Quota”")
            && !preview.contains("name=\"note\"")
    );
    let begun = admin.submit("/desk/operations", &form);
    let page = admin.open(header(&begun, "location")).text().unwrap();
    assert!(page.contains("One student has a tick at “Quota”"), "{page}");
    let viewer = office.person("viewer");
    let page = viewer.open("/desk/tasks").text().unwrap();
    assert!(page.contains("Quota") && !page.contains("Add an item"));
    assert!(!viewer.open(&own).text().unwrap().contains("Open again"));
}
