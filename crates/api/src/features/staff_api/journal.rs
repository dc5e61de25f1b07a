//! `/api/journal`, and the history of one student.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use registration_application::desk::{
    access::{Caller, Key},
    journal,
    students::Found,
};
use registration_domain::{Actor, JournalQuery, JournalRow, Permission, StaffId, StudentId};

use super::{
    StaffApi,
    representation::{EntryJson, Journal},
};
use crate::web::{
    door::{SignedIn, lacking},
    form::Form,
    path_id,
    problem::Problem,
    roster_query::{self, invalid_cursor, invalid_filter},
};

/// Entries on a page.
const DEFAULT_LIMIT: usize = 50;
/// Most entries on a page.
const MAX_LIMIT: usize = 200;

pub(crate) async fn history(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    let id: StudentId = path_id::parse(&id)?;
    let mut query = parse(&request, &["limit", "cursor"])?;
    query.subject = Some(*id.as_bytes());
    let rows = entries(&feature, query.clone()).await?;
    if rows.is_empty()
        && query.before.is_none()
        && matches!(feature.students.find(id).await?, Found::Nothing)
    {
        return Err(Problem::not_found());
    }
    Ok(answer(rows, query.limit))
}

/// The journal: every entry with the right to audit, and otherwise a person's own.
pub(crate) async fn list(
    request: HttpRequest,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let names = ["subject", "actor", "action", "from", "to", "limit", "cursor"];
    let mut query = parse(&request, &names)?;
    if !caller.may(Permission::AuditRead) {
        query.actor = Some(own(&caller)?);
    }
    let limit = query.limit;
    Ok(answer(entries(&feature, query).await?, limit))
}

/// The caller's own entries: a registrar's session sees them, a token without the scope nothing.
fn own(caller: &Caller) -> Result<Actor, Problem> {
    match &caller.key {
        Key::Session(_) if caller.may(Permission::NotesRead) => Ok(caller.actor()),
        _ => Err(lacking(caller, Permission::AuditRead)),
    }
}

async fn entries(feature: &StaffApi, query: JournalQuery) -> Result<Vec<JournalRow>, Problem> {
    let query = JournalQuery { limit: query.limit + 1, ..query };
    Ok(journal::entries(&feature.office, query).await?)
}

fn answer(mut rows: Vec<JournalRow>, limit: usize) -> HttpResponse {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|row| row.id.to_string());
    let items: Vec<EntryJson> = rows.into_iter().map(EntryJson::from).collect();
    HttpResponse::Ok().json(Journal { items, next })
}

fn parse(request: &HttpRequest, names: &[&'static str]) -> Result<JournalQuery, Problem> {
    let form = Form::parse(request.query_string().as_bytes())?;
    let mut query = JournalQuery { limit: DEFAULT_LIMIT, ..JournalQuery::default() };
    for (name, value) in form.fields() {
        let Some(name) = names.iter().copied().find(|known| known == name) else {
            if name == "lang" {
                continue;
            }
            return Err(invalid_filter("unknown"));
        };
        let wrong = || invalid_filter(name);
        match name {
            "subject" => {
                let id: StudentId = value.parse().map_err(|_| wrong())?;
                query.subject = Some(*id.as_bytes());
            }
            "actor" => {
                let id: StaffId = value.parse().map_err(|_| wrong())?;
                query.actor = Some(Actor::Staff(id));
            }
            "action" => query.action = Some(value.parse().map_err(|_| wrong())?),
            "from" => query.from = Some(roster_query::time(value).ok_or_else(wrong)?),
            "to" => query.to = Some(roster_query::time(value).ok_or_else(wrong)?),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                query.limit = limit.ok_or_else(wrong)?;
            }
            _ => query.before = Some(value.parse().map_err(|_| invalid_cursor())?),
        }
    }
    Ok(query)
}
