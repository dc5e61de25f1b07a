//! Delays after wrong passwords, instead of locking anyone out: per account and client network up to
//! 15 minutes; per account alone up to 5 seconds, so that a stranger cannot keep an administrator out.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use crate::rate_limit::client_network;

/// Longest delay of an account from one network.
const MAX_FROM_NETWORK: TimeDelta = TimeDelta::minutes(15);
/// Longest delay of an account from anywhere else.
const MAX_OF_ACCOUNT: TimeDelta = TimeDelta::seconds(5);
/// When failures are forgotten.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Most entries: each needs a request that was answered.
const MAX_ENTRIES: usize = 20_000;

/// How long a network from which an account was signed in to is not held up by others.
const TRUSTED_FOR: TimeDelta = TimeDelta::days(30);

/// What is known of accounts, by hash of the account and the network, and of the account alone.
#[derive(Default)]
pub(super) struct SignInDelays {
    known: Mutex<HashMap<u64, Known>>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Known {
    failures: u32,
    last_attempt: DateTime<Utc>,
    succeeded_at: Option<DateTime<Utc>>,
}

impl Known {
    /// When the next attempt is allowed: 1 s after the first failure, twice as long after each more.
    fn until(self, max: TimeDelta) -> DateTime<Utc> {
        match self.failures {
            0 => DateTime::<Utc>::MIN_UTC,
            failures => {
                let seconds = 1_i64 << (failures - 1).min(20);
                self.last_attempt + TimeDelta::seconds(seconds).min(max)
            }
        }
    }

