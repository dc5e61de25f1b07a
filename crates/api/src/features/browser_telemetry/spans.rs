//! The spans that the form's script sends, and no others: what each may be called and may say.

mod message;

use std::time::{Duration, SystemTime};

use actix_web::http::Uri;
use chrono::{DateTime, TimeDelta, Utc};
use registration_domain::{ErrorCode, Field, FieldError};
use registration_telemetry::{RelayedSpan, RelayedValue};

use self::message::{KeyValue, Message, Resource, ScopeSpans, Span, Value};
use crate::{observed, words::Language};

/// What the pages in browsers are called, where they are part of a trace.
pub(crate) const SERVICE: &str = "student-registration-web";

/// The most spans that come at once.
const MOST_SPANS: usize = 16;

/// Longer than anybody looks at a form, and far from overflowing a clock.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// How far a browser's clock may be off before its spans are moved to where they belong.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(10);

/// A span of the page.
#[derive(Debug)]
pub(crate) struct BrowserSpan {
    pub(crate) relayed: RelayedSpan,
    /// Whether its trace is one of those that are exported.
    pub(crate) is_sampled: bool,
    refused: Vec<FieldError>,
}

impl BrowserSpan {
    /// Counts what it says about how the form is used.
    pub(crate) fn count(&self) {
        if self.relayed.name == "form_start" {
            observed::form_started();
        }
        self.refused.iter().copied().for_each(observed::form_refused);
    }
}

/// What each span may be called, whether it is a request, and what it may say.
const SPANS: [(&str, bool, &[&str]); 5] = [
    ("documentLoad", false, &[]),
    ("form_start", false, &[]),
    ("form_refused", false, &["registration.error_fields"]),
    ("form_submit", false, &["registration.outcome"]),
    (
        "POST",
        true,
        &[
            "http.request.method",
            "http.response.status_code",
            "http.request.resend_count",
            "error.type",
        ],
    ),
];

const OUTCOMES: [&str; 4] = ["created", "refused", "failed", "abandoned"];

/// When and where a message came.
pub(crate) struct Arrival<'a> {
    pub(crate) now: DateTime<Utc>,
    /// What the browser's clock said when it sent the message, in milliseconds since 1970.
    pub(crate) sent_at: Option<i64>,
    /// Where its page is, as `Origin` tells it.
    pub(crate) origin: Option<&'a Uri>,
}

/// The spans of a message; `None` where it holds anything else.
pub(crate) fn read(body: &[u8], arrival: &Arrival<'_>) -> Option<Vec<BrowserSpan>> {
    let Message { resource_spans: [message] } = serde_json::from_slice(body).ok()?;
    let language = language(&message.resource)?;
    let [ScopeSpans { spans, .. }] = message.scope_spans;
    if spans.len() > MOST_SPANS {
        return None;
    }
    let ahead = clock_ahead(arrival)?;
    let spans = spans.iter().map(|span| {
        let mut span = span_of(span, language)?;
        if span.relayed.is_client {
            span.relayed.attributes.extend(arrival.origin.into_iter().flat_map(destination));
        }
        let RelayedSpan { start, end, .. } = &mut span.relayed;
        (*start, *end) = (set_right(*start, ahead)?, set_right(*end, ahead)?);
        let age = (arrival.now - DateTime::<Utc>::from(*end)).abs();
        (age < LONGEST).then_some(span)
    });
    spans.collect()
}

/// How far the browser's clock is ahead of ours; nothing where they agree as well as a message takes
/// to arrive.
fn clock_ahead(arrival: &Arrival<'_>) -> Option<TimeDelta> {
    let Some(sent_at) = arrival.sent_at else { return Some(TimeDelta::zero()) };
    let ahead = DateTime::from_timestamp_millis(sent_at)? - arrival.now;
    Some(if ahead.abs() > CLOCK_TOLERANCE { ahead } else { TimeDelta::zero() })
}

fn set_right(time: SystemTime, ahead: TimeDelta) -> Option<SystemTime> {
    DateTime::<Utc>::from(time).checked_sub_signed(ahead).map(SystemTime::from)
}

fn language(resource: &Resource) -> Option<Language> {
    let [name, language] = &resource.attributes;
    let (Value::StringValue(service), Value::StringValue(tag)) = (&name.value, &language.value)
    else {
        return None;
    };
    let known = name.key == "service.name" && service == SERVICE;
    let language = (language.key == "browser.language").then(|| Language::of_tag(tag))?;
    language.filter(|_| known)
}

