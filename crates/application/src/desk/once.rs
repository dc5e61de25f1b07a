//! Requests that may be sent again: the first answer is kept with the change, in its transaction.

use chrono::{DateTime, Utc};
use registration_domain::{
    ApiAnswer, ApiRequest, Claim, DeskTransaction, RepositoryError, StudentId, Version,
};

/// A request that its sender may send again, and makes or changes a `T`.
pub struct Repeatable<T> {
    /// The request, by its hashes.
    pub request: ApiRequest,
    /// Writes the body of the answer.
    pub body: AnswerBody<T>,
}

/// Writes the body of the answer to a change.
pub type AnswerBody<T> = Box<dyn Fn(&T) -> Vec<u8> + Send>;

/// What a request has done.
#[derive(Clone, Debug)]
pub enum Done<T> {
    /// The change.
    Now(T),
    /// Nothing: it was answered before.
    Before(ApiAnswer),
}

/// The idempotency key was sent with another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was sent with another request")]
pub struct KeyReused;

/// The first answer to a request; `None` where it has none yet, or has no key.
pub(super) fn answered(
    desk: &mut dyn DeskTransaction,
    request: Option<&ApiRequest>,
    student: StudentId,
    now: DateTime<Utc>,
) -> Result<Result<Option<ApiAnswer>, KeyReused>, RepositoryError> {
    let Some(request) = request else { return Ok(Ok(None)) };
    Ok(match desk.claim_request(request, student, now)? {
        Claim::Answered(answer) => Ok(Some(answer)),
        Claim::Reused => Err(KeyReused),
        Claim::New => Ok(None),
    })
}

/// Runs `work`, unless the request was answered before, and keeps the answer. Without a key it was not.
pub(super) fn once<T, E: From<KeyReused>>(
    desk: &mut dyn DeskTransaction,
    repeatable: Option<&Repeatable<T>>,
    student: StudentId,
    now: DateTime<Utc>,
    version: fn(&T) -> Version,
    work: impl FnOnce(&mut dyn DeskTransaction) -> Result<Result<T, E>, RepositoryError>,
) -> Result<Result<Done<T>, E>, RepositoryError> {
    let request = repeatable.map(|repeatable| &repeatable.request);
    match answered(desk, request, student, now)? {
        Ok(None) => {}
        Ok(Some(answer)) => return Ok(Ok(Done::Before(answer))),
        Err(reused) => return Ok(Err(reused.into())),
    }
    let done = match work(desk)? {
        Ok(done) => done,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(Repeatable { request, body }) = repeatable {
        let answer = ApiAnswer { student, version: version(&done), body: body(&done) };
        desk.keep_answer(request, &answer)?;
    }
    Ok(Ok(Done::Now(done)))
}
