//! A registration that is repeated with its key is stored once.

use std::{sync::Barrier, thread};

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_contract::fixtures::{form, keyed, now, other_value, student, student_at};
use registration_domain::{
    ApplicantForm, Field, IdempotencyKey,
    InsertOutcome::{self, AlreadyRegistered, Created, KeyReused, Replayed},
    RawField, Readiness as _, RegistrationStore as _, Student,
};
use registration_persistence::{Database, DatabaseUrl};
use registration_testkit::{Backend, TestDatabase, on_every_backend, on_mysql};

use crate::support::{OPTIONS, Store};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_repetition_is_replayed,
        a_replay_does_not_depend_on_the_current_row,
        a_key_without_a_fingerprint_is_replayed,
        a_key_belongs_to_one_request,
        a_key_is_stored_with_its_student_or_not_at_all,
        a_key_expires,
        a_key_is_deleted_with_its_student,
        a_key_whose_student_is_missing_can_be_used_again,
        many_expired_keys_are_deleted,
        one_of_many_requests_with_an_expired_key_is_created,
        one_of_many_requests_with_one_key_is_created,
    ];
    trials.extend(on_mysql![the_documented_rights_suffice]);
    trials
}

/// A student with this address, who comes at this time.
fn student_later(now: DateTime<Utc>, number: u8, email: &str) -> Student {
    student_at(now, number, &form(email))
}

fn keys(database: &TestDatabase) -> usize {
    database.query_column("SELECT 'key' AS value FROM idempotency_keys").len()
}

fn a_repetition_is_replayed(database: &TestDatabase) {
    let store = Store::new(database);
    let first = student(1, "Zoe@Example.org");
    assert_eq!(store.insert(keyed(&first, "one")), Created);
    let later = first.created_at() + TimeDelta::hours(23);
    let again = student_later(later, 2, "Zoe@Example.org");
    assert_eq!(store.insert(keyed(&again, "one")), Replayed(first));
    assert_eq!(database.emails(), ["Zoe@Example.org"]);
}

/// Gives a field another valid value.
fn change(form: &mut ApplicantForm, field: Field) {
    *form.get_mut(field) = RawField::from(other_value(field));
}

/// The row may be edited between a request and its repetition.
fn a_replay_does_not_depend_on_the_current_row(database: &TestDatabase) {
    let store = Store::new(database);
    for (number, field) in (1..).zip(Field::ALL) {
        let sent = form(&format!("zoe{number}@example.org"));
        let first = student_at(now(), number, &sent);
        assert_eq!(store.insert(keyed(&first, field.as_str())), Created);
        let edited = other_value(field);
        database.execute(&match field {
            Field::Email => format!(
                "UPDATE students SET email = '{edited}', email_key = '{edited}' WHERE email = '{}'",
                first.applicant().email.as_str()
            ),
            Field::FirstName | Field::LastName => {
                format!("UPDATE students SET {field} = '{edited}'")
            }
        });
        let repeat = |form| store.insert(keyed(&student_at(now(), 100, &form), field.as_str()));
        assert_eq!(repeat(sent.clone()), Replayed(first), "{field}");
        for other in Field::ALL {
            let mut changed = sent.clone();
            change(&mut changed, other);
            assert_eq!(repeat(changed), KeyReused, "{other} beside an edited {field}");
        }
    }
}

/// As stored by a version without fingerprints, before the migration or beside this version.
fn a_key_without_a_fingerprint_is_replayed(database: &TestDatabase) {
    let store = Store::new(database);
    let sent = form("zoe@example.org");
    let first = student_at(now(), 1, &sent);
    assert_eq!(store.insert(keyed(&first, "one")), Created);
    database.execute("UPDATE idempotency_keys SET fingerprint = NULL");
    for field in Field::ALL {
        let mut other = sent.clone();
        change(&mut other, field);
        let other = store.insert(keyed(&student_at(now(), 2, &other), "one"));
        assert_eq!(other, KeyReused, "{field}");
    }
    assert_eq!(store.insert(keyed(&student_at(now(), 3, &sent), "one")), Replayed(first));
}

