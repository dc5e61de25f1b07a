//! The office: authentication, the list, students.

mod checklist;
mod crash;
mod door;
mod export_readers;
mod exports;
mod generated;
mod imports;
mod interleavings;
mod journal;
mod list;
mod morning;
mod office;
mod operations;
mod pages;
mod repetition;
mod rights;
mod students;
mod telemetry;
mod today;
mod tokens;
mod undo;

use libtest_mimic::Trial;

pub(crate) use self::office::{Office, Person, invite_by_command};

pub(crate) fn trials() -> Vec<Trial> {
    [
        checklist::trials(),
        crash::trials(),
        door::trials(),
        export_readers::trials(),
        exports::trials(),
        generated::trials(),
        imports::trials(),
        interleavings::trials(),
        journal::trials(),
        list::trials(),
        morning::trials(),
        operations::trials(),
        pages::trials(),
        repetition::trials(),
        rights::trials(),
        students::trials(),
        telemetry::trials(),
        today::trials(),
        tokens::trials(),
        undo::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