fn span_of(span: &Span, language: Language) -> Option<BrowserSpan> {
    let (name, is_client, allowed) = SPANS.into_iter().find(|(name, ..)| *name == span.name)?;
    if span.kind != if is_client { 3 } else { 1 } || !matches!(span.status.code, 0 | 2) {
        return None;
    }
    let mut attributes = vec![("browser.language", RelayedValue::Text(language.tag().to_owned()))];
    let mut refused = Vec::new();
    for KeyValue { key, value } in &span.attributes {
        let key = *allowed.iter().find(|allowed| *allowed == key)?;
        if attributes.iter().any(|(other, _)| *other == key) {
            return None;
        }
        attributes.push((key, value_of(key, value)?));
        if let (Value::StringValue(text), "registration.error_fields") = (value, key) {
            refused = error_fields(text)?;
        }
    }
    let (start, end) =
        (nanoseconds(&span.start_time_unix_nano)?, nanoseconds(&span.end_time_unix_nano)?);
    if TimeDelta::from_std(end.checked_sub(start)?).ok()? > LONGEST {
        return None;
    }
    if span.parent_span_id == span.span_id {
        return None;
    }
    let relayed = RelayedSpan {
        trace_id: hexadecimal(&span.trace_id, 32)?,
        span_id: hexadecimal(&span.span_id, 16)?.try_into().ok()?,
        parent_span_id: match &*span.parent_span_id {
            "" => 0,
            id => hexadecimal(id, 16)?.try_into().ok()?,
        },
        name,
        is_client,
        start: SystemTime::UNIX_EPOCH + start,
        end: SystemTime::UNIX_EPOCH + end,
        attributes,
        failed: span.status.code == 2,
    };
    Some(BrowserSpan { relayed, is_sampled: span.flags & 1 == 1, refused })
}

/// The value, where it is one that this attribute may have.
fn value_of(key: &str, value: &Value) -> Option<RelayedValue> {
    match value {
        Value::IntValue(digits) => {
            let number = digits.parse().ok()?;
            let range = match key {
                "http.response.status_code" => 100..=599,
                "http.request.resend_count" => 1..=100,
                _ => return None,
            };
            range.contains(&number).then_some(RelayedValue::Number(number))
        }
        Value::StringValue(text) => {
            let is_status = || text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            let allowed = match key {
                "http.request.method" => text == "POST",
                "error.type" => matches!(text.as_str(), "network" | "timeout") || is_status(),
                "registration.outcome" => OUTCOMES.contains(&text.as_str()),
                "registration.error_fields" => error_fields(text).is_some(),
                _ => false,
            };
            allowed.then(|| RelayedValue::Text(text.clone()))
        }
    }
}

/// Where a page of this origin sends registrations.
fn destination(origin: &Uri) -> Vec<(&'static str, RelayedValue)> {
    let (Some(scheme), Some(authority)) = (origin.scheme_str(), origin.authority()) else {
        return Vec::new();
    };
    vec![
        ("url.full", RelayedValue::Text(format!("{scheme}://{authority}/register"))),
        ("server.address", RelayedValue::Text(authority.host().to_owned())),
    ]
}

/// Reads `email:invalid_email,first_name:required`: every field once.
fn error_fields(text: &str) -> Option<Vec<FieldError>> {
    let pairs = text.split(',').map(|pair| {
        let (field, code) = pair.split_once(':')?;
        let field = Field::ALL.into_iter().find(|known| known.as_str() == field)?;
        let code = ErrorCode::ALL.into_iter().find(|known| known.as_str() == code)?;
        Some(FieldError { field, code })
    });
    let errors = pairs.collect::<Option<Vec<_>>>()?;
    let once = |error: &FieldError| errors.iter().filter(|e| e.field == error.field).count() == 1;
    errors.iter().all(once).then_some(errors)
}

/// An identifier of this many lower-case digits; not zero.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = (text.len() == digits && plain).then(|| u128::from_str_radix(text, 16).ok())?;
    id.filter(|id| *id != 0)
}

fn nanoseconds(text: &str) -> Option<Duration> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let nanoseconds: u64 = digits.then(|| text.parse().ok())??;
    Some(Duration::from_nanos(nanoseconds))
}
