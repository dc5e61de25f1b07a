//! `/api/operations`: decisions on many students at once, and undoing.

use std::collections::HashSet;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{LOCATION, RETRY_AFTER},
    web::{Data, Path, Payload},
};
use registration_application::desk::{
    access::Caller,
    operations::{Begun, Selection},
};
use registration_domain::{OperationId, OperationKind, Permission, Version};
use serde_json::Value;

use super::{
    StaffApi,
    body::{Members, invalid_at},
    operation_json::{OperationJson, PreviewJson},
    repetition, student,
};
use crate::clock;
use crate::web::{
    door::{self, SignedIn},
    locale::RequestLocale,
    operation_problems, path_id, paths,
    problem::Problem,
    request_context, roster_query,
};

#[tracing::instrument(name = "preview_operation_handler", skip_all)]
pub(crate) async fn preview(
    request: HttpRequest,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let members = Members::read(&request, payload, feature.body_timeout).await?;
    let (kind, selection) = read(members, false)?;
    may_do(&feature, &caller, &kind, &selection).await?;
    let preview = feature.operations.preview(selection, kind, clock::now()).await?;
    let preview = preview.map_err(operation_problems::of_begin)?;
    Ok(HttpResponse::Ok().json(PreviewJson::new(&preview)))
}

#[tracing::instrument(name = "begin_operation_handler", skip_all)]
pub(crate) async fn begin(
    request: HttpRequest,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let members = Members::read(&request, payload, feature.body_timeout).await?;
    let key = repetition::key(&request, &caller, &members)?;
    let (kind, selection) = read(members, true)?;
    may_do(&feature, &caller, &kind, &selection).await?;
    let context = request_context::new()?;
    let begun = feature.operations.start(selection, kind, &caller, context, key).await?;
    answer(&feature, begun.map_err(operation_problems::of_begin)?, locale).await
}

pub(crate) async fn get(
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(find(&feature, path_id::parse(&id)?).await?))
}

#[tracing::instrument(name = "undo_operation_handler", skip_all)]
pub(crate) async fn undo(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    // Everything is undone: a body that asks for less is refused.
    let members = Members::read_optional(&request, payload, feature.body_timeout).await?;
    let key = repetition::key(&request, &caller, &members)?;
    members.end()?;
    let context = request_context::new()?;
    let undone = feature.operations.undo(id, &caller, context, key).await?;
    answer(&feature, undone.map_err(|error| operation_problems::of_undo(error, &caller))?, locale)
        .await
}

/// 200 with the results, or 202 while a job goes on.
async fn answer(
    feature: &StaffApi,
    Begun { id, is_running, missing }: Begun,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let body = find(feature, id).await?.with_missing(missing);
    let mut response = if is_running { HttpResponse::Accepted() } else { HttpResponse::Ok() };
    if is_running {
        response.insert_header((RETRY_AFTER, 1));
    }
    let location = locale.path(&paths::of(paths::API_OPERATION, id));
    Ok(response.insert_header((LOCATION, location)).json(body))
}

async fn find(feature: &StaffApi, id: OperationId) -> Result<OperationJson, Problem> {
    let view = feature.operations.find(id).await?.ok_or_else(Problem::not_found)?;
    Ok(OperationJson::new(&view))
}

/// Whether the caller may do this with these students, and whether there is such an item. A filter finds
/// people by their names: for programs that may see them.
async fn may_do(
    feature: &StaffApi,
    caller: &Caller,
    kind: &OperationKind,
    selection: &Selection,
) -> Result<(), Problem> {
    let by_filter = matches!(selection, Selection::Filter(..)).then_some(Permission::StudentsRead);
    let of_tasks = matches!(kind, OperationKind::CompleteTask(_)).then_some(Permission::TasksWrite);
    for permission in [by_filter, of_tasks].into_iter().flatten() {
        if !caller.may(permission) {
            return Err(door::lacking(caller, permission));
        }
    }
    let OperationKind::CompleteTask(id) = kind else { return Ok(()) };
    let templates = feature.checklist.templates().await?;
    match templates.iter().any(|template| template.id == *id) {
        true => Ok(()),
        false => Err(invalid_at("/do/complete_task", "unknown")),
    }
}

/// What a body does with which students.
fn read(mut members: Members, needs_moment: bool) -> Result<(OperationKind, Selection), Problem> {
    let required = |members: &Members, name| members.invalid(name, "required");
    let mut action = members.take_object("do")?.ok_or_else(|| required(&members, "do"))?;
    let mut on = members.take_object("on")?.ok_or_else(|| required(&members, "on"))?;
    members.end()?;
    let kind = match action.take_text("complete_task")? {
        Some(id) => {
            let unknown = |_| action.invalid("complete_task", "unknown");
            OperationKind::CompleteTask(id.parse().map_err(unknown)?)
        }
        None => OperationKind::Decide(student::take_decision(&mut action)?),
    };
    action.end()?;
    let selection = match (on.take("ids"), on.take_object("filter")?) {
        (Some(ids), None) => Selection::Students(students(&ids)?),
        (None, Some(filter)) => {
            let as_of = match on.take("as_of") {
                None | Some(Value::Null) if !needs_moment => None,
                None | Some(Value::Null) => return Err(invalid_at("/on/as_of", "required")),
                Some(as_of) => {
                    let moment = as_of.as_str().and_then(roster_query::moment);
                    Some(moment.ok_or_else(|| invalid_at("/on/as_of", "invalid"))?)
                }
            };
            Selection::Filter(roster_query::filter(&pairs(filter)?)?, as_of)
        }
        (None, None) => return Err(invalid_at("/on/ids", "required")),
        (Some(_), Some(_)) => return Err(invalid_at("/on/filter", "not_allowed")),
    };
    on.end()?;
    Ok((kind, selection))
}

