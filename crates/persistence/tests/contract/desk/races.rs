//! Concurrent transactions: what another one commits after the first read of this one. SQLite has one
//! writer.

use libtest_mimic::Trial;
use registration_domain::{
    DeskTransaction, Note, PasswordHash, RecordUpdate, RepositoryError, Role, Status,
    StudentInsert, StudentRecord,
};
use registration_testkit::{TestDatabase, on_mysql};

use super::{OpenDesk, later, record, records::renamed, staff::member};

pub(crate) fn trials() -> Vec<Trial> {
    on_mysql![
        a_locked_student_is_the_latest,
        a_concurrently_erased_student_is_not_found,
        a_note_about_a_concurrently_erased_student_runs_again,
        a_concurrently_inserted_student_has_notes_and_a_salt,
        a_locked_person_is_the_latest,
    ]
}

type Answer<T> = Result<T, RepositoryError>;

/// Runs `work` in a transaction whose first read precedes `concurrent`, which runs once in another
/// transaction.
fn behind<T>(
    desk: &OpenDesk,
    mut concurrent: impl FnMut(),
    mut work: impl FnMut(&mut dyn DeskTransaction) -> Answer<T>,
) -> (T, usize) {
    let mut attempts = 0;
    let value = desk.write(|transaction| {
        attempts += 1;
        transaction.find_by_email("reads@example.org")?;
        if attempts == 1 {
            concurrent();
        }
        work(transaction)
    });
    (value, attempts)
}

fn a_locked_student_is_the_latest(database: &TestDatabase) {
    // What a server has by default does not matter.
    database.execute("SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED");
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    let mut married = zoe.with_status(Status::Confirmed, later(1));
    "Eyre".clone_into(&mut married.texts.last_name);
    let update = |desk: &mut dyn DeskTransaction, before: &StudentRecord, after: &StudentRecord| {
        assert_eq!(desk.update_record(before, after)?, RecordUpdate::Updated);
        Ok(())
    };
    let mut last = renamed(&married, "Ottilie");
    "Curie".clone_into(&mut last.texts.last_name);
    let concurrent = || desk.write(|desk| update(desk, &zoe, &married));
    let ((), attempts) = behind(&desk, concurrent, |desk| {
        assert_eq!(desk.find_record(zoe.id)?.as_ref(), Some(&zoe), "its own state");
        assert_eq!(desk.lock_record(zoe.id)?.as_ref(), Some(&married));
        update(desk, &married, &last)
    });
    assert_eq!(attempts, 1);
    let revisions = desk.read(|desk| desk.revisions(zoe.id));
    let names: Vec<_> = revisions.iter().map(|one| one.texts.last_name.as_str()).collect();
    assert_eq!(names, ["Eyre", "Brontë"]);
    let words = "SELECT word AS value FROM student_words WHERE word IN ('bronte', 'curie', 'eyre')";
    assert_eq!(database.query_column(words), ["curie"]);
}

fn a_concurrently_erased_student_is_not_found(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    let concurrent = || assert_eq!(desk.write(|desk| desk.erase_records(&[zoe.id])), 1);
    let (found, _) = behind(&desk, concurrent, |desk| {
        assert!(desk.find_record(zoe.id)?.is_some(), "its own state");
        desk.lock_record(zoe.id)
    });
    assert_eq!(found, None);
}

fn a_note_about_a_concurrently_erased_student_runs_again(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    desk.insert(&zoe);
    let note = Note::parse("called").unwrap().unwrap();
    let concurrent = || assert_eq!(desk.write(|desk| desk.erase_records(&[zoe.id])), 1);
    let noted = behind(&desk, concurrent, |desk| {
        let found = desk.find_record(zoe.id)?.is_some();
        desk.insert_note(zoe.id, None, &note, later(1))?;
        Ok(found)
    });
    assert_eq!(noted, (false, 2));
}

fn a_concurrently_inserted_student_has_notes_and_a_salt(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    let note = Note::parse("called").unwrap().unwrap();
    let concurrent = || assert_eq!(desk.insert(&zoe), StudentInsert::Inserted);
    let (salt, _) = behind(&desk, concurrent, |desk| {
        assert!(desk.lock_record(zoe.id)?.is_some());
        desk.insert_note(zoe.id, None, &note, later(1))?;
        desk.salt(zoe.id, [1; 16])
    });
    assert_eq!(salt, [1; 16]);
    assert_eq!(desk.write(|desk| desk.salt(zoe.id, [2; 16])), [1; 16], "is stored");
    assert_eq!(desk.read(|desk| desk.notes(zoe.id)).len(), 1);
}

fn a_locked_person_is_the_latest(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let ada = member(1, Role::Admin);
    assert!(desk.write(|desk| desk.insert_staff(&ada)));
    let hash = PasswordHash("new".to_owned());
    let concurrent = || desk.write(|desk| desk.set_password(ada.id, &hash));
    let (found, _) = behind(&desk, concurrent, |desk| {
        assert_eq!(desk.find_staff(ada.id)?.map(|one| one.has_password), Some(false));
        desk.lock_staff(ada.id)
    });
    assert_eq!(found.map(|(one, hash)| (one.has_password, hash)), Some((true, Some(hash))));
}
