//! The one retry: of a write that the database itself gave up because another got in its way.

use diesel::QueryResult;

use crate::error::is_conflict;

/// How often a conflicting write is tried, the first time included. A write waits for two locks at
/// most, its address and its key, a second each: a request that meets both each time is answered in
/// six, or in ten, 504, where it has waited for a connection before.
const ATTEMPTS: u32 = 3;

/// Runs `write` again while it fails by deadlock, lock wait or cluster conflict (MySQL's 1213 and
/// 1205), at most [`ATTEMPTS`] times. The database has undone such a write, so that trying it
/// again cannot store anything twice. Every other error is final.
pub(crate) fn on_conflict<T>(mut write: impl FnMut() -> QueryResult<T>) -> QueryResult<T> {
    for _ in 1..ATTEMPTS {
        match write() {
            Err(error) if is_conflict(&error) => tracing::debug!("write conflict, trying again"),
            answer => return answer,
        }
    }
    write()
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::*;

    fn fails_with(kind: DatabaseErrorKind, message: &str) -> Error {
        Error::DatabaseError(kind, Box::new(message.to_owned()))
    }

    fn tries(mut errors: Vec<Error>) -> (u32, QueryResult<()>) {
        let mut count = 0;
        let answer = on_conflict(|| {
            count += 1;
            errors.pop().map_or(Ok(()), Err)
        });
        (count, answer)
    }

    #[test]
    fn conflicts_are_tried_again_within_bounds() {
        let deadlock = || fails_with(DatabaseErrorKind::SerializationFailure, "Deadlock found");
        let lock_wait = || {
            fails_with(
                DatabaseErrorKind::Unknown,
                "Lock wait timeout exceeded; try restarting transaction",
            )
        };
        assert!(matches!(tries(vec![deadlock(), lock_wait()]), (3, Ok(()))));
        assert!(matches!(tries(vec![deadlock(), deadlock(), deadlock()]), (3, Err(_))));
    }

    #[test]
    fn nothing_else_is_tried_again() {
        let lost = fails_with(DatabaseErrorKind::Unknown, "Lost connection to server during query");
        assert!(matches!(tries(vec![lost]), (1, Err(_))));
        let twice = fails_with(DatabaseErrorKind::UniqueViolation, "Duplicate entry");
        assert!(matches!(tries(vec![twice]), (1, Err(_))));
    }
}
