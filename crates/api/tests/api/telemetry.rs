//! What the service says about itself: log lines and metrics.

use std::time::Duration;

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, telemetry::OtlpReceiver, trials, wait_until};
use serde_json::Value;

use crate::{
    support::{builder, client, get, metric, post, registration, start},
    traces::exporting,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        every_request_logs_two_lines_of_one_trace,
        a_trace_is_continued_and_a_malformed_parent_is_ignored,
        requests_are_counted_and_timed_by_route,
        the_pretty_format_is_not_json,
        a_log_filter_does_not_filter_spans,
    ]
}

fn sqlite() -> TestDatabase {
    TestDatabase::new(Backend::Sqlite)
}

fn every_request_logs_two_lines_of_one_trace() {
    let database = sqlite();
    let service = start(&database);
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
    let incoming = service.wait_for_log(|line| line["body"] == "Incoming request");
    let completed = service.wait_for_log(|line| line["body"] == "Request completed");
    assert_eq!(incoming["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(incoming["trace_id"], completed["trace_id"]);
    assert_eq!(completed["span_id"].as_str().unwrap().len(), 16);
    assert_eq!(completed["severity_text"], "INFO");
    assert_eq!(completed["severity_number"], 9);
    assert_eq!(completed["resource"]["service.name"], "student-registration-service");
    assert!(completed["timestamp"].as_str().unwrap().ends_with('Z'));
    let attributes = &completed["attributes"];
    assert_eq!(attributes["method"], "POST");
    assert_eq!(attributes["route"], "/register");
    assert_eq!(attributes["status"], 201);
    assert!(attributes["duration_ms"].as_f64().unwrap() > 0.0);
}

fn a_trace_is_continued_and_a_malformed_parent_is_ignored() {
    let database = sqlite();
    let service = start(&database);
    let trace_id = |parent: &str| {
        let request = client().get(service.url("/nowhere")).header("traceparent", parent);
        let problem: Value = request.send().unwrap().json().unwrap();
        problem["trace_id"].as_str().unwrap().to_owned()
    };
    let known = "0af7651916cd43dd8448eb211c80319c";
    assert_eq!(trace_id(&format!("00-{known}-b7ad6b7169203331-01")), known);
    for malformed in [
        String::new(),
        "nonsense".to_owned(),
        format!("00-{known}-b7ad6b7169203331"),
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        format!("ff-{known}-b7ad6b7169203331-01"),
        format!("00-{known}-b7ad6b7169203331-01-more"),
        format!("00-{}-b7ad6b7169203331-01", known.to_uppercase()),
        format!("0-{known}-b7ad6b7169203331-1"),
        format!("00-+{}-b7ad6b7169203331-01", &known[1..]),
        "00-abc-def-01".to_owned(),
    ] {
        let fresh = trace_id(&malformed);
        assert_eq!(fresh.len(), 32);
        assert_ne!(fresh, known, "{malformed}");
        assert!(!fresh.starts_with("000000"), "{malformed}: {fresh}");
    }
    // A version to come may say more; two parents say nothing.
    assert_eq!(trace_id(&format!("01-{known}-b7ad6b7169203331-01-more")), known);
    let parent = format!("00-{known}-b7ad6b7169203331-01");
    let request = client().get(service.url("/nowhere")).header("traceparent", &parent);
    let problem: Value = request.header("traceparent", &parent).send().unwrap().json().unwrap();
    assert_ne!(problem["trace_id"], known);
}

fn requests_are_counted_and_timed_by_route() {
    let database = sqlite();
    let service = start(&database);
    post(&service, &registration("zoe@example.org"));
    post(&service, &registration("zoe@example.org"));
    for path in ["/students/1", "/students/2", "/a", "/b"] {
        get(&service.url(path), "*/*");
    }
    client()
        .request(reqwest::Method::from_bytes(b"BREW").unwrap(), service.url("/a"))
        .send()
        .unwrap();

    for url in [service.url("/metrics"), service.admin_url("/metrics")] {
        let metrics = get(&url, "*/*").text().unwrap();
        for line in [
            r#"http_requests_total{method="POST",endpoint="/register",status_code="201"} 1"#,
            r#"http_requests_total{method="POST",endpoint="/register",status_code="409"} 1"#,
            r#"http_requests_total{method="GET",endpoint="/students/{id}",status_code="404"} 2"#,
            r#"http_requests_total{method="GET",endpoint="unmatched",status_code="404"} 2"#,
            r#"http_requests_total{method="_OTHER",endpoint="unmatched",status_code="404"} 1"#,
            r#"http_errors_total{method="POST",endpoint="/register",status_code="409"} 1"#,
            r#"http_request_duration_seconds_bucket{method="POST",endpoint="/register",status_code="201",le="10"} 1"#,
            r#"http_request_duration_seconds_count{method="POST",endpoint="/register",status_code="201"} 1"#,
            "# TYPE http_request_duration_seconds histogram",
        ] {
            assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
        }
        assert!(!metrics.contains(
            r#"http_errors_total{method="POST",endpoint="/register",status_code="201"}"#
        ));
        // What is known to happen is there before it does: a rate needs a zero to grow from.
        for line in [
            r#"http_requests_total{method="POST",endpoint="/register",status_code="503"} 0"#,
            r#"http_request_duration_seconds_count{method="POST",endpoint="/register",status_code="303"} 0"#,
            r#"student_registration_requests_total{method="POST",outcome="replayed"} 0"#,
            r#"student_registration_requests_total{method="POST",outcome="duplicate"} 1"#,
            r#"student_registration_errors_total{method="POST",reason="already_registered"} 1"#,
            r#"registration_validation_failures_total{field="email",code="already_registered"} 1"#,
            r#"registration_validation_failures_total{field="email",code="invalid_email"} 0"#,
            r#"db_query_duration_seconds_count{operation="INSERT students"} 2"#,
            r#"db_query_duration_seconds_bucket{operation="SELECT students",le="0.002"} 0"#,
            r#"db_client_connection_max{pool="registration"} 1"#,
            r#"telemetry_dropped_total{signal="traces"} 0"#,
        ] {
            assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
        }
    }
    // The office's jobs use the same connection.
    let pool = |name: &str, state: &str| {
        metric(&service, &format!("db_client_connection_{name}{{pool=\"registration\"{state}}}"))
    };
    assert!(pool("wait_time_seconds_count", "") >= 2.0);
    assert!(wait_until(Duration::from_secs(30), || {
        (pool("count", ",state=\"idle\""), pool("count", ",state=\"used\"")) == (1.0, 0.0)
    }));
}

fn the_pretty_format_is_not_json() {
    let database = sqlite();
    let mut program = std::process::Command::new(crate::support::BINARY);
    program.env_clear().env("DATABASE_URL", database.url()).env("LOG_FORMAT", "pretty");
    program.env("LISTEN_ADDR", "127.0.0.1:0").env("ADMIN_LISTEN_ADDR", "127.0.0.1:0");
    let mut process = program.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let output = std::io::BufReader::new(process.stdout.take().unwrap());
    let line =
        std::io::BufRead::lines(output).map(Result::unwrap).find(|line| line.contains("Listening"));
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(!line.unwrap().starts_with('{'));
}

fn a_log_filter_does_not_filter_spans() {
    let receiver = OtlpReceiver::start();
    let database = sqlite();
    // The address is logged at INFO, which a target of its own still lets through.
    let filter = "warn,student_registration::server=info";
    let service = exporting(builder(&database), &receiver).env("RUST_LOG", filter).start();
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
    service.terminate();
    let lines = service.wait_for_exit();
    assert!(lines.iter().any(|line| line.contains("Stopped")));
    assert!(!lines.iter().any(|line| line.contains("Request completed")), "{lines:#?}");
    assert!(receiver.spans().iter().any(|span| span.name == "validate_registration"));
    assert!(!receiver.logs().iter().any(|log| log.body == "Request completed"));
}
