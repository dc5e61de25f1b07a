//! Imports with their files and rows.

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_contract::fixtures::{now, student};
use registration_domain::{
    Actor, Cell, ClaimedLine, Delimiter, FileRow, Import, ImportChoices, ImportColumn,
    ImportRowQuery, ImportSettings, ImportState, MAX_FILE_PART, OperationId, Origin, PlannedRow,
    Reading, RowId, Source, StudentRecord, Unreadable, UnreadableReason, Verdict,
};
use registration_testkit::{Backend, TestDatabase, on_every_backend};

use super::{OpenDesk, later};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        an_import_is_read_back_with_its_file,
        rows_are_claimed_stored_and_counted,
        a_transaction_changes_few_students,
        many_students_are_inserted_with_their_words,
        old_imports_are_deleted_with_everything,
    ]
}

/// An import that was uploaded at this time.
pub(crate) fn import(at: DateTime<Utc>) -> Import {
    let reading = Reading::Csv {
        encoding: "UTF-8".to_owned(),
        delimiter: Delimiter::Semicolon,
        has_header: true,
    };
    let columns = ImportColumn::ALL.into_iter().map(Some).chain([None]).collect();
    Import {
        id: OperationId::new(at, [7; 10]),
        actor: Actor::System,
        file_name: "Größe \"1\".csv".to_owned(),
        sha256: [9; 32],
        settings: ImportSettings { reading, columns, choices: ImportChoices::default() },
        revision: 0,
        state: ImportState::NeedsMapping,
        problem: None,
        stored_line: 0,
        created: 0,
        updated: 0,
        at,
        trace_id: None,
        finished_at: None,
    }
}

fn row(line: u32, verdict: Verdict, email: &str) -> PlannedRow {
    PlannedRow {
        row: FileRow { line, cells: vec![Cell::from(email), Cell::default()] },
        verdict,
        student: None,
        seen: None,
        email_key: Some(email.to_owned()),
        same_as: None,
        reasons: Vec::new(),
        changes: Vec::new(),
        has_changed: false,
    }
}

fn an_import_is_read_back_with_its_file(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let first = import(now());
    let parts = [vec![1; MAX_FILE_PART], vec![2; 3]];
    desk.write(|desk| desk.insert_import(&first));
    for (number, part) in (0..).zip(&parts) {
        desk.write(|desk| desk.append_to_file(first.id, number, part));
    }
    assert_eq!(desk.read(|desk| desk.import_file(first.id)), parts.concat());
    assert_eq!(desk.read(|desk| desk.file_size(first.id)), MAX_FILE_PART + 3);
    assert_eq!(desk.read(|desk| desk.find_import(first.id)), Some(first.clone()));
    let problem =
        Unreadable { reason: UnreadableReason::Undecodable, line: Some(3), column: Some(7) };
    let reading = Reading::Xlsx { sheet: "“1”".to_owned(), has_header: false };
    let choices =
        ImportChoices { update_existing: true, overwrite_changed: true, all_or_nothing: true };
    let changed = Import {
        settings: ImportSettings { reading, columns: vec![None], choices },
        revision: 2,
        state: ImportState::Done,
        problem: Some(problem),
        stored_line: 7,
        created: 5,
        updated: 1,
        finished_at: Some(later(1)),
        ..first.clone()
    };
    desk.write(|desk| desk.update_import(&changed));
    assert_eq!(desk.write(|desk| desk.lock_import(first.id)), Some(changed.clone()));
    // What is gone again is gone from the row, too.
    desk.write(|desk| desk.update_import(&Import { problem: None, ..changed.clone() }));
    assert_eq!(desk.read(|desk| desk.find_import(first.id)).unwrap().problem, None);
    let second = Import { state: ImportState::Reading, ..import(later(2)) };
    desk.write(|desk| desk.insert_import(&second));
    assert_eq!(desk.read(|desk| desk.unfinished_imports()), [second.id]);
    let latest = desk.read(|desk| desk.imports(5));
    assert_eq!(latest.iter().map(|one| one.id).collect::<Vec<_>>(), [second.id, first.id]);
    let same = desk.read(|desk| desk.same_file(second.id, &second.sha256));
    assert_eq!(same.map(|one| one.id), Some(first.id));
    desk.write(|desk| desk.delete_file(first.id));
    assert_eq!(desk.read(|desk| desk.import_file(first.id)), [0; 0]);
}

