//! The service over a store that is no database: `examples/other-store.rs`.

use std::path::Path;

use libtest_mimic::Trial;
use registration_testkit::{Service, ignored_if};

use crate::support::{BINARY, get, post, registration};

pub(crate) fn trials() -> Vec<Trial> {
    // `cargo test` builds examples; `cargo test --test api` does not.
    let example = Path::new(BINARY).with_file_name("examples").join("other-store");
    let missing = (!example.exists()).then_some("the example is not built");
    vec![ignored_if(missing, "the_service_runs_over_another_store".to_owned(), move || {
        the_service_runs_over_another_store(example.to_str().unwrap());
        Ok(())
    })]
}

fn the_service_runs_over_another_store(example: &str) {
    // The database cannot be opened, and is not.
    let service = Service::builder(example, "sqlite:///missing/students.db").start();
    let registered = post(&service, &registration("zoe@example.org"));
    assert_eq!(registered.status(), 201);
    let student = registered.headers()["location"].to_str().unwrap();
    assert_eq!(get(&service.url(student), "application/json").status(), 200);
    assert_eq!(post(&service, &registration("ZOE@example.org")).status(), 409);
    assert_eq!(get(&service.admin_url("/health/ready"), "*/*").status(), 200);
}
