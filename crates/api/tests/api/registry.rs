//! The registries (`telemetry.toml`) against the running service: what it emits is registered, and
//! what is registered it emits.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_telemetry::registry::{MetricKind, Registry, SpanSpec};
use registration_testkit::{
    MariaDbServer, Service, TestDatabase, mariadb_trial,
    telemetry::{LogRecord, OtlpReceiver, ReceiverMode, Span},
};
use serde_json::json;

use crate::{
    browser_spans::{message, relay, span},
    support::{BINARY, BROWSER, client, get, post, raw, registration, sqlite_with},
    traces::exporting,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![mariadb_trial(
        "the_service_and_its_registries_agree",
        the_service_and_its_registries_agree,
    )]
}

/// Log lines that no test of the whole service can provoke.
const NEVER_PROVOKED: [&str; 2] = ["Expired idempotency keys not deleted", "Panicked"];

fn the_service_and_its_registries_agree() {
    let registries = [
        include_str!("../../telemetry.toml"),
        registration_persistence::TELEMETRY,
        registration_telemetry::TELEMETRY,
    ]
    .map(|text| Registry::parse(text).unwrap());
    let (metrics, spans, logs) = everything_that_is_emitted();
    check_metrics(&registries, &metrics);
    check_spans(&registries, &spans);
    check_logs(&registries, &logs);
    for name in spans.iter().flat_map(|span| span.attributes.keys()) {
        let known =
            |registry: &Registry| registry.attributes.iter().any(|known| known.name == *name);
        assert!(registries.iter().any(known), "{name} has no meaning");
    }
}

/// Puts a service through all that can happen to it.
fn everything_that_is_emitted() -> (String, Vec<Span>, Vec<LogRecord>) {
    let mut server = MariaDbServer::start();
    let database = TestDatabase::on(&server);
    let receiver = OtlpReceiver::start();
    let start = || {
        exporting(Service::builder(BINARY, database.url()), &receiver)
            .env("MINIMUM_FILL_TIME", "0")
            .env("DATABASE_POOL_SIZE", "1")
            .env("DATABASE_POOL_TIMEOUT", "1.9")
            .env("CLIENT_TIMEOUT", "1")
            .env("OTEL_PROPAGATORS", "tracecontext,b3")
    };
    let service = start().start();
    for accept in [BROWSER, "application/json", "*/*"] {
        get(&service.url("/"), accept);
    }
    let created = post(&service, &registration("zoe@example.org"));
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    for path in [&*location, "/students/x", "/nowhere", "/version", "/health", "/assets/none"] {
        get(&service.url(path), "*/*");
        client().head(service.url(path)).send().unwrap();
    }
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        for path in ["/register", "/nowhere"] {
            let request = client().request(method.clone(), service.url(path));
            request.header("user-agent", "a test").send().unwrap();
        }
    }
    post(&service, &registration("zoe@example.org"));
    client().post(service.url("/register")).form(&registration("form@example.org")).send().unwrap();
    let page = get(&service.url("/"), BROWSER).text().unwrap();
    let (_, key) = page.split_once("name=\"idempotency_key\" value=\"").unwrap();
    let mut form = registration("page@example.org");
    form["idempotency_key"] = key.split('"').next().unwrap().into();
    for _ in 0..2 {
        client().post(service.url("/register")).form(&form).send().unwrap();
    }
    tell_of_a_page(&service);
    post(&service, &json!({"first_name": 5, "last_name": "x".repeat(101), "email": "@"}));
    post(&service, &json!({"first_name": "1", "email": format!("{}@x.org", "x".repeat(300))}));
    post(&service, &json!("x".repeat(20_000)));
    for (kind, body) in [("application/json", "{"), ("text/plain", "")] {
        let request = client().post(service.url("/register")).header("content-type", kind);
        request.body(body).send().unwrap();
    }
    let head = "POST /register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    raw(&service, format!("{head}content-length: 5\r\n\r\n{{").as_bytes());

    // One registration holds the only connection while it waits for its address; the others wait for
    // the connection, and are stored together.
    let held = database.lock_email("held@example.org");
    thread::scope(|threads| {
        let register = |email: &'static str| {
            let service = &service;
            threads.spawn(move || post(service, &registration(email)));
        };
        // The waits are bounded by the pool's time-out, and so is this.
        let begun = Instant::now();
        let wait_until = |is_so: &dyn Fn(f64, f64) -> bool| loop {
            let metrics = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
            let waiting = "db_client_connection_pending_requests{pool=\"registration\"}";
            let used = "db_client_connection_count{pool=\"registration\",state=\"used\"}";
            if is_so(value(&metrics, waiting), value(&metrics, used)) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "nobody waits for a connection");
        };
        register("held@example.org");
        wait_until(&|waiting, used| waiting < 1.0 && used > 0.0);
        ["one@example.org", "two@example.org"].into_iter().for_each(register);
        wait_until(&|waiting, _| waiting > 1.0);
        drop(held);
    });
    // Before the receiver takes nothing any more.
    let _ = receiver.wait_for_spans(|spans| {
        spans.iter().any(|span| span.attributes.contains_key("db.operation.batch.size"))
    });

    receiver.set_mode(ReceiverMode::Unavailable);
    post(&service, &registration("unreported@example.org"));
    for signal in ["traces", "logs"] {
        let _ = service.wait_for_log(|line| {
            line["body"] == "Telemetry export failed" && line["attributes"]["signal"] == signal
        });
    }
    receiver.set_mode(ReceiverMode::Accept);
    get(&service.url("/"), "*/*");
    let _ = service.wait_for_log(|line| line["body"] == "Telemetry export recovered");

    database.execute("ALTER TABLE students RENAME COLUMN first_name TO forename");
    assert_eq!(post(&service, &registration("a@example.org")).status(), 500);
    let before_the_end = get(&service.url("/metrics"), "*/*").text().unwrap();
    server.kill();
    // By a connection that was well a moment ago, and then without any.
    for _ in 0..2 {
        assert_eq!(post(&service, &registration("a@example.org")).status(), 503);
    }
    let after_the_end = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
    // Both of them: the second is the one that found no connection.
    let spans = receiver.wait_for_spans(|spans| {
        let unavailable = |span: &&Span| span.attributes.get("error.type") == Some(&"503".into());
        let failed = |span: &Span| span.attributes.contains_key("error.type");
        spans.iter().filter(unavailable).count() > 1
            && spans.iter().any(|span| span.name == "create_db_connection" && failed(span))
    });

    // An end at which the receiver does not answer, and a start that fails.
    receiver.set_mode(ReceiverMode::Hang);
    let before = receiver.requests();
    get(&service.url("/"), "*/*");
    receiver.wait_for_requests(before + 1);
    get(&service.url("/"), "*/*");
    service.terminate();
    let mut lines = service.wait_for_exit();
    receiver.set_mode(ReceiverMode::Accept);
    let failed = std::process::Command::new(BINARY)
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    lines.extend(String::from_utf8(failed.stdout).unwrap().lines().map(ToOwned::to_owned));
    let (_database, faulty) = sqlite_with(&[("FAULTS", "error=1%")]);
    lines.extend(faulty.log_lines());
    let metrics = before_the_end + &after_the_end;
    (metrics, spans, lines.iter().map(|line| log_record(line)).collect())
}

