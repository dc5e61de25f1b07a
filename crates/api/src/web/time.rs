//! Times as programs read them.

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};

/// RFC 3339 in UTC, with microseconds.
pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A day as every backend has it: `2026-09-15`, of the years 1000 to 9999.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (day.to_string() == text && (1000..=9999).contains(&day.year())).then_some(day)
}
