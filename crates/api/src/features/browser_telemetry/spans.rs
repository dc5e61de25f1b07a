//! The spans that the form's script may send: names, attributes and values.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;
use registration_application::redaction::parse_error_fields;
use registration_domain::FieldError;
use registration_telemetry::{RelayedSpan, RelayedValue};

use super::{
    destination::Destination,
    message::{KeyValue, Message, Resource, ScopeSpans, Span, Value},
};
use crate::i18n::Language;

/// The pages' `service.name`.
pub(crate) const SERVICE: &str = "student-registration-web";

/// Maximum number of spans in a message.
const MAX_SPANS: usize = 16;

/// Maximum age and duration of a span: far from overflowing a clock.
const MAX_DURATION: TimeDelta = TimeDelta::hours(24);

/// How far a browser's clock may be off before the times of its spans are corrected.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(10);

/// A span of the page.
#[derive(Debug)]
pub(super) struct BrowserSpan {
    pub(super) relayed: RelayedSpan,
    /// Whether its trace is exported.
    pub(super) is_sampled: bool,
    refused: Vec<FieldError>,
}

impl BrowserSpan {
    /// Counts what the span reports about the form: started, or refused by the page itself.
    pub(super) fn record_form_events(&self) {
        if self.relayed.name == "form_start" {
            counter!("registration_form_events_total", "event" => "start").increment(1);
        }
        for error in &self.refused {
            let labels = [("field", error.field.as_str()), ("code", error.code.as_str())];
            counter!("registration_form_refusals_total", &labels).increment(1);
        }
    }
}

/// Each span's name, whether it is a request, and its attributes.
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

pub(super) const OUTCOMES: [&str; 4] = ["created", "refused", "failed", "abandoned"];

/// When and at which address a message was received.
pub(super) struct ReceivedAt {
    pub(super) now: DateTime<Utc>,
    /// The browser's clock when it sent the message, in milliseconds since 1970.
    pub(super) sent_at: Option<i64>,
    /// Where the page sends its requests; `None` where that is not known.
    pub(super) destination: Option<Destination>,
}

/// The spans of a message; `None` where it holds anything else.
pub(super) fn read(body: &[u8], received: &ReceivedAt) -> Option<Vec<BrowserSpan>> {
    let Message { resource_spans: [message] } = serde_json::from_slice(body).ok()?;
    let language = language(&message.resource)?;
    let [ScopeSpans { spans, .. }] = message.scope_spans;
    if spans.len() > MAX_SPANS {
        return None;
    }
    let ahead = clock_skew(received)?;
    let spans = spans.iter().map(|span| {
        let mut span = span_of(span, language)?;
        if span.relayed.is_client {
            span.relayed
                .attributes
                .extend(received.destination.iter().flat_map(Destination::attributes));
        }
        let RelayedSpan { start, end, .. } = &mut span.relayed;
        (*start, *end) = (correct_clock_skew(*start, ahead)?, correct_clock_skew(*end, ahead)?);
        let age = (received.now - DateTime::<Utc>::from(*end)).abs();
        (age < MAX_DURATION).then_some(span)
    });
    spans.collect()
}

/// How far the browser's clock is ahead; zero within the tolerance, which covers the way of a
/// message.
fn clock_skew(received: &ReceivedAt) -> Option<TimeDelta> {
    let Some(sent_at) = received.sent_at else { return Some(TimeDelta::zero()) };
    let ahead = DateTime::from_timestamp_millis(sent_at)? - received.now;
    Some(if ahead.abs() > CLOCK_TOLERANCE { ahead } else { TimeDelta::zero() })
}

fn correct_clock_skew(time: SystemTime, ahead: TimeDelta) -> Option<SystemTime> {
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
            refused = parse_error_fields(text)?;
        }
    }
    let (start, end) =
        (nanoseconds(&span.start_time_unix_nano)?, nanoseconds(&span.end_time_unix_nano)?);
    if TimeDelta::from_std(end.checked_sub(start)?).ok()? > MAX_DURATION {
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

/// The value, if this attribute may have it.
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
                "registration.error_fields" => parse_error_fields(text).is_some(),
                _ => false,
            };
            allowed.then(|| RelayedValue::Text(text.clone()))
        }
    }
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
