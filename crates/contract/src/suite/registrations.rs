//! Registrations are stored once, and students are found again.

use registration_domain::{
    Field,
    InsertOutcome::{AlreadyRegistered, Created},
    RawField,
};

use super::{Case, count, insert, insert_at_once};
use crate::{
    Subject,
    fixtures::{form, keyless, now, student, student_at},
    wait, wait_all,
};

pub(super) const CASES: &[Case] = &[
    ("a_store_is_ready", a_store_is_ready),
    ("a_student_is_found_by_its_id", a_student_is_found_by_its_id),
    ("an_address_registers_once_in_any_case", an_address_registers_once_in_any_case),
    ("one_of_many_concurrent_students_registers", one_of_many_concurrent_students_registers),
    ("concurrent_inserts_have_their_own_outcomes", concurrent_inserts_have_their_own_outcomes),
    ("names_of_every_script_are_stored", names_of_every_script_are_stored),
    ("the_longest_values_fit", the_longest_values_fit),
    ("an_insert_dropped_before_it_begins_is_cancelled", a_dropped_insert_is_cancelled),
    ("another_student_with_the_same_id_is_an_error", another_student_with_the_same_id),
];

fn a_store_is_ready(subject: &dyn Subject) {
    subject.readiness().check().expect("ready");
}

fn a_student_is_found_by_its_id(subject: &dyn Subject) {
    let (zoe, unknown) = (student(1, "zoe@example.org"), student(2, "zoe@example.org"));
    assert_eq!(insert(subject, keyless(&zoe)), Created);
    let registered_at = |id| subject.students().registered_at(id).expect("an answer");
    assert_eq!(registered_at(zoe.id()), Some(zoe.created_at()));
    assert_eq!(registered_at(unknown.id()), None);
}

fn an_address_registers_once_in_any_case(subject: &dyn Subject) {
    let insert = |number, email| insert(subject, keyless(&student(number, email)));
    assert_eq!(insert(1, "Zoe@Example.org"), Created);
    assert_eq!(insert(2, "Zoe@Example.org"), AlreadyRegistered);
    assert_eq!(insert(3, "zOE@eXAMPLE.ORG"), AlreadyRegistered);
    assert_eq!(insert(4, "zoe@example.com"), Created);
}

fn one_of_many_concurrent_students_registers(subject: &dyn Subject) {
    let outcomes = insert_at_once(subject, |number| keyless(&student(number, "zoe@example.org")));
    assert_eq!((count(&outcomes, &Created), count(&outcomes, &AlreadyRegistered)), (1, 15));
}

fn concurrent_inserts_have_their_own_outcomes(subject: &dyn Subject) {
    assert_eq!(insert(subject, keyless(&student(0, "old@example.org"))), Created);
    let student = |number| match number % 3 {
        0 => student(number, "OLD@example.org"),
        _ => student(number, &format!("n{number}@example.org")),
    };
    let inserts = (1..=30).map(|number| subject.registrations().insert(keyless(&student(number))));
    for (number, outcome) in (1..).zip(wait_all(inserts)) {
        let expected = if number % 3 == 0 { AlreadyRegistered } else { Created };
        assert_eq!(outcome.expect("an outcome"), expected, "{number}");
    }
}

fn names_of_every_script_are_stored(subject: &dyn Subject) {
    let names =
        ["O’Neil", "李", "Nguyễn Văn", "محمد", "ก็", "Ann 🌸", "Robert'); DROP TABLE students;--"];
    for (number, name) in (1..).zip(names) {
        let mut form = form(&format!("n{number}@example.org"));
        *form.get_mut(Field::FirstName) = RawField::from(name);
        *form.get_mut(Field::LastName) = RawField::from(name);
        assert_eq!(insert(subject, keyless(&student_at(now(), number, &form))), Created, "{name}");
    }
}

fn the_longest_values_fit(subject: &dyn Subject) {
    let name = "🌸".repeat(99) + "a";
    let domain = format!("{0}.{0}.{0}.org", "d".repeat(60));
    let email = format!("{}@{domain}", "l".repeat(254 - 1 - domain.len()));
    let mut form = form(&email);
    *form.get_mut(Field::FirstName) = RawField::from(name.as_str());
    *form.get_mut(Field::LastName) = RawField::from(name.as_str());
    assert_eq!(insert(subject, keyless(&student_at(now(), 1, &form))), Created);
}

fn a_dropped_insert_is_cancelled(subject: &dyn Subject) {
    let zoe = student(1, "zoe@example.org");
    drop(subject.registrations().insert(keyless(&zoe)));
    // Either the insert was cancelled, or the store had begun it; the address is stored once.
    let again = insert(subject, keyless(&student(2, "zoe@example.org")));
    let begun = subject.students().registered_at(zoe.id()).expect("an answer").is_some();
    assert_eq!(again, if begun { AlreadyRegistered } else { Created });
}

fn another_student_with_the_same_id(subject: &dyn Subject) {
    assert_eq!(insert(subject, keyless(&student(1, "zoe@example.org"))), Created);
    assert!(wait(subject.registrations().insert(keyless(&student(1, "eve@example.org")))).is_err());
}
