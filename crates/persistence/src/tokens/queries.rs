//! The row of a token, and the queries of its table.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    BoolExpressionMethods as _, Connection, ExpressionMethods as _, Insertable, JoinOnDsl as _,
    OptionalExtension as _, QueryDsl as _, QueryResult, Queryable, RunQueryDsl as _, Selectable,
    SelectableHelper as _,
};
use registration_domain::{ApiToken, Scopes, SecretHash, StaffId, StaffMember, TokenId};

use crate::{
    connection::session::DatabaseConnection,
    decode::{self, bytes, time},
    schema::{api_tokens, staff},
    staff::queries::StaffRow,
};

/// A token as stored.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    public_id: Vec<u8>,
    name: String,
    visible: String,
    secret_hash: Vec<u8>,
    scopes: String,
    staff_id: Vec<u8>,
    created_at: NaiveDateTime,
    used_at: Option<NaiveDateTime>,
    expires_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
}

impl TokenRow {
    fn token(self) -> QueryResult<ApiToken> {
        let scopes = Scopes::parse(self.scopes.split_whitespace());
        Ok(ApiToken {
            id: TokenId::from_bytes(bytes(&self.public_id)?),
            name: self.name,
            visible: self.visible,
            hash: SecretHash::from_bytes(bytes(&self.secret_hash)?),
            scopes: scopes.map_err(|_| decode::unreadable())?,
            staff: StaffId::from_bytes(bytes(&self.staff_id)?),
            created_at: self.created_at.and_utc(),
            used_at: self.used_at.map(|time| time.and_utc()),
            expires_at: self.expires_at.and_utc(),
            revoked_at: self.revoked_at.map(|time| time.and_utc()),
        })
    }
}

pub(super) fn find(
    connection: &mut DatabaseConnection,
    hash: SecretHash,
) -> QueryResult<Option<(ApiToken, StaffMember)>> {
    let row: Option<(TokenRow, StaffRow)> = api_tokens::table
        .inner_join(staff::table.on(staff::public_id.eq(api_tokens::staff_id)))
        .filter(api_tokens::secret_hash.eq(hash.as_bytes().as_slice()))
        .select((TokenRow::as_select(), StaffRow::as_select()))
        .first(connection)
        .optional()?;
    row.map(|(token, person)| Ok((token.token()?, person.member()?))).transpose()
}

pub(super) fn insert(connection: &mut DatabaseConnection, token: &ApiToken) -> QueryResult<()> {
    let row = TokenRow {
        public_id: token.id.as_bytes().to_vec(),
        name: token.name.clone(),
        visible: token.visible.clone(),
        secret_hash: token.hash.as_bytes().to_vec(),
        scopes: token.scopes.names().collect::<Vec<_>>().join(" "),
        staff_id: token.staff.as_bytes().to_vec(),
        created_at: time(token.created_at),
        used_at: token.used_at.map(time),
        expires_at: time(token.expires_at),
        revoked_at: token.revoked_at.map(time),
    };
    diesel::insert_into(api_tokens::table).values(&row).execute(connection).map(drop)
}

pub(super) fn touch(
    connection: &mut DatabaseConnection,
    id: TokenId,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    let older = api_tokens::table
        .filter(api_tokens::public_id.eq(id.as_bytes().as_slice()))
        .filter(api_tokens::used_at.is_null().or(api_tokens::used_at.lt(time(at))));
    diesel::update(older).set(api_tokens::used_at.eq(time(at))).execute(connection).map(drop)
}

type Backend = <DatabaseConnection as Connection>::Backend;

pub(super) fn of(
    connection: &mut DatabaseConnection,
    staff: Option<StaffId>,
) -> QueryResult<Vec<ApiToken>> {
    let mut tokens = api_tokens::table
        .order(api_tokens::id.desc())
        .select(TokenRow::as_select())
        .into_boxed::<Backend>();
    if let Some(staff) = staff {
        tokens = tokens.filter(api_tokens::staff_id.eq(staff.as_bytes().to_vec()));
    }
    let rows: Vec<TokenRow> = tokens.load(connection)?;
    rows.into_iter().map(TokenRow::token).collect()
}

pub(super) fn revoke(
    connection: &mut DatabaseConnection,
    id: TokenId,
    staff: Option<StaffId>,
    at: DateTime<Utc>,
) -> QueryResult<bool> {
    let mut in_force = diesel::update(api_tokens::table)
        .set(api_tokens::revoked_at.eq(time(at)))
        .filter(api_tokens::public_id.eq(id.as_bytes().to_vec()))
        .filter(api_tokens::revoked_at.is_null())
        .filter(api_tokens::expires_at.gt(time(at)))
        .into_boxed::<Backend>();
    if let Some(staff) = staff {
        in_force = in_force.filter(api_tokens::staff_id.eq(staff.as_bytes().to_vec()));
    }
    Ok(in_force.execute(connection)? == 1)
}
