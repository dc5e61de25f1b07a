//! Names and addresses, by the domain's rules.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| registration_domain::fuzzing::applicant(data));
