//! Adds registered students to the search index, in the order of the seals.

use chrono::NaiveDateTime;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, QueryResult, RunQueryDsl as _,
};
use parking_lot::Mutex;
use registration_domain::{Action, RepositoryError, SearchProjector};

use super::index::{self, IndexedStudent};
use crate::{
    connection::session::DatabaseConnection,
    decode::limit,
    desk::Desk,
    journal::{
        consumers::{self, Consumer, REGISTRATIONS, SEARCH},
        entries, sealing,
    },
    schema::{journal, journal_seals},
};

/// Maximum number of entries that are read at once. After as many without registrations the position
/// is moved.
const LOOK_AHEAD: usize = 100;
/// Maximum number of entries whose students are counted as missing.
const MAX_LAG: usize = 1_000;
/// Attempts against other instances.
const ATTEMPTS: u32 = 3;

/// The sealed entries behind the place of the consumer.
macro_rules! behind {
    ($consumer:expr) => {
        journal_seals::table
            .inner_join(journal::table.on(journal::id.eq(journal_seals::journal_id)))
            .filter(journal_seals::seq.ge($consumer.seq))
            .filter(
                journal_seals::seq
                    .gt($consumer.seq)
                    .or(journal_seals::journal_id.gt($consumer.journal_id)),
            )
    };
}

/// The projector of a database's registrations into its search index.
pub struct SearchIndexer {
    desk: Desk,
    /// What the position waits for.
    mark: Mutex<Option<Mark>>,
}

/// What was covered at a moment: the rows up to `position`, by the entries up to `journal_id`.
#[derive(Clone, Copy)]
struct Mark {
    journal_id: i64,
    position: i64,
}

/// What is to be done next.
enum Step {
    /// The students of the entry in this place.
    Index(Consumer),
    /// Move behind entries without registrations, or past rows that are all indexed.
    Move(Consumer),
    Nothing,
}

/// An entry in the order of the seals.
#[derive(Clone, Copy)]
struct Place {
    seq: i64,
    journal_id: i64,
    at: NaiveDateTime,
}

impl Place {
    fn of(self, consumer: Consumer) -> Consumer {
        let Self { seq, journal_id, at } = self;
        Consumer { seq, journal_id, at, ..consumer }
    }
}

impl SearchIndexer {
    /// The projector on `desk`, whose database must be migrated.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self { desk, mark: Mutex::default() }
    }
}

impl SearchProjector for SearchIndexer {
    fn index_next(&self) -> Result<Option<usize>, RepositoryError> {
        for _ in 0..ATTEMPTS {
            let mark = *self.mark.lock();
            let (consumer, step, mark) =
                self.desk.poll(|connection| next_step(connection, mark))?;
            *self.mark.lock() = mark;
            match step {
                Step::Nothing => return Ok(None),
                Step::Move(after) => {
                    let is_last = after.position > consumer.position;
                    self.desk.change(|connection| {
                        let moved = consumers::replace(connection, SEARCH, &consumer, &after)?;
                        Ok(moved.then_some(()))
                    })?;
                    if is_last {
                        return Ok(None);
                    }
                }
                Step::Index(after) => {
                    if let Some(indexed) = self.index(&consumer, &after)? {
                        return Ok(Some(indexed));
                    }
                }
            }
        }
        Ok(Some(0))
    }

    fn lag(&self) -> Result<usize, RepositoryError> {
        self.desk.poll(|connection| {
            let consumer = consumers::find(connection, SEARCH)?;
            let members: Vec<i32> = behind!(consumer)
                .filter(journal::action.eq(Action::Registered.as_str()))
                .order((journal_seals::seq, journal_seals::journal_id))
                .limit(limit(MAX_LAG))
                .select(journal::members)
                .load(connection)?;
            Ok(members.into_iter().map(|count| usize::try_from(count).unwrap_or_default()).sum())
        })
    }
}

