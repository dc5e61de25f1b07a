//! The one table from error to status, code and public text, and the bodies made of it.
//!
//! Handlers return a [`Failure`]; `middleware::problems` renders it: as problem+json (RFC 9457),
//! as a page for a browser, or as the form again.

use std::{error::Error, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use registration_domain::{
    Cause, ErrorCode, Field, FieldError, FieldErrors, RawRegistration, RepositoryError,
};
use serde::Serialize;

use crate::{blocking::TimedOut, words};

/// Whatever can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("malformed request: {0}")]
    Malformed(&'static str),
    #[error("no such resource")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The methods that are.
        allow: &'static str,
    },
    #[error("the client took too long to send the body")]
    BodyTooSlow,
    #[error("somebody has registered with this address")]
    AlreadyRegistered,
    #[error("the body is too large")]
    BodyTooLarge,
    #[error("the body is neither JSON nor a form, or not UTF-8")]
    UnsupportedMediaType,
    #[error("invalid fields: {0}")]
    Invalid(#[from] FieldErrors),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error("not ready")]
    NotReady {
        /// Why not, in the domain's words for what keeps a store from serving.
        reasons: Vec<&'static str>,
    },
    #[error(transparent)]
    TimedOut(#[from] TimedOut),
    #[error("unexpected")]
    Unexpected(#[source] Cause),
    #[error("a handler panicked")]
    Panicked,
    /// An error of the framework's own.
    #[error("{0}")]
    Framework(StatusCode),
}

/// One line of the table: what the public is told about an error.
pub(crate) struct Public {
    pub(crate) status: StatusCode,
    /// For programs; stable.
    pub(crate) code: &'static str,
    /// For people: what kind of problem.
    pub(crate) title: &'static str,
    /// For people: what to do about it.
    pub(crate) detail: &'static str,
}

impl ApiError {
    /// Something that should not happen, with its cause for the log.
    pub(crate) fn unexpected(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(Cause::from(cause.into()))
    }

    /// The table.
    pub(crate) fn public(&self) -> Public {
        let (status, code, title, detail) = match self {
            Self::Malformed(detail) => (400, "malformed", "The request cannot be read", *detail),
            Self::NotFound => (
                404,
                "not_found",
                "Page not found",
                "There is nothing at this address. Check it, or start again from the form.",
            ),
            Self::MethodNotAllowed { .. } => (
                405,
                "method_not_allowed",
                "Method not allowed",
                "This address does not take that method; the Allow header lists those it takes.",
            ),
            Self::BodyTooSlow => (
                408,
                "request_timeout",
                "The request took too long to arrive",
                "The request did not arrive whole in time. Check your connection and try again.",
            ),
            Self::AlreadyRegistered => (
                409,
                "already_registered",
                "Already registered",
                "This email address is already registered. Each address can register once.",
            ),
            Self::BodyTooLarge => (
                413,
                "content_too_large",
                "The request is too large",
                "A registration is at most 16 KiB.",
            ),
            Self::UnsupportedMediaType => (
                415,
                "unsupported_media_type",
                "Unsupported content type",
                "Send application/json or application/x-www-form-urlencoded in UTF-8, uncompressed.",
            ),
            Self::Invalid(_) => (
                422,
                "invalid_fields",
                "The registration is not valid",
                "Some fields need to be corrected.",
            ),
            Self::Repository(RepositoryError::Unavailable { .. })
            | Self::TimedOut(TimedOut::InQueue) => (
                503,
                "unavailable",
                "Registration is unavailable",
                "Registration is not available at the moment. Please try again in a moment: \
                 nobody is registered twice.",
            ),
            Self::NotReady { .. } => (
                503,
                "not_ready",
                "The service is not ready",
                "The service cannot take registrations now; the reasons are listed.",
            ),
            Self::TimedOut(TimedOut::AtWork) => (
                504,
                "timeout",
                "Registration took too long",
                "We do not know yet whether the registration was stored. Please try again: \
                 nobody is registered twice.",
            ),
            Self::Repository(RepositoryError::Unexpected(_))
            | Self::Unexpected(_)
            | Self::Panicked => {
                return Public::unexpected();
            }
            Self::Framework(status) => return Public::of_framework(*status),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Public { status, code, title, detail }
    }

    /// What is wrong with the fields, if it is the fields.
    pub(crate) fn field_errors(&self) -> Option<FieldErrors> {
        let email = FieldError { field: Field::Email, code: ErrorCode::AlreadyRegistered };
        match self {
            Self::Invalid(errors) => Some(errors.clone()),
            Self::AlreadyRegistered => Some(email.into()),
            _ => None,
        }
    }

    /// What else stands in the body.
    fn reasons(&self) -> Option<&[&'static str]> {
        match self {
            Self::NotReady { reasons } => Some(reasons),
            _ => None,
        }
    }
}

impl Public {
    fn unexpected() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal_error",
            title: "Something went wrong",
            detail: "This is our mistake, and we have been told about it. Please try again later.",
        }
    }

    /// An error that the framework answered before, or instead of, a handler.
    fn of_framework(status: StatusCode) -> Self {
        if !status.is_client_error() {
            return Self::unexpected();
        }
        Self {
            status,
            code: "bad_request",
            title: status.canonical_reason().unwrap_or("Bad request"),
            detail: "The request cannot be read.",
        }
    }
}

/// An [`ApiError`], and the form that it has to be shown on, if it came from one.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: ApiError,
    pub(crate) form: Option<Box<RawRegistration>>,
}

impl Failure {
    /// A failure to be shown on the form again, with what was typed.
    pub(crate) fn on_form(error: ApiError, typed: RawRegistration) -> Self {
        Self { error, form: Some(Box::new(typed)) }
    }
}

impl<E: Into<ApiError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), form: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.error.public().status
    }

    /// An empty response, which `middleware::problems` fills.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// A body of `application/problem+json`.
#[derive(Serialize)]
pub(crate) struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    instance: &'a str,
    code: &'static str,
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldProblem>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'a [&'static str]>,
}

/// What is wrong with one field.
#[derive(Serialize)]
struct FieldProblem {
    pointer: String,
    field: &'static str,
    code: &'static str,
    message: &'static str,
}

impl<'a> Problem<'a> {
    /// The body for `error`, which happened at the path `instance`.
    pub(crate) fn new(error: &'a ApiError, instance: &'a str, trace_id: Option<&'a str>) -> Self {
        let public = error.public();
        Self {
            kind: format!("urn:problem-type:student-registration:{}", public.code),
            title: public.title,
            status: public.status.as_u16(),
            detail: public.detail,
            instance,
            code: public.code,
            trace_id,
            errors: error.field_errors().map(|errors| errors.iter().map(field_problem).collect()),
            reasons: error.reasons(),
        }
    }
}

fn field_problem(error: FieldError) -> FieldProblem {
    FieldProblem {
        pointer: format!("/{}", error.field),
        field: error.field.as_str(),
        code: error.code.as_str(),
        message: words::message(error.field, error.code),
    }
}
