//! The requests of programs that may be sent again, with their answers.

mod queries;
mod repository;
