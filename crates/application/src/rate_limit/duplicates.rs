//! How many answers that an address is registered a network may get.
//!
//! Only such an answer uses the quota up, and the decision falls before the store is asked: each
//! request reserves its answer first, and returns it unless the address was registered. While
//! requests in flight hold all that is left, the next one waits for them.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

use super::{
    network::Networks,
    quota::{Quota, QuotaState},
};

/// The quota of every client network, and of the /48s around IPv6 clients.
pub(super) struct Duplicates {
    tiers: Mutex<Tiers>,
}

struct Tiers {
    clients: Tier,
    sites: Tier,
}

/// A reserved answer. Dropped, it is returned.
pub struct Reservation<'a> {
    quota: &'a Duplicates,
    networks: Networks,
    is_used: bool,
}

/// Why nothing can be reserved.
enum Refusal {
    /// The quota is used up.
    Exhausted(QuotaState),
    /// Requests in flight hold what is left, or earlier ones wait for it: until this one's turn.
    InFlight(Arc<Notify>),
}

impl Duplicates {
    pub(super) fn new(client: Quota, site: Quota) -> Self {
        let tier = |quota| Tier { quota, usage: HashMap::new() };
        let tiers = Tiers { clients: tier(client), sites: tier(site) };
        Self { tiers: Mutex::new(tiers) }
    }

    /// Reserves an answer, after requests of the same network that hold the last ones.
    pub(super) async fn reserve(&self, address: IpAddr) -> Result<Reservation<'_>, QuotaState> {
        let networks = Networks::of(address);
        let mut has_waited = false;
        loop {
            match self.try_reserve(networks, has_waited) {
                Ok(()) => return Ok(Reservation { quota: self, networks, is_used: false }),
                Err(Refusal::Exhausted(state)) => return Err(state),
                Err(Refusal::InFlight(turn)) => turn.notified().await,
            }
            has_waited = true;
        }
    }

    fn try_reserve(
        &self,
        Networks { client, site }: Networks,
        has_waited: bool,
    ) -> Result<(), Refusal> {
        let now = Instant::now();
        let Tiers { clients, sites } = &mut *self.tiers.lock();
        clients.reserve(client, now, has_waited)?;
        match site.map(|site| sites.reserve(site, now, has_waited)) {
            Some(Err(refusal)) => {
                clients.settle(client, now, false);
                Err(refusal)
            }
            _ => Ok(()),
        }
    }

    fn settle(&self, Networks { client, site }: Networks, is_used: bool) {
        let now = Instant::now();
        let mut tiers = self.tiers.lock();
        tiers.clients.settle(client, now, is_used);
        if let Some(site) = site {
            tiers.sites.settle(site, now, is_used);
        }
    }

    /// Drops the networks whose quota is full.
    pub(super) fn drop_full(&self) {
        let now = Instant::now();
        let Tiers { clients, sites } = &mut *self.tiers.lock();
        for tier in [clients, sites] {
            tier.usage.retain(|_, usage| !usage.is_full(now));
            tier.usage.shrink_to_fit();
        }
    }
}

impl Reservation<'_> {
    /// Counts the answer: the address was registered.
    pub(crate) fn use_up(mut self) {
        self.is_used = true;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.quota.settle(self.networks, self.is_used);
    }
}

/// One quota and its use by each network.
struct Tier {
    quota: Quota,
    usage: HashMap<IpAddr, Usage>,
}

/// The use of a quota that refills steadily, as GCRA counts it.
struct Usage {
    /// When the quota is full again.
    full_at: Instant,
    reserved: u32,
    /// Wakes the requests of this network that wait, one after the other; each holds a clone.
    turn: Arc<Notify>,
}

impl Usage {
    fn is_full(&self, now: Instant) -> bool {
        self.reserved == 0 && self.full_at <= now && !self.has_waiting()
    }

    fn has_waiting(&self) -> bool {
        Arc::strong_count(&self.turn) > 1
    }
}

impl Tier {
    /// Reserves an answer. Those that have waited come before those that have just arrived.
    fn reserve(&mut self, network: IpAddr, now: Instant, has_waited: bool) -> Result<(), Refusal> {
        let (interval, count) = (self.interval(), self.quota.count.get());
        let new = || Usage { full_at: now, reserved: 0, turn: Arc::default() };
        let usage = self.usage.entry(network).or_insert_with(new);
        let until_full = usage.full_at.saturating_duration_since(now);
        let used = until_full.as_nanos().div_ceil(interval.as_nanos());
        if used >= count.into() {
            let wait = until_full.saturating_sub(interval * (count - 1));
            return Err(Refusal::Exhausted(QuotaState {
                name: "duplicates",
                quota: self.quota,
                is_exceeded: true,
                remaining: 0,
                seconds: wait.as_secs() + 1,
            }));
        }
        let free = u128::from(count).saturating_sub(used + u128::from(usage.reserved));
        if free == 0 || (usage.has_waiting() && !has_waited) {
            return Err(Refusal::InFlight(Arc::clone(&usage.turn)));
        }
        usage.reserved += 1;
        if free > 1 && has_waited {
            usage.turn.notify_one();
        }
        Ok(())
    }

