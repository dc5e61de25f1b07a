//! Imports: their files, and the rows with their plans.

mod import_row;
mod planned_row;
mod queries;
mod repository;
mod row_queries;
