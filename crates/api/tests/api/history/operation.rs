//! A history: what clients sent, when, and what they were answered.

use std::{fmt, time::Duration};

use registration_testkit::Applicant;
use serde_json::Value;

/// A registration as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) key: Option<String>,
    pub(super) applicant: Applicant,
}

/// A student, as an answer or the table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Student {
    /// Hexadecimal, without hyphens.
    pub(super) id: String,
    pub(super) applicant: Applicant,
    /// RFC 3339 with microseconds.
    pub(super) created_at: String,
}

impl fmt::Display for Student {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, applicant: Applicant { last_name, email, .. }, created_at } = self;
        write!(f, "{id} {last_name} {email} {created_at}")
    }
}

/// What a client knows after it has sent a request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// 201.
    Created(Student),
    /// Any other status, with the problem's code.
    Refused(u16, String),
    /// No answer, or a part of one: the request may have been stored, or may still be.
    Unknown(String),
}

impl Answer {
    /// Reads a whole answer.
    pub(super) fn of(status: u16, body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if status != 201 {
            return Self::Refused(status, text("code"));
        }
        let applicant = Applicant {
            first_name: text("first_name"),
            last_name: text("last_name"),
            email: text("email"),
        };
        let id = text("id").replace('-', "");
        Self::Created(Student { id, applicant, created_at: text("created_at") })
    }

    /// Whether a repetition of the request would be answered the same.
    pub(super) fn is_definite(&self) -> bool {
        match self {
            Self::Created(_) => true,
            Self::Refused(status, code) => {
                matches!(
                    (status, &**code),
                    (409, "already_registered") | (422, "idempotency_key_reused")
                )
            }
            Self::Unknown(_) => false,
        }
    }
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) client: usize,
    pub(super) instance: usize,
    /// Before the first byte was sent, since the history began.
    pub(super) start: Duration,
    /// After the last byte was received, or the client gave up.
    pub(super) end: Duration,
    pub(super) request: Request,
    pub(super) answer: Answer,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, instance, start, end, request, answer } = self;
        let Applicant { last_name, email, .. } = &request.applicant;
        let key = request.key.as_deref().unwrap_or("-");
        let (start, end) = (start.as_secs_f64(), end.as_secs_f64());
        write!(f, "{start:8.4}–{end:.4} s client {client} → instance {instance}: ")?;
        write!(f, "key {key}, {last_name}, {email}: ")?;
        match answer {
            Answer::Created(student) => write!(f, "201 {student}"),
            Answer::Refused(status, code) => write!(f, "{status} {code}"),
            Answer::Unknown(reason) => write!(f, "no answer: {reason}"),
        }
    }
}