fn a_key_belongs_to_one_request(database: &TestDatabase) {
    let store = Store::new(database);
    assert_eq!(store.insert(keyed(&student(1, "a@example.org"), "one")), Created);
    for other in [student(2, "b@example.org"), student(3, "A@example.org")] {
        assert_eq!(store.insert(keyed(&other, "one")), KeyReused);
    }
    assert_eq!(store.insert(keyed(&student(5, "a@example.org"), "ONE")), AlreadyRegistered);
    for field in Field::ALL {
        let mut other = form("a@example.org");
        change(&mut other, field);
        let other = student_at(now(), 4, &other);
        assert_eq!(store.insert(keyed(&other, "one")), KeyReused, "{field}");
    }
    assert_eq!(store.insert_student(&student(6, "a@example.org")), AlreadyRegistered);
    assert_eq!(database.emails(), ["a@example.org"]);
    assert_eq!(keys(database), 1);
}

/// Filling the table with keys costs a registration each.
fn a_key_is_stored_with_its_student_or_not_at_all(database: &TestDatabase) {
    let store = Store::new(database);
    assert_eq!(store.insert_student(&student(1, "a@example.org")), Created);
    for number in 2..50 {
        let again = keyed(&student(number, "a@example.org"), &number.to_string());
        assert_eq!(store.insert(again), AlreadyRegistered);
    }
    assert_eq!(keys(database), 0);
    assert_eq!(store.insert(keyed(&student(50, "b@example.org"), &"k".repeat(255))), Created);
    assert_eq!((keys(database), database.emails().len()), (1, 2));
}

fn a_key_expires(database: &TestDatabase) {
    let store = Store::new(database);
    let first = student(1, "a@example.org");
    let end = first.created_at() + IdempotencyKey::LIFETIME;
    assert_eq!(store.insert(keyed(&first, "one")), Created);
    let just_in_time = student_later(end - TimeDelta::microseconds(1), 2, "b@example.org");
    assert_eq!(store.insert(keyed(&just_in_time, "one")), KeyReused);
    // Expired, though not deleted.
    assert_eq!(
        store.insert(keyed(&student_later(end, 3, "a@example.org"), "one")),
        AlreadyRegistered
    );
    assert_eq!(store.insert(keyed(&student_later(end, 4, "b@example.org"), "one")), Created);

    let deleted = |cutoff| store.registrations.delete_expired_keys(cutoff).unwrap();
    assert_eq!(deleted(end - TimeDelta::microseconds(1)), 0);
    assert_eq!(deleted(end), 1);
    assert_eq!(keys(database), 0);
    assert_eq!(database.emails(), ["a@example.org", "b@example.org"]);
}

fn a_key_is_deleted_with_its_student(database: &TestDatabase) {
    let store = Store::new(database);
    let zoe = student(1, "a@example.org");
    assert_eq!(store.insert(keyed(&zoe, "one")), Created);
    database.execute("DELETE FROM students");
    assert_eq!(keys(database), 0);
    assert_eq!(store.insert(keyed(&zoe, "one")), Created);
}

/// Foreign keys can be turned off, as the shell of SQLite does.
fn a_key_whose_student_is_missing_can_be_used_again(database: &TestDatabase) {
    let store = Store::new(database);
    let zoe = student(1, "a@example.org");
    assert_eq!(store.insert(keyed(&zoe, "one")), Created);
    let off = match database.backend() {
        Backend::Sqlite => "PRAGMA foreign_keys = OFF",
        Backend::Mysql => "SET foreign_key_checks = 0",
    };
    database.execute(&format!("{off}; DELETE FROM students"));
    assert_eq!(keys(database), 1);
    assert_eq!(store.insert(keyed(&student(2, "a@example.org"), "one")), Created);
    assert_eq!(keys(database), 1);
}

