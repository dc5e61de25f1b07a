//! The spans and metrics of the desk's transactions, and what may not be written.

use libtest_mimic::Trial;
use registration_domain::{JournalKeeper as _, RosterFilter, RosterQuery, SearchWords, read};
use registration_testkit::{
    Backend, TestDatabase, on_every_backend,
    telemetry::{Captured, capture},
};

use super::{OpenDesk, later, record};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_search_is_traced_by_its_tables_and_without_values,
        a_reading_transaction_writes_nothing,
        every_statement_has_its_series,
    ]
}

fn query(text: &str) -> RosterQuery {
    RosterQuery {
        filter: RosterFilter {
            words: SearchWords::parse(text).unwrap(),
            ..RosterFilter::default()
        },
        sort: registration_domain::Sort::Name,
        start: registration_domain::PageStart::First,
        limit: 50,
    }
}

/// Captures a request's part: what polls has no spans.
fn capture_request<T>(work: impl FnOnce() -> T) -> (T, Captured) {
    let (answer, mut captured) = capture(|| tracing::info_span!("request").in_scope(work));
    captured.spans.retain(|span| span.name != "request");
    (answer, captured)
}

fn a_search_is_traced_by_its_tables_and_without_values(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    desk.insert(&record(1, "zoe@example.org"));
    let (_, captured) = capture_request(|| OpenDesk::on(database).page(&query("bronte zoe")));
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    let begin = if database.backend() == Backend::Mysql { "START" } else { "BEGIN" };
    let words = ["SELECT student_words"; 3];
    let others = ["SELECT consumers", "SELECT students", "SELECT students", "COMMIT"];
    assert_eq!(names, [&["create_db_connection", begin][..], &words, &others].concat());
    let connection = &captured.spans[0];
    assert_eq!(connection.attributes["db.client.connection.pool.name"], "desk");
    for span in &captured.spans {
        let text = span.attributes.get("db.query.text").and_then(|text| text.as_str());
        assert!(!text.unwrap_or_default().contains("bront"), "{text:?}");
    }
    let waits = "db_client_connection_wait_time_seconds{pool=\"desk\"}";
    assert_eq!(captured.metric(waits), Some(1.0));
}

fn a_reading_transaction_writes_nothing(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let inserted = read(&desk.desk, |desk| desk.insert_record(&record(1, "zoe@example.org")));
    assert!(inserted.is_err());
    assert_eq!(database.emails(), [""; 0]);
}

/// The registry lists what the desk's statements are called.
fn every_statement_has_its_series(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    let ((), captured) = capture_request(|| {
        desk.insert(&zoe);
        desk.index_all(later(1));
        desk.write(|desk| {
            desk.append(&registration_domain::JournalEntry::new(
                later(1),
                registration_domain::Actor::System,
                registration_domain::Action::Viewed,
                Some(*zoe.id.as_bytes()),
            ))
        });
        desk.journal.seal(later(1)).unwrap();
        desk.found("zoe");
        desk.by_status(&query("zoe").filter, 10);
        desk.by_status(&RosterFilter::default(), 10);
        desk.write(|desk| {
            desk.lock_record(zoe.id)?;
            desk.lock_staff(registration_domain::StaffId::new(later(1), [1; 10]))
        });
        desk.write(|desk| desk.erase_records(&[zoe.id]));
    });
    let registry: toml::Table = registration_persistence::TELEMETRY.parse().unwrap();
    let metrics = registry["metric"].as_array().unwrap();
    let duration =
        metrics.iter().find(|metric| metric["name"].as_str() == Some("db_query_duration_seconds"));
    let known = duration.unwrap()["labels"][0]["values"].as_array().unwrap();
    let known: Vec<_> = known.iter().map(|value| value.as_str().unwrap()).collect();
    let client: Vec<_> = captured.spans.iter().filter(|span| span.kind == "client").collect();
    assert!(client.len() > 30, "{}", client.len());
    for span in client {
        assert!(known.contains(&span.name.as_str()), "{}", span.name);
    }
}
