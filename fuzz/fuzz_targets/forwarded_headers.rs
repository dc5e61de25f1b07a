//! Header fields by which proxies name the client.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| student_registration::fuzzing::forwarded_headers(data));
