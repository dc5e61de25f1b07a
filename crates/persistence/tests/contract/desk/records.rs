//! Single students: versions, revisions, notes, and the journal in the same transaction.

use libtest_mimic::Trial;
use registration_contract::fixtures::{keyed, keyless, now, student};
use registration_domain::{
    Action, Actor, JournalEntry, JournalQuery, Note, Origin, RecordUpdate, RepositoryError, Source,
    StaffId, Status, StudentInsert, StudentRecord, StudentRepository as _, TraceId, write,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, later, record};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_registration_is_a_record_of_its_first_version,
        a_record_is_stored_whole_and_once,
        a_change_needs_the_version_before,
        a_taken_address_changes_nothing,
        the_last_twenty_revisions_are_kept,
        notes_and_salts_stay_with_their_student,
        a_record_and_its_entry_are_stored_together_or_not_at_all,
        two_changes_of_one_student_do_not_overwrite_each_other,
    ]
}

/// The record after another edit of its first name.
pub(super) fn renamed(record: &StudentRecord, first_name: &str) -> StudentRecord {
    let mut renamed = record.with_status(record.status, later(1));
    first_name.clone_into(&mut renamed.texts.first_name);
    renamed
}

fn found(desk: &OpenDesk, record: &StudentRecord) -> StudentRecord {
    desk.read(|desk| desk.find_record(record.id)).unwrap()
}

fn a_registration_is_a_record_of_its_first_version(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let (zoe, ada) = (student(1, "Zoe@example.org"), student(2, "ada@example.org"));
    let origin = Origin { source: Source::Api, trace_id: TraceId::from_bytes([7; 16]) };
    let store = desk.store();
    store.insert(registration_domain::NewRegistration { origin, ..keyless(&zoe) });
    store.insert(registration_domain::NewRegistration { origin, ..keyed(&ada, "one") });
    for student in [zoe, ada] {
        let record = StudentRecord::new(&student, origin);
        assert_eq!(found(&desk, &record), record);
    }
    let by_email = |email: &str| desk.read(|desk| desk.find_by_email(email));
    assert_eq!(by_email("zoe@example.org"), Some(student(1, "x@example.org").id()));
    assert_eq!(by_email("Zoe@example.org"), None);
}

fn a_record_is_stored_whole_and_once(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "Zoe@example.org");
    assert_eq!(desk.insert(&zoe), StudentInsert::Inserted);
    assert_eq!(desk.insert(&zoe), StudentInsert::StoredBefore);
    assert_eq!(desk.insert(&record(2, "zOE@example.org")), StudentInsert::EmailTaken);
    assert_eq!(found(&desk, &zoe), zoe);
    assert_eq!(desk.write(|desk| desk.lock_record(zoe.id)), Some(zoe.clone()));
    assert_eq!(desk.write(|desk| desk.lock_record(record(2, "x@example.org").id)), None);
    assert_eq!(desk.found("zoe"), ["Zoe@example.org"], "found at once");
    let registered_at = desk.store().students.registered_at(zoe.id).unwrap();
    assert_eq!(registered_at, Some(zoe.created_at));
}

fn a_change_needs_the_version_before(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    let confirmed = zoe.with_status(Status::Confirmed, later(1));
    let update = |before: &StudentRecord, after: &StudentRecord| {
        desk.write(|desk| desk.update_record(before, after))
    };
    assert_eq!(update(&zoe, &confirmed), RecordUpdate::Updated);
    assert_eq!(update(&zoe, &renamed(&zoe, "Other")), RecordUpdate::Stale);
    assert_eq!(found(&desk, &zoe), confirmed);
    assert_eq!(desk.read(|desk| desk.revisions(zoe.id)), [], "a status is no value");
    let unknown = record(9, "unknown@example.org");
    assert_eq!(update(&unknown, &renamed(&unknown, "Other")), RecordUpdate::Stale);

    let edited = renamed(&confirmed, "Ottilie");
    assert_eq!(update(&confirmed, &edited), RecordUpdate::Updated);
    let [revision] = &desk.read(|desk| desk.revisions(zoe.id))[..] else { panic!("not one") };
    assert_eq!((revision.version, &revision.texts), (confirmed.version, &zoe.texts));
    assert_eq!(revision.replaced_at, later(1));
    assert_eq!(desk.found("ottilie"), ["zoe@example.org"]);
    assert_eq!(desk.found("bronte"), ["zoe@example.org"], "the other words stay");
}

