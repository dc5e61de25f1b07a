//! Searches at their limits, made small.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use diesel::connection::TransactionManager as _;
use registration_contract::fixtures::{form, now, student_at};
use registration_domain::{
    DeskStore as _, Origin, PageStart, RecordUpdate, RosterFilter, RosterPage, RosterQuery,
    SearchWords, Sort, Source, StudentRecord, write,
};
use registration_testkit::{Backend, TestDatabase};

use super::{Newest, count, page};
use crate::{
    connection::{pool::PoolOptions, session::DatabaseConnection},
    database::Database,
    desk::Desk,
    migrations::migrate,
    search::SearchLimits,
};

const LIMITS: SearchLimits =
    SearchLimits { candidates: 10, unindexed: 3, behind: 2, lifetime: Duration::ZERO };

fn desk(database: &TestDatabase) -> Desk {
    let url: crate::DatabaseUrl = database.url().parse().unwrap();
    migrate(&url).unwrap();
    let timeout = Duration::from_secs(10);
    let options = PoolOptions { max_size: 2, timeout, statement_timeout: timeout };
    Desk::open(url.clone(), Database::open(url, options), options)
}

/// Inserts and indexes students whose names and addresses begin with the same letters.
fn fill(desk: &Desk, numbers: std::ops::Range<u8>) {
    let origin = Origin { source: Source::Desk, trace_id: None };
    let inserted = write(desk, |desk| {
        for number in numbers.clone() {
            let student = student_at(now(), number, &form(&format!("n{number:02}@example.org")));
            desk.insert_record(&StudentRecord::new(&student, origin))?;
        }
        Ok(Ok::<_, ()>(()))
    });
    inserted.unwrap().unwrap();
}

fn search(desk: &Desk, text: &str) -> RosterPage {
    search_with(desk, text, &Newest::new(LIMITS))
}

fn search_with(desk: &Desk, text: &str, newest: &Newest) -> RosterPage {
    let filter =
        RosterFilter { words: SearchWords::parse(text).unwrap(), ..RosterFilter::default() };
    let query =
        RosterQuery { filter, sort: Sort::OldestFirst, start: PageStart::First, limit: 100 };
    desk.poll(|connection| page(connection, &query, newest)).unwrap().unwrap()
}

fn on_every_backend(test: impl Fn(&TestDatabase, &Desk)) {
    use std::io::Write as _;

    registration_testkit::telemetry::enable_all_callsites();
    for backend in Backend::ALL {
        match backend.skip_reason() {
            Some(reason) => {
                let _ = writeln!(std::io::stderr(), "SKIPPED roster on {backend}: {reason}");
            }
            None => {
                let database = TestDatabase::new(backend);
                test(&database, &desk(&database));
            }
        }
    }
}

#[test]
fn a_search_whose_words_all_have_too_many_students_is_cut() {
    on_every_backend(|_, desk| {
        fill(desk, 0..10);
        let all = search(desk, "bronte zoe");
        assert_eq!((all.students.len(), all.is_cut), (10, false));
        fill(desk, 10..12);
        let cut = search(desk, "bronte zoe");
        assert_eq!((cut.students.len(), cut.is_cut), (10, true));
        // A rarer word decides.
        let found = search(desk, "bronte n07");
        assert_eq!((found.students.len(), found.is_cut), (1, false));
        let filter = RosterFilter {
            words: SearchWords::parse("bronte").unwrap(),
            ..RosterFilter::default()
        };
        let counted =
            desk.poll(|connection| count(connection, &filter, 50, &Newest::new(LIMITS))).unwrap();
        assert_eq!((counted.count, counted.is_capped), (10, true));
    });
}

#[test]
fn a_connection_that_is_left_within_a_transaction_is_replaced() {
    type Manager = <DatabaseConnection as diesel::Connection>::TransactionManager;
    on_every_backend(|_, desk| {
        fill(desk, 0..1);
        // More often than there are connections.
        for _ in 0..4 {
            desk.poll(Manager::begin_transaction).unwrap();
            assert_eq!(search(desk, "bronte").students.len(), 1);
            desk.change(|connection| Manager::begin_transaction(connection).map(Some)).unwrap();
            assert_eq!(search(desk, "bronte").students.len(), 1);
        }
        fill(desk, 1..2);
        assert_eq!(search(desk, "bronte").students.len(), 2);
    });
}

#[test]
fn a_list_says_that_the_index_is_behind() {
    on_every_backend(|database, desk| {
        fill(desk, 0..5);
        let not_indexed = |count: u8| {
            database.execute(&format!(
                "DELETE FROM student_words WHERE student_id <= {count}; \
                 DELETE FROM student_search WHERE student_id <= {count}"
            ));
        };
        not_indexed(3);
        let found = search(desk, "bronte");
        assert_eq!((found.students.len(), found.behind), (5, 0));
        not_indexed(4);
        let found = search(desk, "bronte");
        assert_eq!((found.students.len(), found.behind), (4, 1));
        fill(desk, 5..10);
        not_indexed(9);
        let found = search(desk, "bronte");
        assert_eq!((found.students.len(), found.behind), (4, 2), "counted up to the limit");
        let read = desk.read(&mut |desk| {
            let filter = RosterFilter::default();
            let query = RosterQuery { filter, sort: Sort::Name, start: PageStart::First, limit: 9 };
            assert!(desk.page(&query)?.is_some_and(|page| page.students.len() == 9));
            Ok(())
        });
        read.unwrap();
    });
}

#[test]
fn what_is_kept_of_the_newest_is_checked_against_the_database() {
    on_every_backend(|database, desk| {
        let found = |text: &str, newest: &Newest| -> Vec<String> {
            let students = search_with(desk, text, newest).students.into_iter();
            students.map(|(_, student)| student.texts.email[..3].to_owned()).collect()
        };
        fill(desk, 0..6);
        database.execute("DELETE FROM student_words; DELETE FROM student_search");
        let kept = Newest::new(SearchLimits { lifetime: Duration::from_secs(60), ..LIMITS });
        assert_eq!(found("bronte", &kept), ["n03", "n04", "n05"]);
        let id = |number| student_at(now(), number, &form("n@example.org")).id();
        let changed = write(desk, |desk| {
            // A change indexes its student.
            let before = desk.find_record(id(4))?.unwrap();
            let mut after = StudentRecord { version: before.version.next(), ..before.clone() };
            after.texts.last_name = "Alcott".to_owned();
            assert_eq!(desk.update_record(&before, &after)?, RecordUpdate::Updated);
            assert_eq!(desk.erase_records(&[id(5)])?, 1);
            Ok(Ok::<_, ()>(()))
        });
        changed.unwrap().unwrap();
        assert_eq!(found("bronte", &kept), ["n03"]);
        assert_eq!(found("alcott", &kept), ["n04"]);
        assert_eq!(found("zoe", &kept), ["n03", "n04"]);
        fill(desk, 6..7);
        database.execute("DELETE FROM student_words WHERE student_id = 7");
        database.execute("DELETE FROM student_search WHERE student_id = 7");
        assert_eq!(found("n06", &kept), [""; 0], "kept");
        assert_eq!(found("n06", &Newest::new(LIMITS)), ["n06"]);
    });
}
