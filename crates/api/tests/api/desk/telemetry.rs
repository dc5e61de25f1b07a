//! What operators see of the office.

use std::time::Duration;

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite, telemetry::OtlpReceiver, wait_until};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Office, checklist,
    office::{PASSWORD, Person},
};
use crate::support::{builder, header, metric, post, registration};
use crate::traces::exporting;

pub(crate) fn trials() -> Vec<Trial> {
    on_sqlite![
        every_change_of_the_office_is_a_span,
        forms_of_the_checklist_and_files_are_spans,
        a_sign_in_that_the_database_refuses_is_counted,
        a_student_whom_the_index_refuses_is_counted,
        metrics_of_the_office_need_no_traces,
    ]
}

fn every_change_of_the_office_is_a_span(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder(database), &receiver).start();
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let viewer = office.person("viewer");
    let id = |person: &Person| person.read("/api/me")["id"].as_str().unwrap().to_owned();
    let viewers = format!("/desk/staff/{}", id(&viewer));
    let program = office.program(&["students:read", "students:write"]);
    assert_eq!(program.open("/api").status(), 200);
    program.read("/api/students");
    let mut whole = registration("zoe@example.org");
    whole["first_name"] = json!("Zoë");
    let path = format!("/api/students/{student}");
    assert_eq!(program.send(&Method::PUT, &path, Some(1), &whole).status(), 200);
    assert_eq!(admin.open("/desk/review").status(), 200);
    let version = admin.read(&path)["version"].clone();
    let ids = json!([{"id": student, "version": version}]);
    let several = json!({"do": {"to": "confirmed"}, "on": {"ids": ids}});
    let preview = "/api/operations/preview";
    assert_eq!(admin.send(&Method::POST, preview, None, &several).status(), 200);
    let begun = admin.send(&Method::POST, "/api/operations", None, &several);
    let undo = format!("{}/undo", header(&begun, "location"));
    assert_eq!(admin.send(&Method::POST, &undo, None, &Value::Null).status(), 200);
    let template = checklist::template(admin, "Fee paid");
    let own = format!("/api/students/{student}/tasks");
    let added = admin.send(&Method::POST, &own, None, &json!({"title": "Own"}));
    let task = header(&added, "location").to_owned();
    assert_eq!(admin.read("/api/tasks")["items"][0]["title"], "Own");
    let whole = json!({"title": "Own", "due_on": "2026-09-15"});
    assert_eq!(admin.send(&Method::PUT, &task, Some(1), &whole).status(), 200);
    let complete = format!("{task}/complete");
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(admin.send(&method, &complete, None, &Value::Null).status(), 200);
    }
    let waived = json!({"state": "waived"});
    assert_eq!(admin.send(&Method::PATCH, &task, Some(4), &waived).status(), 200);
    assert_eq!(admin.send(&Method::DELETE, &task, Some(5), &Value::Null).status(), 204);
    let template = format!("/api/task-templates/{template}");
    let renamed = json!({"title": "Quota"});
    assert_eq!(admin.send(&Method::PATCH, &template, Some(1), &renamed).status(), 200);
    assert_eq!(admin.open("/desk/tasks").status(), 200);
    let page = admin.open("/desk/tokens").text().unwrap();
    let (_, token) = page.split_once("action=\"/desk/tokens/").unwrap();
    let token = format!("/desk/tokens/{}", token.split('"').next().unwrap());
    let sessions = [("action", "end_others")];
    let password = [("current", PASSWORD), ("password", "another horse battery")];
    let role = [("action", "role"), ("role", "registrar"), ("version", "2")];
    for (path, form) in [
        (&*viewers, &role[..]),
        (&*token, &[]),
        ("/desk/profile", &[("name", "Ada King"), ("version", "2")]),
        ("/desk/profile/password", &password),
        ("/desk/profile/sessions", &sessions),
        ("/desk/sign-out", &[]),
    ] {
        let answer = admin.submit(path, form);
        assert_eq!(answer.status(), 303, "{path}: {}", answer.text().unwrap());
    }
    service.terminate();
    assert!(!service.wait_for_exit().is_empty());
    assert_spans(
        &receiver,
        &[
            ("POST /desk/staff", "invite_staff_handler"),
            ("POST /desk/staff/{id}", "change_staff_handler"),
            ("POST /desk/tokens/{id}/revoke", "revoke_token_handler"),
            ("POST /desk/profile", "change_profile_handler"),
            ("POST /desk/profile/password", "change_password_handler"),
            ("POST /desk/profile/sessions", "end_sessions_handler"),
            ("GET /api/tasks", "get_all_tasks"),
            ("GET /desk/tasks", "view_checklist_handler"),
            ("POST /api/students/{id}/tasks", "create_task"),
            ("PUT /api/tasks/{id}", "edit_task"),
            ("PUT /api/tasks/{id}/complete", "mark_task"),
            ("DELETE /api/tasks/{id}/complete", "reopen_task_handler"),
            ("PATCH /api/tasks/{id}", "patch_task_handler"),
            ("DELETE /api/tasks/{id}", "delete_task"),
            ("POST /api/task-templates", "create_task_template"),
            ("PATCH /api/task-templates/{id}", "change_task_template"),
            ("POST /desk/sign-out", "sign_out_handler"),
            ("PUT /api/students/{id}", "replace_student_handler"),
            ("GET /api/students", "list_students"),
            ("GET /desk/review", "review_handler"),
            ("POST /api/operations/preview", "preview_operation_handler"),
            ("POST /api/operations", "begin_operation_handler"),
            ("POST /api/operations", "run_operation"),
            ("POST /api/operations/{id}/undo", "undo_operation_handler"),
            ("POST /api/operations/{id}/undo", "operation_chunk"),
        ],
    );
}

