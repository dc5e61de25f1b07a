//! The one-time message after a redirect: `done=<what>` or `done=<what>.<student>`.

use registration_application::desk::students::Found;
use registration_domain::{StudentId, StudentRecord};

use super::{
    Desk,
    pages::{Banner, Outcome},
};
use crate::web::{locale::RequestLocale, problem::Problem};

/// What was done, in an address.
pub(super) const SAVED: &str = "saved";
pub(super) const UNCHANGED: &str = "unchanged";

/// The outcomes that need no student, by their name in an address.
pub(super) const OUTCOMES: [(&str, Outcome); 12] = [
    ("erased", Outcome::StudentErased),
    ("role", Outcome::StaffRoleChanged),
    ("disabled", Outcome::StaffDisabled),
    ("enabled", Outcome::StaffEnabled),
    ("staff-sessions", Outcome::StaffSessionsEnded),
    ("staff-stale", Outcome::StaffStale),
    ("revoked", Outcome::TokenRevoked),
    ("profile", Outcome::ProfileSaved),
    ("password", Outcome::PasswordChanged),
    ("session", Outcome::SessionEnded),
    ("sessions", Outcome::OtherSessionsEnded),
    ("signed-in", Outcome::SignedIn),
];

/// The name of an outcome in an address.
pub(super) fn name(outcome: Outcome) -> &'static str {
    OUTCOMES.iter().find(|(_, other)| *other == outcome).map_or("", |(name, _)| name)
}

/// The status of this student was changed.
pub(super) fn status_changed(id: StudentId) -> String {
    format!("status.{id}")
}

/// This student was created.
pub(super) fn created(id: StudentId) -> String {
    format!("created.{id}")
}

/// The message that the address asks for; text that names none is ignored.
pub(super) async fn of_query(
    desk: &Desk,
    query: &str,
    locale: RequestLocale,
) -> Result<Option<Banner>, Problem> {
    let mut pairs = query.split('&');
    let Some(done) = pairs.find_map(|pair| pair.strip_prefix("done=")) else { return Ok(None) };
    let about = |banner: fn(RequestLocale, &StudentRecord) -> Banner| {
        move |record: StudentRecord| banner(locale, &record)
    };
    Ok(match done.split_once('.') {
        Some(("status", id)) => find(desk, id).await?.map(about(Banner::status_changed)),
        Some(("created", id)) => find(desk, id).await?.map(about(Banner::created)),
        None if done == SAVED || done == UNCHANGED => Some(Banner::edited(locale, done == SAVED)),
        _ => {
            let outcome = OUTCOMES.iter().find(|(name, _)| *name == done);
            outcome.map(|(_, outcome)| Banner::of(locale, *outcome, None))
        }
    })
}

async fn find(desk: &Desk, id: &str) -> Result<Option<StudentRecord>, Problem> {
    let Ok(id) = id.parse() else { return Ok(None) };
    Ok(match desk.students.find(id).await? {
        Found::Student(record) => Some(record),
        Found::Erased(_) | Found::Nothing => None,
    })
}
