//! Two editors of one student: neither overwrites a version that they have not seen.

use std::{sync::Barrier, thread};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};
use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::support::{builder, start};

/// Pairs of changes on each backend; both together are a thousand.
const PAIRS: usize = 500;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![no_update_is_lost_between_two_editors]
}

/// The operation of the student's last change.
fn last_operation(editor: &super::Person, path: &str) -> String {
    let history = editor.read(&format!("{path}/history"));
    let mut entries = history["items"].as_array().unwrap().iter();
    let change = entries.find(|entry| entry["detail"]["version"].is_string()).unwrap();
    change["operation"].as_str().unwrap().to_owned()
}

/// Two editors, on two instances, change the same student from the same version at once: of each pair
/// one change is stored and the other refused, and the journal has exactly the stored ones.
fn no_update_is_lost_between_two_editors(database: &TestDatabase) {
    let services = [start(database), builder(database).env("NO_MIGRATE", "true").start()];
    let office = Office::open(&services[0], database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/api/students/{id}");
    let editors = [0, 1].map(|instance| office.admin.at(&services[instance]));
    let barrier = Barrier::new(2);
    let run = |editor: usize| {
        let mut stored = Vec::new();
        for pair in 0..PAIRS {
            let version = editors[editor].read(&path)["version"].as_u64().unwrap();
            let last = (pair % 5 == 4 && editor == 1 && version > 1)
                .then(|| last_operation(&editors[editor], &path));
            barrier.wait();
            // Edits, decisions and undoing in turn.
            let answer = if let Some(operation) = &last {
                let undo = format!("/api/operations/{operation}/undo");
                editors[editor].send(&Method::POST, &undo, None, &Value::Null)
            } else if pair % 3 == 2 && editor == 0 {
                let to = if editors[editor].read(&path)["status"] == "pending" {
                    "confirmed"
                } else {
                    "pending"
                };
                editors[editor].decide(id, version, to)
            } else {
                let name = format!("E{editor}n{pair}");
                editors[editor].send(
                    &Method::PATCH,
                    &path,
                    Some(version),
                    &json!({"first_name": name}),
                )
            };
            match answer.status().as_u16() {
                200 => {
                    let answer: Value = answer.json().unwrap();
                    // An operation has no version: it has left the student alone, or made the next one.
                    let made = answer["version"]
                        .as_u64()
                        .or((answer["applied"] == 1).then_some(version + 1));
                    stored.extend(made);
                }
                // Undoing comes too late.
                409 if last.is_some() => {}
                412 => {}
                status => panic!("{status}: {}", answer.text().unwrap()),
            }
            barrier.wait();
        }
        stored
    };
    let mut stored = thread::scope(|scope| {
        let threads = [scope.spawn(|| run(0)), scope.spawn(|| run(1))];
        threads.map(|thread| thread.join().unwrap()).concat()
    });
    stored.sort_unstable();
    let expected: Vec<u64> = (2..2 + PAIRS as u64).collect();
    assert_eq!(stored, expected, "one change of each pair, each a version of its own");
    let count = "FROM journal WHERE action IN ('edited', 'status_changed')";
    let text = match database.backend() {
        registration_testkit::Backend::Sqlite => "TEXT",
        registration_testkit::Backend::Mysql => "CHAR",
    };
    let count = database.query_column(&format!("SELECT CAST(COUNT(*) AS {text}) AS value {count}"));
    assert_eq!(count, [PAIRS.to_string()]);
}
