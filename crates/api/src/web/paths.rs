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

/// The path of a student's confirmation.
pub(crate) fn student(id: StudentId) -> String {
    STUDENT.replace("{id}", &id.to_string())
}

/// The folder of the assets of this version.
pub(crate) fn assets(version: &str) -> String {
    ASSET.replace("{version}", version).replace("/{file}", "")
}
