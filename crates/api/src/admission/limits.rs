//! How often who may try: a quota for each client and one for each e-mail address. A quota refills
//! steadily (GCRA), so that there is no moment at which everybody may begin again.

use std::{
    fmt::Write as _,
    hash::{BuildHasher as _, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use actix_web::{HttpMessage as _, HttpRequest};
use governor::{
    Quota as Rate, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::client;
use crate::problem::ApiError;

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) count: NonZeroU32,
    pub(crate) seconds: NonZeroU32,
}

/// The quotas that are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quotas {
    /// How much a client may send.
    pub(crate) client: Option<Quota>,
    /// How often an address may be asked about that is registered already.
    pub(crate) email: Option<Quota>,
}

/// What each client and each address has left.
pub(crate) struct Limits {
    client: Option<Limiter<IpAddr>>,
    spans: Option<Limiter<IpAddr>>,
    email: Option<Limiter<u64>>,
    hasher: RandomState,
}

impl Limits {
    pub(crate) fn new(quotas: Quotas) -> Self {
        Self {
            client: quotas.client.map(|quota| Limiter::new("client", quota)),
            spans: quotas.client.map(|quota| Limiter::new("spans", quota)),
            email: quotas.email.map(|quota| Limiter::new("email", quota)),
            hasher: RandomState::new(),
        }
    }

    /// Lets a request of this client in, or not. A client whose address is not known has no quota.
    pub(crate) fn admit_client(
        &self,
        request: &HttpRequest,
        address: Option<IpAddr>,
    ) -> Result<(), ApiError> {
        admit(self.client.as_ref(), request, address.map(client::network))
    }

    /// The same for what the client's page tells about itself.
    pub(crate) fn admit_spans(
        &self,
        request: &HttpRequest,
        address: Option<IpAddr>,
    ) -> Result<(), ApiError> {
        admit(self.spans.as_ref(), request, address.map(client::network))
    }

    /// Whether somebody may be told once more that this address is registered. Of the address a keyed
    /// hash is remembered.
    pub(crate) fn admit_email(&self, request: &HttpRequest, key: &str) -> Result<(), ApiError> {
        admit(self.email.as_ref(), request, Some(self.hasher.hash_one(key)))
    }

    /// Forgets everybody whose quota is full again.
    pub(crate) fn forget_idle(&self) {
        self.client.iter().chain(&self.spans).for_each(Limiter::forget_idle);
        self.email.iter().for_each(Limiter::forget_idle);
    }
}

fn admit<K: Hash + Eq + Clone>(
    limiter: Option<&Limiter<K>>,
    request: &HttpRequest,
    key: Option<K>,
) -> Result<(), ApiError> {
    let (Some(limiter), Some(key)) = (limiter, key) else { return Ok(()) };
    let state = limiter.admit(&key);
    let mut extensions = request.extensions_mut();
    if !extensions.contains::<Remaining>() {
        extensions.insert(Remaining::default());
    }
    if let Some(remaining) = extensions.get_mut::<Remaining>() {
        remaining.add(limiter, &state);
    }
    match state.refused {
        true => Err(ApiError::RateLimited { limit: limiter.name, retry_after: state.seconds }),
        false => Ok(()),
    }
}

/// One quota, and what everybody has left of it.
struct Limiter<K: Hash + Eq + Clone> {
    name: &'static str,
    quota: Quota,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
}

/// What a request has found of a quota.
struct State {
    refused: bool,
    remaining: u32,
    /// Until the next request may come, if this was refused; until the quota is full, if not.
    seconds: u64,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(name: &'static str, quota: Quota) -> Self {
        let (count, seconds) = (quota.count, quota.seconds.get());
        let interval = Duration::from_secs(seconds.into()) / count.get();
        let rate = Rate::with_period(interval).unwrap_or(Rate::per_second(NonZeroU32::MAX));
        let limiter = RateLimiter::keyed(rate.allow_burst(count)).with_middleware();
        Self { name, quota, limiter }
    }

