//! The rows of the search index.
//!
//! The transaction that inserts the row of `student_search` also inserts the words: where a change at the
//! desk and the projector conflict on a student, one of them is retried. The words have no index by
//! student; they are deleted by the list in that row.

use std::{
    collections::{BTreeSet, HashSet},
    iter::repeat,
};

use diesel::{
    BoolExpressionMethods as _, Connection as _, ExpressionMethods as _, Insertable,
    JoinOnDsl as _, OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
    SelectableHelper as _,
};
use metrics::counter;
use registration_domain::{IndexedWords, Status, StudentId};

use crate::{
    connection::session::DatabaseConnection,
    error,
    locking::locked,
    registrations::writer::multi_insert,
    schema::{student_search, student_words, students},
    students::{codes, record::RecordRow},
};

/// A student to be indexed.
pub(crate) struct IndexedStudent {
    /// The row id.
    pub(crate) student_id: i64,
    pub(crate) status: Status,
    pub(crate) words: IndexedWords,
}

#[derive(Insertable)]
#[diesel(table_name = student_search)]
struct SearchRow<'a> {
    student_id: i64,
    sort_key: &'a str,
    status: i16,
    words: String,
}

#[derive(Insertable)]
#[diesel(table_name = student_words)]
struct WordRow<'a> {
    word: &'a str,
    student_id: i64,
}

/// Ids that a statement looks up. For more than 200 values servers estimate by statistics, by which a table
/// that grows quickly is still empty, and read all of it.
pub(crate) const LOOKED_UP: usize = 128;

/// Rows of a statement: of a size that is kept prepared, and that holds the file's lock shortly.
const fn chunk(connection: &DatabaseConnection) -> usize {
    match connection {
        #[cfg(feature = "mysql")]
        DatabaseConnection::Mysql(_) => 448,
        #[cfg(feature = "sqlite")]
        DatabaseConnection::Sqlite(_) => 192,
    }
}

/// Indexes students who are not indexed. A conflict where one has been indexed, or erased, since.
pub(crate) fn insert(
    connection: &mut DatabaseConnection,
    students: &[IndexedStudent],
) -> QueryResult<()> {
    let rows = students.iter().map(|IndexedStudent { student_id, status, words }| SearchRow {
        student_id: *student_id,
        sort_key: &words.sort_key,
        status: codes::status_number(*status),
        words: words.joined(),
    });
    let rows: Vec<_> = rows.collect();
    for rows in rows.chunks(chunk(connection)) {
        multi_insert::insert!(student_search::table, rows, connection)
            .map_err(error::or_conflict)?;
    }
    let words = students.iter().flat_map(|IndexedStudent { student_id, words, .. }| {
        words.words.iter().map(|word| WordRow { word, student_id: *student_id })
    });
    insert_words(connection, words.collect())
}

