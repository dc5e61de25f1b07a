//! Rows, queries and the port's implementation: the only file with SQL meaning.

use std::{collections::HashSet, io, sync::Arc};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    Connection as _, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    QueryResult, RunQueryDsl as _, result::Error,
};
use r2d2::PooledConnection;
use registration_domain::{
    IdempotencyKey, InsertOutcome, Insertion, RepositoryError, Student, StudentId,
    StudentRepository, Submission,
};

use tracing::Span;

use crate::{
    Database,
    connection::{DatabaseConnection, SessionManager},
    database::cause,
    error,
    keys::{self, Found},
    many, retry,
    schema::students,
    writer::{self, WriteOptions, Writer},
};

/// The students of a database.
pub struct Students {
    database: Database,
    writer: Arc<Writer>,
}

impl Students {
    /// The students of `database`, which must be migrated, and threads that store them: one for
    /// each connection there may be, and one more. They end when this is dropped.
    ///
    /// # Errors
    ///
    /// The system has no room for a thread.
    pub fn start(database: Database, options: WriteOptions) -> io::Result<Self> {
        let students = Self::new(database, options);
        writer::start(&students.writer)?;
        Ok(students)
    }

    /// The same without threads: whoever wants something stored calls [`Students::write_next`].
    #[must_use]
    pub fn new(database: Database, options: WriteOptions) -> Self {
        let writer = Arc::new(Writer::new(database.clone(), options));
        Self { database, writer }
    }

    /// Stores the next of what waits, as many at once as the options allow, on this thread; waits for
    /// some where there are none.
    pub fn write_next(&self) {
        self.writer.write_next();
    }

    fn session(&self) -> Result<PooledConnection<SessionManager>, RepositoryError> {
        let wait = self.database.waits().begin(&Span::current());
        match self.database.session() {
            Ok(session) => {
                wait.connected();
                Ok(session)
            }
            Err(error) => {
                wait.failed(&error);
                Err(error)
            }
        }
    }
}

impl StudentRepository for Students {
    fn insert(&self, submission: Submission) -> Insertion {
        let answered = self.writer.push(submission);
        Box::pin(async {
            answered.await.unwrap_or_else(|_| Err(RepositoryError::Unexpected(cause("no answer"))))
        })
    }

    /// Housekeeping, of which nobody's trace tells.
    fn forget_keys(&self, limit: DateTime<Utc>) -> Result<usize, RepositoryError> {
        let mut all = 0;
        loop {
            // Given back after each: registrations wait for it as well.
            let mut session = self.database.session()?;
            let (some, was_last) = retry::on_conflict(|| {
                session.untraced(|connection| keys::forget(connection, limit))
            })
            .map_err(|error| error::from_query(&error, || session.ping().is_ok()))?;
            all += some;
            if was_last {
                return Ok(all);
            }
        }
    }

    #[tracing::instrument(name = "db_find_student", skip_all)]
    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
        let mut session = self.session()?;
        let find = |connection: &mut DatabaseConnection| {
            students::table
                .filter(students::public_id.eq(id.as_bytes().as_slice()))
                .select(students::created_at)
                .first::<NaiveDateTime>(connection)
                .optional()
        };
        let created_at = session
            .traced_find(find)
            .map_err(|error| error::from_query(&error, || session.ping().is_ok()))?;
        Ok(created_at.map(|created_at| created_at.and_utc()))
    }
}

impl Drop for Students {
    fn drop(&mut self) {
        self.writer.close();
    }
}

/// Inserts a row that nobody ever sees, with a key that is forgotten: the transaction is undone.
pub(crate) fn store_nobody(connection: &mut DatabaseConnection) -> QueryResult<()> {
    let nobody = NewRow {
        public_id: vec![0; 16],
        first_name: "nobody",
        last_name: "nobody",
        email: "nobody@invalid",
        email_key: "nobody@invalid".to_owned(),
        created_at: NaiveDateTime::default(),
    };
    let undone = connection.transaction(|connection| {
        diesel::insert_into(students::table).values(&nobody).execute(connection)?;
        keys::store_and_forget(connection, &nobody.public_id)?;
        Err::<(), _>(Error::RollbackTransaction)
    });
    undone.or_else(|error| match error {
        Error::RollbackTransaction => Ok(()),
        error => Err(error),
    })
}

