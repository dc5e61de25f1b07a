//! Several repositories share one transaction.

use registration_domain::{
    Completion::{self, Commit, RollBack},
    InsertOutcome::{AlreadyRegistered, Replayed},
    Origin, RepositoryError, StoredKey, StudentInsert, Transaction, in_transaction,
};

use super::{Case, insert};
use crate::{
    Subject,
    fixtures::{key, keyed, keyless, student},
};

pub(super) const CASES: &[Case] = &[
    ("a_transaction_stores_everything", a_transaction_stores_everything),
    ("a_transaction_that_is_rolled_back_stores_nothing", a_rollback_stores_nothing),
    ("a_transaction_that_fails_stores_nothing", a_failure_stores_nothing),
    ("a_transaction_continues_after_a_duplicate", a_transaction_continues_after_a_duplicate),
    ("a_key_is_deleted_only_as_found", a_key_is_deleted_only_as_found),
];

/// Inserts a student and a key in a transaction, and ends it as asked.
fn store(
    subject: &dyn Subject,
    end: impl Fn() -> Result<Completion, RepositoryError>,
) -> Result<(), RepositoryError> {
    let zoe = student(1, "zoe@example.org");
    in_transaction(subject.unit_of_work(), |transaction| {
        assert_eq!(
            transaction.students().insert(&zoe, Origin::default())?,
            StudentInsert::Inserted
        );
        let fingerprint = zoe.applicant().fingerprint();
        assert!(transaction.idempotency_keys().insert(&key("one"), &zoe, fingerprint)?);
        Ok((end()?, ()))
    })
}

/// Whether the student and the key of [`store`] are there.
fn is_stored(subject: &dyn Subject) -> [bool; 2] {
    let found = subject.students().registered_at(student(1, "zoe@example.org").id());
    let key = in_transaction(subject.unit_of_work(), |transaction| {
        Ok((RollBack, transaction.idempotency_keys().find(&key("one"))?))
    });
    [found.expect("an answer").is_some(), key.expect("an answer").is_some()]
}

fn a_transaction_stores_everything(subject: &dyn Subject) {
    store(subject, || Ok(Commit)).expect("committed");
    assert_eq!(is_stored(subject), [true; 2]);
    let zoe = student(1, "zoe@example.org");
    let repeated = keyed(&student(2, "zoe@example.org"), "one");
    assert_eq!(insert(subject, repeated), Replayed(zoe));
}

fn a_rollback_stores_nothing(subject: &dyn Subject) {
    store(subject, || Ok(RollBack)).expect("rolled back");
    assert_eq!(is_stored(subject), [false; 2]);
}

fn a_failure_stores_nothing(subject: &dyn Subject) {
    let failed = store(subject, || Err(RepositoryError::unexpected("the work failed")));
    let Err(RepositoryError::Unexpected(cause)) = failed else { panic!("{failed:?}") };
    assert_eq!(cause.to_string(), "the work failed");
    assert_eq!(is_stored(subject), [false; 2]);
}

fn a_transaction_continues_after_a_duplicate(subject: &dyn Subject) {
    let [zoe, ada] = [student(1, "zoe@example.org"), student(2, "ada@example.org")];
    store(subject, || Ok(Commit)).expect("committed");
    let inserts = |transaction: &mut dyn Transaction| {
        let taken =
            transaction.students().insert(&student(3, "ZOE@example.org"), Origin::default())?;
        let inserted = transaction.students().insert(&ada, Origin::default())?;
        let fingerprint = ada.applicant().fingerprint();
        let key = transaction.idempotency_keys().insert(&key("one"), &ada, fingerprint)?;
        Ok((Commit, (taken, inserted, key)))
    };
    let result = in_transaction(subject.unit_of_work(), inserts).expect("committed");
    assert_eq!(result, (StudentInsert::EmailTaken, StudentInsert::Inserted, false));
    assert_eq!(insert(subject, keyless(&student(4, "ada@example.org"))), AlreadyRegistered);
    let replayed = insert(subject, keyed(&student(5, "zoe@example.org"), "one"));
    assert_eq!(replayed, Replayed(zoe));
}

fn a_key_is_deleted_only_as_found(subject: &dyn Subject) {
    store(subject, || Ok(Commit)).expect("committed");
    let delete = |change: fn(StoredKey) -> StoredKey| {
        in_transaction(subject.unit_of_work(), |transaction| {
            let keys = transaction.idempotency_keys();
            if let Some(found) = keys.find(&key("one"))? {
                keys.delete(&key("one"), &change(found))?;
            }
            Ok((Commit, ()))
        })
        .expect("committed");
    };
    delete(|found| StoredKey {
        created_at: found.created_at + chrono::TimeDelta::seconds(1),
        ..found
    });
    assert_eq!(is_stored(subject), [true; 2]);
    delete(|found| found);
    assert_eq!(is_stored(subject), [true, false]);
}
