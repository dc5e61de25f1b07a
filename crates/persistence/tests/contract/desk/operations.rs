//! Operations and their students, and the changes of many students at once.

use libtest_mimic::Trial;
use registration_domain::{
    Action, Actor, Decision, JournalEntry, Note, Operation, OperationId, OperationItem,
    OperationKind, Outcome, PageStart, ReasonCode, RosterFilter, RosterQuery, RowId, Salt,
    SearchWords, Skip, Sort, Status, StudentRecord, Version,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, emails, later, record};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        an_operation_is_read_back_and_its_students_get_outcomes,
        statuses_change_together_in_the_table_and_in_the_index,
        students_who_are_not_indexed_yet_are_found_by_their_new_status,
        salts_and_notes_are_those_of_each_student,
        the_changes_of_students_are_found,
        a_moment_leaves_out_those_who_came_later,
    ]
}

fn id(number: u8) -> OperationId {
    OperationId::new(later(i64::from(number)), [number; 10])
}

fn operation(number: u8, kind: OperationKind) -> Operation {
    Operation {
        id: id(number),
        actor: Actor::System,
        kind,
        at: later(1),
        trace_id: None,
        finished_at: None,
    }
}

/// Students, more than a statement looks up, and their rows.
fn fill(desk: &OpenDesk, count: u8) -> Vec<(RowId, StudentRecord)> {
    let records: Vec<_> =
        (0..count).map(|number| record(number, &format!("n{number:03}@example.org"))).collect();
    desk.write(|desk| {
        for record in &records {
            desk.insert_record(record)?;
        }
        Ok(())
    });
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    let mut found = desk.read(|desk| desk.find_records(&ids));
    found.sort_by_key(|(row, _)| *row);
    assert_eq!(found.len(), records.len());
    found
}

fn an_operation_is_read_back_and_its_students_get_outcomes(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let students = fill(&desk, 200);
    let note = Note::parse("as agreed").unwrap();
    let decision = Decision::new(Status::Rejected, Some(ReasonCode::Other), note).unwrap();
    let decided = operation(1, OperationKind::Decide(decision));
    let item =
        |(row, _): &(RowId, StudentRecord)| OperationItem { row: *row, seen: Version::FIRST };
    let items: Vec<_> = students.iter().map(item).collect();
    desk.write(|desk| desk.insert_operation(&decided, &items));
    let undoing = operation(2, OperationKind::Undo(decided.id));
    desk.write(|desk| desk.insert_operation(&undoing, &[]));
    assert_eq!(desk.read(|desk| desk.find_operation(decided.id)), Some(decided.clone()));
    assert_eq!(desk.write(|desk| desk.lock_operation(undoing.id)), Some(undoing.clone()));
    assert_eq!(desk.read(|desk| desk.find_operation(id(3))), None);
    assert_eq!(desk.read(|desk| desk.unfinished_operations()), [decided.id, undoing.id]);

    assert_eq!(desk.write(|desk| desk.next_items(decided.id)), (items.clone(), true));
    let [(first, _), (second, _), ..] = students[..] else { panic!() };
    let outcomes = [(first, Outcome::Applied), (second, Outcome::Skipped(Skip::ChangedSince))];
    desk.write(|desk| desk.keep_outcomes(decided.id, &outcomes));
    assert_eq!(desk.write(|desk| desk.next_items(decided.id)), (items[2..].to_vec(), true));
    assert_eq!(desk.read(|desk| desk.skipped_items(decided.id, 5)), [(second, Skip::ChangedSince)]);
    desk.write(|desk| desk.finish_operation(decided.id, later(9)));
    let finished = desk.read(|desk| desk.find_operation(decided.id)).unwrap();
    assert_eq!(finished.finished_at, Some(later(9)));
    let OperationKind::Decide(decision) = finished.kind else { panic!() };
    assert_eq!((decision.reason(), decision.note()), (Some(ReasonCode::Other), None));
    let mut counts = desk.read(|desk| desk.count_outcomes(decided.id));
    counts.sort();
    let skipped = |skip, count| (Some(Outcome::Skipped(skip)), count);
    assert_eq!(
        counts,
        [(Some(Outcome::Applied), 1), skipped(Skip::ChangedSince, 1), skipped(Skip::Stopped, 198)]
    );
    assert_eq!(desk.read(|desk| desk.unfinished_operations()), [undoing.id]);
}

fn confirm(desk: &OpenDesk, students: &[(RowId, StudentRecord)]) {
    let after = |(row, record): &(RowId, StudentRecord)| {
        (*row, record.with_status(Status::Confirmed, later(5)))
    };
    let after: Vec<_> = students.iter().map(after).collect();
    let rows: Vec<_> = students.iter().map(|(row, _)| *row).collect();
    desk.write(|desk| {
        desk.lock_records(&rows)?;
        desk.update_statuses(&after)
    });
    let mut stored = desk.read(|desk| desk.records_in(&rows));
    stored.sort_by_key(|(row, _)| *row);
    assert_eq!(stored, after);
}

