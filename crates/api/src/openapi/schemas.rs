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

/// Adds every schema.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    super::problem_schemas::add(super::import_schemas::add(super::task_schemas::add(components)))
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

fn status() -> RefOr<Schema> {
    super::reference("Status")
}

fn reason_code() -> RefOr<Schema> {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(null).item(super::reference("ReasonCode")).into()
}
