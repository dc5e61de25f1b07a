//! The spans that pages send, and those that are refused.

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, Service, TestDatabase,
    telemetry::{OtlpReceiver, trace_outline, traces},
    trials,
};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    support::{
        BROWSER, builder, client, get, header, metric, problem, registration, sqlite, sqlite_with,
    },
    traces::{PARENT, TRACE, exporting},
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_trace_begins_in_the_browser,
        a_failed_attempt_and_its_page_are_relayed,
        a_page_carries_its_traceparent,
        form_events_of_a_page_are_counted_sampled_or_not,
        only_messages_of_the_page_are_accepted,
        messages_of_other_origins_are_refused,
        a_destination_is_the_services_own_and_a_page_samples_as_the_service_does,
        relayed_messages_have_a_quota,
        browser_telemetry_can_be_disabled,
        clock_skew_of_a_browser_is_corrected,
    ]
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// A span as the page's script sends it.
pub(crate) fn span(name: &str, id: &str, flags: u8, attributes: &[Value]) -> Value {
    let kind = if name == "POST" { 3 } else { 1 };
    json!({
        "traceId": TRACE, "spanId": id, "flags": flags, "name": name, "kind": kind,
        "startTimeUnixNano": nanoseconds(1000), "endTimeUnixNano": nanoseconds(0),
        "attributes": attributes,
    })
}

/// A time this number of milliseconds ago, in nanoseconds since 1970.
fn nanoseconds(ago: u128) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    format!("{}000000", now - ago)
}

pub(crate) fn message(spans: &[Value]) -> Value {
    let service = attribute("service.name", "student-registration-web");
    json!({"resourceSpans": [{
        "resource": {"attributes": [service, attribute("browser.language", "it")]},
        "scopeSpans": [{"scope": {"name": "form"}, "spans": spans}],
    }]})
}

pub(crate) fn relay(service: &Service, message: &Value) -> Response {
    let request = client().post(service.url("/telemetry/v1/traces"));
    request.header("origin", service.url("")).json(message).send().unwrap()
}

fn a_trace_begins_in_the_browser() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    let request = client().post(service.url("/register"));
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(request.json(&registration("zoe@example.org")).send().unwrap().status(), 201);
    let mut attempt = span(
        "POST",
        PARENT,
        1,
        &[
            attribute("http.request.method", "POST"),
            json!({"key": "http.response.status_code", "value": {"intValue": "201"}}),
        ],
    );
    attempt["parentSpanId"] = "00f067aa0ba902b7".into();
    let whole =
        span("form_submit", "00f067aa0ba902b7", 1, &[attribute("registration.outcome", "created")]);
    assert_eq!(relay(&service, &message(&[attempt, whole])).status(), 200);

    let spans = receiver.wait_for_spans(|spans| {
        ["form_submit", "POST", "POST /register", "INSERT students"]
            .iter()
            .all(|name| spans.iter().any(|span| span.name == *name))
    });
    let trace = &traces(&spans)[TRACE];
    let outline = trace_outline(trace);
    let names: Vec<_> = outline.lines().map(|line| line.split(" {").next().unwrap()).collect();
    let expected = [
        "form_submit internal",
        "  POST client",
        "    POST /register server",
        "      register_student_handler internal",
        "        validate_registration internal",
        "        db_insert_student internal",
        "          create_db_connection internal",
        "          INSERT students client",
    ];
    assert_eq!(names, expected);
    for span in trace {
        let ours =
            if span.name == "form_submit" || span.name == "POST" { "web" } else { "service" };
        assert_eq!(span.resource["service.name"], format!("student-registration-{ours}"));
        assert_eq!(span.resource["service.namespace"], "student-registration");
    }
    let submit = trace.iter().find(|span| span.name == "form_submit").unwrap();
    assert_eq!(submit.attributes["browser.language"], "it");
    let attempt = trace.iter().find(|span| span.name == "POST").unwrap();
    assert_eq!(attempt.attributes["url.full"], service.url("/register"));
    assert_eq!(attempt.attributes["server.address"], "127.0.0.1");
}

fn a_failed_attempt_and_its_page_are_relayed() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    let resent = json!({"key": "http.request.resend_count", "value": {"intValue": "1"}});
    let attempt =
        [attribute("http.request.method", "POST"), attribute("error.type", "network"), resent];
    let spans =
        [span("documentLoad", PARENT, 1, &[]), span("POST", "00f067aa0ba902b7", 1, &attempt)];
    assert_eq!(relay(&service, &message(&spans)).status(), 200);
    let spans = receiver.wait_for_spans(|spans| spans.len() == 2);
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(named("documentLoad").kind, "internal");
    assert_eq!(named("POST").attributes["error.type"], "network");
    assert_eq!(named("POST").attributes["http.request.resend_count"], 1);
}

