//! The students' table.

pub(crate) mod queries;
pub(crate) mod repository;