/// Indexes each student in a transaction within the open one, and counts those who cannot be indexed.
pub(super) fn insert_each(
    connection: &mut DatabaseConnection,
    students: &[IndexedStudent],
) -> QueryResult<usize> {
    let mut indexed = 0;
    for student in students {
        let inserted =
            connection.transaction(|connection| insert(connection, std::slice::from_ref(student)));
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

/// Those of these students who exist and are not indexed.
pub(super) fn unindexed(
    connection: &mut DatabaseConnection,
    ids: &[StudentId],
) -> QueryResult<Vec<IndexedStudent>> {
    let mut rows: Vec<RecordRow> = Vec::with_capacity(ids.len());
    for ids in ids.chunks(LOOKED_UP) {
        let ids = ids.iter().map(|id| id.as_bytes().as_slice());
        let unindexed = students::table
            .left_join(student_search::table.on(student_search::student_id.eq(students::id)))
            .filter(students::public_id.eq_any(ids))
            .filter(student_search::student_id.is_null())
            .select(RecordRow::as_select());
        rows.extend(unindexed.load::<RecordRow>(connection)?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    let student = |row: RecordRow| {
        let (student_id, record) = (row.id, row.record()?);
        let words = IndexedWords::of(record.id, &record.texts);
        Ok(IndexedStudent { student_id, status: record.status, words })
    };
    rows.into_iter().map(student).collect()
}

fn insert_words(
    connection: &mut DatabaseConnection,
    mut words: Vec<WordRow<'_>>,
) -> QueryResult<()> {
    // In the order of the key, in which concurrent transactions lock.
    words.sort_unstable_by_key(|row| (row.word, row.student_id));
    for rows in words.chunks(chunk(connection)) {
        multi_insert::insert!(student_words::table, rows, connection)
            .map_err(error::or_conflict)?;
    }
    Ok(())
}

/// Indexes a student, or brings its rows up to date. Reads what is committed last, as the student
/// itself may have been read.
pub(crate) fn replace(
    connection: &mut DatabaseConnection,
    student: &IndexedStudent,
) -> QueryResult<()> {
    let IndexedStudent { student_id, status, words } = student;
    let row = student_search::table.filter(student_search::student_id.eq(student_id));
    let stored: Option<String> =
        locked!(row.select(student_search::words), first, connection).optional()?;
    let Some(stored) = stored else {
        return insert(connection, std::slice::from_ref(student));
    };
    diesel::update(row)
        .set((
            student_search::sort_key.eq(&words.sort_key),
            student_search::status.eq(codes::status_number(*status)),
            student_search::words.eq(words.joined()),
        ))
        .execute(connection)?;
    let before = split(&stored);
    let after: BTreeSet<_> = words.words.iter().map(String::as_str).collect();
    let old = before.difference(&after).map(|word| (*word, *student_id));
    delete_words(connection, old.collect())?;
    let new = after.difference(&before).map(|word| WordRow { word, student_id: *student_id });
    insert_words(connection, new.collect())
}

/// Gives indexed students a status, and returns the others of them, as yet without words. Reads what is
/// committed last, as [`replace`] does.
pub(crate) fn update_statuses(
    connection: &mut DatabaseConnection,
    ids: &[i64],
    status: Status,
) -> QueryResult<Vec<i64>> {
    let rows = student_search::table.filter(student_search::student_id.eq_any(ids));
    let indexed: Vec<i64> = locked!(rows.select(student_search::student_id), load, connection)?;
    diesel::update(student_search::table.filter(student_search::student_id.eq_any(ids)))
        .set(student_search::status.eq(codes::status_number(status)))
        .execute(connection)?;
    let indexed: HashSet<_> = indexed.into_iter().collect();
    Ok(ids.iter().copied().filter(|id| !indexed.contains(id)).collect())
}

/// Takes students out of the index. Reads what is committed last: the projector may have added them
/// since the transaction began.
pub(crate) fn delete(connection: &mut DatabaseConnection, ids: &[i64]) -> QueryResult<()> {
    let rows = student_search::table
        .filter(student_search::student_id.eq_any(ids))
        .order(student_search::student_id)
        .select((student_search::student_id, student_search::words));
    let stored: Vec<(i64, String)> = locked!(rows, load, connection)?;
    let words = stored.iter().flat_map(|(id, words)| split(words).into_iter().zip(repeat(*id)));
    delete_words(connection, words.collect())?;
    let rows = student_search::table.filter(student_search::student_id.eq_any(ids));
    diesel::delete(rows).execute(connection).map(drop)
}

fn split(joined: &str) -> BTreeSet<&str> {
    joined.split(' ').filter(|word| !word.is_empty()).collect()
}

/// Deletes words of students, by the key: in its order, in which concurrent transactions lock.
fn delete_words(
    connection: &mut DatabaseConnection,
    mut words: Vec<(&str, i64)>,
) -> QueryResult<()> {
    words.sort_unstable();
    for words in words.chunks(LOOKED_UP) {
        let mut stored = diesel::delete(student_words::table).into_boxed();
        for (word, id) in words {
            let key = student_words::word.eq(*word).and(student_words::student_id.eq(*id));
            stored = stored.or_filter(key);
        }
        stored.execute(connection)?;
    }
    Ok(())
}
