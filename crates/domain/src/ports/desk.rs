//! The port of the office: transactions over everything that it works with.

use std::convert::Infallible;

use crate::{
    ApiRequestRepository, ChecklistRepository, Completion, FailureRepository, ImportRepository,
    JournalRepository, OperationRepository, RepositoryError, Roster, SessionRepository,
    StaffRepository, StudentRecords, TokenRepository,
};

/// Runs the office's work in transactions, apart from registrations: on connections of its own where
/// the store has more than one.
///
/// Synchronous, as the databases behind it are: a caller on an event loop moves the call to a thread
/// that may block.
pub trait DeskStore: Send + Sync {
    /// Runs `work`, which only reads, on one state of the store.
    ///
    /// # Errors
    ///
    /// The error of `work`, or the reason why it could not be run.
    fn read(&self, work: &mut DeskRead<'_>) -> Result<(), RepositoryError>;

    /// Runs `work` in a transaction, which is committed where it returns [`Completion::Commit`] and
    /// rolled back otherwise. After a conflict `work` runs again, a bounded number of times: it must
    /// have no effect but on its transaction and on its own result.
    ///
    /// # Errors
    ///
    /// The error of `work`, or the reason why the transaction could not be run.
    fn write(&self, work: &mut DeskWrite<'_>) -> Result<(), RepositoryError>;
}

/// What reads.
pub type DeskRead<'a> = dyn FnMut(&mut dyn DeskTransaction) -> Result<(), RepositoryError> + 'a;

/// What writes.
pub type DeskWrite<'a> =
    dyn FnMut(&mut dyn DeskTransaction) -> Result<Completion, RepositoryError> + 'a;

/// The repositories of a transaction.
pub trait DeskTransaction:
    StaffRepository
    + SessionRepository
    + TokenRepository
    + ApiRequestRepository
    + StudentRecords
    + Roster
    + JournalRepository
    + OperationRepository
    + ChecklistRepository
    + FailureRepository
    + ImportRepository
{
}

/// Runs `work`, which only reads, and returns its value.
///
/// # Errors
///
/// As [`DeskStore::read`].
pub fn read<T>(
    desk: &dyn DeskStore,
    mut work: impl FnMut(&mut dyn DeskTransaction) -> Result<T, RepositoryError>,
) -> Result<T, RepositoryError> {
    let mut value = None;
    desk.read(&mut |transaction| {
        value = Some(work(transaction)?);
        Ok(())
    })?;
    value.ok_or_else(|| RepositoryError::unexpected("the transaction did not run"))
}

/// Runs `work` in one transaction, which is committed where it succeeds and rolled back where it
/// refuses, and returns its result.
///
/// # Errors
///
/// As [`DeskStore::write`].
pub fn write<T, E>(
    desk: &dyn DeskStore,
    mut work: impl FnMut(&mut dyn DeskTransaction) -> Result<Result<T, E>, RepositoryError>,
) -> Result<Result<T, E>, RepositoryError> {
    let mut value = None;
    desk.write(&mut |transaction| {
        let result = work(transaction)?;
        let completion = if result.is_ok() { Completion::Commit } else { Completion::RollBack };
        value = Some(result);
        Ok(completion)
    })?;
    value.ok_or_else(|| RepositoryError::unexpected("the transaction did not run"))
}

/// Runs `work`, which refuses nothing, in one transaction, and returns its result.
///
/// # Errors
///
/// As [`DeskStore::write`].
pub fn commit<T>(
    desk: &dyn DeskStore,
    mut work: impl FnMut(&mut dyn DeskTransaction) -> Result<T, RepositoryError>,
) -> Result<T, RepositoryError> {
    let Ok(value) = write(desk, |transaction| work(transaction).map(Ok::<_, Infallible>))?;
    Ok(value)
}
