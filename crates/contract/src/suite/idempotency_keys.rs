//! A registration that is repeated with its key is stored once.

use chrono::TimeDelta;
use registration_domain::{
    Field, IdempotencyKey,
    InsertOutcome::{AlreadyRegistered, Created, KeyReused, Replayed},
    RawField,
};

use super::{Case, count, count_registered, insert, insert_at_once, is_registered};
use crate::{
    Subject,
    fixtures::{form, keyed, keyless, now, other_value, student, student_at},
};

pub(super) const CASES: &[Case] = &[
    ("a_repetition_is_replayed", a_repetition_is_replayed),
    ("a_request_that_differs_in_any_field_is_a_misuse", a_request_that_differs_is_a_misuse),
    ("a_key_is_case_sensitive", a_key_is_case_sensitive),
    ("a_key_is_stored_with_its_student_or_not_at_all", a_key_is_stored_with_its_student),
    ("a_key_expires", a_key_expires),
    ("one_of_many_concurrent_repetitions_is_created", one_of_many_repetitions_is_created),
    ("one_of_many_requests_with_an_expired_key_is_created", one_with_an_expired_key_is_created),
];

fn a_repetition_is_replayed(subject: &dyn Subject) {
    let form = form("Zoe@Example.org");
    let first = student_at(now(), 1, &form);
    let repeated = student_at(now() + TimeDelta::hours(23), 2, &form);
    assert_eq!(insert(subject, keyed(&first, "one")), Created);
    assert_eq!(insert(subject, keyed(&repeated, "one")), Replayed(first));
    assert!(!is_registered(subject, &repeated));
}

fn a_request_that_differs_is_a_misuse(subject: &dyn Subject) {
    let first = form("zoe@example.org");
    assert_eq!(insert(subject, keyed(&student_at(now(), 1, &first), "one")), Created);
    for field in Field::ALL {
        let mut other = first.clone();
        *other.get_mut(field) = RawField::from(other_value(field));
        let reused = insert(subject, keyed(&student_at(now(), 2, &other), "one"));
        assert_eq!(reused, KeyReused, "{field}");
    }
    let other_case = insert(subject, keyed(&student(3, "Zoe@example.org"), "one"));
    assert_eq!(other_case, KeyReused);
    assert_eq!(insert(subject, keyless(&student(4, "zoe@example.org"))), AlreadyRegistered);
    assert_eq!(insert(subject, keyless(&student(5, "another@example.org"))), Created);
}

fn a_key_is_case_sensitive(subject: &dyn Subject) {
    assert_eq!(insert(subject, keyed(&student(1, "zoe@example.org"), "one")), Created);
    let other = insert(subject, keyed(&student(2, "zoe@example.org"), "ONE"));
    assert_eq!(other, AlreadyRegistered);
}

fn a_key_is_stored_with_its_student(subject: &dyn Subject) {
    let insert = |student, key: &str| insert(subject, keyed(&student, key));
    assert_eq!(insert(student(1, "a@example.org"), "one"), Created);
    assert_eq!(insert(student(2, "a@example.org"), "two"), AlreadyRegistered);
    assert_eq!(insert(student(3, "b@example.org"), "two"), Created);
    assert_eq!(insert(student(4, "c@example.org"), &"k".repeat(255)), Created);
    let end = now() + IdempotencyKey::LIFETIME;
    assert_eq!(subject.registrations().delete_expired_keys(end).expect("an answer"), 3);
}

fn a_key_expires(subject: &dyn Subject) {
    let end = now() + IdempotencyKey::LIFETIME;
    let before = end - TimeDelta::microseconds(1);
    let at = |now, number, email| keyed(&student_at(now, number, &form(email)), "one");
    assert_eq!(insert(subject, at(now(), 1, "a@example.org")), Created);
    assert_eq!(insert(subject, at(before, 2, "b@example.org")), KeyReused);
    // Expired, though not deleted.
    assert_eq!(insert(subject, at(end, 3, "a@example.org")), AlreadyRegistered);
    assert_eq!(insert(subject, at(end, 4, "b@example.org")), Created);
    let delete = |cutoff| subject.registrations().delete_expired_keys(cutoff).expect("an answer");
    assert_eq!((delete(before), delete(end), delete(end)), (0, 1, 0));
}

fn one_of_many_repetitions_is_created(subject: &dyn Subject) {
    // Some requests repeat the student's id as well.
    let student = |number| student(number, "zoe@example.org");
    let outcomes = insert_at_once(subject, |number| keyed(&student(number % 8), "one"));
    assert_eq!(count(&outcomes, &Created), 1, "{outcomes:?}");
    let replayed: Vec<_> = outcomes.iter().filter(|one| matches!(one, Replayed(_))).collect();
    assert_eq!(replayed.len(), 15, "{outcomes:?}");
    assert!(replayed.iter().all(|one| *one == replayed[0]), "{outcomes:?}");
    assert_eq!(count_registered(subject, student), 1);
}

fn one_with_an_expired_key_is_created(subject: &dyn Subject) {
    assert_eq!(insert(subject, keyed(&student(100, "before@example.org"), "one")), Created);
    let later = now() + IdempotencyKey::LIFETIME;
    let outcomes = insert_at_once(subject, |number| {
        keyed(&student_at(later, number % 8, &form("zoe@example.org")), "one")
    });
    assert_eq!(count(&outcomes, &Created), 1, "{outcomes:?}");
    let replayed = outcomes.iter().filter(|one| matches!(one, Replayed(_))).count();
    assert_eq!(replayed, 15, "{outcomes:?}");
}
