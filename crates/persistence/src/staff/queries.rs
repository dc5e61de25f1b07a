//! The row of a person of the office, and the queries of its tables.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, QueryResult,
    Queryable, RunQueryDsl as _, Selectable, SelectableHelper as _,
};
use registration_domain::{
    EmailAddress, PasswordHash, Role, SecretHash, StaffId, StaffLink, StaffMember,
};

use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, time},
    error,
    locking::locked,
    schema::{staff, staff_links},
};

/// A person as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = staff)]
pub(crate) struct StaffRow {
    public_id: Vec<u8>,
    email: String,
    name: String,
    role: i16,
    password: Option<String>,
    shortcuts: bool,
    created_at: NaiveDateTime,
    disabled_at: Option<NaiveDateTime>,
    version: i32,
}

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = staff, treat_none_as_default_value = false)]
struct NewStaffRow<'a> {
    public_id: &'a [u8],
    email: &'a str,
    email_key: String,
    name: &'a str,
    role: i16,
    shortcuts: bool,
    created_at: NaiveDateTime,
    disabled_at: Option<NaiveDateTime>,
    version: i32,
}

const fn role_number(role: Role) -> i16 {
    match role {
        Role::Viewer => 1,
        Role::Registrar => 2,
        Role::Admin => 3,
    }
}

impl StaffRow {
    pub(crate) fn member(self) -> QueryResult<StaffMember> {
        Ok(StaffMember {
            id: StaffId::from_bytes(bytes(&self.public_id)?),
            email: EmailAddress::parse(&self.email).map_err(|_| decode::unreadable())?,
            name: self.name,
            role: decode::by_number(self.role, Role::ALL, role_number)?,
            has_password: self.password.is_some(),
            shortcuts: self.shortcuts,
            created_at: self.created_at.and_utc(),
            disabled_at: self.disabled_at.map(|time| time.and_utc()),
            version: decode::version(self.version)?,
        })
    }
}

pub(super) fn all(connection: &mut DatabaseConnection) -> QueryResult<Vec<StaffMember>> {
    let rows: Vec<StaffRow> = staff::table.select(StaffRow::as_select()).load(connection)?;
    let members = rows.into_iter().map(StaffRow::member);
    let mut members = members.collect::<QueryResult<Vec<_>>>()?;
    // The database's order of names depends on its collation.
    members.sort_by_cached_key(|member| (member.display_name().to_lowercase(), member.id));
    Ok(members)
}

pub(super) fn lock_active_admins(connection: &mut DatabaseConnection) -> QueryResult<Vec<StaffId>> {
    let admins = staff::table
        .filter(staff::role.eq(role_number(Role::Admin)))
        .filter(staff::disabled_at.is_null())
        .filter(staff::password.is_not_null())
        .order(staff::id)
        .select(staff::public_id);
    let ids: Vec<Vec<u8>> = locked!(admins, load, connection)?;
    ids.iter().map(|id| bytes(id).map(StaffId::from_bytes)).collect()
}

pub(super) fn find(
    connection: &mut DatabaseConnection,
    id: StaffId,
) -> QueryResult<Option<StaffMember>> {
    let row: Option<StaffRow> = staff::table
        .filter(staff::public_id.eq(id.as_bytes().as_slice()))
        .select(StaffRow::as_select())
        .first(connection)
        .optional()?;
    row.map(StaffRow::member).transpose()
}

/// A person, and the stored password.
type WithPassword = (StaffMember, Option<PasswordHash>);

fn with_password(row: StaffRow) -> QueryResult<WithPassword> {
    let password = row.password.clone().map(PasswordHash);
    Ok((row.member()?, password))
}

pub(super) fn lock(
    connection: &mut DatabaseConnection,
    id: StaffId,
) -> QueryResult<Option<WithPassword>> {
    let person = staff::table.filter(staff::public_id.eq(id.as_bytes().as_slice()));
    let row: Option<StaffRow> =
        locked!(person.select(StaffRow::as_select()), first, connection).optional()?;
    row.map(with_password).transpose()
}

