//! The idempotency locks under random interleavings: the same source, over a model of locks and time.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use registration_domain::IdempotencyKey;
use shuttle::{
    Config, Runner,
    future::block_on,
    rand::{Rng as _, thread_rng},
    scheduler::RandomScheduler,
    sync::Arc,
    thread,
};

use self::idempotency_lock::IdempotencyLocks;

#[expect(unreachable_pub, reason = "the source of a public module")]
#[allow(clippy::duplicate_mod, reason = "over another `sync`")]
#[path = "../../idempotency_lock.rs"]
mod idempotency_lock;
mod sync;

const KEYS: [&str; 2] = ["one", "two"];
const REQUESTS: usize = 4;

/// A request with one of the keys. It waits without a limit, so that a lost wake-up is a deadlock, or
/// gives up soon.
fn request(locks: &Arc<IdempotencyLocks>, holders: &[AtomicUsize; 2]) {
    let (number, gives_up) = (thread_rng().gen_range(0..2), thread_rng().gen_bool(0.3));
    let timeout = if gives_up { sync::SOON } else { Duration::MAX };
    let key = IdempotencyKey::parse(KEYS[number]).unwrap();
    let guard = block_on(locks.lock(&key, timeout));
    assert!(guard.is_some() || gives_up);
    if guard.is_some() {
        assert_eq!(holders[number].fetch_add(1, Ordering::SeqCst), 0, "two hold one key");
        thread::yield_now();
        holders[number].fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn one_request_at_a_time_holds_a_key_and_none_waits_for_ever() {
    let scheduler = RandomScheduler::new_from_seed(1, 3_000);
    Runner::new(scheduler, Config::default()).run(|| {
        let locks = Arc::new(IdempotencyLocks::default());
        let holders = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let requests: Vec<_> = (0..REQUESTS)
            .map(|_| {
                let (locks, holders) = (Arc::clone(&locks), Arc::clone(&holders));
                thread::spawn(move || request(&locks, &holders))
            })
            .collect();
        requests.into_iter().for_each(|request| request.join().unwrap());
        assert!(locks.is_empty(), "an unused key stays");
    });
}
