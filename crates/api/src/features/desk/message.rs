//! The one-time message after a redirect: `done=<what>`, with the student and the operation that it is
//! about: `done=<what>.<student>.<operation>`.

use registration_application::desk::{
    once::Done,
    students::{Changed, Found},
};
use registration_domain::{OperationId, StudentId, StudentRecord};

use super::{
    Desk,
    pages::{Banner, Outcome, Undo},
};
use crate::web::{locale::RequestLocale, problem::Problem};

/// What was done, in an address.
pub(super) const SAVED: &str = "saved";
pub(super) const UNCHANGED: &str = "unchanged";

/// The outcomes that need no student, by their name in an address.
pub(super) const OUTCOMES: [(&str, Outcome); 15] = [
    ("erased", Outcome::StudentErased),
    ("role", Outcome::StaffRoleChanged),
    ("disabled", Outcome::StaffDisabled),
    ("enabled", Outcome::StaffEnabled),
    ("staff-sessions", Outcome::StaffSessionsEnded),
    ("staff-stale", Outcome::StaffStale),
    ("checklist", Outcome::ChecklistSaved),
    ("task-stale", Outcome::TaskStale),
    ("task-gone", Outcome::TaskGone),
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

/// The status of a student was changed.
pub(super) fn status_changed(done: &Done<Changed>) -> String {
    let operation = match done {
        Done::Now(changed) => changed.operation,
        Done::Before(_) => None,
    };
    let operation = operation.map(|id| format!(".{id}")).unwrap_or_default();
    format!("status.{}{operation}", done.student())
}

/// This student was created.
pub(super) fn created(id: StudentId) -> String {
    format!("created.{id}")
}

/// Values of a student were changed by this operation.
pub(super) fn saved(operation: Option<OperationId>) -> String {
    operation.map_or_else(|| UNCHANGED.to_owned(), |id| format!("{SAVED}.{id}"))
}

/// Something was undone by this operation.
pub(super) fn undone(operation: OperationId) -> String {
    format!("undone.{operation}")
}

/// The message that the query of an address asks for; text that names none is ignored. `here` is the
/// address of the page, for a person who may decide: what was done can then be undone from there.
pub(super) async fn of_query(
    desk: &Desk,
    query: &str,
    locale: RequestLocale,
    here: Option<&str>,
) -> Result<Option<Banner>, Problem> {
    let mut pairs = query.split('&');
    let Some(done) = pairs.find_map(|pair| pair.strip_prefix("done=")) else { return Ok(None) };
    let (what, about) = done.split_once('.').unwrap_or((done, ""));
    // The student comes before the operation, where the message names one.
    let (id, operation) = match what {
        "status" => about.split_once('.').unwrap_or((about, "")),
        _ => (about, about),
    };
    let undo = operation.parse().ok().zip(here).map(|(id, here)| Undo::new(locale, id, here));
    Ok(match what {
        "status" => {
            let banner = find(desk, id).await?.map(|one| Banner::status_changed(locale, &one));
            banner.map(|banner| banner.with_undo(undo))
        }
        "created" => find(desk, id).await?.map(|one| Banner::created(locale, &one)),
        SAVED | UNCHANGED => {
            let undo = undo.filter(|_| what == SAVED);
            Some(Banner::edited(locale, what == SAVED).with_undo(undo))
        }
        "undone" => Some(Banner::undone(locale).with_undo(undo.map(Undo::redo))),
        _ => {
            let outcome = OUTCOMES.iter().find(|(name, _)| *name == what);
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
