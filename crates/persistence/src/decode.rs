//! Values of the domain from columns, and back.

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use diesel::{QueryResult, result::Error};
use registration_domain::Version;

/// What a column holds is none of the values that this program writes.
#[derive(Debug, thiserror::Error)]
#[error("a column holds an unknown value")]
struct UnknownValue;

/// The error for a column that cannot be read.
pub(crate) fn unreadable() -> Error {
    Error::DeserializationError(Box::new(UnknownValue))
}

/// The value with this number.
pub(crate) fn by_number<T: Copy, const COUNT: usize>(
    number: i16,
    values: [T; COUNT],
    number_of: impl Fn(T) -> i16,
) -> QueryResult<T> {
    values.into_iter().find(|value| number_of(*value) == number).ok_or_else(unreadable)
}

/// An id or a hash of fixed length.
pub(crate) fn bytes<const LENGTH: usize>(stored: &[u8]) -> QueryResult<[u8; LENGTH]> {
    stored.try_into().map_err(|error| Error::DeserializationError(Box::new(error)))
}

/// An id or a hash of fixed length that may be missing.
pub(crate) fn optional_bytes<const LENGTH: usize>(
    stored: Option<&[u8]>,
) -> QueryResult<Option<[u8; LENGTH]>> {
    stored.map(bytes).transpose()
}

/// A time as stored: whole microseconds, the finest resolution that every backend has.
pub(crate) fn time(time: DateTime<Utc>) -> NaiveDateTime {
    time.naive_utc().trunc_subsecs(6)
}

/// A version from its column.
pub(crate) fn version(stored: i32) -> QueryResult<Version> {
    u32::try_from(stored).ok().and_then(Version::new).ok_or_else(unreadable)
}

/// A version as stored.
pub(crate) fn version_number(version: Version) -> i32 {
    i32::try_from(version.get()).unwrap_or(i32::MAX)
}

/// A number of rows as SQL's `LIMIT` takes it.
pub(crate) fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
