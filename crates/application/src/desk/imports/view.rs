//! An import as it is shown.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use registration_domain::{
    Actor, DeskTransaction, Import, ImportRowQuery, OperationId, PlannedRow, Reading,
    RepositoryError, Unreadable, Verdict, read,
};
use registration_spreadsheet::{Inspection, inspect_as};

use super::Imports;
use crate::desk::{DeskError, access::Caller, operations::may_undo};

/// An import with its counts.
#[derive(Clone, Debug)]
pub struct ImportView {
    /// The import.
    pub import: Import,
    /// The name of the person who uploaded the file, where it was a person.
    pub by_name: Option<String>,
    /// Its rows.
    pub counts: ImportCounts,
    /// The latest earlier import of the same file that came to its end.
    pub same_file: Option<Import>,
}

impl ImportView {
    fn of(desk: &mut dyn DeskTransaction, import: Import) -> Result<Self, RepositoryError> {
        let by_name = match import.actor {
            Actor::Staff(staff) => {
                desk.find_staff(staff)?.map(|person| person.display_name().to_owned())
            }
            _ => None,
        };
        let counts = ImportCounts::of(&desk.count_import_rows(import.id)?);
        let same_file = desk.same_file(import.id, &import.sha256)?;
        Ok(Self { import, by_name, counts, same_file })
    }

    /// Whether this caller can undo now what it has stored.
    #[must_use]
    pub fn can_be_undone(&self, caller: &Caller, now: DateTime<Utc>) -> bool {
        let Import { actor, at, finished_at, created, updated, .. } = self.import;
        let has_effect = created + updated > 0;
        has_effect && may_undo(caller, actor, finished_at.unwrap_or(at), now)
    }
}

/// How many rows an import has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// By verdict.
    verdicts: Vec<(Verdict, usize)>,
    /// That were to be stored and are left alone, because what is stored has changed since the plan.
    pub changed_since: usize,
}

impl ImportCounts {
    pub(super) fn of(counts: &[(Verdict, bool, usize)]) -> Self {
        let sum = |is: &dyn Fn(Verdict, bool) -> bool| -> usize {
            let counts = counts.iter().filter(|(verdict, changed, _)| is(*verdict, *changed));
            counts.map(|(.., count)| count).sum()
        };
        let verdict = |verdict| (verdict, sum(&|one, _| one == verdict));
        Self {
            verdicts: Verdict::ALL.map(verdict).into(),
            changed_since: sum(&|_, has_changed| has_changed),
        }
    }

    /// How many rows have this verdict.
    #[must_use]
    pub fn of_verdict(&self, verdict: Verdict) -> usize {
        self.verdicts.iter().find(|(one, _)| *one == verdict).map_or(0, |(_, count)| *count)
    }

    /// How many rows would be stored, or are.
    #[must_use]
    pub fn to_store(&self) -> usize {
        Verdict::ALL.into_iter().filter(|one| one.is_stored()).map(|one| self.of_verdict(one)).sum()
    }

    /// How many rows are left out.
    #[must_use]
    pub fn left_out(&self) -> usize {
        let left_out = Verdict::ALL.into_iter().filter(|one| one.is_left_out());
        left_out.map(|one| self.of_verdict(one)).sum::<usize>() + self.changed_since
    }

    /// How many rows there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.verdicts.iter().map(|(_, count)| count).sum()
    }
}

impl Imports {
    /// The import with this id.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn find(&self, id: OperationId) -> Result<Option<ImportView>, DeskError> {
        let find = move |desk: &mut dyn DeskTransaction| {
            desk.find_import(id)?.map(|import| ImportView::of(desk, import)).transpose()
        };
        self.0.office.read(find).await
    }

    /// The latest imports with their counts.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn latest_views(&self, limit: usize) -> Result<Vec<ImportView>, DeskError> {
        let find = move |desk: &mut dyn DeskTransaction| {
            let latest = desk.imports(limit)?.into_iter();
            latest.map(|import| ImportView::of(desk, import)).collect()
        };
        self.0.office.read(find).await
    }

    /// The latest imports.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn latest(&self, limit: usize) -> Result<Vec<Import>, DeskError> {
        self.0.office.read(move |desk| desk.imports(limit)).await
    }

    /// Rows of an import.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn rows(
        &self,
        id: OperationId,
        query: ImportRowQuery,
    ) -> Result<Vec<PlannedRow>, DeskError> {
        self.0.office.read(move |desk| desk.import_rows(id, &query)).await
    }

    /// The first rows of the file, read in this way. `None` where the file is no longer kept.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn inspect(
        &self,
        id: OperationId,
        reading: Reading,
    ) -> Result<Option<Result<Inspection, Unreadable>>, DeskError> {
        let store = Arc::clone(&self.0.office.store);
        let inspect = move || {
            let file = read(&*store, |desk| desk.import_file(id))?;
            Ok::<_, RepositoryError>((!file.is_empty()).then(|| inspect_as(&file, &reading)))
        };
        Ok(self.0.threads.run(inspect).await??)
    }
}
