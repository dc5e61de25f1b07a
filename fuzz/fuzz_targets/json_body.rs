//! Registrations as JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| student_registration::fuzzing::json_body(data));