pub(super) fn find_by_email(
    connection: &mut DatabaseConnection,
    email_key: &str,
) -> QueryResult<Option<WithPassword>> {
    let row: Option<StaffRow> = staff::table
        .filter(staff::email_key.eq(email_key))
        .select(StaffRow::as_select())
        .first(connection)
        .optional()?;
    row.map(with_password).transpose()
}

pub(super) fn insert(
    connection: &mut DatabaseConnection,
    member: &StaffMember,
) -> QueryResult<bool> {
    let row = NewStaffRow {
        public_id: member.id.as_bytes(),
        email: member.email.as_str(),
        email_key: member.email.key(),
        name: &member.name,
        role: role_number(member.role),
        shortcuts: member.shortcuts,
        created_at: time(member.created_at),
        disabled_at: member.disabled_at.map(time),
        version: decode::version_number(member.version),
    };
    match diesel::insert_into(staff::table).values(&row).execute(connection) {
        Err(error) if error::is_duplicate_of(&error, "email_key") => Ok(false),
        inserted => inserted.map(|_| true),
    }
}

pub(super) fn update(
    connection: &mut DatabaseConnection,
    member: &StaffMember,
) -> QueryResult<bool> {
    let version = decode::version_number(member.version);
    let before = staff::table
        .filter(staff::public_id.eq(member.id.as_bytes().as_slice()))
        .filter(staff::version.eq(version - 1));
    let updated = diesel::update(before)
        .set((
            staff::name.eq(&member.name),
            staff::role.eq(role_number(member.role)),
            staff::shortcuts.eq(member.shortcuts),
            staff::disabled_at.eq(member.disabled_at.map(time)),
            staff::version.eq(version),
        ))
        .execute(connection)?;
    Ok(updated == 1)
}

pub(super) fn set_password(
    connection: &mut DatabaseConnection,
    id: StaffId,
    hash: &PasswordHash,
) -> QueryResult<()> {
    let person = staff::table.filter(staff::public_id.eq(id.as_bytes().as_slice()));
    diesel::update(person).set(staff::password.eq(&hash.0)).execute(connection).map(drop)
}

pub(super) fn replace_link(
    connection: &mut DatabaseConnection,
    link: &StaffLink,
) -> QueryResult<()> {
    let staff_id = link.staff.as_bytes().as_slice();
    diesel::delete(staff_links::table.filter(staff_links::staff_id.eq(staff_id)))
        .execute(connection)?;
    diesel::insert_into(staff_links::table)
        .values((
            staff_links::hash.eq(link.hash.as_bytes().as_slice()),
            staff_links::staff_id.eq(staff_id),
            staff_links::expires_at.eq(time(link.expires_at)),
        ))
        .execute(connection)
        .map(drop)
}

pub(super) fn find_link(
    connection: &mut DatabaseConnection,
    hash: SecretHash,
) -> QueryResult<Option<StaffLink>> {
    let row: Option<(Vec<u8>, NaiveDateTime)> = staff_links::table
        .filter(staff_links::hash.eq(hash.as_bytes().as_slice()))
        .select((staff_links::staff_id, staff_links::expires_at))
        .first(connection)
        .optional()?;
    let link = |(staff, expires_at): (Vec<u8>, NaiveDateTime)| {
        let staff = StaffId::from_bytes(bytes(&staff)?);
        Ok(StaffLink { hash, staff, expires_at: expires_at.and_utc() })
    };
    row.map(link).transpose()
}

pub(super) fn delete_link(
    connection: &mut DatabaseConnection,
    hash: SecretHash,
) -> QueryResult<bool> {
    let link = staff_links::table.filter(staff_links::hash.eq(hash.as_bytes().as_slice()));
    Ok(diesel::delete(link).execute(connection)? == 1)
}
