//! Tokens of programs.

use chrono::{DateTime, TimeDelta, Utc};
use registration_domain::{
    Action, ApiToken, DeskTransaction, Permission, RepositoryError, Scopes, SecretHash, StaffId,
    TokenId,
};

use super::{DeskError, Office, RequestContext, access::Caller, secret};

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// How long it works.
    pub lifetime: TimeDelta,
}

/// Why a token could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The name is empty or too long.
    #[error("the name is empty or too long")]
    Name,
    /// There is no scope, or the person may not give it.
    #[error("the scopes are none, or more than the person may give")]
    Scopes,
    /// It would work for no time, or longer than a year.
    #[error("the lifetime is not between a day and a year")]
    Lifetime,
}

/// Makes, lists and revokes tokens.
pub struct Tokens(pub Office);

impl Tokens {
    /// Makes a token, and returns it with the text that is shown once.
    ///
    /// # Errors
    ///
    /// Name, scopes or lifetime are not allowed: everything that is wrong.
    pub async fn create(
        &self,
        new: NewToken,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<Result<(ApiToken, String), Vec<TokenError>>, DeskError> {
        let NewToken { name, scopes, lifetime } = new;
        let name = name.trim().to_owned();
        let (staff, actor) = (&caller.staff, caller.actor());
        let may_give =
            |scope: &Permission| Scopes::offered_to(staff.role).any(|(p, _)| p == *scope);
        let permissions = scopes.permissions();
        let is_name = (1..=ApiToken::MAX_NAME_CHARS).contains(&name.chars().count());
        let checks = [
            (is_name, TokenError::Name),
            (!permissions.is_empty() && permissions.iter().all(may_give), TokenError::Scopes),
            (
                (TimeDelta::days(1)..=ApiToken::MAX_LIFETIME).contains(&lifetime),
                TokenError::Lifetime,
            ),
        ];
        let errors: Vec<_> =
            checks.into_iter().filter_map(|(holds, error)| (!holds).then_some(error)).collect();
        if !errors.is_empty() {
            return Ok(Err(errors));
        }
        let (text, visible) = secret::token(&context.secret());
        let token = ApiToken {
            id: TokenId::new(context.now, context.id_bytes()),
            name,
            visible,
            hash: SecretHash::of(&text),
            scopes,
            staff: staff.id,
            created_at: chrono::SubsecRound::trunc_subsecs(context.now, 6),
            used_at: None,
            expires_at: chrono::SubsecRound::trunc_subsecs(context.now + lifetime, 6),
            revoked_at: None,
        };
        let stored = token.clone();
        let write = move |desk: &mut dyn DeskTransaction| {
            desk.insert_token(&stored)?;
            let entry = context.entry(actor, Action::TokenCreated, *stored.id.as_bytes());
            let scopes: Vec<_> = stored.scopes.names().collect();
            desk.append(&entry.with("scopes", scopes.join(" ")))?;
            Ok(Ok::<_, RepositoryError>(()))
        };
        self.0.write(write).await??;
        Ok(Ok((token, text)))
    }

    /// The caller's tokens, or an administrator's view of everyone's.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<ApiToken>, DeskError> {
        let staff = owner(caller);
        self.0.read(move |desk| desk.tokens(staff)).await
    }

    /// Revokes a token of the caller, or by an administrator anyone's; `false` where there is none in
    /// force.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn revoke(
        &self,
        id: TokenId,
        caller: &Caller,
        context: RequestContext,
    ) -> Result<bool, DeskError> {
        let (staff, actor) = (owner(caller), caller.actor());
        let now: DateTime<Utc> = context.now;
        let write = move |desk: &mut dyn DeskTransaction| {
            let revoked = desk.revoke_token(id, staff, now)?;
            if revoked {
                desk.append(&context.entry(actor, Action::TokenRevoked, *id.as_bytes()))?;
            }
            Ok(Ok::<_, RepositoryError>(revoked))
        };
        Ok(self.0.write(write).await??)
    }
}

/// Whose tokens the caller manages: everyone's with the right to manage staff.
fn owner(caller: &Caller) -> Option<StaffId> {
    (!caller.may(Permission::StaffManage)).then_some(caller.staff.id)
}
