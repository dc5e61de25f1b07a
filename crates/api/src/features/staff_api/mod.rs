//! The office's API: JSON for programs with a token, and for scripts of a person who is signed in.

pub(crate) mod body;
pub(crate) mod export;
pub(crate) mod imports;
pub(crate) mod journal;
pub(crate) mod me;
mod operation_json;
pub(crate) mod operations;
mod precondition;
pub(crate) mod problems;
pub(crate) mod reference;
mod repetition;
mod representation;
pub(crate) mod student;
pub(crate) mod students;
mod task_json;
pub(crate) mod task_templates;
pub(crate) mod tasks;

use std::{sync::Arc, time::Duration};

use registration_application::desk::{
    Office, checklist::Checklist, exports::Exports, imports::Imports, operations::Operations,
    students::DeskStudents,
};

use crate::web::trace_links::TraceLinks;

/// The bodies that the description of the API names.
pub(crate) mod schemas {
    pub(crate) use super::imports::{
        ImportChangeJson, ImportCountsJson, ImportJson, ImportRowJson, ImportRows,
        ImportSettingsJson, Imports, UnreadableJson,
    };
    pub(crate) use super::operation_json::{OperationJson, PreviewJson, SkipJson, SkippedJson};
    pub(crate) use super::representation::{
        ActorJson, ChangeReceipt, EntryJson, Journal, LinksJson, Matches, RegistrationJson,
        StudentJson, Students,
    };
    pub(crate) use super::task_json::{
        TaskCountJson, TaskJson, TaskTemplates, Tasks, TemplateJson,
    };
}

/// What the handlers use.
pub(crate) struct StaffApi {
    pub(crate) office: Office,
    pub(crate) students: Arc<DeskStudents>,
    pub(crate) operations: Operations,
    pub(crate) checklist: Arc<Checklist>,
    pub(crate) exports: Arc<Exports>,
    pub(crate) imports: Imports,
    pub(crate) body_timeout: Duration,
    /// How long an export may take.
    pub(crate) export_timeout: Duration,
    pub(crate) links: TraceLinks,
    pub(crate) reference: reference::Reference,
}
