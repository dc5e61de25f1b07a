//! Idempotency keys: what depends on rows, and on the rights in the database.

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_contract::fixtures::{form, keyed, now, other_value, student, student_at};
use registration_domain::{
    ApplicantForm, Field, IdempotencyKey,
    InsertOutcome::{AlreadyRegistered, Created, KeyReused, Replayed},
    RawField, Readiness as _, RegistrationStore as _,
};
use registration_persistence::{Database, DatabaseUrl};
use registration_testkit::{Backend, TestDatabase, on_every_backend, on_mysql};

use crate::support::{OPTIONS, Store};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_replay_does_not_depend_on_the_current_row,
        a_key_without_a_fingerprint_is_replayed,
        a_key_is_deleted_with_its_student,
        a_key_whose_student_is_missing_can_be_used_again,
        many_expired_keys_are_deleted,
        a_step_of_this_machines_clock_expires_no_key,
    ];
    trials.extend(on_mysql![the_documented_rights_suffice]);
    trials
}

fn keys(database: &TestDatabase) -> usize {
    database.query_column("SELECT 'key' AS value FROM idempotency_keys").len()
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
        let key =
            if field == Field::Email { format!(", email_key = '{edited}'") } else { String::new() };
        database.execute(&format!(
            "UPDATE students SET {field} = '{edited}'{key} WHERE email = '{}'",
            first.applicant().email.as_str()
        ));
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

/// The database's clock decides, not the one that a request's time and the cutoff are from.
fn a_step_of_this_machines_clock_expires_no_key(database: &TestDatabase) {
    let store = Store::new(database);
    let database_time = match database.backend() {
        Backend::Sqlite => "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS value",
        Backend::Mysql => "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ') AS value",
    };
    let now: DateTime<Utc> = database.query_column(database_time)[0].parse().unwrap();
    let form = form("zoe@example.org");
    let first = student_at(now, 1, &form);
    assert_eq!(store.insert(keyed(&first, "one")), Created);
    let stepped = now + TimeDelta::weeks(52);
    assert_eq!(store.registrations.delete_expired_keys(stepped).unwrap(), 0);
    let repeated = student_at(stepped, 2, &form);
    assert_eq!(store.insert(keyed(&repeated, "one")), Replayed(first));
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
    let student = |number| student_at(later, number, &form("a@example.org"));
    assert_eq!(store.insert(keyed(&student(2), "one")), Created);
    assert_eq!(store.insert(keyed(&student(3), "two")), AlreadyRegistered);
    assert_eq!(store.registrations.delete_expired_keys(later).unwrap(), 1);
    server_database.execute(&format!("DROP USER {user}"));
}
