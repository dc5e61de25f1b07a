//! `POST /register`: one registration, as JSON or as a form.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::LOCATION,
    web::{Data, Payload},
};
use chrono::SecondsFormat;
use registration_domain::{InsertOutcome, RawRegistration, Registration, Student, StudentId};
use serde::Serialize;
use tracing::{Span, field::Empty};

use crate::{
    app::App,
    blocking,
    body::{self, Kind},
    clock, observed,
    problem::{ApiError, Failure},
    words,
};

#[tracing::instrument(
    name = "register_student_handler",
    skip_all,
    fields(request.body = Empty, registration.outcome = Empty)
)]
pub(crate) async fn register(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    let attempt = observed::Attempt::begin();
    let answer = answer(&request, payload, &app).await;
    attempt.conclude(answer.as_ref().err().map(|failure| &failure.error));
    answer
}

async fn answer(
    request: &HttpRequest,
    payload: Payload,
    app: &App,
) -> Result<HttpResponse, Failure> {
    let kind = body::kind(request)?;
    let body = body::read(request, payload, app.config.client_timeout).await;
    match kind {
        Kind::Json => {
            let raw = body::json(&body?)?;
            Ok(created(&register_student(app, &raw).await?))
        }
        Kind::Form => {
            let unread = |error| Failure::on_form(error, RawRegistration::default());
            let typed = body.and_then(|body| body::form(&body)).map_err(unread)?;
            let registered = register_student(app, &typed).await;
            registered
                .map(|student| see_student(&student))
                .map_err(|error| Failure::on_form(error, typed))
        }
    }
}

/// Checks a registration and stores it; the student who comes back is stored for good.
async fn register_student(app: &App, raw: &RawRegistration) -> Result<Student, ApiError> {
    Span::current().record("request.body", observed::shape(raw));
    let registration = validate_registration(raw)?;
    let random = clock::random().map_err(ApiError::unexpected)?;
    let now = clock::now();
    let student = Student::new(StudentId::new(now, random), registration, now);

    let students = Arc::clone(&app.students);
    let insert = move || (students.insert(std::slice::from_ref(&student)).pop(), student);
    let (outcome, student) = blocking::run(app.config.request_timeout, insert).await?;
    match outcome.transpose()? {
        Some(InsertOutcome::Created) => Ok(student),
        Some(InsertOutcome::AlreadyRegistered) => Err(ApiError::AlreadyRegistered),
        None => Err(ApiError::unexpected("the repository gave no answer")),
    }
}

#[tracing::instrument(skip_all, fields(registration.error_fields = Empty))]
fn validate_registration(raw: &RawRegistration) -> Result<Registration, ApiError> {
    Registration::parse(raw).map_err(|errors| {
        Span::current().record("registration.error_fields", observed::error_fields(&errors));
        errors.into()
    })
}

/// The body of 201: the student as stored.
#[derive(Serialize)]
struct Created<'a> {
    id: String,
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    created_at: String,
    message: &'a str,
}

fn created(student: &Student) -> HttpResponse {
    let registration = student.registration();
    HttpResponse::Created().insert_header((LOCATION, location(student))).json(Created {
        id: student.id().to_string(),
        first_name: registration.first_name.as_str(),
        last_name: registration.last_name.as_str(),
        email: registration.email.as_str(),
        created_at: student.created_at().to_rfc3339_opts(SecondsFormat::Micros, true),
        message: words::REGISTERED,
    })
}

/// 303 to the page that says so, which may be reloaded without registering again.
fn see_student(student: &Student) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location(student))).finish()
}

fn location(student: &Student) -> String {
    format!("/students/{}", student.id())
}
