//! An entry of the journal: codes, names of fields and ids, never personal data.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::{
    StaffId, StudentId, StudentRecord, TokenId, TraceId,
    student::{UnknownName, public_id},
};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The applicant, by registering.
    Applicant,
    /// A person of the office.
    Staff(StaffId),
    /// A program, with a token.
    Token(TokenId),
    /// The service or its operator.
    System,
}

impl Actor {
    /// The name of the kind in JSON and in metrics.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Staff(_) => "staff",
            Self::Token(_) => "token",
            Self::System => "system",
        }
    }

    /// The public id, where it has one.
    #[must_use]
    pub fn id(&self) -> Option<&[u8; 16]> {
        match self {
            Self::Staff(id) => Some(id.as_bytes()),
            Self::Token(id) => Some(id.as_bytes()),
            Self::Applicant | Self::System => None,
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Applicants registered: one entry for up to 256 of them.
    Registered,
    /// The office created a student.
    Created,
    /// Values of a student were edited.
    Edited,
    /// The status of an application changed.
    StatusChanged,
    /// An item was added to a student's checklist.
    TaskCreated,
    /// An item was edited.
    TaskEdited,
    /// The state of an item changed.
    TaskMarked,
    /// An item was deleted.
    TaskDeleted,
    /// A template of the checklist was made.
    TemplateCreated,
    /// A template was changed.
    TemplateChanged,
    /// A student was erased.
    Erased,
    /// A person of the office opened a student's page.
    Viewed,
    /// A person was invited to the office.
    StaffInvited,
    /// A person chose a password by a link.
    StaffJoined,
    /// A person has a new link, with which the password is set anew.
    LinkCreated,
    /// A person changed the password.
    PasswordChanged,
    /// Role, name or state of a person changed.
    StaffChanged,
    /// Students were exported: a file was begun.
    Exported,
    /// Students were shown for printing.
    Printed,
    /// An export ended; the entry has the number of students.
    ExportEnded,
    /// The rows of a file were stored; the entry has the numbers of students.
    Imported,
    /// A person signed in.
    SignedIn,
    /// Sessions of a person were ended.
    SessionsEnded,
    /// A token was made.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 25] = [
        Self::Registered,
        Self::Created,
        Self::Edited,
        Self::StatusChanged,
        Self::TaskCreated,
        Self::TaskEdited,
        Self::TaskMarked,
        Self::TaskDeleted,
        Self::TemplateCreated,
        Self::TemplateChanged,
        Self::Erased,
        Self::Viewed,
        Self::StaffInvited,
        Self::StaffJoined,
        Self::LinkCreated,
        Self::PasswordChanged,
        Self::StaffChanged,
        Self::Exported,
        Self::Printed,
        Self::ExportEnded,
        Self::Imported,
        Self::SignedIn,
        Self::SessionsEnded,
        Self::TokenCreated,
        Self::TokenRevoked,
    ];

    /// The name in JSON and in the database; at most 32 letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Created => "created",
            Self::Edited => "edited",
            Self::StatusChanged => "status_changed",
            Self::TaskCreated => "task_created",
            Self::TaskEdited => "task_edited",
            Self::TaskMarked => "task_marked",
            Self::TaskDeleted => "task_deleted",
            Self::TemplateCreated => "template_created",
            Self::TemplateChanged => "template_changed",
            Self::Erased => "erased",
            Self::Viewed => "viewed",
            Self::StaffInvited => "staff_invited",
            Self::StaffJoined => "staff_joined",
            Self::LinkCreated => "link_created",
            Self::PasswordChanged => "password_changed",
            Self::StaffChanged => "staff_changed",
            Self::Exported => "exported",
            Self::Printed => "printed",
            Self::ExportEnded => "export_ended",
            Self::Imported => "imported",
            Self::SignedIn => "signed_in",
            Self::SessionsEnded => "sessions_ended",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
        }
    }
}

impl FromStr for Action {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|action| action.as_str() == name).ok_or(UnknownName)
    }
}

public_id! {
    /// The id of an operation: a change, or several that are undone together.
    OperationId
}

/// The public id of what an entry is about: a student, a person of the office, a token.
pub type Subject = [u8; 16];

/// Codes and names of fields, by name: `from` and `to` of a status, `fields` of an edit.
pub type Detail = BTreeMap<String, String>;

/// Sixteen random bytes of a student, erased with the student.
pub type Salt = [u8; 16];

/// SHA-256 of a student's salt and record: shows whether a record was changed past the journal, and
/// means nothing once the salt is erased.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecordHash(pub [u8; 32]);

impl RecordHash {
    /// The hash of this record.
    #[must_use]
    pub fn of(salt: &Salt, record: &StudentRecord) -> Self {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(record.id.as_bytes());
        hash.update(record.version.get().to_be_bytes());
        for text in
            [record.status.as_str()].into_iter().chain(record.texts.iter().map(|(_, t)| t.as_str()))
        {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Debug for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordHash")
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// When it was done, in whole microseconds.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// What it is about; `None` for registrations.
    pub subject: Option<Subject>,
    /// The students of an entry of registrations, at most 256.
    pub members: Vec<StudentId>,
    /// Codes and names of fields.
    pub detail: Detail,
    /// The record before and after a change.
    pub hashes: Option<(Option<RecordHash>, Option<RecordHash>)>,
    /// The trace of the request.
    pub trace_id: Option<TraceId>,
    /// What is undone together.
    pub operation: Option<OperationId>,
}

impl JournalEntry {
    /// Most students in an entry of registrations.
    pub const MAX_MEMBERS: usize = 256;

    /// An entry without details.
    #[must_use]
    pub fn new(at: DateTime<Utc>, actor: Actor, action: Action, subject: Option<Subject>) -> Self {
        Self {
            at: chrono::SubsecRound::trunc_subsecs(at, 6),
            actor,
            action,
            subject,
            members: Vec::new(),
            detail: Detail::new(),
            hashes: None,
            trace_id: None,
            operation: None,
        }
    }

    /// The entry with this detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}
