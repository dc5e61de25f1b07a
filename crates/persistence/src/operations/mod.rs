//! Operations of the office, and their students.

mod queries;
mod repository;
mod rows;
