//! The row of a student, and the queries of its table.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _,
};
use registration_domain::{
    Applicant, NewRegistration, PerField, Student, StudentId, StudentInsert,
};

use crate::{
    connection::session::DatabaseConnection, error, registrations::writer::multi_insert,
    schema::students,
};

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = students, treat_none_as_default_value = false)]
struct StudentRow<'a> {
    public_id: Vec<u8>,
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    email_key: String,
    created_at: NaiveDateTime,
}

impl<'a> From<&'a Student> for StudentRow<'a> {
    fn from(student: &'a Student) -> Self {
        let applicant: &Applicant = student.applicant();
        let PerField { first_name, last_name, email } = applicant.texts();
        Self {
            public_id: student.id().as_bytes().to_vec(),
            first_name,
            last_name,
            email,
            email_key: applicant.email.key(),
            created_at: student.created_at().naive_utc(),
        }
    }
}

/// Inserts one student.
pub(crate) fn insert_row(
    connection: &mut DatabaseConnection,
    student: &Student,
) -> QueryResult<StudentInsert> {
    let row = StudentRow::from(student);
    match diesel::insert_into(students::table).values(&row).execute(connection) {
        Ok(_) => Ok(StudentInsert::Inserted),
        // Servers check the id's index first.
        Err(error)
            if error::is_duplicate_of(&error, "public_id") && is_stored(connection, student)? =>
        {
            Ok(StudentInsert::StoredBefore)
        }
        Err(error) if error::is_duplicate_of(&error, "email_key") => Ok(StudentInsert::EmailTaken),
        Err(error) => Err(error),
    }
}

/// Inserts the students of these registrations by one statement.
pub(crate) fn insert_rows(
    connection: &mut DatabaseConnection,
    registrations: &[&NewRegistration],
) -> QueryResult<()> {
    let rows: Vec<_> = registrations.iter().map(|one| StudentRow::from(&one.student)).collect();
    multi_insert::insert!(students::table, &rows, connection)
}

/// Inserts a student for the write probe, which rolls back, and returns its id.
pub(crate) fn probe_insert(connection: &mut DatabaseConnection) -> QueryResult<Vec<u8>> {
    let row = StudentRow {
        public_id: vec![0; 16],
        first_name: "probe",
        last_name: "probe",
        email: "probe@invalid",
        email_key: "probe@invalid".to_owned(),
        created_at: NaiveDateTime::default(),
    };
    diesel::insert_into(students::table).values(&row).execute(connection)?;
    Ok(row.public_id)
}

/// Which of these addresses, in lower case, are registered.
pub(crate) fn registered_emails(
    connection: &mut DatabaseConnection,
    email_keys: &[String],
) -> QueryResult<HashSet<String>> {
    let registered = students::table.filter(students::email_key.eq_any(email_keys));
    let registered: Vec<String> = registered.select(students::email_key).load(connection)?;
    Ok(registered.into_iter().collect())
}

/// When the student with this id registered.
pub(crate) fn registered_at(
    connection: &mut DatabaseConnection,
    id: StudentId,
) -> QueryResult<Option<NaiveDateTime>> {
    students::table
        .filter(students::public_id.eq(id.as_bytes().as_slice()))
        .select(students::created_at)
        .first(connection)
        .optional()
}

/// Whether this very student is stored.
fn is_stored(connection: &mut DatabaseConnection, student: &Student) -> QueryResult<bool> {
    let (id, email_key) = (student.id(), student.applicant().email.key());
    let this = students::table
        .filter(students::public_id.eq(id.as_bytes().as_slice()))
        .filter(students::email_key.eq(&email_key));
    let found: Option<i64> = this.select(students::id).first(connection).optional()?;
    Ok(found.is_some())
}
