//! `GET /students/{id}`: that somebody is registered, and since when. Not who: the address may be
//! shared, and there is no sign-in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ContentType, VARY},
    web::{Data, Path},
};
use askama::Template as _;
use chrono::SecondsFormat;
use registration_domain::{Student, StudentId, StudentRepository as _};
use serde_json::json;

use crate::{
    application::App,
    blocking,
    negotiation::{Representation, preferred},
    pages::RegisteredPage,
    problem::{ApiError, Failure},
};

pub(crate) async fn student(
    request: HttpRequest,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    let id = id.parse().map_err(|_| ApiError::NotFound)?;
    let student = find_student(&app, id).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, "Accept"));
    Ok(if preferred(&request) == Representation::Html {
        let page = RegisteredPage::new(&student).render();
        let page = page.map_err(|error| ApiError::Unexpected(error.into()))?;
        response.content_type(ContentType::html()).body(page)
    } else {
        let created_at = student.created_at().to_rfc3339_opts(SecondsFormat::Micros, true);
        response.json(json!({"id": student.id().to_string(), "created_at": created_at}))
    })
}

#[tracing::instrument(name = "find_student_handler", skip_all)]
async fn find_student(app: &App, id: StudentId) -> Result<Student, ApiError> {
    let students = app.students.clone();
    let found = blocking::run(app.config.request_timeout, move || students.find(id)).await??;
    found.ok_or(ApiError::NotFound)
}
