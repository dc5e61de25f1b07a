//! What is counted of the office.

use std::time::Instant;

use metrics::{counter, gauge, histogram};
use registration_application::desk::{
    access::Caller, jobs::Observation, once::Done, sign_in::SignInError, students::Changed,
};
use registration_domain::RosterFilter;

/// Records what a job has observed.
pub(crate) fn observe(observation: Observation) {
    match observation {
        Observation::Sealed(seal, took) => {
            histogram!("journal_seal_duration_seconds").record(took);
            gauge!("journal_seal_sequence").set(seal.sequence as f64);
        }
        Observation::Unsealed(entries) => gauge!("journal_unsealed").set(entries as f64),
        Observation::IndexLag(students) => {
            gauge!("search_index_lag_students").set(students as f64);
        }
        Observation::Transitions { from, to, by, count } => {
            let labels = [("from", from.as_str()), ("to", to.as_str()), ("by", by)];
            counter!("desk_transitions_total", &labels).increment(count as u64);
        }
        Observation::ImportRows { verdict, count } => {
            let labels = [("verdict", verdict.as_str())];
            counter!("import_rows_total", &labels).increment(count as u64);
        }
        Observation::Import { phase, took } => {
            histogram!("import_duration_seconds", "phase" => phase).record(took);
        }
        Observation::TasksCreated(count) => {
            counter!("tasks_created_total").increment(count as u64);
        }
        Observation::TaskCompleted(took) => {
            counter!("tasks_completed_total").increment(1);
            histogram!("task_completion_duration_seconds").record(took);
        }
        Observation::Refused(kind) => {
            let labels = [("kind", kind), ("outcome", "refused")];
            counter!("desk_operations_total", &labels).increment(1);
        }
        Observation::Operation { kind, outcome, took } => {
            let labels = [("kind", kind), ("outcome", outcome)];
            counter!("desk_operations_total", &labels).increment(1);
            histogram!("desk_operation_duration_seconds", &labels).record(took);
        }
        Observation::Sessions(count) => gauge!("sessions_active").set(count as f64),
    }
}

/// Counts the students of an exported file.
pub(crate) fn exported(format: &'static str, rows: usize) {
    counter!("export_rows_total", "format" => format).increment(rows as u64);
}

/// Counts an attempt to sign in.
pub(crate) fn signed_in<T>(result: &Result<T, SignInError>) {
    let outcome = match result {
        Ok(_) => "ok",
        Err(SignInError::Wrong { .. }) => "wrong",
        Err(SignInError::Disabled { .. }) => "disabled",
        Err(SignInError::Delayed { .. }) => "delayed",
        Err(SignInError::Desk(_)) => "failed",
    };
    counter!("sign_ins_total", "outcome" => outcome).increment(1);
}

/// Counts a decision; not again where the request was repeated.
pub(crate) fn decided(done: &Done<Changed>, caller: &Caller) {
    let Done::Now(changed) = done else { return };
    let (from, to, by) = (changed.from, changed.record.status, caller.actor().kind());
    observe(Observation::Transitions { from, to, by, count: 1 });
    observe(Observation::TasksCreated(changed.new_tasks));
}

/// Measures a look at the list, where it is a search.
pub(crate) async fn searched<T>(filter: &RosterFilter, look: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let found = look.await;
    if !filter.words.words().is_empty() {
        histogram!("desk_search_duration_seconds").record(begun.elapsed());
    }
    found
}