/// Every span that a page sends, with everything that it may say.
fn tell_of_a_page(service: &Service) {
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let number = |key: &str, value: &str| json!({"key": key, "value": {"intValue": value}});
    let attempt = [
        text("http.request.method", "POST"),
        text("error.type", "network"),
        number("http.response.status_code", "503"),
        number("http.request.resend_count", "1"),
    ];
    let spans = [
        span("documentLoad", "00f067aa0ba902b1", 1, &[]),
        span("form_start", "00f067aa0ba902b2", 1, &[]),
        span(
            "form_refused",
            "00f067aa0ba902b3",
            1,
            &[text("registration.error_fields", "email:required")],
        ),
        span("form_submit", "00f067aa0ba902b4", 1, &[text("registration.outcome", "failed")]),
        span("POST", "00f067aa0ba902b5", 1, &attempt),
    ];
    assert_eq!(relay(service, &message(&spans)).status(), 200);
    let foreign =
        client().post(service.url("/telemetry/v1/traces")).header("origin", "https://x.example");
    foreign.json(&json!({})).send().unwrap();
}

fn log_record(line: &str) -> LogRecord {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let attributes = line["attributes"].as_object().unwrap().clone();
    LogRecord {
        body: text("body"),
        severity: text("severity_text"),
        trace_id: text("trace_id"),
        span_id: text("span_id"),
        target: text("target"),
        attributes: attributes.into_iter().collect(),
        resource: BTreeMap::new(),
    }
}

