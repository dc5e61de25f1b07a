//! `POST /register`: one registration, as JSON or as a form.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_LANGUAGE, LOCATION},
    web::{Data, Payload},
};
use chrono::SecondsFormat;
use registration_domain::Student;
use serde::Serialize;
use tracing::field::Empty;

use crate::{
    app::App,
    body::{self, Kind, Sent},
    negotiation::Speech,
    observed::Attempt,
    problem::{ApiError, Failure},
    reference::Reference,
    registering::{Registered, register},
};

#[tracing::instrument(
    name = "register_student_handler",
    skip_all,
    fields(request.body = Empty, registration.outcome = Empty)
)]
pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
    speech: Speech,
) -> Result<HttpResponse, Failure> {
    let attempt = Attempt::begin();
    let admitted = app.limits.admit_client(&request, app.client_address(request.head()));
    let kind = body::kind(&request);
    let is_form = matches!(kind, Ok(Kind::Form));
    let registered = match (kind, admitted) {
        (Ok(Kind::Form), admitted) => from_form(&request, payload, &app, admitted).await,
        (_, Err(refused)) => Err(refused.into()),
        (Ok(Kind::Json), Ok(())) => from_json(&request, payload, &app).await,
        (Err(unknown), Ok(())) => Err(unknown.into()),
    };
    attempt.conclude(registered.as_ref().map_err(|failure| &failure.error));
    let student = registered?.student;
    Reference::of_student(student.id()).note(&request);
    Ok(if is_form { see_student(&student, speech) } else { created(&student, speech) })
}

async fn from_json(
    request: &HttpRequest,
    payload: Payload,
    app: &App,
) -> Result<Registered, Failure> {
    let body = body::read(request, payload, app.config.client_timeout).await?;
    Ok(register(app, request, &body::json(&body)?).await?)
}

async fn from_form(
    request: &HttpRequest,
    payload: Payload,
    app: &App,
    admitted: Result<(), ApiError>,
) -> Result<Registered, Failure> {
    // Read in any case: what was typed is shown again.
    let body = body::read(request, payload, app.config.client_timeout).await;
    let sent = body.and_then(|body| body::form(&body));
    let sent = sent.map_err(|error| Failure::on_form(error, Sent::default()))?;
    let registered = match admitted {
        Ok(()) => register(app, request, &sent).await,
        Err(refused) => Err(refused),
    };
    registered.map_err(|error| Failure::on_form(error, sent))
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

fn created(student: &Student, speech: Speech) -> HttpResponse {
    let registration = student.registration();
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, location(student)));
    response.insert_header((CONTENT_LANGUAGE, speech.language.tag()));
    response.json(Created {
        id: student.id().to_string(),
        first_name: registration.first_name.as_str(),
        last_name: registration.last_name.as_str(),
        email: registration.email.as_str(),
        created_at: student.created_at().to_rfc3339_opts(SecondsFormat::Micros, true),
        message: speech.words().registered.message,
    })
}

/// 303 to the page that says so, which may be reloaded without registering again.
fn see_student(student: &Student, speech: Speech) -> HttpResponse {
    let location = speech.keep(&location(student));
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

fn location(student: &Student) -> String {
    format!("/students/{}", student.id())
}
