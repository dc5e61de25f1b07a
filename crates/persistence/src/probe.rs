//! The write probe: whether this user may store a registration.

use diesel::{Connection as _, result::Error};
use registration_domain::RepositoryError;

use crate::{database::Database, registrations::idempotency_keys, students::queries as students};

impl Database {
    /// Inserts a student and a key and rolls back, to check that this user may.
    ///
    /// # Errors
    ///
    /// The user may not, or a table does not exist.
    pub fn check_write_permission(&self) -> Result<(), RepositoryError> {
        let mut session = self.session()?;
        let probed = session.untraced(|connection| {
            connection.transaction(|connection| {
                let public_id = students::probe_insert(connection)?;
                idempotency_keys::probe_insert(connection, &public_id)?;
                Err::<(), _>(Error::RollbackTransaction)
            })
        });
        match probed {
            Ok(()) | Err(Error::RollbackTransaction) => Ok(()),
            Err(error) => Err(session.repository_error(error)),
        }
    }
}
