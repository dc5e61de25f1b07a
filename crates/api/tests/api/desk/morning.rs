//! A morning of the office: 600 applications and more that arrive, two people who review them one after the
//! other, and a program that decides on many at once.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Office, journal::number, office::Person, operations::fill};
use crate::support::start;

/// Applications of the night before, and those that arrive meanwhile.
const WAITING: usize = 600;
const ARRIVING: usize = 60;
/// Students of an operation of the program.
const AT_ONCE: usize = 40;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![every_application_is_decided_once_and_all_can_be_undone]
}

fn every_application_is_decided_once_and_all_can_be_undone(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let people = [office.admin.clone(), office.person("registrar")];
    let program = office.program(&["students:read", "students:decide"]);
    fill(database, WAITING);
    let have_arrived = AtomicBool::new(false);
    let acknowledged: u64 = thread::scope(|scope| {
        let reviews = people.each_ref().map(|person| scope.spawn(|| review(person, &have_arrived)));
        let operations = scope.spawn(|| decide_at_once(&program, &have_arrived));
        for number in 0..ARRIVING {
            office.register(&[&format!("late{number}@example.org")]);
        }
        have_arrived.store(true, Ordering::Release);
        let reviewed = reviews.map(|review| review.join().unwrap());
        reviewed.iter().sum::<u64>() + operations.join().unwrap()
    });
    let all = (WAITING + ARRIVING) as u64;
    assert_eq!(acknowledged, all, "decisions that were answered");
    assert_eq!(number(database, "SELECT COUNT(*) FROM students WHERE version = 2"), all);
    assert_eq!(number(database, "SELECT COUNT(*) FROM students WHERE status = 1"), 0);
    let changes = "FROM journal WHERE action = 'status_changed'";
    assert_eq!(number(database, &format!("SELECT COUNT(*) {changes}")), all);
    assert_eq!(number(database, &format!("SELECT COUNT(DISTINCT subject) {changes}")), all);

    let operations = format!("SELECT DISTINCT LOWER(HEX(operation)) AS value {changes}");
    let mut operations = database.query_column(&operations);
    for id in &mut operations {
        [8, 13, 18, 23].into_iter().for_each(|at| id.insert(at, '-'));
    }
    // Several at once, as there are hundreds.
    thread::scope(|scope| {
        for part in operations.chunks(operations.len().div_ceil(4)) {
            scope.spawn(|| part.iter().for_each(|id| undo(&office.admin, id)));
        }
    });
    assert_eq!(number(database, "SELECT COUNT(*) FROM students WHERE status = 1"), all);
    assert_eq!(number(database, &format!("SELECT COUNT(*) {changes}")), 2 * all);
}

/// Decides on the application that the page shows, until there is none. Returns how many were stored.
fn review(person: &Person, have_arrived: &AtomicBool) -> u64 {
    let mut stored = 0;
    loop {
        let was_complete = have_arrived.load(Ordering::Acquire);
        let page = person.open("/desk/review").text().unwrap();
        let Some((_, form)) = page.split_once("id=\"decision\" action=\"") else {
            if was_complete {
                return stored;
            }
            continue;
        };
        let action = form.split('"').next().unwrap();
        let (_, version) = form.split_once("name=\"version\" value=\"").unwrap();
        let version = version.split('"').next().unwrap();
        let offered: Vec<_> =
            form.split("</form>").next().unwrap().split("name=\"to\" value=\"").skip(1).collect();
        let to = offered[stored as usize % offered.len()].split('"').next().unwrap();
        let answer = person.submit(action, &[("to", to), ("version", version)]);
        match answer.status().as_u16() {
            303 => stored += 1,
            // The other one was faster.
            409 | 412 => {}
            status => panic!("{status}: {}", answer.text().unwrap()),
        }
    }
}

/// Decides on the newest who are pending, many at once. Returns how many were stored.
fn decide_at_once(program: &Person, have_arrived: &AtomicBool) -> u64 {
    let mut stored = 0;
    loop {
        let was_complete = have_arrived.load(Ordering::Acquire);
        let list = program.read(&format!("/api/students?status=pending&limit={AT_ONCE}"));
        let pick = |one: &Value| json!({"id": one["id"], "version": one["version"]});
        let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(pick).collect();
        if ids.is_empty() {
            if was_complete {
                return stored;
            }
            continue;
        }
        let body = json!({"do": {"to": "confirmed"}, "on": {"ids": ids}});
        let answer = program.send(&Method::POST, "/api/operations", None, &body);
        assert_eq!(answer.status(), 200);
        stored += answer.json::<Value>().unwrap()["applied"].as_u64().unwrap();
    }
}

fn undo(person: &Person, operation: &str) {
    let path = format!("/api/operations/{operation}/undo");
    let answer = person.send(&Method::POST, &path, None, &Value::Null);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().unwrap()["skips"], json!([]));
}
