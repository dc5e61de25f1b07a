//! The only retry: of writes that the database rolled back because of a conflict.

use crate::error::{Failure, is_conflict, is_lock_wait};

/// Maximum number of attempts of a write that times out waiting for a lock. An attempt waits for at
/// most two locks, the address's and the key's, a second each: six seconds in all, within a request's
/// ten.
const MAX_LOCK_WAITS: u32 = 3;

/// Maximum number of attempts of a write that the database rolls back at once, by deadlock or cluster
/// conflict. Of many concurrent requests with one key, one can be the victim repeatedly.
const MAX_CONFLICTS: u32 = 10;

/// Runs `write` again while it fails by deadlock, lock wait or cluster conflict (MySQL's 1213 and
/// 1205), within these bounds. The database has rolled such a write back, so that a retry cannot
/// store anything twice. Every other error is final.
pub(crate) fn on_conflict<T>(mut write: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let (mut lock_waits, mut conflicts) = (0, 0);
    loop {
        let result = write();
        match &result {
            Err(Failure::Query(error)) if is_lock_wait(error) => lock_waits += 1,
            Err(Failure::Query(error)) if is_conflict(error) => conflicts += 1,
            _ => return result,
        }
        if lock_waits == MAX_LOCK_WAITS || conflicts == MAX_CONFLICTS {
            return result;
        }
        tracing::debug!("Conflicting write rolled back");
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::*;

    fn fails_with(kind: DatabaseErrorKind, message: &str) -> Error {
        Error::DatabaseError(kind, Box::new(message.to_owned()))
    }

    fn tries(mut errors: Vec<Error>) -> (u32, Result<(), Failure>) {
        let mut count = 0;
        let answer = on_conflict(|| {
            count += 1;
            errors.pop().map_or(Ok(()), |error| Err(Failure::Query(error)))
        });
        (count, answer)
    }

    #[test]
    fn conflicts_are_retried_within_bounds() {
        let deadlock = || fails_with(DatabaseErrorKind::SerializationFailure, "Deadlock found");
        let lock_wait = || {
            fails_with(
                DatabaseErrorKind::Unknown,
                "Lock wait timeout exceeded; try restarting transaction",
            )
        };
        fn many(error: impl FnMut() -> Error, count: usize) -> Vec<Error> {
            std::iter::repeat_with(error).take(count).collect()
        }
        assert!(matches!(tries(vec![deadlock(), lock_wait()]), (3, Ok(()))));
        assert!(matches!(tries(many(lock_wait, 2)), (3, Ok(()))));
        assert!(matches!(tries(many(lock_wait, 9)), (3, Err(_))));
        assert!(matches!(tries(many(deadlock, 9)), (10, Ok(()))));
        assert!(matches!(tries(many(deadlock, 99)), (10, Err(_))));
    }

    #[test]
    fn nothing_else_is_retried() {
        let lost = fails_with(DatabaseErrorKind::Unknown, "Lost connection to server during query");
        assert!(matches!(tries(vec![lost]), (1, Err(_))));
        let twice = fails_with(DatabaseErrorKind::UniqueViolation, "Duplicate entry");
        assert!(matches!(tries(vec![twice]), (1, Err(_))));
    }
}
