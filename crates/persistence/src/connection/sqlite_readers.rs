//! Connections to an SQLite file that only read, beside the pool's one that writes.
//!
//! They are closed before the writing connection is, where the file or its log was replaced: the last
//! connection that is closed saves what is in its log, and an old connection beside a new one would
//! share an index of two different logs.

use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::{
    connection::{
        session::{FileSiblings, Session},
        watchdog::SessionLimits,
    },
    database_url::DatabaseUrl,
    error::ConnectionError,
    transaction,
};

/// Readers of one file at the same time.
const COUNT: usize = 2;

/// A place for a connection, which is opened when it is needed. A connection that is left within a
/// transaction, by a panic or an error, is closed: it would refuse every later one.
pub(crate) struct Slot<'a>(MutexGuard<'a, Option<Session>>);

impl std::ops::Deref for Slot<'_> {
    type Target = Option<Session>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::ops::DerefMut for Slot<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let is_open = |session: &mut Session| transaction::is_open(&mut session.connection);
        if std::thread::panicking() || self.0.as_mut().is_some_and(is_open) {
            *self.0 = None;
        }
    }
}

/// The connections that only read.
pub(crate) struct SqliteReaders {
    url: DatabaseUrl,
    limits: SessionLimits,
    slots: [Mutex<Option<Session>>; COUNT],
}

impl SqliteReaders {
    pub(crate) fn new(url: DatabaseUrl, limits: SessionLimits) -> Self {
        Self { url, limits, slots: Default::default() }
    }

    /// Maximum number of connections.
    pub(crate) const fn max_size() -> u32 {
        COUNT as u32
    }

    /// Takes a place, one with an open connection first; `None` where none becomes free in time.
    pub(crate) fn take(&self, timeout: Duration) -> Option<Slot<'_>> {
        let mut free: Vec<_> = self.slots.iter().filter_map(Mutex::try_lock).collect();
        free.sort_by_key(|slot| slot.is_none());
        match free.into_iter().next() {
            Some(slot) => Some(Slot(slot)),
            None => self.slots.first()?.try_lock_for(timeout).map(Slot),
        }
    }

    /// Opens a connection.
    pub(crate) fn open(&self) -> Result<Session, ConnectionError> {
        let mut session = Session::open(&self.url, self.limits)?;
        session.set_query_only()?;
        Ok(session)
    }
}

impl FileSiblings for SqliteReaders {
    fn while_closed(&self, work: &mut dyn FnMut()) {
        let mut slots: Vec<_> = self.slots.iter().map(Mutex::lock).collect();
        slots.iter_mut().for_each(|slot| **slot = None);
        work();
    }
}
