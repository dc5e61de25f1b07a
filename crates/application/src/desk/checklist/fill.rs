//! The job that gives a new template's items to the students who have a place already.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use registration_domain::{RepositoryError, commit, read};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::super::{
    Office,
    jobs::{Arrivals, Observation, Observer, Outage, flat, pause_after},
};
use crate::threads::Threads;

/// How often templates are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Gives the items of templates that are due, for as long as it is polled. Writes nothing where none is.
pub async fn fill_checklists(
    office: Office,
    threads: Arc<Threads>,
    arrivals: Arrivals,
    now: fn() -> DateTime<Utc>,
    observe: Observer,
) {
    let mut outage = Outage::new("Checklists not filled");
    let mut due = interval(LOOK_INTERVAL);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        loop {
            let (office, begun) = (office.clone(), Instant::now());
            let filled = flat(threads.run(move || fill_next(&office, now())).await);
            let added = filled.as_ref().ok().copied().flatten();
            outage.note(filled);
            let Some(added) = added else { break };
            observe(Observation::TasksCreated(added));
            sleep(pause_after(begun.elapsed(), &arrivals)).await;
        }
    }
}

/// Gives the items to the next students; `None` where no template is due.
fn fill_next(office: &Office, now: DateTime<Utc>) -> Result<Option<usize>, RepositoryError> {
    if !read(&*office.store, |desk| desk.has_due_template(now))? {
        return Ok(None);
    }
    commit(&*office.store, |desk| desk.fill_next(now))
}