/// `[{"id": "…", "version": 7}]`.
fn students(ids: &Value) -> Result<Vec<(registration_domain::StudentId, Version)>, Problem> {
    let items = ids.as_array().ok_or_else(|| invalid_at("/on/ids", "type"))?;
    let student = |(index, item): (usize, &Value)| {
        let whole = format!("/on/ids/{index}");
        let wrong = |member: &str, code| invalid_at(&format!("{whole}/{member}"), code);
        let item = item.as_object().ok_or_else(|| invalid_at(&whole, "type"))?;
        if let Some(name) = item.keys().find(|name| !["id", "version"].contains(&name.as_str())) {
            return Err(wrong(name, "unknown_field"));
        }
        let id = item.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| wrong("id", "invalid"))?;
        let version = item.get("version").and_then(Value::as_u64);
        let version = version.and_then(|version| Version::new(u32::try_from(version).ok()?));
        Ok((id, version.ok_or_else(|| wrong("version", "invalid"))?))
    };
    if items.is_empty() {
        return Err(invalid_at("/on/ids", "required"));
    }
    let students: Vec<_> = items.iter().enumerate().map(student).collect::<Result<_, _>>()?;
    let mut named = HashSet::new();
    match students.iter().position(|(id, _)| !named.insert(*id)) {
        Some(index) => Err(invalid_at(&format!("/on/ids/{index}/id"), "repeated")),
        None => Ok(students),
    }
}

/// The members of a filter as parameters of the list: a text each, or several of status and source. None
/// is empty: that would be everyone.
fn pairs(filter: Members) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for (name, value) in filter.into_members() {
        let wrong = |code| invalid_at(&format!("/on/filter/{name}"), code);
        let values = match value {
            Value::Array(values) if ["status", "source"].contains(&&*name) => values,
            Value::Array(_) => return Err(wrong("type")),
            value => vec![value],
        };
        if values.is_empty() {
            return Err(wrong("required"));
        }
        for value in values {
            let Value::String(value) = value else { return Err(wrong("type")) };
            if value.trim().is_empty() {
                return Err(wrong("required"));
            }
            pairs.push((name.clone(), value));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(on: &Value) -> String {
        code_of(&json!({"do": {"to": "confirmed"}, "on": on}))
    }

    fn code_of(body: &Value) -> String {
        match read(Members::parse(body.to_string().as_bytes()).unwrap(), true) {
            Ok(_) => String::new(),
            Err(problem) => format!("{} {}", problem.code, problem.members()),
        }
    }

    #[test]
    fn a_selection_names_students_with_versions_or_a_filter_with_its_moment() {
        let id = "01a05c32-5efb-7101-8101-010101010101";
        for valid in [
            json!({"ids": [{"id": id, "version": 1}]}),
            json!({"filter": {"status": ["pending", "waitlisted"], "q": "zoe"}, "as_of": "7.0"}),
            json!({"filter": {"source": "form"}, "as_of": "7.0"}),
        ] {
            assert_eq!(code(&valid), "", "{valid}");
        }
        for (wrong, pointer) in [
            (json!({}), "/on/ids"),
            (json!({"ids": []}), "/on/ids"),
            (json!({"ids": [7]}), "/on/ids/0"),
            (json!({"ids": [{"id": id}]}), "/on/ids/0/version"),
            (json!({"ids": [{"id": id, "version": 0}]}), "/on/ids/0/version"),
            (json!({"ids": [{"id": "x", "version": 1}]}), "/on/ids/0/id"),
            (json!({"ids": [{"id": id, "version": 1, "x": 1}]}), "/on/ids/0/x"),
            (json!({"filter": {}}), "/on/as_of"),
            (json!({"filter": {}, "as_of": "7"}), "/on/as_of"),
            (json!({"filter": {}, "as_of": 7}), "/on/as_of"),
            (json!({"filter": {"status": []}, "as_of": "7.0"}), "/on/filter/status"),
            (json!({"filter": {"q": " "}, "as_of": "7.0"}), "/on/filter/q"),
            (json!({"filter": {"q": ["a", "b"]}, "as_of": "7.0"}), "/on/filter/q"),
            (json!({"ids": [{"id": id, "version": 1}, {"id": id, "version": 2}]}), "/on/ids/1/id"),
            (json!({"filter": {"q": 7}, "as_of": "7.0"}), "/on/filter/q"),
            (json!({"filter": {}, "ids": [], "as_of": "7.0"}), "/on/filter"),
            (json!({"filter": {}, "as_of": "7.0", "x": 1}), "/on/x"),
            (json!({"filter": 7, "as_of": "7.0"}), "/on/filter"),
        ] {
            assert!(code(&wrong).contains(&format!("\"{pointer}\"")), "{wrong}: {}", code(&wrong));
        }
        assert!(code(&json!({"filter": {"qq": "zoe"}, "as_of": "7.0"})).contains("invalid_filter"));
    }

    #[test]
    fn a_mistake_in_a_decision_is_named_where_it_stands() {
        for (action, pointer) in [
            (json!({}), "/do/to"),
            (json!({"to": 7}), "/do/to"),
            (json!({"to": "confirmed", "note": 7}), "/do/note"),
            (json!({"to": "rejected"}), "/do/reason_code"),
            (json!({"to": "confirmed", "x": 1}), "/do/x"),
            (json!(7), "/do"),
        ] {
            let code = code_of(&json!({"do": action, "on": {"ids": []}}));
            assert!(code.contains(&format!("\"{pointer}\"")), "{action}: {code}");
        }
    }
}
