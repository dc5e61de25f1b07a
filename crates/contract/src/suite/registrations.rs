//! Registrations are stored once, and students are found again.

use registration_domain::InsertOutcome::{AlreadyRegistered, Created};

use super::{Case, count, count_registered, insert, insert_at_once, is_registered};
use crate::{
    Subject,
    fixtures::{demanding_forms, keyless, now, student, student_at},
    wait, wait_all,
};

pub(super) const CASES: &[Case] = &[
    ("a_store_is_ready", a_store_is_ready),
    ("a_student_is_found_by_its_id", a_student_is_found_by_its_id),
    ("an_address_registers_once_in_any_case", an_address_registers_once_in_any_case),
    ("one_of_many_concurrent_students_registers", one_of_many_concurrent_students_registers),
    ("concurrent_inserts_have_their_own_outcomes", concurrent_inserts_have_their_own_outcomes),
    ("names_of_every_script_and_the_longest_values_are_accepted", demanding_values_are_accepted),
    ("an_insert_dropped_before_it_begins_is_cancelled", a_dropped_insert_is_cancelled),
    ("another_student_with_the_same_id_is_an_error", another_student_with_the_same_id),
];

fn a_store_is_ready(subject: &dyn Subject) {
    subject.readiness().check().expect("ready");
}

fn a_student_is_found_by_its_id(subject: &dyn Subject) {
    let (zoe, unknown) = (student(1, "zoe@example.org"), student(2, "zoe@example.org"));
    assert_eq!(insert(subject, keyless(&zoe)), Created);
    assert!(is_registered(subject, &zoe));
    assert!(!is_registered(subject, &unknown));
}

fn an_address_registers_once_in_any_case(subject: &dyn Subject) {
    let insert = |number, email, expected| {
        let student = student(number, email);
        assert_eq!(insert(subject, keyless(&student)), expected, "{email}");
        assert_eq!(is_registered(subject, &student), expected == Created, "{email}");
    };
    insert(1, "Zoe@Example.org", Created);
    insert(2, "Zoe@Example.org", AlreadyRegistered);
    insert(3, "zOE@eXAMPLE.ORG", AlreadyRegistered);
    insert(4, "zoe@example.com", Created);
}

fn one_of_many_concurrent_students_registers(subject: &dyn Subject) {
    let student = |number| student(number, "zoe@example.org");
    let outcomes = insert_at_once(subject, |number| keyless(&student(number)));
    assert_eq!((count(&outcomes, &Created), count(&outcomes, &AlreadyRegistered)), (1, 15));
    assert_eq!(count_registered(subject, student), 1);
}

fn concurrent_inserts_have_their_own_outcomes(subject: &dyn Subject) {
    assert_eq!(insert(subject, keyless(&student(0, "old@example.org"))), Created);
    let student = |number| match number % 3 {
        0 => student(number, "OLD@example.org"),
        _ => student(number, &format!("n{number}@example.org")),
    };
    let inserts = (1..=50).map(|number| subject.registrations().insert(keyless(&student(number))));
    for (number, outcome) in (1..).zip(wait_all(inserts)) {
        let expected = if number % 3 == 0 { AlreadyRegistered } else { Created };
        assert_eq!(outcome.expect("an outcome"), expected, "{number}");
        assert_eq!(is_registered(subject, &student(number)), expected == Created, "{number}");
    }
}

fn demanding_values_are_accepted(subject: &dyn Subject) {
    for (number, form) in (1..).zip(demanding_forms()) {
        let student = student_at(now(), number, &form);
        assert_eq!(insert(subject, keyless(&student)), Created, "{form:?}");
        assert!(is_registered(subject, &student), "{form:?}");
    }
}

fn a_dropped_insert_is_cancelled(subject: &dyn Subject) {
    let zoe = student(1, "zoe@example.org");
    drop(subject.registrations().insert(keyless(&zoe)));
    // Either the insert was cancelled, or the store had begun it; the address is stored once.
    let again = insert(subject, keyless(&student(2, "zoe@example.org")));
    let begun = is_registered(subject, &zoe);
    assert_eq!(again, if begun { AlreadyRegistered } else { Created });
}

fn another_student_with_the_same_id(subject: &dyn Subject) {
    assert_eq!(insert(subject, keyless(&student(1, "zoe@example.org"))), Created);
    assert!(wait(subject.registrations().insert(keyless(&student(1, "eve@example.org")))).is_err());
}
