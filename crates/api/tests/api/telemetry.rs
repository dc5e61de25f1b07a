//! What the service says about itself: log lines and metrics.

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, MariaDbServer, Service, TestDatabase, mariadb_trial, on_every_backend, trials,
};
use serde_json::Value;

use crate::support::{builder, client, get, post, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        every_request_leaves_two_lines_under_one_trace,
        a_trace_is_continued_and_a_malformed_parent_is_ignored,
        requests_are_counted_and_timed_by_route,
        lines_for_people_are_not_json,
    ];
    trials.extend(on_every_backend![nothing_personal_is_written]);
    trials.push(mariadb_trial("no_password_is_written", no_password_is_written));
    trials
}

fn sqlite() -> TestDatabase {
    TestDatabase::new(Backend::Sqlite)
}

fn every_request_leaves_two_lines_under_one_trace() {
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
    ] {
        let fresh = trace_id(&malformed);
        assert_eq!(fresh.len(), 32);
        assert_ne!(fresh, known, "{malformed}");
    }
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
    }
}

fn nothing_personal_is_written(database: &TestDatabase) {
    let service = builder(database).env("RUST_LOG", "trace").start();
    let canary = serde_json::json!({
        "first_name": "Canaryfirst", "last_name": "Canarylast", "email": "canary'o@mail.example"
    });
    let created = post(&service, &canary);
    assert_eq!(created.status(), 201);
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(post(&service, &canary).status(), 409);
    let receipt = get(&service.url(&location), "application/json").text().unwrap();
    let invalid =
        serde_json::json!({"first_name": "Canary\u{0}", "last_name": "", "email": "canary@"});
    let invalid = post(&service, &invalid);
    assert_eq!(invalid.status(), 422);
    let problem = invalid.text().unwrap();
    let form = [("first_name", "Canaryform"), ("email", "canary@form.example")];
    assert_eq!(client().post(service.url("/register")).form(&form).send().unwrap().status(), 422);
    // The database itself complains about a value, and quotes it where it can.
    let shorter = match database.backend() {
        Backend::Mysql => "ALTER TABLE students MODIFY COLUMN first_name INT",
        Backend::Sqlite => "ALTER TABLE students RENAME COLUMN first_name TO forename",
    };
    database.execute("DELETE FROM students");
    database.execute(shorter);
    assert_eq!(post(&service, &canary).status(), 500);
    let _ = service.wait_for_log(|line| line["attributes"]["status"] == 500);

    let metrics = get(&service.url("/metrics"), "*/*").text().unwrap();
    let written = service.log_lines().join("\n") + &metrics + &receipt + &problem;
    for line in written.lines() {
        assert!(!line.to_lowercase().contains("canary"), "{line}");
    }
}

fn no_password_is_written() {
    let server = MariaDbServer::start();
    let database = TestDatabase::on(&server);
    database.execute(&format!(
        "CREATE USER registrar IDENTIFIED BY 'canary-password'; GRANT ALL ON {}.* TO registrar",
        database.name()
    ));
    let url = database.url().replace("root@", "registrar:canary-password@");
    let service = Service::builder(crate::support::BINARY, &url)
        .env("RUST_LOG", "trace")
        .env("DATABASE_POOL_TIMEOUT", "0.5")
        .start();
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
    drop(server);
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 503);
    let _ = service.wait_for_log(|line| line["attributes"]["status"] == 503);
    for line in service.log_lines() {
        assert!(!line.contains("canary"), "{line}");
    }
}

fn lines_for_people_are_not_json() {
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
