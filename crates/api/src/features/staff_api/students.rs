//! `/api/students`: the list, and a new student.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{LINK, LOCATION},
    web::{Data, Payload},
};
use registration_application::desk::{access::Caller, students::Changed};
use registration_domain::{Applicant, Note, Permission, RowId, StudentRecord};

use super::{
    StaffApi,
    body::Members,
    problems, repetition,
    representation::{Matches, StudentJson, Students, changed_json},
};
use crate::web::{
    desk_metrics,
    door::SignedIn,
    locale::RequestLocale,
    paths,
    problem::Problem,
    request_context,
    roster_query::{self, invalid_cursor},
};

#[tracing::instrument(name = "list_students_handler", skip_all)]
pub(crate) async fn list(
    request: HttpRequest,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let (parameters, query) = roster_query::parse(request.query_string())?;
    let (limit, filter) = (query.limit, query.filter.clone());
    let page = desk_metrics::searched(&filter, feature.students.list(query)).await?;
    let (page, tasks) = page.ok_or_else(invalid_cursor)?;
    let is_counted = request.query_string().split('&').any(|pair| pair == "count=capped");
    let matches = match is_counted {
        true => {
            let count = feature.students.count(filter).await?;
            Some(Matches { count: count.count, more: count.is_capped })
        }
        false => None,
    };
    let (previous, next) = parameters.cursors(&page);
    let limit = limit.to_string();
    let link = |cursor: Option<&str>, relation: &str| {
        let mut pairs: Vec<_> = parameters.pairs().collect();
        pairs.push(("limit", &limit));
        pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
        format!("<{}>; rel=\"{relation}\"", locale.href_with(paths::API_STUDENTS, &pairs))
    };
    let mut links = vec![link(None, "first")];
    links.extend(previous.as_deref().map(|cursor| link(Some(cursor), "prev")));
    links.extend(next.as_deref().map(|cursor| link(Some(cursor), "next")));
    let sees_tasks = caller.may(Permission::TasksRead);
    let student = |(row, record): &(RowId, StudentRecord)| {
        let count = sees_tasks.then(|| tasks.get(row).copied().unwrap_or_default());
        StudentJson::new(record, &feature.links).with_tasks(count)
    };
    let items = page.students.iter().map(student).collect();
    let mut response = HttpResponse::Ok();
    response.insert_header((LINK, links.join(", ")));
    Ok(response.json(Students { items, next, matches }))
}

#[tracing::instrument(name = "create_student_handler", skip_all)]
pub(crate) async fn create(
    request: HttpRequest,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let mut members = Members::read(&request, payload, feature.body_timeout).await?;
    let links = feature.links.clone();
    let body = move |created: &Changed| changed_json(created, true, &links);
    let repeatable = repetition::of(&request, &caller, &members, body.clone())?;
    let note = members.take_text("note")?.unwrap_or_default();
    let form = members.take_values().map(Option::unwrap_or_default);
    members.end()?;
    let note = Note::parse(&note).map_err(|_| members.invalid("note", "too_long"))?;
    let applicant = Applicant::parse(&form).map_err(problems::invalid_fields)?;
    let caller: &Caller = &caller;
    let context = request_context::new()?;
    let done = feature.students.create(applicant, note, caller, context, repeatable).await?;
    let done = done.map_err(problems::of_create)?;
    let location = locale.path(&paths::of(paths::API_STUDENT, done.student()));
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, location));
    Ok(repetition::answer(response, done, body))
}
