//! The row of a session, and the queries of its table.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    ExpressionMethods as _, Insertable, JoinOnDsl as _, OptionalExtension as _, QueryDsl as _,
    QueryResult, Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};
use registration_domain::{SecretHash, Session, StaffId, StaffMember};

use crate::{
    connection::session::DatabaseConnection,
    decode::{bytes, time},
    schema::{sessions, staff, staff_links},
    staff::queries::StaffRow,
};

/// A session as stored.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct SessionRow {
    id_hash: Vec<u8>,
    staff_id: Vec<u8>,
    created_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
    label: String,
}

impl SessionRow {
    fn session(self) -> QueryResult<Session> {
        Ok(Session {
            hash: SecretHash::from_bytes(bytes(&self.id_hash)?),
            staff: StaffId::from_bytes(bytes(&self.staff_id)?),
            created_at: self.created_at.and_utc(),
            seen_at: self.seen_at.and_utc(),
            ended_at: self.ended_at.map(|time| time.and_utc()),
            label: self.label,
        })
    }
}

pub(super) fn find(
    connection: &mut DatabaseConnection,
    hash: SecretHash,
) -> QueryResult<Option<(Session, StaffMember)>> {
    let row: Option<(SessionRow, StaffRow)> = sessions::table
        .inner_join(staff::table.on(staff::public_id.eq(sessions::staff_id)))
        .filter(sessions::id_hash.eq(hash.as_bytes().as_slice()))
        .select((SessionRow::as_select(), StaffRow::as_select()))
        .first(connection)
        .optional()?;
    row.map(|(session, person)| Ok((session.session()?, person.member()?))).transpose()
}

pub(super) fn insert(connection: &mut DatabaseConnection, session: &Session) -> QueryResult<()> {
    let row = SessionRow {
        id_hash: session.hash.as_bytes().to_vec(),
        staff_id: session.staff.as_bytes().to_vec(),
        created_at: time(session.created_at),
        seen_at: time(session.seen_at),
        ended_at: session.ended_at.map(time),
        label: session.label.clone(),
    };
    diesel::insert_into(sessions::table).values(&row).execute(connection).map(drop)
}

pub(super) fn touch(
    connection: &mut DatabaseConnection,
    hash: SecretHash,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    let older = sessions::table
        .filter(sessions::id_hash.eq(hash.as_bytes().as_slice()))
        .filter(sessions::seen_at.lt(time(at)));
    diesel::update(older).set(sessions::seen_at.eq(time(at))).execute(connection).map(drop)
}

pub(super) fn of(connection: &mut DatabaseConnection, staff: StaffId) -> QueryResult<Vec<Session>> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::staff_id.eq(staff.as_bytes().as_slice()))
        .filter(sessions::ended_at.is_null())
        .order((sessions::seen_at.desc(), sessions::created_at.desc(), sessions::id_hash))
        .select(SessionRow::as_select())
        .load(connection)?;
    rows.into_iter().map(SessionRow::session).collect()
}

pub(super) fn end_all(
    connection: &mut DatabaseConnection,
    staff: StaffId,
    keep: Option<SecretHash>,
    at: DateTime<Utc>,
) -> QueryResult<usize> {
    // No session has an empty hash.
    let keep = keep.map(|hash| hash.as_bytes().to_vec()).unwrap_or_default();
    let open = sessions::table
        .filter(sessions::staff_id.eq(staff.as_bytes().as_slice()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id_hash.ne(keep));
    diesel::update(open).set(sessions::ended_at.eq(time(at))).execute(connection)
}

pub(super) fn end(
    connection: &mut DatabaseConnection,
    staff: StaffId,
    hash: SecretHash,
    at: DateTime<Utc>,
) -> QueryResult<bool> {
    let open = sessions::table
        .filter(sessions::id_hash.eq(hash.as_bytes().as_slice()))
        .filter(sessions::staff_id.eq(staff.as_bytes().as_slice()))
        .filter(sessions::ended_at.is_null());
    Ok(diesel::update(open).set(sessions::ended_at.eq(time(at))).execute(connection)? == 1)
}

pub(super) fn delete_old(
    connection: &mut DatabaseConnection,
    cutoff: DateTime<Utc>,
) -> QueryResult<usize> {
    let old = sessions::table.filter(sessions::created_at.lt(time(cutoff)));
    let expired = staff_links::table.filter(staff_links::expires_at.lt(time(cutoff)));
    let sessions = diesel::delete(old).execute(connection)?;
    Ok(sessions + diesel::delete(expired).execute(connection)?)
}

pub(super) fn count_active(
    connection: &mut DatabaseConnection,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let count: i64 = sessions::table
        .filter(sessions::ended_at.is_null())
        .filter(sessions::created_at.gt(time(now - Session::LIFETIME)))
        .filter(sessions::seen_at.gt(time(now - Session::IDLE)))
        .count()
        .get_result(connection)?;
    Ok(usize::try_from(count).unwrap_or_default())
}
