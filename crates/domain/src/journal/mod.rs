//! What happened, who did it, and the order that cannot be changed afterwards unnoticed.

mod entry;
mod seal;

pub use self::{
    entry::{Action, Actor, Detail, JournalEntry, OperationId, RecordHash, Salt, Subject},
    seal::{Seal, SealedRow},
};
