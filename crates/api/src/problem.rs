//! The one table from error to status, code and public text, and the bodies made of it.
//!
//! Handlers return a [`Failure`]; `middleware::problems` renders it: as problem+json (RFC 9457),
//! as a page for a browser, or as the form again.

use std::{borrow::Cow, error::Error, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use registration_domain::{Cause, ErrorCode, Field, FieldError, FieldErrors, RepositoryError};
use serde::Serialize;

use crate::{
    blocking::TimedOut,
    body::Sent,
    reference::Reference,
    words::{Language, Text, Words},
};

/// Whatever can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("malformed request")]
    Malformed(#[from] Malformed),
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
    #[error("a request with this key is under way")]
    InProgress,
    #[error("the body is too large")]
    BodyTooLarge,
    #[error("the body is neither JSON nor a form, or not UTF-8")]
    UnsupportedMediaType,
    #[error("invalid fields: {0}")]
    Invalid(#[from] FieldErrors),
    #[error("the key stands for another registration")]
    KeyReused,
    #[error("the form looks filled in by a program: {0}")]
    PleaseConfirm(#[from] Doubt),
    #[error("too many requests")]
    RateLimited {
        /// Whose quota is used up: `client`, `email` or `spans`.
        limit: &'static str,
        /// Seconds until the next one may come.
        retry_after: u64,
    },
    #[error("a page of another site")]
    ForeignOrigin,
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

/// What about a request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {self:?}")]
pub(crate) enum Malformed {
    NotWhole,
    NotAnObject,
    Json,
    Form,
    Key,
    Spans,
}

/// Why a form is sent back to be looked at once more. Never a refusal: a person presses again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    #[error("sent sooner than anybody fills in a form")]
    TooFast,
    #[error("the field that nobody sees was filled in")]
    TrapFilled,
    #[error("its key is of another secret")]
    ForgedKey,
}

/// One line of the table: what the public is told about an error.
pub(crate) struct Public {
    pub(crate) status: StatusCode,
    /// For programs; stable.
    pub(crate) code: &'static str,
    /// For people: what kind of problem.
    pub(crate) title: &'static str,
    /// For people: what to do about it.
    pub(crate) detail: Cow<'static, str>,
}

/// Seconds after which a client may try again what could not be done now.
const RETRY_AFTER: u64 = 5;

impl ApiError {
    /// Something that should not happen, with its cause for the log.
    pub(crate) fn unexpected(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(Cause::from(cause.into()))
    }

    /// The table.
    pub(crate) fn public(&self, words: &'static Words) -> Public {
        let words = &words.problems;
        let (status, code, text) = match self {
            Self::Malformed(what) => {
                let detail = match what {
                    Malformed::NotWhole => words.not_whole,
                    Malformed::NotAnObject => words.not_an_object,
                    Malformed::Json => words.bad_json,
                    Malformed::Form => words.bad_form,
                    Malformed::Key => words.bad_key,
                    Malformed::Spans => words.bad_spans,
                };
                (400, "malformed", Text { title: words.malformed, detail })
            }
            Self::ForeignOrigin => (403, "foreign_origin", words.foreign_origin),
            Self::NotFound => (404, "not_found", words.not_found),
            Self::MethodNotAllowed { .. } => (405, "method_not_allowed", words.method_not_allowed),
            Self::BodyTooSlow => (408, "request_timeout", words.request_timeout),
            Self::AlreadyRegistered => (409, "already_registered", words.already_registered),
            Self::InProgress => (409, "request_in_progress", words.in_progress),
            Self::BodyTooLarge => (413, "content_too_large", words.content_too_large),
            Self::UnsupportedMediaType => {
                (415, "unsupported_media_type", words.unsupported_media_type)
            }
            Self::Invalid(_) => (422, "invalid_fields", words.invalid_fields),
            Self::KeyReused => (422, "idempotency_key_reused", words.key_reused),
            Self::PleaseConfirm(_) => (422, "please_confirm", words.please_confirm),
            Self::RateLimited { .. } => (429, "rate_limited", words.rate_limited),
            Self::Repository(RepositoryError::Unavailable { .. })
            | Self::TimedOut(TimedOut::InQueue) => (503, "unavailable", words.unavailable),
            Self::NotReady { .. } => (503, "not_ready", words.not_ready),
            Self::TimedOut(TimedOut::AtWork) => (504, "timeout", words.timeout),
            Self::Framework(status) if status.is_client_error() => {
                (status.as_u16(), "bad_request", words.bad_request)
            }
            Self::Repository(RepositoryError::Unexpected(_))
            | Self::Unexpected(_)
            | Self::Panicked
            | Self::Framework(_) => (500, "internal_error", words.unexpected),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let detail = match self {
            Self::RateLimited { limit, retry_after } => {
                let whose = if *limit == "email" { words.email_limited } else { text.detail };
                format!("{whose} {}", words.retry_in(*retry_after)).into()
            }
            _ => text.detail.into(),
        };
        Public { status, code, title: text.title, detail }
    }

    /// The status, which is the same in every language.
    pub(crate) fn status(&self) -> StatusCode {
        self.public(Language::ALL[0].words()).status
    }

    /// The code, which is the same in every language.
    pub(crate) fn code(&self) -> &'static str {
        self.public(Language::ALL[0].words()).code
    }

    /// Seconds after which trying again makes sense, where it does.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::InProgress => Some(1),
            error => matches!(error.status().as_u16(), 503 | 504).then_some(RETRY_AFTER),
        }
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

/// An [`ApiError`], and the form that it has to be shown on, if it came from one.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: ApiError,
    pub(crate) form: Option<Box<Sent>>,
}

impl Failure {
    /// A failure to be shown on the form again, with what was sent.
    pub(crate) fn on_form(error: ApiError, sent: Sent) -> Self {
        Self { error, form: Some(Box::new(sent)) }
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
        self.error.status()
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
    detail: Cow<'static, str>,
    instance: &'a str,
    code: &'static str,
    trace_id: Option<&'a str>,
    reference: Option<&'a Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
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

/// Where and in which trace an error happened.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) path: &'a str,
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) reference: Option<&'a Reference>,
}

impl<'a> Problem<'a> {
    /// The body for `error`, which happened there.
    pub(crate) fn new(error: &'a ApiError, place: Place<'a>, words: &'static Words) -> Self {
        let public = error.public(words);
        let field_problem = |error: FieldError| FieldProblem {
            pointer: format!("/{}", error.field),
            field: error.field.as_str(),
            code: error.code.as_str(),
            message: words.message(error.field, error.code),
        };
        Self {
            kind: format!("urn:problem-type:student-registration:{}", public.code),
            title: public.title,
            status: public.status.as_u16(),
            detail: public.detail,
            instance: place.path,
            code: public.code,
            trace_id: place.trace_id,
            reference: place.reference,
            retry_after: error.retry_after(),
            errors: error.field_errors().map(|errors| errors.iter().map(field_problem).collect()),
            reasons: error.reasons(),
        }
    }
}
