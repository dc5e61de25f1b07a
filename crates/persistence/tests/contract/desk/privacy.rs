//! `database/privacy.toml` names every column about a student, and erasure deletes what it says.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use registration_contract::fixtures::{keyed, now, student};
use registration_domain::{
    Actor, ApiAnswer, ApiRequest, FileRow, IdempotencyKey, IndexedWords, KeyHash, Note, Operation,
    OperationId, OperationItem, OperationKind, Origin, PlannedRow, RecordUpdate, Status,
    StudentRecord, Task, TaskId, TaskTitle, Verdict, Version,
};
use registration_testkit::{Backend, TestDatabase, on_every_backend};
use toml::{Table, Value};

use super::{OpenDesk, imports::import, later};
use crate::support::migrated;

const PRIVACY: &str = include_str!("../../../../../database/privacy.toml");

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        every_column_about_a_student_has_a_rule,
        erasure_leaves_nothing_about_a_student,
    ]
}

fn rules() -> Table {
    PRIVACY.parse().unwrap()
}

/// Every `table.column` of the database.
fn columns(database: &TestDatabase) -> BTreeSet<String> {
    let sql = match database.backend() {
        Backend::Mysql => {
            "SELECT CONCAT(table_name, '.', column_name) AS value \
             FROM information_schema.columns WHERE table_schema = DATABASE()"
        }
        Backend::Sqlite => {
            "SELECT tables.name || '.' || columns.name AS value \
             FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns \
             WHERE tables.type = 'table'"
        }
    };
    database.query_column(sql).into_iter().collect()
}

/// Whether a column holds a student's key.
fn is_student_key(column: &str) -> bool {
    column.ends_with(".student_id")
        || ["students.public_id", "idempotency_keys.public_id", "journal.subject"].contains(&column)
}

fn every_column_about_a_student_has_a_rule(database: &TestDatabase) {
    migrated(database);
    let columns = columns(database);
    let keys = columns.iter().filter(|column| is_student_key(column));
    let tables: BTreeSet<_> = keys.map(|column| column.split('.').next().unwrap()).collect();
    assert!(tables.len() >= 8, "{tables:?}");
    let of_students = |column: &&String| tables.contains(column.split('.').next().unwrap());
    let stored: BTreeSet<_> = columns.iter().filter(of_students).cloned().collect();
    let mut named = BTreeSet::new();
    for (table, rule) in rules() {
        let key = rule["key"].as_str().unwrap();
        assert!(is_student_key(&format!("{table}.{key}")), "{table}.{key}");
        for (column, rule) in rule["columns"].as_table().unwrap() {
            let text = |name: &str| rule[name].as_str().unwrap();
            assert!(!text("exported").is_empty() && !text("why").is_empty(), "{table}.{column}");
            assert!(["deleted", "kept"].contains(&text("erased")), "{table}.{column}");
            named.insert(format!("{table}.{column}"));
        }
    }
    assert_eq!(named, stored);
}

fn erasure_leaves_nothing_about_a_student(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let (zoe, ada) = (student(1, "zoe@example.org"), student(2, "ada@example.org"));
    let store = desk.store();
    store.insert(keyed(&zoe, "one"));
    store.insert(keyed(&ada, "two"));
    desk.index_all(now());
    let registered = StudentRecord::new(&zoe, Origin::default());
    let mut edited = registered.with_status(Status::Rejected, later(1));
    "Zoraida".clone_into(&mut edited.texts.first_name);
    let note = Note::parse("too late").unwrap().unwrap();
    let request = ApiRequest {
        owner: [1; 16],
        key: KeyHash::of(&IdempotencyKey::parse("three").unwrap()),
        fingerprint: zoe.applicant().fingerprint(),
    };
    desk.write(|desk| {
        desk.salt(zoe.id(), [1; 16])?;
        desk.insert_note(zoe.id(), None, &note, later(1))?;
        desk.claim_request(&request, zoe.id(), later(1))?;
        let (student, version, body) = (zoe.id(), edited.version, b"Zoraida".to_vec());
        desk.keep_answer(&request, &ApiAnswer { student, version, body })?;
        let (row, _) = desk.find_records(&[zoe.id()])?[0];
        let operation = Operation {
            id: OperationId::new(later(1), [1; 10]),
            actor: Actor::System,
            kind: OperationKind::Undo(OperationId::new(later(0), [2; 10])),
            at: later(1),
            trace_id: None,
            finished_at: None,
        };
        let title = TaskTitle::parse("Call Zoraida’s mother").unwrap();
        let id = TaskId::new(later(1), [3; 10]);
        desk.insert_task(&Task::new(id, zoe.id(), title, None, later(1)))?;
        desk.insert_operation(&operation, &[OperationItem { row, seen: Version::FIRST }])?;
        let import = import(later(1));
        desk.insert_import(&import)?;
        let planned = |line, student, email: &str| PlannedRow {
            row: FileRow { line, cells: vec!["Zoraida".into()] },
            verdict: Verdict::Invalid,
            student,
            seen: None,
            email_key: Some(email.to_owned()),
            same_as: None,
            reasons: Vec::new(),
            changes: Vec::new(),
            has_changed: false,
        };
        // By the student, and by the address.
        let rows = [planned(1, Some(row), "x"), planned(2, None, "zoe@example.org")];
        desk.insert_import_rows(import.id, &rows)?;
        desk.update_record(&registered, &edited)
    });
    let tables: Vec<_> = rules().into_iter().filter(|(_, rule)| is_deleted(rule)).collect();
    assert_eq!(tables.len(), 11);
    let count =
        |table: &str| database.query_column(&format!("SELECT 'row' AS value FROM {table}")).len();
    let erase = || desk.write(|desk| desk.erase_records(&[zoe.id()]));
    let before: Vec<_> = tables.iter().map(|(table, _)| count(table)).collect();
    assert!(before.iter().all(|rows| *rows > 0), "{before:?}");
    assert_eq!([erase(), erase()], [1, 0]);
    let ada = StudentRecord::new(&ada, Origin::default());
    let words = IndexedWords::of(ada.id, &ada.texts).words.len();
    for (table, _) in &tables {
        let left = match table.as_str() {
            "students" | "idempotency_keys" | "student_search" => 1,
            "student_words" => words,
            _ => 0,
        };
        assert_eq!(count(table), left, "{table}");
    }
    assert_eq!(desk.found("zoraida"), [""; 0]);
    assert_eq!(desk.found("ada"), ["ada@example.org"]);
    let updated =
        desk.write(|desk| desk.update_record(&edited, &edited.with_status(Status::Pending, now())));
    assert_eq!(updated, RecordUpdate::Stale);
    // What cannot be found is not covered, or indexed, again.
    desk.index_all(later(120));
    assert_eq!((desk.covered().len(), count("student_search")), (2, 1));
}

fn is_deleted(rule: &Value) -> bool {
    rule["columns"]
        .as_table()
        .unwrap()
        .values()
        .all(|one| one["erased"].as_str() == Some("deleted"))
}
