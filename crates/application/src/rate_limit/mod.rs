//! How often a client may try: a quota for each client and one for each registered address. A quota
//! refills steadily (GCRA), so that requests do not synchronise on a moment of reset.

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    Quota as Rate, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

/// A number of requests in a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub count: NonZeroU32,
    /// Seconds.
    pub seconds: NonZeroU32,
}

/// The configured quotas; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Requests of one client: registrations and browser spans are counted apart.
    pub client: Option<Quota>,
    /// Requests about one address that is registered.
    pub email: Option<Quota>,
}

/// The part of a quota that is left after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaState {
    /// The quota's name in header fields and problem bodies.
    pub name: &'static str,
    /// The quota.
    pub quota: Quota,
    /// Whether the request is over the limit.
    pub is_exceeded: bool,
    /// Requests left.
    pub remaining: u32,
    /// Seconds until the next request is allowed, if this one is over the limit; otherwise until
    /// the quota is full.
    pub seconds: u64,
}

/// What is left of every quota.
pub struct RateLimits {
    client: Option<Limiter<IpAddr>>,
    spans: Option<Limiter<IpAddr>>,
    email: Option<Limiter<u64>>,
    hasher: RandomState,
}

impl RateLimits {
    /// Full quotas.
    #[must_use]
    pub fn new(quotas: Quotas) -> Self {
        Self {
            client: quotas.client.map(|quota| Limiter::new("client", quota)),
            spans: quotas.client.map(|quota| Limiter::new("spans", quota)),
            email: quotas.email.map(|quota| Limiter::new("email", quota)),
            hasher: RandomState::new(),
        }
    }

    /// Counts a registration request of this client; `None` where there is no limit, or the
    /// client's address is unknown.
    #[must_use]
    pub fn check_client(&self, address: Option<IpAddr>) -> Option<QuotaState> {
        Some(self.client.as_ref()?.check(&network(address?)))
    }

    /// Counts a message of browser spans of this client.
    #[must_use]
    pub fn check_browser_spans(&self, address: Option<IpAddr>) -> Option<QuotaState> {
        Some(self.spans.as_ref()?.check(&network(address?)))
    }

    /// Counts a request about a registered address, given in lower case. A keyed hash of the
    /// address is kept, not the address.
    #[must_use]
    pub fn check_registered_email(&self, key: &str) -> Option<QuotaState> {
        Some(self.email.as_ref()?.check(&self.hasher.hash_one(key)))
    }

    /// Drops the clients and addresses whose quota is full.
    pub fn drop_full(&self) {
        self.client.iter().chain(&self.spans).for_each(Limiter::drop_full);
        self.email.iter().for_each(Limiter::drop_full);
    }
}

/// What counts as one client: an IPv4 address, or the /64 that a provider assigns to one line.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// One quota and its state for each key.
struct Limiter<K: Hash + Eq + Clone> {
    name: &'static str,
    quota: Quota,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(name: &'static str, quota: Quota) -> Self {
        let (count, seconds) = (quota.count, quota.seconds.get());
        let interval = Duration::from_secs(seconds.into()) / count.get();
        let rate = Rate::with_period(interval).unwrap_or(Rate::per_second(NonZeroU32::MAX));
        let limiter = RateLimiter::keyed(rate.allow_burst(count)).with_middleware();
        Self { name, quota, limiter }
    }

    fn check(&self, key: &K) -> QuotaState {
        let (name, quota) = (self.name, self.quota);
        match self.limiter.check_key(key) {
            Ok(found) => {
                let remaining = found.remaining_burst_capacity();
                let used = u64::from(quota.count.get().saturating_sub(remaining));
                let seconds = used * u64::from(quota.seconds.get());
                let seconds = seconds.div_ceil(u64::from(quota.count.get()));
                QuotaState { name, quota, is_exceeded: false, remaining, seconds }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.limiter.clock().now());
                let seconds = wait.as_secs() + 1;
                QuotaState { name, quota, is_exceeded: true, remaining: 0, seconds }
            }
        }
    }

    fn drop_full(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> RateLimits {
        let quota = |count| Quota {
            count: NonZeroU32::new(count).unwrap(),
            seconds: NonZeroU32::new(3600).unwrap(),
        };
        RateLimits::new(Quotas { client: Some(quota(2)), email: Some(quota(1)) })
    }

    #[test]
    fn a_client_has_a_quota_and_a_network_is_one_client() {
        let limits = limits();
        let check = |address: &str| limits.check_client(address.parse().ok()).unwrap();
        let state = |address: &str| {
            let state = check(address);
            (state.is_exceeded, state.remaining, state.seconds)
        };
        assert_eq!(state("192.0.2.1"), (false, 1, 1800));
        assert_eq!(state("192.0.2.1"), (false, 0, 3600));
        let exceeded = check("192.0.2.1");
        assert!(exceeded.is_exceeded && exceeded.name == "client");
        assert!((1790..=1801).contains(&exceeded.seconds), "{}", exceeded.seconds);
        assert!(!check("192.0.2.2").is_exceeded);
        // Two addresses of one /64 share a quota; another /64 has its own.
        assert!(!check("2001:db8::1").is_exceeded);
        assert!(!check("2001:db8::2").is_exceeded);
        assert!(check("2001:db8::3").is_exceeded);
        assert!(!check("2001:db8:0:1::1").is_exceeded);
    }

    #[test]
    fn browser_spans_and_addresses_have_quotas_of_their_own() {
        let limits = limits();
        let client: Option<IpAddr> = "192.0.2.1".parse().ok();
        for _ in 0..3 {
            let _ = limits.check_client(client);
        }
        assert!(!limits.check_browser_spans(client).unwrap().is_exceeded);
        assert!(!limits.check_registered_email("a@example.org").unwrap().is_exceeded);
        assert!(limits.check_registered_email("a@example.org").unwrap().is_exceeded);
        assert!(!limits.check_registered_email("b@example.org").unwrap().is_exceeded);
    }

    #[test]
    fn full_quotas_take_no_memory() {
        let quota = Quota { count: NonZeroU32::MAX, seconds: NonZeroU32::MIN };
        let limits = RateLimits::new(Quotas { client: Some(quota), email: None });
        let _ = limits.check_client("192.0.2.1".parse().ok());
        let keys = || limits.client.as_ref().unwrap().limiter.len();
        assert_eq!(keys(), 1);
        limits.drop_full();
        assert_eq!(keys(), 0);
    }

    #[test]
    fn without_quotas_there_is_no_limit() {
        let limits = RateLimits::new(Quotas::default());
        assert_eq!(limits.check_client("192.0.2.1".parse().ok()), None);
        assert_eq!(limits.check_registered_email("a@example.org"), None);
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_a_slash_64() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
