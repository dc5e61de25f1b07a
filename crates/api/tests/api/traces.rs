//! The trace of a registration, as a real receiver gets it over OTLP.

use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
    thread,
};

use libtest_mimic::Trial;
use registration_testkit::{
    Applicant, Backend, Service, ServiceBuilder, TestDatabase, on_every_backend,
    telemetry::{OtlpReceiver, Span, trace_outline, traces},
    trials,
};
use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};

use crate::support::{BROWSER, builder, client, get, post, raw, registration};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        probes_have_no_traces_and_other_requests_have,
        every_method_names_its_span,
        both_protocols_carry_traces_and_logs_with_resource_and_headers,
        an_unsampled_trace_has_an_id,
        a_failing_request_has_one_trace_id_everywhere,
        spans_can_be_written_to_the_console,
    ];
    trials.extend(on_every_backend![concurrent_requests_keep_their_own_traces]);
    trials
}

pub(crate) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
pub(crate) const PARENT: &str = "b7ad6b7169203331";

/// A service that exports to this receiver over HTTP, soon after each span.
pub(crate) fn exporting(builder: ServiceBuilder, receiver: &OtlpReceiver) -> ServiceBuilder {
    builder
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.http_endpoint())
        .env("OTEL_BSP_SCHEDULE_DELAY", "20")
        .env("OTEL_BLRP_SCHEDULE_DELAY", "20")
}

fn probes_have_no_traces_and_other_requests_have() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    for path in ["/health", "/health/live", "/health/ready", "/metrics"] {
        get(&service.url(path), "*/*");
        get(&service.admin_url(path), "*/*");
    }
    get(&service.url("/"), BROWSER);
    let location = post(&service, &registration("zoe@example.org")).headers()["location"].clone();
    get(&service.url(location.to_str().unwrap()), "*/*");
    get(&service.url("/jane@example.org"), "*/*");

    let spans = receiver.wait_for_spans(|spans| spans.iter().any(|span| span.name == "GET"));
    let shapes: BTreeSet<_> = traces(&spans)
        .values()
        .map(|spans| {
            let outline = trace_outline(spans);
            let names = outline.lines().map(|line| line.split(" {").next().unwrap());
            names.collect::<Vec<_>>().join("\n")
        })
        // Not those of the office's jobs.
        .filter(|shape| shape.lines().next().is_some_and(|root| root.ends_with(" server")))
        .collect();
    assert_eq!(
        shapes.into_iter().collect::<Vec<_>>(),
        [
            "GET / server\n  home_handler internal",
            "GET /students/{id} server\n  find_student_handler internal\n    db_find_student internal\n      create_db_connection internal\n      SELECT students client",
            "GET server",
            "POST /register server\n  register_student_handler internal\n    validate_registration internal\n    db_insert_student internal\n      create_db_connection internal\n      INSERT students client",
        ]
    );
    let server = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(server("GET").attributes["url.path"], "/[16 chars]");
    assert_eq!(server("POST /register").attributes["http.response.status_code"], 201);
    assert_eq!(server("POST /register").attributes["client.address"], "127.0.0.1");
    let handler = server("register_student_handler");
    let applicant = Applicant::new("zoe@example.org");
    let shape =
        applicant.fields().map(|(name, v)| format!(r#""{name}":"[{} chars]""#, v.chars().count()));
    assert_eq!(handler.attributes["request.body"], format!("{{{}}}", shape.join(",")));
    assert_eq!(handler.attributes["registration.outcome"], "created");
}

fn every_method_names_its_span() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    let mut expected = BTreeSet::new();
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        let name = if method == "BREW" { "HTTP" } else { method };
        for path in ["/register", "/nowhere"] {
            let head =
                format!("{method} {path} HTTP/1.1\r\nhost: x:1234\r\nuser-agent: a test\r\n");
            raw(&service, format!("{head}connection: close\r\n\r\n").as_bytes());
            let route = if path == "/register" { " /register" } else { "" };
            expected.insert(format!("{name}{route}"));
        }
    }
    let servers = |spans: &[Span]| -> BTreeSet<String> {
        let servers = spans.iter().filter(|span| span.kind == "server");
        servers.map(|span| span.name.clone()).collect()
    };
    let spans = receiver.wait_for_spans(|spans| servers(spans).len() >= expected.len());
    assert_eq!(servers(&spans), expected);
    for span in spans.iter().filter(|span| span.kind == "server") {
        let original = span.attributes.get("http.request.method_original");
        let unknown = span.name.starts_with("HTTP").then(|| json!("BREW"));
        assert_eq!(original, unknown.as_ref());
        assert_eq!(span.attributes["user_agent.original"], "a test");
    }
}

