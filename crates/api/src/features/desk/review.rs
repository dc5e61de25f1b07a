//! Applications one after the other: the first that the filter finds, and the next behind it.

use actix_web::HttpResponse;
use chrono::{NaiveTime, TimeZone as _, Utc};
use registration_application::desk::{journal, students::Found};
use registration_domain::{Action, JournalQuery, Permission, RosterQuery};

use super::{
    pages::{Banner, DeskLayout, Here, Names, ReviewPage, Reviewed, paths as page_paths},
    request::DeskRequest,
};
use crate::{
    clock,
    web::{
        form::Form,
        paths,
        problem::Problem,
        request_context,
        roster_query::{self, RosterParameters, invalid_cursor},
    },
};

/// Applications that are shown at the side.
const QUEUE: usize = 8;
/// Up to this number a person's decisions of the day are counted.
const COUNTED: usize = 1000;

#[tracing::instrument(name = "review_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let layout = request.layout(Here::Review).await?;
    let page = build(&request, layout, request.http.query_string()).await?;
    request.page(&page)
}

/// The page at this address, with a message: for a decision that was not taken.
pub(super) async fn again(
    request: &DeskRequest,
    query: &str,
    banner: Banner,
) -> Result<ReviewPage, Problem> {
    build(request, request.layout_with(Here::Review, Some(banner)), query).await
}

/// Whether it is the address of the review, at any filter.
pub(super) fn is_review(next: &str) -> bool {
    page_paths::parts(next).0 == paths::DESK_REVIEW
}

/// The default status is pending; the default order is the oldest first.
fn with_defaults(query: &str) -> Result<String, Problem> {
    let form = Form::parse(query.as_bytes())?;
    let has =
        |name: &str| form.fields().iter().any(|(found, value)| found == name && !value.is_empty());
    let status = if has("status") { "" } else { "&status=pending" };
    let sort = if has("sort") { "" } else { "&sort=registered" };
    Ok(format!("{query}{status}{sort}"))
}

async fn build(
    request: &DeskRequest,
    layout: DeskLayout,
    query: &str,
) -> Result<ReviewPage, Problem> {
    let (parameters, roster) = roster_query::parse(&with_defaults(query)?)?;
    let filter = roster.filter.clone();
    let roster = RosterQuery { limit: QUEUE + 1, ..roster };
    let (students, caller) = (&request.desk.students, &request.caller);
    let (page, _) = students.list(roster).await?.ok_or_else(invalid_cursor)?;
    let left = students.count(filter).await?;
    let midnight = Utc.from_utc_datetime(&clock::now().date_naive().and_time(NaiveTime::MIN));
    let mine = JournalQuery {
        actor: Some(caller.actor()),
        action: Some(Action::StatusChanged),
        from: Some(midnight),
        limit: COUNTED,
        ..JournalQuery::default()
    };
    let decided = journal::entries(&request.desk.office, mine).await?.len();
    let mut records = page.students.iter().map(|(_, record)| record);
    let mut current = None;
    for record in records.by_ref() {
        let context = request_context::new()?;
        // One that a colleague has changed since the list was read is not the first any more.
        if let Found::Student(known) = students.view(record.id, caller, context).await?
            && known.record.version == record.version
        {
            current = Some(known);
            break;
        }
    }
    let names = current.as_ref().map(|known| Names::new(&known.staff, &[])).unwrap_or_default();
    let sees_notes = caller.may(Permission::NotesRead);
    let here = |cursor: Option<&str>| address(&parameters, cursor);
    let reviewed = Reviewed {
        current: current.as_ref().map(|known| &known.record),
        notes: current.as_ref().filter(|_| sees_notes).map(|known| &*known.notes),
        queue: records.take(QUEUE).cloned().collect(),
        names: &names,
        left,
        decided,
        skip: current.as_ref().and_then(|known| {
            let place = page.students.iter().find(|(_, record)| record.id == known.record.id)?;
            Some(here(Some(&parameters.behind(place))))
        }),
        here: here(roster_query::cursor_of(query)),
        shortcuts: caller.staff.shortcuts,
    };
    Ok(ReviewPage::new(layout, &reviewed))
}

/// The address of the review with these parameters.
fn address(parameters: &RosterParameters, cursor: Option<&str>) -> String {
    let cursor = cursor.map(|cursor| ("cursor", cursor));
    let pairs = parameters.pairs().chain(cursor);
    format!("{}{}", paths::DESK_REVIEW, page_paths::query(pairs))
}
