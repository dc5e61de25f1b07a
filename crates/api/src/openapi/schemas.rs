//! The schemas of the bodies. Members that are not listed are refused in requests and absent from
//! answers.
#![expect(dead_code, reason = "these types describe bodies; their fields are never read")]
#![expect(unused_qualifications, reason = "what the schema macro makes of a name with `as`")]

use registration_domain::{Action, ReasonCode, Source, Status};
use serde::Deserialize;
use utoipa::{
    ToSchema,
    openapi::{
        ComponentsBuilder, RefOr, Schema,
        schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type},
    },
};

use crate::features::staff_api::schemas::{Journal, StudentJson, Students};

/// Every `code` of a problem.
pub(super) const PROBLEM_CODES: [&str; 55] = [
    "already_registered",
    "bad_request",
    "changed_since",
    "content_too_large",
    "email_taken",
    "erased",
    "file_not_written",
    "forbidden",
    "foreign_origin",
    "fresh_sign_in_needed",
    "head_too_large",
    "http_version",
    "idempotency_key_reused",
    "illegal_transition",
    "insecure_connection",
    "insufficient_scope",
    "internal_error",
    "invalid_cursor",
    "invalid_fields",
    "invalid_filter",
    "invalid_token",
    "last_admin",
    "link_expired",
    "list_incomplete",
    "malformed",
    "mapping",
    "method_not_allowed",
    "not_acceptable",
    "not_found",
    "not_ready",
    "outbound_failed",
    "please_confirm",
    "precondition_failed",
    "precondition_required",
    "rate_limited",
    "request_in_progress",
    "request_timeout",
    "rows_left_out",
    "task_of_template",
    "tasks_open",
    "timeout",
    "too_busy",
    "too_many_for_one",
    "too_many_rows",
    "too_many_students",
    "too_many_tasks",
    "unauthenticated",
    "unavailable",
    "undo_expired",
    "unknown_field",
    "unreadable_file",
    "unsupported_media_type",
    "uri_too_long",
    "wrong_import_state",
    "wrong_password",
];

/// Adds every schema.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    super::import_schemas::add(super::task_schemas::add(components))
        .schema_from::<Registration>()
        .schema_from::<Registered>()
        .schema_from::<Confirmation>()
        .schema_from::<Health>()
        .schema_from::<Live>()
        .schema_from::<Ready>()
        .schema_from::<Version>()
        .schema_from::<Me>()
        .schema_from::<NewStudent>()
        .schema_from::<StudentValues>()
        .schema_from::<StudentPatch>()
        .schema_from::<Transition>()
        .schema_from::<NewOperation>()
        .schema_from::<OperationDo>()
        .schema_from::<OperationOn>()
        .schema_from::<OperationFilter>()
        .schema_from::<StudentVersion>()
        .schema_from::<crate::features::staff_api::schemas::OperationJson>()
        .schema_from::<crate::features::staff_api::schemas::PreviewJson>()
        .schema_from::<crate::features::staff_api::schemas::SkipJson>()
        .schema_from::<crate::features::staff_api::schemas::SkippedJson>()
        .schema_from::<StudentJson>()
        .schema_from::<Students>()
        .schema_from::<crate::features::staff_api::schemas::ChangeReceipt>()
        .schema("ChangedStudent", changed_student())
        .schema_from::<Journal>()
        .schema_from::<Problem>()
        .schema_from::<FieldProblem>()
        .schema_from::<crate::features::staff_api::schemas::RegistrationJson>()
        .schema_from::<crate::features::staff_api::schemas::LinksJson>()
        .schema_from::<crate::features::staff_api::schemas::Matches>()
        .schema_from::<crate::features::staff_api::schemas::EntryJson>()
        .schema_from::<crate::features::staff_api::schemas::ActorJson>()
        .schema("Document", any_object())
        .schema("Status", names(Status::ALL.map(Status::as_str)))
        .schema("Source", names(Source::ALL.map(Source::as_str)))
        .schema("ReasonCode", names(ReasonCode::ALL.map(ReasonCode::as_str)))
        .schema("Action", names(Action::ALL.map(Action::as_str)))
        .schema("ProblemCode", names(PROBLEM_CODES))
}

/// The student, or a receipt to a program without `students:read`.
fn changed_student() -> RefOr<Schema> {
    let either = OneOfBuilder::new().item(super::reference("Student"));
    either.item(super::reference("ChangeReceipt")).into()
}

fn any_object() -> RefOr<Schema> {
    let any = AdditionalProperties::FreeForm(true);
    ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(any)).into()
}

pub(super) fn names<const N: usize>(names: [&'static str; N]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}

/// A registration. Unknown members are ignored.
#[derive(Deserialize, ToSchema)]
struct Registration {
    first_name: String,
    last_name: String,
    email: String,
    /// A name of the attempt, as the header `Idempotency-Key`.
    idempotency_key: Option<String>,
    /// A field that people do not see: leave it out.
    website: Option<String>,
}

/// A student as registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registered {
    id: String,
    first_name: String,
    last_name: String,
    email: String,
    created_at: String,
    /// A sentence for the applicant.
    message: String,
}

/// That a student is registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    id: String,
    created_at: String,
}

