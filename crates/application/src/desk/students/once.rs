//! Requests that may be sent again: the first answer is kept with the change, in its transaction.

use registration_domain::{
    ApiAnswer, ApiRequest, Claim, DeskTransaction, RepositoryError, StudentId, Version,
};

use super::{super::RequestContext, changed::Changed};

/// A request that its sender may send again.
pub struct Repeatable {
    /// The request, by its hashes.
    pub request: ApiRequest,
    /// Writes the body of the answer.
    pub body: AnswerBody,
}

/// Writes the body of the answer to a change.
pub type AnswerBody = Box<dyn Fn(&Changed) -> Vec<u8> + Send>;

/// What a request has done.
#[derive(Clone, Debug)]
pub enum Done {
    /// The change.
    Now(Changed),
    /// Nothing: it was answered before.
    Before(ApiAnswer),
}

impl Done {
    /// The student that was created or changed.
    #[must_use]
    pub fn student(&self) -> StudentId {
        match self {
            Self::Now(changed) => changed.record.id,
            Self::Before(answer) => answer.student,
        }
    }

    /// The student's version after it.
    #[must_use]
    pub fn version(&self) -> Version {
        match self {
            Self::Now(changed) => changed.record.version,
            Self::Before(answer) => answer.version,
        }
    }
}

/// The idempotency key was sent with another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was sent with another request")]
pub struct KeyReused;

/// Runs `work`, unless the request was answered before. Without a key it is never that.
pub(super) fn once<E: From<KeyReused>>(
    desk: &mut dyn DeskTransaction,
    repeatable: Option<&Repeatable>,
    student: StudentId,
    context: &RequestContext,
    work: impl FnOnce(&mut dyn DeskTransaction) -> Result<Result<Changed, E>, RepositoryError>,
) -> Result<Result<Done, E>, RepositoryError> {
    let Some(Repeatable { request, body }) = repeatable else {
        return Ok(work(desk)?.map(Done::Now));
    };
    match desk.claim_request(request, student, context.now)? {
        Claim::Answered(answer) => return Ok(Ok(Done::Before(answer))),
        Claim::Reused => return Ok(Err(KeyReused.into())),
        Claim::New => {}
    }
    let changed = match work(desk)? {
        Ok(changed) => changed,
        Err(error) => return Ok(Err(error)),
    };
    let version = changed.record.version;
    desk.keep_answer(request, &ApiAnswer { student, version, body: body(&changed) })?;
    Ok(Ok(Done::Now(changed)))
}
