//! The desk: its repositories, the list and the search, the journal behind the requests, and privacy.

mod checklist;
mod covering;
mod imports;
mod operations;
mod panics;
mod places;
mod privacy;
mod projector;
mod races;
mod records;
mod roster;
mod sealing;
mod search;
mod staff;
mod telemetry;
mod today;

use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_contract::fixtures::{now, student, student_at};
use registration_domain::{
    Actor, ApplicantForm, CappedCount, DeskTransaction, JournalKeeper as _, JournalQuery,
    JournalRow, Origin, Place, RepositoryError, RosterFilter, RosterPage, RosterQuery,
    SearchProjector as _, SearchWords, Source, Status, Student, StudentInsert, StudentRecord, read,
    write,
};
use registration_persistence::{Database, Desk, Journal, SearchIndexer};
use registration_testkit::TestDatabase;

use crate::support::{OPTIONS, Store, migrated, open};

pub(crate) fn trials() -> Vec<Trial> {
    [
        staff::trials(),
        records::trials(),
        races::trials(),
        roster::trials(),
        places::trials(),
        operations::trials(),
        imports::trials(),
        checklist::trials(),
        panics::trials(),
        search::trials(),
        covering::trials(),
        sealing::trials(),
        projector::trials(),
        privacy::trials(),
        telemetry::trials(),
        today::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An instance's desk, with what keeps its journal and its index.
pub(crate) struct OpenDesk {
    main: Database,
    store: OnceLock<Store>,
    pub(crate) desk: Desk,
    pub(crate) journal: Journal,
    pub(crate) indexer: SearchIndexer,
}

impl OpenDesk {
    /// On a database that is not migrated yet.
    pub(crate) fn new(database: &TestDatabase) -> Self {
        migrated(database);
        Self::on(database)
    }

    pub(crate) fn on(database: &TestDatabase) -> Self {
        let main = open(database);
        let options = registration_persistence::PoolOptions { max_size: 2, ..OPTIONS };
        let desk = Desk::open(database.url().parse().unwrap(), main.clone(), options);
        let (journal, indexer) = (Journal::new(desk.clone()), SearchIndexer::new(desk.clone()));
        Self { main, store: OnceLock::new(), desk, journal, indexer }
    }

    /// The store of registrations on the same connections.
    pub(crate) fn store(&self) -> &Store {
        self.store.get_or_init(|| Store::on(self.main.clone()))
    }

    /// Reads in one transaction, which must be possible.
    pub(crate) fn read<T>(
        &self,
        work: impl FnMut(&mut dyn DeskTransaction) -> Result<T, RepositoryError>,
    ) -> T {
        read(&self.desk, work).unwrap()
    }

    /// Writes in one transaction, which must be possible.
    pub(crate) fn write<T>(
        &self,
        mut work: impl FnMut(&mut dyn DeskTransaction) -> Result<T, RepositoryError>,
    ) -> T {
        write(&self.desk, |transaction| work(transaction).map(Ok::<_, ()>)).unwrap().unwrap()
    }

    /// Inserts a student as the office does.
    pub(crate) fn insert(&self, record: &StudentRecord) -> StudentInsert {
        self.write(|transaction| transaction.insert_record(record))
    }

    /// Covers, seals and indexes everything that is committed.
    pub(crate) fn index_all(&self, now: DateTime<Utc>) {
        while self.journal.cover_registrations(now).unwrap() > 0 {}
        while self.journal.seal(now).unwrap().is_some() {}
        while self.indexer.index_next().unwrap().is_some() {}
    }

    pub(crate) fn page(&self, query: &RosterQuery) -> RosterPage {
        self.read(|transaction| transaction.page(query)).unwrap()
    }

    /// The numbers of students of each status, in the order of [`Status::ALL`].
    pub(crate) fn by_status(&self, filter: &RosterFilter, limit: usize) -> Vec<CappedCount> {
        let counted = self.read(|transaction| transaction.count_by_status(filter, limit));
        assert!(counted.iter().map(|(status, _)| *status).eq(Status::ALL));
        counted.into_iter().map(|(_, count)| count).collect()
    }

    /// The addresses that a search finds, the oldest registration first.
    pub(crate) fn found(&self, text: &str) -> Vec<String> {
        let filter =
            RosterFilter { words: SearchWords::parse(text).unwrap(), ..RosterFilter::default() };
        let sort = registration_domain::Sort::OldestFirst;
        let start = registration_domain::PageStart::First;
        emails(&self.page(&RosterQuery { filter, sort, start, limit: 200 }))
    }

    /// Every entry of the journal, the oldest first.
    pub(crate) fn entries(&self) -> Vec<JournalRow> {
        let query = JournalQuery { limit: 10_000, ..JournalQuery::default() };
        let mut rows = self.read(|transaction| transaction.entries(&query));
        rows.reverse();
        rows
    }

    /// The public ids of every entry of registrations, sorted.
    pub(crate) fn covered(&self) -> Vec<registration_domain::StudentId> {
        let rows = self.entries().into_iter().map(|row| row.entry);
        let registrations = rows.filter(|entry| entry.actor == Actor::Applicant);
        let mut ids: Vec<_> = registrations.flat_map(|entry| entry.members).collect();
        ids.sort();
        ids
    }
}

/// The place of the last student of a page, or of the first.
pub(crate) fn place(page: &RosterPage, last: bool) -> Place {
    let student = if last { page.students.last() } else { page.students.first() };
    let (row, record) = student.unwrap();
    Place { row: *row, version: record.version }
}

pub(crate) fn emails(page: &RosterPage) -> Vec<String> {
    page.students.iter().map(|(_, record)| record.texts.email.clone()).collect()
}

/// A time after [`now`].
pub(crate) fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// A student created by the office.
pub(crate) fn record(number: u8, email: &str) -> StudentRecord {
    let origin = Origin { source: Source::Desk, trace_id: None };
    StudentRecord::new(&student(number, email), origin)
}

/// Students with these forms, each with an id and a time of its own.
pub(crate) fn students(
    forms: impl IntoIterator<Item = ApplicantForm>,
) -> impl Iterator<Item = Student> {
    (1..).zip(forms).map(|(number, form)| {
        student_at(later(i64::from(number)), u8::try_from(number % 256).unwrap(), &form)
    })
}
