//! The responses to a stored registration.

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_LANGUAGE, LOCATION},
};
use registration_domain::{PerField, Student};
use serde::Serialize;

use crate::web::{locale::RequestLocale, pages, paths, time::rfc3339};

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

/// 201, for programs.
pub(super) fn created(student: &Student, locale: RequestLocale) -> HttpResponse {
    let PerField { first_name, last_name, email } = student.applicant().texts();
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, locale.path(&paths::student(student.id()))));
    response.insert_header((CONTENT_LANGUAGE, locale.language.tag()));
    response.json(Created {
        id: student.id().to_string(),
        first_name,
        last_name,
        email,
        created_at: rfc3339(student.created_at()),
        message: locale.messages().confirmation.message,
    })
}

/// 303 to the confirmation page, which may be reloaded without registering again.
pub(super) fn see_confirmation(student: &Student, locale: RequestLocale) -> HttpResponse {
    pages::see_other(&locale.href(&paths::student(student.id())))
}
