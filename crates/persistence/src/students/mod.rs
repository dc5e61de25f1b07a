//! The students' tables: the row of a registration, and what the office keeps beside it.

mod attachments;
pub(crate) mod codes;
mod erasure;
pub(crate) mod queries;
pub(crate) mod record;
pub(crate) mod records;
pub(crate) mod repository;
mod roster;
