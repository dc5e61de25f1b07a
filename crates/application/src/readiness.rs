//! Whether the store can serve, asked at most once a second: probes and clients may ask as often as they
//! like without a query each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use registration_domain::{Readiness, RepositoryError, Unavailability};
use tokio::sync::watch;

use crate::blocking;

/// Minimum time between the beginnings of two checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Why the store cannot serve, as a word for probes; `None` where it can.
pub type Unreadiness = Option<&'static str>;

/// The last check of a store's readiness. Callers that arrive during a check share its result.
pub struct ReadinessCache {
    store: Arc<dyn Readiness>,
    timeout: Duration,
    last: Mutex<Option<Check>>,
}

/// A check that is in flight or done.
struct Check {
    began: Instant,
    /// `None` while it is in flight. Closed without a result if the check was aborted.
    result: watch::Receiver<Option<Unreadiness>>,
}

impl Check {
    /// Whether a caller should take its result instead of checking again.
    fn is_current(&self) -> bool {
        match *self.result.borrow() {
            Some(_) => self.began.elapsed() < CHECK_INTERVAL,
            None => self.result.has_changed().is_ok(),
        }
    }
}

impl ReadinessCache {
    /// A cache in front of `store`, which may take `timeout` to answer.
    #[must_use]
    pub fn new(store: Arc<dyn Readiness>, timeout: Duration) -> Self {
        Self { store, timeout, last: Mutex::new(None) }
    }

    /// Whether only a new process can use the store again.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.store.is_stuck()
    }

    /// Why the store cannot serve, as of at most a second ago or once a check in flight ends.
    pub async fn unreadiness(&self) -> Unreadiness {
        let mut result = self.current_or_new_check();
        match result.wait_for(Option::is_some).await {
            Ok(unreadiness) => unreadiness.flatten(),
            Err(_) => Some(Unavailability::DatabaseUnreachable.as_str()),
        }
    }

    fn current_or_new_check(&self) -> watch::Receiver<Option<Unreadiness>> {
        let mut last = self.last.lock();
        if let Some(check) = last.as_ref().filter(|check| check.is_current()) {
            return check.result.clone();
        }
        let (sender, result) = watch::channel(None);
        let (store, timeout) = (Arc::clone(&self.store), self.timeout);
        // A task of its own, since the caller that began it may disconnect.
        tokio::spawn(async move {
            let checked = blocking::run(timeout, move || store.check()).await;
            sender.send_replace(Some(match checked {
                Ok(Ok(())) => None,
                Ok(Err(RepositoryError::Unavailable { reason, .. })) => Some(reason.as_str()),
                Ok(Err(RepositoryError::Unexpected(_))) => Some("database_error"),
                Err(_) => Some(Unavailability::DatabaseUnreachable.as_str()),
            }));
        });
        *last = Some(Check { began: Instant::now(), result: result.clone() });
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use futures_util::future::join_all;

    use super::*;

    /// A store that counts its checks; each waits for a message, and fails if it is `false`.
    struct Store {
        checks: AtomicUsize,
        answers: Mutex<mpsc::Receiver<bool>>,
    }

    impl Readiness for Store {
        fn check(&self) -> Result<(), RepositoryError> {
            self.checks.fetch_add(1, Ordering::SeqCst);
            let is_ready = self.answers.lock().recv().unwrap();
            let reason = Unavailability::DatabaseUnreachable;
            let error = || RepositoryError::unavailable(reason, std::fmt::Error);
            is_ready.then_some(()).ok_or_else(error)
        }
    }

    fn cache() -> (Arc<Store>, mpsc::Sender<bool>, ReadinessCache) {
        let (answer, answers) = mpsc::channel();
        let store = Arc::new(Store { checks: AtomicUsize::new(0), answers: Mutex::new(answers) });
        let cache = ReadinessCache::new(store.clone(), Duration::from_secs(60));
        (store, answer, cache)
    }

    /// Makes the last check one second older.
    fn age(cache: &ReadinessCache) {
        let mut last = cache.last.lock();
        let check = last.as_mut().unwrap();
        check.began = check.began.checked_sub(CHECK_INTERVAL).unwrap();
    }

    #[tokio::test]
    async fn callers_share_a_check_and_its_result_for_a_second() {
        let (store, answer, cache) = cache();
        answer.send(false).unwrap();
        let shared = join_all((0..100).map(|_| cache.unreadiness())).await;
        assert_eq!(shared, [Some("database_unreachable"); 100]);
        assert_eq!(cache.unreadiness().await, Some("database_unreachable"));
        assert_eq!(store.checks.load(Ordering::SeqCst), 1);
        age(&cache);
        answer.send(true).unwrap();
        assert_eq!(cache.unreadiness().await, None);
        assert_eq!(store.checks.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_slow_check_is_not_begun_twice_although_its_caller_has_gone() {
        let (store, answer, cache) = cache();
        {
            let mut gone = std::pin::pin!(cache.unreadiness());
            assert!(futures_util::poll!(gone.as_mut()).is_pending());
        }
        age(&cache);
        answer.send(true).unwrap();
        assert_eq!(cache.unreadiness().await, None);
        assert_eq!(store.checks.load(Ordering::SeqCst), 1);
    }
}
