//! The newest students, which are not indexed yet.

use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
    SelectableHelper as _,
};
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
pub(crate) struct Unindexed {
    /// The row id.
    pub(crate) id: i64,
    record: StudentRecord,
    words: IndexedWords,
}

impl Unindexed {
    pub(crate) fn new(row: RecordRow) -> QueryResult<Self> {
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
    pub(crate) fn matches(&self, filter: &RosterFilter) -> bool {
        let Self { record, words, .. } = self;
        words.matches(&filter.words)
            && (filter.statuses.is_empty() || filter.statuses.contains(&record.status))
            && (filter.sources.is_empty() || filter.sources.contains(&record.origin.source))
            && filter.registered_from.is_none_or(|from| record.created_at >= from)
            && filter.registered_to.is_none_or(|to| record.created_at < to)
    }
}

/// The newest students who are not indexed, and how many more there are. Reads only rows above the one
/// up to which every student is indexed.
pub(crate) fn newest_unindexed(
    connection: &mut DatabaseConnection,
    limits: SearchLimits,
) -> QueryResult<(Vec<Unindexed>, usize)> {
    let position = consumers::find(connection, consumers::SEARCH)?.position;
    let mut rows: Vec<RecordRow> = students::table
        .left_join(student_search::table.on(student_search::student_id.eq(students::id)))
        .filter(students::id.gt(position))
        .filter(student_search::student_id.is_null())
        .order(students::id.desc())
        .limit(decode::limit(limits.unindexed + 1))
        .select(RecordRow::as_select())
        .load(connection)?;
    let more = if rows.len() > limits.unindexed {
        rows.truncate(limits.unindexed);
        let oldest = rows.last().map_or(i64::MAX, |row| row.id);
        count_between(connection, position, oldest, limits.behind)?
    } else {
        0
    };
    let unindexed = rows.into_iter().map(Unindexed::new).collect::<QueryResult<_>>()?;
    Ok((unindexed, more))
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
