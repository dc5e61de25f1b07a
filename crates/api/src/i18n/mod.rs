//! Texts for people, in every language.
//!
//! To add a language, add a file beside `en.rs` and a variant of [`Language`]; the compiler names
//! the texts that are missing.

pub(crate) mod desk;
mod en;
mod it;
mod language;
mod messages;
mod problem_text;

pub(crate) use self::{
    language::Language,
    messages::{FieldMessages, Messages, ProblemMessages},
    problem_text::ProblemText,
};
