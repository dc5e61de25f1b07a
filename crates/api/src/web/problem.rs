//! A failed request as its client sees it (RFC 9457): status, code, texts, invalid fields.
//!
//! A feature converts its errors into a [`Problem`]; `middleware::problems` renders it as
//! problem+json, as an error page, or as the page that the handler attached.

use std::{borrow::Cow, error::Error, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, HeaderName, HeaderValue},
    },
};
use registration_application::blocking::TimedOut;
use registration_domain::{ErrorCode, Field, FieldError, FieldErrors, RepositoryError, Unreadable};
use serde::Serialize;

use super::reference::SupportReference;
use crate::i18n::{Messages, ProblemMessages, ProblemText};

/// Seconds after which a client may try again while the service is unavailable.
const RETRY_AFTER: u64 = 5;

/// The text of a problem in one language.
type Text = fn(&ProblemMessages) -> ProblemText;
/// A detail that the text's own does not cover, such as one with a number.
type Detail = Box<dyn Fn(&ProblemMessages) -> String>;
/// Renders a problem as a page; `None` where the page cannot be rendered.
type Page = Box<dyn Fn(&Problem, Option<SupportReference>) -> Option<String>>;

/// A failed request.
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// For programs; stable.
    pub(crate) code: &'static str,
    /// For metrics and logs: the code, or a closer reason.
    pub(crate) reason: &'static str,
    pub(crate) field_errors: Option<FieldErrors>,
    /// Seconds after which trying again makes sense, where it does.
    pub(crate) retry_after: Option<u64>,
    /// A header field that names what would be accepted: methods, media types or codings.
    pub(crate) header: Option<(HeaderName, &'static str)>,
    /// What problems of the office's API say besides; in a box, since most problems have none.
    more: Option<Box<More>>,
    /// Whether the connection closes after the response: the rest of the request's body will not
    /// be read.
    pub(crate) closes_connection: bool,
    /// The error to be logged, where this is a failure of the service.
    pub(crate) cause: Option<Box<dyn Error>>,
    reasons: Option<Vec<&'static str>>,
    text: Text,
    detail: Option<Detail>,
    page: Option<Page>,
}

impl Problem {
    /// A problem with this status, code and text.
    pub(crate) fn new(status: StatusCode, code: &'static str, text: Text) -> Self {
        let retries = matches!(status.as_u16(), 503 | 504);
        Self {
            status,
            code,
            reason: code,
            field_errors: None,
            retry_after: retries.then_some(RETRY_AFTER),
            header: None,
            more: None,
            closes_connection: false,
            cause: None,
            reasons: None,
            text,
            detail: None,
            page: None,
        }
    }

    /// A request that cannot be read.
    pub(crate) fn malformed(detail: fn(&ProblemMessages) -> &'static str) -> Self {
        let text = |m: &ProblemMessages| ProblemText { title: m.malformed, detail: "" };
        Self::new(StatusCode::BAD_REQUEST, "malformed", text)
            .with_detail(move |messages| detail(messages).to_owned())
    }