fn a_taken_address_changes_nothing(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let [zoe, ada] = [record(1, "zoe@example.org"), record(2, "ada@example.org")];
    desk.insert(&zoe);
    desk.insert(&ada);
    let mut taken = renamed(&zoe, "Other");
    "ADA@example.org".clone_into(&mut taken.texts.email);
    let updated = desk.write(|desk| desk.update_record(&zoe, &taken));
    assert_eq!(updated, RecordUpdate::EmailTaken);
    assert_eq!(found(&desk, &zoe), zoe);
    let mut changed = renamed(&zoe, "Other");
    "Zoe.New@example.org".clone_into(&mut changed.texts.email);
    assert_eq!(desk.write(|desk| desk.update_record(&zoe, &changed)), RecordUpdate::Updated);
    let by_email = |email: &str| desk.read(|desk| desk.find_by_email(email));
    assert_eq!(by_email("zoe.new@example.org"), Some(zoe.id));
    assert_eq!(by_email("zoe@example.org"), None);
}

fn the_last_twenty_revisions_are_kept(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let mut zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    zoe = desk.write(|desk| {
        let mut current = zoe.clone();
        for number in 0..23 {
            let next = renamed(&current, &format!("Zoë {number}"));
            assert_eq!(desk.update_record(&current, &next)?, RecordUpdate::Updated);
            current = next;
        }
        Ok(current)
    });
    let revisions = desk.read(|desk| desk.revisions(zoe.id));
    let versions: Vec<_> = revisions.iter().map(|revision| revision.version.get()).collect();
    assert_eq!(versions, (4..=23).rev().collect::<Vec<_>>());
    assert_eq!(revisions[0].texts.first_name, "Zoë 21");
}

fn notes_and_salts_stay_with_their_student(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    let note = |text| Note::parse(text).unwrap().unwrap();
    let author = StaffId::new(now(), [9; 10]);
    let longest = "🌸".repeat(Note::MAX_CHARS);
    desk.write(|desk| desk.insert_note(zoe.id, Some(author), &note(&longest), later(1)));
    desk.write(|desk| desk.insert_note(zoe.id, None, &note("second"), later(2)));
    let notes = desk.read(|desk| desk.notes(zoe.id));
    let notes: Vec<_> = notes.iter().map(|one| (one.author, one.note.as_str(), one.at)).collect();
    assert_eq!(notes, [(None, "second", later(2)), (Some(author), &longest, later(1))]);
    let salt = |new| desk.write(|desk| desk.salt(zoe.id, [new; 16]));
    assert_eq!([salt(1), salt(2)], [[1; 16], [1; 16]]);
    assert_eq!(desk.read(|desk| desk.notes(record(2, "x@example.org").id)), []);
}

fn a_record_and_its_entry_are_stored_together_or_not_at_all(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    let subject = *zoe.id.as_bytes();
    let entry = JournalEntry::new(now(), Actor::System, Action::Created, Some(subject));
    let store = |outcome: Result<(), &'static str>| {
        write(&desk.desk, |desk| {
            assert_eq!(desk.insert_record(&zoe)?, StudentInsert::Inserted);
            desk.append(&entry)?;
            match outcome {
                Err("the work failed") => Err(RepositoryError::unexpected("the work failed")),
                outcome => Ok(outcome),
            }
        })
    };
    assert_eq!(store(Err("refused")).unwrap(), Err("refused"));
    assert!(store(Err("the work failed")).is_err());
    assert_eq!(desk.read(|desk| desk.find_record(zoe.id)), None);
    assert_eq!((desk.entries(), desk.found("zoe").len()), (Vec::new(), 0));
    assert_eq!(store(Ok(())).unwrap(), Ok(()));
    let last = |action| desk.read(|desk| desk.last_entry(&subject, action));
    assert_eq!(last(Action::Created).unwrap().entry, entry);
    assert_eq!(last(Action::Edited), None);
    let about = JournalQuery { subject: Some(subject), limit: 5, ..JournalQuery::default() };
    assert_eq!(desk.read(|desk| desk.entries(&about)).len(), 1);
}

fn two_changes_of_one_student_do_not_overwrite_each_other(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    let barrier = std::sync::Barrier::new(2);
    let outcomes = std::thread::scope(|scope| {
        let run = |name: &'static str| {
            let (desk, barrier, zoe) = (&desk, &barrier, &zoe);
            scope.spawn(move || {
                barrier.wait();
                desk.write(|desk| desk.update_record(zoe, &renamed(zoe, name)))
            })
        };
        [run("One"), run("Two")].map(|thread| thread.join().unwrap())
    });
    let updated = outcomes.iter().filter(|one| **one == RecordUpdate::Updated).count();
    assert_eq!((updated, found(&desk, &zoe).version.get()), (1, 2), "{outcomes:?}");
    assert_eq!(desk.read(|desk| desk.revisions(zoe.id)).len(), 1);
}
