//! `/api/students`: every change of a student.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::support::{
    builder, client, errors, form_token, header, post, problem, registration, start,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_student_is_created_edited_decided_and_erased,
        the_thirty_six_transitions_are_as_the_table_says,
    ];
    trials.extend(on_sqlite![
        changes_name_the_version_that_they_change,
        bodies_are_read_strictly,
        a_replay_after_an_edit_shows_what_was_first_stored,
        the_forms_script_registers_by_the_form,
    ]);
    trials
}

fn a_student_is_created_edited_decided_and_erased(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let body = json!({"first_name": " Zoe\u{308} ", "last_name": "Brontë", "email": "zoe@example.org", "note": "by phone"});
    let created = admin.send(&Method::POST, "/api/students", None, &body);
    assert_eq!(created.status(), 201);
    let location = header(&created, "location").to_owned();
    assert_eq!(header(&created, "etag"), "\"1\"");
    let student: Value = created.json().unwrap();
    assert_eq!(location, format!("/api/students/{}", student["id"].as_str().unwrap()));
    assert_eq!((&student["first_name"], &student["source"]), (&json!("Zoë"), &json!("desk")));
    assert_eq!((&student["status"], &student["version"]), (&json!("pending"), &json!(1)));
    assert!(student["operation"].is_string());

    let taken = admin.send(
        &Method::POST,
        "/api/students",
        None,
        &json!({"first_name": "Z", "last_name": "B", "email": "ZOE@example.org"}),
    );
    assert_eq!(taken.status(), 409);
    let taken = problem(taken);
    assert_eq!((&taken["code"], &taken["student"]), (&json!("already_registered"), &student["id"]));

    let patched = admin.send(&Method::PATCH, &location, Some(1), &json!({"last_name": "Bronte"}));
    assert_eq!((patched.status().as_u16(), header(&patched, "etag")), (200, "\"2\""));
    let put = json!({"first_name": "Zoë", "last_name": "Bronte", "email": "zoe.b@example.org"});
    let put = admin.send(&Method::PUT, &location, Some(2), &put);
    assert_eq!((put.status().as_u16(), header(&put, "etag")), (200, "\"3\""));
    // An edit that changes nothing is no new version.
    let same = admin.send(&Method::PATCH, &location, Some(3), &json!({"first_name": "Zoe\u{308}"}));
    assert_eq!(same.json::<Value>().unwrap()["version"], 3);
    let other = office.register(&["ada@example.org"]);
    let stolen =
        admin.send(&Method::PATCH, &location, Some(3), &json!({"email": "ada@example.org"}));
    assert_eq!(stolen.status(), 409);
    assert_eq!(problem(stolen)["student"], other[0].as_str());

    let id = student["id"].as_str().unwrap();
    assert_eq!(admin.decide(id, 3, "confirmed").status(), 200);
    let history = admin.read(&format!("{location}/history"));
    let actions: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(actions, ["status_changed", "edited", "edited", "created"]);
    assert_eq!(history["items"][2]["detail"], json!({"fields": "last_name", "version": "2"}));
    let known =
        admin.request(Method::GET, &location).header("if-none-match", "\"4\"").send().unwrap();
    assert_eq!(known.status(), 304);

    assert_eq!(admin.send(&Method::DELETE, &location, Some(4), &Value::Null).status(), 204);
    for (method, body) in [
        (Method::GET, Value::Null),
        (Method::DELETE, Value::Null),
        (Method::PATCH, json!({"first_name": "X"})),
    ] {
        let gone = admin.send(&method, &location, Some(4), &body);
        assert_eq!(gone.status(), 410, "{method}");
        assert_eq!(problem(gone)["code"], "erased");
    }
    assert_eq!(admin.open(&format!("/desk/students/{id}")).status(), 410);
    assert_eq!(database.emails(), ["ada@example.org"]);
    // The address is free again.
    assert_eq!(post(&service, &registration("zoe.b@example.org")).status(), 201);
}

