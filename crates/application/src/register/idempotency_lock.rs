//! A lock for each idempotency key in progress: requests with the same key run one after another,
//! and the second finds the answer of the first in the store.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use registration_domain::IdempotencyKey;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The keys in progress or waited for in this instance. Between instances the store decides.
#[derive(Default)]
pub struct IdempotencyLocks(Mutex<HashMap<IdempotencyKey, Arc<AsyncMutex<()>>>>);

/// A locked key; dropping it unlocks. It is moved into the insert, which may outlive its request.
pub struct KeyGuard {
    locks: Arc<IdempotencyLocks>,
    key: IdempotencyKey,
    locked: Option<OwnedMutexGuard<()>>,
}

impl IdempotencyLocks {
    /// Locks a key, waiting for at most `timeout`; `None` after that.
    pub async fn lock(
        self: &Arc<Self>,
        key: &IdempotencyKey,
        timeout: Duration,
    ) -> Option<KeyGuard> {
        let lock = Arc::clone(self.0.lock().entry(key.clone()).or_default());
        // The guard comes first: dropping it while waiting removes the key as well.
        let mut guard = KeyGuard { locks: Arc::clone(self), key: key.clone(), locked: None };
        guard.locked = Some(tokio::time::timeout(timeout, lock.lock_owned()).await.ok()?);
        Some(guard)
    }
}

impl Drop for KeyGuard {
    /// Removes the key where no other request waits for it.
    fn drop(&mut self) {
        self.locked = None;
        let mut locks = self.locks.0.lock();
        if locks.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(locks.0.lock().is_empty());
    }
}
