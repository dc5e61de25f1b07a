//! The program as it is run: against services that behave, and others.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod service;

use std::{
    net::{SocketAddr, TcpListener},
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::service::{Registry, Reply, converse, serve, stall};

const STALL: Duration = Duration::from_millis(300);

fn command(address: SocketAddr, options: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registration-load"));
    command.env_clear().args(["--host", &format!("http://{address}")]);
    command.args(options.split_whitespace()).stdin(Stdio::null());
    command
}

fn run(address: SocketAddr, options: &str) -> Output {
    command(address, options).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// The exit status and the JSON of a run.
fn result(address: SocketAddr, options: &str) -> (i32, Value) {
    let output = run(address, &format!("--json {options}"));
    let result = serde_json::from_slice(&output.stdout);
    (output.status.code().unwrap(), result.unwrap_or_else(|_| panic!("{output:?}")))
}

#[test]
fn every_kind_has_its_answer() {
    let registry = Registry::default();
    let answering = registry.clone();
    let address = serve(move |request| answering.answer(request));
    let mix = "new=4,duplicate=2,invalid=2,form=4,keyed=4,repeat=4";
    let (status, result) = result(address, &format!("--runs 200 --concurrency 3 --mix {mix}"));
    assert_eq!(status, 0, "{result}");
    let expected = |sent| json!({"sent": sent, "expected": sent});
    assert_eq!(result["kinds"]["invalid"], expected(20));
    assert_eq!(result["kinds"]["form"], expected(40));
    // The first may have found nobody yet to be sent again.
    let sent = |kind: &str| result["kinds"][kind]["sent"].as_u64().unwrap();
    assert!((40..=42).contains(&sent("new")) && sent("new") + sent("duplicate") == 60);
    assert!((40..=42).contains(&sent("keyed")) && sent("keyed") + sent("repeat") == 80);
    let created = sent("new") + sent("keyed") + sent("repeat");
    assert_eq!(
        result["statuses"],
        json!({
            "201": created, "303": 40, "409": sent("duplicate"), "422": 20,
            "connection": 0, "timeout": 0,
        })
    );
    assert_eq!(result["acknowledged"], registry.emails().len());
}

#[test]
fn the_result_is_one_object() {
    let registry = Registry::default();
    let address = serve(move |request| registry.answer(request));
    let (status, result) = result(address, "--runs 20 --mix new=1 --p99 60000 --p50 50000");
    assert_eq!(status, 0);
    assert_eq!(result["host"], format!("http://{address}"));
    assert_eq!((&result["requests"], &result["closed_loop"]), (&json!(20), &json!(true)));
    let number = |pointer: &str| result.pointer(pointer).unwrap().as_f64().unwrap();
    let seconds = number("/seconds");
    assert!((number("/requests_per_second") * seconds - 20.0).abs() < 1e-6);
    let latencies = ["p50", "p90", "p99", "p999", "max"];
    let latencies = latencies.map(|name| number(&format!("/latency_ms/{name}")));
    assert!(latencies[0] > 0.0 && latencies.is_sorted(), "{latencies:?}");
    assert!(number("/latency_ms/mean") <= latencies[4]);
    let p99 = json!({"name": "p99", "limit": 60000.0, "value": latencies[2], "met": true});
    let errors = json!({"name": "errors", "limit": 0.0, "value": 0.0, "met": true});
    assert_eq!(result["thresholds"].as_array().unwrap()[1..], [p99, errors]);
}

#[test]
fn the_table_can_be_read() {
    let registry = Registry::default();
    let address = serve(move |request| registry.answer(request));
    let output = run(address, "");
    let table = text(&output.stdout);
    let line = |words: &[&str]| {
        assert!(
            table.lines().any(|line| line.split_whitespace().eq(words.iter().copied())),
            "{table}"
        );
    };
    line(&["50", "requests", "over", "8", "connections,", "closed", "loop"]);
    line(&["kind", "sent", "expected", "others"]);
    line(&["form", "5", "5", "0"]);
    line(&["303", "5"]);
    line(&["p50", "p90", "p99", "p99.9", "max"]);
    line(&["errors", "0.000", "%;", "at", "most", "0", "%", "wanted:", "met"]);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn whoever_was_acknowledged_is_listed() {
    let registry = Registry::default();
    let answering = registry.clone();
    // Every third registers somebody, and loses the answer.
    let address = serve(move |request| match answering.answer(request) {
        _ if request.number % 3 == 2 => Reply::HangUp,
        reply => reply,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acknowledged");
    let options = format!("--runs 30 --mix new=2,form=1 --acknowledged {}", file.display());
    let (status, result) = result(address, &format!("{options} --seed-prefix mine"));
    assert_eq!((status, &result["statuses"]["connection"]), (1, &json!(10)), "{result}");
    let listed = std::fs::read_to_string(file).unwrap();
    let mut listed: Vec<_> = listed.lines().collect();
    assert_eq!((listed.len(), &result["acknowledged"]), (20, &json!(20)));
    let registered = registry.emails();
    assert_eq!(registered.len(), 30);
    assert!(registered.iter().all(|email| email.ends_with(".mine@example.org")), "{registered:?}");
    assert!(listed.iter().all(|email| registered.iter().any(|registered| registered == email)));
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), 20);
}

#[test]
fn a_missed_threshold_is_said_and_is_the_exit_status() {
    let address = serve(|request| Reply::status(if request.number == 0 { 503 } else { 201 }));
    let output = run(address, "--runs 10 --mix new=1 --p50 0.0001");
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}");
    assert!(table.contains("at most 0.0001 ms wanted: MISSED"), "{table}");
    assert!(table.contains("errors 10.000 %; at most 0 % wanted: MISSED"), "{table}");

    let address = serve(|request| Reply::status(if request.number == 0 { 503 } else { 201 }));
    let output = run(address, "--runs 10 --mix new=1 --errors 10");
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let address = serve(|_| Reply::status(503));
    let output = run(address, "--runs 10 --json");
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("errors 100.000 %; at most 0 % wanted: MISSED"), "{told}");
}

#[test]
fn answers_that_were_expected_have_latencies_of_their_own() {
    // Of ten, one after the other, two are refused after a while and the others taken at once.
    let address = serve(|request| {
        if request.number % 5 == 4 {
            stall(STALL);
            return Reply::status(503);
        }
        Reply::status(201)
    });
    let (_, result) = result(address, "--mix new=1 --runs 10 --concurrency 1");
    let number = |pointer: &str| result.pointer(pointer).unwrap().as_f64().unwrap();
    let stall = STALL.as_millis() as f64;
    assert!(number("/accepted_latency_ms/max") < stall, "{result}");
    assert!(number("/refused_latency_ms/p50") >= stall, "{result}");
    assert_eq!(result["latency_ms"]["max"], result["refused_latency_ms"]["max"]);
}

#[test]
fn limited_clients_are_told_what_to_do() {
    let address = serve(|_| Reply::status(429));
    let output = run(address, "--runs 3");
    assert_eq!(output.status.code(), Some(1));
    let table = text(&output.stdout);
    assert!(table.contains("3 answers were 429") && table.contains("RATE_LIMIT=off"), "{table}");
}

#[test]
fn what_cannot_be_begun_is_status_2() {
    // Free once it is dropped; a connection to it is refused.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = serve(|_| Reply::status(201));
    for (address, options, told) in [
        (nobody, "", "cannot reach http://127.0.0.1"),
        (address, "--runs 1 --duration 1", "cannot be used with"),
        (address, "--mix old=1", "there is no kind \"old\""),
        (address, "--acknowledged /nowhere/file", "cannot write --acknowledged"),
    ] {
        let output = run(address, options);
        let error = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{error}");
        assert!(error.contains(told), "{options}: {error}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_registration-load"))
        .env_clear()
        .env("LOAD_HOST", "https://localhost")
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("https is not spoken here"), "{output:?}");
}