    fn settle(&mut self, network: IpAddr, now: Instant, is_used: bool) {
        let interval = self.interval();
        let Some(usage) = self.usage.get_mut(&network) else { return };
        usage.reserved = usage.reserved.saturating_sub(1);
        if is_used {
            usage.full_at = usage.full_at.max(now) + interval;
            // All that wait: the quota may be used up.
            usage.turn.notify_waiters();
        } else {
            usage.turn.notify_one();
        }
        if usage.is_full(now) {
            self.usage.remove(&network);
        }
    }

    /// The time in which one answer is refilled.
    fn interval(&self) -> Duration {
        let window = Duration::from_secs(self.quota.seconds.get().into());
        (window / self.quota.count.get()).max(Duration::from_nanos(1))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        num::NonZeroU32,
        sync::atomic::{AtomicBool, Ordering},
        task::{Context, Wake, Waker},
    };

    use futures_util::FutureExt as _;

    use super::*;

    fn duplicates() -> Duplicates {
        let quota = |count| Quota {
            count: NonZeroU32::new(count).unwrap(),
            seconds: NonZeroU32::new(600).unwrap(),
        };
        Duplicates::new(quota(2), quota(3))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn only_used_reservations_count_and_the_quota_refills() {
        let quota = duplicates();
        let client = address("192.0.2.1");
        for _ in 0..9 {
            drop(quota.reserve(client).await.unwrap_or_else(|_| panic!("returned")));
        }
        assert!(quota.tiers.lock().clients.usage.is_empty());
        for _ in 0..2 {
            quota.reserve(client).await.unwrap_or_else(|_| panic!("left")).use_up();
        }
        let exhausted = quota.reserve(client).await.err().unwrap();
        assert_eq!((exhausted.name, exhausted.seconds), ("duplicates", 301));
        assert!(quota.reserve(address("192.0.2.2")).await.is_ok());
        tokio::time::advance(Duration::from_secs(300)).await;
        quota.reserve(client).await.unwrap_or_else(|_| panic!("refilled")).use_up();
        assert!(quota.reserve(client).await.is_err());
        tokio::time::advance(Duration::from_secs(600)).await;
        quota.drop_full();
        assert!(quota.tiers.lock().clients.usage.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_for_those_that_hold_the_last_answers() {
        let quota = duplicates();
        let client = address("192.0.2.1");
        let first = quota.reserve(client).await.ok().unwrap();
        let second = quota.reserve(client).await.ok().unwrap();
        let mut third = Box::pin(quota.reserve(client));
        let mut fourth = Box::pin(quota.reserve(client));
        assert!(third.as_mut().now_or_never().is_none());
        assert!(fourth.as_mut().now_or_never().is_none());
        first.use_up();
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        let third = third.await.ok().unwrap();
        assert!(fourth.as_mut().now_or_never().is_none());
        third.use_up();
        assert!(fourth.await.is_err_and(|state| state.is_exceeded));
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_wait_come_first_and_other_networks_do_not_wake_them() {
        let quota = duplicates();
        let client = address("192.0.2.1");
        let first = quota.reserve(client).await.ok().unwrap();
        let _second = quota.reserve(client).await.ok().unwrap();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut waiting = Box::pin(quota.reserve(client));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(quota.reserve(address("192.0.2.2")).await);
        assert!(!woken.0.load(Ordering::SeqCst));
        drop(first);
        let mut late = Box::pin(quota.reserve(client));
        assert!(late.as_mut().now_or_never().is_none());
        assert!(woken.0.load(Ordering::SeqCst));
        assert!(waiting.now_or_never().is_some_and(|waited| waited.is_ok()));
        assert!(late.await.is_ok());
    }

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_networks_of_one_site_share_a_second_quota() {
        let quota = duplicates();
        for network in 0..3 {
            let client = address(&format!("2001:db8:0:{network}::1"));
            quota.reserve(client).await.unwrap_or_else(|_| panic!("left")).use_up();
        }
        let client = address("2001:db8:0:9::1");
        assert!(quota.reserve(client).await.is_err_and(|state| state.quota.count.get() == 3));
        assert!(!quota.tiers.lock().clients.usage.contains_key(&address("2001:db8:0:9::")));
        assert!(quota.reserve(address("2001:db8:1::1")).await.is_ok());
    }
}
