//! The canary: values of applicants and operators' secrets go through every path of the service and
//! must appear nowhere but in the applicants' own answers.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use libtest_mimic::Trial;
use registration_domain::{Applicant, Field, PerField, RawField};
use registration_testkit::{
    Backend, DatabaseServer, Service, ServiceBuilder, TestDatabase, mariadb_trial,
    telemetry::OtlpReceiver, trials, wait_until,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser_spans::{message, relay, span},
    desk::{Person, invite_by_command},
    support::{BINARY, BROWSER, builder, client, get, header, post},
    traces::exporting,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![no_canary_leaves_sqlite];
    trials.push(mariadb_trial("no_canary_leaves_mysql", no_canary_leaves_mysql));
    trials
}

/// In every value that must not come out: letters and digits, for a field that takes no letters.
const CANARIES: [&str; 2] = ["canary", "4711081547"];

/// A valid value of each kind of field; a field that takes none of them needs another here.
const VALUES: [&str; 3] = ["canary'o4711081547@mail.example", "4711081547", "Canary"];

/// A registration with a canary in every field.
fn canary() -> Value {
    let valid = |field: Field, value: &str| {
        let errors = Applicant::parse(&PerField::from_fn(|_| RawField::from(value))).err();
        errors.is_none_or(|errors| errors.of_field(field).is_none())
    };
    let value = |field| VALUES.into_iter().find(|value| valid(field, value)).unwrap();
    Field::ALL.into_iter().map(|field| (field.to_string(), Value::from(value(field)))).collect()
}

/// What `OTEL_SEMCONV_STABILITY_OPT_IN` is, over which protocol, and where spans go.
const SETTINGS: [[&str; 3]; 3] = [
    ["", "http/protobuf", "otlp"],
    ["http/dup,database/dup", "grpc", "otlp"],
    ["http/dup,database/dup", "http/protobuf", "console"],
];

fn no_canary_leaves_sqlite() {
    for settings in SETTINGS {
        let database = TestDatabase::new(Backend::Sqlite);
        let break_table = "ALTER TABLE students RENAME COLUMN first_name TO forename";
        let stop = || std::fs::remove_file(database.name()).unwrap();
        check(builder(&database), settings, &database, break_table, stop);
    }
}

fn no_canary_leaves_mysql() {
    for settings in SETTINGS {
        let mut server = DatabaseServer::start();
        let database = TestDatabase::on(&server);
        database.execute(&format!(
            "CREATE USER registrar IDENTIFIED BY 'canary-password'; GRANT ALL ON {}.* TO registrar",
            database.name()
        ));
        let url = database.url().replace("root@", "registrar:canary-password@");
        // Makes the database reject a value, and quote it.
        let break_table = "ALTER TABLE students MODIFY COLUMN first_name INT";
        let stop = || server.kill();
        check(Service::builder(BINARY, &url), settings, &database, break_table, stop);
    }
}

