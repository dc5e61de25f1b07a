//! The port to the people of the office.

use registration_domain::{
    PasswordHash, RepositoryError, SecretHash, StaffId, StaffLink, StaffMember, StaffRepository,
};

use crate::{staff::queries, transaction::DieselTransaction};

impl StaffRepository for DieselTransaction<'_> {
    fn staff(&mut self) -> Result<Vec<StaffMember>, RepositoryError> {
        self.run(queries::all)
    }

    fn lock_active_admins(&mut self) -> Result<Vec<StaffId>, RepositoryError> {
        self.run(queries::lock_active_admins)
    }

    fn find_staff(&mut self, id: StaffId) -> Result<Option<StaffMember>, RepositoryError> {
        self.run(|connection| queries::find(connection, id))
    }

    fn lock_staff(
        &mut self,
        id: StaffId,
    ) -> Result<Option<(StaffMember, Option<PasswordHash>)>, RepositoryError> {
        self.run(|connection| queries::lock(connection, id))
    }

    fn find_staff_by_email(
        &mut self,
        email_key: &str,
    ) -> Result<Option<(StaffMember, Option<PasswordHash>)>, RepositoryError> {
        self.run(|connection| queries::find_by_email(connection, email_key))
    }

    fn insert_staff(&mut self, member: &StaffMember) -> Result<bool, RepositoryError> {
        self.run(|connection| queries::insert(connection, member))
    }

    fn update_staff(&mut self, member: &StaffMember) -> Result<bool, RepositoryError> {
        self.run(|connection| queries::update(connection, member))
    }

    fn set_password(&mut self, id: StaffId, hash: &PasswordHash) -> Result<(), RepositoryError> {
        self.run(|connection| queries::set_password(connection, id, hash))
    }

    fn insert_link(&mut self, link: &StaffLink) -> Result<(), RepositoryError> {
        self.run(|connection| queries::replace_link(connection, link))
    }

    fn find_link(&mut self, hash: SecretHash) -> Result<Option<StaffLink>, RepositoryError> {
        self.run(|connection| queries::find_link(connection, hash))
    }

    fn delete_link(&mut self, hash: SecretHash) -> Result<bool, RepositoryError> {
        self.run(|connection| queries::delete_link(connection, hash))
    }
}