fn rows_are_claimed_stored_and_counted(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let import = import(now());
    let rows = [
        row(2, Verdict::Create, "a@example.org"),
        row(3, Verdict::Invalid, "b@example.org"),
        row(5, Verdict::Update, "c@example.org"),
    ];
    desk.write(|desk| {
        desk.insert_import(&import)?;
        desk.insert_import_rows(import.id, &rows)
    });
    let id = import.id;
    assert_eq!(desk.read(|desk| desk.last_import_line(id)), Some(5));
    let keys: Vec<_> = ["a", "b", "x"].map(|name| format!("{name}@example.org")).into();
    let claim = ClaimedLine { line: 2, email_key: Some(keys[0].clone()), student: None };
    assert_eq!(desk.read(|desk| desk.claimed_lines(id, &keys, &[])), [claim], "no invalid row");
    let query = |verdict, after| ImportRowQuery { verdict, after, limit: 9, is_left_out: false };
    assert_eq!(desk.read(|desk| desk.import_rows(id, &query(None, 0))), rows);
    assert_eq!(desk.read(|desk| desk.import_rows(id, &query(None, 3))), rows[2..]);
    let invalid = query(Some(Verdict::Invalid), 0);
    assert_eq!(desk.read(|desk| desk.import_rows(id, &invalid)), rows[1..2]);
    let next = desk.write(|desk| desk.next_import_rows(id, 0, 0));
    assert_eq!(next, (vec![rows[0].clone(), rows[2].clone()], true));
    desk.write(|desk| desk.keep_changed_rows(id, &[5]));
    let changed: Vec<_> = desk
        .read(|desk| desk.import_rows(id, &query(None, 0)))
        .iter()
        .map(|row| row.has_changed)
        .collect();
    assert_eq!(changed, [false, false, true]);
    let left_out = ImportRowQuery { is_left_out: true, limit: 9, ..ImportRowQuery::default() };
    let lines: Vec<_> =
        desk.read(|desk| desk.import_rows(id, &left_out)).iter().map(|row| row.row.line).collect();
    assert_eq!(lines, [3, 5]);
    let mut counts = desk.read(|desk| desk.count_import_rows(id));
    counts.sort_by_key(|(verdict, ..)| *verdict);
    let expected =
        [(Verdict::Create, false, 1), (Verdict::Update, true, 1), (Verdict::Invalid, false, 1)];
    assert_eq!(counts, expected);
    while !desk.write(|desk| desk.delete_import_rows(id)) {}
    assert_eq!(desk.read(|desk| desk.last_import_line(id)), None);
}

fn a_transaction_changes_few_students(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let import = import(now());
    let about = |line: u32| PlannedRow {
        student: Some(RowId(line.into())),
        ..row(line, Verdict::Update, "a@example.org")
    };
    let rows: Vec<_> = (2..302).map(about).collect();
    desk.write(|desk| {
        desk.insert_import(&import)?;
        desk.insert_import_rows(import.id, &rows)
    });
    let next = |after, at_least| {
        let (rows, is_last) = desk.write(|desk| desk.next_import_rows(import.id, after, at_least));
        (rows.len(), rows[0].row.line, is_last)
    };
    let few = match database.backend() {
        Backend::Sqlite => 200,
        Backend::Mysql => 250,
    };
    assert_eq!(next(0, 0), (few, 2, false));
    let rest = u32::try_from(few).unwrap() + 1;
    assert_eq!(next(rest, 0), (300 - few, rest + 1, true));
    assert_eq!(next(0, 1_000), (300, 2, true), "all or none");
}

fn many_students_are_inserted_with_their_words(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let origin = Origin { source: Source::Import, trace_id: None };
    let record = |number: u8| {
        StudentRecord::new(&student(number, &format!("n{number}@example.org")), origin)
    };
    let records: Vec<_> = (1..=200).map(record).collect();
    let rows = desk.write(|desk| desk.insert_records(&records));
    let found = desk.read(|desk| desk.records_in(&rows[6..7]));
    assert_eq!(found[0].1.id, records[6].id, "in their order");
    assert_eq!(desk.found("n77"), ["n77@example.org"]);
    let keys = ["n9@example.org".to_owned(), "x@example.org".to_owned()];
    let found = desk.read(|desk| desk.find_by_emails(&keys));
    assert_eq!(found, [(rows[8], records[8].clone())]);
    let taken = [record(201), record(1)];
    let refused = registration_domain::write(&desk.desk, |desk| {
        desk.insert_records(&taken).map(Ok::<_, std::convert::Infallible>)
    });
    assert!(refused.is_err(), "an address is taken");
    assert_eq!(desk.read(|desk| desk.find_by_email("n201@example.org")), None, "none is stored");
}

fn old_imports_are_deleted_with_everything(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let (old, new) = (import(now()), import(later(60)));
    for one in [&old, &new] {
        desk.write(|desk| {
            desk.insert_import(one)?;
            desk.append_to_file(one.id, 0, b"x")?;
            desk.insert_import_rows(one.id, &[row(1, Verdict::Create, "a@example.org")])
        });
    }
    let cutoff = now() + TimeDelta::seconds(30);
    while !desk.write(|desk| desk.delete_old_imports(cutoff)) {}
    assert_eq!(desk.read(|desk| desk.find_import(old.id)), None);
    for table in ["imports", "import_parts", "import_rows"] {
        let rows = database.query_column(&format!("SELECT 'row' AS value FROM {table}"));
        assert_eq!(rows.len(), 1, "{table}");
    }
    assert!(desk.read(|desk| desk.find_import(new.id)).is_some());
}
