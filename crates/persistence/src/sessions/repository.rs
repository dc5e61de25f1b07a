//! The port to the sessions of the office.

use chrono::{DateTime, Utc};
use registration_domain::{
    RepositoryError, SecretHash, Session, SessionRepository, StaffId, StaffMember,
};

use crate::{sessions::queries, transaction::DieselTransaction};

impl SessionRepository for DieselTransaction<'_> {
    fn find_session(
        &mut self,
        hash: SecretHash,
    ) -> Result<Option<(Session, StaffMember)>, RepositoryError> {
        self.run(|connection| queries::find(connection, hash))
    }

    fn insert_session(&mut self, session: &Session) -> Result<(), RepositoryError> {
        self.run(|connection| queries::insert(connection, session))
    }

    fn touch_session(
        &mut self,
        hash: SecretHash,
        at: DateTime<Utc>,
    ) -> Result<(), RepositoryError> {
        self.run(|connection| queries::touch(connection, hash, at))
    }

    fn sessions_of(&mut self, staff: StaffId) -> Result<Vec<Session>, RepositoryError> {
        self.run(|connection| queries::of(connection, staff))
    }

    fn end_sessions(
        &mut self,
        staff: StaffId,
        keep: Option<SecretHash>,
        at: DateTime<Utc>,
    ) -> Result<usize, RepositoryError> {
        self.run(|connection| queries::end_all(connection, staff, keep, at))
    }

    fn end_session(
        &mut self,
        staff: StaffId,
        hash: SecretHash,
        at: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        self.run(|connection| queries::end(connection, staff, hash, at))
    }

    fn delete_old_sessions(&mut self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.run(|connection| queries::delete_old(connection, cutoff))
    }

    fn count_active_sessions(&mut self, now: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.run(|connection| queries::count_active(connection, now))
    }
}
