//! Receivers that fail: no request does, what is lost is counted, and it is said once.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, Service, TestDatabase, free_address, killed_with_parent,
    telemetry::{OtlpReceiver, ReceiverMode},
    trials,
};
use serde_json::Value;

use crate::{
    browser_spans::{message, relay, span},
    support::{builder, client, get, post, registration},
    traces::{PARENT, exporting},
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        an_outage_and_its_end_are_logged_once,
        items_an_unavailable_collector_refuses_are_counted,
        items_a_full_queue_drops_are_counted,
        partially_rejected_items_are_counted,
        a_hanging_collector_does_not_delay_shutdown,
        queued_items_are_sent_when_the_start_fails,
        invalid_settings_are_warnings,
        without_an_endpoint_nothing_is_logged,
        unread_log_lines_are_dropped_and_counted,
        refused_log_lines_are_counted_and_reported_to_the_collector,
        an_endless_response_is_a_failed_export,
        exports_follow_no_redirects,
    ]
}

fn dropped(service: &Service, signal: &str) -> u64 {
    let series = format!("telemetry_dropped_total{{signal=\"{signal}\"}} ");
    let metrics = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
    let count = metrics.lines().find_map(|line| line.strip_prefix(series.as_str()));
    count.unwrap().parse().unwrap()
}

/// Asks again and again, but not for ever.
fn until(mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not happen");
    }
}

fn bodies(lines: &[String]) -> Vec<String> {
    let body =
        |line: &String| serde_json::from_str::<Value>(line).ok()?["body"].as_str().map(Into::into);
    lines.iter().filter_map(body).collect()
}

fn register(service: &Service, number: usize) {
    let registration = registration(&format!("zoe{number}@example.org"));
    assert_eq!(post(service, &registration).status(), 201);
}

fn an_outage_and_its_end_are_logged_once() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service =
        exporting(builder(&database), &receiver).env("OTEL_LOGS_EXPORTER", "none").start();
    receiver.set_mode(ReceiverMode::Unavailable);
    // Several exports fail, each for good: the exporter itself tries again a few times.
    for number in 0..3 {
        let before = dropped(&service, "traces");
        register(&service, number);
        until(|| dropped(&service, "traces") > before);
    }
    let line = service.wait_for_log(|line| line["body"] == "Telemetry export failed");
    assert_eq!(line["attributes"]["signal"], "traces");
    let endpoint = line["attributes"]["endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with(&receiver.http_endpoint()), "{endpoint}");
    receiver.set_mode(ReceiverMode::Accept);
    register(&service, 3);
    let _ = service.wait_for_log(|line| line["body"] == "Telemetry export recovered");
    service.terminate();
    let said = bodies(&service.wait_for_exit());
    let count = |body: &str| said.iter().filter(|said| *said == body).count();
    assert_eq!(count("Telemetry export failed"), 1);
    assert_eq!(count("Telemetry export recovered"), 1);
}

fn items_an_unavailable_collector_refuses_are_counted() {
    for protocol in ["http/protobuf", "grpc", "closed port"] {
        let receiver = OtlpReceiver::start();
        receiver.set_mode(ReceiverMode::Unavailable);
        let endpoint = match protocol {
            "grpc" => receiver.grpc_endpoint(),
            // A port below 1024, which no test listens on.
            "closed port" => "http://127.0.0.1:9".to_owned(),
            _ => receiver.http_endpoint(),
        };
        let database = TestDatabase::new(Backend::Sqlite);
        let service = exporting(builder(&database), &receiver)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.trim_start_matches("closed port"))
            .start();
        register(&service, 0);
        let relayed = span("form_start", PARENT, 1, &[]);
        assert_eq!(relay(&service, &message(&[relayed])).status(), 200);
        until(|| dropped(&service, "relayed") > 0);
        for signal in ["traces", "logs"] {
            let _ = service.wait_for_log(|line| {
                line["body"] == "Telemetry export failed" && line["attributes"]["signal"] == signal
            });
            assert!(dropped(&service, signal) > 0, "{protocol} {signal}");
        }
    }
}

fn items_a_full_queue_drops_are_counted() {
    let receiver = OtlpReceiver::start();
    receiver.set_mode(ReceiverMode::Hang);
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver)
        .env("OTEL_BSP_MAX_QUEUE_SIZE", "4")
        .env("OTEL_BLRP_MAX_QUEUE_SIZE", "4")
        .start();
    // At least six spans and two records each, besides those of the jobs; four may wait, or be on
    // their way.
    for number in 0..10 {
        register(&service, number);
    }
    assert!(dropped(&service, "traces") >= 60 - 4, "{}", dropped(&service, "traces"));
    assert!(dropped(&service, "logs") >= 20 - 4, "{}", dropped(&service, "logs"));
    assert_eq!(database.emails().len(), 10);
}