/// One row to insert.
#[derive(Insertable)]
#[diesel(table_name = students, treat_none_as_default_value = false)]
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

fn store(connection: &mut DatabaseConnection, student: &Student) -> QueryResult<usize> {
    diesel::insert_into(students::table).values(&NewRow::from(student)).execute(connection)
}

/// Stores all of these students by one statement.
pub(crate) fn store_all(
    connection: &mut DatabaseConnection,
    submissions: &[&Submission],
) -> QueryResult<()> {
    let rows: Vec<_> = submissions.iter().map(|one| NewRow::from(&one.student)).collect();
    many::insert!(students::table, &rows, connection)
}

/// Which of these addresses, in lower case, are registered.
pub(crate) fn known_emails(
    connection: &mut DatabaseConnection,
    emails: &[String],
) -> QueryResult<HashSet<String>> {
    let known = students::table.filter(students::email_key.eq_any(emails));
    let known: Vec<String> = known.select(students::email_key).load(connection)?;
    Ok(known.into_iter().collect())
}

/// Stores a student alone, with its key if it has one.
pub(crate) fn insert(
    connection: &mut DatabaseConnection,
    student: &Student,
    key: Option<&IdempotencyKey>,
) -> QueryResult<InsertOutcome> {
    match key {
        None => insert_one(connection, student),
        Some(key) => insert_with_key(connection, student, key),
    }
}

/// One statement, which is its own transaction: stored for good, or not at all.
fn insert_one(
    connection: &mut DatabaseConnection,
    student: &Student,
) -> QueryResult<InsertOutcome> {
    let stored = store(connection, student);
    created_or_registered(connection, student, stored)
}

/// How often a student and its key are tried. More than twice only where others clear the same key
/// away at the same moment.
const KEY_ATTEMPTS: u32 = 4;

/// The student and the key, both or neither. Where one of them is there already, the key tells
/// whether this is a repetition.
fn insert_with_key(
    connection: &mut DatabaseConnection,
    student: &Student,
    key: &IdempotencyKey,
) -> QueryResult<InsertOutcome> {
    for _ in 0..KEY_ATTEMPTS {
        let duplicate = match store_both(connection, student, key) {
            Err(error) if error::is_duplicate(&error) => error,
            stored => return created_or_registered(connection, student, stored),
        };
        match keys::find(connection, key, student)? {
            Some(Found::Alive(outcome)) => return Ok(outcome),
            Some(Found::Dead(since)) => keys::forget_one(connection, key, since)?,
            None if error::is_duplicate_of(&duplicate, "email_key") => {
                return Ok(InsertOutcome::AlreadyRegistered);
            }
            // Somebody has cleared the key away since.
            None => {}
        }
    }
    Err(error::conflict("an idempotency key changes all the time"))
}

fn store_both(
    connection: &mut DatabaseConnection,
    student: &Student,
    key: &IdempotencyKey,
) -> QueryResult<usize> {
    connection.transaction(|connection| {
        store(connection, student)?;
        keys::store(connection, key, student)
    })
}

fn created_or_registered(
    connection: &mut DatabaseConnection,
    student: &Student,
    stored: QueryResult<usize>,
) -> QueryResult<InsertOutcome> {
    match stored {
        Ok(_) => Ok(InsertOutcome::Created),
        // By an attempt before, whose answer was lost. A server looks at the id first.
        Err(error)
            if error::is_duplicate_of(&error, "public_id") && is_stored(connection, student)? =>
        {
            Ok(InsertOutcome::Created)
        }
        Err(error) if error::is_duplicate_of(&error, "email_key") => {
            Ok(InsertOutcome::AlreadyRegistered)
        }
        Err(error) => Err(error),
    }
}

/// Whether this very student is there.
fn is_stored(connection: &mut DatabaseConnection, student: &Student) -> QueryResult<bool> {
    let (id, email) = (student.id(), student.registration().email.key());
    let this = students::table
        .filter(students::public_id.eq(id.as_bytes().as_slice()))
        .filter(students::email_key.eq(&email));
    let found: Option<i64> = this.select(students::id).first(connection).optional()?;
    Ok(found.is_some())
}