fn both_protocols_carry_traces_and_logs_with_resource_and_headers() {
    for protocol in ["http/protobuf", "grpc"] {
        let receiver = OtlpReceiver::start();
        let endpoint = match protocol {
            "grpc" => receiver.grpc_endpoint(),
            _ => receiver.http_endpoint(),
        };
        let database = TestDatabase::new(Backend::Sqlite);
        let service = builder(&database)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            .env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=canary%20key")
            .env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
            .env("OTEL_SERVICE_NAME", "school")
            .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,team=a%2Cb")
            .env("OTEL_BSP_SCHEDULE_DELAY", "20")
            .env("OTEL_BLRP_SCHEDULE_DELAY", "20")
            .env("RUST_LOG", "trace")
            .start();
        assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
        let is_root = |span: &Span| span.name == "POST /register";
        let spans = receiver.wait_for_spans(|spans| spans.iter().any(is_root));
        let root = spans.iter().find(|span| is_root(span)).unwrap();
        let logs =
            receiver.wait_for_logs(|logs| logs.iter().any(|log| log.body == "Request completed"));
        let completed = logs.iter().find(|log| log.body == "Request completed").unwrap();

        assert_eq!(completed.trace_id, root.trace_id);
        assert_eq!(completed.span_id, root.span_id);
        assert_eq!(completed.severity, "INFO");
        assert_eq!(completed.attributes["status"], 201);
        let line = service.wait_for_log(|line| line["body"] == "Request completed");
        assert_eq!(line["trace_id"], root.trace_id);
        assert_eq!(line["attributes"], json!(completed.attributes));
        for resource in [&root.resource, &completed.resource] {
            assert_eq!(resource["service.name"], "school");
            assert_eq!(resource["service.namespace"], "student-registration");
            assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
            assert_eq!(resource["service.instance.id"].as_str().unwrap().len(), 36);
            assert_eq!(resource["deployment.environment.name"], "test");
            assert_eq!(resource["team"], "a,b");
            assert_eq!(resource["telemetry.sdk.language"], "rust");
        }
        if protocol != "grpc" {
            assert_eq!(receiver.headers()["api-key"], "canary key");
            assert_eq!(receiver.headers()["content-encoding"], "gzip");
        }

        // The exporter itself is not logged, at whatever level; other libraries are,
        // each under its own name.
        service.terminate();
        let lines = service.wait_for_exit();
        assert!(lines.iter().all(|line| !line.contains("canary")), "{protocol}");
        let targets: BTreeSet<_> = receiver.logs().into_iter().map(|log| log.target).collect();
        assert!(
            targets.contains("student_registration::web::middleware::root_span"),
            "{targets:?}"
        );
        assert!(targets.iter().any(|target| target.starts_with("actix")), "{targets:?}");
        for library in ["log", "hyper", "h2", "tonic", "reqwest", "tower", "opentelemetry", "mio"] {
            assert!(!targets.iter().any(|target| target.starts_with(library)), "{targets:?}");
        }
    }
}

fn an_unsampled_trace_has_an_id() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let start = |sampler: &str| {
        exporting(builder(&database), &receiver).env("OTEL_TRACES_SAMPLER", sampler).start()
    };
    let ask = |service: &Service, flags: &str| -> String {
        let parent = format!("00-{TRACE}-{PARENT}-{flags}");
        let request = client().get(service.url("/nowhere")).header("traceparent", parent);
        let problem: Value = request.send().unwrap().json().unwrap();
        problem["trace_id"].as_str().unwrap().to_owned()
    };
    // Ended before anything is looked at, so that everything has been sent.
    let received_after = |service: Service| {
        service.terminate();
        assert!(service.wait().success());
        receiver.spans().len()
    };
    let service = start("always_off");
    assert_eq!(ask(&service, "01"), TRACE);
    let line = service.wait_for_log(|line| line["body"] == "Request completed");
    assert_eq!((&line["trace_id"], &line["trace_flags"]), (&json!(TRACE), &json!("00")));
    assert_eq!(received_after(service), 0);

    let service = start("parentbased_always_on");
    ask(&service, "00");
    // Statements run on other threads than their requests, alone and together.
    let parent = format!("00-{TRACE}-{PARENT}-00");
    let unkept = |request: RequestBuilder| request.header("traceparent", &parent).send().unwrap();
    let register =
        |email: String| unkept(client().post(service.url("/register")).json(&registration(&email)));
    let created = register("zoe@example.org".to_owned());
    assert_eq!(register("zoe@example.org".to_owned()).status(), 409);
    let location = created.headers()["location"].to_str().unwrap();
    assert_eq!(unkept(client().get(service.url(location))).status(), 200);
    thread::scope(|threads| {
        for number in 0..20 {
            let register = &register;
            threads.spawn(move || register(format!("zoe{number}@example.org")));
        }
    });
    assert_eq!(received_after(service), 0, "the caller has decided");

    let service = start("parentbased_always_off");
    assert_eq!(ask(&service, "01"), TRACE);
    assert_eq!(received_after(service), 0, "a caller is not trusted");

    let trusting = exporting(builder(&database), &receiver)
        .env("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        .env("TRUST_TRACEPARENT", "true")
        .start();
    ask(&trusting, "01");
    ask(&trusting, "00");
    assert_eq!(received_after(trusting), 1, "the caller has decided");
}

