//! The rights: every route of the office, for every role, every scope, and an anonymous client; by the
//! status and by what has changed in the database.

mod rules;

use std::{collections::BTreeSet, fs, path::Path};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use self::rules::{CONFIRM, FILE, RULES, Rule, SCOPES};
use super::imports::{multipart, upload_with};
use super::{Office, office::Person};
use crate::support::start;

pub(crate) fn trials() -> Vec<Trial> {
    on_sqlite![every_route_is_open_to_those_alone_whom_the_table_names]
}

/// A preview, and a password that is wrong.
const CHANGE_NOTHING: [&str; 3] =
    ["/desk/operations/new", "/api/operations/preview", "/desk/profile/password"];

fn every_route_is_open_to_those_alone_whom_the_table_names(database: &TestDatabase) {
    documented_routes_have_a_rule();
    let service = start(database);
    let office = Office::open(&service, database);
    let people: Vec<(&str, Person)> = vec![
        ("viewer", office.person("viewer")),
        ("registrar", office.person("registrar")),
        ("admin", office.admin.clone()),
    ];
    let programs: Vec<(&str, Person)> =
        SCOPES.into_iter().map(|scope| (scope, office.program(&[scope]))).collect();
    let staff = people[0].1.read("/api/me")["id"].as_str().unwrap().to_owned();
    let mut number = 0;
    for rule in RULES {
        let callers = people.iter().map(|(role, person)| (*role, person, rule.roles));
        let scopes = programs.iter().map(|(scope, program)| (*scope, program, rule.scope));
        let anonymous = office.anonymous();
        for (name, caller, allowed) in callers.chain(scopes).chain([("anonymous", &anonymous, "")])
        {
            number += 1;
            // Signing out and changing the password would end the caller's session.
            let own;
            let caller = if rule.path == "/desk/sign-out" && caller.cookie.is_some() {
                own = office.anonymous().sign_in(
                    &format!("{}@school.example", if name == "admin" { "ada" } else { name }),
                    super::office::PASSWORD,
                );
                &own
            } else {
                caller
            };
            let is_allowed = allowed.split(' ').any(|one| one == name)
                || (allowed == "any" && name != "anonymous");
            check(&office, database, &rule, name, caller, is_allowed, number, &staff);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one case of the matrix")]
fn check(
    office: &Office<'_>,
    database: &TestDatabase,
    rule: &Rule,
    name: &str,
    caller: &Person,
    is_allowed: bool,
    number: usize,
    staff: &str,
) {
    let case = format!("{} {} for {name}", rule.method, rule.path);
    let id = if [rule.path, rule.body].iter().any(|text| text.contains("{id}")) {
        office.register(&[&format!("n{number}@example.org")]).remove(0)
    } else {
        String::new()
    };
    let token = if rule.path.contains("{token}") {
        office.program(&["students:read"]);
        let page = office.admin.open("/desk/tokens").text().unwrap();
        page.split("action=\"/desk/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned()
    } else {
        String::new()
    };
    let student_name = if rule.body.contains("{name}") {
        let student = office.admin.read(&format!("/api/students/{id}"));
        format!(
            "{} {}",
            student["first_name"].as_str().unwrap(),
            student["last_name"].as_str().unwrap()
        )
    } else {
        String::new()
    };
    // Of the caller: undoing what a colleague did needs another right.
    let operation = if rule.path.contains("{operation}") {
        let id = office.register(&[&format!("n{number}@example.org")]).remove(0);
        let body = CONFIRM.replace("{id}", &id);
        let author = if is_allowed { caller } else { &office.admin };
        let body: Value = serde_json::from_str(&body).unwrap();
        let begun = author.send(&Method::POST, "/api/operations", None, &body);
        begun.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned()
    } else {
        String::new()
    };
    let made = |path: &str| {
        let body = json!({"title": "Item"});
        let made = office.admin.send(&Method::POST, path, None, &body);
        made.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned()
    };
    let import = if rule.path.contains("{import}") {
        let file = FILE.trim_start_matches('^').replace("{n}", &number.to_string());
        let uploaded = upload_with(&office.admin, "list.csv", file.as_bytes(), &[]);
        uploaded.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned()
    } else {
        String::new()
    };
    let template =
        if rule.path.contains("{template}") { made("/api/task-templates") } else { String::new() };
    let (task, owner) = if rule.path.contains("{task}") {
        let student = office.register(&[&format!("n{number}@example.org")]).remove(0);
        let task = made(&format!("/api/students/{student}/tasks"));
        if (rule.method, rule.path) == ("DELETE", "/api/tasks/{task}/complete") {
            let path = format!("/api/tasks/{task}");
            let done = office.admin.send(&Method::PATCH, &path, Some(1), &json!({"state": "done"}));
            assert_eq!(done.status(), 200);
        }
        (task, student)
    } else {
        Default::default()
    };
    let path = rule
        .path
        .replace("{task}", &task)
        .replace("{template}", &template)
        .replace("{operation}", &operation)
        .replace("{import}", &import)
        .replace("{id}", &id)
        .replace("{staff}", staff)
        .replace("{token}", &token);
    let body = rule
        .body
        .replace("{id}", &id)
        .replace("{owner}", &owner)
        .replace("{n}", &number.to_string())
        .replace("{name}", &student_name);
    let before = state(database);
    let method: Method = rule.method.parse().unwrap();
    let version = if rule.method == "DELETE" && rule.path.ends_with("/complete") { 2 } else { 1 };
    let mut request = caller.request(method.clone(), &path);
    request = request.header("if-match", format!("\"{version}\""));
    if let Some(file) = body.strip_prefix('^') {
        let (media, body) = multipart("list.csv", file.as_bytes(), &[]);
        request = request.header("content-type", media).body(body);
    } else if let Some(form) = body.strip_prefix('?') {
        request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.replace(' ', "+"));
    } else if !body.is_empty() {
        request = request.json(&serde_json::from_str::<Value>(&body).unwrap());
    }
    let answer = request.send().unwrap();
    let status = answer.status().as_u16();
    let to_sign_in = answer
        .headers()
        .get("location")
        .is_some_and(|location| location.to_str().unwrap().contains("/desk/sign-in?next="));
    let is_in = !to_sign_in && ![401, 403].contains(&status);
    assert_eq!(is_in, is_allowed, "{case}: {status}");
    assert!(status < 500, "{case}: {status}");
    let changed = state(database) != before;
    if !is_allowed {
        assert!(!changed, "{case}: {status}, but something has changed");
    } else if rule.path.contains("{token}") && name == "registrar" {
        assert_eq!((status, changed), (404, false), "{case}: the token of someone else");
    } else if method != Method::GET && !CHANGE_NOTHING.contains(&rule.path) {
        assert!(changed, "{case}: {status}, but nothing has changed");
    }
}

/// Everything that a request could change, but for the times at which sessions and tokens were used
/// and what is written behind the requests.
fn state(database: &TestDatabase) -> Vec<String> {
    [
        "SELECT hex(public_id) || first_name || email || status || version AS value FROM students ORDER BY id",
        "SELECT email || name || role || version || COALESCE(disabled_at, '') || COALESCE(password, '') || shortcuts AS value FROM staff ORDER BY id",
        "SELECT hex(hash) AS value FROM staff_links ORDER BY hash",
        "SELECT hex(id_hash) || COALESCE(ended_at, '') AS value FROM sessions ORDER BY id_hash",
        "SELECT hex(public_id) || COALESCE(revoked_at, '') AS value FROM api_tokens ORDER BY id",
        "SELECT hex(public_id) || version AS value FROM tasks WHERE template_id IS NULL ORDER BY id",
        "SELECT hex(public_id) || version AS value FROM task_templates ORDER BY id",
        "SELECT hex(id) || state || revision AS value FROM imports ORDER BY id",
        "SELECT action || id AS value FROM journal WHERE action NOT IN ('registered', 'viewed', 'exported', 'export_ended', 'printed') ORDER BY id",
    ]
    .into_iter()
    .flat_map(|sql| database.query_column(sql))
    .collect()
}

/// A route of the office without a rule fails here: `docs/api.md` lists every one, and a test holds it
/// to the program.
fn documented_routes_have_a_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, table) = text.split_once("<!-- routes: written by make docs -->").unwrap();
    let table = table.split("<!-- end -->").next().unwrap();
    let mut routes = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| `/")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (path, method, users) = (cells[1].trim_matches('`'), cells[2], cells[3]);
        if !users.starts_with("everyone") {
            routes.insert(format!("{method} {path}"));
        }
    }
    let known: BTreeSet<_> = RULES
        .iter()
        .filter(|rule| !rule.path.contains('?'))
        .map(|rule| {
            let mut path = rule.path.to_owned();
            for one in ["{staff}", "{token}", "{operation}", "{task}", "{template}", "{import}"] {
                path = path.replace(one, "{id}");
            }
            format!("{} {path}", rule.method)
        })
        .collect();
    assert_eq!(routes, known);
    assert_eq!(json!(SCOPES).as_array().unwrap().len(), SCOPES.len());
}