/// A service that stalls once, for everybody, while many requests fall due.
fn stalls_once() -> SocketAddr {
    serve(|request| {
        if request.number == 20 {
            stall(STALL);
        }
        Reply::status(201)
    })
}

#[test]
fn a_stall_shows_in_every_request_that_was_due_meanwhile() {
    // Of 200 requests in a second, 60 fall due in the stall, 40 of them 100 ms before its end.
    let options = "--mix new=1 --runs 200 --concurrency 4 --rate 200";
    let (_, result) = result(stalls_once(), options);
    assert_eq!(result["closed_loop"], false);
    let latency = &result["latency_ms"];
    assert!(latency["p90"].as_f64().unwrap() > 100.0, "{result}");
    assert!(latency["p99"].as_f64().unwrap() > 250.0, "{result}");
    assert!(latency["max"].as_f64().unwrap() >= 300.0, "{result}");
}

#[test]
fn a_stall_shows_in_what_each_connection_had_planned() {
    // Each connection has 30 requests in its stall, of 100; a closed loop would have one.
    let options = "--mix new=1 --runs 200 --concurrency 2 --delay 0.01";
    let (_, result) = result(stalls_once(), options);
    assert_eq!(result["closed_loop"], false);
    assert!(result["seconds"].as_f64().unwrap() >= 0.99, "{result}");
    assert!(result["latency_ms"]["p90"].as_f64().unwrap() > 100.0, "{result}");
}

