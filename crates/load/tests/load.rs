//! The load generator against services that stall, fail, close connections and restart.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod double;

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener},
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use clap::Parser as _;
use registration_load::{KindCount, Latency, Options, Report, RequestKind};
use serde_json::{Value, json};

use crate::double::{Reply, converse, serve, stall};

const STALL: Duration = Duration::from_millis(300);

fn run(address: SocketAddr, options: &str) -> Report {
    let line = format!("registration-load --host http://{address} {options}");
    let options = Options::try_parse_from(line.split_whitespace()).unwrap();
    registration_load::run(&options, std::future::pending()).unwrap()
}

/// The program, with an empty environment.
fn command(address: SocketAddr, options: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registration-load"));
    command.env_clear().args(["--host", &format!("http://{address}")]);
    command.args(options.split_whitespace()).stdin(Stdio::null());
    command
}

/// The program's exit status, and what it writes to standard output and standard error.
fn output(address: SocketAddr, options: &str) -> (Option<i32>, [String; 2]) {
    let Output { status, stdout, stderr } = command(address, options).output().unwrap();
    (status.code(), [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()))
}

#[test]
fn the_result_is_printed_as_text_or_as_json() {
    let address = serve(|_| Reply::Status(201));
    let line = "--runs 20 --mix new=9,form=1 --errors 10";
    let (status, [text, errors]) = output(address, line);
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    for expected in [
        ": 20 requests in ",
        "\n20 applicants acknowledged\n",
        "\nForm: 2 sent, 0 with the expected answer\n",
        "\n201: 20\nlatency in ms: p50 ",
        "\nerrors 10.000 %, at most 10 % allowed: passed\n",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (status, [json, _]) = output(address, &format!("--json {line}"));
    let result: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, &result["requests"]), (Some(0), &20.into()));
    assert_eq!(result["kinds"]["form"], json!({"sent": 2, "expected": 0}));
    let latencies = ["p50", "p90", "p99", "p999", "max"];
    let latencies = latencies.map(|name| result["latency_ms"][name].as_f64().unwrap());
    assert!(latencies[0] > 0.0 && latencies.is_sorted(), "{latencies:?}");
}

#[test]
fn the_exit_status_and_a_message_say_why_a_run_failed() {
    // Free once the listener is dropped: a connection to it is refused.
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failing_once = || serve(|number| Reply::Status(if number == 0 { 503 } else { 201 }));
    let limited = serve(|_| Reply::Status(429));
    for (address, options, expected_status, expected) in [
        (failing_once(), "--runs 10 --mix new=1 --errors 10", 0, "at most 10 % allowed: passed"),
        (failing_once(), "--runs 5 --mix new=1 --errors 19", 1, "errors 20.000 %, at most 19 %"),
        (failing_once(), "--runs 1 --json", 1, "errors 100.000 %, at most 0 % allowed: FAILED"),
        (limited, "--runs 3", 1, "to lift the limit, start it with RATE_LIMIT=off"),
        (unused, "", 2, "cannot reach http://127.0.0.1"),
        (unused, "--runs 1 --duration 1", 2, "cannot be used with"),
        (unused, "--mix old=1", 2, "unknown kind \"old\""),
    ] {
        let (status, output) = output(address, options);
        assert_eq!(status, Some(expected_status), "{options}: {output:?}");
        assert!(output.concat().contains(expected), "{expected}: {output:?}");
    }
}

#[test]
fn only_acknowledged_addresses_are_listed() {
    // Every third answer is lost.
    let address = serve(|number| if number % 3 == 2 { Reply::HangUp } else { Reply::Status(201) });
    let report = run(address, "--runs 30 --mix new=1");
    assert_eq!(report.statuses["connection"], 10);
    assert_eq!(report.acknowledged.into_iter().collect::<BTreeSet<_>>().len(), 20);
}

#[test]
fn expected_answers_have_latencies_of_their_own() {
    // Of ten in sequence, two are refused after a while and the others accepted at once.
    let address = serve(|number| {
        if number % 5 == 4 {
            stall(STALL);
            return Reply::Status(503);
        }
        Reply::Status(201)
    });
    let report = run(address, "--mix new=1 --runs 10 --concurrency 1");
    let stall = STALL.as_millis() as f64;
    let refused = report.refused_latency_ms.unwrap();
    assert!(report.accepted_latency_ms.unwrap().max < stall, "{report:?}");
    assert!(refused.p50 >= stall, "{report:?}");
    assert_eq!(report.latency_ms.unwrap().max, refused.max);
}

