//! The model of a registration: types that are valid once they exist, the rules that make them
//! so, and the ports to storage.
//!
//! Depends on no other layer: no HTTP, no SQL, no runtime, no clock. Time and randomness come in
//! as arguments.
//!
//! - `applicant`: what an applicant fills in. [`Applicant::parse`] reports every invalid field at
//!   once.
//! - `student`: a registered applicant with an id and a time; as the office sees it, with a status and
//!   a version; and the list of all.
//! - `search`: the folded words by which students are found.
//! - `staff`: the people of the office, and the one table of what each may do.
//! - `journal`: what happened, and the seals over it.
//! - `checklist`: what students with a place still have to bring.
//! - `spreadsheet`: text that must not become a formula.
//! - `import`: the lines of a file, and the plan of each before anything is written.
//! - `operation`: changes of several students that are made, and undone, together.
//! - `registration`: one attempt to register, and the rule that tells a repetition from a misuse.
//! - `ports`: the traits that a storage layer implements.
//!
//! ```
//! use registration_domain::{Applicant, ApplicantForm, Field, RawField};
//!
//! let form = ApplicantForm {
//!     first_name: RawField::from("Zoe\u{308}"),
//!     last_name: RawField::from("  Brontë "),
//!     email: RawField::from("zoe@example"),
//! };
//! let errors = Applicant::parse(&form).unwrap_err();
//! assert_eq!(errors.to_string(), "email: invalid_email");
//!
//! let form = ApplicantForm { email: RawField::from("zoe@example.org"), ..form };
//! let applicant = Applicant::parse(&form)?;
//! assert_eq!(applicant.texts().get(Field::FirstName), &"Zoë");
//! # Ok::<(), registration_domain::FieldErrors>(())
//! ```
//!
//! # Add a field
//!
//! 1. Write its newtype beside [`PersonName`]: `parse` normalises, then answers the first
//!    [`ErrorCode`] that applies; `Debug` shows a shape, never the value.
//! 2. Add it to [`Field`], [`PerField`] and [`Applicant`]; the compiler names the other places, in
//!    this crate and in the layers above. `CONTRIBUTING.md` lists what the compiler cannot see.
//! 3. Add cases to the corpus; every layer's tests read them.

mod applicant;
mod checklist;
#[doc(hidden)]
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod import;
mod journal;
mod operation;
mod ports;
mod registration;
mod search;
mod spreadsheet;
mod staff;
mod student;

pub use applicant::{
    Applicant, ApplicantForm, EmailAddress, ErrorCode, Field, FieldError, FieldErrors, Fingerprint,
    PerField, PersonName, RawField,
};
pub use checklist::{
    Mark, MarkChange, MissingTask, Task, TaskCount, TaskId, TaskState, TaskTemplate, TaskTitle,
    TaskTitleError, TaskValues, TemplateCount, TemplateId, has_checklist,
};
pub use import::{
    Cell, CellError, CellErrorCode, Conflict, Delimiter, Doubt, FileRow, Import, ImportChoices,
    ImportColumn, ImportSettings, ImportState, Known, Plan, PlannedRow, Reading, RowValues,
    SettingsError, Unreadable, UnreadableReason, Verdict, guess_columns, has_header,
    plan as plan_row, values as row_values,
};
pub use journal::{
    Action, Actor, Detail, JournalEntry, OperationId, RecordHash, Salt, Seal, SealedRow, Subject,
};
pub use operation::{
    Changes, IMPORTED_LINE, Made, Operation, OperationItem, OperationKind, Outcome, Restored, Skip,
    plan_completion, plan_decision,
};
pub use ports::{
    ApiRequestRepository, Cause, ChecklistRepository, ClaimedLine, Completion, DeskRead, DeskStore,
    DeskTransaction, DeskWrite, FailureCount, FailureRepository, IdempotencyKeyRepository,
    ImportRepository, ImportRowQuery, InsertFuture, InsertOutcome, JournalKeeper, JournalQuery,
    JournalRepository, JournalRow, MAX_FILE_PART, OperationRepository, Readiness, RecordUpdate,
    RegistrationStore, RepositoryError, Revision, Roster, SearchProjector, SessionRepository,
    StaffRepository, StoredNote, StudentInsert, StudentRecords, StudentRepository, StudentWriter,
    TaskInsert, TaskQuery, TokenRepository, Transaction, Unavailability, UnitOfWork, Work, commit,
    in_transaction, read, write,
};
pub use registration::{
    IdempotencyKey, InvalidIdempotencyKey, KeyDecision, NewRegistration, StoredKey,
};
pub use search::{IndexedWords, SearchTooLong, SearchWords};
pub use spreadsheet::{guarded, kept, unguarded};
pub use staff::{
    ApiAnswer, ApiRequest, ApiToken, Claim, KeyHash, Password, PasswordError, PasswordHash,
    Permission, Role, Scopes, SecretHash, Session, StaffId, StaffLink, StaffMember, TokenId,
};
pub use student::{
    CappedCount, Decision, DecisionError, Note, NoteTooLong, Origin, PageStart,
    ParseStudentIdError, Place, ReasonCode, RosterFilter, RosterPage, RosterQuery, RowId, Sort,
    Source, Status, Student, StudentId, StudentRecord, TraceId, UnknownName, Version,
};