#[test]
fn in_a_closed_loop_a_stall_shows_once_a_connection() {
    let (_, result) = result(stalls_once(), "--mix new=1 --runs 200 --concurrency 4");
    assert_eq!(result["closed_loop"], true);
    let latency = &result["latency_ms"];
    assert!(latency["p90"].as_f64().unwrap() < 200.0, "{result}");
    assert!(latency["p99"].as_f64().unwrap() > 200.0, "{result}");
    assert!(latency["max"].as_f64().unwrap() >= 300.0, "{result}");
}

#[test]
fn connections_that_are_closed_between_requests_cost_none() {
    let address = serve(|_| Reply::Last(201));
    // What the service closes has arrived long before the next request is due.
    let options = "--runs 8 --concurrency 2 --mix new=1 --delay 0.2";
    let (status, result) = result(address, options);
    assert_eq!((status, &result["statuses"]["201"]), (0, &json!(8)), "{result}");
}

#[test]
fn a_service_that_restarts_is_found_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut answered = 0;
        converse(listener.accept().unwrap().0, |_| {
            answered += 1;
            if answered < 10 { Reply::status(201) } else { Reply::HangUp }
        });
        drop(listener);
        stall(STALL);
        let listener = TcpListener::bind(address).unwrap();
        converse(listener.accept().unwrap().0, |_| Reply::status(201));
    });
    let (status, result) = result(address, "--runs 200 --concurrency 1 --mix new=1");
    assert_eq!(status, 1);
    // Refused at most after 10, 20, 40, 80, 160 ms and then every 200 ms; the one that was lost.
    let lost = result["statuses"]["connection"].as_u64().unwrap();
    assert!((2..=10).contains(&lost), "{result}");
    assert_eq!(result["statuses"]["201"], 200 - lost);
}

#[test]
fn an_answer_that_does_not_come_is_waited_for_so_long() {
    let address = serve(|request| match request.number {
        0 => Reply::Silence,
        _ => Reply::status(201),
    });
    let options = "--runs 3 --concurrency 1 --mix new=1 --timeout 0.3";
    let (status, result) = result(address, options);
    assert_eq!(status, 1);
    assert_eq!(result["statuses"], json!({"201": 2, "connection": 0, "timeout": 1}));
    assert!(result["seconds"].as_f64().unwrap() >= 0.3);
}

#[test]
fn a_repetition_with_another_answer_is_none() {
    let address = serve(|request| Reply::Answer {
        status: 201,
        location: Some(format!("/students/{}", request.number)),
    });
    let options = "--runs 10 --concurrency 1 --mix keyed=1,repeat=1";
    let (status, result) = result(address, options);
    assert_eq!((status, &result["statuses"]["201"]), (1, &json!(10)));
    assert_eq!(result["kinds"]["repeat"], json!({"sent": 5, "expected": 0}));
}

#[test]
fn ctrl_c_ends_a_run_with_its_result() {
    let (seen, tenth) = mpsc::channel();
    let address = serve(move |request| {
        if request.number == 10 {
            seen.send(()).unwrap();
        }
        Reply::status(201)
    });
    let mut command = command(address, "--json --duration 30 --rate 200 --mix new=1");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    tenth.recv().unwrap();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(result["requests"].as_u64().unwrap() >= 7, "{result}");
    assert!(result["seconds"].as_f64().unwrap() < 30.0, "{result}");
}
