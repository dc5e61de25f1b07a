//! The use case over the in-memory store.

mod idempotency_lock;
mod interleavings;

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use registration_contract::{
    MemoryStore,
    fixtures::{form, key, now},
};
use registration_domain::{
    InsertFuture, NewRegistration, Origin, RawField, RegistrationStore, RepositoryError,
    Unavailability,
};

use super::*;
use crate::{
    blocking::TimedOut,
    rate_limit::{Quota, Quotas, RateLimits},
};

const TIMEOUT: Duration = Duration::from_secs(10);

fn use_case(store: Arc<dyn RegistrationStore>) -> RegisterStudent {
    let once = Quota { count: NonZeroU32::MIN, seconds: NonZeroU32::MAX };
    RegisterStudent {
        store,
        locks: Arc::default(),
        limits: Arc::new(RateLimits::new(Quotas { email: Some(once), ..Quotas::default() })),
        form_secret: FormSecret::new(b"secret"),
        minimum_fill_time: Duration::from_secs(2),
        timeout: TIMEOUT,
    }
}

fn in_memory() -> (MemoryStore, RegisterStudent) {
    let store = MemoryStore::default();
    (store.clone(), use_case(Arc::new(store)))
}

fn request(email: &str) -> RegistrationRequest {
    RegistrationRequest { applicant: form(email), ..RegistrationRequest::default() }
}

/// A context with random bytes of its own.
fn context(with_key: Option<&str>) -> RegistrationContext {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let (key, random) = (with_key.map(key), [NEXT.fetch_add(1, Ordering::Relaxed); 10]);
    let (key_source, origin) = (KeySource::Body, Origin::default());
    RegistrationContext { key, key_source, client: None, now: now(), random, origin }
}

#[tokio::test]
async fn a_repetition_with_the_same_key_is_replayed_and_another_request_is_not() {
    let (_, register) = in_memory();
    let first = register.register(&request("a@example.org"), context(Some("k"))).await;
    let again = register.register(&request("a@example.org"), context(Some("k"))).await;
    let (first, again) = (first.result.unwrap(), again.result.unwrap());
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.student, again.student);
    let other = register.register(&request("b@example.org"), context(Some("k"))).await;
    assert!(matches!(other.result, Err(RegisterError::KeyReused)));
}

#[tokio::test]
async fn a_registered_address_is_confirmed_within_its_quota_only() {
    let (_, register) = in_memory();
    let request = request("a@example.org");
    let again = || register.register(&request, context(None));
    assert!(again().await.quota.is_none());
    let second = again().await;
    assert!(matches!(second.result, Err(RegisterError::AlreadyRegistered)));
    assert!(second.quota.is_some_and(|quota| !quota.is_exceeded));
    let third = again().await;
    assert!(matches!(third.result, Err(RegisterError::RateLimited(quota)) if quota.is_exceeded));
}

#[tokio::test]
async fn a_client_learns_of_registered_addresses_within_its_quota_only() {
    let (store, mut register) = in_memory();
    let twice = Quota { count: NonZeroU32::new(2).unwrap(), seconds: NonZeroU32::MAX };
    let quotas = Quotas { duplicates: Some(twice), ..Quotas::default() };
    register.limits = Arc::new(RateLimits::new(quotas));
    let send = async |email: &str, client: &str| {
        let context = RegistrationContext { client: client.parse().ok(), ..context(None) };
        register.register(&request(email), context).await.result
    };
    for email in ["a@example.org", "b@example.org", "c@example.org"] {
        send(email, "192.0.2.1").await.unwrap();
    }
    for email in ["a@example.org", "b@example.org"] {
        let result = send(email, "192.0.2.1").await;
        assert!(matches!(result, Err(RegisterError::AlreadyRegistered)), "{result:?}");
    }
    // A registered address and another get the same answer, and the store is not asked.
    store.set_unavailable(Some(Unavailability::PoolExhausted));
    for email in ["c@example.org", "new@example.org"] {
        let result = send(email, "192.0.2.1").await;
        let is_limited =
            matches!(result, Err(RegisterError::TooManyDuplicates(q)) if q.is_exceeded);
        assert!(is_limited, "{result:?}");
    }
    store.set_unavailable(None);
    send("new@example.org", "192.0.2.2").await.unwrap();
}

