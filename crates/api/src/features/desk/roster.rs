//! The list of students.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use registration_application::desk::{access::Caller, students::List};
use registration_domain::RosterQuery;

use super::{
    Desk,
    pages::{Banner, Here, Listing, RosterParams, StudentsPage},
    respond,
};
use crate::web::{
    desk_metrics,
    door::SignedIn,
    locale::RequestLocale,
    problem::Problem,
    roster_query::{self, DEFAULT_LIMIT, RosterParameters, invalid_cursor},
};

#[tracing::instrument(name = "list_students_handler", skip_all)]
pub(crate) async fn page(
    request: HttpRequest,
    desk: Data<Desk>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let layout = respond::layout(&desk, &request, locale, &caller, Here::Students).await?;
    let page = match read(request.query_string()) {
        Read::Query(parameters, query) => {
            let params = shown(&parameters, &query, request.query_string());
            let filter = query.filter.clone();
            let list =
                desk_metrics::searched(&filter, desk.students.list_with_counts(*query)).await?;
            let list = list.ok_or_else(invalid_cursor)?;
            build(layout, &caller, &parameters, params, Some(&list))
        }
        Read::TooLong(q) => {
            let params = RosterParams { q, ..RosterParams::default() };
            build(layout, &caller, &RosterParameters::default(), params, None)
        }
        Read::Refused(problem) => return Err(*problem),
    };
    respond::page(locale, StatusCode::OK, &page)
}

/// The list at this address of the office, with a message: for a decision that was not taken.
pub(super) async fn again(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    query: &str,
    banner: Banner,
) -> Result<Option<StudentsPage>, Problem> {
    let Read::Query(parameters, roster) = read(query) else { return Ok(None) };
    let params = shown(&parameters, &roster, query);
    let Some(list) = desk.students.list_with_counts(*roster).await? else { return Ok(None) };
    let layout = respond::layout_with(desk, request, locale, caller, Here::Students, Some(banner));
    Ok(Some(build(layout, caller, &parameters, params, Some(&list))))
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
    let cursor = text.split('&').find_map(|pair| pair.strip_prefix("cursor="));
    RosterParams {
        q: parameters.get("q").to_owned(),
        statuses: query.filter.statuses.clone(),
        sources: query.filter.sources.clone(),
        sort: query.sort,
        cursor: cursor.filter(|cursor| !cursor.is_empty()).map(str::to_owned),
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
) -> StudentsPage {
    let counts = list.map(|list| list.counts.clone()).unwrap_or_default();
    let page = list.map(|list| &list.page);
    let (previous, next) = page.map(|page| parameters.cursors(page)).unwrap_or_default();
    let listing = Listing {
        page,
        counts: &counts,
        previous,
        next,
        first_row: params.cursor.is_none().then_some(1),
        shortcuts: caller.staff.shortcuts,
    };
    StudentsPage::new(layout, params, &listing)
}
