//! The number of students of each status.

use diesel::{
    QueryResult, QueryableByName,
    sql_types::{BigInt, SmallInt},
};
use registration_domain::{CappedCount, RosterFilter, Status};

use super::keys::KeyQuery;
use crate::{
    connection::session::DatabaseConnection,
    search::{Candidates, Newest, Unindexed},
    sql::Sql,
    students::codes,
};

/// The number of students of each status, each up to `limit`. A search reads its students once.
pub(super) fn count_by_status(
    connection: &mut DatabaseConnection,
    filter: &RosterFilter,
    limit: usize,
    newest: &Newest,
) -> QueryResult<Vec<(Status, CappedCount)>> {
    let candidates = Candidates::choose(connection, &filter.words, newest.limits)?;
    if candidates.is_none() && filter.missing.is_none() {
        let counted = |status| {
            let filter = RosterFilter { statuses: vec![status], ..filter.clone() };
            let keys = KeyQuery { filter: &filter, candidates: None, by_name: false };
            let count = keys.count(connection, limit + 1)?;
            Ok((status, capped(count, limit, false)))
        };
        return Status::ALL.into_iter().map(counted).collect();
    }
    let filter = RosterFilter { statuses: Status::ALL.to_vec(), ..filter.clone() };
    let keys = KeyQuery { filter: &filter, candidates: candidates.as_ref(), by_name: false };
    let is_cut = candidates.as_ref().is_some_and(|candidates| candidates.is_cut);
    let indexed = count_indexed(connection, keys)?;
    let reading = newest.read(connection)?;
    let unindexed = reading.matching(&filter).collect();
    let unindexed =
        reading.confirm(connection, unindexed, |one: &&Unindexed| one.id(), usize::MAX)?;
    let counted = |status| {
        let of_status = |(one, count): &(Status, usize)| (*one == status).then_some(*count);
        let count: usize = indexed.iter().filter_map(of_status).sum();
        let count = count + unindexed.iter().filter(|one| one.status() == status).count();
        (status, capped(count, limit, is_cut))
    };
    Ok(Status::ALL.into_iter().map(counted).collect())
}

#[derive(QueryableByName)]
struct StatusCount {
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The numbers of a search, or of those who lack an item, that ask for every status: each that there is.
fn count_indexed(
    connection: &mut DatabaseConnection,
    keys: KeyQuery<'_>,
) -> QueryResult<Vec<(Status, usize)>> {
    let mut sql = Sql::new("SELECT s.status AS status, COUNT(*) AS number");
    sql.append(keys.rows(connection, &Status::ALL)).push(" GROUP BY s.status");
    let counts: Vec<StatusCount> = sql.load(connection)?;
    let count = |one: StatusCount| {
        Ok((codes::status(one.status)?, usize::try_from(one.number).unwrap_or_default()))
    };
    counts.into_iter().map(count).collect()
}

/// A count up to `limit`; `is_cut` where the search did not read all of its students.
pub(super) fn capped(count: usize, limit: usize, is_cut: bool) -> CappedCount {
    CappedCount { count: count.min(limit), is_capped: count > limit || is_cut }
}
