//! Adds registered students to the search index, in the order of the seals.

use chrono::NaiveDateTime;
use diesel::{
    BoolExpressionMethods as _, Connection as _, ExpressionMethods as _, JoinOnDsl as _,
    OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _, SelectableHelper as _,
};
use metrics::counter;
use registration_domain::{Action, IndexedWords, RepositoryError, SearchProjector, StudentId};

use super::index::{self, IndexedStudent};
use crate::{
    connection::session::DatabaseConnection,
    decode::limit,
    desk::Desk,
    error,
    journal::{
        consumers::{self, Consumer, REGISTRATIONS, SEARCH},
        entries, sealing,
    },
    schema::{journal, journal_seals, student_search, students},
    students::record::RecordRow,
};

/// Entries that are looked through at once. Behind so many others the place is moved.
const LOOK_AHEAD: usize = 1_000;
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
pub struct SearchIndexer(Desk);

/// What is to be done next.
enum Step {
    /// The students of this entry.
    Index(Place),
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
        Self(desk)
    }
}

impl SearchProjector for SearchIndexer {
    fn index_next(&self) -> Result<Option<usize>, RepositoryError> {
        for _ in 0..ATTEMPTS {
            let (consumer, step) = self.0.poll(next_step)?;
            match step {
                Step::Nothing => return Ok(None),
                Step::Move(after) => {
                    let is_last = after.position > consumer.position;
                    self.0.change(|connection| {
                        let moved = consumers::replace(connection, SEARCH, &consumer, &after)?;
                        Ok(moved.then_some(()))
                    })?;
                    if is_last {
                        return Ok(None);
                    }
                }
                Step::Index(place) => {
                    if let Some(indexed) = self.index(&consumer, &place)? {
                        return Ok(Some(indexed));
                    }
                }
            }
        }
        Ok(Some(0))
    }

    fn lag(&self) -> Result<usize, RepositoryError> {
        self.0.poll(|connection| {
            let consumer = consumers::find(connection, SEARCH)?;
            let members: Vec<i32> = behind!(consumer)
                .filter(journal::action.eq(Action::Registered.as_str()))
                .order((journal_seals::seq, journal_seals::journal_id))
                .limit(limit(LOOK_AHEAD))
                .select(journal::members)
                .load(connection)?;
            Ok(members.into_iter().map(|count| usize::try_from(count).unwrap_or_default()).sum())
        })
    }
}

fn next_step(connection: &mut DatabaseConnection) -> QueryResult<(Consumer, Step)> {
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
        return Ok((consumer, Step::Index(place(next))));
    }
    if entries.len() == LOOK_AHEAD
        && let Some(last) = entries.last()
    {
        return Ok((consumer, Step::Move(place(last).of(consumer))));
    }
    // Every covered student is indexed: the list need not look for others below this row.
    let covered = consumers::find(connection, REGISTRATIONS)?;
    let is_done = covered.position > consumer.position
        && !sealing::any_unsealed_with(connection, registered)?;
    let after = Consumer { position: covered.position, at: covered.at, ..consumer };
    Ok((consumer, if is_done { Step::Move(after) } else { Step::Nothing }))
}

impl SearchIndexer {
    /// Indexes the students of an entry and moves behind it; `None` where another instance has.
    fn index(&self, before: &Consumer, place: &Place) -> Result<Option<usize>, RepositoryError> {
        let span = tracing::info_span!("index_students");
        let _entered = span.enter();
        let indexed = self.0.change(|connection| {
            index_entry(connection, before, place, |connection, students| {
                index::insert(connection, students).map(|()| students.len())
            })
        });
        match indexed {
            // One of them cannot be indexed: each alone.
            Err(RepositoryError::Unexpected(_)) => {
                self.0.change(|connection| index_entry(connection, before, place, index_each))
            }
            indexed => indexed,
        }
    }
}

fn index_entry(
    connection: &mut DatabaseConnection,
    before: &Consumer,
    place: &Place,
    insert: impl FnOnce(&mut DatabaseConnection, &[IndexedStudent]) -> QueryResult<usize>,
) -> QueryResult<Option<usize>> {
    if !consumers::replace(connection, SEARCH, before, &place.of(*before))? {
        return Ok(None);
    }
    let ids: Option<Vec<u8>> = journal::table
        .filter(journal::id.eq(place.journal_id))
        .select(journal::ids)
        .first(connection)
        .optional()?
        .flatten();
    let students = unindexed(connection, &entries::members(ids.as_deref())?)?;
    insert(connection, &students).map(Some)
}

/// Those of these students who exist and are not indexed.
fn unindexed(
    connection: &mut DatabaseConnection,
    ids: &[StudentId],
) -> QueryResult<Vec<IndexedStudent>> {
    let ids = ids.iter().map(|id| id.as_bytes().as_slice());
    let rows: Vec<RecordRow> = students::table
        .left_join(student_search::table.on(student_search::student_id.eq(students::id)))
        .filter(students::public_id.eq_any(ids))
        .filter(student_search::student_id.is_null())
        .order(students::id)
        .select(RecordRow::as_select())
        .load(connection)?;
    let student = |row: RecordRow| {
        let (student_id, record) = (row.id, row.record()?);
        let words = IndexedWords::of(record.id, &record.texts);
        Ok(IndexedStudent { student_id, status: record.status, words })
    };
    rows.into_iter().map(student).collect()
}

/// Indexes each student in a transaction within the open one, and counts those who cannot be indexed.
fn index_each(
    connection: &mut DatabaseConnection,
    students: &[IndexedStudent],
) -> QueryResult<usize> {
    let mut indexed = 0;
    for student in students {
        let inserted = connection
            .transaction(|connection| index::insert(connection, std::slice::from_ref(student)));
        match inserted {
            Ok(()) => indexed += 1,
            Err(error) if error::is_rejected_row(&error) => {
                counter!("search_unindexable_students_total").increment(1);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(indexed)
}
