//! What the numbers of a day are made of.

use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_contract::fixtures::{form, now, student_at};
use registration_domain::{
    Action, Actor, ErrorCode, FailureCount, Field, FieldError, JournalEntry, OperationId, Origin,
    Role, StaffId, StudentRecord,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, later, staff::member};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        failures_add_up_until_they_are_deleted,
        instances_add_to_the_same_count,
        registrations_are_counted_by_the_hour,
        an_operation_is_one_change_of_a_person,
    ]
}

fn failure(hour: DateTime<Utc>, code: ErrorCode, count: u64) -> FailureCount {
    FailureCount { hour, error: FieldError { field: Field::Email, code }, count }
}

fn failures_add_up_until_they_are_deleted(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let next = now() + TimeDelta::hours(1);
    let (invalid, taken) = (ErrorCode::InvalidEmail, ErrorCode::AlreadyRegistered);
    let add = |counts: &[FailureCount]| desk.write(|desk| desk.add_failures(counts));
    add(&[failure(now(), invalid, 2), failure(now(), taken, 1)]);
    add(&[failure(now(), invalid, 40), failure(next, invalid, 5)]);
    let since = |hour| {
        let mut counts = desk.read(|desk| desk.failures_since(hour));
        counts.sort_by_key(|count| count.count);
        counts
    };
    let all = [failure(now(), taken, 1), failure(next, invalid, 5), failure(now(), invalid, 42)];
    assert_eq!(since(now()), all);
    assert_eq!(since(next), [failure(next, invalid, 5)]);
    database.execute("UPDATE validation_failures SET field = 'shoe_size' WHERE count = 1");
    assert_eq!(since(now()), all[1..], "of another version");
    desk.write(|desk| desk.delete_failures_before(next));
    assert_eq!(since(now()), [failure(next, invalid, 5)]);
}

fn instances_add_to_the_same_count(database: &TestDatabase) {
    let desks = [OpenDesk::new(database), OpenDesk::on(database)];
    thread::scope(|scope| {
        for desk in &desks {
            scope.spawn(|| {
                for hour in 0..20 {
                    let hour = now() + TimeDelta::hours(hour);
                    let counts = [failure(hour, ErrorCode::Required, 1)];
                    desk.write(|desk| desk.add_failures(&counts));
                }
            });
        }
    });
    let counts = desks[0].read(|desk| desk.failures_since(now()));
    assert_eq!(counts.len(), 20);
    assert!(counts.iter().all(|count| count.count == 2), "{counts:?}");
}

fn registrations_are_counted_by_the_hour(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    for (number, seconds) in (1..).zip([-1, 0, 1, 3599, 3600, 7200]) {
        let student = student_at(later(seconds), number, &form(&format!("n{number}@example.org")));
        desk.insert(&StudentRecord::new(&student, Origin::default()));
    }
    let times = [0, 3600, 7200].map(later);
    assert_eq!(desk.read(|desk| desk.count_registered(&times)), [3, 1]);
    assert_eq!(desk.read(|desk| desk.count_registered(&[])), [0; 0]);
}

fn an_operation_is_one_change_of_a_person(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    assert_eq!(desk.read(|desk| desk.latest_changes(10)), []);
    let [ada, rosa] = [member(1, Role::Admin).id, member(2, Role::Registrar).id];
    let operation = OperationId::new(now(), [7; 10]);
    let entry = |who: StaffId, action, subject: u8| {
        JournalEntry::new(now(), Actor::Staff(who), action, Some([subject; 16]))
    };
    let of_operation = |subject| JournalEntry {
        operation: Some(operation),
        ..entry(rosa, Action::StatusChanged, subject)
    };
    let mut entries = vec![entry(ada, Action::Edited, 1), entry(rosa, Action::Viewed, 2)];
    entries.extend((10..14).map(of_operation));
    entries.extend([entry(rosa, Action::TaskMarked, 20), entry(ada, Action::SignedIn, 21)]);
    desk.write(|desk| desk.append_all(&entries));
    let latest = |limit| {
        let rows = desk.read(|desk| desk.latest_changes(limit)).into_iter();
        let change = |(row, entries): (registration_domain::JournalRow, usize)| {
            (row.entry.action, row.entry.subject.unwrap()[0], entries)
        };
        rows.map(change).collect::<Vec<_>>()
    };
    let marked = (Action::TaskMarked, 20, 1);
    let together = (Action::StatusChanged, 13, 4);
    let edited = (Action::Edited, 1, 1);
    assert_eq!(latest(10), [marked, together, edited]);
    assert_eq!(latest(1), [marked, edited]);
    database.execute("UPDATE journal SET id = id + 20000 WHERE action = 'signed_in'");
    assert_eq!(latest(10), [], "a long way back");
}