fn a_page_carries_its_traceparent() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    let page = get(&service.url("/"), BROWSER).text().unwrap();
    let (_, named) = page.split_once("<meta name=\"traceparent\" content=\"").unwrap();
    let named: Vec<_> = named.split('"').next().unwrap().split('-').collect();
    let spans = receiver.wait_for_spans(|spans| spans.iter().any(|span| span.name == "GET /"));
    let handler = spans.iter().find(|span| span.name == "home_handler").unwrap();
    assert_eq!(named, ["00", &handler.trace_id, &handler.span_id, "01"]);
}

fn form_events_of_a_page_are_counted_sampled_or_not() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    let refused = attribute("registration.error_fields", "first_name:required,email:invalid_email");
    for flags in [0, 1] {
        let id = format!("00f067aa0ba902b{flags}");
        let spans = [
            span("form_start", &id, flags, &[]),
            span("form_refused", &id, flags, std::slice::from_ref(&refused)),
        ];
        assert_eq!(relay(&service, &message(&spans)).status(), 200);
    }
    assert_eq!(metric(&service, "registration_form_events_total{event=\"start\"}"), 2.0);
    let refusals = |field, code| {
        let labels = format!("{{field=\"{field}\",code=\"{code}\"}}");
        metric(&service, &format!("registration_form_refusals_total{labels}"))
    };
    assert_eq!(refusals("first_name", "required"), 2.0);
    assert_eq!(refusals("email", "invalid_email"), 2.0);
    let spans = receiver.wait_for_spans(|spans| spans.len() >= 2);
    assert!(spans.iter().all(|span| span.span_id.ends_with('1')), "{spans:?}");
}

fn only_messages_of_the_page_are_accepted() {
    let (_database, service) = sqlite();
    let good = || message(&[span("form_start", PARENT, 1, &[])]);
    assert_eq!(relay(&service, &good()).status(), 200);
    let change = |path: &str, value: Value| {
        let mut message = good();
        *message.pointer_mut(path).unwrap() = value;
        message
    };
    let first = "/resourceSpans/0/scopeSpans/0/spans/0";
    let at = |member: &str| format!("{first}/{member}");
    let resource = "/resourceSpans/0/resource/attributes";
    let refused = [
        change(&format!("{resource}/0"), attribute("service.name", "student-registration-service")),
        change(&format!("{resource}/1"), attribute("browser.language", "Zoë")),
        change(&format!("{resource}/1"), attribute("user.name", "it")),
        change(&at("name"), "Zoë".into()),
        change(&at("kind"), 2.into()),
        change(&at("traceId"), "0".repeat(32).into()),
        change(&at("traceId"), TRACE.to_uppercase().into()),
        change(&at("spanId"), "".into()),
        change(&at("endTimeUnixNano"), "0".into()),
        change(&at("endTimeUnixNano"), 5.into()),
        change(&at("attributes"), json!([attribute("registration.outcome", "created")])),
        message(&[span(
            "form_submit",
            PARENT,
            1,
            &[attribute("registration.outcome", "zoe@example.org")],
        )]),
        message(&[span(
            "form_refused",
            PARENT,
            1,
            &[attribute("registration.error_fields", "email:zoe")],
        )]),
        message(&[span("POST", PARENT, 1, &[attribute("url.full", "https://zoe.example")])]),
        message(&vec![span("form_start", PARENT, 1, &[]); 17]),
        json!({"resourceSpans": []}),
        json!([]),
    ];
    for message in &refused {
        let answer = relay(&service, message);
        assert_eq!(answer.status(), 400, "{message}");
        assert_eq!(problem(answer)["code"], "malformed");
    }
    let large = relay(&service, &json!({"x": "x".repeat(17_000)}));
    assert_eq!(large.status(), 413);
    let text = client().post(service.url("/telemetry/v1/traces")).body("{}").send().unwrap();
    assert_eq!(text.status(), 415);
    assert_eq!(metric(&service, "registration_form_events_total{event=\"start\"}"), 1.0);
}

fn messages_of_other_origins_are_refused() {
    let (_database, service) = sqlite();
    let message = message(&[span("form_start", PARENT, 1, &[])]);
    let from = |name: &str, value: &str| {
        let request = client().post(service.url("/telemetry/v1/traces")).header(name, value);
        request.json(&message).send().unwrap()
    };
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let refused = from(name, value);
        assert_eq!(refused.status(), 403);
        assert_eq!(problem(refused)["code"], "foreign_origin");
    }
    assert_eq!(from("sec-fetch-site", "same-origin").status(), 200);
    assert_eq!(from("origin", &service.url("")).status(), 200);
}

