//! Students and entries of the journal in JSON.

use actix_web::http::header::{ETAG, HeaderName, HeaderValue};
use registration_application::desk::students::Changed;
use registration_domain::{
    Action, Actor, JournalRow, OperationId, PerField, StudentRecord, TaskCount, Version,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::task_json::TaskCountJson;
use crate::web::{time::rfc3339, trace_links::TraceLinks};

/// A student.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Student)]
pub(crate) struct StudentJson {
    id: String,
    first_name: String,
    last_name: String,
    email: String,
    status: String,
    version: u32,
    /// form, api, desk or import.
    source: String,
    created_at: String,
    #[schema(required)]
    updated_at: Option<String>,
    registration: RegistrationJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<LinksJson>,
    /// The checklist: in lists alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<TaskCountJson>,
    /// By which a change can be undone: in the answer to a change alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
}

/// By what people and operators find a registration.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrationJson {
    #[schema(required)]
    trace_id: Option<String>,
    reference: String,
}

/// Where operators find it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinksJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<String>,
}

impl StudentJson {
    pub(super) fn new(record: &StudentRecord, links: &TraceLinks) -> Self {
        let PerField { first_name, last_name, email } = record.texts.clone();
        let trace_id = record.origin.trace_id;
        let (trace, logs) = (links.trace(trace_id), links.logs(trace_id));
        let has_links = trace.is_some() || logs.is_some();
        Self {
            id: record.id.to_string(),
            first_name,
            last_name,
            email,
            status: record.status.as_str().to_owned(),
            version: record.version.get(),
            source: record.origin.source.as_str().to_owned(),
            created_at: rfc3339(record.created_at),
            updated_at: record.updated_at.map(rfc3339),
            links: has_links.then_some(LinksJson { trace, logs }),
            registration: RegistrationJson {
                reference: record.id.registration_number(),
                trace_id: trace_id.map(|id| id.to_string()),
            },
            tasks: None,
            operation: None,
        }
    }

    pub(super) fn with_tasks(self, tasks: Option<TaskCount>) -> Self {
        Self { tasks: tasks.map(TaskCountJson::from), ..self }
    }

    pub(super) fn with_operation(self, operation: Option<OperationId>) -> Self {
        Self { operation: operation.map(|id| id.to_string()), ..self }
    }
}

/// What a program learns of its change that may not see students.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeReceipt {
    id: String,
    status: String,
    version: u32,
    #[schema(required)]
    operation: Option<String>,
}

impl ChangeReceipt {
    fn new(changed: &Changed) -> Self {
        Self {
            id: changed.record.id.to_string(),
            status: changed.record.status.as_str().to_owned(),
            version: changed.record.version.get(),
            operation: changed.operation.map(|id| id.to_string()),
        }
    }
}

/// A changed student; for a program that may not see students, that it was changed.
pub(super) fn changed_json(changed: &Changed, may_see: bool, links: &TraceLinks) -> Vec<u8> {
    let json = if may_see {
        let student = StudentJson::new(&changed.record, links);
        serde_json::to_vec(&student.with_operation(changed.operation))
    } else {
        serde_json::to_vec(&ChangeReceipt::new(changed))
    };
    json.unwrap_or_default()
}

/// The header field `ETag` of a version: strong, since the JSON of a version is always the same.
pub(super) fn etag(version: Version) -> (HeaderName, HeaderValue) {
    let text = HeaderValue::try_from(format!("\"{version}\""));
    (ETAG, text.unwrap_or(HeaderValue::from_static("")))
}

/// An entry of the journal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Entry)]
pub(crate) struct EntryJson {
    id: i64,
    at: String,
    actor: ActorJson,
    action: String,
    #[schema(required)]
    subject: Option<String>,
    /// How many students an entry of registrations holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    students: Option<usize>,
    /// Codes and names of fields.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    detail: registration_domain::Detail,
    #[schema(required)]
    trace_id: Option<String>,
    #[schema(required)]
    operation: Option<String>,
    /// The number of its seal; null until it is sealed.
    #[schema(required)]
    seal: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Actor)]
pub(crate) struct ActorJson {
    /// applicant, staff, token or system.
    kind: String,
    #[schema(required)]
    id: Option<String>,
}

impl ActorJson {
    pub(super) fn of(actor: &Actor) -> Self {
        Self { kind: actor.kind().to_owned(), id: actor.id().map(uuid) }
    }
}

fn uuid(bytes: &[u8; 16]) -> String {
    registration_domain::StudentId::from_bytes(*bytes).to_string()
}

impl From<JournalRow> for EntryJson {
    fn from(row: JournalRow) -> Self {
        let entry = row.entry;
        Self {
            id: row.id,
            at: rfc3339(entry.at),
            actor: ActorJson::of(&entry.actor),
            action: entry.action.as_str().to_owned(),
            subject: entry.subject.as_ref().map(uuid),
            students: (entry.action == Action::Registered).then_some(entry.members.len()),
            detail: entry.detail,
            trace_id: entry.trace_id.map(|id| id.to_string()),
            operation: entry.operation.map(|id| id.to_string()),
            seal: row.seal,
        }
    }
}

/// A page of the journal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    pub(super) items: Vec<EntryJson>,
    /// The cursor of the next page.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// A page of the list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Students {
    pub(super) items: Vec<StudentJson>,
    /// The cursor of the next page.
    #[schema(required)]
    pub(super) next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) matches: Option<Matches>,
}

/// How many students the filter holds, counted up to 1,000.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matches {
    pub(super) count: usize,
    pub(super) more: bool,
}
