//! Students are stored whole, and found again.

use libtest_mimic::Trial;
use registration_contract::fixtures::{demanding_forms, now, student, student_at};
use registration_domain::{Field, InsertOutcome::Created, StudentRepository as _};
use registration_testkit::{Backend, TestDatabase, on_every_backend};

use crate::support::Store;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_student_is_found_as_registered,
        names_of_every_script_and_the_longest_values_are_stored_unchanged,
    ]
}

fn a_student_is_found_as_registered(database: &TestDatabase) {
    let store = Store::new(database);
    let zoe = student(1, "Zoe@Example.org");
    assert_eq!(store.insert_student(&zoe), Created);
    assert_eq!(store.students.registered_at(zoe.id()).unwrap(), Some(zoe.created_at()));
    let texts = zoe.applicant().texts();
    let row = Field::ALL.map(|field| *texts.get(field)).join("|");
    assert_eq!(stored(database), [format!("{row}|zoe@example.org")]);
}

/// The table's rows, a line each, in the order of their insertion.
fn stored(database: &TestDatabase) -> Vec<String> {
    let columns = Field::ALL.map(Field::as_str).into_iter().chain(["email_key"]);
    let columns = columns.map(|column| format!("COALESCE({column}, '')")).collect::<Vec<_>>();
    let row = match database.backend() {
        Backend::Sqlite => columns.join(" || '|' || "),
        Backend::Mysql => format!("CONCAT_WS('|', {})", columns.join(", ")),
    };
    database.query_column(&format!("SELECT {row} AS value FROM students ORDER BY id"))
}

fn names_of_every_script_and_the_longest_values_are_stored_unchanged(database: &TestDatabase) {
    let store = Store::new(database);
    for (number, form) in (1..).zip(demanding_forms()) {
        let student = student_at(now(), number, &form);
        assert_eq!(store.insert_student(&student), Created);
        let text = |field| form.get(field).text().unwrap();
        let row = format!("{}|{}", Field::ALL.map(text).join("|"), student.applicant().email.key());
        assert_eq!(stored(database).pop().unwrap(), row);
    }
}
