//! The rows of students as the keeper of the journal reads them.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, QueryDsl as _, QueryResult, QueryableByName, RunQueryDsl as _,
    sql_types::BigInt,
};
use registration_domain::{Source, StudentId};

use crate::{
    connection::session::DatabaseConnection,
    decode::{bytes, limit},
    schema::students,
    sql::Sql,
    students::codes,
};

/// Rows of a statement.
const CHUNK: usize = 500;

/// A row that is not known yet.
pub(super) struct NewRow {
    pub(super) id: i64,
    pub(super) public_id: StudentId,
    pub(super) created_at: NaiveDateTime,
    /// What the desk and an import have created has an entry of its own.
    pub(super) needs_entry: bool,
}

type Row = (i64, Vec<u8>, NaiveDateTime, i16);
type Columns = (students::id, students::public_id, students::created_at, students::source);
const COLUMNS: Columns =
    (students::id, students::public_id, students::created_at, students::source);

fn new_row((id, public_id, created_at, source): Row) -> QueryResult<NewRow> {
    let needs_entry = matches!(codes::source(source)?, Source::Form | Source::Api);
    let public_id = StudentId::from_bytes(bytes(&public_id)?);
    Ok(NewRow { id, public_id, created_at, needs_entry })
}

/// The number of rows, and the sum of their distances from a position: two sets of rows with equal ones
/// are most probably the same.
#[derive(PartialEq, Eq, QueryableByName)]
pub(super) struct Digest {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    distances: i64,
}

impl Digest {
    /// Of these rows, which are above `position`.
    pub(super) fn of<'a>(position: i64, rows: impl Iterator<Item = &'a i64>) -> Self {
        let empty = Self { number: 0, distances: 0 };
        rows.fold(empty, |Self { number, distances }, id| Self {
            number: number + 1,
            distances: distances.saturating_add(id - position),
        })
    }

    /// Of the rows above `position`, up to `highest`. Costs a tenth of reading them.
    pub(super) fn stored(
        connection: &mut DatabaseConnection,
        position: i64,
        highest: i64,
    ) -> QueryResult<Option<Self>> {
        let mut sql = Sql::new("SELECT COUNT(*) AS number, CAST(COALESCE(SUM(id - ");
        sql.integer(position).push("), 0) AS SIGNED) AS distances FROM students WHERE id > ");
        sql.integer(position).push(" AND id <= ").integer(highest);
        Ok(sql.load(connection)?.pop())
    }
}

/// Up to `count` rows above `position`, up to `highest`, that are not known: of late commits.
pub(super) fn late(
    connection: &mut DatabaseConnection,
    position: i64,
    highest: i64,
    is_known: impl Fn(&i64) -> bool,
    count: usize,
) -> QueryResult<Vec<NewRow>> {
    let ids: Vec<i64> = students::table
        .filter(students::id.gt(position))
        .filter(students::id.le(highest))
        .order(students::id)
        .select(students::id)
        .load(connection)?;
    let unknown: Vec<_> = ids.into_iter().filter(|id| !is_known(id)).take(count).collect();
    let mut rows = Vec::with_capacity(unknown.len());
    for ids in unknown.chunks(CHUNK) {
        let late = students::table.filter(students::id.eq_any(ids)).order(students::id);
        let late: Vec<Row> = late.select(COLUMNS).load(connection)?;
        rows.extend(late.into_iter().map(new_row).collect::<QueryResult<Vec<_>>>()?);
    }
    Ok(rows)
}

/// Up to `count` rows above `highest`.
pub(super) fn after(
    connection: &mut DatabaseConnection,
    highest: i64,
    count: usize,
) -> QueryResult<Vec<NewRow>> {
    let rows: Vec<Row> = students::table
        .filter(students::id.gt(highest))
        .order(students::id)
        .limit(limit(count))
        .select(COLUMNS)
        .load(connection)?;
    rows.into_iter().map(new_row).collect()
}

/// The rows of these students, as far as they still exist, with their times.
pub(super) fn of(
    connection: &mut DatabaseConnection,
    ids: &[StudentId],
) -> QueryResult<Vec<(i64, NaiveDateTime)>> {
    let ids = ids.iter().map(|id| id.as_bytes().as_slice());
    students::table
        .filter(students::public_id.eq_any(ids))
        .select((students::id, students::created_at))
        .load(connection)
}
