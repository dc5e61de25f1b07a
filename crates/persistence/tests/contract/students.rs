//! Students are stored once, whole, and found again.

use std::{sync::Barrier, thread};

use libtest_mimic::Trial;
use registration_domain::{
    InsertOutcome::{AlreadyRegistered, Created},
    StudentRepository,
};
use registration_testkit::{TestDatabase, on_every_backend};

use crate::support::{insert, named, student, students};

pub(crate) fn trials() -> Vec<Trial> {
    let trials = on_every_backend![
        a_student_is_found_as_registered,
        an_unknown_id_finds_nobody,
        an_address_registers_once_in_any_case,
        a_batch_answers_for_each_and_a_duplicate_fails_alone,
        of_many_at_once_with_one_address_one_is_created,
        names_of_every_script_survive,
        the_longest_values_fit,
    ];
    trials
}

fn a_student_is_found_as_registered(database: &TestDatabase) {
    let students = students(database);
    let zoe = student(1, "Zoe@Example.org");
    assert_eq!(insert(&students, std::slice::from_ref(&zoe)), [Created]);
    assert_eq!(students.registered_at(zoe.id()).unwrap(), Some(zoe.created_at()));
    assert_eq!(stored(database), ["Zoë|Brontë|Zoe@Example.org|zoe@example.org"]);
}

/// What is in the table, a line a student, in the order of arrival.
fn stored(database: &TestDatabase) -> Vec<String> {
    let columns = ["first_name", "last_name", "email", "email_key"].map(|column| {
        database.query_column(&format!("SELECT {column} AS value FROM students ORDER BY id"))
    });
    (0..columns[0].len()).map(|row| columns.each_ref().map(|c| c[row].clone()).join("|")).collect()
}

fn an_unknown_id_finds_nobody(database: &TestDatabase) {
    let nobody = student(1, "a@example.org").id();
    assert_eq!(students(database).registered_at(nobody).unwrap(), None);
}

fn an_address_registers_once_in_any_case(database: &TestDatabase) {
    let students = students(database);
    let insert = |number, email| insert(&students, &[student(number, email)]);
    assert_eq!(insert(1, "Zoe@Example.org"), [Created]);
    assert_eq!(insert(2, "Zoe@Example.org"), [AlreadyRegistered]);
    assert_eq!(insert(3, "zOE@eXAMPLE.ORG"), [AlreadyRegistered]);
    assert_eq!(insert(4, "zoe@example.com"), [Created]);
    assert_eq!(database.emails(), ["zoe@example.com", "Zoe@Example.org"]);
}

fn a_batch_answers_for_each_and_a_duplicate_fails_alone(database: &TestDatabase) {
    let students = students(database);
    let batch = [
        student(1, "a@example.org"),
        student(2, "b@example.org"),
        student(3, "A@example.org"),
        student(4, "c@example.org"),
    ];
    assert_eq!(insert(&students, &batch), [Created, Created, AlreadyRegistered, Created]);
    assert_eq!(insert(&students, &[]), []);
    assert_eq!(database.emails(), ["a@example.org", "b@example.org", "c@example.org"]);
}

fn of_many_at_once_with_one_address_one_is_created(database: &TestDatabase) {
    let together = Barrier::new(16);
    let created = thread::scope(|scope| {
        let inserts: Vec<_> = (0..16)
            .map(|number| {
                let together = &together;
                scope.spawn(move || {
                    let students = students(database);
                    together.wait();
                    insert(&students, &[student(number, "zoe@example.org")]).remove(0)
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

fn names_of_every_script_survive(database: &TestDatabase) {
    let students = students(database);
    let names =
        ["O’Neil", "李", "Nguyễn Văn", "محمد", "ก็", "Ann 🌸", "Robert'); DROP TABLE students;--"];
    for (number, name) in (1..).zip(names) {
        let student = named(number, name, name, &format!("n{number}@example.org"));
        assert_eq!(insert(&students, std::slice::from_ref(&student)), [Created]);
        let email = student.registration().email.as_str();
        assert_eq!(stored(database).pop().unwrap(), format!("{name}|{name}|{email}|{email}"));
    }
}

fn the_longest_values_fit(database: &TestDatabase) {
    let students = students(database);
    let name = "🌸".repeat(99) + "a";
    let domain = format!("{0}.{0}.{0}.org", "d".repeat(60));
    let email = format!("{}@{domain}", "l".repeat(254 - 1 - domain.len()));
    let student = named(1, &name, &name, &email);
    assert_eq!(insert(&students, std::slice::from_ref(&student)), [Created]);
    assert_eq!(stored(database), [format!("{name}|{name}|{email}|{email}")]);
}
