//! Seals entries after their commit, in one order for everyone who reads them.
//!
//! A commit may be late: entries with smaller numbers appear behind sealed ones. The low-water mark
//! therefore moves only past entries that are older than any transaction.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, JoinOnDsl as _, OptionalExtension as _, QueryDsl as _,
    QueryResult, Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};
use registration_domain::{Seal, SealedRow};

use crate::{
    connection::session::DatabaseConnection,
    decode::{bytes, time, unreadable},
    error,
    journal::{
        consumers::{self, Consumer},
        entries::EntryRow,
    },
    registrations::writer::multi_insert,
    schema::{journal, journal_seals, seals},
};

/// How much later than its neighbours a transaction may commit: longer than any request takes.
pub(super) const COMMIT_LATENESS: TimeDelta = TimeDelta::seconds(60);

/// Rows of a statement.
const CHUNK: usize = 192;

/// A seal as stored.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = seals)]
struct SealRow {
    seq: i64,
    prev: Vec<u8>,
    rows_hash: Vec<u8>,
    row_count: i32,
    at: NaiveDateTime,
    hash: Vec<u8>,
}

impl SealRow {
    fn new(seal: &Seal) -> Self {
        Self {
            seq: seal.sequence,
            prev: seal.previous.to_vec(),
            rows_hash: seal.rows_hash.to_vec(),
            row_count: i32::try_from(seal.rows).unwrap_or(i32::MAX),
            at: time(seal.at),
            hash: seal.hash.to_vec(),
        }
    }

    fn seal(&self) -> QueryResult<Seal> {
        Ok(Seal {
            sequence: self.seq,
            previous: bytes(&self.prev)?,
            rows_hash: bytes(&self.rows_hash)?,
            rows: u32::try_from(self.row_count).map_err(|_| unreadable())?,
            at: self.at.and_utc(),
            hash: bytes(&self.hash)?,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = journal_seals)]
struct SealedEntryRow {
    journal_id: i64,
    seq: i64,
}

/// The entries above the mark that have no seal.
macro_rules! unsealed {
    ($consumer:expr) => {
        journal::table
            .left_join(journal_seals::table.on(journal_seals::journal_id.eq(journal::id)))
            .filter(journal::id.gt($consumer.position))
            .filter(journal_seals::journal_id.is_null())
    };
}

/// Whether an entry has no seal.
pub(super) fn any_unsealed(connection: &mut DatabaseConnection) -> QueryResult<bool> {
    let mark = consumers::find(connection, consumers::SEALS)?;
    let found: Option<i64> = unsealed!(mark).select(journal::id).first(connection).optional()?;
    Ok(found.is_some())
}

/// The first entry with this action that has no seal.
pub(crate) fn first_unsealed_with(
    connection: &mut DatabaseConnection,
    action: &str,
) -> QueryResult<Option<i64>> {
    let mark = consumers::find(connection, consumers::SEALS)?;
    unsealed!(mark)
        .filter(journal::action.eq(action))
        .order(journal::id)
        .select(journal::id)
        .first(connection)
        .optional()
}

/// The number of entries without a seal.
pub(super) fn count_unsealed(connection: &mut DatabaseConnection) -> QueryResult<usize> {
    let mark = consumers::find(connection, consumers::SEALS)?;
    let count: i64 = unsealed!(mark).count().get_result(connection)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Seals the entries that have no seal; `None` where there are none. A conflict where another instance
/// seals them.
pub(super) fn seal(
    connection: &mut DatabaseConnection,
    now: DateTime<Utc>,
) -> QueryResult<Option<Seal>> {
    let mark = consumers::find(connection, consumers::SEALS)?;
    let rows: Vec<EntryRow> = unsealed!(mark)
        .order(journal::id)
        .limit(Seal::MAX_ROWS.into())
        .select(EntryRow::as_select())
        .load(connection)?;
    let sealed = |row: EntryRow| Ok(SealedRow { id: row.id, entry: row.entry()? });
    let rows = rows.into_iter().map(sealed).collect::<QueryResult<Vec<_>>>()?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let before: Option<SealRow> = seals::table
        .order(seals::seq.desc())
        .select(SealRow::as_select())
        .first(connection)
        .optional()?;
    let before = before.as_ref().map(SealRow::seal).transpose()?;
    let seal = Seal::over(&rows, before.as_ref(), now);
    diesel::insert_into(seals::table)
        .values(SealRow::new(&seal))
        .execute(connection)
        .map_err(error::or_conflict)?;
    let seq = seal.sequence;
    let sealed: Vec<_> =
        rows.iter().map(|row| SealedEntryRow { journal_id: row.id, seq }).collect();
    for rows in sealed.chunks(CHUNK) {
        multi_insert::insert!(journal_seals::table, rows, connection)
            .map_err(error::or_conflict)?;
    }
    let after = Consumer {
        position: next_mark(connection, &mark, last, now)?,
        seq,
        journal_id: last,
        at: time(now),
        ..mark
    };
    match consumers::replace(connection, consumers::SEALS, &mark, &after)? {
        true => Ok(Some(seal)),
        false => Err(error::conflict("another instance has sealed")),
    }
}

/// The mark after entries up to `last` have been sealed: the last entry before the first that is not
/// old enough. Numbers between the two may belong to transactions that are still open.
fn next_mark(
    connection: &mut DatabaseConnection,
    mark: &Consumer,
    last: i64,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let recent: Option<i64> = journal::table
        .filter(journal::id.gt(mark.position))
        .filter(journal::id.le(last))
        .filter(journal::at.gt(time(now - COMMIT_LATENESS)))
        .order(journal::id)
        .select(journal::id)
        .first(connection)
        .optional()?;
    let Some(recent) = recent else { return Ok(last) };
    let old: Option<i64> = journal::table
        .filter(journal::id.gt(mark.position))
        .filter(journal::id.lt(recent))
        .order(journal::id.desc())
        .select(journal::id)
        .first(connection)
        .optional()?;
    Ok(old.unwrap_or(mark.position))
}
