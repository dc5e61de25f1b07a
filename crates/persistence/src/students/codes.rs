//! The numbers that the tables hold for statuses and sources. They are never reused.

use diesel::QueryResult;
use registration_domain::{Source, Status};

use crate::decode;

/// The number of a status.
pub(crate) const fn status_number(status: Status) -> i16 {
    match status {
        Status::Pending => 1,
        Status::Waitlisted => 2,
        Status::Confirmed => 3,
        Status::Enrolled => 4,
        Status::Rejected => 5,
        Status::Withdrawn => 6,
    }
}

/// The status with this number.
pub(crate) fn status(number: i16) -> QueryResult<Status> {
    decode::by_number(number, Status::ALL, status_number)
}

/// The number of a source.
pub(crate) const fn source_number(source: Source) -> i16 {
    match source {
        Source::Form => 1,
        Source::Api => 2,
        Source::Desk => 3,
        Source::Import => 4,
    }
}

/// The source with this number.
pub(crate) fn source(number: i16) -> QueryResult<Source> {
    decode::by_number(number, Source::ALL, source_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back() {
        for one in Status::ALL {
            assert_eq!(status(status_number(one)), Ok(one));
        }
        for one in Source::ALL {
            assert_eq!(source(source_number(one)), Ok(one));
        }
        assert!(status(0).is_err() && source(5).is_err());
    }
}
