//! The journal: its entries, the entries of registrations that are written behind the insert, and the
//! seals.

pub(crate) mod consumers;
mod covering;
pub(crate) mod entries;
mod keeper;
mod latest;
mod queries;
mod repository;
pub(crate) mod sealing;

pub(crate) use self::entries::{actor, actor_number};
pub use self::keeper::Journal;
