//! The cases that every implementation of the ports must pass. A case panics where it does not hold.
#![expect(clippy::expect_used, clippy::panic, reason = "for tests, which fail by panicking")]

mod idempotency_keys;
mod registrations;
mod unit_of_work;

use std::{sync::Barrier, thread};

use registration_domain::{InsertOutcome, NewRegistration, Student};

use crate::{Subject, wait};

/// A name, and what to run on an empty store of its own.
pub type Case = (&'static str, fn(&dyn Subject));

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    [registrations::CASES, idempotency_keys::CASES, unit_of_work::CASES].concat()
}

/// Stores a registration, which must be possible.
fn insert(subject: &dyn Subject, registration: NewRegistration) -> InsertOutcome {
    wait(subject.registrations().insert(registration)).expect("the store answers")
}

/// Stores sixteen registrations at once, each on a thread of its own.
fn insert_at_once(
    subject: &dyn Subject,
    registration: impl Fn(u8) -> NewRegistration + Sync,
) -> Vec<InsertOutcome> {
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        let insert = |number| {
            let (barrier, registration) = (&barrier, &registration);
            scope.spawn(move || {
                barrier.wait();
                insert(subject, registration(number))
            })
        };
        let inserts: Vec<_> = (0..16).map(insert).collect();
        inserts.into_iter().map(|insert| insert.join().expect("an outcome")).collect()
    })
}

/// Whether this student is stored.
fn is_registered(subject: &dyn Subject, student: &Student) -> bool {
    let found = subject.students().registered_at(student.id()).expect("an answer");
    assert!(found.is_none_or(|time| time == student.created_at()), "{found:?}");
    found.is_some()
}

/// How many of the students of [`insert_at_once`] are stored.
fn count_registered(subject: &dyn Subject, student: impl Fn(u8) -> Student) -> usize {
    (0..16).filter(|number| is_registered(subject, &student(*number))).count()
}

fn count(outcomes: &[InsertOutcome], outcome: &InsertOutcome) -> usize {
    outcomes.iter().filter(|one| *one == outcome).count()
}
