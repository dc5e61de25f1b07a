//! One transaction over several repositories.

use crate::{Fingerprint, IdempotencyKey, Origin, RepositoryError, StoredKey, Student};

/// Runs work in one transaction: for use cases that store several things together. Registrations,
/// which are batched, go through [`RegistrationStore`](crate::RegistrationStore); a single one with a
/// key runs as such work within it.
pub trait UnitOfWork: Send + Sync {
    /// Runs `work` in a transaction, which is committed where it returns [`Completion::Commit`] and
    /// rolled back otherwise.
    ///
    /// Where the database gives the transaction up because of a conflict, it is rolled back and
    /// `work` runs again, a bounded number of times: it must have no effect but on its transaction
    /// and on its own result.
    ///
    /// # Errors
    ///
    /// The error of `work`, or the reason why the transaction could not be run.
    fn execute(&self, work: &mut Work<'_>) -> Result<(), RepositoryError>;
}

/// What runs in a transaction.
pub type Work<'a> = dyn FnMut(&mut dyn Transaction) -> Result<Completion, RepositoryError> + 'a;

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Everything is stored.
    Commit,
    /// Nothing is.
    RollBack,
}

/// The repositories that share one transaction.
pub trait Transaction {
    /// Writes students.
    fn students(&mut self) -> &mut dyn StudentWriter;

    /// Reads and writes idempotency keys.
    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeyRepository;
}

/// Writes students within a transaction.
pub trait StudentWriter {
    /// Inserts a student.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn insert(
        &mut self,
        student: &Student,
        origin: Origin,
    ) -> Result<StudentInsert, RepositoryError>;
}

/// The result of [`StudentWriter::insert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudentInsert {
    /// Inserted.
    Inserted,
    /// This very student, by id and address, was stored before: the answer to an earlier attempt
    /// was lost.
    StoredBefore,
    /// A student with this e-mail address exists.
    EmailTaken,
}

/// Reads and writes idempotency keys within a transaction.
pub trait IdempotencyKeyRepository {
    /// The stored key, if there is one.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn find(&mut self, key: &IdempotencyKey) -> Result<Option<StoredKey>, RepositoryError>;

    /// Inserts a key beside its student, which is in the transaction already. `false` where the key
    /// exists.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn insert(
        &mut self,
        key: &IdempotencyKey,
        student: &Student,
        fingerprint: Fingerprint,
    ) -> Result<bool, RepositoryError>;

    /// Deletes a key, provided that it is still the one that was found.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    fn delete(&mut self, key: &IdempotencyKey, found: &StoredKey) -> Result<(), RepositoryError>;
}

/// Runs `work` in one transaction and returns its value.
///
/// # Errors
///
/// As [`UnitOfWork::execute`].
pub fn in_transaction<T>(
    unit_of_work: &dyn UnitOfWork,
    mut work: impl FnMut(&mut dyn Transaction) -> Result<(Completion, T), RepositoryError>,
) -> Result<T, RepositoryError> {
    let mut value = None;
    unit_of_work.execute(&mut |transaction| {
        let (completion, result) = work(transaction)?;
        value = Some(result);
        Ok(completion)
    })?;
    value.ok_or_else(|| RepositoryError::unexpected("the transaction did not run"))
}
