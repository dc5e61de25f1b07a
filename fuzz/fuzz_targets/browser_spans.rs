//! Messages of the browser's spans.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| student_registration::fuzzing::browser_spans(data));
