//! The ports to storage, one an aggregate. `registration-persistence` implements them;
//! `registration-contract` tests any implementation.

mod error;
mod readiness;
mod registrations;
mod students;
mod unit_of_work;

pub use self::{
    error::{Cause, RepositoryError, Unavailability},
    readiness::Readiness,
    registrations::{InsertFuture, InsertOutcome, RegistrationStore},
    students::StudentRepository,
    unit_of_work::{
        Completion, IdempotencyKeyRepository, StudentInsert, StudentWriter, Transaction,
        UnitOfWork, Work, in_transaction,
    },
};
