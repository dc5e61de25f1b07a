//! Every registration is in exactly one entry: with several instances, late commits and restarts.

use libtest_mimic::Trial;
use registration_contract::fixtures::{form, now, student_at};
use registration_domain::{JournalKeeper as _, SearchProjector as _, Student, StudentId};
use registration_persistence::Journal;
use registration_testkit::{Backend, TestDatabase, on_every_backend, on_mysql, telemetry::capture};

use super::{OpenDesk, later, record};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        two_keepers_cover_each_registration_once,
        a_keeper_that_begins_again_covers_no_registration_twice,
        many_rows_are_covered_in_bounded_steps,
        late_commits_are_covered_whatever_was_erased,
        students_of_the_office_get_no_entry,
        nothing_to_do_writes_nothing,
    ];
    trials.extend(on_mysql![
        a_late_commit_is_covered,
        a_late_commit_is_covered_by_a_new_keeper,
        keepers_at_the_same_time_cover_each_registration_once,
    ]);
    trials
}

fn students(seconds: i64, count: u8) -> Vec<Student> {
    let email = |number| format!("s{seconds}n{number}@example.org");
    let student = |number| student_at(later(seconds), number, &form(&email(number)));
    (0..count).map(student).collect()
}

/// Registers students, and returns the ids of all that were registered, sorted.
fn register(desk: &OpenDesk, all: &mut Vec<StudentId>, seconds: i64, count: u8) {
    let store = desk.store();
    for student in students(seconds, count) {
        store.insert_student(&student);
        all.push(student.id());
    }
    all.sort();
}

fn position(database: &TestDatabase) -> String {
    let sql = "SELECT CAST(position AS CHAR) AS value FROM consumers WHERE name = 'registrations'";
    database.query_column(sql).concat()
}

fn two_keepers_cover_each_registration_once(database: &TestDatabase) {
    let [one, other] = [OpenDesk::new(database), OpenDesk::on(database)];
    let mut all = Vec::new();
    for round in 0..8_u8 {
        let seconds = i64::from(round) * 20;
        register(&one, &mut all, seconds, 1 + round % 3);
        let keeper = if round % 3 == 0 { &other } else { &one };
        let covered = keeper.journal.cover_registrations(later(seconds)).unwrap();
        assert_eq!(covered, usize::from(1 + round % 3));
        assert_eq!(one.journal.cover_registrations(later(seconds)).unwrap(), 0);
        assert_eq!(one.covered(), all);
    }
    assert_ne!(position(database), "0");
}

fn keepers_at_the_same_time_cover_each_registration_once(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    register(&desk, &mut all, 0, 100);
    let barrier = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let instance = OpenDesk::on(database);
                barrier.wait();
                instance.journal.cover_registrations(later(1)).unwrap()
            });
        }
    });
    assert_eq!(desk.journal.cover_registrations(later(2)).unwrap(), 0);
    assert_eq!(desk.covered(), all);
}

fn a_keeper_that_begins_again_covers_no_registration_twice(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    for round in 0..6_i64 {
        register(&desk, &mut all, round * 25, 2);
        let keeper = Journal::new(desk.desk.clone());
        assert_eq!(keeper.cover_registrations(later(round * 25)).unwrap(), 2);
        assert_eq!(
            Journal::new(desk.desk.clone()).cover_registrations(later(round * 25)).unwrap(),
            0
        );
        assert_eq!(desk.covered(), all);
    }
    assert_eq!(position(database), "6", "two of each of the rounds that are a minute old");
}

/// As after an upgrade, or a rush: a call covers a part of them. Above many covered rows the row of a
/// late commit is looked for every ten seconds.
fn many_rows_are_covered_in_bounded_steps(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let columns = "public_id, first_name, last_name, email, email_key, created_at";
    let (id, email) = match database.backend() {
        Backend::Sqlite => ("randomblob(16)", "hex(randomblob(8))"),
        Backend::Mysql => ("RANDOM_BYTES(16)", "HEX(RANDOM_BYTES(8))"),
    };
    database.execute(&format!(
        "INSERT INTO students ({columns}) VALUES ({id}, 'a', 'b', 'c', 'c', '2026-09-01 09:00:00')"
    ));
    // Each round doubles the students: 8,192.
    for _ in 0..13 {
        database.execute(&format!(
            "INSERT INTO students ({columns}) \
             SELECT {id}, 'a', 'b', {email}, {email}, created_at FROM students"
        ));
    }
    database.execute("DELETE FROM students WHERE id = 2");
    let cover = |seconds| desk.journal.cover_registrations(later(seconds)).unwrap();
    assert_eq!([cover(1), cover(2), cover(3)], [5_000, 3_191, 0]);
    let sizes: Vec<_> = desk.entries().iter().map(|row| row.entry.members.len()).collect();
    assert!(sizes.iter().all(|size| *size <= 256), "{sizes:?}");
    database.execute(&format!(
        "INSERT INTO students (id, {columns}) \
         VALUES (2, '0123456789abcdef', 'a', 'b', 'd', 'd', '2026-09-01 09:00:00')"
    ));
    assert_eq!([cover(4), cover(14), cover(15)], [0, 1, 0]);
    assert_eq!(position(database), "0");
    assert_eq!([cover(75), cover(76)], [0, 0]);
    let max = database.query_column("SELECT CAST(MAX(id) AS CHAR) AS value FROM students");
    assert_eq!(position(database), max[0]);
    let ids = desk.covered();
    assert!(ids.len() == 8_192 && ids.is_sorted_by(|one, next| one < next), "each once");
}

