//! Receivers that fail: no request does, what is lost is counted, and it is said once.

use std::net::TcpListener;

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, Service, TestDatabase,
    telemetry::{Behaviour, OtlpReceiver},
    trials,
};
use serde_json::Value;

use crate::{
    support::{builder, get, post, registration},
    traces::exporting,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        an_outage_is_said_once_and_so_is_its_end,
        what_an_unavailable_receiver_refuses_is_counted,
        what_a_full_queue_drops_is_counted,
        a_receiver_that_hangs_does_not_hold_up_the_end,
        what_is_queued_is_sent_when_the_start_fails,
        settings_that_make_no_sense_are_warnings,
        without_an_endpoint_nothing_complains,
    ]
}

fn dropped(service: &Service, signal: &str) -> u64 {
    let series = format!("telemetry_dropped_total{{signal=\"{signal}\"}} ");
    let metrics = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
    let count = metrics.lines().find_map(|line| line.strip_prefix(series.as_str()));
    count.unwrap().parse().unwrap()
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

fn an_outage_is_said_once_and_so_is_its_end() {
    // A port that nobody listens on, until somebody does.
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service =
        exporting(builder(&database), &receiver).env("OTEL_LOGS_EXPORTER", "none").start();
    receiver.behave(Behaviour::Unavailable);
    for number in 0..3 {
        let before = receiver.requests();
        register(&service, number);
        receiver.wait_for_requests(before + 1);
    }
    let line = service.wait_for_log(|line| line["body"] == "Cannot export telemetry");
    assert_eq!(line["attributes"]["signal"], "traces");
    receiver.behave(Behaviour::Accept);
    register(&service, 3);
    let _ = service.wait_for_log(|line| line["body"] == "Exporting telemetry again");
    service.terminate();
    let said = bodies(&service.wait_to_the_end());
    let count = |body: &str| said.iter().filter(|said| *said == body).count();
    assert_eq!(count("Cannot export telemetry"), 1);
    assert_eq!(count("Exporting telemetry again"), 1);
}

fn what_an_unavailable_receiver_refuses_is_counted() {
    for protocol in ["http/protobuf", "grpc", "nobody"] {
        let receiver = OtlpReceiver::start();
        receiver.behave(Behaviour::Unavailable);
        let endpoint = match protocol {
            "grpc" => receiver.grpc_endpoint(),
            "nobody" => {
                let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
                format!("http://127.0.0.1:{port}")
            }
            _ => receiver.http_endpoint(),
        };
        let database = TestDatabase::new(Backend::Sqlite);
        let service = exporting(builder(&database), &receiver)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.trim_start_matches("nobody"))
            .start();
        register(&service, 0);
        for signal in ["traces", "logs"] {
            let _ = service.wait_for_log(|line| {
                line["body"] == "Cannot export telemetry" && line["attributes"]["signal"] == signal
            });
            assert!(dropped(&service, signal) > 0, "{protocol} {signal}");
        }
    }
}

fn what_a_full_queue_drops_is_counted() {
    let receiver = OtlpReceiver::start();
    receiver.behave(Behaviour::Hang);
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver)
        .env("OTEL_BSP_MAX_QUEUE_SIZE", "4")
        .env("OTEL_BLRP_MAX_QUEUE_SIZE", "4")
        .start();
    // Six spans and two records each; the exporter holds four at most, and the queue four.
    for number in 0..10 {
        register(&service, number);
    }
    assert!(dropped(&service, "traces") >= 60 - 8 - 6, "{}", dropped(&service, "traces"));
    assert!(dropped(&service, "logs") >= 10, "{}", dropped(&service, "logs"));
    assert_eq!(database.emails().len(), 10);
}

fn a_receiver_that_hangs_does_not_hold_up_the_end() {
    let receiver = OtlpReceiver::start();
    receiver.behave(Behaviour::Hang);
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    register(&service, 0);
    receiver.wait_for_requests(1);
    register(&service, 1);
    service.terminate();
    let said = bodies(&service.wait_to_the_end());
    assert!(said.contains(&"Telemetry was lost at the end".to_owned()), "{said:?}");
}

fn what_is_queued_is_sent_when_the_start_fails() {
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

fn settings_that_make_no_sense_are_warnings() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "canary-secret")
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

fn without_an_endpoint_nothing_complains() {
    let database = TestDatabase::new(Backend::Sqlite);
    for disabled in ["false", "true"] {
        let service = builder(&database)
            .env("OTEL_SDK_DISABLED", disabled)
            .env("OTEL_TRACES_EXPORTER", "otlp")
            .start();
        register(&service, usize::from(disabled == "true"));
        assert_eq!(dropped(&service, "traces") + dropped(&service, "logs"), 0);
        service.terminate();
        let lines = service.wait_to_the_end();
        assert!(lines.iter().all(|line| line.contains(r#""severity_text":"INFO""#)), "{lines:#?}");
        let traced = lines.iter().any(|line| line.contains(r#""trace_id""#));
        assert_eq!(traced, disabled == "false");
    }
}
