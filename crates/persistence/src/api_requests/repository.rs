//! The port to the requests of programs.

use chrono::{DateTime, Utc};
use registration_domain::{
    ApiAnswer, ApiRequest, ApiRequestRepository, Claim, RepositoryError, StudentId,
};

use crate::{api_requests::queries, transaction::DieselTransaction};

impl ApiRequestRepository for DieselTransaction<'_> {
    fn claim_request(
        &mut self,
        request: &ApiRequest,
        student: StudentId,
        now: DateTime<Utc>,
    ) -> Result<Claim, RepositoryError> {
        self.run(|connection| queries::claim(connection, request, student, now))
    }

    fn keep_answer(
        &mut self,
        request: &ApiRequest,
        answer: &ApiAnswer,
    ) -> Result<(), RepositoryError> {
        self.run(|connection| queries::keep(connection, request, answer))
    }

    fn delete_old_requests(&mut self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.run(|connection| queries::delete_old(connection, cutoff))
    }
}
