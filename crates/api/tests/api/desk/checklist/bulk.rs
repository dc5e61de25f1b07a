//! The item of many students, ticked together, and undone.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};
use reqwest::Method;
use serde_json::{Value, json};

use super::{complete, first, template, version};
use crate::{
    desk::{
        Office,
        operations::{done, students, undo},
    },
    support::{header, metric, problem, start},
};

pub(super) fn trials() -> Vec<Trial> {
    let trials = on_every_backend![many_items_are_ticked_and_unticked_together];
    trials
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
    let ids = office.register(&[
        "a@example.org",
        "b@example.org",
        "c@example.org",
        "d@example.org",
        "e@example.org",
    ]);
    let [a, b, c, d, e] = &ids[..] else { panic!() };
    for id in [a, b, c, e] {
        assert_eq!(admin.decide(id, 1, "confirmed").status(), 200);
    }
    assert_eq!(complete(admin, &first(admin, c)).status(), 200);
    let waived = format!("/api/tasks/{}", first(admin, e));
    let waive = json!({"state": "waived"});
    assert_eq!(admin.send(&Method::PATCH, &waived, Some(1), &waive).status(), 200);
    let before = stored(database);
    let on = students(&[(a, 1), (b, 2), (c, 2), (d, 1), (e, 2)]);
    let body = json!({"do": {"complete_task": fee}, "on": on});
    let preview = admin.send(&Method::POST, "/api/operations/preview", None, &body);
    let preview: Value = preview.json().unwrap();
    let skips = json!([{"reason": "no_task", "count": 1}, {"reason": "waived", "count": 1}, {"reason": "unchanged", "count": 1}]);
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
    assert_eq!(metric(&service, "tasks_completed_total"), 3.0, "what is redone was counted before");
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
