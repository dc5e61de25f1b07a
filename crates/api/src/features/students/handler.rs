//! `GET /students/{id}`: that somebody is registered, and since when. Not who: the address may be
//! shared, and there is no sign-in.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_LANGUAGE, ContentType, VARY},
    web::{Data, Path},
};
use askama::Template as _;
use chrono::{DateTime, SecondsFormat, Utc};
use registration_domain::StudentId;
use serde_json::json;

use crate::{
    app::App,
    blocking,
    negotiation::{self, Representation, Speech, preferred},
    pages::RegisteredPage,
    problem::{ApiError, Failure},
};

pub(crate) async fn student(
    request: HttpRequest,
    id: Path<String>,
    app: Data<App>,
    speech: Speech,
) -> Result<HttpResponse, Failure> {
    let id = id.parse().map_err(|_| ApiError::NotFound)?;
    let registered_at = registered_at(&app, id).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, negotiation::VARY));
    Ok(if preferred(&request) == Representation::Html {
        let page = RegisteredPage::new(id, registered_at, speech).render();
        let page = page.map_err(ApiError::unexpected)?;
        response.insert_header((CONTENT_LANGUAGE, speech.language.tag()));
        response.content_type(ContentType::html()).body(page)
    } else {
        let created_at = registered_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        response.json(json!({"id": id.to_string(), "created_at": created_at}))
    })
}

#[tracing::instrument(name = "find_student_handler", skip_all)]
async fn registered_at(app: &App, id: StudentId) -> Result<DateTime<Utc>, ApiError> {
    let students = Arc::clone(&app.students);
    let find = move || students.registered_at(id);
    let found = blocking::run(app.config.request_timeout, find).await??;
    found.ok_or(ApiError::NotFound)
}
