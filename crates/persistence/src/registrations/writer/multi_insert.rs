//! Multi-row inserts that the connection keeps prepared. Diesel prepares its own anew each time,
//! because there is a statement for every number of rows; here there are a few dozen.

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
};

/// The largest number of rows up to `count` whose statement is kept prepared: one with at most three
/// significant binary digits, so that it is less than a quarter smaller, and 28 of them reach to 256.
pub(crate) fn cached_len(count: usize) -> usize {
    let unused = count.checked_ilog2().unwrap_or(0).saturating_sub(2);
    count >> unused << unused
}

/// Inserts these rows into this table by one statement, or by none where there are no rows. `$values`
/// makes of a row the fragment with its values in the order of its fields.
macro_rules! insert {
    ($table:path, $rows:expr, $connection:expr) => {
        $crate::registrations::writer::multi_insert::insert!($table, $rows, $connection, |row| {
            <_ as diesel::Insertable<$table>>::values(row).values
        })
    };
    ($table:path, $rows:expr, $connection:expr, $values:expr) => {
        match $rows.split_first() {
            None => Ok(()),
            Some((first, others)) => {
                let insert = $crate::registrations::writer::multi_insert::MultiRowInsert {
                    first: diesel::insert_into($table).values(first),
                    others: others.iter().map($values).collect(),
                };
                match $connection {
                    #[cfg(feature = "mysql")]
                    $crate::connection::session::DatabaseConnection::Mysql(connection) => {
                        insert.execute(connection)
                    }
                    #[cfg(feature = "sqlite")]
                    $crate::connection::session::DatabaseConnection::Sqlite(connection) => {
                        insert.execute(connection)
                    }
                }
                .map(drop)
            }
        }
    };
}
pub(crate) use insert;

/// The insert of a first row, and the values of the rows that follow.
pub(crate) struct MultiRowInsert<First, Values> {
    pub(crate) first: First,
    pub(crate) others: Vec<Values>,
}

impl<First, Values> QueryId for MultiRowInsert<First, Values> {
    type QueryId = ();
    // Cached by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, First, Values> QueryFragment<DB> for MultiRowInsert<First, Values>
where
    DB: Backend,
    First: QueryFragment<DB>,
    Values: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let count = self.others.len() + 1;
        if cached_len(count) != count {
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

impl<First, Values, Connection> RunQueryDsl<Connection> for MultiRowInsert<First, Values> {}

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
    use crate::connection::session::DatabaseConnection;

    diesel::table! {
        letters (letter) { letter -> Integer, }
    }

    #[derive(diesel::Insertable)]
    #[diesel(table_name = letters, treat_none_as_default_value = false)]
    struct Letter {
        letter: i32,
    }

    #[test]
    fn statements_for_a_few_numbers_of_rows_are_prepared_once() {
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
        for (count, cached) in [(0, 0), (1, 1), (8, 2), (9, 2), (8, 2), (9, 2), (1, 2), (10, 3)] {
            insert(count).unwrap();
            assert_eq!(prepared.load(Ordering::Relaxed), cached, "{count} rows");
        }
        let DatabaseConnection::Sqlite(mut connection) = connection else { unreachable!() };
        assert_eq!(letters::table.count().get_result(&mut connection), Ok(46_i64));
    }

    #[test]
    fn cached_numbers_of_rows_are_close_to_every_number() {
        assert_eq!(
            [0, 1, 7, 8, 9, 23, 63, 64, 255, 256].map(cached_len),
            [0, 1, 7, 8, 8, 20, 56, 64, 224, 256]
        );
        let all = (1..=256).map(cached_len).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(all.len(), 28);
        assert!(all.iter().all(|&count| cached_len(count) == count));
    }
}
