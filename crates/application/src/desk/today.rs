//! The numbers of the last day.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use registration_domain::{
    CappedCount, DeskTransaction, ErrorCode, Field, FieldError, JournalRow, MissingTask, PageStart,
    RepositoryError, RosterFilter, RosterQuery, Sort, StaffId, StaffMember, Status, StudentId,
    StudentRecord,
};
use tokio::sync::Mutex;

use super::{DeskError, Office, failures::beginning_of_hour};
use crate::threads::NotRun;

/// How long numbers are shown before they are counted again.
const FRESH: Duration = Duration::from_secs(2);
/// How long they are shown while they are being counted.
const STALE: Duration = Duration::from_secs(10);
/// Hours that are shown, the current one included.
const HOURS: i64 = 24;
/// How far students are counted.
const COUNTED: usize = 10_000;
/// Changes of colleagues that are shown.
const CHANGES: usize = 10;

/// The numbers.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// When they were counted.
    pub at: DateTime<Utc>,
    /// The beginnings of the last 24 hours, the oldest first, and how many registered in each.
    pub hours: Vec<(DateTime<Utc>, usize)>,
    /// Students whose application is to be decided.
    pub pending: CappedCount,
    /// Students on the waiting list.
    pub waitlisted: CappedCount,
    /// Students who lack an item of the checklist.
    pub lacking: CappedCount,
    /// How often a field of refused registrations had an error in these hours, the most frequent first.
    pub failures: Vec<(FieldError, u64)>,
    /// Whether there are students.
    pub has_students: bool,
    /// How many students the search does not find yet.
    pub behind: usize,
    /// The people of the office.
    pub staff: Vec<StaffMember>,
    /// The latest changes by the people of the office, the newest first.
    pub changes: Vec<LatestChange>,
}

/// A change that a person of the office made, of one student or of several.
#[derive(Clone, Debug)]
pub struct LatestChange {
    /// Its entry in the journal; of an operation the last one.
    pub row: JournalRow,
    /// The student of the entry, unless it was erased since.
    pub student: Option<StudentRecord>,
    /// How many students the operation changed.
    pub students: usize,
}

impl Numbers {
    /// Since when registrations and failures are counted.
    #[must_use]
    pub fn since(&self) -> DateTime<Utc> {
        self.hours.first().map_or(self.at, |(hour, _)| *hour)
    }

    /// How many registered in these hours.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.hours.iter().map(|(_, count)| count).sum()
    }

    /// The latest changes by others than this person, the newest first.
    pub fn changes_by_others(&self, person: StaffId) -> impl Iterator<Item = &LatestChange> {
        let by_other =
            move |change: &&LatestChange| change.row.entry.actor.id() != Some(person.as_bytes());
        self.changes.iter().filter(by_other).take(CHANGES)
    }
}

/// Counts them, at most once in a while however many ask.
pub struct Today {
    office: Office,
    latest: RwLock<Option<(Instant, Arc<Numbers>)>>,
    counting: Mutex<()>,
}

impl Today {
    /// Over this office.
    #[must_use]
    pub fn new(office: Office) -> Self {
        Self { office, latest: RwLock::default(), counting: Mutex::default() }
    }

    /// The numbers, a few seconds old at most; older ones while they are being counted.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn numbers(&self, now: DateTime<Utc>) -> Result<Arc<Numbers>, DeskError> {
        let latest = self.latest().filter(|(at, _)| at.elapsed() < STALE);
        if let Some((_, numbers)) = latest.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(Arc::clone(numbers));
        }
        let _counting = match (latest, self.counting.try_lock()) {
            (_, Ok(counting)) => counting,
            (Some((_, numbers)), Err(_)) => return Ok(numbers),
            (None, Err(_)) => {
                // One attempt is for all who wait for it.
                drop(self.counting.lock().await);
                let latest = self.latest().filter(|(at, _)| at.elapsed() < STALE);
                return latest.map(|(_, numbers)| numbers).ok_or(NotRun::TooBusy.into());
            }
        };
        let begun = Instant::now();
        let numbers = Arc::new(self.office.read(move |desk| count(desk, now)).await?);
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) =
            Some((begun, Arc::clone(&numbers)));
        Ok(numbers)
    }

    fn latest(&self) -> Option<(Instant, Arc<Numbers>)> {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn count(desk: &mut dyn DeskTransaction, now: DateTime<Utc>) -> Result<Numbers, RepositoryError> {
    let first = beginning_of_hour(now) - TimeDelta::hours(HOURS - 1);
    let times: Vec<_> = (0..=HOURS).map(|hour| first + TimeDelta::hours(hour)).collect();
    let registered = desk.count_registered(&times)?;
    let of_status = |status| RosterFilter { statuses: vec![status], ..RosterFilter::default() };
    let missing = RosterFilter { missing: Some(MissingTask::Any), ..RosterFilter::default() };
    let first_page = RosterQuery {
        filter: RosterFilter::default(),
        sort: Sort::Name,
        start: PageStart::First,
        limit: 1,
    };
    let first_page = desk.page(&first_page)?.unwrap_or_default();
    let staff = desk.staff()?;
    Ok(Numbers {
        at: now,
        hours: times.into_iter().zip(registered).collect(),
        pending: desk.count(&of_status(Status::Pending), COUNTED)?,
        waitlisted: desk.count(&of_status(Status::Waitlisted), COUNTED)?,
        lacking: desk.count(&missing, COUNTED)?,
        failures: failures(desk, first, now)?,
        has_students: !first_page.students.is_empty() || first_page.behind > 0,
        behind: first_page.behind,
        changes: changes(desk)?,
        staff,
    })
}

fn failures(
    desk: &mut dyn DeskTransaction,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<(FieldError, u64)>, RepositoryError> {
    let mut sums: HashMap<(Field, ErrorCode), u64> = HashMap::new();
    let counted = desk.failures_since(since)?;
    // Not those of a clock that was set back.
    for failure in counted.into_iter().filter(|failure| failure.hour <= now) {
        *sums.entry((failure.error.field, failure.error.code)).or_default() += failure.count;
    }
    let error = |((field, code), count)| (FieldError { field, code }, count);
    let mut failures: Vec<_> = sums.into_iter().map(error).collect();
    let place = |FieldError { field, code }: FieldError| (field.as_str(), code.as_str());
    failures.sort_by_key(|(error, count)| (std::cmp::Reverse(*count), place(*error)));
    Ok(failures)
}

fn changes(desk: &mut dyn DeskTransaction) -> Result<Vec<LatestChange>, RepositoryError> {
    let rows = desk.latest_changes(CHANGES)?;
    let subjects = rows.iter().filter_map(|(row, _)| row.entry.subject);
    let ids: Vec<_> = subjects.map(StudentId::from_bytes).collect();
    let students = desk.find_records(&ids)?;
    let change = |(row, count): (JournalRow, usize)| {
        let of_row =
            |(_, record): &&(_, StudentRecord)| Some(*record.id.as_bytes()) == row.entry.subject;
        let student = students.iter().find(of_row).map(|(_, record)| record.clone());
        LatestChange { row, student, students: count }
    };
    Ok(rows.into_iter().map(change).collect())
}
