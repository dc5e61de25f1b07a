//! The contract of the ports, on every backend; and of transactions, what only a database shows.

use std::thread;

use libtest_mimic::Trial;
use registration_contract::{
    Subject as _,
    fixtures::{key, student},
    suite,
};
use registration_domain::{
    Completion::{Commit, RollBack},
    InsertOutcome::Created,
    StudentInsert, in_transaction,
};
use registration_testkit::{
    Backend, TestDatabase, ignored_if, on_every_backend, on_mysql, telemetry::capture,
};

use crate::support::Store;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![a_unit_of_work_is_traced_and_commits_once];
    trials.extend(on_mysql![a_unit_of_work_is_retried_after_a_conflict]);
    for backend in Backend::ALL {
        for (name, case) in suite::cases() {
            let run = move || {
                case(&Store::new(&TestDatabase::new(backend)));
                Ok(())
            };
            trials.push(ignored_if(
                backend.skip_reason(),
                format!("ports::{name}::{backend}"),
                run,
            ));
        }
    }
    trials
}

fn a_unit_of_work_is_traced_and_commits_once(database: &TestDatabase) {
    let store = Store::new(database);
    let zoe = student(1, "zoe@example.org");
    let (stored, captured) = capture(|| {
        in_transaction(store.unit_of_work(), |transaction| {
            let inserted = transaction.students().insert(&zoe)?;
            let fingerprint = zoe.applicant().fingerprint();
            transaction.idempotency_keys().insert(&key("one"), &zoe, fingerprint)?;
            Ok((Commit, inserted))
        })
    });
    assert_eq!(stored.unwrap(), StudentInsert::Inserted);
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    let statements = ["BEGIN", "INSERT students", "INSERT idempotency_keys", "COMMIT"];
    assert_eq!(names, [&["create_db_connection"][..], &statements].concat());
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

/// Two transactions that insert the same two addresses in opposite orders deadlock; the victim runs
/// again.
fn a_unit_of_work_is_retried_after_a_conflict(database: &TestDatabase) {
    let store = Store::new(database);
    let both_have_one = std::sync::Barrier::new(2);
    let run = |first: u8, second: u8| {
        let student = |number| student(number, &format!("n{number}@example.org"));
        let mut attempts = 0;
        let inserted = in_transaction(store.unit_of_work(), |transaction| {
            attempts += 1;
            let one = transaction.students().insert(&student(first))?;
            if attempts == 1 {
                both_have_one.wait();
            }
            let other = transaction.students().insert(&student(second))?;
            let both = one == StudentInsert::Inserted && other == StudentInsert::Inserted;
            Ok((if both { Commit } else { RollBack }, both))
        });
        (inserted.unwrap(), attempts)
    };
    let [one, other] = thread::scope(|scope| {
        let threads = [scope.spawn(|| run(1, 2)), scope.spawn(|| run(2, 1))];
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(usize::from(one.0) + usize::from(other.0), 1, "{one:?} {other:?}");
    assert!(one.1 + other.1 > 2, "{one:?} {other:?}");
    assert_eq!(database.emails(), ["n1@example.org", "n2@example.org"]);
    assert_eq!(store.insert_student(&student(3, "n3@example.org")), Created);
}