#[tokio::test]
async fn a_suspect_form_is_confirmed_once_and_validation_comes_first() {
    let (_, register) = in_memory();
    let token = register.form_secret.issue(now() - TimeDelta::seconds(1), [1; 10]);
    let with_token = |token: &str| RegistrationRequest {
        idempotency_key: RawField::from(token),
        ..request("a@example.org")
    };
    let invalid = RegistrationRequest { applicant: Default::default(), ..with_token(&token) };
    let invalid = register.register(&invalid, context(None)).await;
    assert!(matches!(invalid.result, Err(RegisterError::Invalid(_))));

    let early = register.register(&with_token(&token), context(None)).await;
    let signal = |attempt: Attempt| match attempt.result {
        Err(RegisterError::ConfirmationRequired(signal)) => signal,
        other => panic!("{other:?}"),
    };
    assert_eq!(signal(early), BotSignal::TooFast);
    let honeypot = RegistrationRequest { honeypot: RawField::from("x"), ..with_token(&token) };
    let filled = register.register(&honeypot, context(None)).await;
    assert_eq!(signal(filled), BotSignal::HoneypotFilled);
    let without_token =
        RegistrationRequest { idempotency_key: RawField::Missing, ..honeypot.clone() };
    let filled = register.register(&without_token, context(None)).await;
    assert_eq!(signal(filled), BotSignal::HoneypotFilled);
    let old =
        register.form_secret.issue(now() - TimeDelta::days(7) - TimeDelta::seconds(1), [2; 10]);
    let expired = register.register(&with_token(&old), context(None)).await;
    assert_eq!(signal(expired), BotSignal::Expired);
    let foreign = FormSecret::new(b"another").issue(now() - TimeDelta::seconds(9), [1; 10]);
    let foreign_form = register.register(&with_token(&foreign), context(None)).await;
    assert_eq!(signal(foreign_form), BotSignal::InvalidSignature);
    let future = register.form_secret.issue(now() + TimeDelta::seconds(9), [1; 10]);
    let future_form = register.register(&with_token(&future), context(None)).await;
    assert_eq!(signal(future_form), BotSignal::IssuedInFuture);
    let script = RegistrationContext { key_source: KeySource::Header, ..context(Some("own")) };
    assert!(register.register(&with_token(&foreign), script).await.result.is_ok());

    // Confirmed, also by a browser that fills in the honeypot each time.
    let confirmed = RegistrationRequest {
        applicant: form("b@example.org"),
        honeypot: RawField::from("x"),
        ..with_token(without_prefix(&token))
    };
    assert!(register.register(&confirmed, context(None)).await.result.is_ok());
    let almost_old = now() - TimeDelta::days(7) + TimeDelta::seconds(1);
    let token = register.form_secret.issue(almost_old, [3; 10]);
    let last = RegistrationRequest { applicant: form("c@example.org"), ..with_token(&token) };
    assert!(register.register(&last, context(None)).await.result.is_ok());
}

#[tokio::test]
async fn a_form_reports_its_age() {
    let (_, register) = in_memory();
    let token = register.form_secret.issue(now() - TimeDelta::seconds(5), [1; 10]);
    let request = RegistrationRequest {
        idempotency_key: RawField::from(&*token),
        ..request("a@example.org")
    };
    let attempt = register.register(&request, context(None)).await;
    assert_eq!(attempt.form_age.map(|age| age.num_seconds()), Some(5));
    assert!(attempt.result.is_ok());
}

#[tokio::test]
async fn an_unavailable_store_is_reported_as_such() {
    let (store, register) = in_memory();
    store.set_unavailable(Some(Unavailability::PoolExhausted));
    let attempt = register.register(&request("a@example.org"), context(None)).await;
    let Err(RegisterError::Repository(RepositoryError::Unavailable { reason, .. })) =
        attempt.result
    else {
        panic!("{attempt:?}")
    };
    assert_eq!(reason, Unavailability::PoolExhausted);
}

/// A store whose inserts never finish.
struct Stuck;

impl RegistrationStore for Stuck {
    fn insert(&self, _: NewRegistration) -> InsertFuture {
        Box::pin(std::future::pending())
    }

    fn delete_expired_keys(
        &self,
        _: chrono::DateTime<chrono::Utc>,
    ) -> Result<usize, RepositoryError> {
        Ok(0)
    }
}

#[tokio::test(start_paused = true)]
async fn an_insert_that_never_finishes_times_out_and_keeps_its_key_locked() {
    let register = use_case(Arc::new(Stuck));
    let request = request("a@example.org");
    let first = register.register(&request, context(Some("k"))).await;
    assert!(matches!(first.result, Err(RegisterError::TimedOut(TimedOut::Running))));
    let second = register.register(&request, context(Some("k"))).await;
    assert!(matches!(second.result, Err(RegisterError::RequestInProgress)));
}

#[tokio::test(start_paused = true)]
async fn waits_for_the_quota_and_for_the_store_share_one_time_limit() {
    let mut register = use_case(Arc::new(Stuck));
    let once = Quota { count: NonZeroU32::MIN, seconds: NonZeroU32::MAX };
    let quotas = Quotas { duplicates: Some(once), ..Quotas::default() };
    register.limits = Arc::new(RateLimits::new(quotas));
    let started = tokio::time::Instant::now();
    let client = "192.0.2.1".parse().ok();
    let reservation = register.limits.reserve_duplicate(client).await.ok().unwrap();
    let release = async {
        tokio::time::sleep(TIMEOUT / 2).await;
        drop(reservation);
    };
    let context = RegistrationContext { client, ..context(Some("k")) };
    let request = request("a@example.org");
    let (attempt, ()) = tokio::join!(register.register(&request, context), release);
    assert!(matches!(attempt.result, Err(RegisterError::TimedOut(TimedOut::Running))));
    assert_eq!(started.elapsed(), TIMEOUT);
}
