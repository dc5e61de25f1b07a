//! The fuzz target of the relayed spans.

use chrono::{DateTime, TimeDelta, Utc};
use registration_telemetry::RelayedValue;

use super::spans::{ReceivedAt, read};

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

/// Whether the text is a list of words of the service's own, or a status.
fn is_known(text: &str) -> bool {
    const WORDS: [&str; 18] = [
        "en",
        "it",
        "POST",
        "network",
        "timeout",
        "created",
        "refused",
        "failed",
        "abandoned",
        "first_name",
        "last_name",
        "email",
        "type",
        "required",
        "too_long",
        "invalid_characters",
        "invalid_email",
        "already_registered",
    ];
    let is_status = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_status || text.split([',', ':']).all(|word| WORDS.contains(&word))
}
