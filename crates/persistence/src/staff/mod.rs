//! The people of the office, and the links with which they set a password.

pub(crate) mod queries;
mod repository;
