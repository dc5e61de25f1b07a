//! A registration that is sent again under its key is stored once.

use std::{sync::Barrier, thread};

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_domain::{
    IdempotencyKey,
    InsertOutcome::{self, AlreadyRegistered, Created, KeyReused, Replayed},
    Student, StudentRepository, Submission,
};
use registration_persistence::{Database, DatabaseUrl, Students};
use registration_testkit::{Backend, TestDatabase, on_every_backend, on_mysql};

use crate::support::{
    OPTIONS, WRITES, insert, insert_all, keyed, named, named_at, student, students,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_repetition_is_answered_with_whom_it_registered,
        a_key_stands_for_one_registration,
        a_key_is_stored_with_its_student_or_not_at_all,
        a_key_is_forgotten_in_time,
        a_key_goes_with_its_student,
        a_key_whose_student_was_taken_away_stands_for_nobody,
        many_old_keys_are_forgotten,
        of_many_at_once_with_an_old_key_one_is_created,
        of_many_at_once_with_one_key_one_is_created,
    ];
    trials.extend(on_mysql![the_documented_rights_suffice]);
    trials
}

fn send(students: &Students, submission: Submission) -> InsertOutcome {
    insert_all(students, [submission]).remove(0).unwrap()
}

fn keys(database: &TestDatabase) -> usize {
    database.query_column("SELECT 'key' AS value FROM idempotency_keys").len()
}

fn a_repetition_is_answered_with_whom_it_registered(database: &TestDatabase) {
    let students = students(database);
    let first = student(1, "Zoe@Example.org");
    assert_eq!(send(&students, keyed(&first, "one")), Created);
    let later = first.created_at() + TimeDelta::hours(23);
    let again = named_at(later, 2, ["Zoë", "Brontë", "Zoe@Example.org"]);
    assert_eq!(send(&students, keyed(&again, "one")), Replayed(first));
    assert_eq!(database.emails(), ["Zoe@Example.org"]);
}

fn a_key_stands_for_one_registration(database: &TestDatabase) {
    let students = students(database);
    assert_eq!(send(&students, keyed(&student(1, "a@example.org"), "one")), Created);
    for other in [
        student(2, "b@example.org"),
        student(3, "A@example.org"),
        named(4, "Zoe", "Brontë", "a@example.org"),
    ] {
        assert_eq!(send(&students, keyed(&other, "one")), KeyReused);
    }
    assert_eq!(send(&students, keyed(&student(5, "a@example.org"), "ONE")), AlreadyRegistered);
    assert_eq!(insert(&students, &[student(6, "a@example.org")]), [AlreadyRegistered]);
    assert_eq!(database.emails(), ["a@example.org"]);
    assert_eq!(keys(database), 1);
}

/// So that nobody fills the table for less than a registration each.
fn a_key_is_stored_with_its_student_or_not_at_all(database: &TestDatabase) {
    let students = students(database);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
    for number in 2..50 {
        let again = keyed(&student(number, "a@example.org"), &number.to_string());
        assert_eq!(send(&students, again), AlreadyRegistered);
    }
    assert_eq!(keys(database), 0);
    assert_eq!(send(&students, keyed(&student(50, "b@example.org"), &"k".repeat(255))), Created);
    assert_eq!((keys(database), database.emails().len()), (1, 2));
}

fn a_key_is_forgotten_in_time(database: &TestDatabase) {
    let students = students(database);
    let first = student(1, "a@example.org");
    let end = first.created_at() + IdempotencyKey::LIFETIME;
    let at = |now: DateTime<Utc>, number, email| named_at(now, number, ["Zoë", "Brontë", email]);
    assert_eq!(send(&students, keyed(&first, "one")), Created);
    let just_in_time = at(end - TimeDelta::microseconds(1), 2, "b@example.org");
    assert_eq!(send(&students, keyed(&just_in_time, "one")), KeyReused);
    // Its time has passed, though nobody has cleared it away.
    assert_eq!(send(&students, keyed(&at(end, 3, "a@example.org"), "one")), AlreadyRegistered);
    assert_eq!(send(&students, keyed(&at(end, 4, "b@example.org"), "one")), Created);

    let cleared = |limit| students.forget_keys(limit).unwrap();
    assert_eq!(cleared(end - TimeDelta::microseconds(1)), 0);
    assert_eq!(cleared(end), 1);
    assert_eq!(keys(database), 0);
    assert_eq!(database.emails(), ["a@example.org", "b@example.org"]);
}

fn a_key_goes_with_its_student(database: &TestDatabase) {
    let students = students(database);
    let zoe = student(1, "a@example.org");
    assert_eq!(send(&students, keyed(&zoe, "one")), Created);
    database.execute("DELETE FROM students");
    assert_eq!(keys(database), 0);
    assert_eq!(send(&students, keyed(&zoe, "one")), Created);
}

