//! Faults on purpose, for drills.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use registration_testkit::{Service, TestDatabase, on_sqlite};

use crate::support::{BINARY, builder, header, metric, post, problem, registration};

pub(crate) fn trials() -> Vec<Trial> {
    on_sqlite![
        injected_faults_hit_their_rate_and_are_counted,
        a_delayed_registration_is_stored,
        faults_are_refused_in_production,
    ]
}

/// A service with these faults, in an environment that allows them.
fn faulty(database: &TestDatabase, faults: &str) -> Service {
    let environment = ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    builder(database).env(environment.0, environment.1).env("FAULTS", faults).start()
}

fn injected_faults_hit_their_rate_and_are_counted(database: &TestDatabase) {
    let service = faulty(database, "error=25%,database=10%");
    let warning = service.wait_for_log(|line| line["body"] == "Fault injection enabled");
    assert_eq!(warning["severity_text"], "WARN");
    assert_eq!(warning["attributes"]["faults"], "error=25%,database=10%");
    let mut statuses = Vec::new();
    for number in 0..20 {
        let answer = post(&service, &registration(&format!("n{number}@example.org")));
        let status = answer.status().as_u16();
        if status == 503 {
            assert_eq!(header(&answer, "retry-after"), "5");
        }
        if status != 201 {
            let text = problem(answer).to_string();
            assert!(!text.contains("inject"), "{text}");
        }
        statuses.push(status);
    }
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!([201, 500, 503].map(count), [14, 4, 2], "{statuses:?}");
    assert_eq!(database.emails().len(), 14);
    let reason = |reason| {
        let labels = format!("method=\"POST\",reason=\"{reason}\"");
        metric(&service, &format!("student_registration_errors_total{{{labels}}}"))
    };
    assert_eq!([reason("internal_error"), reason("database_unreachable")], [4.0, 2.0]);

    // Validation comes before the store, faults or none.
    let invalid = post(&service, &registration("@"));
    assert_eq!(invalid.status().as_u16(), 422);
}

fn a_delayed_registration_is_stored(database: &TestDatabase) {
    let service = faulty(database, "latency=300ms");
    let begun = Instant::now();
    assert_eq!(post(&service, &registration("late@example.org")).status().as_u16(), 201);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(database.emails(), ["late@example.org"]);
}

fn faults_are_refused_in_production(database: &TestDatabase) {
    for attribute in [
        "deployment.environment.name=production",
        "deployment.environment.name=prod",
        "deployment.environment.name=Staging",
        // An environment that nothing names.
        "",
        "team=a",
        // The older name, and a malformed list, which leaves the environment unknown.
        "deployment.environment=production",
        "deployment.environment.name=production,broken",
    ] {
        // Whatever it is told to do; this ends by itself where it is not refused.
        let output = std::process::Command::new(BINARY)
            .arg("migrate")
            .env_clear()
            .env("DATABASE_URL", database.url())
            .env("OTEL_RESOURCE_ATTRIBUTES", attribute)
            .env("FAULTS", "error=1%")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("FAULTS (--faults) is set, and"), "{told}");
    }
    let staging = builder(database)
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
        .env("FAULTS", "error=100%")
        .start();
    assert_eq!(post(&staging, &registration("zoe@example.org")).status().as_u16(), 500);
}
