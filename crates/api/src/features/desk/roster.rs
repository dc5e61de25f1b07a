//! The list of students.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use registration_application::desk::{access::Caller, operations::Moment, students::List};
use registration_domain::RosterQuery;

use super::{
    pages::{Banner, Here, Listing, RosterParams, StudentsPage},
    request::DeskRequest,
};
use crate::clock;
use crate::web::{
    desk_metrics,
    problem::Problem,
    roster_query::{self, DEFAULT_LIMIT, RosterParameters, invalid_cursor},
};

#[tracing::instrument(name = "list_students_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    let layout = request.layout(Here::Students).await?;
    let read_at = clock::now();
    let page = match read(request.http.query_string()) {
        Read::Query(parameters, query) => {
            let params = shown(&parameters, &query, request.http.query_string());
            let filter = query.filter.clone();
            let list =
                desk_metrics::searched(&filter, request.desk.students.list_with_counts(*query))
                    .await?;
            let list = list.ok_or_else(invalid_cursor)?;
            build(layout, &request.caller, &parameters, params, Some(&list), read_at)
        }
        Read::TooLong(q) => {
            let params = RosterParams { q, ..RosterParams::default() };
            build(layout, &request.caller, &RosterParameters::default(), params, None, read_at)
        }
        Read::Refused(problem) => return Err(*problem),
    };
    request.page(&page)
}

/// The list at this address of the office, with a message: for a decision that was not taken.
pub(super) async fn again(
    request: &DeskRequest,
    query: &str,
    banner: Banner,
) -> Result<Option<StudentsPage>, Problem> {
    let Read::Query(parameters, roster) = read(query) else { return Ok(None) };
    let params = shown(&parameters, &roster, query);
    let read_at = clock::now();
    let Some(list) = request.desk.students.list_with_counts(*roster).await? else {
        return Ok(None);
    };
    let layout = request.layout_with(Here::Students, Some(banner));
    Ok(Some(build(layout, &request.caller, &parameters, params, Some(&list), read_at)))
}

enum Read {
    Query(RosterParameters, Box<RosterQuery>),
    /// The text of a search is too long: the page says so.
    TooLong(String),
    Refused(Box<Problem>),
}

fn read(query: &str) -> Read {
    match roster_query::parse(query) {
        Ok((parameters, roster)) => Read::Query(parameters, Box::new(roster)),
        Err(problem) if problem.member("parameter") == Some("q") => {
            let form = crate::web::form::Form::parse(query.as_bytes()).unwrap_or_default();
            Read::TooLong(form.get("q").chars().take(1000).collect())
        }
        Err(problem) => Read::Refused(Box::new(problem)),
    }
}

/// The parameters as the page shows them.
fn shown(parameters: &RosterParameters, query: &RosterQuery, text: &str) -> RosterParams {
    RosterParams {
        q: parameters.get("q").to_owned(),
        statuses: query.filter.statuses.clone(),
        sources: query.filter.sources.clone(),
        task: parameters.get("task").to_owned(),
        sort: query.sort,
        cursor: roster_query::cursor_of(text).map(str::to_owned),
        registered_from: parameters.get("registered_from").to_owned(),
        registered_to: parameters.get("registered_to").to_owned(),
        limit: (query.limit != DEFAULT_LIMIT).then_some(query.limit),
    }
}

fn build(
    layout: super::pages::DeskLayout,
    caller: &Caller,
    parameters: &RosterParameters,
    params: RosterParams,
    list: Option<&List>,
    read_at: DateTime<Utc>,
) -> StudentsPage {
    let counts = list.map(|list| list.counts.clone()).unwrap_or_default();
    let page = list.map(|list| &list.page);
    let (previous, next) = page.map(|page| parameters.cursors(page)).unwrap_or_default();
    let listing = Listing {
        page,
        tasks: list.map(|list| &list.tasks),
        templates: list.map(|list| &*list.templates).unwrap_or_default(),
        counts: &counts,
        as_of: list.and_then(|list| list.as_of).map(|row| Moment { row, at: read_at }),
        previous,
        next,
        first_row: params.cursor.is_none().then_some(1),
        shortcuts: caller.staff.shortcuts,
    };
    StudentsPage::new(layout, params, &listing)
}
