//! The locks alone, on tokio's clock.

use std::{sync::Arc, time::Duration};

use registration_domain::IdempotencyKey;

use crate::register::IdempotencyLocks;

const LONG: Duration = Duration::from_secs(60);

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn requests_with_one_key_run_one_after_another() {
    let locks = Arc::new(IdempotencyLocks::default());
    let first = locks.lock(&key("one"), LONG).await.unwrap();
    assert!(locks.lock(&key("two"), LONG).await.is_some());
    assert!(locks.lock(&key("one"), Duration::from_secs(1)).await.is_none());
    let second = async { locks.lock(&key("one"), LONG).await.is_some() };
    let (second, ()) = tokio::join!(second, async { drop(first) });
    assert!(second);
}

#[tokio::test(start_paused = true)]
async fn an_unused_key_is_removed() {
    let locks = Arc::new(IdempotencyLocks::default());
    let first = locks.lock(&key("one"), LONG).await.unwrap();
    assert!(locks.lock(&key("one"), Duration::from_secs(1)).await.is_none());
    // A client that disconnects while it waits.
    let one = key("one");
    tokio::select! {
        biased;
        _ = locks.lock(&one, LONG) => panic!("the key is locked"),
        () = std::future::ready(()) => {}
    }
    drop(first);
    assert!(locks.is_empty());
}
