//! The sessions of the office.

mod queries;
mod repository;
