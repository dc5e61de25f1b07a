//! The journal: who may read it, and that it and the rows agree.

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, on_every_backend, wait_until};
use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::support::{problem, start};

/// How long the jobs behind the requests may take.
const LONG: std::time::Duration = std::time::Duration::from_secs(30);

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        registrations_and_changes_are_journalled_once_and_sealed,
        a_person_reads_what_the_role_allows,
    ]
}

/// Texts of the column `value`, of numbers too.
pub(super) fn number(database: &TestDatabase, sql: &str) -> u64 {
    let text = match database.backend() {
        Backend::Sqlite => "TEXT",
        Backend::Mysql => "CHAR",
    };
    let value = database.query_column(&format!("SELECT CAST(({sql}) AS {text}) AS value"));
    value[0].parse().unwrap()
}

fn registrations_and_changes_are_journalled_once_and_sealed(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let emails: Vec<_> = (0..40).map(|n| format!("n{n}@example.org")).collect();
    let ids = office.register(&emails.iter().map(String::as_str).collect::<Vec<_>>());
    // At once: before the job has written the entry of the registration.
    assert_eq!(office.admin.decide(&ids[39], 1, "confirmed").status(), 200);
    let members = "SELECT COALESCE(SUM(members), 0) FROM journal WHERE action = 'registered'";
    assert!(wait_until(LONG, || number(database, members) == 40));
    let unsealed =
        "SELECT COUNT(*) FROM journal WHERE id NOT IN (SELECT journal_id FROM journal_seals)";
    assert!(wait_until(LONG, || number(database, unsealed) == 0));
    // The registration stands before the change in the order of the seals.
    let registered = "SELECT MAX(j.id) FROM journal j WHERE j.action = 'registered'";
    let changed = "SELECT MIN(j.id) FROM journal j WHERE j.action = 'status_changed'";
    assert!(number(database, registered) < number(database, changed));
    let indexed = "SELECT COUNT(*) FROM student_search";
    assert!(wait_until(LONG, || number(database, indexed) == 40));
    let history = office.admin.read(&format!("/api/students/{}/history", ids[39]));
    assert!(history["items"][0]["seal"].is_u64(), "{history}");
}

fn a_person_reads_what_the_role_allows(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let registrar = office.person("registrar");
    let [one, other] = &office.register(&["zoe@example.org", "ada@example.org"])[..] else {
        panic!()
    };
    assert_eq!(office.admin.decide(one, 1, "confirmed").status(), 200);
    assert_eq!(registrar.decide(other, 1, "waitlisted").status(), 200);
    let actions = |journal: &Value| -> Vec<String> {
        let items = journal["items"].as_array().unwrap().iter();
        items.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
    };
    let own = registrar.read("/api/journal");
    assert_eq!(actions(&own), ["status_changed", "signed_in", "staff_joined"]);
    registrar.read(&format!("/api/students/{one}"));
    registrar.read(&format!("/api/students/{one}"));
    let own = registrar.read("/api/journal");
    assert_eq!(actions(&own)[0..2], ["viewed", "status_changed"], "a view, once an hour");
    let all = office.admin.read("/api/journal?action=status_changed");
    assert_eq!(actions(&all), ["status_changed"; 2]);
    let first = office.admin.read("/api/journal?limit=1");
    let next = first["next"].as_str().unwrap();
    assert_ne!(
        office.admin.read(&format!("/api/journal?limit=1&cursor={next}"))["items"],
        first["items"]
    );
    let of_one = office.admin.read(&format!("/api/journal?subject={one}&action=status_changed"));
    assert_eq!(actions(&of_one), ["status_changed"]);
    for wrong in ["limit=0", "action=x", "subject=x", "actor=x", "from=x", "x=1"] {
        let answer =
            office.admin.request(Method::GET, &format!("/api/journal?{wrong}")).send().unwrap();
        assert_eq!(problem(answer)["code"], "invalid_filter", "{wrong}");
    }
    let viewer = office.person("viewer");
    let refused = viewer.request(Method::GET, "/api/journal").send().unwrap();
    assert_eq!(refused.status(), 403);
    let program = office.program(&["students:read"]);
    assert_eq!(program.request(Method::GET, "/api/journal").send().unwrap().status(), 403);
    let auditor = office.program(&["audit:read"]);
    assert!(!actions(&auditor.read("/api/journal")).is_empty());
    // No entry holds a name or an address.
    let details =
        database.query_column("SELECT detail AS value FROM journal WHERE detail IS NOT NULL");
    let text = format!("{}{details:?}", json!(all));
    assert!(!text.contains("example.org") && !text.contains("Zo"), "{text}");
}