/// By somebody who has turned references off, as the shell of SQLite does.
fn a_key_whose_student_was_taken_away_stands_for_nobody(database: &TestDatabase) {
    let students = students(database);
    let zoe = student(1, "a@example.org");
    assert_eq!(send(&students, keyed(&zoe, "one")), Created);
    let off = match database.backend() {
        Backend::Sqlite => "PRAGMA foreign_keys = OFF",
        Backend::Mysql => "SET foreign_key_checks = 0",
    };
    database.execute(&format!("{off}; DELETE FROM students"));
    assert_eq!(keys(database), 1);
    assert_eq!(send(&students, keyed(&student(2, "a@example.org"), "one")), Created);
    assert_eq!(keys(database), 1);
}

fn many_old_keys_are_forgotten(database: &TestDatabase) {
    let students = students(database);
    let first = student(1, "a@example.org");
    send(&students, keyed(&first, "one"));
    let columns = "public_id, first_name, last_name, email, email_key, created_at";
    let (hash, id, before) = match database.backend() {
        Backend::Sqlite => ("randomblob(32)", "randomblob(16)", "datetime(created_at, '-1 day')"),
        Backend::Mysql => {
            ("RANDOM_BYTES(32)", "RANDOM_BYTES(16)", "created_at - INTERVAL id SECOND")
        }
    };
    // Doubles: 4,096 students and their keys.
    for _ in 0..12 {
        database.execute(&format!(
            "INSERT INTO students ({columns}) SELECT {id}, 'a', 'b', {columns_of_email}, created_at FROM students",
            columns_of_email = match database.backend() {
                Backend::Sqlite => "hex(randomblob(8)), hex(randomblob(8))",
                Backend::Mysql => "HEX(RANDOM_BYTES(8)), HEX(RANDOM_BYTES(8))",
            }
        ));
    }
    database.execute(&format!(
        "DELETE FROM idempotency_keys; INSERT INTO idempotency_keys SELECT {hash}, public_id, {before} FROM students"
    ));
    assert_eq!(keys(database), 4096);
    assert_eq!(students.forget_keys(first.created_at()).unwrap(), 4096);
    assert_eq!(keys(database), 0);
}

fn of_many_at_once_with_an_old_key_one_is_created(database: &TestDatabase) {
    let before = students(database);
    let old = student(100, "before@example.org");
    assert_eq!(send(&before, keyed(&old, "one")), Created);
    let later = old.created_at() + IdempotencyKey::LIFETIME;
    let outcomes =
        at_once(database, |number| named_at(later, number, ["Zoë", "B", "z@example.org"]));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Created).count(), 1, "{outcomes:?}");
    let replayed = outcomes.iter().filter(|outcome| matches!(outcome, Replayed(_))).count();
    assert_eq!(replayed, 15, "{outcomes:?}");
}

fn of_many_at_once_with_one_key_one_is_created(database: &TestDatabase) {
    let outcomes = at_once(database, |number| student(number, "zoe@example.org"));
    let created = outcomes.iter().filter(|outcome| **outcome == Created).count();
    assert_eq!(created, 1);
    let ids: Vec<_> = outcomes.iter().filter_map(replayed).map(Student::id).collect();
    assert_eq!(ids.len(), 15, "{outcomes:?}");
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

/// Sends sixteen students with one key at once, each through an instance of its own.
fn at_once(database: &TestDatabase, student: impl Fn(u8) -> Student + Sync) -> Vec<InsertOutcome> {
    let together = Barrier::new(16);
    thread::scope(|scope| {
        let inserts: Vec<_> = (0..16)
            .map(|number| {
                let (together, student) = (&together, &student);
                scope.spawn(move || {
                    let students = students(database);
                    together.wait();
                    send(&students, keyed(&student(number % 8), "one"))
                })
            })
            .collect();
        inserts.into_iter().map(|insert| insert.join().unwrap()).collect()
    })
}

fn replayed(outcome: &InsertOutcome) -> Option<&Student> {
    match outcome {
        Replayed(student) => Some(student),
        _ => None,
    }
}

/// Those that docs/operations.md gives a service that does not migrate.
fn the_documented_rights_suffice(server_database: &TestDatabase) {
    let admin = students(server_database);
    let old = student(1, "before@example.org");
    assert_eq!(send(&admin, keyed(&old, "one")), Created);
    let name = server_database.name();
    let user = format!("r{}", &name[name.len() - 12..]);
    server_database.execute(&format!(
        "CREATE USER {user} IDENTIFIED BY ''; GRANT SELECT, INSERT ON {name}.* TO {user}; \
         GRANT DELETE ON {name}.idempotency_keys TO {user}"
    ));
    let (_, server) = server_database.url().split_once('@').unwrap();
    let url: DatabaseUrl = format!("mysql://{user}@{server}").parse().unwrap();
    let database = Database::open(url, OPTIONS);
    database.check_readiness().unwrap();
    database.try_write().unwrap();
    let students = Students::new(database, WRITES);
    let later = old.created_at() + IdempotencyKey::LIFETIME;
    let named = |number| named_at(later, number, ["Zoë", "B", "a@example.org"]);
    assert_eq!(send(&students, keyed(&named(2), "one")), Created);
    assert_eq!(send(&students, keyed(&named(3), "two")), AlreadyRegistered);
    assert_eq!(students.forget_keys(later).unwrap(), 1);
    server_database.execute(&format!("DROP USER {user}"));
}
