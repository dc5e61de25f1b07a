//! Everything that is measured of the desk.

use std::time::Duration;

use registration_testkit::TestDatabase;

use super::{
    bulk::{self, Bulk},
    found,
    names::Names,
    registrars::{Latencies, Registrars, Request, pause},
    requests::{DeepPage, confirm, list, search, today},
};
use crate::{
    options::DeskOptions, progress::progress, ratio::Ratios, running::Running, sample::median,
};

/// Registrars at once.
pub(crate) const REGISTRARS: usize = 10;
/// Requests of each kind that are not measured.
const WARM_UP: u64 = 30;
/// The deep pages are measured in turn with the first, in this number of blocks.
const BLOCKS: u64 = 10;
/// How long the service rests before its memory is read.
pub(crate) const REST: Duration = Duration::from_secs(5);

/// A kind of request, by one registrar and by several.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) one: Latencies,
    pub(crate) several: Latencies,
}

/// A page far behind the first.
pub(crate) struct Deep {
    pub(crate) name: &'static str,
    pub(crate) page: u64,
    /// Medians of blocks, by those of the first page.
    pub(crate) ratios: Ratios,
}

/// The figures of a running service whose index is complete.
pub(crate) struct Figures {
    pub(crate) requests: Vec<Figure>,
    pub(crate) deep: Vec<Deep>,
    pub(crate) found: Latencies,
    pub(crate) bulk: Vec<Bulk>,
    /// In MiB.
    pub(crate) idle_memory: f64,
    pub(crate) peak_memory: f64,
}

impl Figures {
    pub(crate) fn measure(
        options: &DeskOptions,
        running: &mut Running<'_>,
        registrars: &Registrars,
        database: &TestDatabase,
        names: &Names,
    ) -> Self {
        let (count, students) = (options.requests, options.students);
        pause(REST);
        let idle_memory = running.process.memory();
        let ids = pending(database, 2 * count + WARM_UP);
        let name = "list, first page";
        let kinds: [(&str, &Request<'_>); 8] = [
            (name, &list("")),
            ("list by name, first page", &list("sort=name")),
            ("one status, by name", &list("status=confirmed&sort=name")),
            ("two statuses, by name", &list("status=pending&status=enrolled&sort=name")),
            ("search, one word", &search(names, 1, students)),
            ("search, two words", &search(names, 2, students)),
            ("confirm one", &confirm(&ids)),
            ("the page *Today*", &today),
        ];
        let one = kinds.map(|(name, request)| {
            progress(&format!("one registrar: {name}"));
            registrars.one(2 * count..2 * count + WARM_UP, request);
            registrars.one(0..count, request)
        });
        let deep = [("registered", "-registered"), ("name", "name")].map(|(name, sort)| {
            progress(&format!("the list by {name}, far behind its first page"));
            Deep::measure(registrars, name, sort, options)
        });
        let several = kinds.map(|(name, request)| {
            progress(&format!("{REGISTRARS} registrars: {name}"));
            registrars.several(REGISTRARS, count..2 * count, request)
        });
        let peak_memory = running.process.peak_memory();
        progress("registered and found");
        let found = found::measure(running, registrars);
        let bulk = bulk::measure(registrars, database);
        let requests = kinds.iter().zip(one).zip(several);
        let requests = requests.map(|(((name, _), one), several)| Figure { name, one, several });
        let requests = requests.collect();
        Self { requests, deep: deep.into(), found, bulk, idle_memory, peak_memory }
    }
}

impl Deep {
    fn measure(
        registrars: &Registrars,
        name: &'static str,
        sort: &str,
        options: &DeskOptions,
    ) -> Self {
        let page = DeepPage::walk(&mut registrars.client(), sort, options.students);
        let first = list(if name == "name" { "sort=name" } else { "" });
        let (mut firsts, mut deeps) = (Vec::new(), Vec::new());
        for _ in 0..BLOCKS {
            let requests = 0..options.requests.div_ceil(BLOCKS);
            firsts.push(median(&registrars.one(requests.clone(), &first).0));
            deeps.push(median(&registrars.one(requests, &|client, _| page.get(client)).0));
        }
        Self { name, page: page.number, ratios: Ratios::new(&deeps, &firsts) }
    }
}

/// This number of pending students, spread over the table.
fn pending(database: &TestDatabase, count: u64) -> Vec<String> {
    let sql =
        "SELECT LOWER(HEX(public_id)) AS value FROM students WHERE status = 1 AND version = 1";
    let mut all = database.query_column(sql);
    let step = all.len() / count as usize;
    assert!(step > 0, "too few students for so many requests");
    all = all.into_iter().step_by(step).take(count as usize).collect();
    for id in &mut all {
        [8, 13, 18, 23].into_iter().for_each(|at| id.insert(at, '-'));
    }
    all
}
