//! A registration that is sent again under its key is stored once.

use std::{sync::Barrier, thread};

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_domain::{
    IdempotencyKey,
    InsertOutcome::{self, AlreadyRegistered, Created, KeyReused, Replayed},
    Student, StudentRepository, Submission,
};
use registration_persistence::Students;
use registration_testkit::{TestDatabase, on_every_backend};

use crate::support::{insert, keyed, named, named_at, student, students};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_repetition_is_answered_with_whom_it_registered,
        a_key_stands_for_one_registration,
        a_key_is_stored_with_its_student_or_not_at_all,
        a_key_is_forgotten_in_time,
        a_key_goes_with_its_student,
        of_many_at_once_with_one_key_one_is_created,
    ]
}

fn send(students: &Students, submission: Submission) -> InsertOutcome {
    students.insert(&[submission]).remove(0).unwrap()
}

fn keys(database: &TestDatabase) -> usize {
    database.texts("SELECT 'key' AS value FROM idempotency_keys").len()
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

fn of_many_at_once_with_one_key_one_is_created(database: &TestDatabase) {
    let first = students(database);
    // Two pools, as two instances have.
    let second = students(database);
    let together = Barrier::new(16);
    let outcomes: Vec<InsertOutcome> = thread::scope(|scope| {
        let inserts: Vec<_> = [&first, &second]
            .into_iter()
            .flat_map(|students| (0..8).map(move |number| (students, number)))
            .map(|(students, number)| {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    send(students, keyed(&student(number, "zoe@example.org"), "one"))
                })
            })
            .collect();
        inserts.into_iter().map(|insert| insert.join().unwrap()).collect()
    });
    let created = outcomes.iter().filter(|outcome| **outcome == Created).count();
    assert_eq!(created, 1);
    let ids: Vec<_> = outcomes.iter().filter_map(replayed).map(Student::id).collect();
    assert_eq!(ids.len(), 15, "{outcomes:?}");
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn replayed(outcome: &InsertOutcome) -> Option<&Student> {
    match outcome {
        Replayed(student) => Some(student),
        _ => None,
    }
}
