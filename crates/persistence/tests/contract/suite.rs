//! The contract of the ports, on every backend; and of transactions, what only a database shows.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use libtest_mimic::Trial;
use registration_contract::{
    Subject,
    fixtures::{key, student},
    suite,
};
use registration_domain::{
    Completion::{Commit, RollBack},
    InsertOutcome::Created,
    Origin, Readiness, RegistrationStore, StudentInsert, StudentRepository, UnitOfWork,
    in_transaction,
};
use registration_testkit::{
    Backend, TestDatabase, ignored_if, on_every_backend, on_mysql, telemetry::capture,
};

use crate::support::Store;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![a_unit_of_work_is_traced_and_commits_once];
    trials.extend(on_mysql![a_unit_of_work_is_retried_after_a_conflict]);
    for backend in Backend::ALL {
        let mut push = |name: String,
                        case: fn(&dyn Subject),
                        subject: fn(&TestDatabase) -> Box<dyn Subject>| {
            trials.push(ignored_if(
                backend.skip_reason(),
                format!("{name}::{backend}"),
                move || {
                    case(&*subject(&TestDatabase::new(backend)));
                    Ok(())
                },
            ));
        };
        for (name, case) in suite::cases() {
            push(format!("ports::{name}"), case, |database| Box::new(Store::new(database)));
            if name.starts_with("one_of_many") {
                push(format!("instances::{name}"), case, |database| {
                    Box::new(Instances::new(database))
                });
            }
        }
    }
    trials
}

/// Sixteen instances of the service on one database: each insert is the next one's.
struct Instances {
    stores: Vec<Store>,
    next: AtomicUsize,
}

impl Instances {
    fn new(database: &TestDatabase) -> Self {
        let stores = (0..16).map(|_| Store::new(database)).collect();
        Self { stores, next: AtomicUsize::new(0) }
    }
}

impl Subject for Instances {
    fn registrations(&self) -> &dyn RegistrationStore {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.stores[next % self.stores.len()].registrations()
    }

    fn students(&self) -> &dyn StudentRepository {
        self.stores[0].students()
    }

    fn unit_of_work(&self) -> &dyn UnitOfWork {
        self.stores[0].unit_of_work()
    }

    fn readiness(&self) -> &dyn Readiness {
        self.stores[0].readiness()
    }
}

fn a_unit_of_work_is_traced_and_commits_once(database: &TestDatabase) {
    let store = Store::new(database);
    let zoe = student(1, "zoe@example.org");
    let (stored, captured) = capture(|| {
        in_transaction(store.unit_of_work(), |transaction| {
            let inserted = transaction.students().insert(&zoe, Origin::default())?;
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
            let one = transaction.students().insert(&student(first), Origin::default())?;
            if attempts == 1 {
                both_have_one.wait();
            }
            let other = transaction.students().insert(&student(second), Origin::default())?;
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