/// What the service is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Health {
    status: String,
    service: String,
    version: String,
    uptime_seconds: u64,
    /// Why the service cannot take registrations.
    reasons: Vec<String>,
}

/// That the process runs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Live {
    status: String,
}

/// That the service can take registrations.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ready {
    status: String,
}

/// The version and the build.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Version {
    version: String,
    revision: String,
    rustc: String,
}

/// Who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Me {
    id: String,
    name: String,
    email: String,
    /// viewer, registrar or admin.
    role: String,
    /// session or token.
    by: String,
    scopes: Vec<String>,
}

/// Someone to be registered for the office.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStudent {
    first_name: String,
    last_name: String,
    email: String,
    note: Option<String>,
}

/// The values of a student.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StudentValues {
    first_name: String,
    last_name: String,
    email: String,
}

/// The values that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StudentPatch {
    #[schema(nullable = false)]
    first_name: Option<String>,
    #[schema(nullable = false)]
    last_name: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
}

/// A decision on an application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Transition {
    #[schema(schema_with = status)]
    to: String,
    /// For a rejection alone, which needs one.
    #[schema(schema_with = reason_code)]
    reason_code: Option<String>,
    /// For the office; the reason `other` needs one.
    note: Option<String>,
    /// `enrolled`: whatever items of the checklist are open. For administrators.
    #[schema(nullable = false)]
    r#override: Option<bool>,
}

/// A decision on each application, or the item that is completed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OperationDo {
    #[schema(schema_with = status)]
    to: Option<String>,
    /// For a rejection alone, which needs one.
    #[schema(schema_with = reason_code)]
    reason_code: Option<String>,
    /// For the office; the reason `other` needs one.
    note: Option<String>,
    /// The id of a template: its item of each student is completed.
    complete_task: Option<String>,
}

/// What is done with which students.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOperation {
    r#do: OperationDo,
    on: OperationOn,
}

/// Students as the caller saw them, or those that a filter finds, up to 10,000.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OperationOn {
    ids: Option<Vec<StudentVersion>>,
    filter: Option<OperationFilter>,
    /// With a filter: the moment, from the preview. Students who registered later are left out.
    as_of: Option<String>,
}

/// A student as the caller saw it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StudentVersion {
    id: String,
    version: u32,
}

/// The parameters of the list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OperationFilter {
    q: Option<String>,
    status: Option<Vec<String>>,
    source: Option<Vec<String>>,
    task: Option<String>,
    registered_from: Option<String>,
    registered_to: Option<String>,
}

/// A failed request (RFC 9457).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Problem {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    instance: String,
    #[schema(schema_with = problem_code)]
    code: String,
    #[schema(required)]
    trace_id: Option<String>,
    /// What a person reads out on the telephone.
    #[schema(required)]
    reference: Option<String>,
    /// Seconds after which trying again makes sense.
    retry_after: Option<u64>,
    /// What is wrong with which member.
    errors: Option<Vec<FieldProblem>>,
    /// `not_ready`: why.
    reasons: Option<Vec<String>>,
    /// `already_registered`, to the office: who has the address.
    student: Option<String>,
    /// `precondition_failed`: the student, the item or the template as it is.
    #[schema(schema_with = current)]
    current: Option<serde_json::Value>,
    changed_by: Option<String>,
    changed_at: Option<String>,
    changed_fields: Option<Vec<String>>,
    /// `illegal_transition`: the status, and those that may follow it.
    from: Option<String>,
    allowed: Option<Vec<String>>,
    /// `tasks_open`: how many items.
    open: Option<u32>,
    /// `erased`: when.
    erased_at: Option<String>,
    /// `invalid_filter`: which.
    parameter: Option<String>,
    /// `changed_since`: the students who have changed.
    students: Option<Vec<String>>,
    /// `undo_expired`: when.
    expired_at: Option<String>,
    /// `unreadable_file`: why, and where.
    why: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    /// `wrong_import_state`: the state.
    state: Option<String>,
    /// `rows_left_out`: how many.
    left_out: Option<usize>,
    /// `too_many_for_one`: how many rows there are, and may be.
    rows: Option<usize>,
    most: Option<usize>,
}

/// What is wrong with a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FieldProblem {
    /// RFC 6901.
    pointer: String,
    field: Option<String>,
    code: String,
    message: Option<String>,
}

fn status() -> RefOr<Schema> {
    super::reference("Status")
}

fn reason_code() -> RefOr<Schema> {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(null).item(super::reference("ReasonCode")).into()
}

fn current() -> RefOr<Schema> {
    let kinds = ["Student", "Task", "TaskTemplate"].map(super::reference);
    let any = kinds.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
    any.into()
}

fn problem_code() -> RefOr<Schema> {
    super::reference("ProblemCode")
}
