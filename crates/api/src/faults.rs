//! Faults on purpose, for drills: in front of the student store, so that nothing else knows of them.

use std::{
    collections::HashSet,
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
const ENVIRONMENTS: [&str; 3] = ["development", "test", "staging"];

/// Whether faults may be injected in a deployment of this name; `None` where nobody can tell it.
pub(crate) fn allowed_in(environment: Option<&str>) -> Result<(), String> {
    if environment.is_some_and(|name| ENVIRONMENTS.contains(&name)) {
        return Ok(());
    }
    let name = environment.map_or("not to be read".to_owned(), |name| format!("{name:?}"));
    let allowed = ENVIRONMENTS.join(", ");
    Err(format!(
        "is set, and deployment.environment.name is {name}: faults are injected in {allowed} alone"
    ))
}

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

    fn set(&mut self, fault: &str) -> Option<()> {
        let (name, value) = fault.split_once('=')?;
        match name {
            "latency" => {
                let (latency, share) = value.split_once('@').unwrap_or((value, "100%"));
                self.latency = Duration::from_millis(number(latency.strip_suffix("ms")?)?);
                self.delayed = percent(share)?;
            }
            "error" => self.error = percent(value)?,
            "database" => self.database = percent(value)?,
            _ => return None,
        }
        Some(())
    }
}

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut faults, mut named) = (Self::default(), HashSet::new());
        for fault in text.split(',').map(str::trim).filter(|fault| !fault.is_empty()) {
            let name = fault.split('=').next();
            faults.set(fault).filter(|()| named.insert(name)).ok_or_else(|| {
                format!(
                    "is {text:?}: write faults as in latency=500ms@20%,error=10%,database=100%, \
                     each once, with whole numbers"
                )
            })?;
        }
        Ok(faults)
    }
}

fn percent(text: &str) -> Option<u64> {
    number(text.strip_suffix('%')?).filter(|share| (1..=100).contains(share))
}

/// Digits alone: `parse` takes a sign as well.
fn number(text: &str) -> Option<u64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
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
    latency: Duration,
    delayed: Share,
    error: Share,
    database: Share,
}

/// So many of a hundred, spread evenly, so that a drill needs no luck.
struct Share {
    percent: u64,
    counted: AtomicU64,
}

impl Share {
    fn new(percent: u64) -> Self {
        Self { percent, counted: AtomicU64::new(0) }
    }

    /// Counts one more; whether it is among them.
    fn takes_next(&self) -> bool {
        let number = self.counted.fetch_add(1, Ordering::Relaxed);
        number * self.percent % 100 + self.percent >= 100
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a fault was injected")]
struct Injected;

impl Faulty {
    pub(crate) fn new(students: Arc<dyn StudentRepository>, faults: Faults) -> Self {
        let Faults { latency, delayed, error, database } = faults;
        let [delayed, error, database] = [delayed, error, database].map(Share::new);
        Self { students, latency, delayed, error, database }
    }

    /// What is wrong with the next registration.
    fn failure(&self) -> Option<RepositoryError> {
        if self.database.takes_next() {
            let reason = Unavailability::DatabaseUnreachable;
            return Some(RepositoryError::Unavailable { reason, source: Arc::new(Injected) });
        }
        self.error.takes_next().then(|| RepositoryError::Unexpected(Arc::new(Injected)))
    }

    /// How long it is to wait, where it is stored.
    fn latency(&self) -> Duration {
        if self.delayed.takes_next() { self.latency } else { Duration::ZERO }
    }
}

impl StudentRepository for Faulty {
    fn insert(&self, submission: Submission) -> Insertion {
        if let Some(failure) = self.failure() {
            return Box::pin(std::future::ready(Err(failure)));
        }
        let (students, latency) = (Arc::clone(&self.students), self.latency());
        Box::pin(async move {
            tokio::time::sleep(latency).await;
            students.insert(submission).await
        })
    }

    fn forget_keys(&self, limit: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.students.forget_keys(limit)
    }

    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
        self.students.registered_at(id)
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
        for wrong in [
            "error",
            "error=10",
            "error=0%",
            "error=101%",
            "latency=1s@1%",
            "fire=1%",
            "error=+5%",
            "error=1%,error=2%",
        ] {
            wrong.parse::<Faults>().expect_err(wrong);
        }
    }

    /// How many of a hundred registrations find no database, fail, and are late.
    fn hits(faults: &str) -> [usize; 3] {
        let faulty = Faulty::new(Arc::new(Nowhere), faults.parse().unwrap());
        let mut hits = [0; 3];
        for _ in 0..100 {
            match faulty.failure() {
                Some(RepositoryError::Unavailable { .. }) => hits[0] += 1,
                Some(RepositoryError::Unexpected(_)) => hits[1] += 1,
                None => hits[2] += usize::from(!faulty.latency().is_zero()),
            }
        }
        hits
    }

    #[test]
    fn each_fault_takes_its_share_of_what_the_others_leave() {
        assert_eq!(hits(""), [0, 0, 0]);
        assert_eq!(hits("error=10%,database=10%"), [10, 9, 0]);
        assert_eq!(hits("error=50%,database=50%"), [50, 25, 0]);
        assert_eq!(hits("latency=7ms@20%,error=20%"), [0, 20, 16]);
        assert_eq!(hits("latency=7ms,database=100%"), [100, 0, 0]);
    }

    #[test]
    fn a_share_is_spread_evenly() {
        let share = Share::new(20);
        let taken: Vec<_> = (0..10).filter(|_| share.takes_next()).collect();
        assert_eq!(taken, [4, 9]);
    }
}