/// The sum of the series that begin with this.
fn value(metrics: &str, series: &str) -> f64 {
    let of_series = metrics.lines().filter(|line| line.starts_with(series));
    of_series.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

fn check_metrics(registries: &[Registry], scrape: &str) {
    let registered: BTreeMap<_, _> = registries
        .iter()
        .flat_map(|registry| &registry.metrics)
        .map(|metric| (metric.name.as_str(), metric))
        .collect();
    let mut happened = BTreeSet::new();
    let kinds = scrape.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let kinds: BTreeMap<_, _> = kinds.map(|line| line.split_once(' ').unwrap()).collect();
    for line in scrape.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let of_histogram = ["_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .find(|name| kinds.get(name) == Some(&"histogram"));
        let name = of_histogram.unwrap_or(name);
        let metric = registered.get(name).unwrap_or_else(|| panic!("{name} is not registered"));
        assert_eq!(kinds[name], format!("{:?}", metric.kind).to_lowercase(), "{name}");
        assert_eq!(of_histogram.is_some(), metric.kind == MetricKind::Histogram, "{name}");
        let labels: Vec<_> = labels
            .trim_end_matches('}')
            .split("\",")
            .filter(|label| !label.is_empty())
            .map(|label| label.split_once("=\"").unwrap())
            .filter(|(name, _)| *name != "le")
            .map(|(name, value)| (name, value.trim_end_matches('"')))
            .collect();
        let names: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
        assert_eq!(labels.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names, "{series}");
        for ((_, value), label) in labels.iter().zip(&metric.labels) {
            let bounded =
                label.values.is_empty() || label.values.iter().any(|known| known == value);
            assert!(bounded, "{series}: {value} is not registered");
        }
        if value != "0" {
            happened.insert(name);
        }
    }
    // One was seen above and is at rest again; the others need a long run, and a limit.
    happened.extend([
        "db_client_connection_pending_requests",
        "process_cpu_seconds_total",
        "process_virtual_memory_max_bytes",
    ]);
    let never: Vec<_> = registered.keys().filter(|name| !happened.contains(*name)).collect();
    assert!(never.is_empty(), "registered, but nothing ever happened to {never:?}");
}

fn check_spans(registries: &[Registry], spans: &[Span]) {
    let mut registered: BTreeMap<&str, (&SpanSpec, BTreeSet<&str>)> = registries
        .iter()
        .flat_map(|registry| &registry.spans)
        .map(|span| (span.name.as_str(), (span, BTreeSet::new())))
        .collect();
    let mut seen = BTreeSet::new();
    for span in spans {
        let template = template(span);
        let (entry, attributes) =
            registered.get_mut(template).unwrap_or_else(|| panic!("{span:?} is not registered"));
        assert_eq!(entry.kind, span.kind, "{template}");
        for name in span.attributes.keys() {
            assert!(entry.attributes.contains(name), "{template}: {name} is not registered");
            attributes.insert(entry.attributes.iter().find(|known| *known == name).unwrap());
        }
        for event in &span.events {
            assert!(
                entry.events.contains(&event.name),
                "{template}: {} is not registered",
                event.name
            );
            seen.insert((template, Some(event.name.as_str())));
        }
        seen.insert((template, None));
    }
    for (name, (entry, attributes)) in &registered {
        assert!(seen.contains(&(*name, None)), "{name} is registered, but there is none");
        for event in &entry.events {
            assert!(seen.contains(&(*name, Some(event.as_str()))), "{name} never has {event}");
        }
        let never: Vec<_> =
            entry.attributes.iter().filter(|known| !attributes.contains(known.as_str())).collect();
        assert!(never.is_empty(), "{name} never has {never:?}");
    }
}

/// What a span's name is made of.
fn template(span: &Span) -> &str {
    let attribute = |name: &str| span.attributes.get(name).and_then(|value| value.as_str());
    let method = attribute("http.request.method");
    match (span.kind.as_str(), method, attribute("http.route")) {
        ("server", Some("_OTHER"), None) if span.name == "HTTP" => "HTTP",
        ("server", Some("_OTHER"), Some(route)) if span.name == format!("HTTP {route}") => "HTTP",
        ("server", Some(method), Some(route)) if span.name == format!("{method} {route}") => {
            "{http.request.method} {http.route}"
        }
        ("server", Some(method), None) if span.name == method => "{http.request.method}",
        ("client", ..) if attribute("db.query.summary") == Some(&span.name) => "{db.query.summary}",
        _ => &span.name,
    }
}

fn check_logs(registries: &[Registry], logs: &[LogRecord]) {
    let registered: BTreeMap<_, _> = registries
        .iter()
        .flat_map(|registry| &registry.logs)
        .map(|log| (log.body.as_str(), log))
        .collect();
    for log in logs {
        let entry = registered
            .get(log.body.as_str())
            .unwrap_or_else(|| panic!("{log:?} is not registered"));
        assert_eq!(entry.severity, log.severity, "{log:?}");
        for name in log.attributes.keys() {
            assert!(entry.attributes.contains(name), "{log:?}: {name} is not registered");
        }
    }
    let written: BTreeSet<_> = logs.iter().map(|log| log.body.as_str()).collect();
    let never: Vec<_> = registered
        .keys()
        .filter(|body| !written.contains(*body) && !NEVER_PROVOKED.contains(body))
        .collect();
    assert!(never.is_empty(), "registered, but never written: {never:?}");
}
