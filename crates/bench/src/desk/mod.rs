//! The registrar's desk: its list, search and decisions over HTTP, the search index from nothing, and
//! registrations while registrars search.
//!
//! - `names.rs`, `fill.rs`: the students. `indexing.rs`: journal and index from nothing.
//! - `office.rs`, `client.rs`: a token, and a connection that uses it.
//! - `requests.rs`, `registrars.rs`: what is asked for, and by how many.
//! - `figures.rs`, `bulk.rs`, `exports.rs`, `imports.rs`, `found.rs`, `rush.rs`: what is measured; `report.rs`: its text and the targets.

mod bulk;
mod client;
mod exports;
mod figures;
mod fill;
mod found;
mod imports;
mod indexing;
mod names;
mod office;
mod registrars;
mod report;
mod requests;
mod rush;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use registration_testkit::{Backend, TestDatabase};

use self::{
    exports::Export,
    figures::{Figures, REST},
    fill::filled_database,
    imports::Import,
    indexing::Indexing,
    names::Names,
    office::Credentials,
    registrars::{Registrars, pause},
    rush::{Rush, Work},
};
use crate::{
    machine::{self, Machine},
    options::DeskOptions,
    process::{absolute, sibling},
    running::Running,
    subject::{MARIADB, SQLITE, Subject},
};

/// Everything that was measured of the desk.
pub(crate) struct Desk<'a> {
    options: &'a DeskOptions,
    subject: Subject,
    machine: Machine,
    /// Before the run: processes that wait for a processor, the mean of a minute.
    load: String,
    indexing: Indexing,
    files: Files,
    figures: Figures,
    rushes: Vec<Rush>,
    elapsed: Duration,
}

/// Files in and out, each kind by a process of its own: memory is given back late.
struct Files {
    exports: Vec<Export>,
    imports: Vec<Import>,
}

impl Files {
    fn measure(
        program: &Path,
        subject: Subject,
        database: &TestDatabase,
        credentials: &Credentials,
        students: u64,
    ) -> Self {
        let start = || {
            let running = Running::start_program(program, subject, database);
            let registrars = Registrars::new(&running, credentials.clone());
            pause(REST);
            let idle = running.process.memory();
            (running, registrars, idle)
        };
        let export = |format| {
            let (running, registrars, idle) = start();
            let export = exports::measure(&running, &registrars, format, students, idle);
            running.stop();
            export
        };
        let exports = exports::FORMATS.map(export).into();
        let (running, registrars, idle) = start();
        let imports = imports::measure(&running, &registrars, idle);
        running.stop();
        Self { exports, imports }
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn measure(options: &'a DeskOptions) -> Self {
        let begun = Instant::now();
        let own = || sibling("student-registration");
        let program = options.program.as_deref().map_or_else(own, absolute);
        let subject = if options.database == Backend::Sqlite { SQLITE } else { MARIADB };
        let load = machine::load_average();
        let machine = Machine::examine();
        let names = Names::new();
        let database = filled_database(options.database, &program, &names, options.students);

        let started = Instant::now();
        let mut running = Running::start_program(&program, subject, &database);
        let indexing = Indexing::wait(started, &mut running, &database);
        let credentials = office::sign_in(&program, &database, running.address());
        running.stop();

        let files = Files::measure(&program, subject, &database, &credentials, options.students);

        // A new process: without what the index has left in its memory.
        let mut running = Running::start_program(&program, subject, &database);
        let registrars = Registrars::new(&running, credentials);
        let figures = Figures::measure(options, &mut running, &registrars, &database, &names);
        let search = requests::search(&names, 1, options.students);
        let (at_once, imported) = (bulk::request(&database), imports::request());
        let works = [
            Work {
                name: "four searching registrars",
                registrars: 4,
                request: &search,
                targets: (0.9, Some(1.15)),
            },
            Work {
                name: "decisions on 10,000 students at once",
                registrars: 1,
                request: &at_once,
                targets: (0.85, None),
            },
            Work {
                name: "imports of 100,000 rows",
                registrars: 1,
                request: &imported,
                targets: (0.85, Some(1.5)),
            },
        ];
        let mut rush = |work| Rush::measure(options, &mut running, &registrars, work);
        let rushes = works.iter().filter_map(&mut rush).collect();
        running.stop();
        let elapsed = begun.elapsed();
        Self { options, subject, machine, load, indexing, files, figures, rushes, elapsed }
    }
}
