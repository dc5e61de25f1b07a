//! Values of `DATABASE_URL`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| registration_persistence::fuzzing::database_url(data));
