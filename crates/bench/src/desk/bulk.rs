//! A decision on many students at once, and its undoing: from the request to the last student.

use std::time::{Duration, Instant};

use registration_testkit::TestDatabase;

use super::{
    client::{Answer, Client},
    registrars::{Registrars, pause},
};
use crate::progress::progress;

/// Students of an operation, and the seconds that it may take.
const SIZES: [(usize, f64); 2] = [(600, 0.3), (10_000, 3.0)];
/// Between two looks at an operation under way.
const INTERVAL: Duration = Duration::from_millis(5);

/// Seconds of one size.
pub(crate) struct Bulk {
    pub(crate) students: usize,
    pub(crate) target: f64,
    pub(crate) decided: f64,
    pub(crate) undone: f64,
}

/// Decides on the oldest students who are pending, and undoes that.
pub(crate) fn measure(registrars: &Registrars, database: &TestDatabase) -> Vec<Bulk> {
    let measure = |(students, target): (usize, f64)| {
        progress(&format!("{students} students at once, and back"));
        let mut client = registrars.client();
        let (decided, undone) = there_and_back(&mut client, &body(database, students), students);
        Bulk { students, target, decided, undone }
    };
    SIZES.into_iter().map(measure).collect()
}

/// The larger of them, as a request.
pub(crate) fn request(database: &TestDatabase) -> impl Fn(&mut Client, u64) + Sync {
    let (students, _) = SIZES[1];
    let body = body(database, students);
    move |client, _| {
        there_and_back(client, &body, students);
    }
}

/// A decision on this number of students.
fn body(database: &TestDatabase, students: usize) -> String {
    let sql = format!(
        "SELECT CAST(id AS CHAR) AS value FROM students WHERE status = 1 ORDER BY id LIMIT 1 OFFSET {}",
        students - 1
    );
    let row = database.query_column(&sql).pop().expect("too few students are pending");
    let filter = r#"{"status": ["pending"]}"#;
    // A moment after all changes.
    let on = format!(r#"{{"filter": {filter}, "as_of": "{row}.4102444800000000"}}"#);
    format!(r#"{{"do": {{"to": "confirmed"}}, "on": {on}}}"#)
}

/// The seconds of a decision, and of undoing it.
fn there_and_back(client: &mut Client, body: &str, students: usize) -> (f64, f64) {
    let (decided, operation) = timed(client, "/api/operations", body, students);
    let undo = format!("/api/operations/{operation}/undo");
    let (undone, _) = timed(client, &undo, "", students);
    (decided, undone)
}

/// The seconds until an operation has changed this number of students, and its id.
fn timed(client: &mut Client, path: &str, body: &str, students: usize) -> (f64, String) {
    let begun = Instant::now();
    let mut answer = client.post(path, "", body);
    answer.expect_status(202);
    let id = answer.member("id").expect("no id").to_owned();
    let is_done = |answer: &Answer| answer.member("state") == Some("done");
    while !is_done(&answer) {
        pause(INTERVAL);
        answer = client.get(&format!("/api/operations/{id}"));
    }
    let seconds = begun.elapsed().as_secs_f64();
    assert!(answer.body.contains(&format!("\"applied\":{students},")), "{}", answer.body);
    (seconds, id)
}
