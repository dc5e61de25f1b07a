//! Students are stored once, whole, and found again.

use std::{sync::Barrier, thread};

use libtest_mimic::Trial;
use registration_contract::{
    fixtures::{form, keyless, now, student, student_at},
    wait_all,
};
use registration_domain::{
    Field,
    InsertOutcome::{AlreadyRegistered, Created},
    RawField, RegistrationStore as _, Student, StudentRepository as _,
};
use registration_testkit::{TestDatabase, on_every_backend};

use crate::support::Store;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_student_is_found_as_registered,
        an_address_is_stored_once_in_any_case,
        one_of_many_instances_stores_an_address,
        names_of_every_script_are_stored_unchanged,
        the_longest_values_are_stored_whole,
        writer_threads_store_concurrent_inserts,
    ]
}

/// A student with this first and last name.
fn named(number: u8, name: &str, email: &str) -> Student {
    let mut form = form(email);
    *form.get_mut(Field::FirstName) = RawField::from(name);
    *form.get_mut(Field::LastName) = RawField::from(name);
    student_at(now(), number, &form)
}

fn a_student_is_found_as_registered(database: &TestDatabase) {
    let store = Store::new(database);
    let zoe = student(1, "Zoe@Example.org");
    assert_eq!(store.insert_student(&zoe), Created);
    assert_eq!(store.students.registered_at(zoe.id()).unwrap(), Some(zoe.created_at()));
    assert_eq!(stored(database), ["Zoë|Brontë|Zoe@Example.org|zoe@example.org"]);
}

/// The table's rows, a line each, in the order of their insertion.
fn stored(database: &TestDatabase) -> Vec<String> {
    let columns = ["first_name", "last_name", "email", "email_key"].map(|column| {
        database.query_column(&format!("SELECT {column} AS value FROM students ORDER BY id"))
    });
    (0..columns[0].len()).map(|row| columns.each_ref().map(|c| c[row].clone()).join("|")).collect()
}

fn an_address_is_stored_once_in_any_case(database: &TestDatabase) {
    let store = Store::new(database);
    let insert = |number, email| store.insert_student(&student(number, email));
    assert_eq!(insert(1, "Zoe@Example.org"), Created);
    assert_eq!(insert(2, "Zoe@Example.org"), AlreadyRegistered);
    assert_eq!(insert(3, "zOE@eXAMPLE.ORG"), AlreadyRegistered);
    assert_eq!(insert(4, "zoe@example.com"), Created);
    assert_eq!(database.emails(), ["zoe@example.com", "Zoe@Example.org"]);
}

fn one_of_many_instances_stores_an_address(database: &TestDatabase) {
    let barrier = Barrier::new(16);
    let created = thread::scope(|scope| {
        let inserts: Vec<_> = (0..16)
            .map(|number| {
                let barrier = &barrier;
                scope.spawn(move || {
                    let store = Store::new(database);
                    barrier.wait();
                    store.insert_student(&student(number, "zoe@example.org"))
                })
            })
            .collect();
        inserts
            .into_iter()
            .filter_map(|insert| (insert.join().unwrap() == Created).then_some(()))
            .count()
    });
    assert_eq!(created, 1);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn names_of_every_script_are_stored_unchanged(database: &TestDatabase) {
    let store = Store::new(database);
    let names =
        ["O’Neil", "李", "Nguyễn Văn", "محمد", "ก็", "Ann 🌸", "Robert'); DROP TABLE students;--"];
    for (number, name) in (1..).zip(names) {
        let email = format!("n{number}@example.org");
        assert_eq!(store.insert_student(&named(number, name, &email)), Created);
        assert_eq!(stored(database).pop().unwrap(), format!("{name}|{name}|{email}|{email}"));
    }
}

fn the_longest_values_are_stored_whole(database: &TestDatabase) {
    let store = Store::new(database);
    let name = "🌸".repeat(99) + "a";
    let domain = format!("{0}.{0}.{0}.org", "d".repeat(60));
    let email = format!("{}@{domain}", "l".repeat(254 - 1 - domain.len()));
    assert_eq!(store.insert_student(&named(1, &name, &email)), Created);
    assert_eq!(stored(database), [format!("{name}|{name}|{email}|{email}")]);
}

fn writer_threads_store_concurrent_inserts(database: &TestDatabase) {
    let store = Store::new(database);
    let student = |number| keyless(&student(number, &format!("n{number}@example.org")));
    let inserts = (1..=50).map(|number| store.registrations.insert(student(number)));
    for outcome in wait_all(inserts) {
        assert_eq!(outcome.unwrap(), Created);
    }
    assert_eq!(database.emails().len(), 50);
}
