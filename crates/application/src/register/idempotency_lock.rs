//! A lock for each idempotency key in progress: requests with the same key run one after another,
//! and the second finds the answer of the first in the store.

use std::{collections::HashMap, sync::Arc, time::Duration};

use registration_domain::IdempotencyKey;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::sync::{Mutex, timeout as time_out};

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
        guard.locked = Some(time_out(timeout, lock.lock_owned()).await.ok()?);
        Some(guard)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
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
