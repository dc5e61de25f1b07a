//! Many rows by one statement that the connection keeps prepared. Diesel's own is prepared anew each
//! time, since there may be one for every number of rows; here there are a few dozen.

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
};

/// The largest number of rows up to `count` that a statement is kept for: one with no more than three
/// binary digits that count, so that it is less than a quarter smaller, and 28 of them reach to 256.
pub(crate) fn kept(count: usize) -> usize {
    let unused = count.checked_ilog2().unwrap_or(0).saturating_sub(2);
    count >> unused << unused
}

/// Inserts these rows, of which there may be none, into this table by one statement.
macro_rules! insert {
    ($table:path, $rows:expr, $connection:expr) => {
        match $rows.split_first() {
            None => Ok(()),
            Some((first, others)) => {
                let insert = $crate::many::Many {
                    first: diesel::insert_into($table).values(first),
                    others: others
                        .iter()
                        .map(|row| <_ as diesel::Insertable<$table>>::values(row).values)
                        .collect(),
                };
                match $connection {
                    #[cfg(feature = "mysql")]
                    DatabaseConnection::Mysql(connection) => insert.execute(connection),
                    #[cfg(feature = "sqlite")]
                    DatabaseConnection::Sqlite(connection) => insert.execute(connection),
                }
                .map(drop)
            }
        }
    };
}
pub(crate) use insert;

/// The insert of a first row, and the values of those that follow.
pub(crate) struct Many<First, Values> {
    pub(crate) first: First,
    pub(crate) others: Vec<Values>,
}

impl<First, Values> QueryId for Many<First, Values> {
    type QueryId = ();
    // It is known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, First, Values> QueryFragment<DB> for Many<First, Values>
where
    DB: Backend,
    First: QueryFragment<DB>,
    Values: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let count = self.others.len() + 1;
        if kept(count) != count {
            out.unsafe_to_cache_prepared();
        }
        self.first.walk_ast(out.reborrow())?;
        for values in &self.others {
            out.push_sql(", (");
            values.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl<First, Values, Connection> RunQueryDsl<Connection> for Many<First, Values> {}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use diesel::{
        Connection as _, QueryDsl as _, SqliteConnection,
        connection::{InstrumentationEvent, SimpleConnection as _},
    };

    use super::*;
    use crate::connection::DatabaseConnection;

    diesel::table! {
        letters (letter) { letter -> Integer, }
    }

    #[derive(diesel::Insertable)]
    #[diesel(table_name = letters, treat_none_as_default_value = false)]
    struct Letter {
        letter: i32,
    }

    #[test]
    fn a_statement_for_a_few_numbers_of_rows_is_prepared_once() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.batch_execute("CREATE TABLE letters (letter INTEGER)").unwrap();
        let prepared = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&prepared);
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut connection = DatabaseConnection::Sqlite(connection);
        let mut insert = |count| -> QueryResult<()> {
            let rows: Vec<_> = (0..count).map(|letter| Letter { letter }).collect();
            insert!(letters::table, &rows, &mut connection)
        };
        for (count, kept) in [(0, 0), (1, 1), (8, 2), (9, 2), (8, 2), (9, 2), (1, 2), (10, 3)] {
            insert(count).unwrap();
            assert_eq!(prepared.load(Ordering::Relaxed), kept, "{count} rows");
        }
        let DatabaseConnection::Sqlite(mut connection) = connection else { unreachable!() };
        assert_eq!(letters::table.count().get_result(&mut connection), Ok(46_i64));
    }

    #[test]
    fn a_few_numbers_of_rows_are_close_to_all() {
        assert_eq!(
            [0, 1, 7, 8, 9, 23, 63, 64, 255, 256].map(kept),
            [0, 1, 7, 8, 8, 20, 56, 64, 224, 256]
        );
        let all = (1..=256).map(kept).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(all.len(), 28);
        assert!(all.iter().all(|&count| kept(count) == count));
    }
}