    fn admit(&self, key: &K) -> State {
        match self.limiter.check_key(key) {
            Ok(found) => {
                let remaining = found.remaining_burst_capacity();
                let used = u64::from(self.quota.count.get().saturating_sub(remaining));
                let seconds = used * u64::from(self.quota.seconds.get());
                let seconds = seconds.div_ceil(u64::from(self.quota.count.get()));
                State { refused: false, remaining, seconds }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.limiter.clock().now());
                State { refused: true, remaining: 0, seconds: wait.as_secs() + 1 }
            }
        }
    }

    fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// The header fields `RateLimit-Policy` and `RateLimit` of a request's answer
/// (draft-ietf-httpapi-ratelimit-headers-11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remaining {
    pub(crate) policy: String,
    pub(crate) limit: String,
}

impl Remaining {
    fn add<K: Hash + Eq + Clone>(&mut self, limiter: &Limiter<K>, state: &State) {
        let (name, Quota { count, seconds }) = (limiter.name, limiter.quota);
        for text in [&mut self.policy, &mut self.limit] {
            if !text.is_empty() {
                text.push_str(", ");
            }
        }
        let _ = write!(self.policy, "\"{name}\";q={count};w={seconds}");
        let _ = write!(self.limit, "\"{name}\";r={};t={}", state.remaining, state.seconds);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn limits() -> Limits {
        let quota = |count| Quota {
            count: NonZeroU32::new(count).unwrap(),
            seconds: NonZeroU32::new(3600).unwrap(),
        };
        Limits::new(Quotas { client: Some(quota(2)), email: Some(quota(1)) })
    }

    fn remaining(request: &HttpRequest) -> Remaining {
        request.extensions().get::<Remaining>().cloned().unwrap()
    }

    #[test]
    fn a_client_may_try_so_often_and_no_more() {
        let limits = limits();
        let admit = |address: &str| {
            let request = TestRequest::default().to_http_request();
            let admitted = limits.admit_client(&request, address.parse().ok());
            (admitted, remaining(&request).limit)
        };
        assert!(matches!(admit("192.0.2.1"), (Ok(()), limit) if limit == r#""client";r=1;t=1800"#));
        assert!(matches!(admit("192.0.2.1"), (Ok(()), limit) if limit == r#""client";r=0;t=3600"#));
        let (refused, limit) = admit("192.0.2.1");
        let Err(ApiError::RateLimited { limit: "client", retry_after }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(limit, format!(r#""client";r=0;t={retry_after}"#));
        assert!((1790..=1801).contains(&retry_after), "{retry_after}");
        assert!(admit("192.0.2.2").0.is_ok());
        // Two addresses of one line share a quota; another line has its own.
        assert!(admit("2001:db8::1").0.is_ok());
        assert!(admit("2001:db8::2").0.is_ok());
        assert!(admit("2001:db8::3").0.is_err());
        assert!(admit("2001:db8:0:1::1").0.is_ok());
    }

    #[test]
    fn an_address_has_a_quota_of_its_own() {
        let limits = limits();
        let request = TestRequest::default().to_http_request();
        limits.admit_client(&request, "192.0.2.1".parse().ok()).unwrap();
        limits.admit_email(&request, "a@example.org").unwrap();
        let expected = r#""client";q=2;w=3600, "email";q=1;w=3600"#;
        assert_eq!(remaining(&request).policy, expected);
        assert!(limits.admit_email(&request, "a@example.org").is_err());
        limits.admit_email(&request, "b@example.org").unwrap();
    }

    #[test]
    fn who_has_a_full_quota_is_forgotten() {
        let quota = Quota { count: NonZeroU32::MAX, seconds: NonZeroU32::MIN };
        let limits = Limits::new(Quotas { client: Some(quota), email: None });
        let request = TestRequest::default().to_http_request();
        limits.admit_client(&request, "192.0.2.1".parse().ok()).unwrap();
        let known = || limits.client.as_ref().unwrap().limiter.len();
        assert_eq!(known(), 1);
        limits.forget_idle();
        assert_eq!(known(), 0);
    }

    #[test]
    fn without_quotas_everybody_is_let_in() {
        let limits = Limits::new(Quotas::default());
        let request = TestRequest::default().to_http_request();
        for _ in 0..1000 {
            limits.admit_client(&request, "192.0.2.1".parse().ok()).unwrap();
            limits.admit_email(&request, "a@example.org").unwrap();
        }
        assert!(request.extensions().get::<Remaining>().is_none());
    }
}
