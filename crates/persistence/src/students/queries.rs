//! The row of a student, and the queries of its table.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _,
    backend::Backend,
    query_builder::{AstPass, QueryFragment},
    serialize::ToSql,
    sql_types::{Binary, HasSqlType, Nullable, SmallInt, Text, Timestamp},
};
use registration_domain::{
    Applicant, NewRegistration, Origin, PerField, Source, Student, StudentId, StudentInsert,
};

use crate::{
    connection::session::DatabaseConnection, error, registrations::writer::multi_insert,
    schema::students, students::codes::source_number,
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
    source: i16,
    trace_id: Option<Vec<u8>>,
}

impl<'a> StudentRow<'a> {
    fn new(student: &'a Student, origin: Origin) -> Self {
        let applicant: &Applicant = student.applicant();
        let PerField { first_name, last_name, email } = applicant.texts();
        Self {
            public_id: student.id().as_bytes().to_vec(),
            first_name,
            last_name,
            email,
            email_key: applicant.email.key(),
            created_at: student.created_at().naive_utc(),
            source: source_number(origin.source),
            trace_id: origin.trace_id.map(|id| id.as_bytes().to_vec()),
        }
    }
}

/// The row's values in the order of its fields. What Diesel derives asks of each value first whether it
/// is there, in each of the passes over a batch.
struct Values<'a>(&'a StudentRow<'a>);

impl<DB> QueryFragment<DB> for Values<'_>
where
    DB: Backend
        + HasSqlType<Binary>
        + HasSqlType<Text>
        + HasSqlType<Timestamp>
        + HasSqlType<SmallInt>
        + HasSqlType<Nullable<Binary>>,
    [u8]: ToSql<Binary, DB>,
    str: ToSql<Text, DB>,
    NaiveDateTime: ToSql<Timestamp, DB>,
    i16: ToSql<SmallInt, DB>,
    Option<Vec<u8>>: ToSql<Nullable<Binary>, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let StudentRow {
            public_id,
            first_name,
            last_name,
            email,
            email_key,
            created_at,
            source,
            trace_id,
        } = self.0;
        out.push_bind_param::<Binary, [u8]>(public_id)?;
        for text in [first_name, last_name, email, email_key.as_str()] {
            out.push_sql(", ");
            out.push_bind_param::<Text, str>(text)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Timestamp, _>(created_at)?;
        out.push_sql(", ");
        out.push_bind_param::<SmallInt, _>(source)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Binary>, _>(trace_id)
    }
}

/// Inserts one student.
pub(crate) fn insert_row(
    connection: &mut DatabaseConnection,
    student: &Student,
    origin: Origin,
) -> QueryResult<StudentInsert> {
    let row = StudentRow::new(student, origin);
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
pub(crate) fn insert_rows<'a>(
    connection: &mut DatabaseConnection,
    registrations: &[&'a NewRegistration],
) -> QueryResult<()> {
    let row = |one: &&'a NewRegistration| StudentRow::new(&one.student, one.origin);
    let rows: Vec<_> = registrations.iter().map(row).collect();
    multi_insert::insert!(students::table, &rows, connection, Values)
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
        source: source_number(Source::Form),
        trace_id: None,
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
