//! Registrations under way, by key: of those with one key, one is worked on at a time. Whoever comes
//! second waits for the first, and then finds its answer in the store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use registration_domain::IdempotencyKey;
use tokio::sync::{Mutex as Turnstile, OwnedMutexGuard};

/// The keys that are being worked on or waited for, in this instance. Between instances the store
/// decides.
#[derive(Default)]
pub(crate) struct InProgress(Mutex<HashMap<IdempotencyKey, Arc<Turnstile<()>>>>);

/// A key's turn; ends when dropped. It goes along with the work, which may outlive its request.
pub(crate) struct Turn {
    all: Arc<InProgress>,
    key: IdempotencyKey,
    turn: Option<OwnedMutexGuard<()>>,
}

impl InProgress {
    /// Waits for the turn of this request among those with its key, for `limit` at most.
    pub(crate) async fn turn(
        self: &Arc<Self>,
        key: &IdempotencyKey,
        limit: Duration,
    ) -> Option<Turn> {
        let turnstile = Arc::clone(self.locked().entry(key.clone()).or_default());
        let mut turn = Turn { all: Arc::clone(self), key: key.clone(), turn: None };
        turn.turn = Some(tokio::time::timeout(limit, turnstile.lock_owned()).await.ok()?);
        Some(turn)
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<IdempotencyKey, Arc<Turnstile<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    /// Forgets the key when nobody else waits for it.
    fn drop(&mut self) {
        self.turn = None;
        let mut all = self.all.locked();
        if all.get(&self.key).is_some_and(|turnstile| Arc::strong_count(turnstile) == 1) {
            all.remove(&self.key);
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
    async fn one_key_is_worked_on_at_a_time() {
        let all = Arc::new(InProgress::default());
        let first = all.turn(&key("one"), LONG).await.unwrap();
        assert!(all.turn(&key("two"), LONG).await.is_some());
        assert!(all.turn(&key("one"), Duration::from_secs(1)).await.is_none());
        let second = async { all.turn(&key("one"), LONG).await.is_some() };
        let (second, ()) = tokio::join!(second, async { drop(first) });
        assert!(second);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_left_behind() {
        let all = Arc::new(InProgress::default());
        let first = all.turn(&key("one"), LONG).await.unwrap();
        assert!(all.turn(&key("one"), Duration::from_secs(1)).await.is_none());
        // A client that goes away while it waits.
        let one = key("one");
        tokio::select! {
            biased;
            _ = all.turn(&one, LONG) => panic!("it is not its turn"),
            () = std::future::ready(()) => {}
        }
        drop(first);
        assert!(all.locked().is_empty());
    }
}
