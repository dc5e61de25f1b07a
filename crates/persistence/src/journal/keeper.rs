//! Keeps the journal behind the requests.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use registration_domain::{JournalKeeper, RepositoryError, Seal};

use crate::{
    desk::Desk,
    journal::{covering::Covering, sealing},
};

/// The keeper of a database's journal. Several may work on one database.
pub struct Journal {
    desk: Desk,
    /// `None` until the first call, and after a failure.
    covering: Mutex<Option<Covering>>,
}

impl Journal {
    /// The journal of `desk`, whose database must be migrated.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self { desk, covering: Mutex::default() }
    }

    /// Covers registrations, and returns their number, and whether there are more.
    fn cover(&self, now: DateTime<Utc>) -> Result<(usize, bool), RepositoryError> {
        let mut covering = self.covering.lock();
        // What has failed is read again: whether it was committed is unknown.
        let mut current = covering.take().unwrap_or_default();
        let covered = current.cover(&self.desk, now)?;
        *covering = Some(current);
        Ok(covered)
    }
}

impl JournalKeeper for Journal {
    fn cover_registrations(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError> {
        Ok(self.cover(now)?.0)
    }

    fn cover_all(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let mut covered = 0;
        loop {
            let (count, has_more) = self.cover(now)?;
            covered += count;
            if !has_more {
                return Ok(covered);
            }
        }
    }

    fn seal(&self, now: DateTime<Utc>) -> Result<Option<Seal>, RepositoryError> {
        if !self.desk.poll(sealing::any_unsealed)? {
            return Ok(None);
        }
        let seal = || self.desk.change(|connection| sealing::seal(connection, now));
        tracing::info_span!("seal_journal").in_scope(seal)
    }

    fn unsealed(&self) -> Result<usize, RepositoryError> {
        self.desk.poll(sealing::count_unsealed)
    }
}
