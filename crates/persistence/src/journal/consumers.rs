//! How far the work behind the requests has come. Each change compares the revision that was read, so
//! that of two instances one starts again.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};

use crate::{connection::session::DatabaseConnection, error, schema::consumers};

/// The entries of registrations.
pub(crate) const REGISTRATIONS: &str = "registrations";
/// The seals.
pub(crate) const SEALS: &str = "seals";
/// The search index.
pub(crate) const SEARCH: &str = "search";

/// A place in the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = consumers)]
pub(crate) struct Consumer {
    /// The row up to which everything is done.
    pub(crate) position: i64,
    /// The seal that was read last; of registrations the oldest entry that may hold rows above
    /// `position`.
    pub(crate) seq: i64,
    /// The entry that was read or written last.
    pub(crate) journal_id: i64,
    /// The time of what was done last.
    pub(crate) at: NaiveDateTime,
    /// One more with each change; 0 before the first.
    pub(crate) revision: i64,
}

/// The place of a consumer; the beginning where it has none yet.
pub(crate) fn find(connection: &mut DatabaseConnection, name: &str) -> QueryResult<Consumer> {
    let found = consumers::table
        .filter(consumers::name.eq(name))
        .select(Consumer::as_select())
        .first(connection)
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Moves a consumer, provided that it has not been moved since `before` was read; `false` otherwise.
pub(crate) fn replace(
    connection: &mut DatabaseConnection,
    name: &str,
    before: &Consumer,
    after: &Consumer,
) -> QueryResult<bool> {
    let after = Consumer { revision: before.revision + 1, ..*after };
    if before.revision == 0 {
        let inserted = diesel::insert_into(consumers::table)
            .values((consumers::name.eq(name), after))
            .execute(connection);
        return match inserted {
            Err(error) if error::is_duplicate(&error) => Ok(false),
            inserted => inserted.map(|_| true),
        };
    }
    let stored = consumers::table
        .filter(consumers::name.eq(name))
        .filter(consumers::revision.eq(before.revision));
    let updated = diesel::update(stored)
        .set((
            consumers::position.eq(after.position),
            consumers::seq.eq(after.seq),
            consumers::journal_id.eq(after.journal_id),
            consumers::at.eq(after.at),
            consumers::revision.eq(after.revision),
        ))
        .execute(connection)?;
    Ok(updated == 1)
}
