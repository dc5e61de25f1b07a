//! The port to the tokens of the office.

use chrono::{DateTime, Utc};
use registration_domain::{
    ApiToken, RepositoryError, SecretHash, StaffId, StaffMember, TokenId, TokenRepository,
};

use crate::{tokens::queries, transaction::DieselTransaction};

impl TokenRepository for DieselTransaction<'_> {
    fn find_token(
        &mut self,
        hash: SecretHash,
    ) -> Result<Option<(ApiToken, StaffMember)>, RepositoryError> {
        self.run(|connection| queries::find(connection, hash))
    }

    fn insert_token(&mut self, token: &ApiToken) -> Result<(), RepositoryError> {
        self.run(|connection| queries::insert(connection, token))
    }

    fn touch_token(&mut self, id: TokenId, at: DateTime<Utc>) -> Result<(), RepositoryError> {
        self.run(|connection| queries::touch(connection, id, at))
    }

    fn tokens(&mut self, staff: Option<StaffId>) -> Result<Vec<ApiToken>, RepositoryError> {
        self.run(|connection| queries::of(connection, staff))
    }

    fn revoke_token(
        &mut self,
        id: TokenId,
        staff: Option<StaffId>,
        at: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        self.run(|connection| queries::revoke(connection, id, staff, at))
    }
}