    fn is_trusted(self, now: DateTime<Utc>) -> bool {
        self.succeeded_at.is_some_and(|at| now - at < TRUSTED_FOR)
    }
}

impl SignInDelays {
    /// Begins an attempt, which counts as a failure until [`SignInDelays::succeeded`]. Of several at
    /// once, one begins.
    ///
    /// # Errors
    ///
    /// The seconds, rounded up, until this account may be tried from this address.
    pub(super) fn begin(
        &self,
        account: &str,
        client: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<(), u64> {
        let mut known = self.known.lock();
        if let Some(left) = self.left(&known, account, client, now) {
            return Err(left);
        }
        if known.len() >= MAX_ENTRIES {
            known.retain(|_, known| {
                now - known.last_attempt < MAX_FROM_NETWORK || known.is_trusted(now)
            });
            if known.len() >= MAX_ENTRIES {
                known.clear();
            }
        }
        for key in self.keys(account, client) {
            let entry = known.entry(key).or_default();
            let is_forgotten = now - entry.last_attempt > FORGOTTEN_AFTER;
            entry.failures = if is_forgotten { 1 } else { entry.failures + 1 };
            entry.last_attempt = now;
        }
        Ok(())
    }

    /// Counts the delay from the end of an attempt that has failed, and returns its seconds: hashing
    /// takes a part of it on a busy machine.
    pub(super) fn failed(&self, account: &str, client: Option<IpAddr>, at: DateTime<Utc>) -> u64 {
        let mut known = self.known.lock();
        for key in self.keys(account, client) {
            if let Some(entry) = known.get_mut(&key) {
                entry.last_attempt = entry.last_attempt.max(at);
            }
        }
        self.left(&known, account, client, at).unwrap_or(1)
    }

    /// Whole seconds, rounded up, until this account may be tried from this address; `None` where it
    /// may be now.
    pub(super) fn seconds_left(
        &self,
        account: &str,
        client: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Option<u64> {
        self.left(&self.known.lock(), account, client, now)
    }

    /// Forgets the failures of this account from this address. Failures from elsewhere do not hold up
    /// this network any more.
    pub(super) fn succeeded(&self, account: &str, client: Option<IpAddr>, now: DateTime<Utc>) {
        let mut known = self.known.lock();
        let [from_network, of_account] = self.keys(account, client);
        let entry = known.entry(from_network).or_default();
        *entry = Known { failures: 0, last_attempt: now, succeeded_at: Some(now) };
        known.remove(&of_account);
    }

    fn left(
        &self,
        known: &HashMap<u64, Known>,
        account: &str,
        client: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Option<u64> {
        let [from_network, of_account] = self.keys(account, client).map(|key| known.get(&key));
        let is_trusted = from_network.is_some_and(|known| known.is_trusted(now));
        let of_account = of_account.filter(|_| !is_trusted);
        let until = [(from_network, MAX_FROM_NETWORK), (of_account, MAX_OF_ACCOUNT)];
        let until = until.into_iter().filter_map(|(known, max)| Some(known?.until(max)));
        // A clock that stepped back asks for no longer wait than the rule does.
        let left = (until.max()? - now).min(MAX_FROM_NETWORK);
        let millis = u64::try_from(left.num_milliseconds()).unwrap_or_default();
        (millis > 0).then(|| millis.div_ceil(1000))
    }

    /// The keys of the account with the client's network, and alone.
    fn keys(&self, account: &str, client: Option<IpAddr>) -> [u64; 2] {
        let network = client.map(client_network);
        [
            self.hasher.hash_one((account, Some(network))),
            self.hasher.hash_one((account, None::<()>)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn delays_double_by_network_and_stay_short_for_others() {
        let delays = SignInDelays::default();
        let (stranger, admin) = ("192.0.2.7".parse().ok(), "198.51.100.9".parse().ok());
        let mut at = now();
        let mut waits = Vec::new();
        for _ in 0..12 {
            delays.begin("ada", stranger, at).unwrap();
            let wait = delays.failed("ada", stranger, at);
            waits.push(wait);
            assert_eq!(delays.begin("ada", stranger, at), Err(wait), "a second one at once");
            at += TimeDelta::seconds(i64::try_from(wait).unwrap());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        let last = at - TimeDelta::seconds(900);
        assert_eq!(delays.seconds_left("ada", admin, last), Some(5), "from elsewhere");
        assert_eq!(delays.seconds_left("bob", stranger, last), None, "another account");
        let later = last + TimeDelta::milliseconds(899_500);
        assert_eq!(delays.seconds_left("ada", stranger, later), Some(1));
        let earlier = last - TimeDelta::hours(9);
        assert_eq!(delays.seconds_left("ada", stranger, earlier), Some(900), "a clock's step back");
        let answered = last + TimeDelta::milliseconds(600);
        assert_eq!(delays.failed("ada", stranger, answered), 900, "from the answer");
        assert_eq!(delays.seconds_left("ada", stranger, later), Some(2));
        let much_later = last + TimeDelta::hours(2);
        delays.begin("ada", stranger, much_later).unwrap();
        assert_eq!(delays.failed("ada", stranger, much_later), 1, "forgotten");
    }

    #[test]
    fn strangers_do_not_hold_up_a_network_that_has_signed_in() {
        let delays = SignInDelays::default();
        let (stranger, admin) = ("192.0.2.7".parse().ok(), "198.51.100.9".parse().ok());
        delays.begin("ada", admin, now()).unwrap();
        delays.succeeded("ada", admin, now());
        for _ in 0..3 {
            let _ = delays.begin("ada", stranger, now());
        }
        assert_eq!(delays.seconds_left("ada", admin, now()), None);
        // Its own failures do.
        assert_eq!(delays.begin("ada", admin, now()), Ok(()));
        assert_eq!(delays.begin("ada", admin, now()), Err(1));
        let much_later = now() + TRUSTED_FOR;
        delays.begin("ada", stranger, much_later).unwrap();
        assert_eq!(delays.seconds_left("ada", admin, much_later), Some(1), "trusted no more");
    }

    #[test]
    fn entries_are_bounded() {
        let delays = SignInDelays::default();
        for account in 0..MAX_ENTRIES {
            let _ = delays.begin(&account.to_string(), None, now());
        }
        assert!(delays.known.lock().len() <= MAX_ENTRIES);
    }
}
