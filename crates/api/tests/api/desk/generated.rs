//! Requests that schemathesis makes from the description of the API: no answer is a failure of the
//! service, none is undescribed, and none grants access without permission.

use std::{env, path::Path, process::Command};

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, ignored_if};

use super::Office;
use crate::support::start;

/// How long requests are made, in seconds.
const SECONDS: &str = "60";

/// The variable that names the program; `make test-rust` sets it.
const VARIABLE: &str = "SCHEMATHESIS";

pub(crate) fn trials() -> Vec<Trial> {
    #[expect(clippy::disallowed_methods, reason = "the place of a tool, for this trial alone")]
    let program = env::var(VARIABLE).ok().filter(|program| Path::new(program).exists());
    let missing = program.is_none().then_some("SCHEMATHESIS names no program (make test sets it)");
    let name = "generated_requests_are_answered_as_described".to_owned();
    vec![ignored_if(missing, name, move || {
        generated_requests_are_answered_as_described(&program.unwrap_or_default());
        Ok(())
    })]
}

fn generated_requests_are_answered_as_described(program: &str) {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = start(&database);
    let office = Office::open(&service, &database);
    office.register(&["a@example.org", "b@example.org", "c@example.org"]);
    let scopes = [
        "students:read",
        "notes:read",
        "students:write",
        "students:decide",
        "audit:read",
        "privacy:manage",
    ];
    let token = office.program(&scopes).token.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .current_dir(folder.path())
        .args(["run", &service.url("/api/openapi.json"), "--url", &service.url("")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", "all", "--max-time", SECONDS, "--phases", "examples,coverage,fuzzing"])
        // The rules for names and addresses are narrower than their schemas, and a change without
        // If-Match is 428.
        .args(["--exclude-checks", "positive_data_acceptance,missing_required_header"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Tested:"), "{text}");
}
