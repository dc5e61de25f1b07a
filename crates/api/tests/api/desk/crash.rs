//! The service or the database is killed in the middle of edits: rows and journal agree.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use libtest_mimic::Trial;
use registration_testkit::{DatabaseServer, TestDatabase, mariadb_trial, on_every_backend};
use reqwest::Method;
use serde_json::json;

use super::{Office, journal::number};
use crate::support::{builder, start};

/// How often the service is killed, and how often the database.
const KILLS: usize = 20;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![a_killed_service_leaves_row_and_journal_in_agreement];
    trials.push(mariadb_trial(
        "a_killed_database_leaves_rows_and_journal_in_agreement",
        a_killed_database_leaves_rows_and_journal_in_agreement,
    ));
    trials
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
        for _ in 0..10 + round {
            first.recv().unwrap();
        }
        service.kill();
        acknowledged += edits.join().unwrap();
        service = builder(database).env("NO_MIGRATE", "true").start();
    }
    assert_agree(database, 1, acknowledged);
}

/// Two people edit and decide without pause.
fn a_killed_database_leaves_rows_and_journal_in_agreement() {
    let mut server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let service = builder(&database).env("DATABASE_POOL_TIMEOUT", "0.5").start();
    let office = Office::open(&service, &database);
    let ids = office.register(&["zoe@example.org", "ada@example.org"]);
    let (stored, done) = (&AtomicU64::new(0), &AtomicBool::new(false));
    thread::scope(|scope| {
        let edit = |id: &String| {
            let (editor, path) = (office.admin.clone(), format!("/api/students/{id}"));
            scope.spawn(move || {
                for number in 0.. {
                    let read = editor.request(Method::GET, &path).send().unwrap();
                    let version = read.json::<serde_json::Value>().unwrap()["version"].as_u64();
                    let Some(version) = version else { continue };
                    let body = json!({"first_name": format!("N{number}")});
                    match editor.send(&Method::PATCH, &path, Some(version), &body).status().as_u16()
                    {
                        200 => {
                            stored.fetch_add(1, Ordering::Relaxed);
                        }
                        412 | 503 | 504 => {}
                        other => panic!("{other}"),
                    }
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                }
            })
        };
        let editors: Vec<_> = ids.iter().map(edit).collect();
        for round in 0..KILLS as u64 {
            let enough = stored.load(Ordering::Relaxed) + 4 + round;
            let is_alive = || !editors.iter().any(thread::ScopedJoinHandle::is_finished);
            while stored.load(Ordering::Relaxed) < enough && is_alive() {
                thread::yield_now();
            }
            server.kill();
            server.restart();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_agree(&database, 2, stored.load(Ordering::Relaxed));
}

/// Each version has its entry, and each entry its version; every acknowledged edit is stored, and those
/// alone whose answer a kill may have swallowed, one of each student.
fn assert_agree(database: &TestDatabase, students: u64, acknowledged: u64) {
    let versions = number(database, "SELECT SUM(version) FROM students");
    let entries = number(database, "SELECT COUNT(*) FROM journal WHERE action = 'edited'");
    assert_eq!(versions, entries + students, "versions and entries");
    let swallowed = acknowledged..=acknowledged + KILLS as u64 * students;
    assert!(swallowed.contains(&entries), "{acknowledged} acknowledged, {entries} stored");
}
