//! The newest students, which are not indexed yet.

use std::{collections::HashSet, sync::Arc, time::Instant};

use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
    SelectableHelper as _,
};
use parking_lot::Mutex;
use registration_domain::{IndexedWords, RosterFilter, Status, StudentRecord};

use crate::{
    connection::session::DatabaseConnection,
    decode,
    journal::consumers,
    schema::{student_search, students},
    search::SearchLimits,
    sql::Sql,
    students::record::RecordRow,
};

/// A student who is not indexed yet.
#[derive(Debug)]
pub(crate) struct Unindexed {
    /// The row id.
    pub(crate) id: i64,
    record: StudentRecord,
    words: IndexedWords,
}

impl Unindexed {
    fn new(row: RecordRow) -> QueryResult<Self> {
        let (id, record) = (row.id, row.record()?);
        let words = IndexedWords::of(record.id, &record.texts);
        Ok(Self { id, record, words })
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
        let Self { record, words, .. } = self;
        words.matches(&filter.words)
            && (filter.statuses.is_empty() || filter.statuses.contains(&record.status))
            && (filter.sources.is_empty() || filter.sources.contains(&record.origin.source))
            && filter.registered_from.is_none_or(|from| record.created_at >= from)
            && filter.registered_to.is_none_or(|to| record.created_at < to)
    }
}

/// The newest students who are not indexed. In a rush there are more than are read: then a reading
/// serves further searches for a moment, as each would read and fold thousands of names.
#[derive(Debug)]
pub(crate) struct Newest {
    pub(crate) limits: SearchLimits,
    kept: Mutex<Option<Reading>>,
}

/// What was read at once.
#[derive(Clone, Debug)]
struct Reading {
    at: Instant,
    students: Arc<[Unindexed]>,
    /// How many more there were.
    behind: usize,
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

    /// What `value` makes of each student who is not indexed and whom the filter finds, and how many
    /// more are not indexed.
    pub(crate) fn find<T>(
        &self,
        connection: &mut DatabaseConnection,
        filter: &RosterFilter,
        value: impl Fn(&Unindexed) -> T,
    ) -> QueryResult<(Vec<T>, usize)> {
        let kept = self.kept.lock().clone().filter(|kept| kept.at.elapsed() < self.limits.lifetime);
        let is_kept = kept.is_some();
        let Reading { students, behind, .. } = match kept {
            Some(kept) => kept,
            None => self.read(connection)?,
        };
        let mut found: Vec<_> = students.iter().filter(|one| one.matches(filter)).collect();
        if is_kept {
            let ids: Vec<_> = found.iter().map(|student| student.id).collect();
            let unindexed = still_unindexed(connection, &ids)?;
            found.retain(|student| unindexed.contains(&student.id));
        }
        Ok((found.into_iter().map(value).collect(), behind))
    }

    /// Reads only rows above the one up to which every student is indexed.
    fn read(&self, connection: &mut DatabaseConnection) -> QueryResult<Reading> {
        let (limits, at) = (self.limits, Instant::now());
        let position = consumers::find(connection, consumers::SEARCH)?.position;
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
        let reading = Reading { at, students, behind };
        *self.kept.lock() = has_more.then(|| reading.clone());
        Ok(reading)
    }
}

/// Those of these students who are not indexed still. They are unchanged: a change indexes its student.
fn still_unindexed(connection: &mut DatabaseConnection, ids: &[i64]) -> QueryResult<HashSet<i64>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
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