fn a_hanging_collector_does_not_delay_shutdown() {
    for protocol in ["http/protobuf", "grpc"] {
        let (hanging, well) = (OtlpReceiver::start(), OtlpReceiver::start());
        hanging.set_mode(ReceiverMode::Hang);
        let endpoint = |receiver: &OtlpReceiver| match protocol {
            "grpc" => receiver.grpc_endpoint(),
            _ => format!("{}/v1/traces", receiver.http_endpoint()),
        };
        let database = TestDatabase::new(Backend::Sqlite);
        let service = exporting(builder(&database), &well)
            .env("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol)
            .env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &endpoint(&hanging))
            .env("OTEL_EXPORTER_OTLP_TIMEOUT", "600000")
            .env("OTEL_BSP_EXPORT_TIMEOUT", "600000")
            .start();
        register(&service, 0);
        hanging.wait_for_requests(1);
        service.terminate();
        let said = bodies(&service.wait_for_exit());
        assert!(said.contains(&"Telemetry was lost at the end".to_owned()), "{said:?}");
        // The logs had their time, and say what became of the traces.
        let received: Vec<_> = well.logs().into_iter().map(|log| log.body).collect();
        for body in ["Stopped", "Telemetry was lost at the end"] {
            assert!(received.contains(&body.to_owned()), "{protocol}: {received:?}");
        }
    }
}

fn partially_rejected_items_are_counted() {
    for protocol in ["http/protobuf", "grpc"] {
        let receiver = OtlpReceiver::start();
        receiver.set_mode(ReceiverMode::RejectOne);
        let endpoint = match protocol {
            "grpc" => receiver.grpc_endpoint(),
            _ => receiver.http_endpoint(),
        };
        let database = TestDatabase::new(Backend::Sqlite);
        let service = exporting(builder(&database), &receiver)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            .start();
        for (number, signal) in ["traces", "logs"].into_iter().enumerate() {
            register(&service, number);
            until(|| dropped(&service, signal) > 0);
        }
    }
}

fn queued_items_are_sent_when_the_start_fails() {
    let receiver = OtlpReceiver::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let database = TestDatabase::new(Backend::Sqlite);
    let output = std::process::Command::new(crate::support::BINARY)
        .env_clear()
        .env("DATABASE_URL", database.url())
        .env("LISTEN_ADDR", taken.local_addr().unwrap().to_string())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_endpoint())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let logs = receiver.logs();
    let failure = logs.iter().find(|log| log.body == "Could not serve").unwrap();
    assert_eq!(failure.severity, "ERROR");
    assert!(failure.attributes["error"].as_str().unwrap().contains("LISTEN_ADDR"));
}

fn invalid_settings_are_warnings() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://canary:secret@127.0.0.1:4318")
        .env("OTEL_TRACES_SAMPLER_ARG", "2")
        .env("OTEL_TRACES_SAMPLER", "traceidratio")
        .env("OTEL_BSP_MAX_QUEUE_SIZE", "99999999999999999999")
        .start();
    register(&service, 0);
    for variable in
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG", "OTEL_BSP_MAX_QUEUE_SIZE"]
    {
        let line = service.wait_for_log(|line| line["attributes"]["variable"] == variable);
        assert_eq!(line["body"], "Telemetry setting not followed");
        assert!(!line.to_string().contains("canary"), "{line}");
    }
}

