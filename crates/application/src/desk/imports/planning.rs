//! Planning the rows of a file, chunk by chunk.

use std::{collections::HashMap, time::Instant};

use registration_domain::{
    FileRow, Import, ImportState, OperationId, PlannedRow, RepositoryError, Unreadable,
    UnreadableReason, Verdict,
};
use registration_spreadsheet::read;
use sha2::{Digest as _, Sha256};

use super::{Imports, plan_chunk::plan_rows};
use crate::desk::jobs::{Observation, rest_after};

/// Rows that one transaction plans.
const CHUNK: usize = 500;

/// Why planning stopped before the end of the file.
enum Stopped {
    /// The settings have changed, or the import was given up.
    Superseded,
    Failed(RepositoryError),
}

impl From<RepositoryError> for Stopped {
    fn from(error: RepositoryError) -> Self {
        Self::Failed(error)
    }
}

impl Imports {
    /// Plans the rows that have no plan yet.
    #[tracing::instrument(name = "plan_import", skip_all, fields(import.id = %id))]
    pub(super) fn plan(&self, id: OperationId) -> Result<(), RepositoryError> {
        let begun = Instant::now();
        let found = registration_domain::read(&*self.0.office.store, |desk| {
            let import = desk.find_import(id)?;
            Ok((import, desk.import_file(id)?, desk.last_import_line(id)?))
        })?;
        let (Some(import), file, last) = found else { return Ok(()) };
        let planned = match *Sha256::digest(&file) == import.sha256 {
            true => self.plan_file(&import, &file, last.unwrap_or(0)),
            false => Ok(Err(UnreadableReason::Damaged.into())),
        };
        let end = match planned {
            Ok(Ok(())) => Import { state: ImportState::Planned, ..import },
            Ok(Err(unreadable)) => {
                Import { state: ImportState::Failed, problem: Some(unreadable), ..import }
            }
            Err(Stopped::Superseded) => return Ok(()),
            Err(Stopped::Failed(error)) => return Err(error),
        };
        if self.end_planning(&end)? {
            (self.0.observe)(Observation::Import { phase: "plan", took: begun.elapsed() });
        }
        Ok(())
    }

    /// Stores the end of planning, unless it was ended before; whether this is the end.
    fn end_planning(&self, end: &Import) -> Result<bool, RepositoryError> {
        self.write(|desk| match desk.lock_import(end.id)? {
            Some(import) if is_same(&import, end) => desk.update_import(end).map(|()| true),
            _ => Ok(false),
        })
    }

    fn plan_file(
        &self,
        import: &Import,
        file: &[u8],
        last: u32,
    ) -> Result<Result<(), Unreadable>, Stopped> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let each = |row: FileRow| {
            if row.line > last {
                chunk.push(row);
            }
            if chunk.len() == CHUNK { self.plan_chunk(import, &mut chunk) } else { Ok(()) }
        };
        match read(file, &import.settings.reading, each) {
            Ok(Ok(())) => self.plan_chunk(import, &mut chunk).map(Ok),
            Ok(Err(stopped)) => Err(stopped),
            Err(unreadable) => Ok(Err(unreadable)),
        }
    }

    /// Plans rows and keeps their plans. Registrations have priority: where many arrive, it rests.
    #[tracing::instrument(name = "plan_rows", skip_all)]
    fn plan_chunk(&self, import: &Import, chunk: &mut Vec<FileRow>) -> Result<(), Stopped> {
        let begun = Instant::now();
        let planned = self.write(|desk| {
            let current = desk.lock_import(import.id)?;
            if !current.is_some_and(|current| is_same(&current, import)) {
                return Ok(None);
            }
            // Another instance may have planned them since.
            let last = desk.last_import_line(import.id)?.unwrap_or(0);
            let rows: Vec<_> = chunk.iter().filter(|row| row.line > last).cloned().collect();
            let rows = plan_rows(desk, import.id, &import.settings, &rows)?;
            desk.insert_import_rows(import.id, &rows)?;
            Ok(Some(rows))
        })?;
        for (verdict, count) in count(planned.as_ref().ok_or(Stopped::Superseded)?) {
            (self.0.observe)(Observation::ImportRows { verdict, count });
        }
        chunk.clear();
        rest_after(begun.elapsed(), &self.0.arrivals);
        Ok(())
    }
}

/// Whether an import is still being planned by these settings.
fn is_same(current: &Import, import: &Import) -> bool {
    current.state == ImportState::Reading && current.revision == import.revision
}

fn count(rows: &[PlannedRow]) -> HashMap<Verdict, usize> {
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(row.verdict).or_default() += 1;
    }
    counts
}
