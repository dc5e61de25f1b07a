//! The newest students, which are not indexed yet.

use std::{collections::HashSet, sync::Arc, time::Instant};

use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
    SelectableHelper as _,
};
use parking_lot::Mutex;
use registration_domain::{IndexedWords, RosterFilter, RowId, Status, StudentRecord};

use crate::{
    connection::session::DatabaseConnection,
    decode,
    journal::consumers,
    schema::{student_search, students},
    search::SearchLimits,
    sql::Sql,
    students::record::RecordRow,
};

/// Students of a statement: servers estimate by statistics for more than 200.
const CHUNK: usize = 128;

/// A student who is not indexed yet.
#[derive(Debug)]
pub(crate) struct Unindexed {
    id: i64,
    record: StudentRecord,
    words: IndexedWords,
}

impl Unindexed {
    fn new(row: RecordRow) -> QueryResult<Self> {
        let (id, record) = (row.id, row.record()?);
        let words = IndexedWords::of(record.id, &record.texts);
        Ok(Self { id, record, words })
    }

    /// The row id.
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// The key in the order of names.
    pub(crate) fn sort_key(&self) -> &str {
        &self.words.sort_key
    }

    /// The status.
    pub(crate) fn status(&self) -> Status {
        self.record.status
    }

    /// Whether the filter holds.
    fn matches(&self, filter: &RosterFilter) -> bool {
        let Self { id, record, words } = self;
        // Who has an item is indexed.
        filter.missing.is_none()
            && words.matches(&filter.words)
            && (filter.statuses.is_empty() || filter.statuses.contains(&record.status))
            && (filter.sources.is_empty() || filter.sources.contains(&record.origin.source))
            && filter.registered_from.is_none_or(|from| record.created_at >= from)
            && filter.registered_to.is_none_or(|to| record.created_at < to)
            && filter.as_of.is_none_or(|RowId(row)| *id <= row)
    }
}

/// The newest students who are not indexed. In a rush there are more than are read: then a reading
/// serves further searches for a moment, as each would read and fold thousands of names.
#[derive(Debug)]
pub(crate) struct Newest {
    pub(crate) limits: SearchLimits,
    kept: Mutex<Option<Reading>>,
}

/// Students who are not indexed, read at once.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    at: Instant,
    students: Arc<[Unindexed]>,
    /// How many more there were.
    pub(crate) behind: usize,
    /// Whether it was read for an earlier search.
    is_kept: bool,
}

impl Default for Newest {
    fn default() -> Self {
        Self::new(SearchLimits::DESK)
    }
}

impl Newest {
    pub(crate) const fn new(limits: SearchLimits) -> Self {
        Self { limits, kept: Mutex::new(None) }
    }

    /// The students who are not indexed, or who were not a moment ago.
    pub(crate) fn read(&self, connection: &mut DatabaseConnection) -> QueryResult<Reading> {
        let position = consumers::find(connection, consumers::SEARCH)?.position;
        let kept = self.kept.lock().clone().filter(|kept| {
            // The newest comes first.
            let is_behind = kept.students.first().is_some_and(|newest| newest.id > position);
            is_behind && kept.at.elapsed() < self.limits.lifetime
        });
        kept.map_or_else(|| self.read_again(connection, position), Ok)
    }

    /// Reads only rows above `position`, up to which every student is indexed.
    fn read_again(
        &self,
        connection: &mut DatabaseConnection,
        position: i64,
    ) -> QueryResult<Reading> {
        let (limits, at) = (self.limits, Instant::now());
        let mut rows: Vec<RecordRow> = students::table
            .left_join(student_search::table.on(student_search::student_id.eq(students::id)))
            .filter(students::id.gt(position))
            .filter(student_search::student_id.is_null())
            .order(students::id.desc())
            .limit(decode::limit(limits.unindexed + 1))
            .select(RecordRow::as_select())
            .load(connection)?;
        let has_more = rows.len() > limits.unindexed;
        rows.truncate(limits.unindexed);
        let behind = match rows.last() {
            Some(oldest) if has_more => {
                count_between(connection, position, oldest.id, limits.behind)?
            }
            _ => 0,
        };
        let students = rows.into_iter().map(Unindexed::new).collect::<QueryResult<_>>()?;
        let reading = Reading { at, students, behind, is_kept: false };
        *self.kept.lock() = has_more.then(|| Reading { is_kept: true, ..reading.clone() });
        Ok(reading)
    }
}

impl Reading {
    /// Those whom the filter finds.
    pub(crate) fn matching<'a>(
        &'a self,
        filter: &'a RosterFilter,
    ) -> impl Iterator<Item = &'a Unindexed> {
        self.students.iter().filter(|student| student.matches(filter))
    }

    /// The first `wanted` of these who are not indexed now: others were indexed, changed or erased
    /// since they were read.
    pub(crate) fn confirm<T>(
        &self,
        connection: &mut DatabaseConnection,
        mut found: Vec<T>,
        id: impl Fn(&T) -> i64,
        wanted: usize,
    ) -> QueryResult<Vec<T>> {
        let mut rest = if self.is_kept { found.split_off(0) } else { Vec::new() };
        while found.len() < wanted && !rest.is_empty() {
            let behind = rest.split_off(rest.len().min(CHUNK));
            let ids: Vec<_> = rest.iter().map(&id).collect();
            let unindexed = still_unindexed(connection, &ids)?;
            found.extend(rest.into_iter().filter(|one| unindexed.contains(&id(one))));
            rest = behind;
        }
        found.truncate(wanted);
        Ok(found)
    }
}

/// Those of these students who are not indexed still. They are unchanged: a change indexes its student.
fn still_unindexed(connection: &mut DatabaseConnection, ids: &[i64]) -> QueryResult<HashSet<i64>> {
    let unindexed: Vec<i64> = students::table
        .left_join(student_search::table.on(student_search::student_id.eq(students::id)))
        .filter(students::id.eq_any(ids))
        .filter(student_search::student_id.is_null())
        .select(students::id)
        .load(connection)?;
    Ok(unindexed.into_iter().collect())
}

/// The number of students between these rows who are not indexed, counted up to `limit`.
fn count_between(
    connection: &mut DatabaseConnection,
    after: i64,
    before: i64,
    limit: usize,
) -> QueryResult<usize> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS number FROM (SELECT 1 AS one FROM students AS t \
         LEFT JOIN student_search AS s ON s.student_id = t.id \
         WHERE s.student_id IS NULL AND t.id > ",
    );
    sql.integer(after).push(" AND t.id < ").integer(before);
    sql.push(" LIMIT ").integer(limit).push(") AS capped");
    sql.count(connection)
}
