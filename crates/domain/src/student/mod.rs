//! A registered applicant: its public id, its record and status, and the list of all.

mod id;
mod origin;
mod record;
mod roster;
mod status;
mod student;
mod version;

pub(crate) use self::id::public_id;
pub use self::{
    id::{ParseStudentIdError, StudentId},
    origin::{Origin, Source, TraceId},
    record::StudentRecord,
    roster::{CappedCount, PageStart, Place, RosterFilter, RosterPage, RosterQuery, RowId, Sort},
    status::{Decision, DecisionError, Note, NoteTooLong, ReasonCode, Status, UnknownName},
    student::Student,
    version::Version,
};