fn concurrent_requests_keep_their_own_traces(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder(database), &receiver)
        .env("DATABASE_POOL_TIMEOUT", "30")
        .env("REQUEST_TIMEOUT", "60")
        .start();
    let count = 200;
    let gate = Arc::new(Barrier::new(count));
    // One client, a connection each: a client of its own for each would run out of descriptors.
    let client = client();
    thread::scope(|threads| {
        for number in 0..count {
            let (gate, service, client) = (Arc::clone(&gate), &service, &client);
            threads.spawn(move || {
                let parent = format!("00-a0{number:030x}-{:016x}-01", number + 1);
                let body = registration(&format!("zoe{number}@example.org"));
                let request = client.post(service.url("/register")).json(&body);
                let request = request.header("traceparent", parent);
                gate.wait();
                assert_eq!(request.send().unwrap().status(), 201);
            });
        }
    });
    let roots = |spans: &[Span]| spans.iter().filter(|span| span.kind == "server").count();
    let spans = receiver.wait_for_spans(|spans| roots(spans) == count);
    let mut traces = traces(&spans);
    // Without those of the office's jobs.
    traces.retain(|trace_id, _| trace_id.starts_with("a0"));
    assert_eq!(traces.len(), count);
    // But for the statements, which stand in the trace of one of those who share them.
    let own = |spans: &[Span]| {
        let own: Vec<_> = spans.iter().filter(|span| span.kind != "client").cloned().collect();
        trace_outline(&own)
    };
    let shapes: BTreeSet<_> = traces.values().map(|spans| own(spans)).collect();
    assert_eq!(shapes.len(), 1, "{shapes:#?}");
    assert_eq!(shapes.first().unwrap().lines().count(), 5);
    for (trace_id, trace) in traces {
        let number = usize::from_str_radix(&trace_id[2..], 16).unwrap();
        let root = trace.iter().find(|span| span.kind == "server").unwrap();
        assert_eq!(root.parent_id, format!("{:016x}", number + 1));
        assert!(leads_to_its_statement(&trace, &spans), "{}", trace_outline(&trace));
    }
    let statements = spans.iter().filter(|span| span.name == "INSERT students").count();
    assert!(statements < count, "no statement is shared");
}

/// Whether a registration can be followed from its request to the statement that stored it: in its own
/// trace, or by its link.
pub(crate) fn leads_to_its_statement(trace: &[Span], all: &[Span]) -> bool {
    let named = |name: &str| trace.iter().find(|span| span.name == name);
    let Some(inserting) = named("db_insert_student") else { return false };
    let linked = |insert: &&Span| inserting.links.iter().any(|link| link.span_id == insert.span_id);
    let is_insert = |span: &&Span| span.name == "INSERT students";
    let statement = all.iter().filter(is_insert).find(linked).or(named("INSERT students"));
    named("POST /register").is_some()
        && named("create_db_connection").is_some()
        && statement.is_some()
}

fn spans_can_be_written_to_the_console() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database)
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("OTEL_BSP_SCHEDULE_DELAY", "20")
        .start();
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
    let root = service.wait_for_log(|line| line["span"] == "POST /register");
    assert_eq!(root["kind"], "server");
    assert_eq!(root["attributes"]["http.response.status_code"], 201);
    let handler = service.wait_for_log(|line| line["span"] == "register_student_handler");
    assert_eq!(handler["parent_span_id"], root["span_id"]);
}

fn a_failing_request_has_one_trace_id_everywhere() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    database.execute("ALTER TABLE students RENAME COLUMN first_name TO forename");
    let problem: Value = post(&service, &registration("zoe@example.org")).json().unwrap();
    let trace_id = problem["trace_id"].as_str().unwrap();
    assert_eq!(problem["status"], 500);

    let is_failure = |body: &str| body == "Request failed unexpectedly";
    let line = service.wait_for_log(|line| line["body"].as_str().is_some_and(is_failure));
    assert_eq!(line["trace_id"], trace_id);
    let records = receiver.wait_for_logs(|logs| logs.iter().any(|log| is_failure(&log.body)));
    let record = records.iter().find(|log| is_failure(&log.body)).unwrap();
    assert_eq!(record.trace_id, trace_id);
    let is_root = |span: &Span| span.kind == "server";
    let spans = receiver.wait_for_spans(|spans| spans.iter().any(is_root));
    let root = spans.iter().find(|span| is_root(span)).unwrap();
    assert_eq!(root.trace_id, trace_id);
    assert_eq!(record.span_id, root.span_id);

    // The failure is recorded once: as one event, on one span, with what the log line says.
    let events: Vec<_> = spans.iter().flat_map(|span| &span.events).collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(json!(events[0].attributes), line["attributes"]);
    assert_eq!(events[0].attributes["exception.type"], "internal_error");
}
