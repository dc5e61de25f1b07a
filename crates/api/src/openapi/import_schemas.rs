//! The schemas of imports' bodies.
#![expect(dead_code, reason = "these types describe bodies; their fields are never read")]

use serde::Deserialize;
use utoipa::{ToSchema, openapi::ComponentsBuilder};

use crate::features::staff_api::schemas::{
    ImportChangeJson, ImportCountsJson, ImportJson, ImportRowJson, ImportRows, ImportSettingsJson,
    Imports, UnreadableJson,
};

/// Adds the schemas of imports.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema_from::<ImportJson>()
        .schema_from::<ImportSettingsJson>()
        .schema_from::<ImportCountsJson>()
        .schema_from::<ImportRowJson>()
        .schema_from::<ImportChangeJson>()
        .schema_from::<ImportRows>()
        .schema_from::<Imports>()
        .schema_from::<UnreadableJson>()
        .schema_from::<NewImport>()
        .schema_from::<ImportPatch>()
}

/// A file to be imported.
#[derive(Deserialize, ToSchema)]
struct NewImport {
    /// CSV or XLSX.
    #[schema(format = Binary)]
    file: String,
    /// JSON: `update_existing`, `overwrite_changed` and `all_or_nothing`.
    options: Option<String>,
}

/// Settings of an import to be changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportPatch {
    encoding: Option<String>,
    delimiter: Option<String>,
    sheet: Option<String>,
    has_header: Option<bool>,
    columns: Option<Vec<Option<String>>>,
    update_existing: Option<bool>,
    overwrite_changed: Option<bool>,
    all_or_nothing: Option<bool>,
}
