//! The shape of every outcome's trace, on every backend and in both conventions, against
//! `golden/*.snap`.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use libtest_mimic::Trial;
use registration_testkit::{
    Applicant, Backend, DatabaseServer, Service, ServiceBuilder, TestDatabase, mariadb_trial,
    telemetry::{OtlpReceiver, Span, trace_outline, traces},
    trials,
};
use serde_json::Value;

use crate::{
    support::{BINARY, builder, client, registration},
    traces::{PARENT, TRACE, exporting},
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials =
        trials![traces_have_their_shape_on_sqlite, traces_have_their_shape_with_faults];
    trials
        .push(mariadb_trial("traces_have_their_shape_on_mysql", traces_have_their_shape_on_mysql));
    trials
}

/// The second part of the golden files' names, and what `OTEL_SEMCONV_STABILITY_OPT_IN` is.
const CONVENTIONS: [(&str, &str); 2] = [("stable", ""), ("dup", "http/dup,database/dup")];

fn traces_have_their_shape_on_sqlite() {
    for (name, conventions) in CONVENTIONS {
        let database = TestDatabase::new(Backend::Sqlite);
        let stop = || fs::remove_file(database.name()).unwrap();
        check_shapes(&format!("sqlite.{name}"), builder(&database), conventions, &database, stop);
    }
}

fn traces_have_their_shape_on_mysql() {
    for (name, conventions) in CONVENTIONS {
        let mut server = DatabaseServer::start();
        let database = TestDatabase::on(&server);
        let builder = Service::builder(BINARY, database.url());
        let stop = || server.kill();
        check_shapes(&format!("mysql.{name}"), builder, conventions, &database, stop);
    }
}

fn traces_have_their_shape_with_faults() {
    let database = TestDatabase::new(Backend::Sqlite);
    let receiver = OtlpReceiver::start();
    let environment = "deployment.environment.name=test";
    let start = |faults| {
        let service = exporting(builder(&database), &receiver).env("FAULTS", faults);
        service.env("OTEL_RESOURCE_ATTRIBUTES", environment).start()
    };
    let [delayed, failing] = ["latency=1ms", "error=100%"].map(start);
    let mut shapes = Shapes::new(&delayed, &receiver);
    shapes.section("201", &|number| registration(&format!("zoe{number}@example.org")));
    shapes.section("201, with a key", &keyed);
    shapes.section("201, replayed", &keyed);
    shapes.service = &failing;
    shapes.section("500", &|number| registration(&format!("jane{number}@example.org")));
    shapes.check("sqlite.faults");
}

/// Registers with every outcome, as JSON and as a form, with and without a parent, and holds each
/// trace's shape against `golden/{name}.snap`; `make golden` writes it.
fn check_shapes(
    name: &str,
    builder: ServiceBuilder,
    conventions: &str,
    database: &TestDatabase,
    stop_database: impl FnOnce(),
) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder, &receiver)
        .env("OTEL_SEMCONV_STABILITY_OPT_IN", conventions)
        .env("DATABASE_POOL_SIZE", "1")
        .env("DATABASE_POOL_TIMEOUT", "0.3")
        .start();
    let mut shapes = Shapes::new(&service, &receiver);
    shapes.section("201", &|number| registration(&format!("zoe{number}@example.org")));
    shapes.section("201, with a key", &keyed);
    shapes.section("201, replayed", &keyed);
    shapes.section("409", &|_| registration("zoe0@example.org"));
    shapes.section("422", &|_| {
        Applicant { last_name: String::new(), ..Applicant::new("zoe@") }.json()
    });
    database.execute("ALTER TABLE students RENAME COLUMN first_name TO forename");
    shapes.section("500", &|_| registration("jane@example.org"));
    stop_database();
    // The first request finds out, by a connection that has answered a moment before.
    let unseen = format!("00-{TRACE}-{PARENT}-00");
    let request = client().post(service.url("/register")).json(&registration("jane@example.org"));
    assert_eq!(request.header("traceparent", unseen).send().unwrap().status(), 503);
    shapes.section("503", &|_| registration("jane@example.org"));
    shapes.check(name);
}

fn keyed(number: usize) -> Value {
    let mut body = registration(&format!("ada{number}@example.org"));
    body["idempotency_key"] = format!("key-{number}").into();
    body
}

/// The shapes of a service's traces, by outcome.
struct Shapes<'a> {
    service: &'a Service,
    receiver: &'a OtlpReceiver,
    seen: BTreeSet<String>,
    golden: String,
}

impl<'a> Shapes<'a> {
    fn new(service: &'a Service, receiver: &'a OtlpReceiver) -> Self {
        Self { service, receiver, seen: BTreeSet::new(), golden: String::new() }
    }

    /// Sends a body as JSON and as a form, with and without a parent. A title begins with the status.
    fn section(&mut self, title: &str, body: &dyn Fn(usize) -> Value) {
        let Self { service, receiver, seen, golden } = self;
        let mut shapes = BTreeSet::new();
        for (number, (form, parent)) in
            [(false, false), (false, true), (true, false), (true, true)].into_iter().enumerate()
        {
            // A trace of its own each, so that no other can be taken for it.
            let trace = format!("{}{:02x}", &TRACE[..30], seen.len());
            let mut request = client().post(service.url("/register"));
            let body = body(number);
            request = if form { request.form(&body) } else { request.json(&body) };
            if parent {
                request = request.header("traceparent", format!("00-{trace}-{PARENT}-01"));
            }
            let answer = request.send().unwrap();
            let status = &title[..3];
            let expected = if form { status.replace("201", "303") } else { status.to_owned() };
            assert_eq!(answer.status().as_str(), expected);

            let spans = receiver.wait_for_spans(|spans| new_root(spans, seen).is_some());
            let root = new_root(&spans, seen).unwrap().clone();
            seen.insert(root.trace_id.clone());
            assert_eq!(root.trace_id == trace, parent);
            assert_eq!(root.parent_id, if parent { PARENT } else { "" });
            shapes.insert(trace_outline(&traces(&spans)[&root.trace_id]));
        }
        assert_eq!(shapes.len(), 1, "all four should be alike: {shapes:#?}");
        writeln!(golden, "# {title}\n{}", shapes.pop_first().unwrap()).unwrap();
    }

    fn check(self, name: &str) {
        let mut snapshots = insta::Settings::clone_current();
        snapshots.set_snapshot_path("../golden");
        snapshots.set_prepend_module_to_snapshot(false);
        snapshots.set_omit_expression(true);
        snapshots.bind(|| insta::assert_snapshot!(name, self.golden));
    }
}

/// The root span of a trace that is not among those seen.
fn new_root<'a>(spans: &'a [Span], seen: &BTreeSet<String>) -> Option<&'a Span> {
    spans.iter().find(|span| span.kind == "server" && !seen.contains(&span.trace_id))
}
