//! Items come with a place and go with it.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::{TEMPLATES, complete, expected, first, items, listed, template};
use crate::{
    desk::{
        Office,
        journal::number,
        operations::{done, students, undo, wait},
    },
    support::{metric, problem, start},
};

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        items_come_with_a_place_and_go_with_it,
        a_new_item_is_given_to_those_who_have_a_place
    ];
    trials.extend(on_sqlite![
        who_lacks_an_item_is_enrolled_by_an_administrator_alone,
        an_item_that_came_back_is_another
    ]);
    trials
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
    assert_eq!(complete(admin, &first(admin, &ids[0])).status(), 200);

    let path = format!("{TEMPLATES}/{fee}");
    let changed = admin.send(&Method::PATCH, &path, Some(1), &json!({"active": false}));
    assert_eq!(changed.status(), 200);
    assert_eq!(admin.decide(&ids[5], 1, "confirmed").status(), 200);
    assert_eq!(items(admin, &ids[5]), [], "it is not given any more");
    wait(|| items(admin, &ids[1]).is_empty() && items(admin, &ids[4]).is_empty());
    assert_eq!(items(admin, &ids[0]), expected(&[("Fee paid", "done")]), "what was ticked stays");
    let again = json!({"title": "Quota", "active": true});
    assert_eq!(admin.send(&Method::PATCH, &path, Some(2), &again).status(), 200);
    let has_it = |id: &String| items(admin, id) == expected(&[("Quota", "open")]);
    wait(|| [1, 4, 5].iter().all(|number| has_it(&ids[*number])));
    assert_eq!(number(database, "SELECT COUNT(*) FROM tasks"), 4);
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

fn an_item_that_came_back_is_another(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    template(admin, "Fee paid");
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let item = format!("/api/tasks/{}", first(admin, student));
    let mark = |version, state| -> Value {
        let body = json!({"state": state});
        admin.send(&Method::PATCH, &item, Some(version), &body).json().unwrap()
    };
    let waived = mark(1, "waived");
    mark(2, "open");
    let withdrawn: Value = admin.decide(student, 2, "withdrawn").json().unwrap();
    assert_eq!(items(admin, student), [], "it carries nothing");
    done(undo(admin, &json!({"id": withdrawn["operation"]})));
    assert_eq!(mark(1, "waived")["version"], 2, "with the same id, from its first version");
    let refused = undo(admin, &json!({"id": waived["operation"]}));
    assert_eq!(problem(refused)["code"], "changed_since");
    assert_eq!(items(admin, student), expected(&[("Fee paid", "waived")]));
}
