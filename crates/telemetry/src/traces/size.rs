//! The texts of a span: shortened before it is queued, and measured for the queue's budget.

use std::borrow::Cow;

use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    trace::{Event, Link, Status},
};
use opentelemetry_sdk::trace::SpanData;

use crate::shorten::{MAX_TEXT_BYTES, shortened};

/// Shortens every text of a span that is not written in the code.
pub(super) fn shorten_texts(span: &mut SpanData) {
    shorten_cow(&mut span.name);
    shorten_attributes(&mut span.attributes);
    for event in &mut span.events.events {
        shorten_cow(&mut event.name);
        shorten_attributes(&mut event.attributes);
    }
    for link in &mut span.links.links {
        shorten_attributes(&mut link.attributes);
    }
    if let Status::Error { description } = &mut span.status {
        shorten_cow(description);
    }
}

fn shorten_cow(text: &mut Cow<'static, str>) {
    if let Cow::Owned(short) = shortened(text, MAX_TEXT_BYTES) {
        *text = short.into();
    }
}

fn shorten_attributes(attributes: &mut [KeyValue]) {
    for KeyValue { value, .. } in attributes {
        match value {
            Value::String(text) => shorten_value(text),
            Value::Array(Array::String(texts)) => texts.iter_mut().for_each(shorten_value),
            _ => {}
        }
    }
}

fn shorten_value(text: &mut StringValue) {
    if let Cow::Owned(short) = shortened(text.as_str(), MAX_TEXT_BYTES) {
        *text = short.into();
    }
}

/// The size of a span in memory, in bytes. Depends on nothing that changes while it is queued.
pub(super) fn size(span: &SpanData) -> usize {
    let events = span.events.events.iter();
    let links = span.links.links.iter();
    let status = match &span.status {
        Status::Error { description } => description.len(),
        Status::Unset | Status::Ok => 0,
    };
    size_of::<SpanData>()
        + span.name.len()
        + attributes_size(&span.attributes)
        + events
            .map(|event| size_of::<Event>() + event.name.len() + attributes_size(&event.attributes))
            .sum::<usize>()
        + links.map(|link| size_of::<Link>() + attributes_size(&link.attributes)).sum::<usize>()
        + status
}

fn attributes_size(attributes: &[KeyValue]) -> usize {
    let text = |value: &Value| match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| size_of::<StringValue>() + text.as_str().len()).sum()
        }
        Value::Array(Array::I64(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::F64(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::Bool(values)) => values.len(),
        _ => 0,
    };
    attributes.iter().map(|pair| size_of::<KeyValue>() + text(&pair.value)).sum()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::{
        InstrumentationScope,
        trace::{SpanContext, SpanId, SpanKind},
    };

    use super::*;

    fn span(text: &str) -> SpanData {
        let attributes = || vec![KeyValue::new("a", text.to_owned())];
        let texts = Array::String(vec![text.to_owned().into(); 2]);
        let mut span = SpanData {
            span_context: SpanContext::NONE,
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Server,
            name: text.to_owned().into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: vec![KeyValue::new("list", Value::Array(texts)), KeyValue::new("n", 1)],
            dropped_attributes_count: 0,
            events: Default::default(),
            links: Default::default(),
            status: Status::error(text.to_owned()),
            instrumentation_scope: InstrumentationScope::default(),
        };
        let event = Event::new(text.to_owned(), SystemTime::UNIX_EPOCH, attributes(), 0);
        span.events.events.push(event);
        span.links.links.push(Link::new(SpanContext::NONE, attributes(), 0));
        span.attributes.extend(attributes());
        span
    }

    #[test]
    fn every_text_of_a_span_is_measured_and_shortened() {
        // Name, status, two in a list, event's name, and an attribute each of span, event and link.
        let texts = 8;
        let empty = size(&span(""));
        assert!(empty > size_of::<SpanData>());
        assert_eq!(size(&span(&"x".repeat(1000))), empty + texts * 1000);
        let mut large = span(&"x".repeat(100_000));
        shorten_texts(&mut large);
        assert_eq!(size(&large), empty + texts * MAX_TEXT_BYTES);
    }
}
