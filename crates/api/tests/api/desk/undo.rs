//! Undoing operations, and changes of single students.

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Office, checklist,
    journal::number,
    operations::{begin, done, fill, students, undo, wait},
};
use crate::support::{problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![undoing_restores_every_row];
    trials.extend(on_sqlite![
        an_edit_is_undone_with_its_words_unless_the_address_is_taken,
        what_has_changed_since_or_is_a_colleagues_or_old_is_not_undone,
        undoing_stops_what_is_running,
        a_rejection_that_is_redone_has_its_reason,
    ]);
    trials
}

/// What the office and applicants see, without versions and times of changes. The record of what was
/// done grows: journal, revisions, salts, operations.
pub(super) fn rows(database: &TestDatabase) -> Vec<String> {
    let hex = |column: &str| format!("COALESCE(HEX({column}), '-')");
    let joined = |columns: &[&str]| match database.backend() {
        Backend::Sqlite => columns.iter().map(|c| hex(c)).collect::<Vec<_>>().join(" || ' ' || "),
        Backend::Mysql => {
            let columns: Vec<_> = columns.iter().map(|column| hex(column)).collect();
            format!("CONCAT_WS(' ', {})", columns.join(", "))
        }
    };
    let student = ["id", "public_id", "first_name", "last_name", "email", "email_key", "status"];
    let origin = ["created_at", "source", "trace_id"];
    // An item that comes back with a place has its id, and is a new row.
    let task =
        ["public_id", "student_id", "template_id", "title", "state", "due_on", "completed_at"];
    let tables: [(&str, &[&str]); 5] = [
        ("tasks", &task),
        ("students", &[&student[..], &origin[..]].concat()),
        ("student_search", &["student_id", "sort_key", "status", "words"]),
        ("student_words", &["word", "student_id"]),
        ("idempotency_keys", &["key_hash", "public_id", "created_at", "fingerprint"]),
    ];
    let of = |(table, columns): (&str, &[&str])| {
        let columns = joined(columns);
        database.query_column(&format!("SELECT {columns} AS value FROM {table} ORDER BY value"))
    };
    tables.into_iter().flat_map(of).collect()
}

fn undoing_restores_every_row(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let emails: Vec<_> = (0..12).map(|number| format!("n{number}@example.org")).collect();
    let emails: Vec<_> = emails.iter().map(String::as_str).collect();
    for title in ["Birth certificate", "Fee paid"] {
        checklist::template(admin, title);
    }
    let ids = office.register(&emails);
    wait(|| number(database, "SELECT COUNT(*) FROM student_search") == ids.len() as u64);
    let version =
        |id: &str| admin.read(&format!("/api/students/{id}"))["version"].as_u64().unwrap();
    let mut states = vec![rows(database)];
    let mut operations = Vec::new();
    let everyone = || -> Vec<(&str, u64)> { ids.iter().map(|id| (&**id, version(id))).collect() };
    // Random decisions on random students, some as they were before, with edits between.
    let mut state = 1_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from((state >> 33) % limit as u64).unwrap()
    };
    for (turn, id) in ids.iter().enumerate().take(8) {
        let statuses = ["pending", "waitlisted", "confirmed", "enrolled", "rejected", "withdrawn"];
        let to = statuses[below(6)];
        let mut chosen = everyone();
        chosen.retain(|_| below(3) > 0);
        chosen.iter_mut().filter(|_| below(5) == 0).for_each(|(_, v)| *v = (*v - 1).max(1));
        let reason = (to == "rejected").then_some("no_place");
        let body = json!({"do": {"to": to, "reason_code": reason}, "on": students(&chosen)});
        let preview = admin.send(&Method::POST, "/api/operations/preview", None, &body);
        let preview: Value = preview.json().unwrap();
        let operation = done(admin.send(&Method::POST, "/api/operations", None, &body));
        assert_eq!(preview["applies"], operation["applied"], "as the preview says");
        assert_eq!(preview["skips"], operation["skips"]);
        if operation["applied"] != 0 {
            operations.push(operation);
            states.push(rows(database));
        }
        let body =
            json!({"first_name": format!("Turn{turn}"), "email": format!("t{turn}@example.org")});
        let path = format!("/api/students/{id}");
        let edited = admin.send(&Method::PATCH, &path, Some(version(id)), &body);
        let edited: Value = edited.json().unwrap();
        operations.push(json!({"id": edited["operation"]}));
        states.push(rows(database));
    }
    for (number, operation) in operations.iter().enumerate().rev() {
        let undone = done(undo(admin, operation));
        assert_eq!(rows(database), states[number], "undone");
        let redone = done(undo(admin, &undone));
        assert_eq!(rows(database), states[number + 1], "redone");
        let again = done(undo(admin, &redone));
        assert_eq!(again["skips"], json!([]));
        assert_eq!(rows(database), states[number], "undone again");
    }
    // Each change of a student has one entry.
    let changes = number(database, "SELECT SUM(version - 1) FROM students");
    let entries = "SELECT COUNT(*) FROM journal WHERE action IN ('status_changed', 'edited')";
    assert_eq!(number(database, entries), changes);
}

