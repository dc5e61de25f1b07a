//! A period of registration as a range of rows.
//!
//! Rows are nearly in the order of time, and public ids begin with it: the index of public ids gives
//! the first and the last row that can belong to a period, so that the table need not be scanned.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
};
use registration_domain::{RosterFilter, StudentId};

use crate::{connection::session::DatabaseConnection, schema::students};

/// How much later than its time a row may be inserted, and how much the clocks of instances differ.
const SLACK: TimeDelta = TimeDelta::minutes(5);

/// The rows, of which those of the period are a part.
#[derive(Debug, Default)]
pub(super) struct Period {
    /// Rows of the period have a greater id.
    pub(super) after: Option<i64>,
    /// Rows of the period have a smaller id.
    pub(super) before: Option<i64>,
}

impl Period {
    pub(super) fn of(
        connection: &mut DatabaseConnection,
        filter: &RosterFilter,
    ) -> QueryResult<Self> {
        let after = match filter.registered_from {
            Some(from) => last_before(connection, from - SLACK)?,
            None => None,
        };
        let before = match filter.registered_to {
            Some(to) => first_from(connection, to + SLACK)?,
            None => None,
        };
        Ok(Self { after, before })
    }
}

/// The row of the last registration before this time.
fn last_before(
    connection: &mut DatabaseConnection,
    time: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    students::table
        .filter(students::public_id.lt(StudentId::new(time, [0; 10]).as_bytes().as_slice()))
        .order(students::public_id.desc())
        .select(students::id)
        .first(connection)
        .optional()
}

/// The row of the first registration from this time on.
fn first_from(
    connection: &mut DatabaseConnection,
    time: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    students::table
        .filter(students::public_id.ge(StudentId::new(time, [0; 10]).as_bytes().as_slice()))
        .order(students::public_id)
        .select(students::id)
        .first(connection)
        .optional()
}
