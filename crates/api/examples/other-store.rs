//! The service over a store of your own, here one in memory: `cargo run --example other-store`.
//!
//! A store implements the ports of `registration-domain`; `registration_contract::suite` tests it.

use std::{env, process::ExitCode, sync::Arc};

use registration_contract::MemoryStore;
use student_registration::{Stores, serve_with};

fn main() -> ExitCode {
    let store = Arc::new(MemoryStore::default());
    let stores = Stores {
        registrations: store.clone(),
        students: store.clone(),
        readiness: store,
        desk: None,
    };
    serve_with(env::args_os(), stores)
}