fn check(
    builder: ServiceBuilder,
    [conventions, protocol, exporter]: [&str; 3],
    database: &TestDatabase,
    break_table: &str,
    stop_database: impl FnOnce(),
) {
    let receiver = OtlpReceiver::start();
    let endpoint = match protocol {
        "grpc" => receiver.grpc_endpoint(),
        _ => receiver.http_endpoint(),
    };
    let service = exporting(builder, &receiver)
        .env("OTEL_SEMCONV_STABILITY_OPT_IN", conventions)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
        .env("OTEL_TRACES_EXPORTER", exporter)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary-token")
        .env("DATABASE_POOL_TIMEOUT", "0.3")
        .env("FORM_SECRET", "canary-form-secret")
        .env("RUST_LOG", "trace")
        .start();
    let canary = canary();
    let (answers, own_answers) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let keys = Cell::new(0);
    let register = |body: &Value, form: bool, status: u16| {
        keys.set(keys.get() + 1);
        let request = client().post(service.url("/register"));
        let request = if form { request.form(body) } else { request.json(body) };
        let request = request
            .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .header("idempotency-key", format!("\"canary-4711081547-{}\"", keys.get()))
            .header("accept-language", "canary")
            .header("tracestate", "canary=canary")
            .header("baggage", "canary=canary");
        let response = request.send().unwrap();
        assert_eq!(response.status(), status);
        let location = response.headers().get("location").cloned();
        // A form that is shown again and the answer of 201 are the applicant's own.
        let own = form || status == 201;
        let text = response.text().unwrap();
        if own { &own_answers } else { &answers }.borrow_mut().push(text);
        location
    };
    let location = register(&canary, false, 201).unwrap();
    let registered: Value = serde_json::from_str(&own_answers.borrow()[0]).unwrap();
    for (field, value) in canary.as_object().unwrap() {
        assert_eq!(registered[field], *value, "this applicant's own answer");
    }
    let mut form = canary.clone();
    form["email"] = "canary4711081547@form.example".into();
    register(&form, true, 303);
    let mut invalid = canary.clone();
    for value in invalid.as_object_mut().unwrap().values_mut() {
        *value = format!("{}\u{1}", value.as_str().unwrap()).into();
    }
    for form in [false, true] {
        register(&canary, form, 409);
        register(&invalid, form, 422);
    }
    for path in ["/canary", "/students/canary@mail.example", "/assets/canary", "/register/canary"] {
        let url = service.url(&format!("{path}?email=canary@mail.example"));
        answers.borrow_mut().push(get(&url, BROWSER).text().unwrap());
        // A problem's `instance` is what its own client asked for.
        let problem = client().delete(&url).send().unwrap().text().unwrap();
        answers.borrow_mut().push(problem.replace(path, ""));
    }
    for path in ["/", "/health", "/health/ready", "/version", location.to_str().unwrap()] {
        answers.borrow_mut().push(get(&service.url(path), "application/json").text().unwrap());
        answers.borrow_mut().push(get(&service.url(path), BROWSER).text().unwrap());
    }
    for (body, kind) in [
        ("{\"first_name\": \"canary", "application/json"),
        ("email=canary%ff", "application/x-www-form-urlencoded"),
        ("canary", "text/canary"),
    ] {
        let request = client().post(service.url("/register")).header("content-type", kind);
        request.body(body).send().unwrap();
    }
    let trapped =
        json!({"first_name": "Canary", "website": "canary", "idempotency_key": "form-canary"});
    register(&trapped, false, 422);
    let attributes = json!([{"key": "registration.outcome", "value": {"stringValue": "canary"}}]);
    for path in ["/0/name", "/0/traceId", "/0/attributes"] {
        let mut spans = json!([span("form_submit", "b7ad6b7169203331", 1, &[])]);
        *spans.pointer_mut(path).unwrap() =
            if path == "/0/attributes" { attributes.clone() } else { "canary".into() };
        let refused = relay(&service, &message(spans.as_array().unwrap()));
        assert_eq!(refused.status(), 400);
        answers.borrow_mut().push(refused.text().unwrap());
    }
    let secrets = work_at_the_desk(&service, database, registered["id"].as_str().unwrap());
    let journal = "SELECT detail AS value FROM journal WHERE detail IS NOT NULL";
    answers.borrow_mut().extend(database.query_column(journal));
    database.execute("DELETE FROM students");
    database.execute(break_table);
    for form in [false, true] {
        register(&canary, form, 500);
    }
    stop_database();
    for form in [false, true] {
        register(&canary, form, 503);
    }
    assert_eq!(post(&service, &json!({"email": "canary"})).status(), 422);
    answers.borrow_mut().push(get(&service.url("/metrics"), "*/*").text().unwrap());
    service.terminate();
    let log = service.wait_for_exit();

    // All telemetry was received; otherwise the search below would prove nothing.
    let traces = receiver.spans().iter().map(|span| span.name.clone()).collect::<Vec<_>>();
    let traces = traces.join("\n") + &log.join("\n");
    for name in [
        "POST /register",
        "validate_registration",
        "INSERT students",
        "INSERT idempotency_keys",
        "GET /desk/students",
        "GET /api/students",
        "POST /desk/sign-in",
        "INSERT journal",
    ] {
        assert!(traces.contains(name), "{name}");
    }
    assert!(receiver.logs().iter().any(|log| log.body == "Request failed unexpectedly"));
    assert!(log.iter().any(|line| line.contains("Request could not be served")));

    let messages =
        receiver.messages().into_iter().map(|m| String::from_utf8_lossy(&m).into_owned());
    let everything = answers.into_inner().into_iter().chain(log).chain(messages);
    let holds =
        |text: &String| holds_canary(text) || secrets.iter().any(|secret| text.contains(secret));
    assert_eq!(everything.filter(holds).collect::<Vec<_>>(), [""; 0]);
    // The applicants' own answers show that the search finds canaries.
    assert!(own_answers.into_inner().iter().filter(|text| holds_canary(text)).count() >= 5);
}

