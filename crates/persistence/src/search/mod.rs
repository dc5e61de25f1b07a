//! The search index: how students get into it, and how they are found by it.

mod candidates;
pub(crate) mod index;
mod projector;
mod unindexed;

pub use self::projector::SearchIndexer;
pub(crate) use self::{
    candidates::{Candidates, SearchLimits},
    unindexed::{Newest, Unindexed},
};
