//! Operations and their previews in JSON.

use registration_application::desk::operations::{OperationView, Preview, Skipped};
use registration_domain::Skip;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::representation::ActorJson;
use crate::web::{roster_query, time::rfc3339};

/// Students that a preview lists of those that would be left as they are.
const LISTED: usize = 500;

/// An operation with its results.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Operation)]
pub(crate) struct OperationJson {
    id: String,
    /// `status_changed`, `task_marked`, `undone`, `imported`; for a change of one student also `created`, `edited`.
    kind: String,
    /// The status that it gives.
    #[schema(required)]
    to: Option<String>,
    #[schema(required)]
    reason_code: Option<String>,
    /// `task_marked`: the title of the item that it completes.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    /// The operation that it undoes.
    #[schema(required)]
    undoes: Option<String>,
    by: ActorJson,
    at: String,
    /// `running` or `done`.
    state: String,
    #[schema(required)]
    finished_at: Option<String>,
    /// How many students it has changed.
    applied: usize,
    /// How many it has not come to.
    waiting: usize,
    /// How many it left as they were, by reason.
    skips: Vec<SkipJson>,
    /// The first 500 of them.
    skipped: Vec<SkippedJson>,
    /// How many of the named students there are no longer: in the answer to the request alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<usize>,
}

/// What an operation would do.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Preview)]
pub(crate) struct PreviewJson {
    /// How many students it would change.
    applies: usize,
    /// How many it would leave as they are, by reason.
    skips: Vec<SkipJson>,
    /// The first 500 of them.
    skipped: Vec<SkippedJson>,
    /// How many of the named students there are no longer.
    missing: usize,
    /// The moment of the filter, for the operation.
    #[schema(required)]
    as_of: Option<String>,
}

/// How many students are left as they are for a reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Skip)]
pub(crate) struct SkipJson {
    /// One of `changed_since`, `illegal_transition`, `unchanged`, `already_registered`, `not_kept` and
    /// `stopped`.
    reason: String,
    count: usize,
}

/// A student who is left as it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SkippedStudent)]
pub(crate) struct SkippedJson {
    id: String,
    reason: String,
}

fn skips(counts: impl IntoIterator<Item = (Skip, usize)>) -> Vec<SkipJson> {
    let skip = |(skip, count): (Skip, usize)| SkipJson { reason: skip.as_str().to_owned(), count };
    counts.into_iter().map(skip).collect()
}

fn listed(skipped: &Skipped) -> Vec<SkippedJson> {
    let students = skipped.iter().flat_map(|(skip, records)| {
        let reason = skip.as_str().to_owned();
        records
            .iter()
            .map(move |one| SkippedJson { id: one.id.to_string(), reason: reason.clone() })
    });
    students.take(LISTED).collect()
}

impl OperationJson {
    pub(super) fn new(view: &OperationView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_owned(),
            to: view.to.map(|to| to.as_str().to_owned()),
            reason_code: view.reason.map(|reason| reason.as_str().to_owned()),
            task: view.task.as_ref().map(|title| title.as_str().to_owned()),
            undoes: view.undoes.map(|id| id.to_string()),
            by: ActorJson::of(&view.by),
            at: rfc3339(view.at),
            state: if view.finished_at.is_some() { "done" } else { "running" }.to_owned(),
            finished_at: view.finished_at.map(rfc3339),
            applied: view.applied,
            waiting: view.waiting,
            skips: skips(view.skips.iter().copied()),
            skipped: listed(&view.skipped),
            missing: None,
        }
    }

    pub(super) fn with_missing(self, missing: usize) -> Self {
        Self { missing: (missing > 0).then_some(missing), ..self }
    }
}

impl PreviewJson {
    pub(super) fn new(preview: &Preview) -> Self {
        let counts = preview.skipped.iter().map(|(skip, records)| (*skip, records.len()));
        Self {
            applies: preview.applies,
            skips: skips(counts),
            skipped: listed(&preview.skipped),
            missing: preview.missing,
            as_of: preview.as_of.map(roster_query::moment_text),
        }
    }
}
