//! Each rule of the checker, with a history that breaks it and one that does not.

use std::time::Duration;

use libtest_mimic::Trial;
use registration_testkit::{Applicant, trials};

use super::{
    checker::violations,
    operation::{Answer, Operation, Request, Student},
    table::Row,
};

pub(super) fn trials() -> Vec<Trial> {
    trials![
        the_checker_accepts_what_faults_explain,
        the_checker_finds_what_is_lost_or_differs,
        the_checker_finds_false_refusals,
        the_checker_finds_what_was_never_sent,
    ]
}

fn applicant(name: &str) -> Applicant {
    Applicant::new(format!("{name}@example.org"))
}

fn student(id: &str, name: &str) -> Student {
    let created_at = "2026-09-01T09:00:00.000000Z".to_owned();
    Student { id: id.to_owned(), applicant: applicant(name), created_at }
}

/// A request for this person, sent at this second and answered in the next.
fn operation(start: u64, key: Option<&str>, name: &str, answer: Answer) -> Operation {
    let request = Request { key: key.map(str::to_owned), applicant: applicant(name) };
    let [start, end] = [start, start + 1].map(Duration::from_secs);
    Operation { client: 0, instance: 0, start, end, request, answer }
}

fn created(id: &str, name: &str) -> Answer {
    Answer::Created(student(id, name))
}

fn refused(status: u16, code: &str) -> Answer {
    Answer::Refused(status, code.to_owned())
}

fn unknown() -> Answer {
    Answer::Unknown("cut".to_owned())
}

fn taken() -> Answer {
    refused(409, "already_registered")
}

fn reused() -> Answer {
    refused(422, "idempotency_key_reused")
}

fn row(id: &str, name: &str, key: Option<&str>) -> Row {
    Row { student: student(id, name), key: key.map(str::to_owned) }
}

fn the_checker_accepts_what_faults_explain() {
    let history = [
        operation(0, Some("k"), "zoe", unknown()),
        operation(1, Some("k"), "zoe", refused(503, "unavailable")),
        operation(1, Some("k"), "zoe", refused(409, "request_in_progress")),
        operation(2, Some("k"), "zoe", created("1", "zoe")),
        operation(3, Some("k"), "zoe", created("1", "zoe")),
        operation(4, Some("k"), "jane", reused()),
        operation(4, Some("other"), "zoe", taken()),
        operation(5, None, "anne", unknown()),
        operation(6, None, "anne", taken()),
        operation(7, None, "emily", unknown()),
    ];
    let table = [row("1", "zoe", Some("k")), row("2", "anne", None)];
    assert_eq!(violations(&history, &table), [""; 0]);
}

fn assert_found(history: &[Operation], table: &[Row], rule: &str) {
    let found = violations(history, table);
    assert!(found.iter().any(|found| found.starts_with(rule)), "{rule}: {found:?}");
}

fn the_checker_finds_what_is_lost_or_differs() {
    let acknowledged = operation(0, Some("k"), "zoe", created("1", "zoe"));
    let lost = "acknowledged, but not stored";
    assert_found(std::slice::from_ref(&acknowledged), &[], lost);
    let late = row("2", "zoe", Some("k"));
    assert_found(std::slice::from_ref(&acknowledged), &[late], lost);
    let mut later = row("1", "zoe", Some("k"));
    later.student.created_at = "2026-09-01T09:00:01.000000Z".to_owned();
    let differs = "acknowledged with other values than those stored";
    assert_found(std::slice::from_ref(&acknowledged), &[later], differs);
    let keyless = row("1", "zoe", None);
    assert_found(&[acknowledged], &[keyless], "acknowledged, but stored with another key or none");

    let misused = operation(0, Some("k"), "jane", created("1", "zoe"));
    let table = [row("1", "zoe", Some("k"))];
    assert_found(&[misused], &table, "acknowledged with the values of another request");
    let twice = [0, 1].map(|start| operation(start, None, "zoe", created("1", "zoe")));
    assert_found(&twice, &[row("1", "zoe", None)], "replayed without a key");
}

fn the_checker_finds_false_refusals() {
    let own = [operation(0, Some("k"), "zoe", unknown()), operation(1, Some("k"), "zoe", taken())];
    let table = [row("1", "zoe", Some("k"))];
    let rule = "refused for the registration that has the request's own key";
    assert_found(&own, &table, rule);
    assert_found(&own, &[], "refused for an address that is not registered");
    let once = [operation(0, None, "zoe", taken())];
    let rule = "refused for a registration that is the request's own, or later";
    assert_found(&once, &[row("1", "zoe", None)], rule);
    let before = [once[0].clone(), operation(5, None, "zoe", created("1", "zoe"))];
    assert_found(&before, &[row("1", "zoe", None)], rule);

    let honest =
        [operation(0, Some("k"), "zoe", unknown()), operation(1, Some("k"), "zoe", reused())];
    assert_found(&honest, &table, "refused as a misuse, but an honest repetition");
    assert_found(&honest, &[], "refused for a key that is not stored");
    let early =
        [operation(0, Some("k"), "jane", reused()), operation(5, Some("k"), "zoe", unknown())];
    assert_found(&early, &table, "refused for a key before its registration was sent");
    let error = [operation(0, None, "zoe", refused(500, "internal_error"))];
    assert_found(&error, &[], "an answer that no fault explains");
}

fn the_checker_finds_what_was_never_sent() {
    let history = [operation(0, Some("k"), "zoe", unknown())];
    for row in [row("1", "jane", None), row("1", "zoe", None), row("1", "zoe", Some("other"))] {
        assert_found(&history, &[row], "stored, but never sent");
    }
    let history = [operation(0, None, "zoe", unknown())];
    let table = [row("1", "zoe", None), row("2", "zoe", None)];
    assert_found(&history, &table, "an identifier, an address or a key is stored twice");
}
