//! Every path, written once. `routes.rs` says what each serves.

use registration_domain::StudentId;

pub(crate) const HOME: &str = "/";
pub(crate) const REGISTER: &str = "/register";
pub(crate) const STUDENT: &str = "/students/{id}";
pub(crate) const ASSET: &str = "/assets/{version}/{file}";
pub(crate) const BROWSER_SPANS: &str = "/telemetry/v1/traces";
pub(crate) const HEALTH: &str = "/health";
pub(crate) const LIVE: &str = "/health/live";
pub(crate) const READY: &str = "/health/ready";
pub(crate) const METRICS: &str = "/metrics";
pub(crate) const VERSION: &str = "/version";

pub(crate) const DESK: &str = "/desk";
pub(crate) const SIGN_IN: &str = "/desk/sign-in";
pub(crate) const SIGN_OUT: &str = "/desk/sign-out";
pub(crate) const WELCOME: &str = "/desk/welcome";
pub(crate) const DESK_STUDENTS: &str = "/desk/students";
pub(crate) const DESK_NEW_STUDENT: &str = "/desk/students/new";
pub(crate) const DESK_PRINT: &str = "/desk/students/print";
pub(crate) const DESK_EXPORT: &str = "/desk/students/export";
pub(crate) const DESK_STUDENT: &str = "/desk/students/{id}";
pub(crate) const DESK_STATUS: &str = "/desk/students/{id}/status";
pub(crate) const DESK_EDIT: &str = "/desk/students/{id}/edit";
pub(crate) const DESK_ERASE: &str = "/desk/students/{id}/erase";
pub(crate) const DESK_REVIEW: &str = "/desk/review";
pub(crate) const DESK_STUDENT_TASKS: &str = "/desk/students/{id}/tasks";
pub(crate) const DESK_TASKS: &str = "/desk/tasks";
pub(crate) const DESK_TASK: &str = "/desk/tasks/{id}";
pub(crate) const DESK_TEMPLATES: &str = "/desk/task-templates";
pub(crate) const DESK_TEMPLATE: &str = "/desk/task-templates/{id}";
pub(crate) const DESK_NEW_OPERATION: &str = "/desk/operations/new";
pub(crate) const DESK_OPERATIONS: &str = "/desk/operations";
pub(crate) const DESK_OPERATION: &str = "/desk/operations/{id}";
pub(crate) const DESK_UNDO: &str = "/desk/operations/{id}/undo";
pub(crate) const DESK_IMPORTS: &str = "/desk/imports";
pub(crate) const DESK_IMPORT: &str = "/desk/imports/{id}";
pub(crate) const DESK_IMPORT_RUN: &str = "/desk/imports/{id}/run";
pub(crate) const DESK_IMPORT_CANCEL: &str = "/desk/imports/{id}/cancel";
pub(crate) const DESK_STAFF: &str = "/desk/staff";
pub(crate) const DESK_STAFF_MEMBER: &str = "/desk/staff/{id}";
pub(crate) const DESK_TOKENS: &str = "/desk/tokens";
pub(crate) const DESK_REVOKE: &str = "/desk/tokens/{id}/revoke";
pub(crate) const DESK_PROFILE: &str = "/desk/profile";
pub(crate) const DESK_PASSWORD: &str = "/desk/profile/password";
pub(crate) const DESK_SESSIONS: &str = "/desk/profile/sessions";

pub(crate) const API: &str = "/api";
pub(crate) const OPENAPI: &str = "/api/openapi.json";
pub(crate) const API_ME: &str = "/api/me";
pub(crate) const API_STUDENTS: &str = "/api/students";
pub(crate) const API_CSV: &str = "/api/students.csv";
pub(crate) const API_XLSX: &str = "/api/students.xlsx";
pub(crate) const API_STUDENT: &str = "/api/students/{id}";
pub(crate) const API_TRANSITIONS: &str = "/api/students/{id}/transitions";
pub(crate) const API_HISTORY: &str = "/api/students/{id}/history";
pub(crate) const API_STUDENT_TASKS: &str = "/api/students/{id}/tasks";
pub(crate) const API_TASKS: &str = "/api/tasks";
pub(crate) const API_TASK: &str = "/api/tasks/{id}";
pub(crate) const API_COMPLETE: &str = "/api/tasks/{id}/complete";
pub(crate) const API_TEMPLATES: &str = "/api/task-templates";
pub(crate) const API_TEMPLATE: &str = "/api/task-templates/{id}";
pub(crate) const API_OPERATIONS: &str = "/api/operations";
pub(crate) const API_PREVIEW: &str = "/api/operations/preview";
pub(crate) const API_OPERATION: &str = "/api/operations/{id}";
pub(crate) const API_UNDO: &str = "/api/operations/{id}/undo";
pub(crate) const API_IMPORTS: &str = "/api/imports";
pub(crate) const API_IMPORT: &str = "/api/imports/{id}";
pub(crate) const API_IMPORT_ROWS: &str = "/api/imports/{id}/rows";
pub(crate) const API_IMPORT_RUN: &str = "/api/imports/{id}/run";
pub(crate) const API_IMPORT_ERRORS: &str = "/api/imports/{id}/errors.csv";
pub(crate) const API_JOURNAL: &str = "/api/journal";

pub(crate) const DEMO_HELLO: &str = "/hello";
pub(crate) const DEMO_DB: &str = "/db-operation";
pub(crate) const DEMO_COMPLEX: &str = "/complex-operation";
pub(crate) const DEMO_ERROR: &str = "/error-simulation";
pub(crate) const DEMO_PROCESS: &str = "/api/process";
pub(crate) const DEMO_TRANSFORM: &str = "/api/transform";
pub(crate) const DEMO_DATA: &str = "/api/data";

/// The path of a student's confirmation.
pub(crate) fn student(id: StudentId) -> String {
    STUDENT.replace("{id}", &id.to_string())
}

/// A path of one thing, such as [`DESK_STUDENT`].
pub(crate) fn of(path: &str, id: impl std::fmt::Display) -> String {
    path.replace("{id}", &id.to_string())
}

/// The folder of the assets of this version.
pub(crate) fn assets(version: &str) -> String {
    ASSET.replace("{version}", version).replace("/{file}", "")
}
