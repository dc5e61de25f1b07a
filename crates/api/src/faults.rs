//! Faults on purpose, for drills: in front of the student store, so that nothing else knows of them.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use registration_domain::{
    Insertion, RepositoryError, StudentId, StudentRepository, Submission, Unavailability,
};

/// Where faults may be injected. What has another name may be production.
pub(crate) const ENVIRONMENTS: [&str; 3] = ["development", "test", "staging"];

/// Which faults to inject, and into how many of a hundred requests; none unless set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// How much later a registration is stored.
    latency: Duration,
    delayed: u64,
    /// Answered 500.
    error: u64,
    /// Answered 503, as where the database is gone.
    database: u64,
}

impl Faults {
    pub(crate) fn any(self) -> bool {
        self != Self::default()
    }
}

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for fault in text.split(',').map(str::trim).filter(|fault| !fault.is_empty()) {
            faults.set(fault).ok_or_else(|| {
                format!(
                    "is {text:?}: write faults as in latency=500ms@20%,error=10%,database=100%, \
                     with whole numbers"
                )
            })?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn set(&mut self, fault: &str) -> Option<()> {
        let (name, value) = fault.split_once('=')?;
        match name {
            "latency" => {
                let (latency, share) = value.split_once('@').unwrap_or((value, "100%"));
                self.latency = Duration::from_millis(latency.strip_suffix("ms")?.parse().ok()?);
                self.delayed = percent(share)?;
            }
            "error" => self.error = percent(value)?,
            "database" => self.database = percent(value)?,
            _ => return None,
        }
        Some(())
    }
}

fn percent(text: &str) -> Option<u64> {
    text.strip_suffix('%')?.parse().ok().filter(|share| (1..=100).contains(share))
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut faults = Vec::new();
        if self.delayed > 0 {
            faults.push(format!("latency={}ms@{}%", self.latency.as_millis(), self.delayed));
        }
        for (name, share) in [("error", self.error), ("database", self.database)] {
            if share > 0 {
                faults.push(format!("{name}={share}%"));
            }
        }
        f.write_str(&faults.join(","))
    }
}

/// A store with faults.
pub(crate) struct Faulty {
    students: Arc<dyn StudentRepository>,
    faults: Faults,
    /// What has been asked for: spreads each fault evenly, so that a drill needs no luck.
    asked: AtomicU64,
}

#[derive(Debug, thiserror::Error)]
#[error("a fault was injected")]
struct Injected;

impl Faulty {
    pub(crate) fn new(students: Arc<dyn StudentRepository>, faults: Faults) -> Self {
        Self { students, faults, asked: AtomicU64::new(0) }
    }

    /// The fault that is this request's, and how long it is to wait.
    fn next(&self) -> (Option<RepositoryError>, Duration) {
        let Faults { latency, delayed, error, database } = self.faults;
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let is_hit = |share| number * share % 100 + share >= 100;
        let failure = if is_hit(database) {
            let reason = Unavailability::DatabaseUnreachable;
            Some(RepositoryError::Unavailable { reason, source: Arc::new(Injected) })
        } else if is_hit(error) {
            Some(RepositoryError::Unexpected(Arc::new(Injected)))
        } else {
            None
        };
        (failure, if is_hit(delayed) { latency } else { Duration::ZERO })
    }
}

impl StudentRepository for Faulty {
    fn insert(&self, submission: Submission) -> Insertion {
        let (failure, latency) = self.next();
        let students = Arc::clone(&self.students);
        Box::pin(async move {
            tokio::time::sleep(latency).await;
            match failure {
                Some(failure) => Err(failure),
                None => students.insert(submission).await,
            }
        })
    }

    fn forget_keys(&self, limit: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.students.forget_keys(limit)
    }

    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
        match self.next().0 {
            Some(failure) => Err(failure),
            None => self.students.registered_at(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl StudentRepository for Nowhere {
        fn insert(&self, _: Submission) -> Insertion {
            unreachable!("nothing is inserted")
        }

        fn forget_keys(&self, _: DateTime<Utc>) -> Result<usize, RepositoryError> {
            Ok(0)
        }

        fn registered_at(&self, _: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
            Ok(None)
        }
    }

    #[test]
    fn faults_are_read_as_they_are_written() {
        for text in ["", "error=10%", "latency=500ms@20%,error=1%,database=100%"] {
            assert_eq!(text.parse::<Faults>().unwrap().to_string(), text);
        }
        let all = "latency=20ms , error=5%".parse::<Faults>().unwrap();
        assert_eq!(all.to_string(), "latency=20ms@100%,error=5%");
        for wrong in ["error", "error=10", "error=0%", "error=101%", "latency=1s@1%", "fire=1%"] {
            wrong.parse::<Faults>().expect_err(wrong);
        }
    }

    #[test]
    fn each_fault_hits_its_share_evenly() {
        let faults = "latency=7ms@50%,error=20%,database=3%".parse().unwrap();
        let faulty = Faulty::new(Arc::new(Nowhere), faults);
        let all: Vec<_> = (0..100).map(|_| faulty.next()).collect();
        let reasons = |wanted: fn(&RepositoryError) -> bool| {
            all.iter().filter(|(failure, _)| failure.as_ref().is_some_and(wanted)).count()
        };
        assert_eq!(reasons(|error| matches!(error, RepositoryError::Unavailable { .. })), 3);
        // Where both fall on one request, the database comes first.
        let errors = reasons(|error| matches!(error, RepositoryError::Unexpected(_)));
        assert!((17..=20).contains(&errors), "{errors}");
        assert_eq!(all.iter().filter(|(_, latency)| !latency.is_zero()).count(), 50);
        let first_ten = all[..10].iter().filter(|(failure, _)| failure.is_some()).count();
        assert!((2..=3).contains(&first_ten), "{first_ten}");
    }

    #[test]
    fn where_nothing_is_set_nothing_is_hit() {
        let faulty = Faulty::new(Arc::new(Nowhere), Faults::default());
        assert!(!Faults::default().any());
        assert!((0..1000).all(|_| matches!(faulty.next(), (None, Duration::ZERO))));
    }
}
