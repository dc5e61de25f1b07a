//! Storing the rows of a file, chunk by chunk.

use std::time::Instant;

use registration_domain::{ImportState, OperationId, RepositoryError, write};

use super::{
    Imports,
    store_chunk::{Chunk, OtherPlan, store_next},
};
use crate::desk::jobs::{Observation, observe_transitions, rest_after};

impl Imports {
    /// Stores the rows that are to be stored and are not yet.
    #[tracing::instrument(name = "run_import", skip_all, fields(import.id = %id))]
    pub(super) fn store(&self, id: OperationId) -> Result<(), RepositoryError> {
        let begun = Instant::now();
        // Students that are changed were registered before.
        self.0.keeper.cover_all((self.0.now)())?;
        while !self.store_chunk(id)? {}
        (self.0.observe)(Observation::Import { phase: "run", took: begun.elapsed() });
        Ok(())
    }

    /// Stores the next rows; whether they were the last. Registrations have priority: where many arrive,
    /// it rests.
    #[tracing::instrument(name = "import_chunk", skip_all)]
    fn store_chunk(&self, id: OperationId) -> Result<bool, RepositoryError> {
        let begun = Instant::now();
        let seed = (self.0.random)()
            .ok_or_else(|| RepositoryError::unexpected("there are no random bytes"))?;
        let now = (self.0.now)();
        let store = &*self.0.office.store;
        match write(store, |desk| store_next(desk, id, now, &seed))? {
            Err(OtherPlan) => {
                self.plan_again(id)?;
                Ok(true)
            }
            Ok(Chunk::NotRunning) => Ok(true),
            Ok(Chunk::Stored { is_last, transitions, new_tasks }) => {
                observe_transitions(self.0.observe, transitions, "import");
                (self.0.observe)(Observation::TasksCreated(new_tasks));
                if !is_last {
                    rest_after(begun.elapsed(), &self.0.arrivals);
                }
                Ok(is_last)
            }
        }
    }

    /// Plans all rows anew: what is stored has changed since they were planned.
    fn plan_again(&self, id: OperationId) -> Result<(), RepositoryError> {
        match self.replan(id, |state| state == ImportState::Running)? {
            Ok(_) => self.plan(id),
            // Someone else has given it up, or plans it.
            Err(_) => Ok(()),
        }
    }
}
