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

/// The failures since the last success, by hash of the account and network.
#[derive(Default)]
pub(super) struct SignInDelays {
    failures: Mutex<HashMap<u64, Failures>>,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: DateTime<Utc>,
}

impl Failures {
    /// When the next attempt is allowed: 1 s after the first failure, twice as long after each more.
    fn until(self, max: TimeDelta) -> DateTime<Utc> {
        let seconds = 1_i64 << self.count.saturating_sub(1).min(20);
        self.last + TimeDelta::seconds(seconds).min(max)
    }
}

impl SignInDelays {
    /// Whole seconds, rounded up, until this account may be tried from this address; `None` where it
    /// may be now.
    pub(super) fn seconds_left(
        &self,
        account: &str,
        client: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Option<u64> {
        let failures = self.failures.lock();
        let [from_network, of_account] = self.keys(account, client).map(|key| failures.get(&key));
        let until = [(from_network, MAX_FROM_NETWORK), (of_account, MAX_OF_ACCOUNT)];
        let until = until.into_iter().filter_map(|(failures, max)| Some(failures?.until(max)));
        let left = until.max()? - now;
        // A clock that stepped back asks for no longer wait than the rule does.
        let left = left.min(MAX_FROM_NETWORK);
        let millis = u64::try_from(left.num_milliseconds()).unwrap_or_default();
        (millis > 0).then(|| millis.div_ceil(1000))
    }

    /// Counts a wrong password, and returns the seconds until the next attempt.
    pub(super) fn failed(&self, account: &str, client: Option<IpAddr>, now: DateTime<Utc>) -> u64 {
        let mut failures = self.failures.lock();
        if failures.len() >= MAX_ENTRIES {
            failures.retain(|_, failures| now - failures.last < MAX_FROM_NETWORK);
            if failures.len() >= MAX_ENTRIES {
                failures.clear();
            }
        }
        for key in self.keys(account, client) {
            let entry = failures.entry(key).or_insert(Failures { count: 0, last: now });
            let forgotten = now - entry.last > FORGOTTEN_AFTER;
            *entry = Failures { count: if forgotten { 1 } else { entry.count + 1 }, last: now };
        }
        drop(failures);
        self.seconds_left(account, client, now).unwrap_or(1)
    }

    /// Forgets the failures of this account from this address.
    pub(super) fn succeeded(&self, account: &str, client: Option<IpAddr>) {
        let mut failures = self.failures.lock();
        for key in self.keys(account, client) {
            failures.remove(&key);
        }
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

    #[test]
    fn delays_double_by_network_and_stay_short_for_others() {
        let delays = SignInDelays::default();
        let now: DateTime<Utc> = "2026-09-01T09:00:00Z".parse().unwrap();
        let (stranger, admin) = ("192.0.2.7".parse().ok(), "198.51.100.9".parse().ok());
        let failures: Vec<_> = (0..12).map(|_| delays.failed("ada", stranger, now)).collect();
        assert_eq!(failures, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delays.seconds_left("ada", admin, now), Some(5), "from elsewhere");
        assert_eq!(delays.seconds_left("bob", stranger, now), None, "another account");
        let later = now + TimeDelta::milliseconds(899_500);
        assert_eq!(delays.seconds_left("ada", stranger, later), Some(1));
        assert_eq!(delays.seconds_left("ada", stranger, now + TimeDelta::minutes(15)), None);
        let earlier = now - TimeDelta::hours(9);
        assert_eq!(delays.seconds_left("ada", stranger, earlier), Some(900), "a clock's step back");
        delays.succeeded("ada", admin);
        assert_eq!(delays.seconds_left("ada", admin, now), None);
        assert_eq!(delays.seconds_left("ada", stranger, now), Some(900), "not the stranger's");
        let forgotten = now + TimeDelta::hours(2);
        assert_eq!(delays.failed("ada", stranger, forgotten), 1);
    }

    #[test]
    fn entries_are_bounded() {
        let delays = SignInDelays::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        for account in 0..MAX_ENTRIES {
            delays.failed(&account.to_string(), None, now);
        }
        assert!(delays.failures.lock().len() <= MAX_ENTRIES);
    }
}
