//! The checklist: templates, and the items of students.

mod fill;
pub(crate) mod queries;
mod repository;
mod templates;
