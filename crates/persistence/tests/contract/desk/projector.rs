//! Sealed registrations get into the search index, each once.

use libtest_mimic::Trial;
use registration_contract::fixtures::{form, keyless, now, student, student_at};
use registration_domain::{
    Field, JournalKeeper as _, Origin, RawField, SearchProjector as _, Status, StudentRecord,
};
use registration_testkit::{Backend, TestDatabase, on_every_backend, telemetry::capture};

use super::{OpenDesk, later};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        each_registration_is_indexed_once,
        a_student_changed_before_is_not_indexed_again,
        the_position_moves_while_others_register,
        one_who_cannot_be_indexed_is_counted_and_skipped,
    ]
}

fn indexed(database: &TestDatabase) -> usize {
    database.query_column("SELECT 'row' AS value FROM student_search").len()
}

fn each_registration_is_indexed_once(database: &TestDatabase) {
    let [one, other] = [OpenDesk::new(database), OpenDesk::on(database)];
    let store = one.store();
    for number in 0..6 {
        store.insert(keyless(&student(number, &format!("n{number}@example.org"))));
        one.journal.cover_registrations(later(i64::from(number))).unwrap();
    }
    assert_eq!((one.indexer.index_next().unwrap(), one.indexer.lag().unwrap()), (None, 0));
    one.journal.seal(later(6)).unwrap();
    assert_eq!(one.indexer.lag().unwrap(), 6);
    let erased = student(4, "n4@example.org");
    assert_eq!(one.write(|desk| desk.erase_records(&[erased.id()])), 1);
    let next = |desk: &OpenDesk| desk.indexer.index_next().unwrap();
    assert_eq!([next(&one), next(&other), next(&one), next(&one)], [Some(1); 4]);
    assert_eq!((next(&other), one.indexer.lag().unwrap()), (Some(0), 1));
    assert_eq!([next(&other), next(&one), next(&other)], [Some(1), None, None]);
    assert_eq!(indexed(database), 5);
    let words = database.query_column(
        "SELECT word AS value FROM student_words JOIN student_search \
         ON student_search.student_id = student_words.student_id WHERE word = 'bronte'",
    );
    assert_eq!(words.len(), 5);
}

fn a_student_changed_before_is_not_indexed_again(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = student(1, "zoe@example.org");
    desk.store().insert(keyless(&zoe));
    desk.journal.cover_registrations(now()).unwrap();
    let registered = StudentRecord::new(&zoe, Origin::default());
    let mut edited = registered.with_status(Status::Confirmed, later(1));
    "Eyre".clone_into(&mut edited.texts.last_name);
    desk.write(|desk| desk.update_record(&registered, &edited));
    assert_eq!((desk.found("eyre").len(), desk.found("bronte").len()), (1, 0));
    desk.journal.seal(later(1)).unwrap();
    assert_eq!(desk.indexer.index_next().unwrap(), Some(0));
    assert_eq!(
        (desk.found("eyre").len(), desk.found("bronte").len(), indexed(database)),
        (1, 0, 1)
    );
}

/// Of the newest entry there is never a seal.
fn the_position_moves_while_others_register(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let position = "SELECT CAST(position AS CHAR) AS value FROM consumers WHERE name = 'search'";
    let mut positions = Vec::new();
    for number in 1..=6 {
        let now = later(60 + i64::from(number));
        desk.store().insert(keyless(&student(number, &format!("n{number}@example.org"))));
        desk.journal.cover_registrations(now).unwrap();
        assert_eq!(desk.indexer.index_next().unwrap(), (number > 1).then_some(1));
        desk.journal.seal(now).unwrap();
        positions.extend(database.query_column(position));
        assert_eq!(desk.found("bronte").len(), usize::from(number));
    }
    assert_eq!(positions, ["0", "0", "2", "2", "4"]);
}

/// A row that a constraint, here stricter than the service's rules, rejects.
fn one_who_cannot_be_indexed_is_counted_and_skipped(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    database.execute(match database.backend() {
        Backend::Sqlite => {
            "CREATE TRIGGER poison BEFORE INSERT ON student_words WHEN NEW.word = 'poison' \
             BEGIN SELECT RAISE(ABORT, 'no such word'); END"
        }
        Backend::Mysql => "ALTER TABLE student_words ADD CHECK (word <> 'poison')",
    });
    let store = desk.store();
    for (number, name) in (1..).zip(["One", "Poison", "Two"]) {
        let mut form = form(&format!("n{number}@example.org"));
        *form.get_mut(Field::FirstName) = RawField::from(name);
        store.insert(keyless(&student_at(now(), number, &form)));
    }
    desk.journal.cover_registrations(now()).unwrap();
    desk.journal.seal(now()).unwrap();
    let (indexed_now, captured) = capture(|| desk.indexer.index_next().unwrap());
    assert_eq!((indexed_now, indexed(database)), (Some(2), 2));
    assert_eq!(captured.metric("search_unindexable_students_total{}"), Some(1.0));
    assert_eq!(desk.indexer.index_next().unwrap(), None);
    assert_eq!(desk.found("n2@example.org"), ["n2@example.org"], "found among the newest");
}