fn without_an_endpoint_nothing_is_logged() {
    let database = TestDatabase::new(Backend::Sqlite);
    for disabled in ["false", "true"] {
        let service = builder(&database)
            .env("OTEL_SDK_DISABLED", disabled)
            .env("OTEL_TRACES_EXPORTER", "otlp")
            .start();
        register(&service, usize::from(disabled == "true"));
        assert_eq!(dropped(&service, "traces") + dropped(&service, "logs"), 0);
        service.terminate();
        let lines = service.wait_for_exit();
        assert!(lines.iter().all(|line| line.contains(r#""severity_text":"INFO""#)), "{lines:#?}");
        let traced = lines.iter().any(|line| line.contains(r#""trace_id""#));
        assert_eq!(traced, disabled == "false");
    }
}

fn unread_log_lines_are_dropped_and_counted() {
    let database = TestDatabase::new(Backend::Sqlite);
    let mut process = std::process::Command::new(crate::support::BINARY)
        .env_clear()
        .env("DATABASE_URL", database.url())
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("ADMIN_LISTEN_ADDR", "127.0.0.1:0")
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Read until it listens, and no further.
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let addresses: Vec<String> = lines
        .by_ref()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
        .filter(|line| line["body"] == "Listening")
        .map(|line| format!("http://{}", line["attributes"]["address"].as_str().unwrap()))
        .take(2)
        .collect();
    let client = client();
    let dropped = || {
        let metrics = client.get(format!("{}/metrics", addresses[1])).send().unwrap();
        let metrics = metrics.text().unwrap();
        metrics.lines().any(|line| {
            line.strip_prefix("telemetry_dropped_total{signal=\"stdout\"} ")
                .is_some_and(|count| count != "0")
        })
    };
    // Requests go on being served however full the pipe is.
    until(|| {
        for _ in 0..500 {
            let answer = client.get(format!("{}/nowhere", addresses[0])).send().unwrap();
            assert_eq!(answer.status(), 404);
        }
        dropped()
    });
    // Nor is the end held up.
    let pid = process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let mut status = None;
    until(|| {
        status = process.try_wait().unwrap();
        status.is_some()
    });
    assert!(status.unwrap().success());
}

fn refused_log_lines_are_counted_and_reported_to_the_collector() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let admin = free_address();
    let mut process = killed_with_parent(crate::support::BINARY)
        .env_clear()
        .env("DATABASE_URL", database.url())
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("ADMIN_LISTEN_ADDR", &admin)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_endpoint())
        .stdout(File::options().write(true).open("/dev/full").unwrap())
        .spawn()
        .unwrap();
    let logs = receiver.wait_for_logs(|logs| {
        let listening = logs.iter().filter(|log| log.body == "Listening").count() == 2;
        listening && logs.iter().any(|log| log.body == "Telemetry export failed")
    });
    let failures: Vec<_> =
        logs.iter().filter(|log| log.body == "Telemetry export failed").collect();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0].attributes["signal"], "stdout");
    assert_eq!(failures[0].attributes["endpoint"], "standard output");
    let metrics = get(&format!("http://{admin}/metrics"), "*/*").text().unwrap();
    let series = "telemetry_dropped_total{signal=\"stdout\"} ";
    let count = metrics.lines().find_map(|line| line.strip_prefix(series)).unwrap();
    assert!(count.parse::<u64>().unwrap() >= 2, "{count}");
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Answers every request with `head`, then sends a byte at a time until the client disconnects.
fn dripping_receiver(head: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&asked);
    thread::spawn(move || {
        for mut connection in listener.incoming().map_while(Result::ok) {
            let heads = Arc::clone(&heads);
            thread::spawn(move || {
                let mut begin = [0; 16];
                let _ = connection.read(&mut begin);
                heads.lock().unwrap().push(String::from_utf8_lossy(&begin).into_owned());
                let _ = connection.write_all(head.as_bytes());
                // Each byte waits for the next thing that the client sends, or for its end.
                connection.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
                while connection.write_all(b" ").is_ok() {
                    let _ = connection.read(&mut [0; 4096]);
                }
            });
        }
    });
    (endpoint, asked)
}

fn an_endless_response_is_a_failed_export() {
    let (endpoint, _) = dripping_receiver("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "500")
        .env("OTEL_BSP_SCHEDULE_DELAY", "20")
        .start();
    register(&service, 0);
    let line = service.wait_for_log(|line| line["body"] == "Telemetry export failed");
    assert!(line["attributes"]["error"].as_str().unwrap().contains("timed out"), "{line}");
}

fn exports_follow_no_redirects() {
    let elsewhere = OtlpReceiver::start();
    let head = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {}/v1/traces\r\ncontent-length: 0\r\n\r\n",
        elsewhere.http_endpoint()
    );
    let (endpoint, asked) = dripping_receiver(head.leak());
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=canary")
        .env("OTEL_BSP_SCHEDULE_DELAY", "20")
        .start();
    register(&service, 0);
    let _ = service.wait_for_log(|line| line["body"] == "Telemetry export failed");
    until(|| dropped(&service, "traces") > 0);
    assert!(asked.lock().unwrap().iter().all(|head| head.starts_with("POST /v1/")));
    assert_eq!(elsewhere.requests(), 0);
}
