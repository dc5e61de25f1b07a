//! The ports to storage, one an aggregate. `registration-persistence` implements them;
//! `registration-contract` tests any implementation.

mod checklist;
mod desk;
mod error;
mod failures;
mod imports;
mod journal;
mod operations;
mod readiness;
mod records;
mod registrations;
mod staff;
mod students;
mod unit_of_work;

pub use self::{
    checklist::{ChecklistRepository, TaskInsert, TaskQuery},
    desk::{DeskRead, DeskStore, DeskTransaction, DeskWrite, commit, read, write},
    error::{Cause, RepositoryError, Unavailability},
    failures::{FailureCount, FailureRepository},
    imports::{ClaimedLine, ImportRepository, ImportRowQuery, MAX_FILE_PART},
    journal::{JournalKeeper, JournalQuery, JournalRepository, JournalRow, SearchProjector},
    operations::OperationRepository,
    readiness::Readiness,
    records::{RecordUpdate, Revision, Roster, StoredNote, StudentRecords},
    registrations::{InsertFuture, InsertOutcome, RegistrationStore},
    staff::{ApiRequestRepository, SessionRepository, StaffRepository, TokenRepository},
    students::StudentRepository,
    unit_of_work::{
        Completion, IdempotencyKeyRepository, StudentInsert, StudentWriter, Transaction,
        UnitOfWork, Work, in_transaction,
    },
};
