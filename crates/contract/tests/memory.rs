//! The store in memory keeps the contract.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use libtest_mimic::{Arguments, Trial};
use registration_contract::{MemoryStore, suite};
use registration_domain::{Readiness as _, Unavailability};

fn a_store_can_be_made_unavailable() {
    let store = MemoryStore::default();
    store.set_unavailable(Some(Unavailability::DatabaseUnreachable));
    let error = store.check().unwrap_err();
    assert_eq!(error.to_string(), "the student store is unavailable: database unreachable");
    store.set_unavailable(None);
    store.check().unwrap();
}

fn main() {
    let trial = |(name, case): suite::Case| {
        Trial::test(name, move || {
            case(&MemoryStore::default());
            Ok(())
        })
    };
    let mut trials: Vec<_> = suite::cases().into_iter().map(trial).collect();
    trials.push(Trial::test("a_store_can_be_made_unavailable", || {
        a_store_can_be_made_unavailable();
        Ok(())
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
