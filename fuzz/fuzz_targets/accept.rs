//! Header fields `Accept` and `Accept-Language`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| student_registration::fuzzing::accept(data));
