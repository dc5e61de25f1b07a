//! The port that stores registrations.

use std::{io, sync::Arc};

use chrono::{DateTime, Utc};
use registration_domain::{InsertFuture, NewRegistration, RegistrationStore, RepositoryError};

use crate::{
    database::Database,
    error::Failure,
    registrations::{
        idempotency_keys,
        writer::{WriteOptions, Writer},
    },
    retry,
};

/// The registrations of a database. Concurrent inserts share statements and commits.
pub struct Registrations {
    database: Database,
    writer: Arc<Writer>,
}

impl Registrations {
    /// The registrations of `database`, which must be migrated, and the threads that write them: one
    /// for each connection, and one more that expires inserts. They end when this is dropped, after
    /// what is queued has been written.
    ///
    /// # Errors
    ///
    /// The operating system cannot start a thread.
    pub fn start(database: Database, options: WriteOptions) -> io::Result<Self> {
        let writer = Arc::new(Writer::new(database.clone(), options));
        let registrations = Self { database, writer };
        Writer::spawn_threads(&registrations.writer)?;
        Ok(registrations)
    }
}

impl RegistrationStore for Registrations {
    fn insert(&self, registration: NewRegistration) -> InsertFuture {
        let answer = self.writer.enqueue(registration);
        Box::pin(async {
            answer
                .await
                .unwrap_or_else(|_| Err(RepositoryError::unexpected("the batch writer panicked")))
        })
    }

    /// Background work, which has no trace.
    fn delete_expired_keys(&self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let mut total = 0;
        loop {
            // Returned after each statement: registrations need the connection, too.
            let mut session = self.database.session()?;
            let (deleted, was_last) = retry::on_conflict(|| {
                session
                    .untraced(|connection| idempotency_keys::delete_expired(connection, cutoff))
                    .map_err(Failure::from)
            })
            .map_err(|failure| session.repository_error(failure))?;
            total += deleted;
            if was_last {
                return Ok(total);
            }
        }
    }
}

impl Drop for Registrations {
    fn drop(&mut self) {
        self.writer.close();
    }
}
