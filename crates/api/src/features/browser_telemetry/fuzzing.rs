//! The fuzz target of the relayed spans.

use chrono::{DateTime, TimeDelta, Utc};
use registration_application::redaction::parse_error_fields;
use registration_telemetry::RelayedValue;

use super::spans::{OUTCOMES, ReceivedAt, read};
use crate::i18n::Language;

/// 2026-09-01T09:00:00Z, in milliseconds since 1970.
const NOW: i64 = 1_788_253_200_000;

/// A line with `sent_at`, in milliseconds since 1970 or empty; then the message.
pub fn browser_spans(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (line, body) = data.split_at(end);
    let sent_at = std::str::from_utf8(line).ok().and_then(|line| line.parse().ok());
    let Some(now) = DateTime::from_timestamp_millis(NOW) else { return };
    let Some(spans) = read(body, &ReceivedAt { now, sent_at, destination: None }) else { return };
    assert!(spans.len() <= 16);
    for span in spans {
        span.record_form_events();
        let relayed = span.relayed;
        assert!(relayed.trace_id != 0 && relayed.span_id != 0);
        assert_ne!(relayed.span_id, relayed.parent_span_id);
        let [start, end] = [relayed.start, relayed.end].map(DateTime::<Utc>::from);
        assert!(start <= end && end - start <= TimeDelta::hours(24));
        assert!((now - end).abs() < TimeDelta::hours(24));
        for (name, value) in relayed.attributes {
            match value {
                RelayedValue::Number(number) => assert!((1..=599).contains(&number)),
                RelayedValue::Text(text) => {
                    assert!(is_known(&text), "{name} lets a text of the client's own through");
                }
            }
        }
    }
}

/// Whether the text is a word of the service's own, a status, or a list of fields with their codes.
fn is_known(text: &str) -> bool {
    let is_status = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let words = ["POST", "network", "timeout"].into_iter().chain(OUTCOMES);
    let mut words = words.chain(Language::ALL.map(Language::tag));
    is_status || words.any(|word| word == text) || parse_error_fields(text).is_some()
}
