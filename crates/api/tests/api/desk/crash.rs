//! The process is killed in the middle of edits: the row and the journal agree.

use std::thread;

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};
use reqwest::Method;
use serde_json::json;

use super::{Office, journal::number};
use crate::support::{builder, start};

/// How often the service is killed.
const KILLS: usize = 5;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![a_killed_service_leaves_row_and_journal_in_agreement]
}

fn a_killed_service_leaves_row_and_journal_in_agreement(database: &TestDatabase) {
    let mut service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let admin = office.admin.clone();
    let path = format!("/api/students/{id}");
    let mut acknowledged = 0;
    for round in 0..KILLS {
        let editor = admin.at(&service);
        let (edited, first) = std::sync::mpsc::channel();
        let edits = thread::spawn({
            let path = path.clone();
            move || {
                let mut stored = 0;
                for number in 0.. {
                    // The killed service answers nothing more.
                    let Ok(read) = editor.request(Method::GET, &path).send() else { break };
                    let Ok(read) = read.json::<serde_json::Value>() else { break };
                    let Some(version) = read["version"].as_u64() else { break };
                    let tag = format!("\"{version}\"");
                    let body = json!({"first_name": format!("R{round}n{number}")});
                    let request = editor.request(Method::PATCH, &path).header("if-match", tag);
                    match request.json(&body).send() {
                        Ok(answer) if answer.status() == 200 => stored += 1,
                        _ => break,
                    }
                    let _ = edited.send(());
                }
                stored
            }
        });
        for _ in 0..10 * (round + 1) {
            first.recv().unwrap();
        }
        service.kill();
        acknowledged += edits.join().unwrap();
        service = builder(database).env("NO_MIGRATE", "true").start();
    }
    let version = number(database, "SELECT version FROM students");
    let entries = number(database, "SELECT COUNT(*) FROM journal WHERE action = 'edited'");
    assert_eq!(version, entries + 1, "a version for each entry, an entry for each version");
    let lost = acknowledged..=acknowledged + KILLS as u64;
    assert!(lost.contains(&entries), "{acknowledged} acknowledged, {entries} stored");
}
