//! Who may use which route, written by hand.

/// Who may use a route: roles, then the scope of a token; `-` is none.
pub(super) struct Rule {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) roles: &'static str,
    pub(super) scope: &'static str,
    /// What is sent; forms start with `?`.
    pub(super) body: &'static str,
}

const fn rule(
    method: &'static str,
    path: &'static str,
    roles: &'static str,
    scope: &'static str,
    body: &'static str,
) -> Rule {
    Rule { method, path, roles, scope, body }
}

const ALL: &str = "viewer registrar admin";
const WRITE: &str = "registrar admin";

pub(super) const CONFIRM: &str =
    r#"{"do":{"to":"confirmed"},"on":{"ids":[{"id":"{id}","version":1}]}}"#;

/// A file to be uploaded.
pub(super) const FILE: &str = "^first_name,last_name,email\nA,B,{n}@file.example\n";

/// The expected rights of every route of the office, written by hand.
pub(super) const RULES: [Rule; 77] = [
    rule("GET", "/desk", ALL, "-", ""),
    rule("POST", "/desk/sign-out", ALL, "-", "?"),
    rule("GET", "/desk/students", ALL, "-", ""),
    rule("GET", "/desk/students/new", WRITE, "-", ""),
    rule(
        "POST",
        "/desk/students/new",
        WRITE,
        "-",
        "?first_name=A&last_name=B&email={n}@new.example",
    ),
    rule("GET", "/desk/students/print", ALL, "-", ""),
    rule("GET", "/desk/students/export", WRITE, "-", ""),
    rule("GET", "/desk/students/{id}", ALL, "-", ""),
    rule("POST", "/desk/students/{id}/status", WRITE, "-", "?to=confirmed&version=1"),
    rule("GET", "/desk/review", WRITE, "-", ""),
    rule("POST", "/desk/operations/new", WRITE, "-", "?to=confirmed&student={id}.1"),
    rule("POST", "/desk/operations", WRITE, "-", "?to=confirmed&student={id}.1"),
    rule("GET", "/desk/operations/{operation}", WRITE, "-", ""),
    rule("POST", "/desk/operations/{operation}/undo", WRITE, "-", "?"),
    rule("POST", "/desk/students/{id}/tasks", WRITE, "-", "?title=T"),
    rule("GET", "/desk/tasks", ALL, "-", ""),
    rule("POST", "/desk/tasks/{task}", WRITE, "-", "?state=done&version=1&student={owner}"),
    rule("POST", "/desk/task-templates", "admin", "-", "?title=T"),
    rule(
        "POST",
        "/desk/task-templates/{template}",
        "admin",
        "-",
        "?title=N{n}&position=1&version=1",
    ),
    rule("GET", "/desk/students/{id}/edit", WRITE, "-", ""),
    rule(
        "POST",
        "/desk/students/{id}/edit",
        WRITE,
        "-",
        "?first_name=N{n}&last_name=B&email={n}@edit.example&version=1",
    ),
    rule("GET", "/desk/students/{id}/erase", "admin", "-", ""),
    rule("POST", "/desk/students/{id}/erase", "admin", "-", "?confirm={name}&version=1"),
    rule("GET", "/desk/staff", "admin", "-", ""),
    rule("POST", "/desk/staff", "admin", "-", "?email={n}@staff.example&role=viewer"),
    rule("POST", "/desk/staff/{staff}", "admin", "-", "?action=link"),
    rule("GET", "/desk/tokens", WRITE, "-", ""),
    rule("POST", "/desk/tokens", WRITE, "-", "?name=T&days=7&scopes=students:read"),
    rule("POST", "/desk/tokens/{token}/revoke", WRITE, "-", "?"),
    rule("GET", "/desk/profile", ALL, "-", ""),
    rule("POST", "/desk/profile", ALL, "-", "?name=Name+{n}&shortcuts=on"),
    rule("POST", "/desk/profile/password", ALL, "-", "?current=wrong&password=wrong"),
    rule("POST", "/desk/profile/sessions", ALL, "-", "?action=end_others"),
    rule("GET", "/api/me", ALL, "any", ""),
    rule("GET", "/api/students", ALL, "students:read", ""),
    rule(
        "POST",
        "/api/students",
        WRITE,
        "students:write",
        r#"{"first_name":"A","last_name":"B","email":"{n}@new.example"}"#,
    ),
    rule("GET", "/api/students.csv", WRITE, "exports:read", ""),
    rule("GET", "/api/students.xlsx", WRITE, "exports:read", ""),
    rule("GET", "/api/students/{id}", ALL, "students:read", ""),
    rule(
        "PUT",
        "/api/students/{id}",
        WRITE,
        "students:write",
        r#"{"first_name":"A","last_name":"B","email":"{n}@put.example"}"#,
    ),
    rule(
        "PATCH",
        "/api/students/{id}",
        WRITE,
        "students:write",
        r#"{"email":"{n}@patch.example"}"#,
    ),
    rule("DELETE", "/api/students/{id}", "admin", "privacy:manage", ""),
    rule(
        "POST",
        "/api/students/{id}/transitions",
        WRITE,
        "students:decide",
        r#"{"to":"confirmed"}"#,
    ),
    rule("POST", "/api/operations", WRITE, "students:decide", CONFIRM),
    rule("POST", "/api/operations/preview", WRITE, "students:decide", CONFIRM),
    rule("GET", "/api/operations/{operation}", WRITE, "students:decide", ""),
    rule("POST", "/api/operations/{operation}/undo", WRITE, "students:decide", ""),
    rule("GET", "/api/students/{id}/tasks", ALL, "tasks:read", ""),
    rule("POST", "/api/students/{id}/tasks", WRITE, "tasks:write", r#"{"title":"T"}"#),
    rule("GET", "/api/tasks", ALL, "tasks:read", ""),
    rule("GET", "/api/tasks/{task}", ALL, "tasks:read", ""),
    rule("PUT", "/api/tasks/{task}", WRITE, "tasks:write", r#"{"title":"N{n}"}"#),
    rule("PATCH", "/api/tasks/{task}", WRITE, "tasks:write", r#"{"title":"N{n}"}"#),
    rule("DELETE", "/api/tasks/{task}", WRITE, "tasks:write", ""),
    rule("PUT", "/api/tasks/{task}/complete", WRITE, "tasks:write", ""),
    rule("DELETE", "/api/tasks/{task}/complete", WRITE, "tasks:write", ""),
    rule("GET", "/api/task-templates", ALL, "tasks:read", ""),
    rule("POST", "/api/task-templates", "admin", "settings:manage", r#"{"title":"T"}"#),
    rule("GET", "/api/task-templates/{template}", ALL, "tasks:read", ""),
    rule(
        "PATCH",
        "/api/task-templates/{template}",
        "admin",
        "settings:manage",
        r#"{"title":"N{n}"}"#,
    ),
    rule("GET", "/desk/imports", WRITE, "-", ""),
    rule("POST", "/desk/imports", WRITE, "-", FILE),
    rule("GET", "/desk/imports/{import}", WRITE, "-", ""),
    rule(
        "POST",
        "/desk/imports/{import}",
        WRITE,
        "-",
        "?column=first_name&column=last_name&column=email&has_header=on",
    ),
    rule("POST", "/desk/imports/{import}/run", WRITE, "-", "?"),
    rule("POST", "/desk/imports/{import}/cancel", WRITE, "-", "?"),
    rule("GET", "/api/imports", WRITE, "imports:write", ""),
    rule("POST", "/api/imports", WRITE, "imports:write", FILE),
    rule("GET", "/api/imports/{import}", WRITE, "imports:write", ""),
    rule("PATCH", "/api/imports/{import}", WRITE, "imports:write", r#"{"update_existing":true}"#),
    rule("DELETE", "/api/imports/{import}", WRITE, "imports:write", ""),
    rule("GET", "/api/imports/{import}/rows", WRITE, "imports:write", ""),
    rule("POST", "/api/imports/{import}/run", WRITE, "imports:write", ""),
    rule("GET", "/api/imports/{import}/errors.csv", WRITE, "imports:write", ""),
    rule("GET", "/api/students/{id}/history", WRITE, "-", ""),
    rule("GET", "/api/journal", WRITE, "audit:read", ""),
    rule("GET", "/desk/students?q=x", ALL, "-", ""),
];

pub(super) const SCOPES: [&str; 11] = [
    "students:read",
    "notes:read",
    "students:write",
    "students:decide",
    "exports:read",
    "imports:write",
    "tasks:read",
    "tasks:write",
    "settings:manage",
    "audit:read",
    "privacy:manage",
];
