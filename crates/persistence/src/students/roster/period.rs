//! The condition that a student registered in a period.
//!
//! Public ids begin with the time of registration: the range of their index holds the period, so that
//! the table need not be scanned. Row ids say nothing about time: a clock may have been set back.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use diesel::QueryResult;
use registration_domain::{RosterFilter, StudentId};

use crate::{connection::session::DatabaseConnection, decode::time, sql::Sql};

/// How much the time in an id may differ from the stored one.
const SLACK: TimeDelta = TimeDelta::minutes(5);

/// Adds the conditions of the filter's period on the table `t`.
pub(super) fn push_conditions(sql: &mut Sql, filter: &RosterFilter) {
    if let Some(from) = filter.registered_from.map(within_bounds) {
        sql.push(" AND t.created_at >= ").time(time(from));
        sql.push(" AND t.public_id >= ").bytes(first_id(from - SLACK));
    }
    if let Some(to) = filter.registered_to.map(within_bounds) {
        sql.push(" AND t.created_at < ").time(time(to));
        sql.push(" AND t.public_id < ").bytes(first_id(to + SLACK));
    }
}

/// How many students have ids from each of these times to the next. Reads the index alone.
pub(super) fn count_between(
    connection: &mut DatabaseConnection,
    times: &[DateTime<Utc>],
) -> QueryResult<Vec<usize>> {
    let mut counts = Vec::with_capacity(times.len());
    for period in times.windows(2) {
        let [from, to] = period else { continue };
        let mut sql = Sql::new("SELECT COUNT(*) AS number FROM students WHERE public_id >= ");
        sql.bytes(first_id(*from)).push(" AND public_id < ").bytes(first_id(*to));
        counts.push(sql.count(connection)?);
    }
    Ok(counts)
}

/// The least id of this time.
fn first_id(time: DateTime<Utc>) -> Vec<u8> {
    StudentId::new(time, [0; 10]).as_bytes().to_vec()
}

/// This time, or the nearest that every backend has: of the years 1 to 9999.
fn within_bounds(time: DateTime<Utc>) -> DateTime<Utc> {
    let start_of = |year| {
        let day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        NaiveDateTime::new(day, NaiveTime::MIN).and_utc()
    };
    time.clamp(start_of(1), start_of(10_000) - TimeDelta::microseconds(1))
}
