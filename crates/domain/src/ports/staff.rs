//! The ports to the people of the office, their sessions, tokens and requests. Every method fails where the
//! store gives no answer.

use chrono::{DateTime, Utc};

use crate::{
    ApiAnswer, ApiRequest, ApiToken, Claim, PasswordHash, RepositoryError, SecretHash, Session,
    StaffId, StaffLink, StaffMember, StudentId, TokenId,
};

/// The people of the office.
pub trait StaffRepository {
    /// Everyone, by name.
    fn staff(&mut self) -> Result<Vec<StaffMember>, RepositoryError>;

    /// Locks and returns the active administrators with a password until the end of the transaction, so
    /// that two of them cannot disable each other. One who has been invited and has not joined cannot
    /// act for the others.
    fn lock_active_admins(&mut self) -> Result<Vec<StaffId>, RepositoryError>;

    /// The person with this id.
    fn find_staff(&mut self, id: StaffId) -> Result<Option<StaffMember>, RepositoryError>;

    /// Locks the person with this id until the end of the transaction, which must be one that writes,
    /// and returns the latest state and the stored password: another transaction may have replaced
    /// either since this one began.
    fn lock_staff(
        &mut self,
        id: StaffId,
    ) -> Result<Option<(StaffMember, Option<PasswordHash>)>, RepositoryError>;

    /// The person with this address, in lower case, and the stored password.
    fn find_staff_by_email(
        &mut self,
        email_key: &str,
    ) -> Result<Option<(StaffMember, Option<PasswordHash>)>, RepositoryError>;

    /// Inserts a person; `false` where the address is taken.
    fn insert_staff(&mut self, member: &StaffMember) -> Result<bool, RepositoryError>;

    /// Replaces name, role, shortcuts and state, provided that the stored version is the one before
    /// `member.version`; `false` where it is not.
    fn update_staff(&mut self, member: &StaffMember) -> Result<bool, RepositoryError>;

    /// Replaces the password.
    fn set_password(&mut self, id: StaffId, hash: &PasswordHash) -> Result<(), RepositoryError>;

    /// Stores a link, in place of the person's earlier ones.
    fn insert_link(&mut self, link: &StaffLink) -> Result<(), RepositoryError>;

    /// The link with this hash.
    fn find_link(&mut self, hash: SecretHash) -> Result<Option<StaffLink>, RepositoryError>;

    /// Deletes a link; `false` where it does not exist.
    fn delete_link(&mut self, hash: SecretHash) -> Result<bool, RepositoryError>;
}

/// The sessions of the office.
pub trait SessionRepository {
    /// The session with this hash, active or not, and its person.
    fn find_session(
        &mut self,
        hash: SecretHash,
    ) -> Result<Option<(Session, StaffMember)>, RepositoryError>;

    /// Inserts a session.
    fn insert_session(&mut self, session: &Session) -> Result<(), RepositoryError>;

    /// Records use of a session.
    fn touch_session(&mut self, hash: SecretHash, at: DateTime<Utc>)
    -> Result<(), RepositoryError>;

    /// The sessions of a person that have not been ended, the last used first.
    fn sessions_of(&mut self, staff: StaffId) -> Result<Vec<Session>, RepositoryError>;

    /// Ends the sessions of a person, but not `keep`; returns their number.
    fn end_sessions(
        &mut self,
        staff: StaffId,
        keep: Option<SecretHash>,
        at: DateTime<Utc>,
    ) -> Result<usize, RepositoryError>;

    /// Ends one session of a person; `false` where there is no such session.
    fn end_session(
        &mut self,
        staff: StaffId,
        hash: SecretHash,
        at: DateTime<Utc>,
    ) -> Result<bool, RepositoryError>;

    /// Deletes sessions that were made before `cutoff`, and links that have expired before it.
    fn delete_old_sessions(&mut self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError>;

    /// The number of sessions that are active at `now`.
    fn count_active_sessions(&mut self, now: DateTime<Utc>) -> Result<usize, RepositoryError>;
}

/// The tokens of the office.
pub trait TokenRepository {
    /// The token with this hash, active or not, and its owner.
    fn find_token(
        &mut self,
        hash: SecretHash,
    ) -> Result<Option<(ApiToken, StaffMember)>, RepositoryError>;

    /// Inserts a token.
    fn insert_token(&mut self, token: &ApiToken) -> Result<(), RepositoryError>;

    /// Records use of a token.
    fn touch_token(&mut self, id: TokenId, at: DateTime<Utc>) -> Result<(), RepositoryError>;

    /// The tokens of this person, or of everyone, the newest first.
    fn tokens(&mut self, staff: Option<StaffId>) -> Result<Vec<ApiToken>, RepositoryError>;

    /// Revokes a token of this person, or of anyone; `false` where there is no such token in force.
    fn revoke_token(
        &mut self,
        id: TokenId,
        staff: Option<StaffId>,
        at: DateTime<Utc>,
    ) -> Result<bool, RepositoryError>;
}

/// The requests of programs that may be sent again.
pub trait ApiRequestRepository {
    /// Claims the key for this request, about this student, until the transaction ends: the same
    /// request beside it waits. Forgets what the key was used for before [`IdempotencyKey::LIFETIME`].
    ///
    /// [`IdempotencyKey::LIFETIME`]: crate::IdempotencyKey::LIFETIME
    fn claim_request(
        &mut self,
        request: &ApiRequest,
        student: StudentId,
        now: DateTime<Utc>,
    ) -> Result<Claim, RepositoryError>;

    /// Keeps the answer to a request that was claimed in this transaction.
    fn keep_answer(
        &mut self,
        request: &ApiRequest,
        answer: &ApiAnswer,
    ) -> Result<(), RepositoryError>;

    /// Deletes the requests of before `cutoff`.
    fn delete_old_requests(&mut self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError>;
}
