//! Entries are read back as written, and sealed once, in one chain.

use std::collections::BTreeMap;

use libtest_mimic::Trial;
use registration_contract::fixtures::{keyless, now, student};
use registration_domain::{
    Action, Actor, JournalEntry, JournalKeeper as _, JournalQuery, OperationId, RecordHash, Seal,
    SealedRow, StaffId, TokenId, TraceId,
};
use registration_testkit::{TestDatabase, on_every_backend, on_mysql};

use super::{OpenDesk, later};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        an_entry_is_read_back_as_written,
        entries_are_found_by_what_they_say,
        seals_hold_for_what_is_read_back,
    ];
    trials.extend(on_mysql![
        sealers_at_the_same_time_make_one_chain,
        an_entry_that_is_committed_late_is_sealed,
    ]);
    trials
}

fn entry(seconds: i64, number: u8) -> JournalEntry {
    let subject = *student(number, "x@example.org").id().as_bytes();
    JournalEntry::new(later(seconds), Actor::System, Action::Edited, Some(subject))
        .with("fields", "first_name,email")
}

/// Entries with every value, and with none.
fn entries() -> Vec<JournalEntry> {
    let staff = StaffId::new(now(), [1; 10]);
    let hash = |byte| Some(RecordHash([byte; 32]));
    let full = JournalEntry {
        actor: Actor::Staff(staff),
        hashes: Some((hash(0), hash(255))),
        trace_id: TraceId::from_bytes([3; 16]),
        operation: Some(OperationId::new(now(), [4; 10])),
        ..entry(1, 1).with("from", "\"\\\n\u{1F338}").with("", "")
    };
    vec![
        full.clone(),
        JournalEntry {
            actor: Actor::Token(TokenId::new(now(), [2; 10])),
            hashes: Some((None, hash(1))),
            ..full
        },
        JournalEntry { hashes: Some((hash(1), None)), ..entry(2, 2) },
        JournalEntry {
            members: (0..=255).map(|number| student(number, "x@example.org").id()).collect(),
            ..JournalEntry::new(now(), Actor::Applicant, Action::Registered, None)
        },
        JournalEntry::new(now(), Actor::System, Action::SignedIn, None),
    ]
}

fn append(desk: &OpenDesk, entries: &[JournalEntry]) {
    desk.write(|desk| entries.iter().try_for_each(|entry| desk.append(entry)));
}

fn an_entry_is_read_back_as_written(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    append(&desk, &entries());
    let read: Vec<_> = desk.entries().into_iter().map(|row| row.entry).collect();
    assert_eq!(read, entries());
    for action in Action::ALL {
        append(&desk, &[JournalEntry::new(now(), Actor::System, action, None)]);
        assert_eq!(desk.entries().last().unwrap().entry.action, action);
    }
}

fn entries_are_found_by_what_they_say(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    append(&desk, &entries());
    let found = |query: JournalQuery| {
        let query = JournalQuery { limit: 10, ..query };
        desk.read(|desk| desk.entries(&query)).iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let query = JournalQuery::default;
    assert_eq!(found(query()), [5, 4, 3, 2, 1]);
    assert_eq!(found(JournalQuery { before: Some(3), ..query() }), [2, 1]);
    assert_eq!(found(JournalQuery { subject: entries()[0].subject, ..query() }), [2, 1]);
    assert_eq!(found(JournalQuery { actor: Some(entries()[0].actor), ..query() }), [1]);
    assert_eq!(found(JournalQuery { actor: Some(Actor::System), ..query() }), [5, 3]);
    assert_eq!(found(JournalQuery { action: Some(Action::Edited), ..query() }), [3, 2, 1]);
    let (from, to) = (Some(later(1)), Some(later(2)));
    assert_eq!(found(JournalQuery { from, to, ..query() }), [2, 1]);
}

/// Checks every seal with the rows as they are read, and that every row has one.
fn verify(desk: &OpenDesk, seals: &[Seal]) {
    let mut sealed: BTreeMap<i64, Vec<SealedRow>> = BTreeMap::new();
    for row in desk.entries() {
        let seal = row.seal.unwrap();
        sealed.entry(seal).or_default().push(SealedRow { id: row.id, entry: row.entry });
    }
    let mut before = None;
    for (number, seal) in (1..).zip(seals) {
        assert_eq!(seal.sequence, number);
        assert!(seal.holds(&sealed[&number], before), "{number}");
        before = Some(seal);
    }
    assert_eq!(sealed.len(), seals.len());
}

fn seals_hold_for_what_is_read_back(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut seals = Vec::new();
    assert_eq!(desk.journal.seal(now()).unwrap(), None);
    for round in 0..4 {
        desk.store().insert(keyless(&student(round, &format!("n{round}@example.org"))));
        let seconds = i64::from(round) * 45;
        desk.journal.cover_registrations(later(seconds)).unwrap();
        append(&desk, &entries());
        append(&desk, &[entry(seconds, 9)]);
        assert_eq!(desk.journal.unsealed().unwrap(), 7);
        // Each round by another instance.
        let instance = OpenDesk::on(database);
        seals.push(instance.journal.seal(later(seconds)).unwrap().unwrap());
        assert_eq!(desk.journal.seal(later(seconds)).unwrap(), None);
        assert_eq!(desk.journal.unsealed().unwrap(), 0);
    }
    verify(&desk, &seals);
    assert_eq!(seals[3].rows, 7);
}

fn sealers_at_the_same_time_make_one_chain(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let barrier = std::sync::Barrier::new(4);
    let seal = |number: u8| {
        let instance = OpenDesk::on(database);
        let mut seals = Vec::new();
        for round in 0..5 {
            append(&instance, &[entry(i64::from(round), number)]);
            barrier.wait();
            seals.extend(instance.journal.seal(later(i64::from(round))).unwrap());
        }
        seals
    };
    let mut seals: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|number| scope.spawn(move || seal(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    seals.extend(desk.journal.seal(later(9)).unwrap());
    seals.sort_by_key(|seal| seal.sequence);
    verify(&desk, &seals);
}

fn an_entry_that_is_committed_late_is_sealed(database: &TestDatabase) {
    let [desk, other] = [OpenDesk::new(database), OpenDesk::on(database)];
    let barrier = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        let late = scope.spawn(|| {
            other.write(|desk| {
                desk.append(&entry(0, 1))?;
                barrier.wait();
                barrier.wait();
                Ok(())
            });
        });
        barrier.wait();
        append(&desk, &[entry(30, 2)]);
        let first = desk.journal.seal(later(30)).unwrap().unwrap();
        append(&desk, &[entry(59, 3)]);
        let second = desk.journal.seal(later(59)).unwrap().unwrap();
        barrier.wait();
        late.join().unwrap();
        let third = desk.journal.seal(later(60)).unwrap().unwrap();
        verify(&desk, &[first, second, third]);
        assert_eq!(desk.entries()[0].seal, Some(3));
    });
}
