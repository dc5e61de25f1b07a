//! Times as programs read them.

use chrono::{DateTime, SecondsFormat, Utc};

/// RFC 3339 in UTC, with microseconds.
pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