fn the_thirty_six_transitions_are_as_the_table_says(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let statuses = ["pending", "waitlisted", "confirmed", "enrolled", "rejected", "withdrawn"];
    let allowed = [
        "waitlisted confirmed rejected withdrawn",
        "pending confirmed rejected withdrawn",
        "pending waitlisted enrolled rejected withdrawn",
        "confirmed withdrawn",
        "pending",
        "pending",
    ];
    let emails: Vec<_> = (0..36).map(|n| format!("n{n}@example.org")).collect();
    let ids = office.register(&emails.iter().map(String::as_str).collect::<Vec<_>>());
    let mut pairs = ids.iter();
    for (number, from) in statuses.iter().enumerate() {
        for to in statuses {
            let id = pairs.next().unwrap();
            database.execute(&format!(
                "UPDATE students SET status = {} WHERE email = '{}'",
                number + 1,
                emails[ids.iter().position(|other| other == id).unwrap()]
            ));
            let body = match to {
                "rejected" => json!({"to": to, "reason_code": "duplicate"}),
                to => json!({"to": to}),
            };
            let path = format!("/api/students/{id}/transitions");
            let answer = office.admin.send(&Method::POST, &path, Some(1), &body);
            let is_allowed = allowed[number].split(' ').any(|one| one == to);
            assert_eq!(answer.status(), if is_allowed { 200 } else { 409 }, "{from} → {to}");
            if is_allowed {
                assert_eq!(answer.json::<Value>().unwrap()["status"], to);
            } else {
                let problem = problem(answer);
                assert_eq!(problem["code"], "illegal_transition");
                let listed: Vec<_> = problem["allowed"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|s| s.as_str().unwrap())
                    .collect();
                assert_eq!(listed.join(" "), allowed[number]);
            }
        }
    }
}

fn changes_name_the_version_that_they_change(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [one, other] = &office.register(&["zoe@example.org", "ada@example.org"])[..] else {
        panic!()
    };
    let path = format!("/api/students/{one}");
    let admin = &office.admin;
    assert_eq!(admin.decide(one, 1, "confirmed").status(), 200);
    for tag in [
        None,
        Some("*"),
        Some("W/\"2\""),
        Some("\"2\", \"3\""),
        Some("2"),
        Some("\"1\""),
        Some("\"9\""),
        Some("\"02\""),
    ] {
        let mut request = admin.request(Method::PATCH, &path).json(&json!({"first_name": "X"}));
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        let (status, code) = match tag {
            None | Some("*") => (428, "precondition_required"),
            Some(_) => (412, "precondition_failed"),
        };
        let answer = request.send().unwrap();
        assert_eq!(answer.status(), status, "{tag:?}");
        assert_eq!(problem(answer)["code"], code);
    }
    let stale = problem(admin.send(&Method::PATCH, &path, Some(1), &json!({"first_name": "X"})));
    assert_eq!(stale["current"]["version"], 2);
    assert_eq!(
        (&stale["changed_by"], &stale["changed_fields"]),
        (&json!("Ada Lovelace"), &json!(["status"]))
    );
    assert!(stale["changed_at"].is_string());
    // The version of another student is no key to this one.
    assert_eq!(admin.decide(other, 2, "confirmed").status(), 412);
    let again = admin.decide(one, 2, "confirmed");
    assert_eq!(problem(again)["code"], "illegal_transition");
    let missing = "0190163d-8694-739b-aea5-966c26f8ad91";
    assert_eq!(admin.decide(missing, 1, "confirmed").status(), 404);
    assert_eq!(admin.decide("x", 1, "confirmed").status(), 404);
}

