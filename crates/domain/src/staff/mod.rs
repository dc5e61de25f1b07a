//! Authentication and authorisation of the office: people, sessions, tokens and rights.

mod account;
mod api_request;
mod password;
mod rights;
mod session;
mod token;

pub use self::{
    account::{StaffId, StaffMember},
    api_request::{ApiAnswer, ApiRequest, Claim, KeyHash},
    password::{Password, PasswordError, PasswordHash},
    rights::{Permission, Role, Scopes},
    session::{SecretHash, Session, StaffLink},
    token::{ApiToken, TokenId},
};
