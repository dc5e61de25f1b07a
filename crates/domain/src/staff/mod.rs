//! Authentication and authorisation of the office: people, sessions, tokens and rights.

mod account;
mod password;
mod rights;
mod session;
mod token;

pub use self::{
    account::{StaffId, StaffMember},
    password::{Password, PasswordError, PasswordHash},
    rights::{Permission, Role, Scopes},
    session::{SecretHash, Session, StaffLink},
    token::{ApiToken, TokenId},
};