fn an_edit_is_undone_with_its_words_unless_the_address_is_taken(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{id}");
    let edit = |version, body| -> Value {
        let edited = admin.send(&Method::PATCH, &path, Some(version), &body);
        assert_eq!(edited.status(), 200);
        edited.json().unwrap()
    };
    let edited = edit(1, json!({"last_name": "Eyre", "email": "jane@example.org"}));
    let operation = json!({"id": edited["operation"]});
    let view = admin.read(&format!("/api/operations/{}", edited["operation"].as_str().unwrap()));
    assert_eq!((&view["kind"], &view["applied"]), (&json!("edited"), &json!(1)));
    let undone = done(undo(admin, &operation));
    assert_eq!((&undone["kind"], &undone["undoes"]), (&json!("undone"), &edited["operation"]));
    assert_eq!(admin.read(&path)["email"], "zoe@example.org");
    let found = |text: &str| {
        admin.read(&format!("/api/students?q={text}"))["items"].as_array().unwrap().len()
    };
    assert_eq!((found("zoe"), found("eyre")), (1, 0));
    let history = admin.read(&format!("{path}/history"))["items"].clone();
    let mut entries = history.as_array().unwrap().iter();
    let history = entries.find(|entry| entry["action"] != "viewed").unwrap();
    assert_eq!(history["action"], "edited");
    assert_eq!(history["detail"]["fields"], "last_name,email");
    assert_eq!(history["detail"]["undoes"], edited["operation"]);

    let edited = edit(3, json!({"email": "jane@example.org"}));
    office.register(&["zoe@example.org"]);
    let undone = done(undo(admin, &json!({"id": edited["operation"]})));
    assert_eq!(undone["skips"], json!([{"reason": "already_registered", "count": 1}]));
    assert_eq!(admin.read(&path)["email"], "jane@example.org");
}

fn what_has_changed_since_or_is_a_colleagues_or_old_is_not_undone(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let (admin, registrar) = (&office.admin, office.person("registrar"));
    let [a, b] = &office.register(&["a@example.org", "b@example.org"])[..] else { panic!() };
    let operation = done(begin(admin, "confirmed", &students(&[(a, 1), (b, 1)])));
    let foreign = undo(&registrar, &operation);
    assert_eq!(
        (foreign.status().as_u16(), problem(foreign)["code"].clone()),
        (403, json!("forbidden"))
    );
    let program = office.program(&["students:decide"]);
    assert_eq!(problem(undo(&program, &operation))["code"], "insufficient_scope");

    assert_eq!(admin.decide(a, 2, "enrolled").status(), 200);
    let undone = done(undo(admin, &operation));
    assert_eq!(
        (&undone["applied"], &undone["skips"]),
        (&json!(1), &json!([{"reason": "changed_since", "count": 1}]))
    );
    let again = undo(admin, &operation);
    assert_eq!(again.status(), 409);
    let again = problem(again);
    assert_eq!(again["code"], "changed_since");
    let mut changed: Vec<_> = again["students"].as_array().unwrap().clone();
    changed.sort_by_key(|id| id.as_str().unwrap().to_owned());
    let mut both = vec![json!(a), json!(b)];
    both.sort_by_key(|id| id.as_str().unwrap().to_owned());
    assert_eq!(changed, both);

    // An administrator undoes a registrar's.
    let theirs = done(begin(&registrar, "waitlisted", &students(&[(b, 3)])));
    done(undo(admin, &theirs));
    let created = json!({"first_name": "Z", "last_name": "B", "email": "z@example.org"});
    let created: Value = admin.send(&Method::POST, "/api/students", None, &created).json().unwrap();
    assert_eq!(undo(admin, &json!({"id": created["operation"]})).status(), 404);
    assert_eq!(undo(admin, &json!({"id": a})).status(), 404);
    assert_eq!(undo(admin, &json!({"id": "x"})).status(), 404);

    let old = done(begin(admin, "waitlisted", &students(&[(b, 5)])));
    database.execute("UPDATE operations SET at = '2026-01-01 00:00:00.000000'");
    let old = undo(admin, &old);
    assert_eq!(old.status(), 410);
    let old = problem(old);
    assert_eq!(
        (&old["code"], &old["expired_at"]),
        (&json!("undo_expired"), &json!("2026-01-31T00:00:00.000000Z"))
    );
}

fn undoing_stops_what_is_running(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 5);
    // As a killed instance leaves it, before its first student.
    let id = "01a21a81c678706ea33ab0a228c66820";
    let staff = "(SELECT public_id FROM staff)";
    database.execute(&format!(
        "INSERT INTO operation_items (operation, student_id, version) \
         SELECT X'{id}', id, 9 FROM students; \
         INSERT INTO operations (id, actor_kind, actor, status, at, finished_at) \
         VALUES (X'{id}', 2, {staff}, 3, '2026-11-27 09:00:00.000000', NULL)"
    ));
    let operation = json!({"id": "01a21a81-c678-706e-a33a-b0a228c66820"});
    // Its job leaves everyone alone, whose version is another; or it is stopped before that.
    let undone = undo(&office.admin, &operation);
    let path = format!("/api/operations/{}", operation["id"].as_str().unwrap());
    let stopped = office.admin.read(&path);
    assert_eq!((&stopped["state"], &stopped["applied"]), (&json!("done"), &json!(0)));
    let expected = if stopped["skips"][0]["reason"] == "stopped" { 200 } else { 404 };
    assert_eq!(undone.status(), expected);
    let body = json!({"ids": []});
    let less = office.admin.send(&Method::POST, &format!("{path}/undo"), None, &body);
    assert_eq!(problem(less)["code"], "unknown_field");
}

fn a_rejection_that_is_redone_has_its_reason(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let body =
        json!({"do": {"to": "rejected", "reason_code": "no_place"}, "on": students(&[(id, 1)])});
    let rejected = done(admin.send(&Method::POST, "/api/operations", None, &body));
    let undone = done(undo(admin, &rejected));
    done(undo(admin, &undone));
    let entries = admin.read(&format!("/api/students/{id}/history"))["items"].clone();
    let reasons: Vec<_> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["detail"]["reason_code"].clone())
        .collect();
    assert_eq!(reasons, [json!("no_place"), Value::Null, json!("no_place")]);
}
