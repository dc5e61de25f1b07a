//! Rows, queries and the port's implementation: the only file with SQL meaning.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    Queryable, RunQueryDsl as _,
};
use registration_domain::{
    EmailAddress, ErrorCode, InsertOutcome, PersonName, Registration, RepositoryError, Student,
    StudentId, StudentRepository,
};

use crate::{Database, connection::DatabaseConnection, error, retry, schema::students};

/// The students of a database.
#[derive(Clone)]
pub struct Students(Database);

impl Students {
    /// The students of `database`, which must be migrated.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }
}

impl StudentRepository for Students {
    #[tracing::instrument(name = "db_insert_student", skip_all)]
    fn insert(&self, students: &[Student]) -> Result<Vec<InsertOutcome>, RepositoryError> {
        let mut session = self.0.session()?;
        students
            .iter()
            .map(|student| {
                retry::on_conflict(|| insert_one(&mut session.connection, student))
                    .map_err(|error| error::from_query(&error, &mut session))
            })
            .collect()
    }

    #[tracing::instrument(name = "db_find_student", skip_all)]
    fn find(&self, id: StudentId) -> Result<Option<Student>, RepositoryError> {
        let mut session = self.0.session()?;
        let row = students::table
            .filter(students::public_id.eq(id.as_bytes().as_slice()))
            .select((
                students::first_name,
                students::last_name,
                students::email,
                students::created_at,
            ))
            .first::<Row>(&mut session.connection)
            .optional()
            .map_err(|error| error::from_query(&error, &mut session))?;
        row.map(|row| row.into_student(id)).transpose()
    }
}

/// One row to insert.
#[derive(Insertable)]
#[diesel(table_name = students)]
struct NewRow<'a> {
    public_id: Vec<u8>,
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    email_key: String,
    created_at: NaiveDateTime,
}

impl<'a> From<&'a Student> for NewRow<'a> {
    fn from(student: &'a Student) -> Self {
        let registration = student.registration();
        Self {
            public_id: student.id().as_bytes().to_vec(),
            first_name: registration.first_name.as_str(),
            last_name: registration.last_name.as_str(),
            email: registration.email.as_str(),
            email_key: registration.email.key(),
            created_at: student.created_at().naive_utc(),
        }
    }
}

/// One statement, which is its own transaction: stored for good, or not at all.
fn insert_one(
    connection: &mut DatabaseConnection,
    student: &Student,
) -> QueryResult<InsertOutcome> {
    let row = NewRow::from(student);
    match diesel::insert_into(students::table).values(&row).execute(connection) {
        Ok(_) => Ok(InsertOutcome::Created),
        Err(error) if error::is_duplicate_of(&error, "email_key") => {
            Ok(InsertOutcome::AlreadyRegistered)
        }
        Err(error) => Err(error),
    }
}

/// One row as it is read.
#[derive(Queryable)]
struct Row {
    first_name: String,
    last_name: String,
    email: String,
    created_at: NaiveDateTime,
}

/// A row that this program would not have written.
#[derive(Debug, thiserror::Error)]
#[error("a stored student breaks the rule {0}")]
struct InvalidRow(ErrorCode);

impl Row {
    fn into_student(self, id: StudentId) -> Result<Student, RepositoryError> {
        let invalid = |code| RepositoryError::Unexpected(InvalidRow(code).into());
        let registration = Registration {
            first_name: PersonName::parse(&self.first_name).map_err(invalid)?,
            last_name: PersonName::parse(&self.last_name).map_err(invalid)?,
            email: EmailAddress::parse(&self.email).map_err(invalid)?,
        };
        Ok(Student::new(id, registration, self.created_at.and_utc()))
    }
}