    /// No such resource.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", |m| m.not_found)
    }

    /// Values of fields are invalid.
    pub(crate) fn invalid_fields() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", |m| m.invalid_fields)
    }

    /// A student with this address exists.
    pub(crate) fn already_registered() -> Self {
        let email = FieldError { field: Field::Email, code: ErrorCode::AlreadyRegistered };
        Self::new(StatusCode::CONFLICT, "already_registered", |m| m.already_registered)
            .with_field_errors(email.into())
    }

    /// The idempotency key was sent with another request.
    pub(crate) fn idempotency_key_reused() -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "idempotency_key_reused", |m| m.key_reused)
    }

    /// The version that the caller saw is not the current one.
    pub(crate) fn precondition_failed() -> Self {
        let status = StatusCode::PRECONDITION_FAILED;
        Self::new(status, "precondition_failed", |m| m.precondition_failed)
    }

    /// The student was erased.
    pub(crate) fn erased() -> Self {
        Self::new(StatusCode::GONE, "erased", |m| m.erased)
    }

    /// The status does not follow the current one.
    pub(crate) fn illegal_transition() -> Self {
        Self::new(StatusCode::CONFLICT, "illegal_transition", |m| m.illegal_transition)
    }

    /// An operation would concern more students than one may.
    pub(crate) fn too_many_students() -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "too_many_students", |m| m.too_many_students)
    }

    /// What should be undone has changed since.
    pub(crate) fn changed_since() -> Self {
        Self::new(StatusCode::CONFLICT, "changed_since", |m| m.changed_since)
    }

    /// What should be undone is too old.
    pub(crate) fn undo_expired() -> Self {
        Self::new(StatusCode::GONE, "undo_expired", |m| m.undo_expired)
    }

    /// A file cannot be imported, and where.
    pub(crate) fn unreadable_file(unreadable: Unreadable) -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let Unreadable { reason, line, column } = unreadable;
        Self::new(status, "unreadable_file", |m| m.unreadable_file)
            .with_member("why", reason.as_str())
            .with_member("line", line)
            .with_member("column", column)
    }

    /// A method other than these.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(status, "method_not_allowed", |m| m.method_not_allowed).with_header(ALLOW, allow)
    }

    /// `Accept-Encoding` refuses every content coding of the response, no coding included.
    pub(crate) fn not_acceptable() -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", |m| m.not_acceptable)
    }

    /// A failure of the service with no more specific name. Nothing is logged unless a cause is
    /// added.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", |m| m.unexpected)
    }

    /// A failure of the service with no more specific name, logged with its cause.
    pub(crate) fn unexpected(cause: impl Into<Box<dyn Error>>) -> Self {
        Self::internal().caused_by(cause)
    }

    /// An error response of the framework's own.
    pub(crate) fn of_framework(status: StatusCode) -> Self {
        if status.is_client_error() {
            Self::new(status, "bad_request", |m| m.bad_request)
        } else {
            Self::unexpected(format!("the framework answered {status}"))
        }
    }

    /// The service is not ready, for these reasons. The prober logs it, and asks often.
    pub(crate) fn not_ready(reasons: Vec<&'static str>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", |m| m.not_ready);
        Self { reasons: Some(reasons), ..problem }
    }

    pub(crate) fn with_header(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    pub(crate) fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.more.get_or_insert_default().challenge = Some(challenge);
        self
    }

    /// How to authenticate (`WWW-Authenticate`), or what the caller's token lacks.
    pub(crate) fn challenge(&self) -> Option<&HeaderValue> {
        self.more.as_ref()?.challenge.as_ref()
    }

    /// Adds a member to the body.
    pub(crate) fn with_member(
        mut self,
        name: &'static str,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        let more = self.more.get_or_insert_default();
        more.members.insert(name.to_owned(), value.into());
        self
    }

    /// The text of a member that was added.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        self.more.as_ref()?.members.get(name)?.as_str()
    }

    /// The members that were added, as JSON.
    #[cfg(test)]
    pub(crate) fn members(&self) -> String {
        let members = self.more.as_ref().map(|more| &more.members);
        serde_json::to_string(&members).unwrap_or_default()
    }

    pub(crate) fn with_detail(self, detail: impl Fn(&ProblemMessages) -> String + 'static) -> Self {
        Self { detail: Some(Box::new(detail)), ..self }
    }

    pub(crate) fn with_field_errors(self, errors: FieldErrors) -> Self {
        Self { field_errors: Some(errors), ..self }
    }

    pub(crate) fn with_reason(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }

    pub(crate) fn with_retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(crate) fn closing_connection(self) -> Self {
        Self { closes_connection: true, ..self }
    }

    pub(crate) fn caused_by(self, cause: impl Into<Box<dyn Error>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// Attaches the page to be shown instead of problem+json.
    pub(crate) fn on_page(
        self,
        page: impl Fn(&Self, Option<SupportReference>) -> Option<String> + 'static,
    ) -> Self {
        Self { page: Some(Box::new(page)), ..self }
    }

    /// Attaches this page.
    pub(crate) fn with_page(self, page: &impl askama::Template) -> Self {
        match page.render() {
            Ok(page) => self.on_page(move |_, _| Some(page.clone())),
            Err(error) => Self::unexpected(error),
        }
    }

    /// The attached page, if there is one.
    pub(crate) fn page(&self, reference: Option<SupportReference>) -> Option<String> {
        self.page.as_ref().and_then(|page| page(self, reference))
    }

    /// The title in this language.
    pub(crate) fn title(&self, messages: &Messages) -> &'static str {
        (self.text)(&messages.problems).title
    }

    /// What the reader can do about it, in this language.
    pub(crate) fn detail(&self, messages: &Messages) -> Cow<'static, str> {
        match &self.detail {
            Some(detail) => detail(&messages.problems).into(),
            None => (self.text)(&messages.problems).detail.into(),
        }
    }

    /// The body of `application/problem+json`.
    pub(crate) fn to_json(&self, context: ProblemContext<'_>, messages: &Messages) -> String {
        let field_problem = |error: FieldError| FieldProblem {
            pointer: format!("/{}", error.field),
            field: error.field.as_str(),
            code: error.code.as_str(),
            message: messages.message(error.field, error.code),
        };
        let body = ProblemBody {
            kind: format!("urn:problem-type:student-registration:{}", self.code),
            title: self.title(messages),
            status: self.status.as_u16(),
            detail: self.detail(messages),
            instance: context.path,
            code: self.code,
            trace_id: context.trace_id,
            reference: context.reference,
            retry_after: self.retry_after,
            errors: self.field_errors.as_ref().map(|e| e.iter().map(field_problem).collect()),
            reasons: self.reasons.as_deref(),
            members: self.more.as_ref().map(|more| &more.members),
        };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

/// What problems of the office's API say besides.
#[derive(Default)]
struct More {
    challenge: Option<HeaderValue>,
    members: serde_json::Map<String, serde_json::Value>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request failed: {}", self.reason)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({}, {}, {:?})", self.status, self.reason, self.cause)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// An empty response, which `middleware::problems` fills.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}

impl From<RepositoryError> for Problem {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable { reason, .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", |m| m.unavailable)
                    .with_reason(reason.as_str())
            }
            RepositoryError::Unexpected(_) => Self::internal(),
        }
        .caused_by(error)
    }
}

impl From<TimedOut> for Problem {
    fn from(error: TimedOut) -> Self {
        match error {
            TimedOut::InQueue => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", |m| m.unavailable)
            }
            TimedOut::Running => Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", |m| m.timeout),
        }
        .caused_by(error)
    }
}

/// The request that failed.
#[derive(Clone, Copy)]
pub(crate) struct ProblemContext<'a> {
    pub(crate) path: &'a str,
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) reference: Option<&'a SupportReference>,
}

#[derive(Serialize)]
struct ProblemBody<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: Cow<'static, str>,
    instance: &'a str,
    code: &'static str,
    trace_id: Option<&'a str>,
    reference: Option<&'a SupportReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldProblem>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'a [&'static str]>,
    #[serde(flatten)]
    members: Option<&'a serde_json::Map<String, serde_json::Value>>,
}

/// An invalid field in a problem body.
#[derive(Serialize)]
struct FieldProblem {
    pointer: String,
    field: &'static str,
    code: &'static str,
    message: &'static str,
}
