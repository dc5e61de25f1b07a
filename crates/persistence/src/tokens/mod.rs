//! The tokens of the office.

mod queries;
mod repository;