fn many_expired_keys_are_deleted(database: &TestDatabase) {
    let store = Store::new(database);
    let first = student(1, "a@example.org");
    store.insert(keyed(&first, "one"));
    let columns = "public_id, first_name, last_name, email, email_key, created_at";
    let (hash, id, before) = match database.backend() {
        Backend::Sqlite => ("randomblob(32)", "randomblob(16)", "datetime(created_at, '-1 day')"),
        Backend::Mysql => {
            ("RANDOM_BYTES(32)", "RANDOM_BYTES(16)", "created_at - INTERVAL id SECOND")
        }
    };
    // Each round doubles the students: 4,096 with their keys.
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
        "DELETE FROM idempotency_keys; INSERT INTO idempotency_keys \
         SELECT {hash}, public_id, {before}, {hash} FROM students"
    ));
    assert_eq!(keys(database), 4096);
    assert_eq!(store.registrations.delete_expired_keys(first.created_at()).unwrap(), 4096);
    assert_eq!(keys(database), 0);
}

fn one_of_many_requests_with_an_expired_key_is_created(database: &TestDatabase) {
    let before = Store::new(database);
    let old = student(100, "before@example.org");
    assert_eq!(before.insert(keyed(&old, "one")), Created);
    let later = old.created_at() + IdempotencyKey::LIFETIME;
    let outcomes = at_once(database, |number| student_later(later, number, "z@example.org"));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Created).count(), 1, "{outcomes:?}");
    let replayed = outcomes.iter().filter(|outcome| matches!(outcome, Replayed(_))).count();
    assert_eq!(replayed, 15, "{outcomes:?}");
}

fn one_of_many_requests_with_one_key_is_created(database: &TestDatabase) {
    let outcomes = at_once(database, |number| student(number, "zoe@example.org"));
    let created = outcomes.iter().filter(|outcome| **outcome == Created).count();
    assert_eq!(created, 1);
    let ids: Vec<_> = outcomes.iter().filter_map(replayed).map(Student::id).collect();
    assert_eq!(ids.len(), 15, "{outcomes:?}");
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

/// Sends sixteen students with one key at once, each to an instance of its own.
fn at_once(database: &TestDatabase, student: impl Fn(u8) -> Student + Sync) -> Vec<InsertOutcome> {
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        let inserts: Vec<_> = (0..16)
            .map(|number| {
                let (barrier, student) = (&barrier, &student);
                scope.spawn(move || {
                    let store = Store::new(database);
                    barrier.wait();
                    store.insert(keyed(&student(number % 8), "one"))
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

/// The rights that docs/operations.md grants a service that does not migrate.
fn the_documented_rights_suffice(server_database: &TestDatabase) {
    let admin = Store::new(server_database);
    let old = student(1, "before@example.org");
    assert_eq!(admin.insert(keyed(&old, "one")), Created);
    let name = server_database.name();
    let user = format!("r{}", &name[name.len() - 12..]);
    server_database.execute(&format!(
        "CREATE USER {user} IDENTIFIED BY ''; GRANT SELECT, INSERT ON {name}.* TO {user}; \
         GRANT DELETE ON {name}.idempotency_keys TO {user}"
    ));
    let (_, server) = server_database.url().split_once('@').unwrap();
    let url: DatabaseUrl = format!("mysql://{user}@{server}").parse().unwrap();
    let database = Database::open(url, OPTIONS);
    database.check().unwrap();
    database.check_write_permission().unwrap();
    let store = Store::on(database);
    let later = old.created_at() + IdempotencyKey::LIFETIME;
    let student = |number| student_later(later, number, "a@example.org");
    assert_eq!(store.insert(keyed(&student(2), "one")), Created);
    assert_eq!(store.insert(keyed(&student(3), "two")), AlreadyRegistered);
    assert_eq!(store.registrations.delete_expired_keys(later).unwrap(), 1);
    server_database.execute(&format!("DROP USER {user}"));
}