/// Rows 6 and 7 appear where 5 and 8 are erased: their number and the sum of their ids are the same.
fn late_commits_are_covered_whatever_was_erased(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    register(&desk, &mut all, 0, 9);
    let late = |id: i64| {
        let (email, id) = (format!("late{id}@example.org"), id.to_string());
        let columns = "id, public_id, first_name, last_name, email, email_key, created_at";
        database.execute(&format!(
            "INSERT INTO students ({columns}) VALUES ({id}, '0123456789abcde{id}', 'a', 'b', \
             '{email}', '{email}', '2026-09-01 09:00:00')"
        ));
    };
    database.execute("DELETE FROM students WHERE id IN (6, 7)");
    let cover = |seconds| desk.journal.cover_registrations(later(seconds)).unwrap();
    assert_eq!([cover(1), cover(2)], [7, 0]);
    database.execute("DELETE FROM students WHERE id IN (5, 8)");
    late(6);
    late(7);
    assert_eq!(cover(30), 0, "not seen yet");
    assert_eq!([cover(75), cover(90)], [2, 0], "before the position moves past them");
    assert_eq!(position(database), "9");
    assert_eq!(desk.covered().len(), 9);
}

fn students_of_the_office_get_no_entry(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    desk.insert(&record(200, "one@example.org"));
    register(&desk, &mut all, 0, 2);
    desk.insert(&record(201, "two@example.org"));
    assert_eq!(desk.journal.cover_registrations(later(1)).unwrap(), 2);
    assert_eq!(desk.journal.cover_registrations(later(61)).unwrap(), 0);
    assert_eq!((desk.covered(), position(database)), (all, "4".to_owned()));
}

fn nothing_to_do_writes_nothing(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    register(&desk, &mut all, 0, 3);
    desk.index_all(now());
    desk.index_all(later(61));
    let state = || {
        let revision = "SELECT CAST(revision AS CHAR) AS value FROM consumers ORDER BY name";
        let sealed = "SELECT CAST(seq AS CHAR) AS value FROM journal_seals";
        [database.query_column(revision), database.query_column(sealed)].concat()
    };
    let before = state();
    let ((), captured) = capture(|| {
        for seconds in [62, 3_600, 86_400] {
            desk.index_all(later(seconds));
            assert_eq!((desk.journal.unsealed().unwrap(), desk.indexer.lag().unwrap()), (0, 0));
        }
    });
    assert_eq!(state(), before);
    let statements = captured.spans.iter().filter(|span| span.kind == "client").count();
    assert_eq!(statements, 0, "polling is not traced");
}

fn a_late_commit_is_covered(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    register(&desk, &mut all, 0, 2);
    let late = database.lock_email("late@example.org");
    register(&desk, &mut all, 30, 2);
    let cover = |seconds| desk.journal.cover_registrations(later(seconds)).unwrap();
    assert_eq!((cover(30), cover(31)), (4, 0));
    assert_eq!((cover(61), position(database)), (0, "2".to_owned()));
    late.commit();
    assert_eq!((cover(62), cover(63)), (1, 0));
    assert_eq!((desk.covered().len(), cover(91)), (5, 0));
    assert_eq!(position(database), "5");
}

fn a_late_commit_is_covered_by_a_new_keeper(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut all = Vec::new();
    let late = database.lock_email("late@example.org");
    register(&desk, &mut all, 30, 2);
    assert_eq!(desk.journal.cover_registrations(later(30)).unwrap(), 2);
    late.commit();
    let other = Journal::new(desk.desk.clone());
    assert_eq!(other.cover_registrations(later(60)).unwrap(), 1);
    assert_eq!(desk.journal.cover_registrations(later(61)).unwrap(), 0);
    assert_eq!(desk.covered().len(), 3);
}
