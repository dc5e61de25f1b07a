//! A healthy stack, under a load of every kind of registration.

use std::{collections::BTreeMap, time::Duration};

use libtest_mimic::Trial;
use registration_testkit::{
    mariadb_trial, peak_memory,
    telemetry::{LogRecord, Span, traces},
    wait_until,
};
use serde_json::Value;

use crate::{
    expressions,
    files::yaml,
    load::{self, Load, Visitor},
    prometheus::query,
    stack::Stack,
};

/// Long enough that each window of an hour, as long as one is here, is full.
const SECONDS: &str = "20";
/// How long telemetry may take to arrive after the load.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn trials() -> Vec<Trial> {
    let name = "a_load_of_registrations_is_seen_whole";
    vec![mariadb_trial(name, a_load_of_registrations_is_seen_whole)]
}

fn a_load_of_registrations_is_seen_whole() {
    let stack = Stack::start();
    let peak = || peak_memory(stack.service.as_ref().unwrap().pid()).round();
    let idle = peak();
    let sent = load::mixed(&stack.url(), SECONDS)["requests"].as_u64().unwrap();
    let busy = peak();

    let is_request = |span: &Span| span.kind == "server" && span.name == "POST /register";
    let count = |spans: &[Span]| spans.iter().filter(|span| is_request(span)).count() as u64;
    let spans = stack.receiver.wait_for_spans(|spans| count(spans) >= sent);
    assert_eq!(count(&spans), sent, "traces of requests that were not sent");
    let spans =
        stack.receiver.wait_for_spans(|spans| traces(spans).values().all(|one| is_whole(one)));
    let is_completed = |record: &&LogRecord| {
        record.body == "Request completed" && record.attributes["route"] == "/register"
    };
    let lines = |records: &[LogRecord]| records.iter().filter(is_completed).count() as u64;
    let records = stack.receiver.wait_for_logs(|records| lines(records) >= sent);
    assert_eq!(lines(&records), sent);
    let traces = traces(&spans);
    assert!(
        records.iter().filter(is_completed).all(|record| traces.contains_key(&record.trace_id)),
        "a log line leads to no trace"
    );
    println!("{sent} registrations: as many whole traces, as many log lines");

    every_expression_has_data(&stack);

    let limit = memory_limit();
    println!("memory of the service: {idle} MiB idle, {busy} MiB at most, limit {limit} MiB");
    assert!(busy * 2.0 <= limit, "too close to the limit: {busy} of {limit} MiB");
}

/// Whether everything that belongs to a request's trace has arrived.
fn is_whole(trace: &[Span]) -> bool {
    let has = |name: &str| trace.iter().any(|span| span.name == name);
    let created = trace.iter().any(|span| {
        let outcome = span.attributes.get("registration.outcome");
        outcome == Some(&"created".into())
    });
    let ids: Vec<_> = trace.iter().map(|span| &*span.span_id).collect();
    let complete = trace.iter().all(|span| {
        span.parent_id.is_empty() || span.kind == "server" || ids.contains(&&*span.parent_id)
    });
    let stored =
        has("validate_registration") && has("db_insert_student") && has("create_db_connection");
    complete && (!created || stored)
}

fn every_expression_has_data(stack: &Stack) {
    let all = expressions::all();
    let (mut asked, mut empty) = (0, BTreeMap::new());
    let mut left_out = Vec::new();
    let _load = (Load::start(&stack.url()), Visitor::start(&stack.url()));
    for expression in &all {
        if let Some(program) = expression.absent_program() {
            left_out.push(format!("{program}: {}: {}", expression.place, expression.text));
            continue;
        }
        asked += 1;
        let mut result = Ok(Vec::new());
        let has_data = wait_until(ARRIVAL_TIMEOUT / 3, || {
            result = query(&stack.prometheus, &expression.text);
            result.as_ref().is_ok_and(|series| series.iter().any(has_value))
        });
        if !has_data {
            empty.insert(format!("{}: {}", expression.place, expression.text), result);
        }
    }
    println!("{asked} of {} expressions asked", all.len());
    println!("not asked, since their program does not run here:\n  {}", left_out.join("\n  "));
    assert!(asked > 50, "where are the expressions?");
    assert!(empty.is_empty(), "{} without data: {empty:#?}", empty.len());
}

/// A series, or a scalar, with a value that is a number.
fn has_value(series: &Value) -> bool {
    let value = series.get("value").unwrap_or(series);
    value[1].as_str().is_some_and(|value| value != "NaN")
}

/// What `infra/compose.yaml` allows the service, in MiB.
fn memory_limit() -> f64 {
    let api = &yaml("compose.yaml")["services"]["api"];
    let limit = [&api["mem_limit"], &api["deploy"]["resources"]["limits"]["memory"]];
    let limit = limit.into_iter().find_map(Value::as_str).unwrap().to_lowercase();
    // Where a variable may change it, its default.
    let limit = limit.rsplit(":-").next().unwrap().trim_end_matches('}').to_owned();
    limit.trim_end_matches(['b', 'i']).trim_end_matches('m').parse().unwrap()
}
