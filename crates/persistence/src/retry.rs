//! The one retry: of a write that the database itself gave up because another got in its way.

use diesel::QueryResult;

use crate::error::{is_conflict, is_lock_wait};

/// How often a write is tried that waits for a lock in vain, the first time included. It waits for two
/// locks at most, its address and its key, a second each: a request that meets both each time is
/// answered in six, or in ten, 504, where it has waited for a connection before.
const LOCK_WAITS: u32 = 3;

/// How often one is tried that the database gives up at once, by deadlock or cluster conflict. Of many
/// that come with one key, one can be the victim again and again.
const CONFLICTS: u32 = 10;

/// Runs `write` again while it fails by deadlock, lock wait or cluster conflict (MySQL's 1213 and
/// 1205), within these bounds. The database has undone such a write, so that trying it again cannot
/// store anything twice. Every other error is final.
pub(crate) fn on_conflict<T>(mut write: impl FnMut() -> QueryResult<T>) -> QueryResult<T> {
    let (mut lock_waits, mut conflicts) = (0, 0);
    loop {
        let answer = write();
        match &answer {
            Err(error) if is_lock_wait(error) => lock_waits += 1,
            Err(error) if is_conflict(error) => conflicts += 1,
            _ => return answer,
        }
        if lock_waits == LOCK_WAITS || conflicts == CONFLICTS {
            return answer;
        }
        tracing::debug!("write conflict, trying again");
    }
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
        let deadlock: fn() -> Error =
            || fails_with(DatabaseErrorKind::SerializationFailure, "Deadlock found");
        let lock_wait: fn() -> Error = || {
            fails_with(
                DatabaseErrorKind::Unknown,
                "Lock wait timeout exceeded; try restarting transaction",
            )
        };
        let many =
            |error: fn() -> Error, count| std::iter::repeat_with(error).take(count).collect();
        assert!(matches!(tries(vec![deadlock(), lock_wait()]), (3, Ok(()))));
        assert!(matches!(tries(many(lock_wait, 2)), (3, Ok(()))));
        assert!(matches!(tries(many(lock_wait, 9)), (3, Err(_))));
        assert!(matches!(tries(many(deadlock, 9)), (10, Ok(()))));
        assert!(matches!(tries(many(deadlock, 99)), (10, Err(_))));
    }

    #[test]
    fn nothing_else_is_tried_again() {
        let lost = fails_with(DatabaseErrorKind::Unknown, "Lost connection to server during query");
        assert!(matches!(tries(vec![lost]), (1, Err(_))));
        let twice = fails_with(DatabaseErrorKind::UniqueViolation, "Duplicate entry");
        assert!(matches!(tries(vec![twice]), (1, Err(_))));
    }
}