fn bodies_are_read_strictly(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{id}");
    let patch = |body: &str, media: &str| {
        let request = office.admin.request(Method::PATCH, &path).header("if-match", "\"1\"");
        request.header("content-type", media).body(body.to_owned()).send().unwrap()
    };
    let merge = "application/merge-patch+json";
    for (body, status, code) in [
        ("[]", 400, "malformed"),
        ("null", 400, "malformed"),
        ("{", 400, "malformed"),
        (r#"{"first_name": "A", "first_name": "B"}"#, 400, "malformed"),
        (r#"{"fist_name": "A"}"#, 422, "unknown_field"),
        (r#"{"status": "confirmed"}"#, 422, "unknown_field"),
        (r#"{"first_name": null}"#, 422, "invalid_fields"),
        (r#"{"first_name": {"first_name": null}}"#, 422, "invalid_fields"),
        (r#"{"email": "no"}"#, 422, "invalid_fields"),
    ] {
        let answer = patch(body, merge);
        assert_eq!(answer.status(), status, "{body}");
        assert_eq!(problem(answer)["code"], code, "{body}");
    }
    let nulls = problem(patch(r#"{"first_name": null, "email": 7}"#, merge));
    assert_eq!(errors(&nulls), ["first_name: required", "email: type"]);
    assert_eq!(problem(patch(r#"{"a/b": 1}"#, merge))["errors"][0]["pointer"], "/a~1b");
    assert_eq!(patch("{}", "text/plain").status(), 415);
    let large = format!(r#"{{"first_name": "{}"}}"#, "x".repeat(70_000));
    let answer = patch(&large, merge);
    assert_eq!(answer.status(), 413);
    assert!(problem(answer)["detail"].as_str().unwrap().contains("64 KiB"));
    assert_eq!(patch(r#"{"first_name": "Zoë"}"#, merge).status(), 200);
    let transition = |body: Value| {
        let path = format!("{path}/transitions");
        problem(office.admin.send(&Method::POST, &path, Some(2), &body))
    };
    for (body, pointer) in [
        (json!({}), "/to"),
        (json!({"to": "Confirmed"}), "/to"),
        (json!({"to": 7}), "/to"),
        (json!({"to": "rejected"}), "/reason_code"),
        (json!({"to": "rejected", "reason_code": "shoe"}), "/reason_code"),
        (json!({"to": "rejected", "reason_code": "other"}), "/note"),
        (json!({"to": "confirmed", "reason_code": "other", "note": "x"}), "/reason_code"),
        (json!({"to": "confirmed", "note": "x".repeat(2001)}), "/note"),
    ] {
        assert_eq!(transition(body.clone())["errors"][0]["pointer"], pointer, "{body}");
    }
}

fn a_replay_after_an_edit_shows_what_was_first_stored(database: &TestDatabase) {
    let service = builder(database).start();
    let office = Office::open(&service, database);
    let body = registration("zoe@example.org");
    let register = || {
        let request = client().post(service.url("/register"));
        request
            .header("idempotency-key", "one")
            .json(&body)
            .send()
            .unwrap()
            .json::<Value>()
            .unwrap()
    };
    let first = register();
    let path = format!("/api/students/{}", first["id"].as_str().unwrap());
    let edited = office.admin.send(
        &Method::PATCH,
        &path,
        Some(1),
        &json!({"first_name": "Other", "email": "other@example.org"}),
    );
    assert_eq!(edited.status(), 200);
    assert_eq!(register(), first);
    let revisions = "SELECT first_name AS value FROM student_revisions";
    assert_eq!(database.query_column(revisions), [body["first_name"].as_str().unwrap()]);
    // Erasing the student erases the key: the same request registers anew.
    assert_eq!(office.admin.send(&Method::DELETE, &path, Some(2), &Value::Null).status(), 204);
    assert_ne!(register()["id"], first["id"]);
}

fn the_forms_script_registers_by_the_form(database: &TestDatabase) {
    let service = builder(database).env("MINIMUM_FILL_TIME", "0").start();
    let office = Office::open(&service, database);
    let with_token = |email: &str, token: &str| {
        let mut body = registration(email);
        body["idempotency_key"] = json!(token);
        body
    };
    let token = form_token(&service);
    let page = client()
        .post(service.url("/register"))
        .header("sec-fetch-site", "same-origin")
        .json(&registration("page@example.org"));
    assert_eq!(page.send().unwrap().status(), 201);
    for body in [
        with_token("script@example.org", &token),
        with_token("key@example.org", "a-key-of-its-own"),
        registration("program@example.org"),
    ] {
        assert_eq!(post(&service, &body).status(), 201);
    }
    for (email, source) in
        [("page", "form"), ("script", "form"), ("key", "api"), ("program", "api")]
    {
        let found = office.admin.read(&format!("/api/students?q={email}"));
        assert_eq!(found["items"][0]["source"], source, "{email}");
    }
}