/// Each span is in the trace of its request.
pub(crate) fn assert_spans(receiver: &OtlpReceiver, expected: &[(&str, &str)]) {
    let spans = receiver.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    for (root, handler) in expected {
        let (roots, handlers) = (named(root), named(handler));
        let is_in_one =
            handlers.iter().any(|span| roots.iter().any(|root| root.trace_id == span.trace_id));
        assert!(is_in_one, "{handler} in {root}: {} of {}", handlers.len(), roots.len());
    }
}

fn forms_of_the_checklist_and_files_are_spans(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder(database), &receiver).start();
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let template = checklist::template(admin, "Fee paid");
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let task = checklist::first(admin, student);
    let tick = [("state", "done"), ("version", "1"), ("student", &**student)];
    assert_eq!(admin.submit(&format!("/desk/tasks/{task}"), &tick).status(), 303);
    let change = [("title", "Quota"), ("position", "1"), ("active", "yes"), ("version", "1")];
    assert_eq!(admin.submit(&format!("/desk/task-templates/{template}"), &change).status(), 303);
    for path in [
        "/api/students.csv",
        "/api/students.xlsx",
        "/desk/students/export",
        "/desk/students/print",
        "/desk",
    ] {
        let answer = admin.open(path);
        assert_eq!(answer.status(), 200, "{path}");
        assert!(!answer.bytes().unwrap().is_empty());
    }
    service.terminate();
    assert!(!service.wait_for_exit().is_empty());
    assert_spans(
        &receiver,
        &[
            ("POST /desk/tasks/{id}", "mark_task_handler"),
            ("POST /desk/task-templates/{id}", "change_task_template_handler"),
            ("GET /api/students.csv", "export_csv_handler"),
            ("GET /api/students.csv", "export_students"),
            ("GET /api/students.xlsx", "export_xlsx_handler"),
            ("GET /desk/students/export", "view_export_handler"),
            ("GET /desk/students/print", "print_handler"),
            ("GET /desk", "view_today_handler"),
        ],
    );
}

fn metrics_of_the_office_need_no_traces(database: &TestDatabase) {
    let service = builder(database).env("OTEL_SDK_DISABLED", "true").start();
    let office = Office::open(&service, database);
    let waits = r#"db_client_connection_wait_time_seconds_count{pool="desk"}"#;
    office.admin.read("/api/students");
    assert!(metric(&service, waits) > 0.0);
}

fn a_sign_in_that_the_database_refuses_is_counted(database: &TestDatabase) {
    let service = crate::support::start(database);
    let office = Office::open(&service, database);
    database.execute("ALTER TABLE sessions RENAME TO sessions_away");
    let form = [("email", "ada@school.example"), ("password", PASSWORD)];
    assert_eq!(office.anonymous().submit("/desk/sign-in", &form).status(), 503);
    assert_eq!(metric(&service, "sign_ins_total{outcome=\"failed\"}"), 1.0);
}

fn a_student_whom_the_index_refuses_is_counted(database: &TestDatabase) {
    let service = crate::support::start(database);
    database.execute(
        "CREATE TRIGGER poison BEFORE INSERT ON student_words WHEN NEW.word = 'poison' \
         BEGIN SELECT RAISE(ABORT, 'refused'); END",
    );
    for (name, email) in [("Poison", "zoe@example.org"), ("Ada", "ada@example.org")] {
        let mut body = registration(email);
        body["first_name"] = json!(name);
        assert_eq!(post(&service, &body).status(), 201);
    }
    let counted = || metric(&service, "search_unindexable_students_total") == 1.0;
    assert!(wait_until(Duration::from_secs(20), counted));
    let indexed = "SELECT CAST(COUNT(*) AS TEXT) AS value FROM student_search";
    let is_there = || database.query_column(indexed) == ["1"];
    assert!(wait_until(Duration::from_secs(20), is_there), "the other one");
}