fn a_destination_is_the_services_own_and_a_page_samples_as_the_service_does() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver)
        .env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
        .env("OTEL_TRACES_SAMPLER_ARG", "0.5")
        .start();
    let address = service.address().to_owned();
    let send = |origin: &str, trace_id: String, id: &str| {
        let mut attempt = span("POST", id, 1, &[attribute("http.request.method", "POST")]);
        attempt["traceId"] = trace_id.into();
        let request = client().post(service.url("/telemetry/v1/traces")).header("origin", origin);
        let request = request.header("sec-fetch-site", "same-origin");
        assert_eq!(request.json(&message(&[attempt])).send().unwrap().status(), 200);
    };
    // The ratio goes by the lower half of a trace id.
    let (sampled, left_out) = (format!("{:032x}", 1), format!("{:032x}", u64::MAX));
    send(&service.url(""), left_out, "00f067aa0ba902b1");
    send("http://name:password@elsewhere.example", sampled.clone(), "00f067aa0ba902b2");
    send(&format!("http://name:password@{address}"), sampled.clone(), "00f067aa0ba902b3");
    send(&format!("http://{}", "h".repeat(15_000)), sampled.clone(), "00f067aa0ba902b4");
    send(&service.url(""), sampled, "00f067aa0ba902b5");
    let spans = receiver.wait_for_spans(|spans| spans.len() == 4);
    let destination = |id: char| {
        let span = spans.iter().find(|span| span.span_id.ends_with(id)).unwrap();
        ["url.full", "server.address"].map(|name| span.attributes.get(name).cloned())
    };
    let own = [Some(service.url("/register").into()), Some("127.0.0.1".into())];
    assert_eq!(
        ['2', '3', '4', '5'].map(destination),
        [[None, None], own.clone(), [None, None], own]
    );
}

fn relayed_messages_have_a_quota() {
    let (_database, service) = sqlite_with(&[("RATE_LIMIT", "client=1/3600,email=off")]);
    let message = message(&[]);
    assert_eq!(relay(&service, &message).status(), 200);
    let refused = relay(&service, &message);
    assert_eq!(refused.status(), 429);
    assert!(!header(&refused, "retry-after").is_empty());
    // What it may register is another matter.
    let registered = client().post(service.url("/register")).json(&registration("a@example.org"));
    assert_eq!(registered.send().unwrap().status(), 201);
}

fn browser_telemetry_can_be_disabled() {
    for off in [("NO_BROWSER_TELEMETRY", "true"), ("OTEL_SDK_DISABLED", "true")] {
        let (_database, service) = sqlite_with(&[off]);
        let page = get(&service.url("/"), BROWSER).text().unwrap();
        assert!(!page.contains("traceparent"), "{page}");
    }
    let (_database, service) = sqlite_with(&[("NO_BROWSER_TELEMETRY", "true")]);
    assert_eq!(relay(&service, &message(&[])).status(), 404);
}

fn clock_skew_of_a_browser_is_corrected() {
    let receiver = OtlpReceiver::start();
    let database = TestDatabase::new(Backend::Sqlite);
    let service = exporting(builder(&database), &receiver).start();
    let send = |id: &str, began: u64, sent_at: u64| {
        let mut span = span("form_start", id, 1, &[]);
        span["startTimeUnixNano"] = format!("{began}000000000").into();
        span["endTimeUnixNano"] = format!("{}000000000", began + 1).into();
        let url = service.url(&format!("/telemetry/v1/traces?sent_at={sent_at}000"));
        client().post(url).json(&message(&[span])).send().unwrap().status()
    };
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    // Clocks of 1970 and of 2096, and one that is right although its page slept for an hour.
    assert_eq!(send("00f067aa0ba902b1", 0, 2), 200);
    assert_eq!(send("00f067aa0ba902b2", 4_000_000_000, 4_000_000_002), 200);
    assert_eq!(send("00f067aa0ba902b3", now - 3600, now), 200);
    // Days ago, or never.
    assert_eq!(send("00f067aa0ba902b4", now - 200_000, now), 400);
    assert_eq!(send("00f067aa0ba902b5", 0, now), 400);

    let spans = receiver.wait_for_spans(|spans| spans.len() == 3);
    let age = |id: char| {
        let span = spans.iter().find(|span| span.span_id.ends_with(id)).unwrap();
        (now * 1_000_000_000).abs_diff(span.start_time_ns) / 1_000_000_000
    };
    assert!(age('1') < 60 && age('2') < 60, "{spans:?}");
    assert!((3540..3660).contains(&age('3')), "{spans:?}");
}
