//! How often a client may try: quotas for each client, and one for each registered address. A quota
//! refills steadily (GCRA), so that requests do not synchronise on a moment of reset.

mod duplicates;
mod network;
mod quota;

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    Quota as Rate, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use self::{duplicates::Duplicates, network::Networks};
pub use self::{
    duplicates::Reservation,
    quota::{Quota, QuotaState},
};

/// The network that counts as one client.
pub(crate) fn client_network(address: IpAddr) -> IpAddr {
    Networks::of(address).client
}

/// How many clients' worth of requests may come from one /48 of IPv6.
const CLIENTS_IN_A_SITE: NonZeroU32 = NonZeroU32::new(4).unwrap();

/// The configured quotas; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Requests of one client: registrations and browser spans are counted apart.
    pub client: Option<Quota>,
    /// Look-ups of students by one client.
    pub reads: Option<Quota>,
    /// Authentication attempts of one client: signing in, and opening invitation links.
    pub sign_ins: Option<Quota>,
    /// Requests of one person or token of the office.
    pub token: Option<Quota>,
    /// Requests about one address that is registered.
    pub email: Option<Quota>,
    /// Answers to one client that an address is registered, whichever address.
    pub duplicates: Option<Quota>,
}

/// What is left of every quota.
pub struct RateLimits {
    client: Option<ClientLimiter>,
    spans: Option<ClientLimiter>,
    reads: Option<ClientLimiter>,
    sign_ins: Option<ClientLimiter>,
    token: Option<Limiter<[u8; 16]>>,
    email: Option<Limiter<u64>>,
    duplicates: Option<Duplicates>,
    hasher: RandomState,
}

impl RateLimits {
    /// Full quotas.
    #[must_use]
    pub fn new(quotas: Quotas) -> Self {
        Self {
            client: quotas.client.map(|quota| ClientLimiter::new("client", quota)),
            spans: quotas.client.map(|quota| ClientLimiter::new("spans", quota)),
            reads: quotas.reads.map(|quota| ClientLimiter::new("reads", quota)),
            sign_ins: quotas.sign_ins.map(|quota| ClientLimiter::new("sign_ins", quota)),
            token: quotas.token.map(|quota| Limiter::new("token", quota)),
            email: quotas.email.map(|quota| Limiter::new("email", quota)),
            duplicates: quotas.duplicates.map(|quota| Duplicates::new(quota, of_site(quota))),
            hasher: RandomState::new(),
        }
    }

    /// Counts a registration request of this client; `None` where there is no limit, or the
    /// client's address is unknown.
    #[must_use]
    pub fn check_client(&self, address: Option<IpAddr>) -> Option<QuotaState> {
        Some(self.client.as_ref()?.check(address?))
    }

    /// Counts a message of browser spans of this client.
    #[must_use]
    pub fn check_browser_spans(&self, address: Option<IpAddr>) -> Option<QuotaState> {
        Some(self.spans.as_ref()?.check(address?))
    }

    /// Counts a look-up of a student by this client.
    #[must_use]
    pub fn check_read(&self, address: Option<IpAddr>) -> Option<QuotaState> {
        Some(self.reads.as_ref()?.check(address?))
    }

    /// Counts an authentication attempt of this client at the office.
    #[must_use]
    pub fn check_sign_in(&self, address: Option<IpAddr>) -> Option<QuotaState> {
        Some(self.sign_ins.as_ref()?.check(address?))
    }

    /// Counts a request of this person or token of the office, by public id.
    #[must_use]
    pub fn check_staff(&self, id: [u8; 16]) -> Option<QuotaState> {
        Some(self.token.as_ref()?.check(&id))
    }

    /// Counts a request about a registered address, given in lower case. A keyed hash of the
    /// address is kept, not the address.
    #[must_use]
    pub fn check_registered_email(&self, key: &str) -> Option<QuotaState> {
        Some(self.email.as_ref()?.check(&self.hasher.hash_one(key)))
    }

    /// Reserves, for this client, an answer that an address is registered; `None` where there is no
    /// limit, or the client's address is unknown. Waits while requests in flight hold what is left.
    ///
    /// # Errors
    ///
    /// The quota is used up.
    pub async fn reserve_duplicate(
        &self,
        address: Option<IpAddr>,
    ) -> Result<Option<Reservation<'_>>, QuotaState> {
        match (&self.duplicates, address) {
            (Some(quota), Some(address)) => quota.reserve(address).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Drops the clients and addresses whose quota is full.
    pub fn drop_full(&self) {
        let per_client = [&self.client, &self.spans, &self.reads, &self.sign_ins];
        per_client.into_iter().flatten().for_each(ClientLimiter::drop_full);
        self.token.iter().for_each(Limiter::drop_full);
        self.email.iter().for_each(Limiter::drop_full);
        self.duplicates.iter().for_each(Duplicates::drop_full);
    }
}

/// The quota of a /48, from that of each client in it.
fn of_site(client: Quota) -> Quota {
    Quota { count: client.count.saturating_mul(CLIENTS_IN_A_SITE), ..client }
}

/// A quota of each client, and a larger one of each /48 of IPv6.
struct ClientLimiter {
    clients: Limiter<IpAddr>,
    sites: Limiter<IpAddr>,
}

impl ClientLimiter {
    fn new(name: &'static str, quota: Quota) -> Self {
        let [clients, sites] = [quota, of_site(quota)].map(|quota| Limiter::new(name, quota));
        Self { clients, sites }
    }

    /// Counts a request, and gives the quota that refuses it or else the client's own.
    fn check(&self, address: IpAddr) -> QuotaState {
        let Networks { client, site } = Networks::of(address);
        let state = self.clients.check(&client);
        match site {
            Some(site) if !state.is_exceeded => {
                Some(self.sites.check(&site)).filter(|site| site.is_exceeded).unwrap_or(state)
            }
            _ => state,
        }
    }

    fn drop_full(&self) {
        self.clients.drop_full();
        self.sites.drop_full();
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
        let (client, email) = (Some(quota(2)), Some(quota(1)));
        RateLimits::new(Quotas { client, email, reads: client, ..Quotas::default() })
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
        // A /48 has the quota of four.
        for network in 2..7 {
            assert!(!check(&format!("2001:db8:0:{network}::1")).is_exceeded);
        }
        let exceeded = check("2001:db8:0:7::1");
        assert!(exceeded.is_exceeded && exceeded.quota.count.get() == 8);
        assert!(!check("2001:db8:1::1").is_exceeded);
    }

    #[test]
    fn browser_spans_reads_and_addresses_have_quotas_of_their_own() {
        let limits = limits();
        let client: Option<IpAddr> = "192.0.2.1".parse().ok();
        for _ in 0..3 {
            let _ = limits.check_client(client);
        }
        assert!(!limits.check_browser_spans(client).unwrap().is_exceeded);
        let reads = [(); 3].map(|()| limits.check_read(client).unwrap().is_exceeded);
        assert_eq!(reads, [false, false, true]);
        assert!(!limits.check_registered_email("a@example.org").unwrap().is_exceeded);
        assert!(limits.check_registered_email("a@example.org").unwrap().is_exceeded);
        assert!(!limits.check_registered_email("b@example.org").unwrap().is_exceeded);
    }

    #[test]
    fn full_quotas_take_no_memory() {
        let quota = Quota { count: NonZeroU32::MAX, seconds: NonZeroU32::MIN };
        let limits = RateLimits::new(Quotas { client: Some(quota), ..Quotas::default() });
        let _ = limits.check_client("192.0.2.1".parse().ok());
        let keys = || limits.client.as_ref().unwrap().clients.limiter.len();
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
}