fn statuses_change_together_in_the_table_and_in_the_index(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let students = fill(&desk, 200);
    confirm(&desk, &students[..150]);
    let of = |statuses: Vec<Status>, sort| {
        let filter = RosterFilter { statuses, ..RosterFilter::default() };
        let start = PageStart::First;
        desk.page(&RosterQuery { filter, sort, start, limit: 200 }).students.len()
    };
    for sort in [Sort::OldestFirst, Sort::Name] {
        assert_eq!([of(vec![Status::Confirmed], sort), of(vec![Status::Pending], sort)], [150, 50]);
    }
}

fn students_who_are_not_indexed_yet_are_found_by_their_new_status(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let students = fill(&desk, 3);
    database.execute("DELETE FROM student_words; DELETE FROM student_search");
    confirm(&desk, &students[..2]);
    let filter = RosterFilter {
        words: SearchWords::parse("n00").unwrap(),
        statuses: vec![Status::Confirmed],
        ..RosterFilter::default()
    };
    let start = PageStart::First;
    let query = RosterQuery { filter, sort: Sort::OldestFirst, start, limit: 10 };
    assert_eq!(emails(&desk.page(&query)), ["n000@example.org", "n001@example.org"]);
}

fn salts_and_notes_are_those_of_each_student(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let students = fill(&desk, 150);
    let (row, first) = &students[0];
    let own: Salt = [7; 16];
    assert_eq!(desk.write(|desk| desk.salt(first.id, own)), own);
    let salt = |index: usize| [u8::try_from(index).unwrap(); 16];
    let new = students.iter().enumerate().map(|(index, (row, _))| (*row, salt(index + 10)));
    let new: Vec<_> = new.collect();
    let salts = desk.write(|desk| desk.salts(&new));
    let expected: Vec<Salt> =
        (0..150).map(|index| if index == 0 { own } else { salt(index + 10) }).collect();
    assert_eq!(salts, expected);
    let again: Vec<_> = students.iter().map(|(row, _)| (*row, [2; 16])).collect();
    assert_eq!(desk.write(|desk| desk.salts(&again)), salts);
    let note = Note::parse("as agreed").unwrap().unwrap();
    desk.write(|desk| desk.insert_notes(&[*row], None, &note, later(3)));
    let notes = desk.read(|desk| desk.notes(first.id));
    assert_eq!((notes.len(), &notes[0].note, notes[0].at), (1, &note, later(3)));
}

fn the_changes_of_students_are_found(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let students = fill(&desk, 150);
    let entry = |record: &StudentRecord, action| {
        JournalEntry::new(later(1), Actor::System, action, Some(*record.id.as_bytes()))
    };
    let changes: Vec<_> =
        students.iter().map(|(_, record)| entry(record, Action::StatusChanged)).collect();
    let other = entry(&students[0].1, Action::Viewed);
    desk.write(|desk| {
        desk.append_all(&changes)?;
        desk.append(&other)
    });
    let ids: Vec<_> = students.iter().map(|(_, record)| record.id).collect();
    let mut found = desk.read(|desk| desk.changes(&ids));
    found.sort_by_key(|entry| entry.subject);
    let mut expected = changes.clone();
    expected.sort_by_key(|entry| entry.subject);
    assert_eq!(found, expected);
    assert_eq!(desk.read(|desk| desk.changes(&[])), []);
}

fn a_moment_leaves_out_those_who_came_later(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    assert_eq!(desk.read(|desk| desk.newest_row()), None);
    let students = fill(&desk, 5);
    let (as_of, _) = students[2];
    assert_eq!(desk.read(|desk| desk.newest_row()), Some(students[4].0));
    let words = |text| SearchWords::parse(text).unwrap();
    let all = || RosterFilter { as_of: Some(as_of), ..RosterFilter::default() };
    for filter in [
        all(),
        RosterFilter { words: words("n00"), ..all() },
        RosterFilter { words: words("n00 example"), ..all() },
        RosterFilter { statuses: vec![Status::Pending, Status::Confirmed], ..all() },
    ] {
        for is_indexed in [true, false] {
            if !is_indexed {
                database.execute("DELETE FROM student_words; DELETE FROM student_search");
            }
            for sort in [Sort::OldestFirst, Sort::Name] {
                let start = PageStart::First;
                let query = RosterQuery { filter: filter.clone(), sort, start, limit: 10 };
                assert_eq!(desk.page(&query).students.len(), 3, "{query:?} {is_indexed}");
            }
            assert_eq!(desk.read(|desk| desk.count(&filter, 10)).count, 3);
        }
        index(&desk, &students);
    }
}

/// Indexes the students again.
fn index(desk: &OpenDesk, students: &[(RowId, StudentRecord)]) {
    for (_, record) in students {
        let stored = desk.read(|desk| desk.find_record(record.id)).unwrap();
        let after = stored.with_status(Status::Pending, later(5));
        desk.write(|desk| desk.update_record(&stored, &after));
    }
}