/// Someone of the office, whose name, address and password are canaries, searches for the applicant, and
/// edits, decides and erases. Returns the secrets of link, session and token.
fn work_at_the_desk(service: &Service, database: &TestDatabase, id: &str) -> [String; 3] {
    let (email, password) = ("canary4711081547@staff.example", "canary horse 4711081547");
    let link = invite_by_command(database, email, "admin");
    let anonymous = Person::anonymous(service);
    anonymous.join_with(&link, "Canary", password);
    let wrong = [("email", email), ("password", "canary 4711081547 wrong")];
    assert_eq!(anonymous.submit("/desk/sign-in", &wrong).status(), 401);
    let signed_in = wait_until(Duration::from_secs(10), || {
        anonymous.submit("/desk/sign-in", &[("email", email), ("password", password)]).status()
            == 303
    });
    assert!(signed_in, "after the delay");
    let canary = anonymous.sign_in(email, password);
    let program = canary.program(&["students:read", "students:write"]);
    for query in ["q=canary", "q=canary%20x&sort=name", "q=4711081547"] {
        assert_eq!(canary.open(&format!("/desk/students?{query}")).status(), 200);
        program.read(&format!("/api/students?{query}"));
    }
    canary.open("/desk/students?canary=4711081547");
    let path = format!("/api/students/{id}");
    let token = program.token.clone().unwrap();
    client().get(service.url(&format!("{path}?access_token={token}"))).send().unwrap();
    let edit = json!({"first_name": "Canary Edited"});
    assert_eq!(program.send(&Method::PATCH, &path, Some(1), &edit).status(), 200);
    let taken =
        json!({"first_name": "X", "last_name": "X", "email": "canary4711081547@form.example"});
    assert_eq!(program.send(&Method::POST, "/api/students", None, &taken).status(), 409);
    let note = [("to", "withdrawn"), ("version", "2"), ("note", "canary 4711081547")];
    let own = format!("/desk/students/{id}");
    assert_eq!(canary.submit(&format!("{own}/status"), &note).status(), 303);
    assert_eq!(canary.open(&own).status(), 200);
    let stale = [
        ("first_name", "Canary"),
        ("last_name", "x"),
        ("email", "canary@x.example"),
        ("version", "1"),
    ];
    assert_eq!(canary.submit(&format!("{own}/edit"), &stale).status(), 412);
    let item = json!({"title": "Canary 4711081547"});
    let added = canary.send(&Method::POST, &format!("{path}/tasks"), None, &item);
    let task = header(&added, "location").to_owned();
    let item = json!({"title": "Canary 4711081547 edited", "state": "done"});
    assert_eq!(canary.send(&Method::PUT, &task, Some(1), &item).status(), 200);
    assert_eq!(canary.open("/desk/tasks").status(), 200);
    let too_long = [("title", "canary ".repeat(50))];
    let too_long: Vec<_> = too_long.iter().map(|(name, value)| (*name, &**value)).collect();
    assert_eq!(canary.submit(&format!("{own}/tasks"), &too_long).status(), 422);
    assert_eq!(canary.send(&Method::DELETE, &path, Some(3), &Value::Null).status(), 204);
    let cookie = canary.cookie.unwrap();
    [link, cookie.split_once('=').unwrap().1.to_owned(), token]
}

fn holds_canary(text: &str) -> bool {
    CANARIES.iter().any(|canary| text.to_lowercase().contains(canary))
}
