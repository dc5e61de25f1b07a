//! Registrations as forms.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| student_registration::fuzzing::form_body(data));
