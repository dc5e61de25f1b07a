//! The errors of refused registrations: counted here, and stored behind the answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use registration_domain::{
    ErrorCode, FailureCount, Field, FieldError, FieldErrors, RepositoryError,
};
use tokio::time::interval;

use super::{DeskError, Office, jobs::Outage};
use crate::{blocking::TimedOut, error_chain::error_chain, threads::NotRun};

/// How often counts are stored.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long they are kept.
const KEPT: TimeDelta = TimeDelta::days(30);

type Counts = HashMap<(DateTime<Utc>, Field, ErrorCode), u64>;

/// The errors that are not stored yet. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct FailureCounter(Arc<Mutex<Counts>>);

impl FailureCounter {
    /// Counts the errors of a registration that was refused now.
    pub fn add(&self, errors: &FieldErrors, now: DateTime<Utc>) {
        let hour = beginning_of_hour(now);
        self.with(|counts| {
            for FieldError { field, code } in errors.iter() {
                *counts.entry((hour, field, code)).or_default() += 1;
            }
        });
    }

    fn take(&self) -> Counts {
        self.with(std::mem::take)
    }

    fn put_back(&self, unstored: Counts) {
        self.with(|counts| {
            for (key, count) in unstored {
                *counts.entry(key).or_default() += count;
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Counts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The beginning of this time's hour.
pub(super) fn beginning_of_hour(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::hours(1)).unwrap_or(time)
}

/// Stores what was counted, for as long as it is polled. Counts that could not be stored are tried again.
pub async fn store_failures(
    office: Office,
    counter: FailureCounter,
    now: impl Fn() -> DateTime<Utc>,
) {
    let mut outage = Outage::new("Failures of registrations not counted");
    let mut due = interval(INTERVAL);
    loop {
        due.tick().await;
        let taken = counter.take();
        if taken.is_empty() {
            continue;
        }
        let counts: Vec<_> = taken.iter().map(failure_count).collect();
        let cutoff = beginning_of_hour(now() - KEPT);
        let stored = office.write(move |desk| {
            desk.add_failures(&counts)?;
            desk.delete_failures_before(cutoff).map(Ok::<_, RepositoryError>)
        });
        let stored = stored.await;
        // What takes too long may still be stored: too few is less wrong than twice as many.
        let is_running =
            matches!(&stored, Err(DeskError::NotRun(NotRun::TimedOut(TimedOut::Running))));
        if stored.is_err() && !is_running {
            counter.put_back(taken);
        }
        outage.note(stored.map_err(|error| error_chain(&error)));
    }
}

fn failure_count(
    (&(hour, field, code), &count): (&(DateTime<Utc>, Field, ErrorCode), &u64),
) -> FailureCount {
    FailureCount { hour, error: FieldError { field, code }, count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_by_hour_until_they_are_stored() {
        let counter = FailureCounter::default();
        let wrong = FieldError { field: Field::Email, code: ErrorCode::InvalidEmail };
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        counter.add(&wrong.into(), at("2026-09-01T09:00:00Z"));
        counter.add(&wrong.into(), at("2026-09-01T09:59:59Z"));
        counter.add(&wrong.into(), at("2026-09-01T10:00:00Z"));
        let taken = counter.take();
        let of = |hour: &str| taken[&(at(hour), Field::Email, ErrorCode::InvalidEmail)];
        assert_eq!((of("2026-09-01T09:00:00Z"), of("2026-09-01T10:00:00Z")), (2, 1));
        assert_eq!(counter.take(), Counts::default());
        counter.add(&wrong.into(), at("2026-09-01T09:30:00Z"));
        counter.put_back(taken.clone());
        assert_eq!(counter.take().values().sum::<u64>(), 4);
    }
}
