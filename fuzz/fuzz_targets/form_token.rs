//! Form tokens, forged and issued.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| registration_application::fuzzing::form_token(data));
