//! The checklist: templates, and the items of students.

mod fill;
mod places;
pub(crate) mod queries;
mod repository;
mod templates;
