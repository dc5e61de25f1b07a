//! Fuzz targets: each takes any bytes, and panics where an invariant is broken.

pub use crate::{
    features::{
        browser_telemetry::fuzzing::browser_spans,
        registration::fuzzing::{form_body, json_body},
    },
    web::fuzzing::{accept, forwarded_headers},
};

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn corpora_are_replayed() {
        replay("accept", super::accept);
        replay("browser_spans", super::browser_spans);
        replay("form_body", super::form_body);
        replay("forwarded_headers", super::forwarded_headers);
        replay("json_body", super::json_body);
    }
}