fn next_step(
    connection: &mut DatabaseConnection,
    mut mark: Option<Mark>,
) -> QueryResult<(Consumer, Step, Option<Mark>)> {
    let consumer = consumers::find(connection, SEARCH)?;
    let entries: Vec<(i64, i64, NaiveDateTime, String)> = behind!(consumer)
        .order((journal_seals::seq, journal_seals::journal_id))
        .limit(limit(LOOK_AHEAD))
        .select((journal_seals::seq, journal_seals::journal_id, journal::at, journal::action))
        .load(connection)?;
    let registered = Action::Registered.as_str();
    let place = |(seq, journal_id, at, _): &(i64, i64, NaiveDateTime, String)| Place {
        seq: *seq,
        journal_id: *journal_id,
        at: *at,
    };
    if let Some(next) = entries.iter().find(|(_, _, _, action)| action == registered) {
        let after = place(next).of(consumer);
        // While others register, the position moves behind the entries that were there before.
        let position = match mark {
            Some(mark) if mark.is_indexed(connection, &after, &consumer)? => Some(mark.position),
            _ => None,
        };
        if mark.is_none() || position.is_some() {
            let Consumer { journal_id, position, .. } = consumers::find(connection, REGISTRATIONS)?;
            mark = Some(Mark { journal_id, position });
        }
        let position =
            position.map_or(consumer.position, |position| position.max(consumer.position));
        return Ok((consumer, Step::Index(Consumer { position, ..after }), mark));
    }
    if entries.len() == LOOK_AHEAD
        && let Some(last) = entries.last()
    {
        return Ok((consumer, Step::Move(place(last).of(consumer)), mark));
    }
    // Every covered student is indexed: the list need not look for others below this row.
    let covered = consumers::find(connection, REGISTRATIONS)?;
    let is_done = covered.position > consumer.position
        && sealing::first_unsealed_with(connection, registered)?.is_none();
    let after = Consumer { position: covered.position, at: covered.at, ..consumer };
    Ok((consumer, if is_done { Step::Move(after) } else { Step::Nothing }, mark))
}

impl Mark {
    /// Whether the students of its entries are indexed, where the entry of `next` is the first that
    /// is not.
    fn is_indexed(
        self,
        connection: &mut DatabaseConnection,
        next: &Consumer,
        consumer: &Consumer,
    ) -> QueryResult<bool> {
        if next.journal_id <= self.journal_id {
            return Ok(false);
        }
        let registered = Action::Registered.as_str();
        // One may have been committed, and sealed, behind entries with greater numbers.
        let late: Option<i64> = behind!(consumer)
            .filter(journal::id.le(self.journal_id))
            .filter(journal::action.eq(registered))
            .select(journal::id)
            .first(connection)
            .optional()?;
        let unsealed = sealing::first_unsealed_with(connection, registered)?;
        Ok(late.is_none() && unsealed.is_none_or(|entry| entry > self.journal_id))
    }
}

impl SearchIndexer {
    /// Indexes the students of an entry and moves behind it; `None` where another instance has.
    fn index(&self, before: &Consumer, after: &Consumer) -> Result<Option<usize>, RepositoryError> {
        let span = tracing::info_span!("index_students");
        let _entered = span.enter();
        let indexed = self.desk.change(|connection| {
            index_entry(connection, before, after, |connection, students| {
                index::insert(connection, students).map(|()| students.len())
            })
        });
        match indexed {
            // One of them cannot be indexed: each alone.
            Err(RepositoryError::Unexpected(_)) => self
                .desk
                .change(|connection| index_entry(connection, before, after, index::insert_each)),
            indexed => indexed,
        }
    }
}

fn index_entry(
    connection: &mut DatabaseConnection,
    before: &Consumer,
    after: &Consumer,
    insert: impl FnOnce(&mut DatabaseConnection, &[IndexedStudent]) -> QueryResult<usize>,
) -> QueryResult<Option<usize>> {
    if !consumers::replace(connection, SEARCH, before, after)? {
        return Ok(None);
    }
    let ids: Option<Vec<u8>> = journal::table
        .filter(journal::id.eq(after.journal_id))
        .select(journal::ids)
        .first(connection)
        .optional()?
        .flatten();
    let students = index::unindexed(connection, &entries::members(ids.as_deref())?)?;
    insert(connection, &students).map(Some)
}
