//! The row of a request, and the queries of its table.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};
use registration_domain::{ApiAnswer, ApiRequest, Claim, IdempotencyKey, StudentId};

use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, time},
    error,
    schema::api_requests,
};

/// A request as stored. The body is empty until its transaction has its answer.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_requests)]
struct RequestRow {
    owner: Vec<u8>,
    key_hash: Vec<u8>,
    fingerprint: Vec<u8>,
    student_id: Vec<u8>,
    version: i32,
    body: Vec<u8>,
    created_at: NaiveDateTime,
}

impl RequestRow {
    fn answer(self) -> QueryResult<ApiAnswer> {
        Ok(ApiAnswer {
            student: StudentId::from_bytes(bytes(&self.student_id)?),
            version: decode::version(self.version)?,
            body: self.body,
        })
    }
}

/// The row of a request.
macro_rules! row_of {
    ($request:expr) => {
        api_requests::table
            .filter(api_requests::owner.eq($request.owner.as_slice()))
            .filter(api_requests::key_hash.eq($request.key.as_bytes().as_slice()))
    };
}

/// Inserts the row before anything is read: the same request beside it waits for the row and finds it taken,
/// and the work sees what others have committed before it locks.
pub(super) fn claim(
    connection: &mut DatabaseConnection,
    request: &ApiRequest,
    student: StudentId,
    now: DateTime<Utc>,
) -> QueryResult<Claim> {
    let row = RequestRow {
        owner: request.owner.to_vec(),
        key_hash: request.key.as_bytes().to_vec(),
        fingerprint: request.fingerprint.as_bytes().to_vec(),
        student_id: student.as_bytes().to_vec(),
        version: 1,
        body: Vec::new(),
        created_at: time(now),
    };
    let insert = |connection: &mut DatabaseConnection| {
        diesel::insert_into(api_requests::table).values(&row).execute(connection)
    };
    let taken = match insert(connection) {
        Ok(_) => return Ok(Claim::New),
        Err(error) if error::is_duplicate(&error) => error::or_conflict(error),
        Err(error) => return Err(error),
    };
    let stored: Option<RequestRow> =
        row_of!(request).select(RequestRow::as_select()).first(connection).optional()?;
    let Some(stored) = stored else { return Err(taken) };
    if stored.created_at > time(now - IdempotencyKey::LIFETIME) {
        return match stored.fingerprint == request.fingerprint.as_bytes() {
            true => stored.answer().map(Claim::Answered),
            false => Ok(Claim::Reused),
        };
    }
    diesel::delete(row_of!(request)).execute(connection)?;
    insert(connection).map_err(error::or_conflict)?;
    Ok(Claim::New)
}

pub(super) fn keep(
    connection: &mut DatabaseConnection,
    request: &ApiRequest,
    ApiAnswer { student, version, body }: &ApiAnswer,
) -> QueryResult<()> {
    diesel::update(row_of!(request))
        .set((
            api_requests::student_id.eq(student.as_bytes().as_slice()),
            api_requests::version.eq(decode::version_number(*version)),
            api_requests::body.eq(body),
        ))
        .execute(connection)
        .map(drop)
}

pub(super) fn delete_old(
    connection: &mut DatabaseConnection,
    cutoff: DateTime<Utc>,
) -> QueryResult<usize> {
    let old = api_requests::table.filter(api_requests::created_at.lt(time(cutoff)));
    diesel::delete(old).execute(connection)
}
