//! The queries of the counts.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _, QueryResult, RunQueryDsl as _};
use registration_domain::{FailureCount, Field, FieldError};

use crate::{
    connection::session::DatabaseConnection, decode::time, error, schema::validation_failures,
};

/// Adds to a count. Two instances that begin the same one are a conflict, after which one runs again.
pub(super) fn add(
    connection: &mut DatabaseConnection,
    &FailureCount { hour, error: FieldError { field, code }, count }: &FailureCount,
) -> QueryResult<()> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let key = (time(hour), field.as_str(), code.as_str());
    let added = diesel::update(validation_failures::table.find(key))
        .set(validation_failures::count.eq(validation_failures::count + count))
        .execute(connection)?;
    if added > 0 {
        return Ok(());
    }
    diesel::insert_into(validation_failures::table)
        .values((
            validation_failures::hour.eq(key.0),
            validation_failures::field.eq(key.1),
            validation_failures::code.eq(key.2),
            validation_failures::count.eq(count),
        ))
        .execute(connection)
        .map(drop)
        .map_err(error::or_conflict)
}

/// The counts from this hour on, without those of fields and codes that another version has.
pub(super) fn since(
    connection: &mut DatabaseConnection,
    hour: DateTime<Utc>,
) -> QueryResult<Vec<FailureCount>> {
    let rows: Vec<(NaiveDateTime, String, String, i64)> = validation_failures::table
        .filter(validation_failures::hour.ge(time(hour)))
        .load(connection)?;
    let count = |(hour, field, code, count): (NaiveDateTime, String, String, i64)| {
        let field: Field = field.parse().ok()?;
        let code = *field.codes().iter().find(|known| known.as_str() == code)?;
        let count = u64::try_from(count).ok()?;
        Some(FailureCount { hour: hour.and_utc(), error: FieldError { field, code }, count })
    };
    Ok(rows.into_iter().filter_map(count).collect())
}

pub(super) fn delete_before(
    connection: &mut DatabaseConnection,
    hour: DateTime<Utc>,
) -> QueryResult<()> {
    let old = validation_failures::table.filter(validation_failures::hour.lt(time(hour)));
    diesel::delete(old).execute(connection).map(drop)
}