/// Sends 200 requests to a service that stalls once, for every client, while many fall due.
fn run_with_a_stall(options: &str) -> (bool, Latency) {
    let address = serve(|number| {
        if number == 20 {
            stall(STALL);
        }
        Reply::Status(201)
    });
    let report = run(address, &format!("--mix new=1 --runs 200 {options}"));
    let latency = report.latency_ms.unwrap();
    assert!(latency.max >= 300.0 && report.has_passed(), "{report:?}");
    assert!(report.closed_loop || report.seconds >= 0.99, "{report:?}");
    (report.closed_loop, latency)
}

#[test]
fn a_stall_shows_in_every_request_due_during_it() {
    // Of 200 requests in a second, 60 fall due in the stall, 40 of them 100 ms before its end.
    let (closed_loop, latency) = run_with_a_stall("--concurrency 4 --rate 200");
    assert!(!closed_loop && latency.p90 > 100.0 && latency.p99 > 250.0, "{latency:?}");
}

#[test]
fn a_stall_shows_in_what_each_connection_had_planned() {
    // Each connection has 30 of its 100 requests in the stall; a closed loop would have one.
    let (closed_loop, latency) = run_with_a_stall("--concurrency 2 --delay 0.01");
    assert!(!closed_loop && latency.p90 > 100.0, "{latency:?}");
}

#[test]
fn a_duration_ends_a_run() {
    for pace in ["--rate 100", "--delay 0.08", ""] {
        let report =
            run(serve(|_| Reply::Status(201)), &format!("--mix new=1 --duration 0.05 {pace}"));
        assert!(report.seconds >= 0.05 && report.has_passed(), "{report:?}");
        assert!(report.closed_loop || report.requests <= 5, "{report:?}");
    }
}

#[test]
fn in_a_closed_loop_a_stall_shows_once_per_connection() {
    let (closed_loop, latency) = run_with_a_stall("--concurrency 4");
    assert!(closed_loop && latency.p90 < 200.0 && latency.p99 > 200.0, "{latency:?}");
}

#[test]
fn connections_closed_between_requests_cost_no_request() {
    let address = serve(|_| Reply::Last(201));
    // The close has arrived long before the next request is due.
    let report = run(address, "--runs 8 --concurrency 2 --mix new=1 --delay 0.2");
    assert!(report.has_passed() && report.statuses["201"] == 8, "{report:?}");
}

#[test]
fn a_restarted_service_is_found_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut answered = 0;
        converse(listener.accept().unwrap().0, || {
            answered += 1;
            if answered < 10 { Reply::Status(201) } else { Reply::HangUp }
        });
        drop(listener);
        stall(STALL);
        let listener = TcpListener::bind(address).unwrap();
        converse(listener.accept().unwrap().0, || Reply::Status(201));
    });
    let report = run(address, "--runs 200 --concurrency 1 --mix new=1");
    assert!(!report.has_passed());
    // Refused at most after 10, 20, 40, 80, 160 ms and then every 200 ms; and the answer that was lost.
    let lost = report.statuses["connection"];
    assert!((2..=10).contains(&lost), "{report:?}");
    assert_eq!(report.statuses["201"], 200 - lost);
}

#[test]
fn an_answer_that_does_not_come_times_out() {
    let address = serve(|number| if number == 0 { Reply::Silence } else { Reply::Status(201) });
    let report = run(address, "--runs 3 --concurrency 1 --mix new=1 --timeout 0.3");
    assert!(!report.has_passed());
    let statuses = [("201", 2), ("timeout", 1)];
    assert_eq!(report.statuses, statuses.map(|(name, count)| (name.to_owned(), count)).into());
    assert!(report.seconds >= 0.3);
}

#[test]
fn a_repeated_request_with_another_answer_is_an_error() {
    let address = serve(|_| Reply::Status(201));
    let report = run(address, "--runs 10 --concurrency 1 --mix keyed=1,repeat=1");
    assert!(!report.has_passed() && report.statuses["201"] == 10, "{report:?}");
    assert_eq!(report.kinds[&RequestKind::Repeat], KindCount { sent: 5, expected: 0 });
}

#[test]
fn a_repeated_request_acknowledges_when_the_first_answer_was_lost() {
    let address = serve(|number| if number == 0 { Reply::HangUp } else { Reply::Status(201) });
    let report = run(address, "--runs 2 --concurrency 1 --mix repeat=1");
    assert_eq!(report.kinds[&RequestKind::Keyed], KindCount { sent: 1, expected: 0 });
    assert_eq!(report.kinds[&RequestKind::Repeat], KindCount { sent: 1, expected: 1 });
    assert_eq!(report.acknowledged.len(), 1);
}

#[test]
fn ctrl_c_ends_a_run_with_its_result() {
    let (seen, tenth) = mpsc::channel();
    let address = serve(move |number| {
        if number == 10 {
            seen.send(()).unwrap();
        }
        Reply::Status(201)
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
