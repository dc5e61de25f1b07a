//! Tokens of programs.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::support::{client, header, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    on_sqlite![
        a_token_is_shown_once_and_stored_as_a_hash,
        a_token_that_does_not_work_is_refused_by_name,
        a_registrar_gives_reading_scopes_only,
        a_scope_shows_no_more_than_it_says,
    ]
}

fn a_token_is_shown_once_and_stored_as_a_hash(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let program = office.program(&["students:read"]);
    let token = program.token.clone().unwrap();
    let page = office.admin.open("/desk/tokens").text().unwrap();
    assert!(page.contains(&token[..12]) && !page.contains(&token), "only its beginning");
    let stored = "SELECT CONCAT(name, visible, scopes) AS value FROM api_tokens";
    let stored = database.query_column(
        &stored.replace("CONCAT(name, visible, scopes)", "name || visible || scopes"),
    );
    assert!(!stored[0].contains(&token[12..]), "{stored:?}");
    assert_eq!(program.read("/api/me")["scopes"], serde_json::json!(["students:read"]));
    let used = "SELECT COUNT(used_at) AS value FROM api_tokens";
    assert_eq!(
        database.query_column(&used.replace("COUNT(used_at)", "CAST(COUNT(used_at) AS TEXT)")),
        ["1"]
    );
    let page = office.admin.open("/desk/tokens").text().unwrap();
    let (_, revoke) = page.split_once("action=\"/desk/tokens/").unwrap();
    let path = format!("/desk/tokens/{}", revoke.split('"').next().unwrap());
    assert_eq!(office.admin.submit(&path, &[]).status(), 303);
    assert_eq!(office.admin.submit(&path, &[]).status(), 404, "only once");
    assert_eq!(
        problem(program.request(Method::GET, "/api/me").send().unwrap())["code"],
        "invalid_token"
    );
}

fn a_token_that_does_not_work_is_refused_by_name(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let reader = office.program(&["students:read"]);
    let token = reader.token.clone().unwrap();
    let url = service.url("/api/students");
    let typo = token.replace(&token[20..21], if &token[20..21] == "a" { "b" } else { "a" });
    for wrong in [typo.as_str(), "srt_", "", "x y", &token[..49]] {
        let answer =
            client().get(&url).header("authorization", format!("Bearer {wrong}")).send().unwrap();
        assert_eq!(answer.status(), 401, "{wrong}");
        assert_eq!(header(&answer, "www-authenticate"), "Bearer error=\"invalid_token\"");
        assert_eq!(problem(answer)["code"], "invalid_token");
    }
    let basic = client().get(&url).basic_auth("ada@school.example", Some("x")).send().unwrap();
    assert_eq!(basic.status(), 401);
    // In an address it would be written to logs: refused, whether it works or not.
    for name in ["access_token", "token"] {
        let answer = client().get(format!("{url}?{name}={token}")).send().unwrap();
        assert_eq!(answer.status(), 400, "{name}");
        assert!(problem(answer)["detail"].as_str().unwrap().contains("Revoke"));
    }
    let answer = reader.send(&Method::POST, "/api/students", None, &serde_json::json!({}));
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"students:write\"";
    assert_eq!(header(&answer, "www-authenticate"), challenge);
    assert_eq!(problem(answer)["code"], "insufficient_scope");
    // A token opens no page.
    assert_eq!(reader.open("/desk/students").status(), 303);
    database.execute("UPDATE api_tokens SET expires_at = created_at");
    let answer = reader.request(Method::GET, "/api/me").send().unwrap();
    assert_eq!(problem(answer)["code"], "invalid_token");
}

fn a_registrar_gives_reading_scopes_only(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let registrar = office.person("registrar");
    let create = |form: &[(&str, &str)]| registrar.submit("/desk/tokens", form).status().as_u16();
    let named = ("name", "Excel");
    assert_eq!(create(&[named, ("days", "7"), ("scopes", "students:write")]), 422);
    assert_eq!(create(&[named, ("days", "7"), ("scopes", "audit:read")]), 422);
    assert_eq!(create(&[named, ("days", "7"), ("scopes", "students:force")]), 422);
    assert_eq!(create(&[named, ("days", "7")]), 422);
    assert_eq!(create(&[named, ("days", "0"), ("scopes", "students:read")]), 422);
    assert_eq!(create(&[named, ("days", "366"), ("scopes", "students:read")]), 422);
    assert_eq!(create(&[("days", "7"), ("scopes", "students:read")]), 422);
    assert_eq!(
        create(&[named, ("days", "365"), ("scopes", "students:read"), ("scopes", "notes:read")]),
        200
    );
    // A token is worth no more than its owner: a registrar who becomes a viewer sees no notes.
    let program = registrar.program(&["students:read", "notes:read"]);
    let id = registrar.read("/api/me")["id"].as_str().unwrap().to_owned();
    let demote = [("action", "role"), ("role", "viewer"), ("version", "2")];
    assert_eq!(office.admin.submit(&format!("/desk/staff/{id}"), &demote).status(), 303);
    assert_eq!(program.read("/api/me")["scopes"], serde_json::json!(["students:read"]));
}

fn a_scope_shows_no_more_than_it_says(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{id}");
    let notes = office.program(&["notes:read"]);
    let refused = notes.request(Method::GET, &format!("{path}/history")).send().unwrap();
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"notes:read students:read\"";
    assert_eq!(header(&refused, "www-authenticate"), challenge);
    let both = office.program(&["notes:read", "students:read"]);
    both.read(&format!("{path}/history"));
    let journal = both.request(Method::GET, "/api/journal").send().unwrap();
    assert_eq!(problem(journal)["code"], "insufficient_scope");
    // To change is not to see.
    let writer = office.program(&["students:write", "students:decide"]);
    let changes = [
        (Method::PATCH, path.clone(), json!({})),
        (Method::PATCH, path.clone(), json!({"first_name": "Zoe"})),
        (Method::POST, format!("{path}/transitions"), json!({"to": "confirmed"})),
    ];
    for (version, (method, path, body)) in [1, 1, 2].into_iter().zip(changes) {
        let answer = writer.send(&method, &path, Some(version), &body);
        assert_eq!(answer.status(), 200, "{path} {body}");
        let receipt: Value = answer.json().unwrap();
        let members: Vec<_> = receipt.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["id", "operation", "status", "version"], "{receipt}");
    }
    let stale = writer.send(&Method::PATCH, &path, Some(1), &json!({"first_name": "X"}));
    assert!(problem(stale).get("current").is_none());
}
