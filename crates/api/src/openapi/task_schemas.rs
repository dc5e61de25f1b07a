//! The schemas of the checklist's bodies.
#![expect(dead_code, reason = "these types describe bodies; their fields are never read")]

use registration_domain::TaskState;
use serde::Deserialize;
use utoipa::{
    ToSchema,
    openapi::{ComponentsBuilder, RefOr, Schema},
};

use crate::features::staff_api::schemas::{
    TaskCountJson, TaskJson, TaskTemplates, Tasks, TemplateJson,
};

/// Adds the schemas of the checklist.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema_from::<TaskJson>()
        .schema_from::<Tasks>()
        .schema_from::<TemplateJson>()
        .schema_from::<TaskTemplates>()
        .schema_from::<TaskCountJson>()
        .schema_from::<NewTask>()
        .schema_from::<TaskValues>()
        .schema_from::<TaskPatch>()
        .schema_from::<NewTaskTemplate>()
        .schema_from::<TaskTemplatePatch>()
        .schema("TaskState", super::schemas::names(TaskState::ALL.map(TaskState::as_str)))
}

/// An item for one student.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTask {
    /// Up to 120 characters.
    title: String,
    /// The day by which it is needed.
    due_on: Option<String>,
}

/// The values of an item. What is left out is as in a new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskValues {
    /// That of a template cannot be changed here.
    title: String,
    due_on: Option<String>,
    #[schema(schema_with = state)]
    state: Option<String>,
}

/// The values that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskPatch {
    #[schema(nullable = false)]
    title: Option<String>,
    due_on: Option<String>,
    #[schema(schema_with = state)]
    state: Option<String>,
}

/// An item that every student gets with a place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTaskTemplate {
    /// Up to 120 characters.
    title: String,
}

/// The values that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskTemplatePatch {
    #[schema(nullable = false)]
    title: Option<String>,
    #[schema(nullable = false)]
    position: Option<u16>,
    /// Whether students still get it.
    #[schema(nullable = false)]
    active: Option<bool>,
}

fn state() -> RefOr<Schema> {
    super::reference("TaskState")
}
