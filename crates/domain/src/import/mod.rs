//! Imports: students from the lines of a file, planned one by one before anything is written.

mod cell;
mod column;
mod file;
mod import;
mod plan;
mod row;

pub use self::{
    cell::{Cell, Doubt, FileRow},
    column::{ImportColumn, guess_columns, has_header},
    file::{Delimiter, Reading, Unreadable, UnreadableReason},
    import::{Import, ImportChoices, ImportSettings, ImportState, SettingsError},
    plan::{Known, plan},
    row::{CellError, CellErrorCode, Conflict, Plan, PlannedRow, RowValues, Verdict, values},
};
