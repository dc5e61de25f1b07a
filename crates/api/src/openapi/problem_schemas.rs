//! The schemas of problems.
#![expect(dead_code, reason = "these types describe bodies; their fields are never read")]

use serde::Deserialize;
use utoipa::{
    ToSchema,
    openapi::{ComponentsBuilder, RefOr, Schema, schema::OneOfBuilder},
};

use super::schemas::names;

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

/// Adds the schemas of problems.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema_from::<Problem>()
        .schema_from::<FieldProblem>()
        .schema("ProblemCode", names(PROBLEM_CODES))
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

fn current() -> RefOr<Schema> {
    let kinds = ["Student", "Task", "TaskTemplate"].map(super::reference);
    let any = kinds.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
    any.into()
}

fn problem_code() -> RefOr<Schema> {
    super::reference("ProblemCode")
}
